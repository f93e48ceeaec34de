// SPDX-License-Identifier: Apache-2.0
/// Certified enclosures of distribution functions, in MPFR with directed rounding.
#ifndef SIL_PRIVACY_CDF_H
#define SIL_PRIVACY_CDF_H

#include "privacy/units.h"

#include <gmp.h>

#include <mpfr.h>
#include <stdint.h>

/// Enclose F(k) = P[|X| <= k], k = 0, 1, ...: lo <= F(k) <= hi. The width shrinks with the
/// precision of `lo` and `hi`, which is the caller's; F increases to 1 and stays below it.
typedef void sil_cdf_fn(mpfr_t lo, mpfr_t hi, uint64_t k, const void *law);

/// |X| = |round(2^shift N(0, sigma2))|. Set and cleared as one.
struct sil_rounded_gaussian {
    mpz_t num; ///< F(k) = erf( (2k + 1) sqrt(num / den) )
    mpz_t den;
};

/// Pre  sigma2 > 0.
void sil_rounded_gaussian_init(struct sil_rounded_gaussian *law,
                               const struct sil_sigma2 *sigma2, unsigned shift);
void sil_rounded_gaussian_clear(struct sil_rounded_gaussian *law);

/// A sil_cdf_fn; `law` is a struct sil_rounded_gaussian.
void sil_rounded_gaussian_cdf(mpfr_t lo, mpfr_t hi, uint64_t k, const void *law);

#endif
