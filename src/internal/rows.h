// SPDX-License-Identifier: Apache-2.0
/// The rows of a CSV file as codes that this report may look at, and what the schema's
/// policies did to them.
///
/// Privacy  Private, all of it: for the operator's report and nothing else. A sensitive
///          table that is to be measured goes through src/table, which shows no rows.
#ifndef SIL_INTERNAL_ROWS_H
#define SIL_INTERNAL_ROWS_H

#include "base/codes.h"
#include "codec/csv.h"
#include "table/schema.h"

#include "silhouette/progress.h"

/// More rows are refused: sums over two tables then fit in 64 bits.
#define SIL_REPORT_ROWS_MAX ((size_t)INT32_MAX)

/// Values of a column outside its declared domain, by what became of them.
struct sil_outsiders {
    uint64_t moved; ///< to the nearest bin
    uint64_t other;
    uint64_t null;
    uint64_t dropped; ///< the whole row
};

struct sil_rows {
    struct sil_codes codes; ///< of the rows that were kept
    uint64_t n_read;
    uint64_t n_dropped;
    struct sil_outsiders *outside; ///< one a column
};

/// Read a whole file. A row that a `drop` policy meets is counted and left out.
/// @param id_column   a column that the schema lacks, and that is skipped; NULL: none.
/// Errors   those of sil_csv_next; SIL_ERR_INPUT: the header is not that of the schema, or
///          no row is left; SIL_ERR_USAGE: more rows than SIL_REPORT_ROWS_MAX;
///          SIL_ERR_INTERNAL (memory). `out` is empty.
SIL_MUST_USE sil_status sil_rows_read(struct sil_rows *out, const char *csv_path,
                                      const struct sil_schema *schema,
                                      const char *id_column,
                                      const struct sil_csv_options *options,
                                      const struct sil_progress *progress,
                                      struct sil_error *err);

/// Wipe and free; an empty one is accepted.
void sil_rows_clear(struct sil_rows *rows);

/// Codes over `domain` with the rows `row[0 .. n - 1]` of `from`, in that order.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is empty.
SIL_MUST_USE sil_status sil_codes_pick(struct sil_codes *out,
                                       const struct sil_codes *from,
                                       const struct sil_domain *domain,
                                       const uint32_t *row, size_t n,
                                       struct sil_error *err);

/// Wipe, then sil_codes_clear.
void sil_codes_wipe(struct sil_codes *codes);

#endif
