// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/coins.h"
#include "audits/table/source.h"
#include "base/fail.h"
#include "codec/json.h"

#include <stdio.h>
#include <string.h>

enum { SMALL_FILE = 1 << 16, PATH_ROOM = 4096 };

static sil_status bad(const char *what, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT, "the split: %s", what);
}

static bool take_hex(uint8_t out[SIL_HASH_BYTES], const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    bool is = text != NULL && strlen(text) == 2 * (size_t)SIL_HASH_BYTES &&
              strspn(text, "0123456789abcdef") == 2 * (size_t)SIL_HASH_BYTES;
    for (size_t i = 0; is && i < SIL_HASH_BYTES; i++) {
        unsigned value = 0;
        is = sscanf(text + 2 * i, "%2x", &value) == 1;
        out[i] = (uint8_t)value;
    }
    return is;
}

static sil_status load(json_t **out, const char *folder, const char *name,
                       struct sil_error *err)
{
    char path[PATH_ROOM];
    struct sil_bytes bytes = {0};
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || length >= PATH_ROOM) {
        return bad("the name of its folder is too long", err);
    }
    sil_status status = aud_source_read(&bytes, path, SMALL_FILE, err);
    if (status == SIL_OK) {
        status = sil_json_parse(out, (const char *)bytes.data, bytes.length, name, err);
    }
    sil_bytes_clear(&bytes);
    return status;
}

static sil_status read_secret(struct aud_coins *out, char commitment[65],
                              const char *folder, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *secret = NULL;
    json_t *shown = NULL;
    SIL_TRY(load(&secret, folder, "secret.json", err));
    SIL_TRY(load(&shown, folder, "commitment.json", err));
    const char *text = json_string_value(json_object_get(shown, "commitment"));
    const json_t *records = json_object_get(secret, "records");
    const json_t *id_column = json_object_get(secret, "id_column");
    bool is_read = take_hex(out->key, secret, "secret") &&
                   take_hex(out->data, secret, "data_sha256") &&
                   take_hex(out->train, secret, "train_sha256") &&
                   take_hex(out->holdout, secret, "holdout_sha256") &&
                   json_integer_value(records) > 0 && text != NULL &&
                   (id_column == NULL || json_is_string(id_column));
    if (!is_read) {
        status = bad("its files cannot be read", err);
        goto cleanup;
    }
    out->records = (uint64_t)json_integer_value(records);
    (void)snprintf(commitment, 65, "%s", text);
    SIL_TRY(aud_coins_take_id(out, json_string_value(id_column), err));

cleanup:
    json_decref(secret);
    json_decref(shown);
    return status;
}

/* Is a file the side of the split that secret.json says it is? That file is not committed
 * to: this tells a wrong file by its name, and proves nothing. */
static sil_status read_side(struct sil_bytes *bytes, const char *path,
                            const uint8_t wanted[SIL_HASH_BYTES], struct sil_error *err)
{
    uint8_t hash[SIL_HASH_BYTES];
    sil_status status = aud_source_read(bytes, path, AUD_SPLIT_BYTES_MAX, err);
    if (status == SIL_OK) {
        aud_split_digest(hash, bytes);
        if (memcmp(hash, wanted, sizeof hash) != 0) {
            status = sil_fail(err, SIL_ERR_INPUT, "%s is not what was split off", path);
        }
    }
    return status;
}

/* The next record of a side, as it stands there; false at the end. */
static sil_status move_record(struct sil_bytes *out, bool *is_moved,
                              struct aud_csv *side, struct sil_error *err)
{
    bool is_end = false;
    const size_t from = side->at;
    sil_status status = aud_csv_next(side, &is_end, err);
    *is_moved = !is_end;
    if (status == SIL_OK && !is_end) {
        status = sil_bytes_append(out, side->data + from, side->at - from, err);
    }
    return status;
}

/* Both sides in the order of the coins, which are tossed again: `*is_whole` when they have one
 * header, every record is used, and there are as many as are said to be. */
static sil_status join(struct sil_bytes *out, bool *is_whole,
                       const struct sil_bytes side[2], const struct aud_coins *secret,
                       char delimiter, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv[2] = {{0}};
    uint64_t records = 0;
    bool is_moved = true;
    bool is_end = false;
    aud_csv_begin(&csv[0], side[0].data, side[0].length, delimiter);
    aud_csv_begin(&csv[1], side[1].data, side[1].length, delimiter);
    SIL_TRY(aud_csv_next(&csv[0], &is_end, err));
    SIL_TRY(aud_csv_next(&csv[1], &is_end, err));
    bool is_one_header = csv[0].at == csv[1].at && csv[0].at > 0 &&
                         memcmp(side[0].data, side[1].data, csv[0].at) == 0;
    SIL_TRY(sil_bytes_append(out, side[0].data, csv[0].at, err));
    for (; is_moved; records += is_moved) {
        int which = aud_coins_fall_of_record(secret, records) ? 0 : 1;
        SIL_TRY(move_record(out, &is_moved, &csv[which], err));
    }
    *is_whole = is_one_header && records == secret->records &&
                csv[0].at == csv[0].length && csv[1].at == csv[1].length;

cleanup:
    aud_csv_clear(&csv[0]);
    aud_csv_clear(&csv[1]);
    return status;
}

/* A last record may have been given the end of its line when it was split off. */
static bool is_committed(const struct sil_bytes *data, const struct aud_coins *secret)
{
    for (size_t cut = 0; cut < 2 && cut < data->length; cut++) {
        uint8_t hash[SIL_HASH_BYTES];
        aud_split_digest(hash, &(struct sil_bytes){.data = data->data,
                                                   .length = data->length - cut});
        if (memcmp(hash, secret->data, sizeof hash) == 0) {
            return true;
        }
    }
    return false;
}

static sil_status check_records(const struct sil_bytes side[2],
                                const struct aud_coins *secret, char delimiter,
                                struct sil_error *err)
{
    struct sil_bytes data = {0};
    bool is_whole = false;
    sil_status status = join(&data, &is_whole, side, secret, delimiter, err);
    if (status == SIL_OK && !(is_whole && is_committed(&data, secret))) {
        status = bad("train and holdout, put together as its coins fall, are not the "
                     "data that were committed to",
                     err);
    }
    sil_bytes_clear(&data);
    return status;
}

/* The file itself was committed to: is every record in it where its person's coin fell? */
static sil_status check_persons(const struct sil_bytes *side, const char *path,
                                bool are_heads, const struct aud_coins *secret,
                                char delimiter, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    size_t place = 0;
    bool is_end = false;
    bool is_in = false;
    aud_csv_begin(&csv, side->data, side->length, delimiter);
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    SIL_TRY(aud_coins_find_id(&place, secret, &csv, err));
    for (;;) {
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        SIL_TRY(aud_coins_toss(&is_in, secret, &csv, place, err));
        if (is_in != are_heads) {
            status = bad("a record is not where the coin of its person fell", err);
            break;
        }
    }

cleanup:
    aud_csv_clear(&csv);
    return status == SIL_ERR_INPUT ? sil_fail_within(err, status, "%s", path) : status;
}

sil_status aud_split_check(char id_column[AUD_ID_MAX + 1], const char *folder,
                           const struct aud_split_sides *sides, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_coins secret = {.records = 0};
    struct sil_bytes side[2] = {{0}};
    const char delimiter = sides->delimiter;
    char shown[65];
    char made[65];
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(read_secret(&secret, shown, folder, err));
    aud_coins_commit(made, &secret);
    if (strcmp(made, shown) != 0) {
        status = bad("its secret is not the one that was committed to", err);
        goto cleanup;
    }
    SIL_TRY(read_side(&side[0], sides->train, secret.train, err));
    SIL_TRY(read_side(&side[1], sides->holdout, secret.holdout, err));
    if (aud_coins_are_of_persons(&secret)) {
        SIL_TRY(check_persons(&side[0], sides->train, true, &secret, delimiter, err));
        SIL_TRY(
            check_persons(&side[1], sides->holdout, false, &secret, delimiter, err));
    } else {
        SIL_TRY(check_records(side, &secret, delimiter, err));
    }
    (void)memcpy(id_column, secret.id_column, sizeof secret.id_column);

cleanup:
    sil_bytes_clear(&side[0]);
    sil_bytes_clear(&side[1]);
    return status;
}
