// SPDX-License-Identifier: Apache-2.0
/// Rows are whole: how they are dealt to cells that expect parts of them.
#ifndef SIL_MODEL_ROUNDING_H
#define SIL_MODEL_ROUNDING_H

#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>

/// Both give each cell the whole part of what it expects or one row more, and what it
/// expects on average. Part of what a replay number promises.
enum sil_row_rounding {
    SIL_ROWS_SYSTEMATIC = 1, ///< one uniform number for all fractions of a list
    SIL_ROWS_PAIRWISE = 2    ///< fractions meet in pairs, by a word each time
};

/// Part of a row, and the cell that holds it. No part: nobody does.
struct sil_rest {
    double part; ///< in [0, 1)
    uint32_t cell;
};

/// Rows that are dealt to cells, pairwise. The rows of any set of cells are as near to what
/// the set expects as those of independent draws are, or nearer: docs/rounding.md.
struct sil_dealing {
    uint32_t *cell; ///< of each row, in the order in which they are dealt
    size_t n;       ///< rows
    size_t n_dealt;
    struct sil_word_reader *reader; ///< one word for each meeting of two parts
};

static inline void sil_deal_row(struct sil_dealing *dealing, uint32_t cell)
{
    if (dealing->n_dealt < dealing->n) {
        dealing->cell[dealing->n_dealt++] = cell;
    }
}

/// `other` becomes part of `mine` and is gone: of two parts that are less than a row one
/// cell takes both, with a chance in proportion to its own; of two that are more one cell
/// gets a row and the other keeps what is above it, so that both keep what they expect.
/// Source   Deville and Tille 1998, "Unequal probability sampling without replacement
///          through a splitting method"; Srinivasan 2001, "Distributions on level-sets".
static inline void sil_deal_rest(struct sil_dealing *dealing, struct sil_rest *mine,
                                 struct sil_rest *other)
{
    struct sil_rest met = *other;
    other->part = 0;
    if (mine->part <= 0 || met.part <= 0) {
        *mine = met.part > 0 ? met : *mine;
        return;
    }
    double both = mine->part + met.part;
    double unit = sil_word_unit(dealing->reader);
    if (both < 1) {
        mine->cell = unit * both < mine->part ? mine->cell : met.cell;
        mine->part = both;
        return;
    }
    bool is_mine = unit * (2 - both) < 1 - met.part;
    sil_deal_row(dealing, is_mine ? mine->cell : met.cell);
    mine->cell = is_mine ? met.cell : mine->cell;
    mine->part = both - 1;
}

/// The whole part of what a cell expects: no more than all rows, and none where masses too
/// small for a quotient made it no number.
static inline size_t sil_whole_rows(const struct sil_dealing *dealing, double expected)
{
    if (expected >= (double)dealing->n) {
        return dealing->n;
    }
    return expected > 0 ? (size_t)expected : 0;
}

/// A cell gets the whole part of what it expects, the fraction meets `rest`.
static inline void sil_deal(struct sil_dealing *dealing, struct sil_rest *rest,
                            uint32_t cell, double expected)
{
    size_t whole = sil_whole_rows(dealing, expected);
    double part = expected - (double)whole;
    struct sil_rest fraction = {part < 1 ? part : 0, cell};
    for (; whole > 0; whole--) {
        sil_deal_row(dealing, cell);
    }
    sil_deal_rest(dealing, rest, &fraction);
}

/// All that is expected is the number of rows: what is left in the end is one row or
/// nothing, but for rounding.
static inline void sil_deal_last(struct sil_dealing *dealing,
                                 const struct sil_rest *rest)
{
    while (dealing->n_dealt < dealing->n) {
        sil_deal_row(dealing, rest->cell);
    }
}

#endif
