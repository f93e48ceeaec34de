// SPDX-License-Identifier: Apache-2.0
/// The two arithmetics behind exact.h. On equal words both give equal answers and use
/// equally many words, which tests/unit/privacy/test_exact.c checks.
#ifndef SIL_PRIVACY_EXACT_INTERNAL_H
#define SIL_PRIVACY_EXACT_INTERNAL_H

#include "privacy/rng.h"

#include <gmp.h>

#include <stdbool.h>
#include <stdint.h>

/// True with probability num / den. Pre  den > 0.
bool sil_bernoulli_words(struct sil_rng *rng, uint64_t num, uint64_t den);
bool sil_bernoulli_big(struct sil_rng *rng, const mpz_t num, const mpz_t den);

/// True with probability e^(-num / den). Pre  den > 0.
bool sil_bernoulli_exp_words(struct sil_rng *rng, uint64_t num, uint64_t den);
bool sil_bernoulli_exp_big(struct sil_rng *rng, const mpz_t num, const mpz_t den);

#endif
