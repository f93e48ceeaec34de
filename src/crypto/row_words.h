// SPDX-License-Identifier: Apache-2.0
/// The words that rows are drawn from: ChaCha20 keyed by a 32-byte seed, the stream number
/// as its 64-bit nonce, the position as its block counter. Matches sil_words_fn.
#ifndef SIL_CRYPTO_ROW_WORDS_H
#define SIL_CRYPTO_ROW_WORDS_H

#include "base/words.h"

#define SIL_SEED_BYTES 32

/// `key` is SIL_SEED_BYTES bytes. Words are read little-endian on every machine.
void sil_row_words(const void *key, uint64_t stream, uint64_t first, uint64_t *out,
                   size_t n);

/// The seed that an integer stands for: BLAKE2b-256("seed" | number, 8 bytes LE).
void sil_seed_of_integer(uint8_t seed[SIL_SEED_BYTES], uint64_t number);

#endif
