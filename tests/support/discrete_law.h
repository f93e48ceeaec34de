// SPDX-License-Identifier: Apache-2.0
/// The discrete Gaussian as a second law for the kernel of privacy/lazycdf.h: it shares
/// no formula with the rounded Gaussian, and privacy/exact.h samples it by another route.
#ifndef TESTS_SUPPORT_DISCRETE_LAW_H
#define TESTS_SUPPORT_DISCRETE_LAW_H

#include <gmp.h>

#include <mpfr.h>
#include <stdint.h>

/// A sil_cdf_fn for P[X = x] proportional to e^(-x^2 / (2 sigma2)); `law` points to a
/// struct sil_sigma2 of at most about 1,000.
void discrete_gaussian_cdf(mpfr_t lo, mpfr_t hi, uint64_t k, const void *law);

#endif
