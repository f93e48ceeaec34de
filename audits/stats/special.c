// SPDX-License-Identifier: Apache-2.0
#include "audits/stats/special.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

enum { MAX_TERMS = 100000, BISECTIONS = 200 };

static const double FAR_TAIL = -30;

static double log_gamma(double x)
{
    int sign = 0; /* lgamma itself would write a global */
    return lgamma_r(x, &sign);
}

double aud_log_choose(double n, double k)
{
    return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

/* ---- the normal law ---- */

double aud_normal_cdf(double x)
{
    return 0.5 * erfc(-x * M_SQRT1_2);
}

/* Beyond the tail that erfc holds in full precision: Mills' ratio as a continued fraction,
 * Phi(-t) = phi(t) / (t + 1 / (t + 2 / (t + 3 / ...))). */
static double log_tail(double t)
{
    double fraction = t;
    for (int k = 60; k >= 1; k--) {
        fraction = t + k / fraction;
    }
    return -0.5 * t * t - 0.5 * log(2 * M_PI) - log(fraction);
}

double aud_normal_log_cdf(double x)
{
    if (x < FAR_TAIL) {
        return log_tail(-x);
    }
    return x > 0 ? log1p(-aud_normal_cdf(-x)) : log(aud_normal_cdf(x));
}

/* By bisection on the logarithm, in the lower half, where it has its precision. */
double aud_normal_quantile(double p)
{
    if (p <= 0 || p >= 1) {
        return p <= 0 ? -HUGE_VAL : HUGE_VAL;
    }
    if (p > 0.5) {
        return -aud_normal_quantile(1 - p);
    }
    double low = -40;
    double high = 0;
    const double goal = log(p);
    double middle = low + 0.5 * (high - low);
    for (int i = 0; i < BISECTIONS && middle > low && middle < high; i++) {
        if (aud_normal_log_cdf(middle) < goal) {
            low = middle;
        } else {
            high = middle;
        }
        middle = low + 0.5 * (high - low);
    }
    return middle;
}

/* ---- beta ---- */

/* The continued fraction of I_x(a, b) by Lentz's method; converges for
 * x < (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b)
{
    double c = 1;
    double d = 1 / (1 - (a + b) * x / (a + 1));
    double value = d;
    for (int m = 1; m <= MAX_TERMS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / (1 + even * d);
        c = 1 + even / c;
        value *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / (1 + odd * d);
        c = 1 + odd / c;
        value *= d * c;
        if (fabs(d * c - 1) < DBL_EPSILON) {
            break;
        }
    }
    return value;
}

double aud_beta_cdf(double x, double a, double b)
{
    if (x <= 0 || x >= 1) {
        return x <= 0 ? 0 : 1;
    }
    double log_front =
        a * log(x) + b * log1p(-x) + log_gamma(a + b) - log_gamma(a) - log_gamma(b);
    if (x < (a + 1) / (a + b + 2)) {
        return exp(log_front) * beta_fraction(x, a, b) / a;
    }
    return 1 - exp(log_front) * beta_fraction(1 - x, b, a) / b;
}

double aud_beta_quantile(double p, double a, double b)
{
    double low = 0;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = low + 0.5 * (high - low);
        if (aud_beta_cdf(middle, a, b) <= p) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- chi-squared: the regularised incomplete gamma functions ---- */

static double gamma_series(double a, double x)
{
    double term = 1 / a;
    double sum = term;
    for (int k = 1; k <= MAX_TERMS && fabs(term) > DBL_EPSILON * fabs(sum); k++) {
        term *= x / (a + k);
        sum += term;
    }
    return sum * exp(a * log(x) - x - log_gamma(a));
}

static double gamma_fraction(double a, double x)
{
    const double tiny = DBL_MIN / DBL_EPSILON;
    double b = x + 1 - a;
    double c = 1 / tiny;
    double d = 1 / b;
    double value = d;
    for (int k = 1; k <= MAX_TERMS; k++) {
        double step = -k * (k - a);
        b += 2;
        d = 1 / (step * d + b);
        c = b + step / c;
        value *= d * c;
        if (fabs(d * c - 1) < DBL_EPSILON) {
            break;
        }
    }
    return value * exp(a * log(x) - x - log_gamma(a));
}

double aud_chi2_above(double x, double df)
{
    if (x <= 0) {
        return 1;
    }
    double a = 0.5 * df;
    double half = 0.5 * x;
    return half < a + 1 ? 1 - gamma_series(a, half) : gamma_fraction(a, half);
}

double aud_chi2_below(double x, double df)
{
    if (x <= 0) {
        return 0;
    }
    double a = 0.5 * df;
    double half = 0.5 * x;
    return half < a + 1 ? gamma_series(a, half) : 1 - gamma_fraction(a, half);
}

double aud_chi2_quantile(double p, double df)
{
    double low = 0;
    double high = df + 1;
    while (aud_chi2_below(high, df) < p) {
        high *= 2;
    }
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = low + 0.5 * (high - low);
        if (aud_chi2_below(middle, df) < p) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}
