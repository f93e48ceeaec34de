// SPDX-License-Identifier: Apache-2.0
/// Two samples compared: rates, scores, counts by cell.
///
/// Tests are one-sided, "the first is larger", unless said otherwise; intervals are
/// two-sided at level alpha.
#ifndef AUDIT_STATS_COMPARE_H
#define AUDIT_STATS_COMPARE_H

#include <stddef.h>
#include <stdint.h>

struct aud_interval {
    double low, high;
};

/// P[B >= k], B ~ Binomial(n, p).
double aud_binomial_above(uint64_t k, uint64_t n, double p);

/// A rate of k in n by its score. Source   Wilson 1927.
struct aud_interval aud_wilson(uint64_t k, uint64_t n, double alpha);

/// The difference a / n - b / m of two independent rates.
/// Source   Newcombe 1998, "Interval estimation for the difference between independent
///          proportions", method 10.
struct aud_interval aud_newcombe(uint64_t a, uint64_t n, uint64_t b, uint64_t m,
                                 double alpha);

/// How well scores tell the first sample from the second: the probability that one of the
/// first is above one of the second, ties counting one half.
struct aud_auc {
    double auc;
    struct aud_interval
        interval; ///< DeLong, DeLong, Clarke-Pearson 1988; within [0, 1]
    double p;     ///< Mann and Whitney 1947, normal, ties corrected
};

/// Both samples are sorted, ascending, and not empty.
struct aud_auc aud_auc(const double *first, size_t n, const double *second, size_t m,
                       double alpha);

/// Do two samples of counts over the same cells follow one law (two-sided)? Cells of which
/// either sample expects fewer than 5 are put together; fewer than two cells give 1.
double aud_same_law(const uint32_t *first, const uint32_t *second, size_t n_cells);

#endif
