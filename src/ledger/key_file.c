// SPDX-License-Identifier: Apache-2.0
/* One key file at a time, and the vault. */
#include "base/fail.h"
#include "base/file.h"
#include "codec/msgpack.h"
#include "crypto/vault.h"
#include "ledger/keyring.h"
#include "ledger/passphrase.h"
#include "ledger/secret_file.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- making ---- */

static sil_status refuse_existing(const char *path, struct sil_error *err)
{
    if (access(path, F_OK) == 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "%s exists already, and what may be a key is never replaced",
                        path);
    }
    return SIL_OK;
}

static sil_status write_public(const char *path, const struct sil_secret_key *key,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];

    sil_secret_key_public(public_key, key);
    sil_secret_key_keynum(keynum, key);
    SIL_TRY(sil_minisign_print_public(&text, public_key, keynum, err));
    SIL_TRY(sil_secret_file_create(path, &text, 0644, err));

cleanup:
    sil_bytes_clear(&text);
    return status;
}

/* The secret file first: a public key that somebody enrols must have its secret on disk. */
static sil_status write_pair(const struct sil_secret_key *key,
                             const struct sil_new_key *spec, const char *passphrase,
                             const char *public_path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    const struct sil_kdf_cost *cost = spec->cost != NULL ? spec->cost : &SIL_KDF_STOCK;

    SIL_TRY(sil_minisign_print_secret(&text, key, passphrase, cost, err));
    SIL_TRY(sil_secret_file_create(spec->path, &text, 0600, err));
    status = write_public(public_path, key, err);
    if (status != SIL_OK) {
        (void)unlink(spec->path);
    }

cleanup:
    sil_secret_bytes_clear(&text);
    return status;
}

sil_status sil_key_create(struct sil_secret_key **key, const struct sil_new_key *spec,
                          struct sil_passphrase *passphrase, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_secret_key *made = NULL;
    struct sil_bytes public_path = {0};
    const char *text = NULL;

    if (key != NULL) {
        *key = NULL;
    }
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_bytes_printf(&public_path, err, "%s.pub", spec->path));
    SIL_TRY(sil_bytes_append(&public_path, "", 1, err));
    SIL_TRY(refuse_existing(spec->path, err)); /* before the question, not after it */
    SIL_TRY(refuse_existing((const char *)public_path.data, err));
    if (!spec->is_unencrypted) {
        SIL_TRY(sil_passphrase_get(&text, passphrase, spec->path, true, err));
    }
    SIL_TRY(sil_secret_key_new(&made, err));
    SIL_TRY(write_pair(made, spec, text, (const char *)public_path.data, err));
    if (key != NULL) {
        *key = made;
        made = NULL;
    }

cleanup:
    sil_secret_key_free(made);
    sil_bytes_clear(&public_path);
    return status;
}

/* ---- reading ---- */

static sil_status parse_secret(struct sil_secret_key **out,
                               const struct sil_bytes *file,
                               struct sil_passphrase *passphrase, const char *path,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool encrypted = false;
    const char *text = (const char *)file->data;
    const char *word = sil_passphrase_known(passphrase);

    SIL_TRY(sil_minisign_is_encrypted(&encrypted, text, file->length, err));
    if (!encrypted) {
        return sil_minisign_parse_secret(out, text, file->length, NULL, err);
    }
    if (word != NULL) {
        status = sil_minisign_parse_secret(out, text, file->length, word, err);
        if (status != SIL_ERR_INPUT) {
            goto cleanup;
        }
    }
    SIL_TRY(sil_passphrase_get(&word, passphrase, path, false, err));
    SIL_TRY(sil_minisign_parse_secret(out, text, file->length, word, err));

cleanup:
    return status;
}

sil_status sil_key_read(struct sil_secret_key **out, const char *path,
                        struct sil_passphrase *passphrase, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes file = {0};
    *out = NULL;
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_secret_file_read(&file, path, SIL_KEY_FILE_MAX, err));
    status = parse_secret(out, &file, passphrase, path, err);
    if (status != SIL_OK) {
        status = sil_fail_within(err, status, "%s", path);
    }

cleanup:
    sil_secret_bytes_clear(&file);
    return status;
}

/* ---- public keys ---- */

static sil_status ledger_key(struct sil_ledger_key *out, enum sil_role role,
                             const char *name,
                             const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                             const uint8_t keynum[SIL_KEYNUM_BYTES],
                             struct sil_error *err)
{
    *out = (struct sil_ledger_key){.role = role, .name = strdup(name)};
    if (out->name == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a key's name");
    }
    memcpy(out->public_key, public_key, sizeof out->public_key);
    memcpy(out->keynum, keynum, sizeof out->keynum);
    sil_key_id(out->id.bytes, public_key);
    return SIL_OK;
}

sil_status sil_ledger_key_of(struct sil_ledger_key *out, enum sil_role role,
                             const char *name, const struct sil_secret_key *key,
                             struct sil_error *err)
{
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    sil_secret_key_public(public_key, key);
    sil_secret_key_keynum(keynum, key);
    return ledger_key(out, role, name, public_key, keynum, err);
}

sil_status sil_ledger_key_read(struct sil_ledger_key *out, enum sil_role role,
                               const char *name, const char *path_or_text,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    struct sil_bytes file = {0};
    *out = (struct sil_ledger_key){0};

    SIL_TRY(sil_crypto_start(err));
    if (sil_minisign_parse_public(public_key, keynum, path_or_text,
                                  strlen(path_or_text), NULL) != SIL_OK) {
        SIL_TRY(sil_file_read(&file, path_or_text, SIL_KEY_FILE_MAX, err));
        status = sil_minisign_parse_public(public_key, keynum, (const char *)file.data,
                                           file.length, err);
        SIL_TRY(status == SIL_OK ? SIL_OK
                                 : sil_fail_within(err, status, "%s", path_or_text));
    }
    SIL_TRY(ledger_key(out, role, name, public_key, keynum, err));

cleanup:
    sil_bytes_clear(&file);
    return status;
}

/* ---- the vault ---- */

static const char VAULT_KIND[] = "silhouette/vault";

enum { VAULT_VERSION = 1, VAULT_VALUES = 4, COST_AT = 19, COST_BYTES = 16 };

static sil_status encode_vault(struct sil_bytes *out, const struct sil_id *ledger,
                               const struct sil_data_key *key, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_mp_put_array(out, VAULT_VALUES, err));
    SIL_TRY(sil_mp_put_str(out, VAULT_KIND, err));
    SIL_TRY(sil_mp_put_uint(out, VAULT_VERSION, err));
    SIL_TRY(sil_mp_put_bin(out, ledger->bytes, sizeof ledger->bytes, err));
    SIL_TRY(sil_mp_put_bin(out, key->bytes, sizeof key->bytes, err));

cleanup:
    return status;
}

sil_status sil_vault_create(const char *path, const struct sil_id *ledger,
                            const struct sil_data_key *key,
                            struct sil_passphrase *passphrase, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes content = {0};
    struct sil_bytes sealed = {0};
    const char *word = "";

    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(refuse_existing(path, err));
    if (passphrase != NULL) {
        word = sil_passphrase_known(passphrase);
        SIL_TRY(word != NULL ? SIL_OK
                             : sil_passphrase_get(&word, passphrase, path, true, err));
    }
    SIL_TRY(encode_vault(&content, ledger, key, err));
    SIL_TRY(sil_vault_seal(&sealed, content.data, content.length, word,
                           passphrase != NULL ? &SIL_VAULT_MODERATE : &SIL_VAULT_LEAST,
                           err));
    SIL_TRY(sil_secret_file_create(path, &sealed, 0600, err));

cleanup:
    sil_secret_bytes_clear(&content);
    sil_bytes_clear(&sealed);
    return status;
}

/* A vault at the least cost is under the empty passphrase: nobody is asked for it. */
static bool is_open(const struct sil_bytes *file)
{
    const uint64_t cost[] = {SIL_VAULT_LEAST.operations, SIL_VAULT_LEAST.memory};
    for (size_t i = 0; i < COST_BYTES; i++) {
        if (COST_AT + i >= file->length ||
            file->data[COST_AT + i] != (uint8_t)(cost[i / 8] >> (8 * (i % 8)))) {
            return false;
        }
    }
    return true;
}

static sil_status unseal(struct sil_bytes *content, const struct sil_bytes *file,
                         struct sil_passphrase *passphrase, const char *path,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *word = is_open(file) ? "" : sil_passphrase_known(passphrase);
    if (word != NULL) {
        status = sil_vault_open(content, file->data, file->length, word, err);
        if (status != SIL_ERR_INPUT || word[0] == '\0') {
            goto cleanup;
        }
    }
    SIL_TRY(sil_passphrase_get(&word, passphrase, path, false, err));
    SIL_TRY(sil_vault_open(content, file->data, file->length, word, err));

cleanup:
    return status;
}

static sil_status decode_vault(struct sil_data_key *out,
                               const struct sil_bytes *content,
                               const struct sil_id *ledger, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_mp_limits limits = {.values = VAULT_VALUES + 1, .depth = 1};
    struct sil_mp_text *text = NULL;
    const char *kind = NULL;
    const uint8_t *id = NULL;
    const uint8_t *key = NULL;
    size_t kind_length = 0;
    size_t id_length = 0;
    size_t key_length = 0;
    uint64_t version = 0;

    SIL_TRY(sil_mp_parse(&text, content->data, content->length, &limits, err));
    struct sil_mp_array array = sil_mp_root(text, "the vault");
    SIL_TRY(sil_mp_next_str(&kind, &kind_length, &array, "its name", err));
    SIL_TRY(sil_mp_next_uint(&version, &array, VAULT_VERSION, "the version", err));
    SIL_TRY(sil_mp_next_bin(&id, &id_length, &array, "the ledger", err));
    SIL_TRY(sil_mp_next_bin(&key, &key_length, &array, "the key", err));
    SIL_TRY(sil_mp_end(&array, err));
    if (kind_length != sizeof VAULT_KIND - 1 ||
        memcmp(kind, VAULT_KIND, kind_length) != 0 || version != VAULT_VERSION ||
        id_length != SIL_ID_BYTES || key_length != SIL_DATA_KEY_BYTES) {
        status = sil_fail(err, SIL_ERR_INPUT, "not the vault of a ledger");
    } else if (memcmp(id, ledger->bytes, SIL_ID_BYTES) != 0) {
        status = sil_fail(err, SIL_ERR_INPUT, "the vault of another ledger");
    } else {
        memcpy(out->bytes, key, SIL_DATA_KEY_BYTES);
    }

cleanup:
    sil_mp_free(text);
    return status;
}

sil_status sil_vault_read(struct sil_data_key *out, const char *path,
                          const struct sil_id *ledger,
                          struct sil_passphrase *passphrase, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes file = {0};
    struct sil_bytes content = {0};
    *out = (struct sil_data_key){0};

    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_secret_file_read(&file, path, SIL_VAULT_BYTES_MAX, err));
    status = unseal(&content, &file, passphrase, path, err);
    if (status == SIL_OK) {
        status = decode_vault(out, &content, ledger, err);
    }
    if (status != SIL_OK) {
        status = sil_fail_within(err, status, "%s", path);
    }

cleanup:
    sil_secret_bytes_clear(&content);
    sil_bytes_clear(&file);
    return status;
}
