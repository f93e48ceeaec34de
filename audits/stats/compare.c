// SPDX-License-Identifier: Apache-2.0
#include "audits/stats/compare.h"

#include "audits/stats/special.h"

#include <math.h>

enum { EXPECTED_MIN = 5 };

double aud_binomial_above(uint64_t k, uint64_t n, double p)
{
    if (k == 0) {
        return 1;
    }
    return k > n ? 0 : aud_beta_cdf(p, (double)k, (double)(n - k + 1));
}

struct aud_interval aud_wilson(uint64_t k, uint64_t n, double alpha)
{
    if (n == 0) {
        return (struct aud_interval){0, 1};
    }
    const double z = aud_normal_quantile(1 - alpha / 2);
    const double count = (double)n;
    const double rate = (double)k / count;
    const double middle = rate + z * z / (2 * count);
    const double spread =
        z * sqrt(rate * (1 - rate) / count + z * z / (4 * count * count));
    const double scale = 1 + z * z / count;
    return (struct aud_interval){fmax(0, (middle - spread) / scale),
                                 fmin(1, (middle + spread) / scale)};
}

struct aud_interval aud_newcombe(uint64_t a, uint64_t n, uint64_t b, uint64_t m,
                                 double alpha)
{
    if (n == 0 || m == 0) {
        return (struct aud_interval){-1, 1};
    }
    const struct aud_interval x = aud_wilson(a, n, alpha);
    const struct aud_interval y = aud_wilson(b, m, alpha);
    const double p = (double)a / (double)n;
    const double q = (double)b / (double)m;
    return (struct aud_interval){p - q - hypot(p - x.low, y.high - q),
                                 p - q + hypot(x.high - p, q - y.low)};
}

/* ---- scores ---- */

/* For every value of `x` the share of `y` below it, ties counting one half: its mean, and the
 * variance of one. */
static void placements(double *mean, double *variance, const double *x, size_t n,
                       const double *y, size_t m)
{
    double sum = 0;
    double squares = 0;
    size_t below = 0;
    size_t up_to = 0;
    for (size_t i = 0; i < n; i++) {
        while (below < m && y[below] < x[i]) {
            below++;
        }
        while (up_to < m && y[up_to] <= x[i]) {
            up_to++;
        }
        double place = ((double)below + (double)up_to) / (2 * (double)m);
        sum += place;
        squares += place * place;
    }
    *mean = sum / (double)n;
    *variance =
        n < 2 ? 0.25 : fmax(0, (squares - (double)n * *mean * *mean) / (double)(n - 1));
}

/* Sum over groups of equal scores, of both samples together, of t^3 - t. */
static double tie_cubes(const double *x, size_t n, const double *y, size_t m)
{
    double sum = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < n || j < m) {
        double value = j == m || (i < n && x[i] < y[j]) ? x[i] : y[j];
        size_t t = 0;
        for (; i < n && x[i] <= value; i++) {
            t++;
        }
        for (; j < m && y[j] <= value; j++) {
            t++;
        }
        sum += (double)t * ((double)t * (double)t - 1);
    }
    return sum;
}

struct aud_auc aud_auc(const double *first, size_t n, const double *second, size_t m,
                       double alpha)
{
    struct aud_auc out = {.p = 1};
    double other = 0;
    double variance_first = 0;
    double variance_second = 0;
    placements(&out.auc, &variance_first, first, n, second, m);
    placements(&other, &variance_second, second, m, first, n);
    const double a = (double)n;
    const double b = (double)m;
    const double spread = aud_normal_quantile(1 - alpha / 2) *
                          sqrt(variance_first / a + variance_second / b);
    out.interval =
        (struct aud_interval){fmax(0, out.auc - spread), fmin(1, out.auc + spread)};
    const double all = a + b;
    const double ties = tie_cubes(first, n, second, m) / (all * (all - 1));
    const double null = (all + 1 - ties) / (12 * a * b);
    if (null > 0) {
        out.p = aud_normal_cdf((0.5 - out.auc) / sqrt(null));
    }
    return out;
}

/* ---- counts ---- */

double aud_same_law(const uint32_t *first, const uint32_t *second, size_t n_cells)
{
    double n = 0;
    double m = 0;
    for (size_t i = 0; i < n_cells; i++) {
        n += first[i];
        m += second[i];
    }
    const double share = n / fmax(n + m, 1);
    const double least = fmax(EXPECTED_MIN / fmax(fmin(share, 1 - share), 1e-300), 1);
    double rest[2] = {0, 0};
    double chi2 = 0;
    size_t cells = 0;
    for (size_t i = 0; i <= n_cells; i++) {
        double x = i < n_cells ? first[i] : rest[0];
        double both = i < n_cells ? x + second[i] : rest[0] + rest[1];
        if (both < least && i < n_cells) {
            rest[0] += x;
            rest[1] += both - x;
        }
        if (both >= least) {
            double off = x - both * share;
            chi2 += off * off / (both * share * (1 - share));
            cells++;
        }
    }
    return cells < 2 ? 1 : aud_chi2_above(chi2, (double)(cells - 1));
}
