// SPDX-License-Identifier: Apache-2.0
/// Rows of one person are in the training table together or not at all, so a test that takes
/// rows for independent accuses by chance. One row stands for each person: which one follows
/// from the person's rows and the seed alone, wherever they are.
#ifndef AUDIT_ATTACK_PERSONS_H
#define AUDIT_ATTACK_PERSONS_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

/// The persons of one table. `{0}`: each record is a person; all lists are NULL.
struct aud_persons {
    uint32_t
        *row; ///< owned; of each record of the file: which row stands for its person
    uint32_t *record; ///< owned; of each row: which record it is; ascending
    uint64_t *id;     ///< owned; of each row: a hash of the id; 0: it has none
    size_t n_records, n_rows;
};

/// Find out whose the records of a CSV text are. Ids are compared as bytes (by 64 bits of
/// their hash); a record without one is a person of its own. Always to be cleared.
/// Errors   SIL_ERR_INPUT: no such column, a record that is none. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_persons_find(struct aud_persons *out,
                                         const struct sil_bytes *csv, char delimiter,
                                         const char *id_column, uint64_t seed,
                                         struct sil_error *err);
void aud_persons_clear(struct aud_persons *persons);

/// Persons of one table who are also in the other.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_persons_in_both(size_t *out, const struct aud_persons *a,
                                            const struct aud_persons *b,
                                            struct sil_error *err);

#endif
