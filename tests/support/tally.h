// SPDX-License-Identifier: Apache-2.0
/// Histograms of integer noise, and the figures that tests ask of a sample.
#ifndef TESTS_SUPPORT_TALLY_H
#define TESTS_SUPPORT_TALLY_H

#include <stddef.h>
#include <stdint.h>

/// Counts of the values -reach .. reach; cell 0 also holds everything below, the last
/// cell everything above. `count` has 2 reach + 1 entries and is added to.
void tally(uint64_t *count, int64_t reach, const int64_t *value, size_t n);

/// Running sums of a sample; start from {0}.
struct moments {
    size_t n;
    double sum;
    double sum_squares;
    double sum_fourth;
    double sum_lagged; ///< of value[i] * value[i - 1]
    double last;
};

void moments_add(struct moments *moments, const int64_t *value, size_t n);

/// How many standard errors the sample's mean lies from 0, its second moment from
/// `variance` (given the true fourth moment), and its lag-1 correlation from 0.
double moments_mean_errors(const struct moments *moments, double variance);
double moments_variance_errors(const struct moments *moments, double variance,
                               double fourth);
double moments_lag_errors(const struct moments *moments, double variance);

#endif
