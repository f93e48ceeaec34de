// SPDX-License-Identifier: Apache-2.0
/// How a mechanism cuts its budget: exact rationals, no rounding that is not accounted.
///
/// Every cost that this layer plans is a multiple of 2^-83: the parameter of a selection
/// is a multiple of 2^-40, so its cost epsilon^2 / 8 is one of 2^-83, and shares are
/// rounded down to that grid. Sums therefore stay short, the last round spends the
/// remainder to the last digit, and sigma squared follows from the cost exactly.
#ifndef SIL_SYNTH_BUDGET_H
#define SIL_SYNTH_BUDGET_H

#include "privacy/units.h"

#include "silhouette/status.h"

#include <stdint.h>

#define SIL_COST_BITS 83

/// One round of an adaptive mechanism: a selection and the measurement of what it chose.
struct sil_round {
    struct sil_epsilon epsilon;    ///< of the selection
    struct sil_rho selection_cost; ///< epsilon^2 / 8
    struct sil_sigma2 sigma2;      ///< of the measurement
    struct sil_rho noise_cost;     ///< D^2 / (2 sigma2)
};

void sil_round_init(struct sil_round *round);
void sil_round_clear(struct sil_round *round);

/// floor(whole numerator / denominator) on the grid of costs; `out` may be `whole`.
void sil_share(struct sil_rho *out, const struct sil_rho *whole, uint64_t numerator,
               uint64_t denominator);

/// Noise that costs exactly `cost`: sigma2 = D^2 / (2 cost).
/// Errors   SIL_ERR_BUDGET: the cost is 0, or sigma2 would be more than the gate accepts.
SIL_MUST_USE sil_status sil_noise_of_cost(struct sil_sigma2 *out,
                                          const struct sil_rho *cost,
                                          uint64_t sensitivity_squared,
                                          struct sil_error *err);

/// A selection that costs at most `share`: epsilon = floor(2^40 sqrt(8 share)) / 2^40.
/// @param[out] cost   epsilon^2 / 8, which is what is charged.
/// Errors   SIL_ERR_BUDGET: epsilon would be 0.
SIL_MUST_USE sil_status sil_choice_of_share(struct sil_epsilon *out,
                                            struct sil_rho *cost,
                                            const struct sil_rho *share,
                                            struct sil_error *err);

/// A round that costs `cost`, on the grid: a tenth to the selection (rounded down to a
/// multiple of 2^-40 in epsilon), all the rest to the measurement.
/// Errors   SIL_ERR_BUDGET.
SIL_MUST_USE sil_status sil_round_of_cost(struct sil_round *out,
                                          const struct sil_rho *cost,
                                          uint64_t sensitivity_squared,
                                          struct sil_error *err);

/// The expected L1 norm of the noise on `cells` cells, sqrt(2/pi) sigma cells, in units of
/// 2^-SIL_SCORE_BITS counts, rounded down and at most 2^62: the penalty of a candidate.
int64_t sil_expected_noise(const struct sil_sigma2 *sigma2, uint64_t cells);

/// For people and for post-processing: the nearest doubles.
double sil_variance(const struct sil_sigma2 *sigma2);
double sil_standard_deviation(const struct sil_sigma2 *sigma2);

/// sqrt(2/pi) sigma: the expected absolute value of the noise on one cell, in counts.
double sil_mean_noise(const struct sil_sigma2 *sigma2);

#endif
