// SPDX-License-Identifier: Apache-2.0
#include "crypto/row_words.h"

#include "base/fail.h"
#include "crypto/hash.h"
#include "crypto/le64.h"

#include <sodium.h>

#include <string.h>

enum { WORDS_PER_BLOCK = 8 };

void sil_row_words(const void *key, uint64_t stream, uint64_t first, uint64_t *out,
                   size_t n)
{
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    SIL_REQUIRE(first % WORDS_PER_BLOCK == 0);
    sil_store_le64(nonce, stream);

    /* The key stream is what encrypting zeros from block `first / 8` gives. */
    uint8_t *bytes = (uint8_t *)out;
    (void)memset(bytes, 0, n * sizeof *out);
    (void)crypto_stream_chacha20_xor_ic(bytes, bytes, n * sizeof *out, nonce,
                                        first / WORDS_PER_BLOCK, key);
    for (size_t i = 0; i < n; i++) {
        out[i] = sil_load_le64(bytes + 8 * i);
    }
}

void sil_seed_of_integer(uint8_t seed[SIL_SEED_BYTES], uint64_t number)
{
    uint8_t le[8];
    sil_store_le64(le, number);
    sil_hash(seed,
             (const struct sil_part[]){
                 {"seed", 4        },
                 {le,     sizeof le}
    },
             2);
}
