// SPDX-License-Identifier: Apache-2.0
/// What the search works on: its targets in integers, and the rows in a layout for it.
#ifndef SIL_MODEL_SEARCH_TABLES_H
#define SIL_MODEL_SEARCH_TABLES_H

#include "model/search.h"

/// One cell of a target. With S = 2^k the unit of counts, T the target scaled to n rows
/// and h the rows there now:
///   diff = S h - round(S T);  weight = round(2^s u / (T + 1)), and SIL_NO_ROWS when T = 0.
/// k <= 8 and s <= 20 are the largest with n S < 2^31 and 2^(k + s + 3) (n + 1) U <
/// 2^63, U the largest sum of u over the targets that share an attribute: no change of
/// the objective leaves 64 bits. A row more in the cell changes the objective by weight
/// (S + 2 diff), a row less by weight (S - 2 diff), in units of 2^-(k + s).
struct sil_search_cell {
    int32_t diff;
    uint32_t weight;
};

#define SIL_NO_ROWS (UINT32_C(1) << 31)

/// A target seen from one of its attributes. The cell of a row is
///   first + code step + row[column[0]] other_step[0] + row[column[1]] other_step[1]
/// where attributes that the target does not have step by 0.
struct sil_face {
    uint32_t first;
    uint32_t step;
    uint32_t column[2];
    uint32_t other_step[2];
};

/// The attributes of the targets are numbered anew, as columns.
struct sil_search {
    struct sil_codes *codes;       ///< borrowed; the rows as they are now
    struct sil_search_cell *cells; ///< cell 0 is empty; then the targets one by one
    size_t n_cells;
    uint32_t *rows; ///< the codes again, row by row
    size_t n_rows;
    size_t stride; ///< from one row to the next, at least n_columns
    uint32_t n_columns;
    uint32_t *attr;         ///< of each column
    struct sil_face *faces; ///< column by column
    size_t *first_face;     ///< n_columns + 1 starts into them
    uint32_t *movable;      ///< columns in which a move can change something
    uint32_t n_movable;
    uint32_t *swappable; ///< columns in which a swap can
    uint32_t n_swappable;
    unsigned unit_bits;   ///< k
    unsigned weight_bits; ///< s
};

struct sil_search_targets {
    const struct sil_target *list;
    size_t n;
};

/// Number the columns, scale the targets and count the rows in them.
/// Errors   SIL_ERR_USAGE: 2^31 rows or 2^32 cells or more; SIL_ERR_INTERNAL (memory).
/// In any case cleared with sil_search_clear.
SIL_MUST_USE sil_status sil_search_init(struct sil_search *s, struct sil_codes *codes,
                                        const struct sil_domain *domain,
                                        const struct sil_search_targets *targets,
                                        unsigned n_threads, struct sil_error *err);
void sil_search_clear(struct sil_search *s);

/// What a row less, or a row more, in a cell adds to the objective.
static inline int64_t sil_search_less(struct sil_search_cell cell, unsigned unit_bits)
{
    return (int64_t)(cell.weight & ~SIL_NO_ROWS) *
           ((INT64_C(1) << unit_bits) - 2 * (int64_t)cell.diff);
}

static inline int64_t sil_search_more(struct sil_search_cell cell, unsigned unit_bits)
{
    return (int64_t)(cell.weight & ~SIL_NO_ROWS) *
           ((INT64_C(1) << unit_bits) + 2 * (int64_t)cell.diff);
}

#endif
