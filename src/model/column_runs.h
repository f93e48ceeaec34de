// SPDX-License-Identifier: Apache-2.0
/// Noisy values in an order that means something, cut into runs of equal expectation. For
/// model/columns.c.
#ifndef SIL_MODEL_COLUMN_RUNS_H
#define SIL_MODEL_COLUMN_RUNS_H

#include "silhouette/status.h"

#include <stdint.h>

/// Of a further run, in variances. A way to cut costs the squared distance of the values
/// from the means of their runs over the variance, and this for each run.
static const double SIL_RUN_COST = 6;

/// Replace the n values of `y` by the means of the runs of the cheapest way to cut them;
/// ties go to fewer runs, then to the leftmost cut. Time n^2.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_fit_runs(double *y, uint32_t n, double variance,
                                     struct sil_error *err);

/// Replace them by the mean over all ways to cut them, each weighted by e^(-cost / 2): where
/// the cuts are is not known, and one way of many is further from the truth than their mean.
/// Time n^2.
/// Source   Fearnhead 2006, "Exact and efficient Bayesian inference for multiple changepoint
///          problems" (the recursions); here a run's mean takes its best value instead of
///          being integrated out, so that the cheapest way is the most likely one.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_average_runs(double *y, uint32_t n, double variance,
                                         struct sil_error *err);

#endif
