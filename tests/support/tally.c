// SPDX-License-Identifier: Apache-2.0
#include "support/tally.h"

#include <math.h>

void tally(uint64_t *count, int64_t reach, const int64_t *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t cell = value[i] < -reach ? -reach : value[i];
        cell = cell > reach ? reach : cell;
        count[cell + reach]++;
    }
}

void moments_add(struct moments *moments, const int64_t *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double x = (double)value[i];
        moments->sum += x;
        moments->sum_squares += x * x;
        moments->sum_fourth += x * x * x * x;
        moments->sum_lagged += x * moments->last;
        moments->last = x;
    }
    moments->n += n;
}

double moments_mean_errors(const struct moments *moments, double variance)
{
    return moments->sum / sqrt(variance * (double)moments->n);
}

double moments_variance_errors(const struct moments *moments, double variance,
                               double fourth)
{
    double n = (double)moments->n;
    double error = sqrt((fourth - variance * variance) / n);
    return (moments->sum_squares / n - variance) / error;
}

double moments_lag_errors(const struct moments *moments, double variance)
{
    return moments->sum_lagged / (variance * sqrt((double)moments->n));
}
