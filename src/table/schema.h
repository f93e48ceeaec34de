// SPDX-License-Identifier: Apache-2.0
/// The inside of a schema: fields, and the row-local maps between text and codes.
///
/// Every field maps any text to a cell (or says that the row is dropped) by looking at
/// that text alone: the map is total and row-local, so a table differing in one row
/// differs in one row of codes. Null and `other` are ordinary cells.
#ifndef SIL_TABLE_SCHEMA_H
#define SIL_TABLE_SCHEMA_H

#include "base/bytes.h"
#include "base/clique.h"
#include "base/words.h"
#include "privacy/gate.h"

#include "silhouette/schema.h"

#include <stdbool.h>

struct sil_field;

/// The code that encoding gives when the row is to be dropped.
#define SIL_CODE_DROP UINT32_MAX

/// Columns of the file: the fields, which are the attributes of the domain, then those that
/// are recomputed from others of their row. Each kind is in the schema's order; names, cells
/// and sil_schema_field are of all columns.
uint32_t sil_schema_n_columns(const struct sil_schema *schema);

/// Where the schema lists a column.
uint32_t sil_schema_position(const struct sil_schema *schema, uint32_t column);

/// How a column is recomputed; NULL of a field. Borrowed.
struct sil_recomputed;
const struct sil_recomputed *sil_schema_recomputed(const struct sil_schema *schema,
                                                   uint32_t column);

/// Why a column that sil_schema_find gave is no attribute, in words; NULL when it is one.
/// Static storage.
const char *sil_schema_no_attribute(const struct sil_schema *schema, uint32_t column);

/// The domain: one attribute a field, in the schema's order. Borrowed from the schema.
struct sil_domain sil_schema_domain(const struct sil_schema *schema);

const struct sil_field *sil_schema_field(const struct sil_schema *schema,
                                         uint32_t field);

/// The exact JSON text that was parsed: what the model file keeps. Borrowed.
void sil_schema_text(const char **json, size_t *length,
                     const struct sil_schema *schema);

/// The code of a cell's text, or SIL_CODE_DROP. Total: any bytes, any length; no error.
/// @param text   not terminated; without CSV quoting.
uint32_t sil_field_encode(const struct sil_field *field, const char *text,
                          size_t length);

/// Is this text a declared value, a declared mark of null or the declared text of
/// `other`? If not, it meets a policy (clamp, other, null, drop). For `schema check --data`, which reports to the operator only.
bool sil_field_accepts(const struct sil_field *field, const char *text, size_t length);

/// Why `sil_field_accepts` says no, in words that are the same for every value ("above the
/// maximum"); NULL when it says yes. Static storage.
const char *sil_field_complaint(const struct sil_field *field, const char *text,
                                size_t length);

/// Append the text of a value in cell `code`: one drawn from the cell (sil_bins_draw), at the
/// field's declared granularity, as a function of `word` (64 uniform bits) alone. Never
/// adds CSV quotes. `sil_field_encode` of the text gives `code` again, always.
SIL_MUST_USE sil_status sil_field_decode(struct sil_bytes *out,
                                         const struct sil_field *field, uint32_t code,
                                         uint64_t word, struct sil_error *err);

/// What `other` is written as in synthetic rows instead of its text: so many declared
/// values, in ascending order; none where the schema does not say. Borrowed.
size_t sil_field_n_expanded(const struct sil_field *field);
const char *sil_field_expanded(const struct sil_field *field, size_t i);

/// True when the cell stands for null / for `other`.
bool sil_field_is_null(const struct sil_field *field, uint32_t code);
bool sil_field_is_other(const struct sil_field *field, uint32_t code);

/// How many cells, from the first on, stand in an order that means something: the bins, or
/// the listed values, of numbers, dates and booleans; 0 for listed strings. `other` and null
/// stand outside any order.
uint32_t sil_field_ordered_cells(const struct sil_field *field);

/// Append one line of words about what is declared about the field that the guarantee
/// does not cover: its policy, its bounds, and whether its origin is "looked".
SIL_MUST_USE sil_status sil_field_describe(struct sil_bytes *out,
                                           const struct sil_field *field,
                                           struct sil_error *err);

/// `"open": true`: does the field have values that the schema does not list? Until they are
/// known (sil_schema_settle) such a value is encoded as `other`.
bool sil_field_is_open(const struct sil_field *field);
bool sil_field_is_settled(const struct sil_field *field);

/// Of an open field the number of values that the schema lists; those found follow.
uint32_t sil_field_n_declared(const struct sil_field *field);

/// May this text be found: it is no listed value, no mark of null, not the text of `other`,
/// has at most SIL_OPEN_BYTES_MAX bytes, is UTF-8 and has no control character? A rule that
/// looks at the text alone. False of a field that is not open.
bool sil_field_may_find(const struct sil_field *field, const char *text, size_t length);

#define SIL_OPEN_BYTES_MAX 256

/// How many fields are open.
uint32_t sil_schema_n_open(const struct sil_schema *schema);

/// Add to an open field, once, the values that were found, in ascending order of bytes:
/// they become cells behind the listed values, with `other` and null behind them. The text
/// of the schema stays as it was parsed.
/// Errors   SIL_ERR_INPUT: not open, settled already, a value that may not be found or is
///          out of order, too many cells: the schema is then only to be freed.
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_schema_settle(struct sil_schema *schema, uint32_t field,
                                          const struct sil_found *found, size_t n,
                                          struct sil_error *err);

/// `"bins": {"private": N}`: are the bins to be learnt from the rows? Until they are settled
/// a value has the code of its leaf, the finest interval that a bin can be made of; `other`
/// and null stand behind the leaves, and the field counts as many cells as bins are wanted.
bool sil_field_learns_bins(const struct sil_field *field);
uint32_t sil_field_bins_wanted(const struct sil_field *field);
uint32_t sil_field_n_leaves(const struct sil_field *field);

/// Cells that such a field may come to have, when at most `n_bins` are learnt and its atoms
/// cut out of them; any other field has what it has.
struct sil_cell_range {
    uint32_t least;
    uint32_t most;
};

struct sil_cell_range sil_field_cell_range(const struct sil_field *field,
                                           uint32_t n_bins);

/// Cells behind the values or bins: `other` and null, as far as the field has them.
uint32_t sil_field_n_extra(const struct sil_field *field);

/// What was learnt: bins, each of one part or of several, and how heavy the parts are.
struct sil_learnt {
    uint32_t n;
    const uint32_t *first; ///< of each bin the number of its first part
    uint32_t n_parts;
    const uint32_t *leaf;   ///< of each part its first leaf
    const uint64_t *weight; ///< within a bin, below 2^44; all of a bin 0: as its values
};

/// Give such a field its bins, once. Values of a bin are drawn from its parts by weight, and
/// uniformly in a part.
/// Errors   SIL_ERR_INPUT: not such a field, settled already, no partition of its leaves, or
///          with these bins there are too many cells. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_schema_settle_bins(struct sil_schema *schema,
                                               uint32_t field,
                                               const struct sil_learnt *learnt,
                                               struct sil_error *err);

/// Has the field bins of more than one value, known by now?
bool sil_field_has_wide_bins(const struct sil_field *field);

/// Let values within the bins of such a field follow what all its bins weigh
/// (sil_bins_set_slopes). Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_schema_set_slopes(struct sil_schema *schema, uint32_t field,
                                              const uint64_t *mass,
                                              struct sil_error *err);

/// `"origin": "looked"`: guessed by `schema draft --look`.
bool sil_field_was_looked_at(const struct sil_field *field);

/// Look up a column, a recomputed one too; UINT32_MAX when there is none of this name.
uint32_t sil_schema_find(const struct sil_schema *schema, const char *name,
                         size_t length);

/// Append a draft schema from a CSV header (and, with `look`, from the rows, marked).
/// `mbi`: from the JSON text of an mbi domain.json. Both are JSON texts to edit.
/// @param[out] n_doubtful   names that look like values (a number, a date, empty, seen
///                          before): of a file without header they are a row, which would
///                          become public. The draft says so as well.
struct sil_csv_options;
SIL_MUST_USE sil_status sil_schema_draft(struct sil_bytes *out, size_t *n_doubtful,
                                         const char *csv_path,
                                         const struct sil_csv_options *options,
                                         bool look, struct sil_error *err);
SIL_MUST_USE sil_status sil_schema_import_mbi(struct sil_bytes *out, const char *json,
                                              size_t length, struct sil_error *err);

/// Every problem of a schema text, one a line with its place ("fields[3].bins: ..."),
/// appended to `out`; `n_problems` counts them. A text that is not JSON is one problem.
SIL_MUST_USE sil_status sil_schema_explain(struct sil_bytes *out, size_t *n_problems,
                                           const char *json, size_t length,
                                           struct sil_error *err);

#endif
