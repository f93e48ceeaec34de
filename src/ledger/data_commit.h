// SPDX-License-Identifier: Apache-2.0
/// Which table a ledger is about, without telling anybody anything about it.
///
///   commitment = BLAKE2b-256( key = k32, "silhouette/data/v1\n" | SHA-256(canonical CSV) )
///
/// The canonical CSV is what the reader of CSV understood, written in one way: the header
/// and every record in the file's order, every column of the file in the file's order (those
/// that the schema lacks too), fields with commas between them as in the file before any
/// policy of the schema; a field in quotes when and only when it has a comma, a quote, CR or
/// LF in it, quotes in it doubled; LF behind every record, the last one too. Delimiter,
/// needless quotes, CRLF, a byte order mark and a missing final newline therefore do not
/// count. docs/ledger-format.md says the same.
///
/// Privacy  The hash never leaves: it would confirm a guessed table. What leaves is keyed,
///          and the key stays in the vault.
#ifndef SIL_LEDGER_DATA_COMMIT_H
#define SIL_LEDGER_DATA_COMMIT_H

#include "codec/csv.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIL_DATA_KEY_BYTES    32
#define SIL_DATA_COMMIT_BYTES 32

/// k32: secret, wiped by whoever holds it.
struct sil_data_key {
    uint8_t bytes[SIL_DATA_KEY_BYTES];
};

/// A fresh key from the operating system's generator.
void sil_data_key_random(struct sil_data_key *out);
void sil_data_key_wipe(struct sil_data_key *key);

/// The digest of a table, record by record as it is read.
struct sil_data_digest;

SIL_MUST_USE sil_status sil_data_digest_new(struct sil_data_digest **out,
                                            struct sil_error *err);
/// Wipe and free; NULL is allowed.
void sil_data_digest_free(struct sil_data_digest *digest);

/// What to put into the options of a CSV reader so that the digest covers what it reads.
struct sil_csv_observer sil_data_digest_observer(struct sil_data_digest *digest);

/// The commitment to the records so far. The digest is used up.
void sil_data_commit(uint8_t commit[SIL_DATA_COMMIT_BYTES],
                     struct sil_data_digest *digest, const struct sil_data_key *key);

/// The commitment to a file that nothing else is done with (`init`, `data --add`).
/// Errors   those of sil_csv_open and sil_csv_next.
SIL_MUST_USE sil_status sil_data_commit_file(uint8_t commit[SIL_DATA_COMMIT_BYTES],
                                             const char *csv_path, char delimiter,
                                             const struct sil_data_key *key,
                                             struct sil_error *err);

/// 32 zero bytes cover nothing.
bool sil_data_commit_is_nothing(const uint8_t commit[SIL_DATA_COMMIT_BYTES]);

#endif
