// SPDX-License-Identifier: Apache-2.0
/* Comparisons of two samples, against published values and against counting by hand. */
#include "audits/stats/compare.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>

#define NEAR(got, want, slack) \
    cr_expect(le(dbl, fabs((got) - (want)), slack), "%s: %.12g", #got, got)

Test(audit_attack_stats, binomial_counts_coins)
{
    NEAR(aud_binomial_above(0, 0, 0.5), 1, 1e-12);
    NEAR(aud_binomial_above(3, 3, 0.5), 0.125, 1e-12);
    NEAR(aud_binomial_above(9, 10, 0.5), 11.0 / 1024, 1e-12);
    NEAR(aud_binomial_above(2, 3, 0.5), 0.5, 1e-12);
    NEAR(aud_binomial_above(4, 3, 0.5), 0, 1e-12);
}

/* The middle of the interval and half its width. */
static const struct {
    uint64_t k, n;
    double middle, half;
} WILSON[] = {
    {0,    500,  0.003812170230776, 0.003812170230776},
    {1,    500,  0.005796921549853, 0.005443785155294},
    {10,   500,  0.02365968342155,  0.01276049982533 },
    {30,   500,  0.06335470980308,  0.02100635332214 },
    {250,  500,  0.5,               0.04365873469752 },
    {500,  500,  0.9961878297692,   0.003812170230776},
    {7,    200,  0.04376307676543,  0.02670753475686 },
    {1500, 2000, 0.7495207381797,   0.01896512739549 },
};

Test(audit_attack_stats, wilson)
{
    for (size_t i = 0; i < sizeof WILSON / sizeof WILSON[0]; i++) {
        struct aud_interval got = aud_wilson(WILSON[i].k, WILSON[i].n, 0.05);
        NEAR((got.low + got.high) / 2, WILSON[i].middle, 1e-9 * WILSON[i].middle);
        NEAR((got.high - got.low) / 2, WILSON[i].half, 1e-9 * WILSON[i].half);
    }
}

/* Newcombe 1998, table II, row 10. */
static const struct {
    unsigned a, n, b, m;
    double low, high;
} NEWCOMBE[] = {
    {56, 70, 48, 80, 0.0524,  0.3339},
    {9,  10, 3,  10, 0.1705,  0.8090},
    {6,  7,  2,  7,  0.0582,  0.8062},
    {5,  56, 0,  29, -0.0381, 0.1926},
    {0,  10, 0,  20, -0.1611, 0.2775},
    {0,  10, 0,  10, -0.2775, 0.2775},
    {10, 10, 0,  20, 0.6791,  1     },
    {10, 10, 0,  10, 0.6075,  1     },
};

Test(audit_attack_stats, newcombe)
{
    for (size_t i = 0; i < sizeof NEWCOMBE / sizeof NEWCOMBE[0]; i++) {
        struct aud_interval got = aud_newcombe(NEWCOMBE[i].a, NEWCOMBE[i].n,
                                               NEWCOMBE[i].b, NEWCOMBE[i].m, 0.05);
        NEAR(got.low, NEWCOMBE[i].low, 5.1e-5);
        NEAR(got.high, NEWCOMBE[i].high, 5.1e-5);
    }
}

Test(audit_attack_stats, auc_by_counting_pairs)
{
    const double first[] = {1, 2, 2, 5};
    const double second[] = {0, 2, 3};
    /* 1 beats 0; each 2 beats 0 and ties 2; 5 beats all: 1 + 2 * 1.5 + 3 of 12. */
    struct aud_auc got = aud_auc(first, 4, second, 3, 0.05);
    NEAR(got.auc, 7.0 / 12, 1e-12);
    /* Ranks with one group of three ties: variance (8 - 24 / 42) / 144. */
    NEAR(got.p, 0.5 * erfc((got.auc - 0.5) / sqrt((8 - 24.0 / 42) / 144) / sqrt(2)),
         1e-12);
    /* Placements of the first 1/3, 1/2, 1/2, 1; of the second 0, 1/2, 3/4. */
    double variance = 0.0833333333333333 / 4 + 0.145833333333333 / 3;
    NEAR(got.interval.low, fmax(0, got.auc - 1.95996398454 * sqrt(variance)), 1e-9);
    got = aud_auc(second, 3, first, 4, 0.05);
    NEAR(got.auc, 5.0 / 12, 1e-12);
}

Test(audit_attack_stats, equal_scores_tell_nothing)
{
    const double same[] = {3, 3, 3, 3};
    struct aud_auc got = aud_auc(same, 4, same, 4, 0.05);
    NEAR(got.auc, 0.5, 1e-12);
    NEAR(got.p, 1, 1e-12);
}

Test(audit_attack_stats, one_law_or_two)
{
    const uint32_t a[] = {50, 50, 1};
    const uint32_t b[] = {50, 50, 0};
    const uint32_t c[] = {80, 20, 0};
    /* The last cell is too small and put nowhere: what is left is all but equal. */
    cr_expect(gt(dbl, aud_same_law(a, b, 3), 0.9));
    /* 2 x 2: expected 65 and 35, chi-squared 2 * 225 / 65 + 2 * 225 / 35 = 19.78. */
    NEAR(aud_same_law(b, c, 2), 8.680e-6, 2e-8);
    NEAR(aud_same_law(b, c, 1), 1, 1e-12);
}
