// SPDX-License-Identifier: Apache-2.0
/* The tests of what was found in open fields accuse an honest search no more often than they
 * say, and see each way in which one can be wrong. */
#include "audits/claim/search.h"
#include "audits/stats/special.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHIFT = 3, THRESHOLD = 140, FIELDS = 2 };

static const double SIGMA = 20; ///< in rows

static double uniform(struct test_random *random)
{
    return ((double)(test_word(random) >> 11) + 0.5) / 9007199254740992.0;
}

/* A search and what may be wrong about it. */
struct way {
    double factor;    ///< the noise is so many times too small
    double bias;      ///< in standard deviations, and then compared with the threshold
    double threshold; ///< in rows
    int no_noise_in;  ///< a field; -1: in none
    bool is_flat;     ///< noise of another law and the same variance
    int64_t kept;     ///< a text of one row is found; 0: by its noise
    int64_t lost;     ///< a text of so many rows is not found
};

static const struct way HONEST = {
    .factor = 1, .threshold = THRESHOLD, .no_noise_in = -1};

static double noise_of(const struct way *way, int field, struct test_random *random)
{
    double x = way->is_flat ? sqrt(12) * (uniform(random) - 0.5)
                            : aud_normal_quantile(uniform(random));
    x = field == way->no_noise_in ? 0 : x / way->factor;
    return (x + way->bias) * SIGMA;
}

/* Texts of 1, 2, ..., 300 rows in one field and as many in another, and 2,000 of one row. */
static struct aud_search_tests run(const struct way *way, struct test_random *random)
{
    struct aud_search search = {0};
    struct aud_search_tests tests;
    const int64_t unit = 1 << SHIFT;
    for (int i = 0; i < FIELDS * 300 + 2000; i++) {
        const bool is_one = i >= FIELDS * 300;
        const struct aud_search_law law = {.sigma = SIGMA * (double)unit,
                                           .threshold = (double)(THRESHOLD * unit),
                                           .shift = SHIFT,
                                           .field = is_one ? 1 : (uint32_t)(i / 300)};
        const int64_t count = is_one ? 1 : i % 300 + 1;
        double sum = (double)count + noise_of(way, (int)law.field, random);
        int64_t noisy = llround(sum * (double)unit);
        bool is_found = (double)noisy >= way->threshold * (double)unit;
        is_found = is_found || (way->kept > 0 && i == FIELDS * 300);
        is_found = is_found && count != way->lost;
        if (is_found && noisy < THRESHOLD * unit) { /* what is told is never below */
            noisy = THRESHOLD * unit;
        }
        cr_assert(eq(int,
                     aud_search_add(&search, &law, (uint64_t)count,
                                    is_found ? &noisy : NULL, NULL),
                     SIL_OK));
    }
    cr_assert(eq(int, aud_search_run(&tests, &search, NULL), SIL_OK));
    aud_search_clear(&search);
    return tests;
}

/* ---- known answers ---- */

/* Upper tails of the normal law from tables; a step is a millionth of a deviation. */
static const struct {
    double edge, x, signed_score, size_score, found;
} KNOWN[] = {
    {0,  0.67448975, -0.0000000, 0.6744898, 0.50000000},
    {1,  1.5,        0.1991209,  0.8045419, 0.15865525},
    {-1, 0.5,        0.3405544,  0.6054717, 0.84134475},
    {-1, -0.5,       -0.9224533, 0.6054717, 0.84134475},
    {-1, 1.5,        1.4090833,  1.7541473, 0.84134475},
    {2,  2.1,        -0.7900294, 0.2724908, 0.02275013},
    {-9, -1.25,      -1.2500000, 1.2500000, 1.00000000},
};

Test(audit_search, scores_are_those_of_the_law_cut_at_the_threshold)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        struct aud_search search = {0};
        const double sigma = 1e6;
        const struct aud_search_law law = {
            .sigma = sigma, .threshold = 1e7, .shift = 0, .field = 0};
        int64_t count = llround(1e7 - KNOWN[i].edge * sigma);
        int64_t noisy = count + llround(KNOWN[i].x * sigma);
        cr_assert(eq(int, aud_search_add(&search, &law, (uint64_t)count, &noisy, NULL),
                     SIL_OK));
        const struct aud_sought *text = &search.text[0];
        cr_expect(epsilon_eq(dbl, text->signed_score, KNOWN[i].signed_score, 1e-5),
                  "%zu: %.9g", i, text->signed_score);
        cr_expect(epsilon_eq(dbl, text->size_score, KNOWN[i].size_score, 1e-5),
                  "%zu: %.9g", i, text->size_score);
        cr_expect(epsilon_eq(dbl, text->found, KNOWN[i].found, 1e-6));
        cr_expect(epsilon_eq(dbl, text->found + text->missed, 1, 1e-15));
        aud_search_clear(&search);
    }
}

/* All 2^6 outcomes of six texts under noise of half a step, with their probabilities by
 * another route: no p-value comes more often than it says. */
Test(audit_search, no_find_is_called_unlikelier_than_it_is)
{
    enum { TEXTS = 6, OUTCOMES = 1 << TEXTS };

    static const uint64_t COUNT[TEXTS] = {1, 1, 2, 2, 3, 5};
    double chance[OUTCOMES];
    double p[OUTCOMES];
    const struct aud_search_law law = {.sigma = 0.6, .threshold = 3};
    for (unsigned outcome = 0; outcome < OUTCOMES; outcome++) {
        struct aud_search search = {0};
        struct aud_search_tests tests;
        chance[outcome] = 1;
        for (unsigned i = 0; i < TEXTS; i++) {
            const bool is_found = (outcome >> i & 1) != 0;
            const int64_t noisy = 3;
            double misses = 0; /* rounded noise is below 3 - count */
            for (int z = -12; z < 3 - (int)COUNT[i]; z++) {
                misses +=
                    aud_normal_cdf((z + 0.5) / 0.6) - aud_normal_cdf((z - 0.5) / 0.6);
            }
            chance[outcome] *= is_found ? 1 - misses : misses;
            cr_assert(eq(
                int,
                aud_search_add(&search, &law, COUNT[i], is_found ? &noisy : NULL, NULL),
                SIL_OK));
        }
        cr_assert(eq(int, aud_search_run(&tests, &search, NULL), SIL_OK));
        p[outcome] = tests.p[AUD_SEARCH_LIKELY];
        aud_search_clear(&search);
    }
    double all = 0;
    bool is_useful = false;
    for (unsigned a = 0; a < OUTCOMES; a++) {
        double sum = 0;
        for (unsigned b = 0; b < OUTCOMES; b++) {
            sum += p[b] <= p[a] ? chance[b] : 0;
        }
        cr_expect(le(dbl, sum, p[a] + 1e-12), "outcome %u: %g, and says %g", a, sum,
                  p[a]);
        all += chance[a];
        is_useful |= p[a] < 0.05;
    }
    cr_expect(epsilon_eq(dbl, all, 1, 1e-12));
    cr_expect(is_useful);
}

/* ---- honest searches ---- */

/* Of 60 at 0.05 more than 9 come once in 1,000 times, for one test or for all adjusted. Of
 * the tests that are exact p-values are uniform, their mean is 0.5 with a standard error of
 * 0.037; those of bounds are larger. */
Test(audit_search, honest_finds_are_accused_no_more_often_than_said)
{
    struct test_random random = {test_seed(81)};
    size_t accused = 0;
    size_t low[AUD_N_SEARCHES] = {0};
    double sum[AUD_N_SEARCHES] = {0};
    for (int i = 0; i < 60; i++) {
        struct aud_search_tests tests = run(&HONEST, &random);
        double least = 1;
        for (int test = 0; test < AUD_N_SEARCHES; test++) {
            cr_assert(tests.has_run[test], "%s", aud_search_name(test));
            least = fmin(least, tests.adjusted[test]);
            low[test] += tests.p[test] < 0.05;
            sum[test] += tests.p[test] / 60;
        }
        accused += least < 0.05;
    }
    cr_expect(le(sz, accused, 9));
    for (int test = 0; test < AUD_N_SEARCHES; test++) {
        bool is_exact = test == AUD_SEARCH_SCALE || test == AUD_SEARCH_MEAN;
        cr_expect(le(sz, low[test], 9), "%s", aud_search_name(test));
        cr_expect(ge(dbl, sum[test], 0.35), "%s: %g", aud_search_name(test), sum[test]);
        cr_expect(le(dbl, sum[test], is_exact ? 0.65 : 1), "%s: %g",
                  aud_search_name(test), sum[test]);
    }
}

/* ---- what is wrong is seen ---- */

static void expect_seen(const struct way *way, int test, const char *what)
{
    struct test_random random = {test_seed(82 + (uint64_t)test)};
    struct aud_search_tests tests = run(way, &random);
    cr_expect(lt(dbl, tests.adjusted[test], AUD_SEARCH_LEVEL), "%s: %g", what,
              tests.adjusted[test]);
}

static struct way but(void)
{
    return HONEST;
}

Test(audit_search, what_is_wrong_is_seen)
{
    struct way way = but();
    way.factor = 1.6;
    expect_seen(&way, AUD_SEARCH_SCALE, "too little noise");
    way.factor = 0.6;
    expect_seen(&way, AUD_SEARCH_SCALE, "too much noise");
    way = but();
    way.no_noise_in = 0;
    expect_seen(&way, AUD_SEARCH_FIELD, "one field without noise");
    way = but();
    way.bias = 0.7;
    expect_seen(&way, AUD_SEARCH_MEAN, "bias");
    way = but();
    way.is_flat = true;
    way.threshold = -THRESHOLD * THRESHOLD;
    expect_seen(&way, AUD_SEARCH_SHAPE, "clamped at the threshold");
    way = but();
    way.kept = 1;
    expect_seen(&way, AUD_SEARCH_LIKELY, "a value of one row");
    way = but();
    way.lost = 290;
    expect_seen(&way, AUD_SEARCH_LIKELY, "a value of many rows left out");
    way = but();
    way.threshold = THRESHOLD + SIGMA;
    expect_seen(&way, AUD_SEARCH_MANY, "a higher threshold");
    way.threshold = THRESHOLD - SIGMA;
    expect_seen(&way, AUD_SEARCH_MANY, "a lower threshold");
    way = but();
    way.factor = 8;
    expect_seen(&way, AUD_SEARCH_SPREAD, "too little noise near the threshold");
}

/* Values just found are all that there are: the threshold lets honest noise pass only where
 * it is large, and small noise would be large among it if signs were kept. */
Test(audit_search, too_little_noise_is_seen_where_the_threshold_cuts_deep)
{
    struct test_random random = {test_seed(91)};
    struct aud_search search = {0};
    struct aud_search_tests tests;
    const struct aud_search_law law = {.sigma = 100, .threshold = 1000};
    for (int i = 0; i < 4000; i++) {
        int64_t noisy = 950 + llround(50 * aud_normal_quantile(uniform(&random)));
        cr_assert(zero(int, aud_search_add(&search, &law, 950,
                                           noisy >= 1000 ? &noisy : NULL, NULL)));
    }
    cr_assert(zero(int, aud_search_run(&tests, &search, NULL)));
    cr_expect(lt(dbl, tests.adjusted[AUD_SEARCH_SCALE], AUD_SEARCH_LEVEL));
    cr_expect(lt(dbl, tests.ratio, 0.8));
    aud_search_clear(&search);
}

/* ---- what would be seen ---- */

/* With power 0.99 at the factor: of 60 fewer than 55 come once in 10,000 times. */
Test(audit_search, the_factor_that_is_said_to_be_seen_is)
{
    struct test_random random = {test_seed(92)};
    struct way way = HONEST;
    size_t seen = 0;
    way.factor = run(&HONEST, &random).seen;
    cr_expect(gt(dbl, way.factor, 1.2));
    cr_expect(lt(dbl, way.factor, 2));
    for (int i = 0; i < 60; i++) {
        seen +=
            run(&way, &random).p[AUD_SEARCH_SCALE] < AUD_SEARCH_LEVEL / AUD_N_SEARCHES;
    }
    cr_expect(ge(sz, seen, 55));
    cr_expect(le(sz, seen, 60));
}

Test(audit_search, the_find_that_is_said_to_be_seen_is)
{
    struct aud_search search = {0};
    struct aud_search_tests tests;
    const struct aud_search_law law = {.sigma = 20, .threshold = 140};
    for (int times = 0; times < 2; times++) {
        for (uint64_t count = 1; count < 200; count++) {
            const int64_t noisy = 140;
            /* At first what is found is what should be; then it is one thing besides. */
            bool is = count > 140 || (times == 1 && count == tests.rare);
            cr_assert(zero(
                int, aud_search_add(&search, &law, count, is ? &noisy : NULL, NULL)));
        }
        cr_assert(zero(int, aud_search_run(&tests, &search, NULL)));
        double p = tests.adjusted[AUD_SEARCH_LIKELY];
        cr_expect(times == 0 ? p >= AUD_SEARCH_LEVEL : p < AUD_SEARCH_LEVEL, "%g", p);
        cr_expect(gt(u64, tests.rare, 20));
        cr_expect(lt(u64, tests.rare, 80));
        search.n = 0;
    }
    aud_search_clear(&search);
}

Test(audit_search, a_hundred_thousand_texts_are_no_matter)
{
    struct test_random random = {test_seed(93)};
    struct aud_search search = {0};
    struct aud_search_tests tests;
    const struct aud_search_law law = {
        .sigma = 20 * 8, .threshold = 140 * 8, .shift = 3};
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t count = 1 + i % 300;
        int64_t noise = llround(160 * aud_normal_quantile(uniform(&random)));
        int64_t noisy = (int64_t)count * 8 + noise;
        cr_assert(zero(int, aud_search_add(&search, &law, count,
                                           noisy >= 140 * 8 ? &noisy : NULL, NULL)));
    }
    cr_assert(zero(int, aud_search_run(&tests, &search, NULL)));
    cr_expect(eq(sz, tests.n_texts, 100000));
    for (int test = 0; test < AUD_N_SEARCHES; test++) {
        cr_expect(ge(dbl, tests.adjusted[test], 1e-3), "%s", aud_search_name(test));
    }
    cr_expect(lt(dbl, tests.seen, 1.05));
    cr_expect(lt(dbl, tests.shift, 0.1));
    aud_search_clear(&search);
}

Test(audit_search, of_nothing_nothing_is_said)
{
    struct aud_search search = {0};
    struct aud_search_tests tests;
    cr_assert(zero(int, aud_search_run(&tests, &search, NULL)));
    for (int test = 0; test < AUD_N_SEARCHES; test++) {
        cr_expect(not(tests.has_run[test]));
        cr_expect(eq(dbl, tests.adjusted[test], 1));
    }
}

/* Whatever a transcript says of noise and threshold, there is an answer. */
Test(audit_search, any_law_has_an_answer)
{
    static const double SIGMAS[] = {1e-150, 1e-3, 0.5, 1e3, 1e12, 1e200};
    static const double THRESHOLDS[] = {-9e18, 0, 200, 9e18};
    for (size_t s = 0; s < 6; s++) {
        for (size_t t = 0; t < 4; t++) {
            struct aud_search search = {0};
            struct aud_search_tests tests;
            const struct aud_search_law law = {.sigma = SIGMAS[s],
                                               .threshold = THRESHOLDS[t]};
            const int64_t noisy[] = {INT64_MAX, (int64_t)THRESHOLDS[t], INT64_MAX / 2};
            for (uint64_t count = 1; count < 400; count += 3) {
                const int64_t *one = count % 4 == 3 ? NULL : &noisy[count % 4];
                cr_assert(zero(int, aud_search_add(&search, &law, count, one, NULL)));
            }
            cr_assert(zero(int, aud_search_run(&tests, &search, NULL)));
            for (int test = 0; test < AUD_N_SEARCHES; test++) {
                cr_expect(ge(dbl, tests.p[test], 0), "%zu %zu %d", s, t, test);
                cr_expect(le(dbl, tests.p[test], 1), "%zu %zu %d", s, t, test);
            }
            aud_search_clear(&search);
        }
    }
}

/* What has no chance at all in double precision is no number that a test could lose. */
Test(audit_search, what_cannot_be_is_refuted)
{
    struct aud_search search = {0};
    struct aud_search_tests tests;
    const struct aud_search_law law = {.sigma = 1e-150, .threshold = 100};
    const int64_t noisy = 100;
    cr_assert(zero(int, aud_search_add(&search, &law, 3, &noisy, NULL)));
    cr_assert(zero(int, aud_search_add(&search, &law, 200, NULL, NULL)));
    cr_assert(zero(int, aud_search_run(&tests, &search, NULL)));
    cr_expect(zero(dbl, tests.p[AUD_SEARCH_LIKELY]));
    aud_search_clear(&search);
}
