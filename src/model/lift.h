// SPDX-License-Identifier: Apache-2.0
/// From the cells of a tile, a marginal of groups, to the cells of the table that the
/// groups are made of, and back. Both tables are row-major in one order of the attributes.
///
/// The attributes before the last make the rows of a table. A row takes its group's values
/// and gives its sums to its group as a whole, in vector loops; only what is left, one row a
/// group, is gone through value by value.
#ifndef SIL_MODEL_LIFT_H
#define SIL_MODEL_LIFT_H

#include "base/grouping.h"

#include "silhouette/status.h"

struct sil_lift {
    size_t cells;          ///< of the tile
    size_t wide_cells;     ///< of the table
    size_t n_rows;         ///< of the table
    size_t width;          ///< of its rows
    size_t n_groups;       ///< of the values of a row
    uint32_t *row_group;   ///< of each row, owned; NULL: a group of its own
    const uint32_t *group; ///< of each value of a row, borrowed; NULL: likewise
    size_t work;           ///< doubles of scratch that the two below need
};

/// The lift of a tile with the groupings of[0 .. n - 1], n > 0, of the attributes in order.
/// What they point at stays borrowed. Freed with sil_lift_clear.
/// Errors   SIL_ERR_INTERNAL (memory); `lift` is empty.
SIL_MUST_USE sil_status sil_lift_init(struct sil_lift *lift,
                                      const struct sil_grouping *of, uint32_t n,
                                      struct sil_error *err);
void sil_lift_clear(struct sil_lift *lift);

/// wide += narrow, each value of the tile to all cells of its group.
void sil_lift_add(double *wide, const struct sil_lift *lift, const double *narrow,
                  double *work);

/// narrow = the sums of wide over the groups.
void sil_lift_sum(double *narrow, const struct sil_lift *lift, const double *wide,
                  double *work);

#endif
