// SPDX-License-Identifier: Apache-2.0
/// Columns that follow from others of their row: docs/schema.md has them in words.
///
/// Such a column is declared, stands in the file and in the output, and is no attribute of
/// the domain: nothing of it is measured. It is written after sampling, as a function of
/// what is written in the columns that it comes from. What the private table has there is
/// not looked at at all, so that the map from rows to codes stays row-local.
#ifndef SIL_TABLE_RECOMPUTED_H
#define SIL_TABLE_RECOMPUTED_H

#include "codec/json.h"
#include "table/problems.h"
#include "table/value_test.h"

/// Columns that one is recomputed from, at most.
enum { SIL_RECOMPUTED_SOURCES = 8 };

/// A cell of a row, and where it is a bin, the value there.
struct sil_shown {
    uint32_t code;
    sil_i128 value; ///< scaled as the field's bins
};

struct sil_recomputed {
    char *said; ///< "region from city"
    uint32_t attr;
    uint32_t source[SIL_RECOMPUTED_SOURCES];
    size_t n_sources;

    uint32_t n_values;    ///< listed values of the source, or intervals between cuts
    uint32_t *value;      ///< of each the cell of `attr`
    struct sil_test *cut; ///< values from a cut on, ascending
    size_t n_cuts;        ///< one less than intervals; 0: values are listed
    bool is_sum; ///< constant + factor[k] times source[k], a value of a bin of `attr`
    sil_i128 constant;
    sil_i128 factor[SIL_RECOMPUTED_SOURCES];
    sil_i128 *key[SIL_RECOMPUTED_SOURCES]; ///< of listed values; NULL: there are bins

    uint32_t null_value;    ///< what a missing value gives
    uint32_t other_value;   ///< what `other` gives
    uint32_t default_value; ///< what a value that was found gives
};

/// Is this a rule that recomputes a column, rather than one that rows can break?
bool sil_recomputed_is_rule(const json_t *rule);

/// The name of the column that a rule recomputes; NULL when it is no such rule, or does not
/// say. Borrowed.
const char *sil_recomputed_name(const json_t *rule);

/// Read the rules of the list that recompute columns, over fields that stand; each problem
/// is noted with its place. `out` has room for one a column that is recomputed; column
/// n_fields + k is out[k].
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_recomputed_declare(struct sil_recomputed *out,
                                               const json_t *rules,
                                               const struct sil_schema *schema,
                                               struct sil_problems *problems,
                                               struct sil_error *err);
void sil_recomputed_clear(struct sil_recomputed *recomputed);

/// What a map or ranges give for a cell of the column that they are of, whose field this is,
/// and where the cell is a bin, for this value of it. Pre  it is no sum.
uint32_t sil_recomputed_map(const struct sil_recomputed *recomputed,
                            const struct sil_field *from, uint32_t code,
                            sil_i128 value);

/// The cell that the column has in a row. shown[k] is the row's cell in source[k].
/// @param[out] value   where the cell is a bin: what is written, scaled as the field's bins.
uint32_t sil_recomputed_code(sil_i128 *value, const struct sil_recomputed *recomputed,
                             const struct sil_schema *schema,
                             const struct sil_shown *shown);

#endif
