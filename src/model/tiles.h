// SPDX-License-Identifier: Apache-2.0
/// Estimation from marginals of groups: the dual of a regularised fit.
///
/// A tile is a measured marginal whose attributes may be grouped more coarsely than the
/// model's. Wanted, over the marginals mu of the model and sums over groups of them:
///
///   minimise over theta   N log Z(theta) - theta y + 1/2 sum s (theta - c)^2
///
/// where theta has a value for each cell of each tile, and the logarithm of the model's
/// weight of a row is the sum over the tiles of the theta of the row's cell. Strictly convex
/// for s > 0: one minimum for any y, consistent or not, where mu - y = s (c - theta).
///
/// Source   the dual of least squares with a penalty on the Kullback-Leibler divergence
///          from the product of single columns; model/solver.h has the primal.
#ifndef SIL_MODEL_TILES_H
#define SIL_MODEL_TILES_H

#include "base/grouping.h"
#include "model/graphical_model.h"

/// A marginal of groups, and what is fitted to it. All vectors have n_cells values.
struct sil_tile {
    struct sil_clique clique; ///< not empty
    const struct sil_grouping
        *of; ///< of the model's values, clique.n; NULL: as they are
    size_t n_cells;
    const double *y;      ///< in counts; negative values are normal
    const double *slack;  ///< s > 0
    const double *centre; ///< c
    double *theta;        ///< in: where to start; out: the potentials found
};

/// Fit `model` to the tiles (any order; several of one clique allowed). What the model held
/// before is dropped: a warm start is in the tiles' theta. Afterwards the model is
/// calibrated, and its potentials are, for each distinct clique, the sums of the thetas by
/// cell of the model's own values: sil_gm_potential, sil_gm_from_potentials.
/// A function of (domain, total, tiles in their order with their theta, limits without
/// n_threads) alone, to the bit. limits->tolerance: the fit ends when
/// |gradient . direction| falls below tolerance x total. report->loss is
/// 1/2 sum (mu - y)^2 / s.
/// Errors   SIL_ERR_USAGE: the cliques need a tree node of more than SIL_CLIQUE_MAX
///          attributes. SIL_ERR_INTERNAL (memory). The model and theta are then as before.
SIL_MUST_USE sil_status sil_gm_fit_tiles(struct sil_graphical_model *model,
                                         double total, const struct sil_tile *tiles,
                                         size_t n, const struct sil_fit_limits *limits,
                                         struct sil_fit_report *report,
                                         struct sil_error *err);

#endif
