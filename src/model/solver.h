// SPDX-License-Identifier: Apache-2.0
/// Estimation of potentials from noisy marginals.
///
/// Wanted: the model whose marginals mu fit best,  L = 1/2 sum (mu - y)^2 / variance,  and
/// among such models the one nearest to the product of the measured single columns. Both
/// are asked at once:
///
///   minimise over mu   1/2 sum (mu - y)^2 / s  +  KL(mu | product of singles)
///
/// with a slack s far below the variance where that is large. The dual, in the potentials
/// theta, is smooth and strictly convex and has its minimum for any y, consistent or not,
/// negative or not:
///
///   minimise   N log Z(theta) - theta y + 1/2 sum s (theta - c)^2
///
/// with c the logarithm of the counts on cells of single columns and 0 elsewhere. At the
/// minimum mu - y = s (c - theta): a cell whose noise is worth less than s counts keeps
/// what the columns' product says, which is also what a next sample would want.
#ifndef SIL_MODEL_SOLVER_H
#define SIL_MODEL_SOLVER_H

#include "model/graphical_model.h"
#include "model/oracle.h"

/// Vectors in the layout of the oracle; padding holds y = 0, precision = 0, slack = 1,
/// centre = 0.
struct sil_problem {
    struct sil_oracle *oracle; ///< borrowed
    double *y;
    double *precision; ///< 1 / variance
    double *slack;     ///< s
    double *centre;    ///< c
};

/// L at the oracle's marginals.
double sil_problem_loss(const struct sil_problem *problem);

/// Minimise the dual from `theta` by a limited-memory quasi-Newton method. At the end the
/// oracle is calibrated for `theta`. `report` counts up.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_solve(double *theta, const struct sil_problem *problem,
                                  const struct sil_fit_limits *limits,
                                  struct sil_fit_report *report, struct sil_error *err);

/// The safe and slow way: mirror descent on L, each step along -alpha grad L, accepted only
/// if it lowers L enough. The same ending as sil_solve.
/// Errors   SIL_ERR_INTERNAL (memory).
/// Source   McKenna, Sheldon, Miklau 2019, "Graphical-model based estimation and inference
///          for differential privacy", algorithm 1, with an Armijo rule that scales with
///          the step.
SIL_MUST_USE sil_status sil_descend(double *theta, const struct sil_problem *problem,
                                    const struct sil_fit_limits *limits,
                                    struct sil_fit_report *report,
                                    struct sil_error *err);

#endif
