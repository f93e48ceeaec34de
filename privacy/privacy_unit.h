// SPDX-License-Identifier: Apache-2.0
/// Whose privacy: what two neighbouring tables differ in.
///
/// A row on its own, or a person: all rows with the same bytes in one column of the file,
/// of which at most K count. Which K is decided row by row from that person's rows alone
/// (table/people.h), so two tables that differ in one person differ in at most K rows, or
/// under replace-one in K that went and K that came.
/// Proof    docs/privacy.md, theorem 1b.
#ifndef SIL_PRIVACY_PRIVACY_UNIT_H
#define SIL_PRIVACY_PRIVACY_UNIT_H

#include "base/bytes.h"

#include "silhouette/claim.h"
#include "silhouette/status.h"

#include <stdbool.h>
#include <stdint.h>

struct sil_privacy_unit {
    char *id_column; ///< owned; NULL: each row on its own
    uint32_t rows;   ///< K, 1 .. SIL_MAX_ROWS_PER_UNIT; 1 where there is no column
};

/// Each row on its own. Always to be cleared.
void sil_privacy_unit_init(struct sil_privacy_unit *unit);
void sil_privacy_unit_clear(struct sil_privacy_unit *unit);

/// Read "row" or "id:COLUMN:K" into an initialised unit; the column's name is
/// printable ASCII, and may hold colons.
/// Errors   SIL_ERR_USAGE: neither, or K out of range. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_privacy_unit_parse(struct sil_privacy_unit *out,
                                               const char *text, struct sil_error *err);

/// A person with K rows known by `id_column`; an empty or no column: a row, K being 1.
/// Errors   as sil_privacy_unit_parse.
SIL_MUST_USE sil_status sil_privacy_unit_set(struct sil_privacy_unit *out,
                                             const char *id_column, uint64_t rows,
                                             struct sil_error *err);

bool sil_privacy_unit_equal(const struct sil_privacy_unit *a,
                            const struct sil_privacy_unit *b);

/// Append it as sil_privacy_unit_parse reads it. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_privacy_unit_print(struct sil_bytes *out,
                                               const struct sil_privacy_unit *unit,
                                               struct sil_error *err);

/// Append "one row", or "one person (all rows with the same COLUMN, of which K count)".
SIL_MUST_USE sil_status sil_privacy_unit_say(struct sil_bytes *out,
                                             const struct sil_privacy_unit *unit,
                                             struct sil_error *err);

/// What neighbouring tables differ by: "adding or removing one person". Static.
const char *sil_privacy_unit_difference(const struct sil_privacy_unit *unit,
                                        enum sil_neighbours neighbours);

#endif
