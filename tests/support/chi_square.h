// SPDX-License-Identifier: Apache-2.0
/// Chi-square tests of counts against a law, or of two samples against each other.
///
/// The test fails when its p-value lies outside [CHI_SQUARE_ALARM, 1 - CHI_SQUARE_ALARM]:
/// a correct sampler fails with probability 2e-6 for one seed; our seeds are fixed, so a
/// test that passed once passes always. Too good a fit fails as well.
#ifndef TESTS_SUPPORT_CHI_SQUARE_H
#define TESTS_SUPPORT_CHI_SQUARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHI_SQUARE_ALARM 1e-6

struct chi_square {
    double statistic;
    size_t degrees;
    double p; ///< probability of a statistic at least this large under the hypothesis
};

/// Observed counts against probabilities (which sum to 1 with an implied last cell for
/// the rest; `observed` has n_cells + 1 entries). Neighbouring cells are merged until
/// each expects at least 10.
struct chi_square chi_square_fit(const uint64_t *observed, const double *probability,
                                 size_t n_cells);

/// Two samples over the same cells, merged until both together hold at least 20.
struct chi_square chi_square_two_samples(const uint64_t *a, const uint64_t *b,
                                         size_t n_cells);

/// Does the p-value lie inside the band? Prints the figures when not.
bool chi_square_passes(const char *name, struct chi_square result);

#endif
