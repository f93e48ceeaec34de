// SPDX-License-Identifier: Apache-2.0
/// The coins of a split, and the secret that they fall by: shared by making and checking.
#ifndef AUDIT_ATTACK_COINS_H
#define AUDIT_ATTACK_COINS_H

#include "audits/attack/split.h"
#include "audits/table/csv.h"
#include "base/bytes.h"
#include "crypto/hash.h"

#include <stdbool.h>

/// Largest table that is split or put together again.
#define AUD_SPLIT_BYTES_MAX ((size_t)1 << 30)

enum { AUD_COINS_KEY = 32 };

/// What stays with the auditor.
struct aud_coins {
    uint8_t key[AUD_COINS_KEY];
    uint8_t data[SIL_HASH_BYTES], train[SIL_HASH_BYTES], holdout[SIL_HASH_BYTES];
    uint64_t records;
    char id_column[AUD_ID_MAX + 1]; ///< empty: the coins are of records
};

bool aud_coins_are_of_persons(const struct aud_coins *coins);

/// Does the coin of a record fall heads up? Records are numbered from 0.
bool aud_coins_fall_of_record(const struct aud_coins *coins, uint64_t record);

/// What is shown before the generator runs: nobody can open it with other coins.
void aud_coins_commit(char out[65], const struct aud_coins *coins);

/// SHA-256 of a whole file.
void aud_split_digest(uint8_t out[SIL_HASH_BYTES], const struct sil_bytes *bytes);

/// Take the name of the column of ids; NULL for none.
/// Errors   SIL_ERR_INPUT: it is empty, too long or not UTF-8.
SIL_MUST_USE sil_status aud_coins_take_id(struct aud_coins *coins,
                                          const char *id_column, struct sil_error *err);

/// The place of that column, after the header was read; 0 where the coins are of records.
/// Errors   SIL_ERR_INPUT: it is not there.
SIL_MUST_USE sil_status aud_coins_find_id(size_t *place, const struct aud_coins *coins,
                                          const struct aud_csv *csv,
                                          struct sil_error *err);

/// The coin of the record that was read last: its own, of number coins->records, or its person's.
/// Errors   SIL_ERR_INPUT: it has no id; it is nobody's, and has no coin.
SIL_MUST_USE sil_status aud_coins_toss(bool *is_in, const struct aud_coins *coins,
                                       const struct aud_csv *csv, size_t place,
                                       struct sil_error *err);

#endif
