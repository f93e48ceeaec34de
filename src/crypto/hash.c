// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.h"

#include "base/fail.h"

#include <sodium.h>

sil_status sil_crypto_start(struct sil_error *err)
{
    return sodium_init() >= 0
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INTERNAL, "libsodium cannot start");
}

void sil_hash(uint8_t out[SIL_HASH_BYTES], const struct sil_part *parts, size_t n)
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, SIL_HASH_BYTES);
    for (size_t i = 0; i < n; i++) {
        (void)crypto_generichash_update(&state, parts[i].data, parts[i].length);
    }
    (void)crypto_generichash_final(&state, out, SIL_HASH_BYTES);
}

void sil_sha256(uint8_t out[SIL_HASH_BYTES], const struct sil_part *parts, size_t n)
{
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < n; i++) {
        (void)crypto_hash_sha256_update(&state, parts[i].data, parts[i].length);
    }
    (void)crypto_hash_sha256_final(&state, out);
}

void sil_hash_hex(char out[2 * SIL_HASH_BYTES + 1], const uint8_t hash[SIL_HASH_BYTES])
{
    (void)sodium_bin2hex(out, 2 * SIL_HASH_BYTES + 1, hash, SIL_HASH_BYTES);
}
