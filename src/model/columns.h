// SPDX-License-Identifier: Apache-2.0
/// Single columns after the noise, and groupings of their values: post-processing.
#ifndef SIL_MODEL_COLUMNS_H
#define SIL_MODEL_COLUMNS_H

#include "base/grouping.h"

#include "silhouette/status.h"

#include <stdbool.h>

/// A measured column. Values 0 .. n_ordered - 1 stand in an order that means something
/// (numbers, dates, ordered categories); the rest (an unordered column: all) do not.
struct sil_column {
    uint32_t n_values;
    uint32_t n_ordered;
    double variance;  ///< of each cell's noise
    bool is_averaged; ///< ordered values: over all ways to cut them, not the best one
};

/// Replace `x` by the nearest vector with cells of at least 0 whose sum is `total` > 0, in
/// the distance that counts squares by their `weight` (NULL: Euclid's).
/// Errors   SIL_ERR_INTERNAL (memory).
/// Source   Held, Wolfe, Crowder 1974; the threshold by sorting.
SIL_MUST_USE sil_status sil_project_on_total(double *x, const double *weight, size_t n,
                                             double total, struct sil_error *err);

/// Clean the noisy counts `y` of a column into `p`, counts above 0 that add up to `total`
/// > 0: ordered values are replaced by the best piecewise constant fit, or by the mean over
/// all of them (model/column_runs.h; more than 4,096 ordered values stay as they are),
/// unordered ones below 0.7 sqrt(6 variance) are replaced by their mean; then the nearest vector
/// without negative cells whose sum is the total, cells of at least 0.02, rescaled to the
/// total. Deterministic to the bit.
/// @param weight   of each value: its variance is the column's over this; NULL, or 1 of
///                 an ordered one: the column's.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_column_clean(double *p, const double *y,
                                         const double *weight,
                                         const struct sil_column *column, double total,
                                         struct sil_error *err);

#define SIL_LEVELS_MAX 8

/// Nested groupings of one column, finest first; level[0] is the identity.
struct sil_levels {
    uint32_t n; ///< at least 1
    struct sil_grouping level[SIL_LEVELS_MAX];
    uint32_t *memory; ///< owned
};

/// Levels from one sequence of merges: the group of least mass (ties: the lower index of
/// its first value) joins its lighter neighbour (ordered; ties: the left one) or the next
/// lightest unordered group, until every group has at least total / parts[i] mass; there a
/// level is noted, for parts[0] > parts[1] > ..., n_parts < SIL_LEVELS_MAX. Ordered and
/// unordered values are merged with their own kind first: when the ordered are down to one
/// group, it counts as unordered; an unordered group without another one waits until then,
/// whatever its mass. A level equal to the one before it, or of one group, is left out.
/// Groups are numbered by their lowest value. Freed with sil_levels_clear.
/// @param mass   of each value, >= 0: integers, so that equal means equal; their sum is
///               below 2^63.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_levels_init(struct sil_levels *out, const int64_t *mass,
                                        const struct sil_column *column,
                                        const uint32_t *parts, uint32_t n_parts,
                                        struct sil_error *err);
void sil_levels_clear(struct sil_levels *levels);

/// Split the groups of every level so that each has values of one class only; a level that is
/// then equal to the one before it is left out. They stay nested, numbered as above.
/// @param class   of each value, below n_classes.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_levels_split(struct sil_levels *levels,
                                         const uint32_t *class, uint32_t n_classes,
                                         struct sil_error *err);

#endif
