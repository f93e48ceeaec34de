// SPDX-License-Identifier: Apache-2.0
/// The table that the auditor holds, as cells of the schema's domain; rows that its fields
/// drop are no rows.
#ifndef AUDIT_TABLE_TABLE_H
#define AUDIT_TABLE_TABLE_H

#include "audits/table/field.h"
#include "audits/table/people.h"
#include "base/bytes.h"

/// What a row meets before it is known whose it is: its cells, which it may change, and
/// whether it is a row at all. Of an unlisted text of an open field the cell is as in
/// aud_field_unlisted.
typedef sil_status aud_row_meets(bool *is_row, uint32_t *cells, void *context,
                                 struct sil_error *err);

struct aud_table {
    struct aud_field *field; ///< n_columns: behind the others those that are recomputed
    size_t n_fields;         ///< attributes of the domain
    size_t n_columns;
    size_t n_values;      ///< that their domains list, in all
    bool has_rules;       ///< between columns: rows that broke one were changed
    aud_row_meets *meets; ///< NULL: nothing; set before rows are read
    void *meets_context;
    uint32_t **column; ///< cells, by field
    uint32_t *record;  ///< of each row: which record of the file it is
    size_t n_rows;
};

/// The name of the column that a rule of a schema has recomputed; NULL: it does nothing of
/// the kind. Borrowed.
const char *aud_recomputed_name(const json_t *rule);

/// How many columns the rules of a schema's text have recomputed, if it can be read.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_count_recomputed(size_t *n, const char *schema,
                                             size_t length, struct sil_error *err);

/// Read the fields of a schema. Errors  SIL_ERR_INPUT; SIL_ERR_UNSUPPORTED: too many values;
/// SIL_ERR_INTERNAL (memory). Always to be cleared with aud_table_clear.
SIL_MUST_USE sil_status aud_table_begin(struct aud_table *out, const char *schema,
                                        size_t length, struct sil_error *err);

/// Read the rows of a CSV text; columns that no field names are left out, and of rows of a
/// person those that do not count. A cell of an open field may be that of an unlisted
/// text, until aud_table_settle; these texts are counted here.
/// Errors   SIL_ERR_INPUT: a field, or the id, without a column; a record that is none.
SIL_MUST_USE sil_status aud_table_read(struct aud_table *table,
                                       const struct sil_bytes *csv,
                                       const struct aud_whose *whose, char delimiter,
                                       struct sil_error *err);

/// What was found of an open field, and is settled (aud_field_settle) with the rows.
/// Pre  the table was read. Errors  SIL_ERR_INPUT, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_table_settle(struct aud_table *table, size_t field,
                                         const struct aud_text *found, size_t n,
                                         struct sil_error *err);

/// The same of bins that were learnt. Pre  as aud_field_settle_bins.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_table_settle_bins(struct aud_table *table, size_t field,
                                              const uint32_t *first, size_t n,
                                              struct sil_error *err);
void aud_table_clear(struct aud_table *table);

#endif
