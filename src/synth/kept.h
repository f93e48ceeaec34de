// SPDX-License-Identifier: Apache-2.0
/// Noisy counts of the values that were found in open columns, as evidence of the model.
///
/// A count is known there only because with its noise it reached the threshold T: given that,
/// it is distributed as N(c, s^2) cut off below T, and stands too high where the true count c
/// is not far above T. Together with what the column's own measurement says of c, whose noise
/// is independent, the count that makes both most likely is taken, and what both tell of it is
/// its weight. Post-processing of what the gate released; from replay 3 on.
#ifndef SIL_SYNTH_KEPT_H
#define SIL_SYNTH_KEPT_H

#include "privacy/gate.h"
#include "table/schema.h"

/// The values found in one column. The grid of the noise is far below its deviation, and not
/// looked at.
struct sil_kept {
    uint32_t attr;
    uint32_t first; ///< cell of the first one; the others follow
    size_t n;
    double *noisy; ///< owned
    double deviation;
    double threshold;
};

/// `{0}` is an empty list.
struct sil_kept_list {
    struct sil_kept *item;
    size_t n;
    size_t capacity;
};

/// Append a discovery. Pre  the schema is settled by it. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_kept_add(struct sil_kept_list *list,
                                     const struct sil_schema *schema,
                                     const struct sil_discovery *discovery,
                                     struct sil_error *err);
void sil_kept_clear(struct sil_kept_list *list);

/// What was kept of a column; NULL: nothing, or `list` is NULL.
const struct sil_kept *sil_kept_of(const struct sil_kept_list *list, uint32_t attr);

/// What is known of the columns beside their measurements, from replay 3 on; borrowed.
struct sil_known {
    const struct sil_schema *schema;  ///< which of their cells stand in an order
    const struct sil_kept_list *kept; ///< NULL: nothing
};

/// Replace the cells of `y`, each measured with `variance`, by the most likely counts, at
/// least 0, and their `weight`, 1 each, by what is known of them in units of 1 / variance:
/// the Fisher information of both at that count. Cells that were not found stay.
/// Source   Cohen 1950, "Estimating the mean and variance of normal populations from singly
///          truncated samples".
void sil_kept_join(double *y, double *weight, double variance,
                   const struct sil_kept *kept);

#endif
