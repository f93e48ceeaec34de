// SPDX-License-Identifier: Apache-2.0
#include "crypto/vault.h"

#include "base/fail.h"
#include "crypto/hash.h"
#include "crypto/le64.h"
#include "crypto/secret_key.h"

#include <sodium.h>

#include <inttypes.h>
#include <string.h>

enum {
    MAGIC_BYTES = 19,
    KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
    STREAM_HEADER_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    SEAL_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,

    OPERATIONS_AT = MAGIC_BYTES,
    MEMORY_AT = OPERATIONS_AT + 8,
    SALT_AT = MEMORY_AT + 8,
    STREAM_AT = SALT_AT + crypto_pwhash_SALTBYTES, /* what is before is bound to it */
    SEALED_AT = STREAM_AT + STREAM_HEADER_BYTES,
    FILE_MAX = SEALED_AT + SIL_VAULT_BYTES_MAX + SEAL_BYTES
};

static const char MAGIC[] = "silhouette-vault/1\n";

_Static_assert(sizeof MAGIC - 1 == MAGIC_BYTES, "the layout of a vault");
_Static_assert(STREAM_AT == 51, "the layout of a vault");

const struct sil_vault_cost SIL_VAULT_MODERATE = {.operations = 3, .memory = 268435456};
const struct sil_vault_cost SIL_VAULT_LEAST = {.operations = 1, .memory = 8192};

/* The key, the state that is made of it, and the content: in one guarded block. */
struct workspace {
    uint8_t key[KEY_BYTES];
    uint8_t content[SIL_VAULT_BYTES_MAX];
};

/* From the cost and the salt in the first bytes of the file. */
static sil_status derive(uint8_t key[KEY_BYTES], const uint8_t *file,
                         const char *passphrase, struct sil_error *err)
{
    uint64_t memory = sil_load_le64(file + MEMORY_AT);
    if (crypto_pwhash(key, KEY_BYTES, passphrase, strlen(passphrase), file + SALT_AT,
                      sil_load_le64(file + OPERATIONS_AT), (size_t)memory,
                      crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return sil_fail(err, SIL_ERR_INTERNAL,
                        "out of memory: the passphrase needs %" PRIu64 " MiB",
                        memory >> 20);
    }
    return SIL_OK;
}

static bool is_cost_allowed(uint64_t operations, uint64_t memory)
{
    return operations >= crypto_pwhash_OPSLIMIT_MIN &&
           operations <= crypto_pwhash_OPSLIMIT_SENSITIVE &&
           memory >= crypto_pwhash_MEMLIMIT_MIN &&
           memory <= crypto_pwhash_MEMLIMIT_SENSITIVE;
}

static void push(uint8_t *file, const uint8_t key[KEY_BYTES], const void *data,
                 size_t length)
{
    crypto_secretstream_xchacha20poly1305_state state;
    (void)crypto_secretstream_xchacha20poly1305_init_push(&state, file + STREAM_AT,
                                                          key);
    (void)crypto_secretstream_xchacha20poly1305_push(
        &state, file + SEALED_AT, NULL, data, length, file, STREAM_AT,
        crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    sodium_memzero(&state, sizeof state);
}

sil_status sil_vault_seal(struct sil_bytes *out, const void *data, size_t length,
                          const char *passphrase, const struct sil_vault_cost *cost,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *key = NULL;
    uint8_t file[FILE_MAX];
    if (length > SIL_VAULT_BYTES_MAX ||
        !is_cost_allowed(cost->operations, cost->memory)) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "a vault of more than %d bytes, or of a cost that would not "
                          "be accepted when it is opened",
                          SIL_VAULT_BYTES_MAX);
        goto cleanup;
    }
    SIL_TRY(sil_secret_alloc(&key, KEY_BYTES, err));
    (void)memcpy(file, MAGIC, MAGIC_BYTES);
    sil_store_le64(file + OPERATIONS_AT, cost->operations);
    sil_store_le64(file + MEMORY_AT, cost->memory);
    randombytes_buf(file + SALT_AT, crypto_pwhash_SALTBYTES);
    SIL_TRY(derive(key, file, passphrase, err));
    push(file, key, data, length);
    SIL_TRY(sil_bytes_append(out, file, SEALED_AT + length + SEAL_BYTES, err));

cleanup:
    sodium_free(key);
    return status;
}

/* True when the seal is whole and the message is the only one. */
static bool pull(uint8_t *content, const uint8_t key[KEY_BYTES], const uint8_t *file,
                 size_t length)
{
    crypto_secretstream_xchacha20poly1305_state state;
    uint8_t tag = 0;
    bool is_good =
        crypto_secretstream_xchacha20poly1305_init_pull(&state, file + STREAM_AT,
                                                        key) == 0 &&
        crypto_secretstream_xchacha20poly1305_pull(&state, content, NULL, &tag,
                                                   file + SEALED_AT, length - SEALED_AT,
                                                   file, STREAM_AT) == 0 &&
        tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    sodium_memzero(&state, sizeof state);
    return is_good;
}

sil_status sil_vault_open(struct sil_bytes *out, const void *data, size_t length,
                          const char *passphrase, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const uint8_t *file = data;
    struct workspace *work = NULL;
    if (length < SEALED_AT + SEAL_BYTES || length > FILE_MAX ||
        memcmp(file, MAGIC, MAGIC_BYTES) != 0) {
        status = sil_fail(err, SIL_ERR_INPUT, "not a vault");
        goto cleanup;
    }
    if (!is_cost_allowed(sil_load_le64(file + OPERATIONS_AT),
                         sil_load_le64(file + MEMORY_AT))) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the vault asks for a passphrase check of a cost that is not "
                          "accepted: the file is damaged or foreign");
        goto cleanup;
    }
    SIL_TRY(sil_secret_alloc(&work, sizeof *work, err));
    SIL_TRY(derive(work->key, file, passphrase, err));
    if (!pull(work->content, work->key, file, length)) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the passphrase is wrong, or the vault is damaged");
        goto cleanup;
    }
    SIL_TRY(sil_bytes_append(out, work->content, length - SEALED_AT - SEAL_BYTES, err));

cleanup:
    sodium_free(work);
    return status;
}
