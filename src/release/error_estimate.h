// SPDX-License-Identifier: Apache-2.0
/// From rows and measurements of one marginal to its bounds. docs/error-bounds.md derives
/// both.
#ifndef SIL_RELEASE_ERROR_ESTIMATE_H
#define SIL_RELEASE_ERROR_ESTIMATE_H

#include "release/error_measured.h"

/// Of the 5 % by which a proved bound may fail: the number of rows has one part, the noise
/// of the measurements (or what AIM chose) the rest.
#define SIL_ERROR_ROWS_QUANTILE 2.807034 ///< both tails of a Gaussian: less than 0.005
#define SIL_ERROR_NOISE_PART    0.045

/// sqrt(2 / pi), rounded up: E |N(0, 1)|.
#define SIL_ERROR_MEAN_NOISE 0.79788456081

/// One marginal as it is gathered, measurement by measurement.
struct sil_error_evidence {
    size_t n_cells;      ///< at least 2
    const double *share; ///< of each cell among the rows; their sum is 1
    double total;        ///< scale of the calibrated bound: the model's, at least 1
    double proved_total; ///< scale of the proved one: what the columns tell
    double total_error;  ///< by which that is wrong with a probability of at most 0.005

    bool is_loosely_held; ///< a pair under mosaic; then also:
    size_t shape[2];      ///< its cells are so many rows of so many
    double *margin;       ///< room for as many as both together
    double columns;       ///< the bounds of its columns, their squares added up

    double *sum;      ///< of the measurements over their variances
    double precision; ///< of all of them together
    double cells;     ///< of a measurement for each of these, weighted alike
    unsigned n;       ///< of them
    double distance;  ///< proved so far: twice the bound times proved_total
};

/// Add a measurement; a callback of sil_error_read.
void sil_error_gather(void *evidence, const struct sil_error_reading *reading);

/// Total variation distances; above 1 they say nothing.
double sil_error_proved(const struct sil_error_evidence *evidence);
double sil_error_calibrated(const struct sil_error_evidence *evidence);

/// The mean distance that noise of this variance alone makes between two tables of `total`.
double sil_error_of_noise(size_t n_cells, double variance, double total);

/// In millionths, rounded up, at most the unit.
uint32_t sil_error_round(double distance);

#endif
