// SPDX-License-Identifier: Apache-2.0
/// Exact samplers by rejection: integers and fair bits only, no transcendental function.
///
/// The second route to every law of noise and selection. Releases use lazy inversion
/// (lazycdf.h, choose.h); these are what it is compared with.
///
/// Timing    Running time depends on the value drawn: for tests and cross-checks.
/// Source    Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential
///           Privacy", algorithms 1 to 3; proofs of this form in
///           docs/privacy-samplers.md, tested in tests/statistical/test_exact_laws.c.
#ifndef SIL_PRIVACY_EXACT_H
#define SIL_PRIVACY_EXACT_H

#include "privacy/rng.h"
#include "privacy/units.h"

#include <gmp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// True with probability p, 0 <= p <= 1, exactly.
bool sil_bernoulli(struct sil_rng *rng, const mpq_t p);

/// True with probability e^-x, x >= 0, exactly. About 1.6 rounds however large x is.
bool sil_bernoulli_exp(struct sil_rng *rng, const mpq_t x);

/// P[Y = y] proportional to e^(-|y| den / num): the scale is num / den.
/// Pre       1 <= num <= 2^32, 1 <= den.
int64_t sil_discrete_laplace(struct sil_rng *rng, uint64_t num, uint64_t den);

/// `n` draws with P[Y = y] proportional to e^(-y^2 / (2 sigma2)).
/// Pre       0 < sigma2 < 2^62.
void sil_discrete_gaussian(struct sil_rng *rng, const struct sil_sigma2 *sigma2,
                           int64_t *out, size_t n);

#endif
