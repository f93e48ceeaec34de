// SPDX-License-Identifier: Apache-2.0
/// The dual of model/tiles.h and its minimum.
#ifndef SIL_MODEL_DUAL_H
#define SIL_MODEL_DUAL_H

#include "model/graphical_model.h"
#include "model/lift.h"
#include "model/oracle.h"

/// A tile in the vectors of the dual, and the potential of the oracle that it adds to.
struct sil_placed {
    struct sil_lift lift;
    size_t offset; ///< in the vectors of the dual
    size_t factor; ///< of the oracle
};

/// Vectors hold the tiles one after another, each padded to whole cache lines; padding holds
/// y = 0, slack = 1, centre = 0, mu = 0.
struct sil_dual {
    struct sil_oracle *oracle; ///< borrowed
    double *wide;              ///< the potentials of the oracle, borrowed
    struct sil_placed *tiles;
    size_t n;
    const size_t *order; ///< of the tiles, ascending by factor; borrowed
    size_t length;       ///< of the vectors
    double *y;
    double *slack;
    double *centre;
    double *mu;     ///< sums of the oracle's marginals over the groups
    double *work;   ///< scratch of the lifts
    double *narrow; ///< room for one tile
};

/// Minimise the dual from `theta` by a limited-memory quasi-Newton method, until
/// |gradient . direction| falls below tolerance x total or oracles run out. At the end `wide`
/// is the sum of the potentials, the oracle is calibrated for it, and `mu` is its. `report`
/// counts up.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_dual_minimise(double *theta, struct sil_dual *dual,
                                          const struct sil_fit_limits *limits,
                                          struct sil_fit_report *report,
                                          struct sil_error *err);

#endif
