// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/coins.h"

#include "base/fail.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

/* Version 1 is of records, version 2 of persons. */
static const char COIN[] = "silhouette-audit split, coin, version 1\n";
static const char COIN_OF_PERSON[] = "silhouette-audit split, coin, version 2\n";
static const char COMMITMENT[] = "silhouette-audit split, commitment, version 1\n";
static const char COMMITMENT_OF_PERSONS[] =
    "silhouette-audit split, commitment, version 2\n";

bool aud_coins_are_of_persons(const struct aud_coins *coins)
{
    return coins->id_column[0] != '\0';
}

bool aud_coins_fall_of_record(const struct aud_coins *coins, uint64_t record)
{
    uint8_t number[8];
    uint8_t hash[SIL_HASH_BYTES];
    for (int i = 0; i < 8; i++) {
        number[i] = (uint8_t)(record >> 8 * i);
    }
    const struct sil_part parts[] = {
        {COIN,       sizeof COIN - 1  },
        {coins->key, sizeof coins->key},
        {number,     sizeof number    }
    };
    sil_hash(hash, parts, 3);
    return (hash[0] & 1) != 0;
}

static bool is_heads_of(const struct aud_coins *coins, const struct aud_text *id)
{
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part parts[] = {
        {COIN_OF_PERSON, sizeof COIN_OF_PERSON - 1},
        {coins->key,     sizeof coins->key        },
        {id->text,       id->length               }
    };
    sil_hash(hash, parts, 3);
    return (hash[0] & 1) != 0;
}

void aud_coins_commit(char out[65], const struct aud_coins *coins)
{
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part of_records[] = {
        {COMMITMENT,  sizeof COMMITMENT - 1},
        {coins->key,  sizeof coins->key    },
        {coins->data, sizeof coins->data   }
    };
    const struct sil_part of_persons[] = {
        {COMMITMENT_OF_PERSONS, sizeof COMMITMENT_OF_PERSONS - 1},
        {coins->key,            sizeof coins->key               },
        {coins->train,          sizeof coins->train             },
        {coins->holdout,        sizeof coins->holdout           },
        {coins->id_column,      strlen(coins->id_column)        }
    };
    if (aud_coins_are_of_persons(coins)) {
        sil_hash(hash, of_persons, 5);
    } else {
        sil_hash(hash, of_records, 3);
    }
    sil_hash_hex(out, hash);
}

void aud_split_digest(uint8_t out[SIL_HASH_BYTES], const struct sil_bytes *bytes)
{
    sil_sha256(out, &(struct sil_part){bytes->data, bytes->length}, 1);
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

sil_status aud_coins_take_id(struct aud_coins *coins, const char *id_column,
                             struct sil_error *err)
{
    const char *name = id_column != NULL ? id_column : "";
    bool is_good = (id_column == NULL || *name != '\0') && strlen(name) <= AUD_ID_MAX &&
                   is_utf8(name);
    if (is_good) {
        (void)memcpy(coins->id_column, name, strlen(name) + 1);
    }
    return is_good
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT,
                          "a column of ids has a name, of at most %d bytes of UTF-8",
                          AUD_ID_MAX);
}

sil_status aud_coins_find_id(size_t *place, const struct aud_coins *coins,
                             const struct aud_csv *csv, struct sil_error *err)
{
    *place = 0;
    if (!aud_coins_are_of_persons(coins)) {
        return SIL_OK;
    }
    sil_status status = aud_csv_find(place, csv, coins->id_column, err);
    return status == SIL_OK ? SIL_OK
                            : sil_fail_within(err, status,
                                              "--id names the column that says whose a "
                                              "record is");
}

sil_status aud_coins_toss(bool *is_in, const struct aud_coins *coins,
                          const struct aud_csv *csv, size_t place,
                          struct sil_error *err)
{
    const struct aud_text *id = &csv->field[place];
    if (!aud_coins_are_of_persons(coins)) {
        *is_in = aud_coins_fall_of_record(coins, coins->records);
    } else if (id->length == 0) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "record %" PRIu64 " has nothing in column %s: leave it out, or "
                        "give it an id of its own",
                        csv->record, coins->id_column);
    } else {
        *is_in = is_heads_of(coins, id);
    }
    return SIL_OK;
}
