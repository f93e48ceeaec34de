// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/split.h"

#include "audits/table/csv.h"
#include "base/bytes.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "crypto/hash.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define BYTES_MAX ((size_t)1 << 30)

enum { SECRET_BYTES = 32, SMALL_FILE = 1 << 16, PATH_ROOM = 4096 };

/* Version 1 is of records, version 2 of persons. */
static const char COIN[] = "silhouette-audit split, coin, version 1\n";
static const char COIN_OF_PERSON[] = "silhouette-audit split, coin, version 2\n";
static const char COMMITMENT[] = "silhouette-audit split, commitment, version 1\n";
static const char COMMITMENT_OF_PERSONS[] =
    "silhouette-audit split, commitment, version 2\n";

/* What stays with the auditor. */
struct secret {
    uint8_t key[SECRET_BYTES];
    uint8_t data[SIL_HASH_BYTES], train[SIL_HASH_BYTES], holdout[SIL_HASH_BYTES];
    uint64_t records;
    char id_column[AUD_ID_MAX + 1]; ///< empty: the coins are of records
};

static bool is_of_persons(const struct secret *secret)
{
    return secret->id_column[0] != '\0';
}

static bool is_heads(const struct secret *secret, uint64_t record)
{
    uint8_t number[8];
    uint8_t hash[SIL_HASH_BYTES];
    for (int i = 0; i < 8; i++) {
        number[i] = (uint8_t)(record >> 8 * i);
    }
    const struct sil_part parts[] = {
        {COIN,        sizeof COIN - 1   },
        {secret->key, sizeof secret->key},
        {number,      sizeof number     }
    };
    sil_hash(hash, parts, 3);
    return (hash[0] & 1) != 0;
}

static bool is_heads_of(const struct secret *secret, const struct aud_text *id)
{
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part parts[] = {
        {COIN_OF_PERSON, sizeof COIN_OF_PERSON - 1},
        {secret->key,    sizeof secret->key       },
        {id->text,       id->length               }
    };
    sil_hash(hash, parts, 3);
    return (hash[0] & 1) != 0;
}

static void commit(char out[65], const struct secret *secret)
{
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part of_records[] = {
        {COMMITMENT,   sizeof COMMITMENT - 1},
        {secret->key,  sizeof secret->key   },
        {secret->data, sizeof secret->data  }
    };
    const struct sil_part of_persons[] = {
        {COMMITMENT_OF_PERSONS, sizeof COMMITMENT_OF_PERSONS - 1},
        {secret->key,           sizeof secret->key              },
        {secret->train,         sizeof secret->train            },
        {secret->holdout,       sizeof secret->holdout          },
        {secret->id_column,     strlen(secret->id_column)       }
    };
    if (is_of_persons(secret)) {
        sil_hash(hash, of_persons, 5);
    } else {
        sil_hash(hash, of_records, 3);
    }
    sil_hash_hex(out, hash);
}

static void digest(uint8_t out[SIL_HASH_BYTES], const struct sil_bytes *bytes)
{
    sil_sha256(out, &(struct sil_part){bytes->data, bytes->length}, 1);
}

/* ---- whose a record is ---- */

static sil_status find_id(size_t *place, const struct secret *secret,
                          const struct aud_csv *csv, struct sil_error *err)
{
    *place = 0;
    if (!is_of_persons(secret)) {
        return SIL_OK;
    }
    sil_status status = aud_csv_find(place, csv, secret->id_column, err);
    return status == SIL_OK ? SIL_OK
                            : sil_fail_within(err, status,
                                              "--id names the column that says whose a "
                                              "record is");
}

/* Of the record that was read last. One without an id is nobody's, and has no coin. */
static sil_status toss_of(bool *is_in, const struct secret *secret,
                          const struct aud_csv *csv, size_t place,
                          struct sil_error *err)
{
    const struct aud_text *id = &csv->field[place];
    if (!is_of_persons(secret)) {
        *is_in = is_heads(secret, secret->records);
    } else if (id->length == 0) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "record %" PRIu64 " has nothing in column %s: leave it out, or "
                        "give it an id of its own",
                        csv->record, secret->id_column);
    } else {
        *is_in = is_heads_of(secret, id);
    }
    return SIL_OK;
}

/* ---- making one ---- */

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
                       struct secret *secret, const struct sil_bytes *data,
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
    SIL_TRY(find_id(&place, secret, &csv, err));
    SIL_TRY(append_record(&side[0], data, 0, csv.at, err));
    SIL_TRY(append_record(&side[1], data, 0, csv.at, err));
    for (;;) {
        size_t from = csv.at;
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        SIL_TRY(toss_of(&is_in, secret, &csv, place, err));
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

static int version_of(const struct secret *secret)
{
    return is_of_persons(secret) ? 2 : 1;
}

static json_t *say_secret(const struct secret *secret)
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
    if (is_of_persons(secret) &&
        json_object_set_new(out, "id_column", json_string(secret->id_column)) != 0) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static sil_status write_folder(const struct sil_bytes side[2], const char *path,
                               const struct secret *secret, const char *commitment,
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

/* secret.json holds nothing else. */
static bool is_utf8(const char *text)
{
    size_t n = 1;
    uint32_t code = 0;
    for (size_t left = strlen(text); left > 0 && n > 0; left -= n, text += n) {
        n = sil_utf8_next(&code, text, left);
    }
    return n > 0;
}

/* The name of a column; NULL for none. */
static sil_status take_id(struct secret *secret, const char *id_column,
                          struct sil_error *err)
{
    const char *name = id_column != NULL ? id_column : "";
    bool is_good = (id_column == NULL || *name != '\0') && strlen(name) <= AUD_ID_MAX &&
                   is_utf8(name);
    if (is_good) {
        (void)memcpy(secret->id_column, name, strlen(name) + 1);
    }
    return is_good
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT,
                          "a column of ids has a name, of at most %d bytes of UTF-8",
                          AUD_ID_MAX);
}

sil_status aud_split_make(struct aud_split *out, const char *data,
                          const char *id_column, char delimiter, const char *folder,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct secret secret = {.records = 0};
    struct sil_bytes bytes = {0};
    struct sil_bytes side[2] = {{0}};
    *out = (struct aud_split){0};
    SIL_TRY(take_id(&secret, id_column, err));
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(sil_file_read(&bytes, data, BYTES_MAX, err));
    if (getrandom(secret.key, sizeof secret.key, 0) != sizeof secret.key) {
        status = sil_fail_errno(err, "the system gives no random bytes");
        goto cleanup;
    }
    status = toss(side, out, &secret, &bytes, delimiter, err);
    if (status == SIL_ERR_INPUT) {
        status = sil_fail_within(err, status, "%s", data);
    }
    SIL_TRY(status);
    digest(secret.data, &bytes);
    digest(secret.train, &side[0]);
    digest(secret.holdout, &side[1]);
    commit(out->commitment, &secret);
    SIL_TRY(write_folder(side, folder, &secret, out->commitment, err));

cleanup:
    sil_bytes_clear(&bytes);
    sil_bytes_clear(&side[0]);
    sil_bytes_clear(&side[1]);
    return status;
}

/* ---- checking one ---- */

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
    sil_status status = sil_file_read(&bytes, path, SMALL_FILE, err);
    if (status == SIL_OK) {
        status = sil_json_parse(out, (const char *)bytes.data, bytes.length, name, err);
    }
    sil_bytes_clear(&bytes);
    return status;
}

static sil_status read_secret(struct secret *out, char commitment[65],
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
    SIL_TRY(take_id(out, json_string_value(id_column), err));

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
    sil_status status = sil_file_read(bytes, path, BYTES_MAX, err);
    if (status == SIL_OK) {
        digest(hash, bytes);
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
                       const struct sil_bytes side[2], const struct secret *secret,
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
        int which = is_heads(secret, records) ? 0 : 1;
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
static bool is_committed(const struct sil_bytes *data, const struct secret *secret)
{
    for (size_t cut = 0; cut < 2 && cut < data->length; cut++) {
        uint8_t hash[SIL_HASH_BYTES];
        digest(hash,
               &(struct sil_bytes){.data = data->data, .length = data->length - cut});
        if (memcmp(hash, secret->data, sizeof hash) == 0) {
            return true;
        }
    }
    return false;
}

static sil_status check_records(const struct sil_bytes side[2],
                                const struct secret *secret, char delimiter,
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
                                bool are_heads, const struct secret *secret,
                                char delimiter, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_csv csv;
    size_t place = 0;
    bool is_end = false;
    bool is_in = false;
    aud_csv_begin(&csv, side->data, side->length, delimiter);
    SIL_TRY(aud_csv_next(&csv, &is_end, err));
    SIL_TRY(find_id(&place, secret, &csv, err));
    for (;;) {
        SIL_TRY(aud_csv_next(&csv, &is_end, err));
        if (is_end) {
            break;
        }
        SIL_TRY(toss_of(&is_in, secret, &csv, place, err));
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
    struct secret secret = {.records = 0};
    struct sil_bytes side[2] = {{0}};
    const char delimiter = sides->delimiter;
    char shown[65];
    char made[65];
    SIL_TRY(sil_crypto_start(err));
    SIL_TRY(read_secret(&secret, shown, folder, err));
    commit(made, &secret);
    if (strcmp(made, shown) != 0) {
        status = bad("its secret is not the one that was committed to", err);
        goto cleanup;
    }
    SIL_TRY(read_side(&side[0], sides->train, secret.train, err));
    SIL_TRY(read_side(&side[1], sides->holdout, secret.holdout, err));
    if (is_of_persons(&secret)) {
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
