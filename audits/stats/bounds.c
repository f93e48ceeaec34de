// SPDX-License-Identifier: Apache-2.0
#include "audits/stats/bounds.h"

#include "audits/stats/special.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { BISECTIONS = 200 };

/* P[Bin(n, p) >= k] = I_p(k, n - k + 1), so both bounds are quantiles of a beta law. */
double aud_cp_lower(uint64_t k, uint64_t n, double alpha)
{
    return k == 0 ? 0 : aud_beta_quantile(alpha, (double)k, (double)(n - k + 1));
}

double aud_cp_upper(uint64_t k, uint64_t n, double alpha)
{
    /* By symmetry, so that a bound near 0 keeps its precision in the quantile's p. */
    return 1 - aud_cp_lower(n - k, n, alpha);
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double log_ratio(double rate, double other, double delta)
{
    return rate > delta ? log((rate - delta) / other) : 0;
}

double aud_epsilon_lower(const struct aud_guesses *guesses, double delta, double alpha)
{
    double tpr = aud_cp_lower(guesses->hits, guesses->positives, alpha / 2);
    double fpr = aud_cp_upper(guesses->alarms, guesses->negatives, alpha / 2);
    double forth = log_ratio(tpr, fpr, delta);
    double back = log_ratio(1 - fpr, 1 - tpr, delta);
    return larger(0, larger(forth, back));
}

double aud_epsilon_ceiling(uint64_t n, double alpha)
{
    double rate = pow(alpha / 2, 1 / (double)n);
    return log(rate / (1 - rate));
}

double aud_mu_lower(const struct aud_guesses *guesses, double alpha)
{
    double tpr = aud_cp_lower(guesses->hits, guesses->positives, alpha / 2);
    double fpr = aud_cp_upper(guesses->alarms, guesses->negatives, alpha / 2);
    return aud_normal_quantile(tpr) - aud_normal_quantile(fpr);
}

/* Phi(mu/2 - epsilon/mu) - e^epsilon Phi(-mu/2 - epsilon/mu), the second term as the
 * exponential of a sum so that neither factor overflows. */
double aud_gdp_delta(double mu, double epsilon)
{
    if (mu <= 0) {
        return 0;
    }
    double first = aud_normal_log_cdf(mu / 2 - epsilon / mu);
    double second = epsilon + aud_normal_log_cdf(-mu / 2 - epsilon / mu);
    return -exp(first) * expm1(second - first);
}

double aud_gdp_epsilon(double mu, double delta)
{
    double low = 0;
    double high = 1;
    if (aud_gdp_delta(mu, 0) <= delta) {
        return 0;
    }
    while (aud_gdp_delta(mu, high) > delta) {
        high *= 2;
    }
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = low + 0.5 * (high - low);
        if (aud_gdp_delta(mu, middle) > delta) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

double aud_gdp_mu(double epsilon, double delta)
{
    double low = 0;
    double high = 1;
    while (aud_gdp_delta(high, epsilon) < delta) {
        high *= 2;
    }
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = low + 0.5 * (high - low);
        if (aud_gdp_delta(middle, epsilon) < delta) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

double aud_advantage_cap(double epsilon, double delta)
{
    double factor = exp(epsilon);
    return isinf(factor) ? 1 : (factor - 1 + 2 * delta) / (factor + 1);
}

/* ---- several tests at once ---- */

struct ranked {
    double p;
    uint64_t at;
};

static int by_p(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    return (a->p > b->p) - (a->p < b->p);
}

void aud_holm(double *p, uint64_t n)
{
    struct ranked *ranked = calloc(n, sizeof *ranked);
    double least = 0;
    for (uint64_t i = 0; ranked != NULL && i < n; i++) {
        ranked[i] = (struct ranked){p[i], i};
    }
    if (ranked != NULL) {
        qsort(ranked, n, sizeof *ranked, by_p);
    }
    for (uint64_t i = 0; i < n; i++) {
        /* Without memory: Bonferroni, which holds too. */
        double factor = ranked == NULL ? (double)n : (double)(n - i);
        uint64_t at = ranked == NULL ? i : ranked[i].at;
        double adjusted = p[at] * factor < 1 ? p[at] * factor : 1;
        least = ranked == NULL ? adjusted : larger(least, adjusted);
        p[at] = least;
    }
    free(ranked);
}

double aud_fisher(uint64_t a, uint64_t n, uint64_t b, uint64_t m)
{
    const uint64_t successes = a + b;
    const uint64_t most = successes < n ? successes : n;
    const double all = aud_log_choose((double)(n + m), (double)successes);
    double sum = 0;
    for (uint64_t k = most + 1; k-- > a;) {
        if (successes - k <= m) {
            sum += exp(aud_log_choose((double)n, (double)k) +
                       aud_log_choose((double)m, (double)(successes - k)) - all);
        }
    }
    return sum < 1 ? sum : 1;
}
