// SPDX-License-Identifier: Apache-2.0
/// From noisy counts of intervals to bins: what learning the bins of a field asks for next,
/// and what it makes of the answers. Post-processing in exact integers; a replay tells it
/// again.
///
/// A tree of Gaussian measurements, one a level. Each level counts a partition of the
/// field's leaves (and `other` and null): the first one equal runs of leaves, 128 at most;
/// the next ones cut each interval that holds more than a quarter of a bin's share into up
/// to 64, down to single leaves. So every level is a marginal of groups and costs what one
/// costs, whatever it found before (docs/privacy.md, theorems 2b and 4c), and a field of
/// 131,072 leaves takes three. At last the intervals are joined from left to right until
/// each bin holds its share; a leaf that holds one by itself is a bin by itself. The intervals
/// stay as the parts of their bins, each with what was counted in it for its weight.
#ifndef SIL_SYNTH_LEARNING_H
#define SIL_SYNTH_LEARNING_H

#include "privacy/units.h"
#include "table/schema.h"

/// Levels that a tree has at most.
#define SIL_TREE_LEVELS_MAX 3

/// How many levels the tree of a field has. Pre  the field learns its bins.
unsigned sil_tree_levels(const struct sil_field *field);

/// How many bins it may end in, atoms aside.
uint32_t sil_tree_bins_max(const struct sil_field *field);

/// A field on its way to its bins.
struct sil_learning {
    const struct sil_field *field; ///< borrowed
    unsigned n_levels;
    unsigned level;   ///< that is measured next; n_levels: the bins are known
    uint32_t *first;  ///< owned: the first leaf of each interval
    uint64_t *weight; ///< owned: of each interval what is in it, in steps of the noise;
                      ///< of one that is not measured yet, of what it was cut from
    uint32_t *cut;    ///< owned: the first of those cut from one: their number; NULL:
                      ///< none was cut
    uint32_t n;       ///< intervals
    uint32_t *bin;    ///< owned: of each bin its first interval
    uint32_t n_bins;
    uint32_t n_extra; ///< cells behind them: `other`, null
    int64_t clear; ///< four standard deviations of the noise, in its steps, rounded up
};

/// @param sigma2   of the noise on each count of a level.
/// Errors   SIL_ERR_INTERNAL (memory). To be cleared always.
SIL_MUST_USE sil_status sil_learning_begin(struct sil_learning *out,
                                           const struct sil_field *field,
                                           const struct sil_sigma2 *sigma2,
                                           struct sil_error *err);
void sil_learning_clear(struct sil_learning *learning);

/// Cells of the level that is measured next: the intervals, `other`, null.
uint32_t sil_learning_cells(const struct sil_learning *learning);

/// The cell of each code of the field in that level: `group` has room for all codes.
uint32_t sil_learning_n_codes(const struct sil_learning *learning);
void sil_learning_group(uint32_t *group, const struct sil_learning *learning);

/// Take the noisy counts of that level, numerators over the grid of their noise. After the
/// last level the bins are known.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_learning_take(struct sil_learning *learning,
                                          const int64_t *noisy, struct sil_error *err);

/// What was learnt. Borrows. Pre  the last level was taken.
struct sil_learnt sil_learning_result(const struct sil_learning *learning);

#endif
