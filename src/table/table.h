// SPDX-License-Identifier: Apache-2.0
/// A sensitive table as opaque columns of codes, and the counting of its marginals.
///
/// Nothing here tells the outside how many rows there are or what is in them: marginals
/// come out as opaque counts for the gate.
#ifndef SIL_TABLE_TABLE_H
#define SIL_TABLE_TABLE_H

#include "base/clique.h"
#include "base/codes.h"
#include "base/words.h"
#include "codec/csv.h"
#include "privacy/counts.h"
#include "table/schema.h"

#include "silhouette/progress.h"

struct sil_table;

enum { SIL_PEOPLE_SALT_BYTES = 16 };

/// How rows are told apart by person, and which of them count: table/people.h. Public.
struct sil_people_rule {
    const char *id_column; ///< a column of the file, and no field of the schema
    uint32_t rows;         ///< K: so many rows of a person count
    bool drops_missing;    ///< rows without an id are none; else each is its own person
    uint8_t salt[SIL_PEOPLE_SALT_BYTES]; ///< random, fixed before the file is read
};

/// Read a whole CSV file through the schema. Columns are found by name, in any order; a
/// row that a `drop` policy meets is left out; the file is parsed to its end before this
/// returns. Fewer than 2^32 rows. Of an open field that is not settled every text is kept
/// as it is, once: memory grows with their number and length.
/// @param people   NULL: every row counts. An id is missing where it is empty, and
///                 nowhere else: what a schema calls missing is no name for nobody. Memory: while it is read 8 bytes a row, the
///                 ids, and 40 bytes for each row of the person who has the most, more than
///                 the table.
/// Errors   SIL_ERR_INPUT with record and field; SIL_ERR_IO; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_table_read(struct sil_table **out, const char *csv_path,
                                       const struct sil_schema *schema,
                                       const struct sil_people_rule *people,
                                       const struct sil_csv_options *options,
                                       const struct sil_progress *progress,
                                       struct sil_error *err);

/// Wipe and free; NULL is allowed.
void sil_table_free(struct sil_table *table);

/// The values of an open field that the schema does not list, with their counts, for the
/// gate. They borrow from the table: to be freed before it is settled. Pre  not settled.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_table_keys(struct sil_keys **out,
                                       const struct sil_table *table, uint32_t field,
                                       struct sil_error *err);

/// Give every row the codes of the schema whose open fields are now settled: values that
/// were not found become `other`. Before this a table of a schema with open fields has no
/// marginals. Without open fields: nothing to do.
/// Errors   SIL_ERR_INTERNAL (memory; a field is not settled).
SIL_MUST_USE sil_status sil_table_settle(struct sil_table *table,
                                         const struct sil_schema *schema,
                                         struct sil_error *err);

/// Give every row the code of its bin in a column whose bins were learnt and are settled in
/// the schema. Until then the marginal of the column is that of its leaves, and no other
/// marginal should have it.
/// Errors   SIL_ERR_INTERNAL (memory; the field is not settled).
SIL_MUST_USE sil_status sil_table_settle_bins(struct sil_table *table,
                                              const struct sil_schema *schema,
                                              uint32_t field, struct sil_error *err);

/// For each place in the order of the file's columns, the schema's field; extra columns
/// are left out. `out` has room for every field.
/// Privacy  The header is not a row: the order of the columns is metadata that the operator
///          chose, the same for neighbouring tables, and public like the schema.
void sil_table_column_order(uint32_t *out, const struct sil_table *table);

/// Count the marginals of `n` cliques, all of them in one pass over the rows, in blocks
/// that keep the live tables in cache, on `n_threads` threads (0: all).
/// @param[out] counts   n opaque counts, the caller's to free; all NULL on error.
/// Errors   SIL_ERR_INTERNAL (memory, or a marginal beyond 2^32 - 1 cells).
SIL_MUST_USE sil_status sil_table_count(struct sil_counts **counts,
                                        const struct sil_table *table,
                                        const struct sil_clique *cliques, size_t n,
                                        unsigned n_threads, struct sil_error *err);

/// Write codes as a CSV file of the schema: header, values decoded with the words of
/// stream SIL_STREAM_DECODE + field at the row's position. Works on synthetic codes.
/// @param order   the fields in the order of the file's columns, each once; NULL: the
///                schema's order. A field's values are the same wherever it stands.
struct sil_output;
SIL_MUST_USE sil_status sil_codes_write_csv(
    struct sil_output *output, const struct sil_codes *codes,
    const struct sil_schema *schema, const uint32_t *order, struct sil_words words,
    const struct sil_csv_options *options, const struct sil_progress *progress,
    unsigned n_threads, struct sil_error *err);

/// Internal use (yardsticks): the table's codes as CSV, and the domain as JSON
/// {"name": cells, ...}. Reads raw rows: not for the outside.
SIL_MUST_USE sil_status sil_table_write_codes(struct sil_output *codes_csv,
                                              struct sil_output *domain_json,
                                              const struct sil_table *table,
                                              const struct sil_schema *schema,
                                              struct sil_error *err);

/// `schema check --data`: every value outside its declared domain, up to `limit` lines of
/// "record R (line L), field F: reason" without the value, appended to `out`; then a line
/// for each rule that rows break, or do not follow, with their number. `n_problems` counts
/// all values and these rules. For the operator only.
SIL_MUST_USE sil_status sil_schema_check_data(struct sil_bytes *out,
                                              uint64_t *n_problems,
                                              const char *csv_path,
                                              const struct sil_schema *schema,
                                              const struct sil_csv_options *options,
                                              size_t limit, struct sil_error *err);

#endif
