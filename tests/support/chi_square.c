// SPDX-License-Identifier: Apache-2.0
#include "support/chi_square.h"

#include <mpfr.h>
#include <stdio.h>

/* Q(degrees / 2, statistic / 2), the regularised upper incomplete gamma function. */
static double tail(double statistic, size_t degrees)
{
    /* Below 1e-200 by Chernoff's bound, where MPFR's series would take for ever: a test
     * that fails must fail at once. */
    if (statistic > 4.0 * (double)degrees + 1000.0) {
        return 0.0;
    }
    mpfr_t shape;
    mpfr_t at;
    mpfr_t value;
    mpfr_inits2(128, shape, at, value, (mpfr_ptr)NULL);
    mpfr_set_ui(shape, degrees, MPFR_RNDN);
    mpfr_div_2ui(shape, shape, 1, MPFR_RNDN);
    mpfr_set_d(at, statistic / 2, MPFR_RNDN);
    mpfr_gamma_inc(value, shape, at, MPFR_RNDN);
    mpfr_gamma(shape, shape, MPFR_RNDN);
    mpfr_div(value, value, shape, MPFR_RNDN);
    double p = mpfr_get_d(value, MPFR_RNDN);
    mpfr_clears(shape, at, value, (mpfr_ptr)NULL);
    mpfr_free_cache();
    return p;
}

static struct chi_square finish(double statistic, size_t merged)
{
    struct chi_square result = {.statistic = statistic, .p = 0.0};
    if (merged >= 2) {
        result.degrees = merged - 1;
        result.p = tail(statistic, result.degrees);
    }
    return result;
}

struct chi_square chi_square_fit(const uint64_t *observed, const double *probability,
                                 size_t n_cells)
{
    uint64_t n_draws = 0;
    double rest = 1.0;
    for (size_t i = 0; i <= n_cells; i++) {
        n_draws += observed[i];
        rest -= i < n_cells ? probability[i] : 0.0;
    }

    double statistic = 0.0;
    size_t merged = 0;
    double seen = 0.0;
    double want = 0.0;
    double want_left = (double)n_draws;
    for (size_t i = 0; i <= n_cells; i++) {
        double p = i < n_cells ? probability[i] : (rest > 0.0 ? rest : 0.0);
        seen += (double)observed[i];
        want += (double)n_draws * p;
        /* What is left must be able to fill a cell of its own, or it joins this one. */
        bool is_full = want >= 10.0 && want_left - want >= 10.0;
        if (is_full || i == n_cells) {
            statistic += (seen - want) * (seen - want) / want;
            merged++;
            want_left -= want;
            seen = 0.0;
            want = 0.0;
        }
    }
    return finish(statistic, merged);
}

/* One cell's share of the statistic: what it holds of a sample against what that sample's
 * share of everything would put there. */
static double excess(double seen, double in_both, double share)
{
    double want = in_both * share;
    return (seen - want) * (seen - want) / want;
}

struct chi_square chi_square_two_samples(const uint64_t *a, const uint64_t *b,
                                         size_t n_cells)
{
    double total_a = 0.0;
    double total = 0.0;
    for (size_t i = 0; i < n_cells; i++) {
        total_a += (double)a[i];
        total += (double)a[i] + (double)b[i];
    }

    double share = total_a / total;
    double statistic = 0.0;
    size_t merged = 0;
    double in_a = 0.0;
    double in_b = 0.0;
    double left = total;
    for (size_t i = 0; i < n_cells; i++) {
        in_a += (double)a[i];
        in_b += (double)b[i];
        double in_both = in_a + in_b;
        bool is_full = in_both >= 20.0 && left - in_both >= 20.0;
        if (is_full || i + 1 == n_cells) {
            statistic += excess(in_a, in_both, share);
            statistic += excess(in_b, in_both, 1.0 - share);
            merged++;
            left -= in_both;
            in_a = 0.0;
            in_b = 0.0;
        }
    }
    return finish(statistic, merged);
}

bool chi_square_passes(const char *name, struct chi_square result)
{
    bool passes = result.p >= CHI_SQUARE_ALARM && result.p <= 1.0 - CHI_SQUARE_ALARM;
    if (!passes) {
        fprintf(stderr, "%s: chi-square %.3f with %zu degrees, p = %.3g\n", name,
                result.statistic, result.degrees, result.p);
    }
    return passes;
}
