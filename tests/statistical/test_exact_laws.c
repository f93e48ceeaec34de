// SPDX-License-Identifier: Apache-2.0
/* The rejection samplers of privacy/exact.h against the laws they promise. Each check
 * raises a false alarm with probability 2e-6 (chi-square) or 6e-7 (five standard errors)
 * for a seed drawn at random; the seeds are fixed. */
#include "privacy/exact.h"
#include "support/chi_square.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "support/tally.h"
#include "support/vectors.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_binomial(const char *name, uint64_t n_true, uint64_t n, double p)
{
    double errors = ((double)n_true - (double)n * p) / sqrt((double)n * p * (1.0 - p));
    if (fabs(errors) > 5.0) {
        fprintf(stderr, "%s: %.2f standard errors from p = %g\n", name, errors, p);
        return false;
    }
    return true;
}

Test(exact_laws, bernoulli)
{
    static const char *const P[] = {"1/3", "2/3", "1/1000", "999/1000",
                                    "12345678901234567890123/98765432109876543210987"};
    const uint64_t n = 1000000;
    struct sil_rng *rng = seeded_rng(test_seed(100));
    mpq_t p;
    mpq_init(p);
    for (size_t i = 0; i < sizeof P / sizeof P[0]; i++) {
        uint64_t n_true = 0;
        cr_assert(zero(int, mpq_set_str(p, P[i], 10)));
        mpq_canonicalize(p);
        for (uint64_t j = 0; j < n; j++) {
            n_true += sil_bernoulli(rng, p);
        }
        cr_expect(is_binomial(P[i], n_true, n, mpq_get_d(p)));
    }
    mpq_clear(p);
    sil_rng_free(rng);
}

/* Vectors a3: e^-x for seven x, of which the last needs more draws to be seen at all. */
Test(exact_laws, bernoulli_exp)
{
    json_t *vectors = vectors_load("a3");
    struct sil_rng *rng = seeded_rng(test_seed(101));
    const char *x_text;
    json_t *value;
    mpq_t x;
    mpq_init(x);
    cr_assert(eq(sz, json_object_size(vectors), 7));
    json_object_foreach(vectors, x_text, value)
    {
        const uint64_t n = 2000000;
        uint64_t n_true = 0;
        cr_assert(zero(int, mpq_set_str(x, x_text, 10)));
        for (uint64_t j = 0; j < n; j++) {
            n_true += sil_bernoulli_exp(rng, x);
        }
        cr_expect(is_binomial(x_text, n_true, n, vectors_real(vectors, x_text)));
    }
    mpq_clear(x);
    json_decref(vectors);
    sil_rng_free(rng);
}

/* Chi-square over -reach .. reach, both ends holding what lies beyond. */
static bool fits_symmetric(const char *name, const uint64_t *count, int64_t reach,
                           const double *pmf)
{
    double probability[512];
    size_t n_cells = (size_t)(2 * reach + 1);
    double inside = 0.0;
    for (int64_t y = -reach; y <= reach; y++) {
        probability[y + reach] = pmf[llabs(y)];
        inside += pmf[llabs(y)];
    }
    probability[0] += (1.0 - inside) / 2.0;
    return chi_square_passes(name, chi_square_fit(count, probability, n_cells - 1));
}

static void laplace_pmf(double *pmf, size_t n, double scale)
{
    double ratio = exp(-1.0 / scale);
    for (size_t y = 0; y < n; y++) {
        pmf[y] = (1.0 - ratio) / (1.0 + ratio) * pow(ratio, (double)y);
    }
}

/* The closed form is held against vectors a2 before it is used as the law. */
Test(exact_laws, discrete_laplace_of_whole_scale)
{
    enum { N = 1000000, REACH = 40 };

    json_t *vectors = vectors_load("a2");
    struct sil_rng *rng = seeded_rng(test_seed(102));
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        const json_t *vector = json_array_get(vectors, i);
        double pmf[REACH + 1];
        uint64_t count[2 * REACH + 1] = {0};
        struct moments moments = {0};
        double scale = vectors_real(vector, "scale");
        laplace_pmf(pmf, REACH + 1, scale);
        const json_t *known = vectors_member(vector, "pmf");
        cr_assert(epsilon_eq(dbl, pmf[0], vectors_real(known, "0"), 1e-15));
        cr_assert(epsilon_eq(dbl, pmf[5], vectors_real(known, "5"), 1e-15));

        for (size_t j = 0; j < N; j++) {
            int64_t y = sil_discrete_laplace(rng, (uint64_t)scale, 1);
            tally(count, REACH, &y, 1);
            moments_add(&moments, &y, 1);
        }

        double variance = vectors_real(vector, "variance");
        double fourth = variance * (1.0 + 6.0 * variance);
        cr_expect(fits_symmetric("laplace", count, REACH, pmf));
        cr_expect(lt(dbl, fabs(moments_mean_errors(&moments, variance)), 5.0));
        cr_expect(
            lt(dbl, fabs(moments_variance_errors(&moments, variance, fourth)), 5.0));
    }
    json_decref(vectors);
    sil_rng_free(rng);
}

Test(exact_laws, discrete_laplace_of_fractional_scale)
{
    enum { N = 500000, REACH = 40 };

    static const uint64_t SCALE[][2] = {
        {1,  3},
        {7,  2},
        {22, 7}
    };
    struct sil_rng *rng = seeded_rng(test_seed(103));
    for (size_t i = 0; i < sizeof SCALE / sizeof SCALE[0]; i++) {
        double pmf[REACH + 1];
        uint64_t count[2 * REACH + 1] = {0};
        laplace_pmf(pmf, REACH + 1, (double)SCALE[i][0] / (double)SCALE[i][1]);

        for (size_t j = 0; j < N; j++) {
            int64_t y = sil_discrete_laplace(rng, SCALE[i][0], SCALE[i][1]);
            tally(count, REACH, &y, 1);
        }

        cr_expect(fits_symmetric("laplace", count, REACH, pmf));
    }
    sil_rng_free(rng);
}

/* Vectors a: probabilities, variance and fourth moment at four variances. */
Test(exact_laws, discrete_gaussian)
{
    enum { N = 1 << 20 };

    static int64_t out[N];
    json_t *vectors = vectors_load("a");
    struct sil_rng *rng = seeded_rng(test_seed(104));
    cr_assert(eq(sz, json_array_size(vectors), 4));
    for (size_t i = 0; i < json_array_size(vectors); i++) {
        const json_t *vector = json_array_get(vectors, i);
        const json_t *known = vectors_member(vector, "pmf");
        double pmf[256];
        uint64_t count[511] = {0};
        struct moments moments = {0};
        struct sil_sigma2 sigma2;
        int64_t reach = (int64_t)json_object_size(known) - 1;
        for (int64_t y = 0; y <= reach; y++) {
            char name[24];
            snprintf(name, sizeof name, "%lld", (long long)y);
            pmf[y] = vectors_real(known, name);
        }
        mpq_init(sigma2.v);
        vectors_rational(sigma2.v, vector, "sigma2");

        sil_discrete_gaussian(rng, &sigma2, out, N);
        tally(count, reach, out, N);
        moments_add(&moments, out, N);

        double variance = vectors_real(vector, "variance");
        double fourth = vectors_real(vector, "fourth_moment");
        cr_expect(fits_symmetric("discrete Gaussian", count, reach, pmf));
        cr_expect(lt(dbl, fabs(moments_mean_errors(&moments, variance)), 5.0));
        cr_expect(
            lt(dbl, fabs(moments_variance_errors(&moments, variance, fourth)), 5.0));
        mpq_clear(sigma2.v);
    }
    json_decref(vectors);
    sil_rng_free(rng);
}
