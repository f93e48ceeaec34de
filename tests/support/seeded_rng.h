// SPDX-License-Identifier: Apache-2.0
/// A noise generator with a seed: in test programs only, and never private.
#ifndef TESTS_SUPPORT_SEEDED_RNG_H
#define TESTS_SUPPORT_SEEDED_RNG_H

#include "privacy/rng.h"

#include <stddef.h>
#include <stdint.h>

/// A generator whose stream is a function of `seed`; aborts when there is no memory.
/// Freed with sil_rng_free.
struct sil_rng *seeded_rng(uint64_t seed);

/// A generator that gives these `n` words first (at most 8,000) and a seeded stream after:
/// to take a sampler to a place that chance does not visit.
struct sil_rng *scripted_rng(const uint64_t *words, size_t n);

#endif
