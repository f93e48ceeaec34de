// SPDX-License-Identifier: Apache-2.0
/// Rows fitted to tables by local search, and rows of groups opened into rows of
/// values.
#ifndef SIL_MODEL_SEARCH_H
#define SIL_MODEL_SEARCH_H

#include "base/codes.h"
#include "base/grouping.h"
#include "base/words.h"
#include "model/graphical_model.h"

#include "silhouette/progress.h"
#include "silhouette/status.h"

/// Open groups: replace the codes of `groups`, whose attribute a holds groups of of[a],
/// by values over `domain`. Within each group the values get their share of its rows in
/// proportion to column[a] (counts above 0), rounded as `draw` says, and are dealt to
/// the rows in random order. A function of the arguments and of draw's words and rounding.
/// @param[out] codes   initialised by this call; freed with sil_codes_clear.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_open_groups(
    struct sil_codes *codes, const struct sil_codes *groups,
    const struct sil_domain *domain, const struct sil_grouping *of,
    const double *const *column, const struct sil_draw *draw, struct sil_error *err);

/// A table that the rows shall come near to.
struct sil_target {
    struct sil_clique clique; ///< 1 to 3 attributes
    const double *table;      ///< of any total > 0; 0: no row may fall there
    uint32_t weight;          ///< u, 1 to 100
};

struct sil_search_effort {
    uint64_t n_moves;  ///< proposals to change one value of one row
    uint64_t n_swaps;  ///< proposals to exchange two rows' values in one column
    uint64_t n_copies; ///< proposals to make one row like another
};

/// Change the rows so that  sum over targets u sum over cells (h - T)^2 / (T + 1)
/// falls, h the rows' counts and T the table scaled to the number of rows. A move gives
/// a random row, in a random attribute, the value that another random row has there.
/// Halfway through the moves come the copies, which make a random row like another one
/// (model/search_copies.h). At the end swaps of two rows' values, which leave every single
/// column as it is.
///
/// Integers decide: S (h - T) in 32 bits and round(2^20 u / (T + 1)) as weight, S = 256
/// (less from 2^23 rows on: model/search_tables.h), the change of the objective in 64
/// bits.
///
/// Proposals come in runs of 512, the last one shorter. A run has one attribute: of
/// those that a target holds and that have two values or more (for swaps, targets of
/// two attributes or more), in ascending order, the sil_word_below-th. Then one word
/// gives both rows of each proposal, the changed one first (model/search_run.c). What
/// would not lower the objective as the run finds the rows is dropped; the others are
/// judged one after the other against the rows that the one before it left, and made
/// when the objective falls. A proposal that adds a row to a cell where some table is 0
/// is never made. Threads change nothing. A function of (codes, targets in their order,
/// effort, words) alone.
/// Errors   SIL_ERR_USAGE: 2^31 rows or 2^32 cells or more; SIL_ERR_INTERNAL (memory). The
///          rows are then as they were.
SIL_MUST_USE sil_status sil_search(struct sil_codes *codes,
                                   const struct sil_domain *domain,
                                   const struct sil_target *targets, size_t n,
                                   const struct sil_search_effort *effort,
                                   struct sil_words words, unsigned n_threads,
                                   const struct sil_progress *progress,
                                   struct sil_error *err);

/// Bytes that the search takes for a row in so many attributes, beside its codes.
size_t sil_search_row_bytes(uint32_t n_attrs);

#endif
