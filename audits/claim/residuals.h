// SPDX-License-Identifier: Apache-2.0
/// Is the noise what it is claimed to be, seen with the data?
///
/// A residual is a noisy count less the true one. Under the claim the residuals of all
/// marginals, each over its standard deviation, are independent and standard normal, rounded
/// to a grid of 64 steps and more a standard deviation. For its shape every residual is
/// turned into a uniform number: a point within its step, by a fixed sequence of dice, of
/// the distribution function. Every test is a p-value; they are adjusted together (Holm).
#ifndef AUDIT_CLAIM_RESIDUALS_H
#define AUDIT_CLAIM_RESIDUALS_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aud_residuals {
    int64_t *step;     ///< numerators over the grid of their line
    double *z;         ///< over the standard deviation
    double *uniform;   ///< what the claimed law makes uniform on (0, 1)
    uint32_t *line;    ///< which measurement
    uint8_t *is_empty; ///< no row is in the cell
    size_t n, room_step, room_z, room_uniform, room_line, room_empty;
    double smallest; ///< standard deviation, in steps of the grid
};

void aud_residuals_clear(struct aud_residuals *residuals);

/// Add the cells of a measurement. `sigma_steps` > 0 is the standard deviation in steps.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_residuals_add(struct aud_residuals *residuals,
                                          uint32_t line, const int64_t *step,
                                          const uint64_t *count, size_t n,
                                          double sigma_steps, struct sil_error *err);

enum {
    AUD_TEST_SCALE, ///< the sum of squares
    AUD_TEST_LINE,  ///< the sum of squares of the oddest measurement
    AUD_TEST_MEAN,  ///< bias
    AUD_TEST_SHAPE, ///< cells of equal probability
    AUD_TEST_TAILS, ///< how many lie beyond four standard deviations
    AUD_TEST_LAGS,  ///< correlation of neighbours, up to 64 apart
    AUD_TEST_TWICE, ///< eight in a row that came before
    AUD_TEST_GRID,  ///< the last four bits
    AUD_TEST_EMPTY, ///< cells without rows whose residual is 0
    AUD_N_TESTS
};

struct aud_battery {
    bool has_run[AUD_N_TESTS];    ///< there was enough to look at
    double p[AUD_N_TESTS];        ///< 1 where there is too little for the test
    double adjusted[AUD_N_TESTS]; ///< by Holm
    double ratio;                 ///< estimated standard deviation over the claimed one
    double seen; ///< a factor of too little noise seen with power 0.99 at the level
    size_t n;
};

/// Held against the adjusted p-values.
#define AUD_BATTERY_LEVEL 1e-4

/// What each test is about, for people.
const char *aud_test_name(int test);

/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_battery_run(struct aud_battery *out,
                                        const struct aud_residuals *residuals,
                                        struct sil_error *err);

#endif
