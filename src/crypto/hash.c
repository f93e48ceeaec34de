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
    struct sil_sha256 hash;
    sil_sha256_start(&hash);
    for (size_t i = 0; i < n; i++) {
        sil_sha256_add(&hash, parts[i].data, parts[i].length);
    }
    sil_sha256_end(out, &hash);
}

void sil_sha256_start(struct sil_sha256 *hash)
{
    hash->bytes = 0;
    (void)crypto_hash_sha256_init(&hash->state);
}

void sil_sha256_add(struct sil_sha256 *hash, const void *data, size_t length)
{
    hash->bytes += length;
    (void)crypto_hash_sha256_update(&hash->state, data, length);
}

void sil_sha256_end(uint8_t out[SIL_HASH_BYTES], struct sil_sha256 *hash)
{
    (void)crypto_hash_sha256_final(&hash->state, out);
}

void sil_hash_hex(char out[2 * SIL_HASH_BYTES + 1], const uint8_t hash[SIL_HASH_BYTES])
{
    (void)sodium_bin2hex(out, 2 * SIL_HASH_BYTES + 1, hash, SIL_HASH_BYTES);
}
