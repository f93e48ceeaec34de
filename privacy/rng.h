// SPDX-License-Identifier: Apache-2.0
/// The generator behind all noise: ChaCha20 with key erasure, keyed by the operating
/// system, safe across fork. There is no seed: the only other constructor lives in
/// tests/support and reaches into rng_internal.h, which nothing else may include.
///
/// Exactness of every sampler is relative to uniform bits; a stream cipher makes the
/// guarantee computational, as in every implementation.
/// Source   D. J. Bernstein, "Fast-key-erasure random-number generators", 2017.
#ifndef SIL_PRIVACY_RNG_H
#define SIL_PRIVACY_RNG_H

#include "silhouette/status.h"

#include <stdint.h>

struct sil_rng;

/// A generator keyed from the operating system, in locked memory; freed with
/// sil_rng_free. Not shared between threads.
/// Errors   SIL_ERR_INTERNAL: no memory, or libsodium cannot start.
SIL_MUST_USE sil_status sil_rng_new(struct sil_rng **out, struct sil_error *err);

/// Wipe and free; NULL is allowed.
void sil_rng_free(struct sil_rng *rng);

/// 64 uniform bits. In a child process after fork the generator rekeys itself first.
uint64_t sil_rng_word(struct sil_rng *rng);

/// One uniform bit, 0 or 1.
unsigned sil_rng_bit(struct sil_rng *rng);

/// Exactly uniform on 0 .. n - 1. Pre  n > 0.
/// Source   Lemire 2019, "Fast Random Integer Generation in an Interval", algorithm 5.
uint64_t sil_rng_below(struct sil_rng *rng, uint64_t n);

#endif
