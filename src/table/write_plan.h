// SPDX-License-Identifier: Apache-2.0
/// How the columns of a CSV file are written, worked out once and used for every row.
///
/// Texts that stand for a whole cell are kept quoted and with what follows them in the
/// line, so that writing one is one copy; only values of bins are made row by row.
#ifndef SIL_TABLE_WRITE_PLAN_H
#define SIL_TABLE_WRITE_PLAN_H

#include "codec/csv.h"
#include "table/field.h"
#include "table/recomputed.h"

/// A part of sil_write_plan.texts.
struct sil_cell_text {
    size_t offset;
    size_t length;
};

struct sil_column_plan {
    const struct sil_field *field;
    uint32_t attr;                           ///< the number of the column
    const struct sil_recomputed *recomputed; ///< NULL: the rows have codes of it
    uint32_t
        source[SIL_RECOMPUTED_SOURCES]; ///< places in the plan of what it comes from
    uint32_t n_bins;            ///< cells below are bins, the others have a text
    bool has_words;             ///< some of its cells are drawn from a word
    uint32_t slot;              ///< of such a column its place among them
    bool may_need_quotes;       ///< values of bins can contain the delimiter
    char behind;                ///< the delimiter or the end of the line
    struct sil_cell_text *text; ///< of cell n_bins, n_bins + 1, ...
    struct sil_cell_text
        *expanded; ///< of each value that `other` is written as; NULL: none
};

struct sil_write_plan {
    const struct sil_schema *schema; ///< borrowed
    uint32_t n;
    struct sil_column_plan *column; ///< in the order of the file
    uint32_t n_slots;
    char delimiter;
    size_t row_bytes; ///< that sil_write_plan_row touches at most
    struct sil_bytes texts;
};

/// Plan a file of these columns: the numbers of all columns in the order of the file, or
/// NULL for the schema's order. An empty text that is a whole line is quoted too: many
/// readers skip blank lines.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is empty.
SIL_MUST_USE sil_status sil_write_plan_init(struct sil_write_plan *out,
                                            const struct sil_schema *schema,
                                            const uint32_t *order, char delimiter,
                                            struct sil_error *err);

/// An empty one is accepted.
void sil_write_plan_clear(struct sil_write_plan *plan);

/// Write the cell `code` of a column with what follows it, and return the end. Bytes behind
/// the end may be written as well, up to row_bytes from the start of the row.
char *sil_write_plan_put(char *out, const struct sil_write_plan *plan,
                         const struct sil_column_plan *column, uint32_t code,
                         uint64_t word);

/// The same of a column that is recomputed; shown[k] is what the row has in source[k].
char *sil_write_plan_recompute(char *out, const struct sil_write_plan *plan,
                               const struct sil_column_plan *column,
                               const struct sil_shown *shown, uint64_t word);

#endif
