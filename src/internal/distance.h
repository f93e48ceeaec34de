// SPDX-License-Identifier: Apache-2.0
/// How far a marginal of one table is from the same marginal of another.
///
/// The total variation distance, half of the sum over all cells of |p - q|, each table
/// normalised by its own number of rows: 0 for equal marginals, 1 for marginals that share
/// no cell. Computed from integers, so that it is the same on every machine.
#ifndef SIL_INTERNAL_DISTANCE_H
#define SIL_INTERNAL_DISTANCE_H

#include "base/codes.h"
#include "internal/resample.h"

#include "silhouette/progress.h"

#include <math.h>

/// In the place of a figure: there is nothing to compare. A double, which NAN is not.
#define SIL_NO_FIGURE ((double)NAN)

/// Rows `first` to `first + n - 1` of a table.
struct sil_slice {
    const struct sil_codes *codes; ///< borrowed
    size_t first;
    size_t n;
};

/// Prefixes that a report compares at most.
enum { SIL_PREFIXES = 11 };

/// The true rows, and all that is held against them.
struct sil_versus {
    const struct sil_domain *domain;
    struct sil_slice truth;
    struct sil_slice synthetic;
    const struct sil_resamples *resamples; ///< of all rows of truth.codes
    size_t n_prefixes;                   ///< the first rows of `truth`, in random order
    size_t prefix[SIL_PREFIXES];         ///< how many; 0: none
    unsigned n_threads;                  ///< 0: all
    const struct sil_progress *progress; ///< NULL: silence
};

/// Distances from the true rows. Of what has no rows: SIL_NO_FIGURE.
struct sil_distances {
    double synthetic;
    double resampled; ///< mean over the resamples that have rows
    double prefix[SIL_PREFIXES];
};

/// Compare `n` marginals, each of at most SIL_REPORT_CELLS_MAX cells. Does not depend on
/// the threads. `truth` has rows.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_distances_measure(struct sil_distances *out,
                                              const struct sil_versus *versus,
                                              const struct sil_clique *cliques,
                                              size_t n, struct sil_error *err);

/// The cell of each row of a slice in a marginal of fewer than 2^32 cells.
void sil_slice_cells(uint32_t *cell, const struct sil_slice *slice,
                     const struct sil_domain *domain, const struct sil_clique *clique);

/// Add each row to its cell, `weight` times or, where it is NULL, once.
void sil_cells_count(uint32_t *table, const uint32_t *cell, const uint32_t *weight,
                     size_t n);

/// How often rows first .. first + n - 1 are in a resample.
uint64_t sil_weight_total(const uint32_t *weight, size_t n);

#endif
