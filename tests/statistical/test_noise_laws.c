// SPDX-License-Identifier: Apache-2.0
/* Lazy inversion against the laws it promises, with the full first word, where refinement
 * never happens, and with 3 to 7 bits of it, where up to a quarter of the draws need it.
 * Each check raises a false alarm with probability 2e-6 (chi-square) or 6e-7 (five
 * standard errors) for a seed drawn at random; the seeds are fixed. */
#include "privacy/exact.h"
#include "privacy/gauss.h"
#include "privacy/lazycdf.h"
#include "support/chi_square.h"
#include "support/discrete_law.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "support/tally.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 4096, MAX_REACH = 2000 };

static void sigma2_init(struct sil_sigma2 *sigma2, const char *text)
{
    mpq_init(sigma2->v);
    cr_assert(zero(int, mpq_set_str(sigma2->v, text, 10)));
    mpq_canonicalize(sigma2->v);
}

/* Chi-square of signed counts against the rounded Gaussian with `sigma` in grid steps;
 * the cells at both ends hold what lies beyond. */
static bool fits_rounded(const char *name, const uint64_t *count, int64_t reach,
                         double sigma)
{
    static double probability[2 * MAX_REACH + 1];
    double scale = 1.0 / (sigma * sqrt(2.0));
    for (int64_t k = -reach; k <= reach; k++) {
        double from = (double)llabs(k) - 0.5;
        double inside = erfc(from * scale) - erfc((from + 1.0) * scale);
        double beyond = erfc(from * scale);
        probability[k + reach] = 0.5 * (llabs(k) == reach ? beyond : inside);
    }
    return chi_square_passes(name,
                             chi_square_fit(count, probability, (size_t)(2 * reach)));
}

struct noise_case {
    const char *sigma2;
    double sigma; ///< in units of the data
    size_t n_draws;
};

static void check_gauss(const struct noise_case *c, uint64_t seed)
{
    static uint64_t count[2 * MAX_REACH + 1];
    static int64_t out[BATCH];
    struct sil_sigma2 sigma2;
    struct sil_gauss *gauss = NULL;
    struct moments moments = {0};
    struct sil_rng *rng = seeded_rng(test_seed(seed));
    sigma2_init(&sigma2, c->sigma2);
    cr_assert(eq(int, sil_gauss_new(&gauss, &sigma2, c->n_draws, NULL), SIL_OK));
    double sigma = ldexp(c->sigma, (int)sil_gauss_shift(gauss));
    int64_t reach = 6.0 * sigma < MAX_REACH ? (int64_t)(6.0 * sigma) : MAX_REACH;
    memset(count, 0, sizeof count);

    for (size_t done = 0; done < c->n_draws; done += BATCH) {
        sil_gauss_draw(gauss, rng, out, BATCH);
        tally(count, reach, out, BATCH);
        moments_add(&moments, out, BATCH);
    }

    double variance = sigma * sigma + 1.0 / 12.0;
    double fourth = 3.0 * variance * variance;
    cr_expect(fits_rounded(c->sigma2, count, reach, sigma));
    cr_expect(lt(dbl, fabs(moments_mean_errors(&moments, variance)), 5.0), "%s",
              c->sigma2);
    cr_expect(lt(dbl, fabs(moments_variance_errors(&moments, variance, fourth)), 5.0),
              "%s", c->sigma2);
    cr_expect(lt(dbl, fabs(moments_lag_errors(&moments, variance)), 5.0), "%s",
              c->sigma2);
    sil_gauss_free(gauss);
    mpq_clear(sigma2.v);
    sil_rng_free(rng);
}

Test(noise_laws, rounded_gaussian_as_released)
{
    static const struct noise_case CASES[] = {
        {"1/4",       0.5,             30000000},
        {"1",         1.0,             20000000},
        {"10007/100", 10.003499387215, 20000000},
        {"400",       20.0,            20000000},
        {"40000",     200.0,           20000000},
        {"1000000",   1000.0,          500000  },
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        check_gauss(&CASES[i], 200 + i);
    }
}

/* Without a table, in cells of 1,000 numerators so that each holds many draws. */
Test(noise_laws, rounded_gaussian_of_a_sigma_of_one_million)
{
    enum { N = 20 * BATCH };

    static uint64_t count[2 * MAX_REACH + 1];
    static int64_t out[N];
    struct sil_sigma2 sigma2;
    struct sil_gauss *gauss = NULL;
    struct sil_rng *rng = seeded_rng(test_seed(210));
    struct moments moments = {0};
    sigma2_init(&sigma2, "1000000000000");
    cr_assert(eq(int, sil_gauss_new(&gauss, &sigma2, N, NULL), SIL_OK));

    sil_gauss_draw(gauss, rng, out, N);
    moments_add(&moments, out, N);
    for (size_t i = 0; i < N; i++) {
        /* To the nearest multiple of 5,001, which is rounding the rounded value again:
         * no tie can happen, and the law is that of N / 5,001. */
        out[i] = (int64_t)llround((double)out[i] / 5001.0);
    }
    tally(count, 1000, out, N);

    cr_expect(fits_rounded("sigma 10^6", count, 1000, 1e6 / 5001.0));
    cr_expect(lt(dbl, fabs(moments_mean_errors(&moments, 1e12)), 5.0));
    cr_expect(lt(dbl, fabs(moments_variance_errors(&moments, 1e12, 3e24)), 5.0));
    cr_expect(lt(dbl, fabs(moments_lag_errors(&moments, 1e12)), 5.0));
    sil_gauss_free(gauss);
    mpq_clear(sigma2.v);
    sil_rng_free(rng);
}

/* With few bits in the first word refinement runs often, in the table and without it. */
static void check_narrow(unsigned width, uint32_t max_entries, uint64_t seed)
{
    enum { N = 12 * BATCH, REACH = 30 };

    static int64_t out[N];
    uint64_t count[2 * REACH + 1] = {0};
    struct sil_sigma2 sigma2;
    struct sil_rounded_gaussian law;
    struct sil_lazycdf *lazy = NULL;
    struct sil_rng *rng = seeded_rng(test_seed(seed));
    sigma2_init(&sigma2, "25");
    sil_rounded_gaussian_init(&law, &sigma2, 0);
    struct sil_lazycdf_plan plan = {sil_rounded_gaussian_cdf, &law, width, max_entries};
    cr_assert(eq(int, sil_lazycdf_new(&lazy, &plan, NULL), SIL_OK));

    sil_lazycdf_draw(lazy, rng, out, N);
    tally(count, REACH, out, N);

    char name[48];
    snprintf(name, sizeof name, "width %u, %u entries", width, max_entries);
    cr_expect(fits_rounded(name, count, REACH, 5.0), "%s", name);
    sil_lazycdf_free(lazy);
    sil_rounded_gaussian_clear(&law);
    mpq_clear(sigma2.v);
    sil_rng_free(rng);
}

Test(noise_laws, rounded_gaussian_when_the_first_word_is_narrow)
{
    for (unsigned width = 3; width <= 7; width++) {
        check_narrow(width, SIL_LAZYCDF_ENTRIES, 220 + width);
    }
}

Test(noise_laws, rounded_gaussian_when_the_first_word_is_narrow_and_the_table_small)
{
    for (unsigned width = 3; width <= 7; width++) {
        check_narrow(width, 2, 230 + width);
    }
}

/* One law by two routes that share no formula: rejection from a discrete Laplace, and
 * inversion of sums of exponentials. */
static void check_two_routes(const char *sigma2_text, unsigned width, size_t n,
                             uint64_t seed)
{
    enum { REACH = 60 };

    static int64_t out[BATCH];
    uint64_t inverted[2 * REACH + 1] = {0};
    uint64_t rejected[2 * REACH + 1] = {0};
    struct sil_sigma2 sigma2;
    struct sil_lazycdf *lazy = NULL;
    struct sil_rng *rng = seeded_rng(test_seed(seed));
    sigma2_init(&sigma2, sigma2_text);
    struct sil_lazycdf_plan plan = {discrete_gaussian_cdf, &sigma2, width,
                                    SIL_LAZYCDF_ENTRIES};
    cr_assert(eq(int, sil_lazycdf_new(&lazy, &plan, NULL), SIL_OK));

    for (size_t done = 0; done < n; done += BATCH) {
        sil_lazycdf_draw(lazy, rng, out, BATCH);
        tally(inverted, REACH, out, BATCH);
        sil_discrete_gaussian(rng, &sigma2, out, BATCH);
        tally(rejected, REACH, out, BATCH);
    }

    cr_expect(chi_square_passes(sigma2_text, chi_square_two_samples(inverted, rejected,
                                                                    2 * REACH + 1)),
              "width %u", width);
    sil_lazycdf_free(lazy);
    mpq_clear(sigma2.v);
    sil_rng_free(rng);
}

Test(noise_laws, discrete_gaussian_by_inversion_and_by_rejection)
{
    check_two_routes("1/4", SIL_LAZYCDF_WIDTH, 1000000, 240);
    check_two_routes("10", SIL_LAZYCDF_WIDTH, 1000000, 241);
    check_two_routes("100", SIL_LAZYCDF_WIDTH, 1000000, 242);
    for (unsigned width = 3; width <= 7; width++) {
        check_two_routes("1", width, 3 * BATCH, 243 + width);
    }
}

Test(noise_laws, the_sign_is_independent_of_the_magnitude)
{
    enum { N = 1000 * BATCH, CELLS = 400 };

    static int64_t out[BATCH];
    uint64_t positive[CELLS] = {0};
    uint64_t negative[CELLS] = {0};
    struct sil_sigma2 sigma2;
    struct sil_gauss *gauss = NULL;
    struct sil_rng *rng = seeded_rng(test_seed(250));
    sigma2_init(&sigma2, "7");
    /* Prepared for one: between anchors, which the other tests of small variances are not. */
    cr_assert(eq(int, sil_gauss_new(&gauss, &sigma2, 1, NULL), SIL_OK));

    for (size_t done = 0; done < N; done += BATCH) {
        sil_gauss_draw(gauss, rng, out, BATCH);
        for (size_t i = 0; i < BATCH; i++) {
            uint64_t *side = out[i] > 0 ? positive : negative;
            int64_t magnitude = llabs(out[i]);
            if (magnitude > 0) {
                side[magnitude < CELLS ? magnitude : CELLS - 1]++;
            }
        }
    }

    cr_expect(chi_square_passes(
        "signs", chi_square_two_samples(positive + 1, negative + 1, CELLS - 1)));
    sil_gauss_free(gauss);
    mpq_clear(sigma2.v);
    sil_rng_free(rng);
}

/* A release of the count 0 and one of the count 1 reach the same numerators: every
 * lattice point between four standard deviations comes up from both, and the low bits,
 * which carried the attack on rounded floating point noise, are alike. */
Test(noise_laws, the_support_does_not_tell_neighbours_apart)
{
    enum { N = 1000 * BATCH, LOW = 64, LATTICE = 4 * 64 };

    static int64_t out[BATCH];
    static uint64_t hits[2][2 * LATTICE + 1];
    uint64_t low[2][LOW] = {{0}};
    struct sil_sigma2 sigma2;
    struct sil_gauss *gauss = NULL;
    struct sil_rng *rng = seeded_rng(test_seed(251));
    sigma2_init(&sigma2, "1");
    cr_assert(eq(int, sil_gauss_new(&gauss, &sigma2, N, NULL), SIL_OK));
    cr_assert(eq(uint, sil_gauss_shift(gauss), 6));

    for (size_t done = 0; done < 2 * N; done += BATCH) {
        int64_t count = (int64_t)(done / BATCH % 2);
        sil_gauss_draw(gauss, rng, out, BATCH);
        for (size_t i = 0; i < BATCH; i++) {
            int64_t released = count * 64 + out[i];
            low[count][released & (LOW - 1)]++;
            if (llabs(released) <= LATTICE) {
                hits[count][released + LATTICE]++;
            }
        }
    }

    size_t n_missed = 0;
    for (int64_t at = -3 * 64; at <= LATTICE; at++) {
        n_missed += hits[0][at + LATTICE] == 0 || hits[1][at + LATTICE] == 0;
    }
    cr_expect(zero(sz, n_missed));
    cr_expect(
        chi_square_passes("low bits", chi_square_two_samples(low[0], low[1], LOW)));
    double even[LOW];
    for (size_t i = 0; i < LOW; i++) {
        even[i] = 1.0 / LOW; /* to within e^-19: 2 exp(-2 pi^2) */
    }
    cr_expect(chi_square_passes("low bits", chi_square_fit(low[0], even, LOW - 1)));
    sil_gauss_free(gauss);
    mpq_clear(sigma2.v);
    sil_rng_free(rng);
}
