// SPDX-License-Identifier: Apache-2.0
#include "ledger/data_commit.h"

#include "base/fail.h"
#include "base/memory.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

static const char LABEL[] = "silhouette/data/v1\n";

enum { LABEL_BYTES = sizeof LABEL - 1, PENDING_BYTES = 16384 };

/* Raw values pass through `pending`: it is wiped with the rest. */
struct sil_data_digest {
    crypto_hash_sha256_state sha256;
    size_t n_pending;
    uint8_t pending[PENDING_BYTES];
};

void sil_data_key_random(struct sil_data_key *out)
{
    randombytes_buf(out->bytes, sizeof out->bytes);
}

void sil_data_key_wipe(struct sil_data_key *key)
{
    sodium_memzero(key, sizeof *key);
}

sil_status sil_data_digest_new(struct sil_data_digest **out, struct sil_error *err)
{
    sil_status status = sil_alloc(out, 1, sizeof **out, "the digest of a table", err);
    if (status == SIL_OK) {
        (void)crypto_hash_sha256_init(&(*out)->sha256);
    }
    return status;
}

void sil_data_digest_free(struct sil_data_digest *digest)
{
    if (digest != NULL) {
        sodium_memzero(digest, sizeof *digest);
    }
    free(digest);
}

static void flush(struct sil_data_digest *digest)
{
    (void)crypto_hash_sha256_update(&digest->sha256, digest->pending,
                                    digest->n_pending);
    digest->n_pending = 0;
}

static void put(struct sil_data_digest *digest, const void *data, size_t length)
{
    if (length > PENDING_BYTES - digest->n_pending) {
        flush(digest);
    }
    if (length > PENDING_BYTES) {
        (void)crypto_hash_sha256_update(&digest->sha256, data, length);
        return;
    }
    memcpy(digest->pending + digest->n_pending, data, length);
    digest->n_pending += length;
}

static bool needs_quotes(const struct sil_csv_field *field)
{
    for (size_t i = 0; i < field->length; i++) {
        char c = field->text[i];
        if (c == ',' || c == '"' || c == '\r' || c == '\n') {
            return true;
        }
    }
    return false;
}

/* Not sil_csv_append: what it quotes may change as writers get wiser, and this may not. */
static void put_field(struct sil_data_digest *digest, const struct sil_csv_field *field)
{
    const char *text = field->text;
    size_t left = field->length;
    if (!needs_quotes(field)) {
        put(digest, text, left);
        return;
    }
    put(digest, "\"", 1);
    while (left > 0) {
        const char *quote = memchr(text, '"', left);
        size_t run = quote != NULL ? (size_t)(quote - text) + 1 : left;
        put(digest, text, run);
        if (quote != NULL) {
            put(digest, "\"", 1);
        }
        text += run;
        left -= run;
    }
    put(digest, "\"", 1);
}

static sil_status see_record(void *context, const struct sil_csv_field *fields,
                             size_t n_fields, struct sil_error *err)
{
    struct sil_data_digest *digest = context;
    (void)err;
    for (size_t i = 0; i < n_fields; i++) {
        if (i > 0) {
            put(digest, ",", 1);
        }
        put_field(digest, &fields[i]);
    }
    put(digest, "\n", 1);
    return SIL_OK;
}

struct sil_csv_observer sil_data_digest_observer(struct sil_data_digest *digest)
{
    return (struct sil_csv_observer){.record = see_record, .context = digest};
}

void sil_data_commit(uint8_t commit[SIL_DATA_COMMIT_BYTES],
                     struct sil_data_digest *digest, const struct sil_data_key *key)
{
    uint8_t message[LABEL_BYTES + crypto_hash_sha256_BYTES];
    flush(digest);
    memcpy(message, LABEL, LABEL_BYTES);
    (void)crypto_hash_sha256_final(&digest->sha256, message + LABEL_BYTES);
    (void)crypto_generichash(commit, SIL_DATA_COMMIT_BYTES, message, sizeof message,
                             key->bytes, sizeof key->bytes);
    sodium_memzero(message, sizeof message);
}

sil_status sil_data_commit_file(uint8_t commit[SIL_DATA_COMMIT_BYTES],
                                const char *csv_path, char delimiter,
                                const struct sil_data_key *key, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_data_digest *digest = NULL;
    struct sil_csv_reader *reader = NULL;
    const struct sil_csv_field *fields = NULL;
    size_t n_fields = 0;

    SIL_TRY(sil_data_digest_new(&digest, err));
    const struct sil_csv_options options = {
        .delimiter = delimiter, .observer = sil_data_digest_observer(digest)};
    SIL_TRY(sil_csv_open(&reader, csv_path, &options, err));
    SIL_TRY(sil_csv_next(reader, &fields, &n_fields, err));
    if (n_fields == 0) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s is empty: there is nothing to cover",
                          csv_path);
        goto cleanup;
    }
    while (n_fields > 0) {
        SIL_TRY(sil_csv_next(reader, &fields, &n_fields, err));
    }
    sil_data_commit(commit, digest, key);

cleanup:
    sil_csv_close(reader);
    sil_data_digest_free(digest);
    return status;
}

bool sil_data_commit_is_nothing(const uint8_t commit[SIL_DATA_COMMIT_BYTES])
{
    return sodium_is_zero(commit, SIL_DATA_COMMIT_BYTES) != 0;
}
