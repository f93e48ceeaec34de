// SPDX-License-Identifier: Apache-2.0
/* The k-marginal score, and the part of the true rows that scores as much. */
#include "internal/parts.h"

#include <criterion/criterion.h>

#include <math.h>

/* Two marginals; parts of 1, 5, 10, ... percent that score 500, 600, 700, 720, 740, ... */
static struct sil_score score_of(double first, double second, size_t n_truth)
{
    struct sil_score score;
    struct sil_versus versus = {.truth = {.n = n_truth}};
    sil_score_plan(&score, &versus);
    struct sil_distances distances[2] = {
        {.synthetic = first,  .resampled = 0.1},
        {.synthetic = second, .resampled = 0.3}
    };
    for (size_t p = 0; p < SIL_PREFIXES; p++) {
        double error = p < 3 ? 0.5 - 0.1 * (double)p : 0.34 - 0.02 * (double)p;
        distances[0].prefix[p] = error - 0.05;
        distances[1].prefix[p] = error + 0.05;
    }
    sil_score_find(&score, distances, 2);
    return score;
}

static void expect_near(double value, double expected)
{
    cr_expect_lt(fabs(value - expected), 1e-9, "%.12f, not %.12f", value, expected);
}

Test(internal_score, is_a_thousand_less_the_mean_error)
{
    struct sil_score score = score_of(0.2, 0.5, 10000);
    expect_near(score.score.value, 650);
    expect_near(score.score.reference, 800);
    cr_expect_eq(score.n_marginals, 2U);
    cr_expect_eq(score.n_parts, 11U);
    cr_expect_eq(score.n_rows[0], 100U);
    cr_expect_eq(score.n_rows[10], 9000U);
    expect_near(score.part_score[1], 600);
}

Test(internal_score, lies_between_two_parts_on_a_straight_line)
{
    struct sil_score score = score_of(0.2, 0.5, 10000);
    cr_expect_eq(score.place, SIL_BETWEEN);
    expect_near(score.same_as, 7.5); /* 650: half-way from 600 at 5 % to 700 at 10 % */
    score = score_of(0.45, 0.45, 10000);
    expect_near(score.same_as, 3); /* 550: from 500 at 1 % to 600 at 5 % */
}

Test(internal_score, beyond_all_parts_says_so)
{
    struct sil_score score = score_of(0.9, 0.9, 10000);
    cr_expect_eq(score.place, SIL_BELOW);
    expect_near(score.same_as, 1);
    score = score_of(0, 0, 10000);
    cr_expect_eq(score.place, SIL_ABOVE);
    expect_near(score.same_as, 90);
}

Test(internal_score, of_a_small_table_has_no_parts_without_rows)
{
    struct sil_score score = score_of(0.2, 0.5, 12);
    cr_expect_eq(score.n_parts, 9U);
    cr_expect_eq(score.percent[0], 10U);
    cr_expect_eq(score.n_rows[0], 1U);
    score = score_of(0.2, 0.5, 1);
    cr_expect_eq(score.n_parts, 0U);
    cr_expect_neq(score.place, SIL_BETWEEN);
}

Test(internal_score, of_no_marginals_is_none)
{
    struct sil_score score;
    struct sil_versus versus = {.truth = {.n = 100}};
    sil_score_plan(&score, &versus);
    sil_score_find(&score, NULL, 0);
    cr_expect_eq(score.n_marginals, 0U);
    cr_expect(isnan(score.score.value));
}
