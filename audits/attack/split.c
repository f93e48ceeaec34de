// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/split.h"

#include "audits/attack/coins.h"
#include "audits/table/source.h"
#include "base/fail.h"
#include "base/folder.h"
#include "codec/json.h"

#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

static sil_status append_record(struct sil_bytes *out, const struct sil_bytes *data,
                                size_t from, size_t to, struct sil_error *err)
{
    sil_status status = sil_bytes_append(out, data->data + from, to - from, err);
    if (status == SIL_OK && out->data[out->length - 1] != '\n') {
        status = sil_bytes_append(out, "\n", 1, err);
    }
    return status;
}

/* The records as they stand in the file, each to its side. */
static sil_status toss(struct sil_bytes side[2], struct aud_split *out,
                       struct aud_coins *secret, const struct sil_bytes *data,
                       char delimiter, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    size_t place = 0;
    bool is_end = false;
    bool is_in = false;
    aud_csv_begin(&csv, data->data, data->length, delimiter);
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    if (is_end) {
        status = sil_fail(err, SIL_ERR_INPUT, "the file is empty");
        goto cleanup;
    }
    SIL_TRY(aud_coins_find_id(&place, secret, &csv, err));
    SIL_TRY(append_record(&side[0], data, 0, csv.at, err));
    SIL_TRY(append_record(&side[1], data, 0, csv.at, err));
    for (;;) {
        size_t from = csv.at;
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        SIL_TRY(aud_coins_toss(&is_in, secret, &csv, place, err));
        secret->records++;
        *(is_in ? &out->train : &out->holdout) += 1;
        SIL_TRY(append_record(&side[is_in ? 0 : 1], data, from, csv.at, err));
    }
    if (out->train == 0 || out->holdout == 0) {
        status = sil_fail(err, SIL_ERR_INPUT, "too few records to be split");
    }

cleanup:
    aud_csv_clear(&csv);
    return status;
}

static sil_status add_json(struct sil_folder *folder, const char *name, json_t *value,
                           struct sil_error *err)
{
    struct sil_bytes bytes = {0};
    sil_status status = value != NULL
                            ? sil_json_dump(&bytes, value, err)
                            : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a split");
    if (status == SIL_OK) {
        status = sil_folder_add(folder, name, bytes.data, bytes.length, err);
    }
    sil_bytes_clear(&bytes);
    json_decref(value);
    return status;
}

static int version_of(const struct aud_coins *secret)
{
    return aud_coins_are_of_persons(secret) ? 2 : 1;
}

static json_t *say_secret(const struct aud_coins *secret)
{
    char text[4][2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(text[0], secret->key);
    sil_hash_hex(text[1], secret->data);
    sil_hash_hex(text[2], secret->train);
    sil_hash_hex(text[3], secret->holdout);
    json_t *out =
        json_pack("{s:i, s:s, s:s, s:s, s:s, s:I}", "version", version_of(secret),
                  "secret", text[0], "data_sha256", text[1], "train_sha256", text[2],
                  "holdout_sha256", text[3], "records", (json_int_t)secret->records);
    if (aud_coins_are_of_persons(secret) &&
        json_object_set_new(out, "id_column", json_string(secret->id_column)) != 0) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static sil_status write_folder(const struct sil_bytes side[2], const char *path,
                               const struct aud_coins *secret, const char *commitment,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_folder *folder = NULL;
    SIL_TRY(sil_folder_open(&folder, path, err));
    SIL_TRY(sil_folder_add(folder, "train.csv", side[0].data, side[0].length, err));
    SIL_TRY(sil_folder_add(folder, "holdout.csv", side[1].data, side[1].length, err));
    SIL_TRY(add_json(folder, "commitment.json",
                     json_pack("{s:i, s:s}", "version", version_of(secret),
                               "commitment", commitment),
                     err));
    SIL_TRY(add_json(folder, "secret.json", say_secret(secret), err));
    status = sil_folder_commit(folder, err);
    folder = NULL;

cleanup:
    sil_folder_abandon(folder);
    return status;
}

sil_status aud_split_make(struct aud_split *out, const char *data,
                          const char *id_column, char delimiter, const char *folder,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_coins secret = {.records = 0};
    struct sil_bytes bytes = {0};
    struct sil_bytes side[2] = {{0}};
    *out = (struct aud_split){0};
    SIL_TRY(aud_coins_take_id(&secret, id_column, err));
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(aud_source_read(&bytes, data, AUD_SPLIT_BYTES_MAX, err));
    if (getrandom(secret.key, sizeof secret.key, 0) != sizeof secret.key) {
        status = sil_fail_errno(err, "the system gives no random bytes");
        goto cleanup;
    }
    status = toss(side, out, &secret, &bytes, delimiter, err);
    if (status == SIL_ERR_INPUT) {
        status = sil_fail_within(err, status, "%s", data);
    }
    SIL_TRY(status);
    aud_split_digest(secret.data, &bytes);
    aud_split_digest(secret.train, &side[0]);
    aud_split_digest(secret.holdout, &side[1]);
    aud_coins_commit(out->commitment, &secret);
    SIL_TRY(write_folder(side, folder, &secret, out->commitment, err));

cleanup:
    sil_bytes_clear(&bytes);
    sil_bytes_clear(&side[0]);
    sil_bytes_clear(&side[1]);
    return status;
}
