// SPDX-License-Identifier: Apache-2.0
/// What Mosaic chooses from: marginals of columns at levels, and their scores' public parts.
#ifndef SIL_SYNTH_MOSAIC_CANDIDATES_H
#define SIL_SYNTH_MOSAIC_CANDIDATES_H

#include "privacy/gate.h"
#include "synth/mosaic.h"
#include "synth/run.h"

/// A column; a pair at any two levels; a triple, and over more than SIL_MOSAIC_WIDE columns a
/// pair, at levels of like coarseness.
struct sil_mosaic_candidate {
    size_t table; ///< place among the run's tables, which are the local tables
    uint8_t level[SIL_MOSAIC_ATTRS];
    struct sil_counts
        *grouped; ///< owned; NULL: the run's counts, every value on its own
    uint32_t weight;
    size_t n_cells;
    int64_t *model; ///< the model's cells, frozen; in the list's block
    int64_t penalty;
    bool is_allowed;
};

/// In order of table, then of levels: a function of terms, domain and levels.
struct sil_mosaic_candidates {
    struct sil_mosaic_candidate *item;
    size_t n;
    size_t capacity;
    size_t *first; ///< of each table; n_tables + 1
    size_t n_tables;
    int64_t *block;
};

/// List the candidates and group the counts behind them. `run` and `mosaic` agree on their
/// tables; phase 1 is over. Freed with sil_mosaic_candidates_clear.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_candidates_init(struct sil_mosaic_candidates *out,
                                                   const struct sil_run *run,
                                                   const struct sil_mosaic *mosaic,
                                                   struct sil_error *err);
void sil_mosaic_candidates_clear(struct sil_mosaic_candidates *list);

/// Allow those with which the model's tree stays within `most_cells`: a candidate is
/// allowed when the tree with its columns, refined to its levels or to those of a candidate
/// that is finer in every column, does; a triple only when the pairs in it are, at the same
/// levels; columns always. Over more than SIL_MOSAIC_WIDE columns the model is a
/// forest: no triples, and of the pairs those that were measured before or join columns that no pairs join yet.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_allow(struct sil_mosaic_candidates *list,
                                         struct sil_mosaic *mosaic, uint64_t most_cells,
                                         struct sil_error *err);
void sil_mosaic_allow_all(struct sil_mosaic_candidates *list);

/// Fill the local tables of the allowed candidates from the model; the first time, all.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_fill_allowed(
    struct sil_mosaic *mosaic, const struct sil_mosaic_candidates *list,
    struct sil_error *err);

/// Freeze what the local tables say of every allowed candidate, and its penalty at this
/// noise: sum over its cells of min(half the expected noise of a cell, the model's cell).
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_freeze(struct sil_mosaic_candidates *list,
                                          const struct sil_mosaic *mosaic,
                                          const struct sil_sigma2 *sigma2,
                                          struct sil_error *err);

/// The distance of candidate `i`, as frozen, from what the model says now, of which its
/// local table is filled.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_moved(int64_t *distance,
                                         const struct sil_mosaic_candidates *list,
                                         size_t i, struct sil_mosaic *mosaic,
                                         struct sil_error *err);

/// The counts of candidate `i`.
const struct sil_counts *sil_mosaic_counts(const struct sil_mosaic_candidates *list,
                                           size_t i, const struct sil_run *run);

#endif
