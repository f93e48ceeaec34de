// SPDX-License-Identifier: Apache-2.0
/// What the tests of signatures share: keys of known seeds, bytes from hex, brute force.
#ifndef TESTS_UNIT_CRYPTO_KIT_H
#define TESTS_UNIT_CRYPTO_KIT_H

#include "base/bytes.h"
#include "crypto/sign.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sodium.h>

#include <string.h>

#define TEXT_AND_LENGTH(text) (text), (sizeof(text) - 1)

/// The seeds of the published ledger: 32 times one byte.
enum { AUTHORITY = 0x11, RELEASE = 0x22, CURATOR = 0x33, LOG = 0x44, WITNESS = 0x55 };

static inline void from_hex(void *out, size_t n, const char *hex)
{
    size_t length = 0;
    cr_assert(zero(int, sodium_hex2bin(out, n, hex, strlen(hex), NULL, &length, NULL)));
    cr_assert(eq(sz, length, n));
}

/// The key of 32 times `byte`; its number is the beginning of its key id.
static inline struct sil_secret_key *seeded_key(int byte)
{
    uint8_t seed[SIL_KEY_SEED_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES] = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t id[SIL_KEY_ID_BYTES];
    struct sil_secret_key *key;
    (void)memset(seed, byte, sizeof seed);
    cr_assert(eq(int, sil_secret_key_of_seed(&key, seed, keynum, NULL), SIL_OK));
    sil_secret_key_public(public_key, key);
    sil_key_id(id, public_key);
    sil_secret_key_free(key);
    cr_assert(eq(int, sil_secret_key_of_seed(&key, seed, id, NULL), SIL_OK));
    return key;
}

static inline void seeded_public(uint8_t public_key[SIL_PUBLIC_KEY_BYTES], int byte)
{
    struct sil_secret_key *key = seeded_key(byte);
    sil_secret_key_public(public_key, key);
    sil_secret_key_free(key);
}

/// The text in memory of exactly its size, so that a sanitizer sees reads behind it.
static inline char *exact_copy(const void *text, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);
    cr_assert(ne(ptr, copy, NULL));
    if (length > 0) {
        (void)memcpy(copy, text, length);
    }
    return copy;
}

#endif
