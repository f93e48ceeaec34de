// SPDX-License-Identifier: Apache-2.0
/// Which column of a CSV file is which field of the schema.
#ifndef SIL_TABLE_COLUMNS_H
#define SIL_TABLE_COLUMNS_H

#include "codec/csv.h"
#include "table/schema.h"

/// A column of the file that no attribute of the domain has: the schema lacks it, or it is
/// recomputed. Its texts are skipped.
#define SIL_COLUMN_EXTRA UINT32_MAX

/// A CSV file behind its header.
struct sil_columns {
    struct sil_csv_reader *reader;
    const char *path; ///< borrowed
    const struct sil_schema *schema;
    size_t n;        ///< columns of the file
    size_t id;       ///< the column that tells people apart; SIZE_MAX: none
    uint32_t *field; ///< of each column: a field of the schema or SIL_COLUMN_EXTRA
    uint32_t *order; ///< all columns of the schema, in the order of the file
    uint32_t *place; ///< of each of them its place there
};

/// Open the file and match its header with the schema: every field once, in any order;
/// extra columns only where the options allow them. Closed with sil_columns_close.
/// @param id_column   a further column that must be there once, and is no field; or NULL.
/// Errors   SIL_ERR_INPUT, naming fields of the schema only: a file without header has a
///          row where the names should be, so its texts are never shown. SIL_ERR_IO,
///          SIL_ERR_USAGE, SIL_ERR_INTERNAL (memory). `out` is empty.
SIL_MUST_USE sil_status sil_columns_open(struct sil_columns *out, const char *path,
                                         const struct sil_schema *schema,
                                         const char *id_column,
                                         const struct sil_csv_options *options,
                                         struct sil_error *err);

/// Read the next record: `n` fields, or `*text` NULL at the end of the file.
/// Errors   as sil_csv_next, and SIL_ERR_INPUT: a record with more or fewer fields.
SIL_MUST_USE sil_status sil_columns_next(struct sil_columns *columns,
                                         const struct sil_csv_field **text,
                                         struct sil_error *err);

/// An empty one is accepted.
void sil_columns_close(struct sil_columns *columns);

#endif
