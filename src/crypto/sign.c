// SPDX-License-Identifier: Apache-2.0
#include "crypto/sign.h"

#include "base/fail.h"
#include "crypto/hash.h"
#include "crypto/secret_key.h"

#include <sodium.h>

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const char KEY_LABEL[] = "silhouette/key/v1\n";

_Static_assert(SIL_PUBLIC_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(SIL_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519");
_Static_assert(SIL_KEY_SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519");
_Static_assert(SIL_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");

sil_status sil_secret_alloc(void *out, size_t size, struct sil_error *err)
{
    void *memory = NULL;
    sil_status status = sil_crypto_start(err);
    if (status == SIL_OK) {
        memory = sodium_malloc(size);
        if (memory == NULL) {
            status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: room for a key");
        } else {
            sodium_memzero(memory, size);
        }
    }
    (void)memcpy(out, &memory, sizeof memory);
    return status;
}

/* sodium_malloc asks for the lock and does not say whether it was given. Asking again
 * changes nothing and gives an answer. */
static void finish(struct sil_secret_key *key)
{
    key->is_locked = sodium_mlock(key, sizeof *key) == 0;
    (void)sodium_mprotect_readonly(key);
}

sil_status sil_secret_key_of_bytes(struct sil_secret_key **out,
                                   const uint8_t secret[SIL_SECRET_BYTES],
                                   const uint8_t keynum[SIL_KEYNUM_BYTES],
                                   struct sil_error *err)
{
    struct sil_secret_key *key;
    sil_status status = sil_secret_alloc(&key, sizeof *key, err);
    *out = key;
    if (status == SIL_OK) {
        (void)memcpy(key->secret, secret, sizeof key->secret);
        (void)memcpy(key->keynum, keynum, sizeof key->keynum);
        finish(key);
    }
    return status;
}

sil_status sil_secret_key_of_seed(struct sil_secret_key **out,
                                  const uint8_t seed[SIL_KEY_SEED_BYTES],
                                  const uint8_t keynum[SIL_KEYNUM_BYTES],
                                  struct sil_error *err)
{
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    struct sil_secret_key *key;
    sil_status status = sil_secret_alloc(&key, sizeof *key, err);
    *out = key;
    if (status == SIL_OK) {
        (void)crypto_sign_seed_keypair(public_key, key->secret, seed);
        (void)memcpy(key->keynum, keynum, sizeof key->keynum);
        finish(key);
    }
    return status;
}

sil_status sil_secret_key_new(struct sil_secret_key **out, struct sil_error *err)
{
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t id[SIL_KEY_ID_BYTES];
    struct sil_secret_key *key;
    sil_status status = sil_secret_alloc(&key, sizeof *key, err);
    *out = key;
    if (status == SIL_OK) {
        (void)crypto_sign_keypair(public_key, key->secret);
        sil_key_id(id, public_key);
        (void)memcpy(key->keynum, id, sizeof key->keynum);
        finish(key);
    }
    return status;
}

void sil_secret_key_free(struct sil_secret_key *key)
{
    sodium_free(key);
}

bool sil_secret_key_is_locked(const struct sil_secret_key *key)
{
    return key->is_locked;
}

void sil_secret_key_public(uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                           const struct sil_secret_key *key)
{
    (void)memcpy(public_key, key->secret + SIL_KEY_SEED_BYTES, SIL_PUBLIC_KEY_BYTES);
}

void sil_secret_key_keynum(uint8_t keynum[SIL_KEYNUM_BYTES],
                           const struct sil_secret_key *key)
{
    (void)memcpy(keynum, key->keynum, SIL_KEYNUM_BYTES);
}

void sil_key_id(uint8_t id[SIL_KEY_ID_BYTES],
                const uint8_t public_key[SIL_PUBLIC_KEY_BYTES])
{
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part parts[] = {
        {KEY_LABEL,  sizeof KEY_LABEL - 1},
        {public_key, SIL_PUBLIC_KEY_BYTES},
    };
    sil_sha256(hash, parts, 2);
    (void)memcpy(id, hash, SIL_KEY_ID_BYTES);
}

void sil_sign(uint8_t signature[SIL_SIGNATURE_BYTES], const struct sil_secret_key *key,
              const void *message, size_t length)
{
    (void)crypto_sign_detached(signature, NULL, message, length, key->secret);
}

bool sil_verify(const uint8_t signature[SIL_SIGNATURE_BYTES],
                const uint8_t public_key[SIL_PUBLIC_KEY_BYTES], const void *message,
                size_t length)
{
    return crypto_sign_verify_detached(signature, message, length, public_key) == 0;
}

void sil_secrets_harden(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
