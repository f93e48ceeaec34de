// SPDX-License-Identifier: Apache-2.0
#include "privacy/cost.h"
#include "privacy/gate.h"
#include "support/property.h"
#include "synth/budget.h"
#include "synth/mechanism.h"

#include <criterion/criterion.h>

#include <math.h>

static struct sil_error error;

static void expect_rational(const mpq_t value, const char *text)
{
    mpq_t want;
    mpq_init(want);
    cr_assert_eq(mpq_set_str(want, text, 10), 0);
    cr_expect(mpq_equal(value, want) != 0, "not %s", text);
    mpq_clear(want);
}

Test(budget, shares_round_down_to_the_grid)
{
    struct sil_rho whole;
    struct sil_rho part;
    sil_rho_init(&whole);
    sil_rho_init(&part);
    mpq_set_ui(whole.v, 3, 4);

    sil_share(&part, &whole, 1, 3);
    expect_rational(part.v, "1/4");
    sil_share(&part, &whole, 1, 5);
    cr_expect_lt(mpq_cmp_ui(part.v, 3, 20), 0);
    mpq_set_ui(whole.v, 1, 1);
    mpq_div_2exp(whole.v, whole.v, SIL_COST_BITS);
    sil_share(&part, &whole, 1, 2);
    cr_expect_eq(mpq_sgn(part.v), 0);
    sil_rho_clear(&whole);
    sil_rho_clear(&part);
}

/* A round takes exactly what it is given; a tenth of it, or less, goes to the choice. */
static bool round_costs_what_it_is_given(struct test_random *random, void *context)
{
    struct sil_rho cost;
    struct sil_rho again;
    struct sil_round round;
    (void)context;
    sil_rho_init(&cost);
    sil_rho_init(&again);
    sil_round_init(&round);
    uint64_t d2 = 1 + test_below(random, 2);
    mpz_set_ui(mpq_numref(cost.v), 1 + test_word(random) / 2);
    mpq_div_2exp(cost.v, cost.v, 64 + (mp_bitcnt_t)test_below(random, 19));

    bool holds = sil_round_of_cost(&round, &cost, d2, NULL) == SIL_OK;
    sil_cost_of_choice(&again, &round.epsilon);
    holds = holds && mpq_equal(again.v, round.selection_cost.v);
    mpq_set_ui(again.v, 1, 10);
    mpq_mul(again.v, again.v, cost.v);
    holds = holds && mpq_cmp(round.selection_cost.v, again.v) <= 0;
    sil_cost_of_noise(&again, d2, &round.sigma2);
    holds = holds && mpq_equal(again.v, round.noise_cost.v);
    mpq_add(again.v, again.v, round.selection_cost.v);
    holds = holds && mpq_equal(again.v, cost.v);
    sil_rho_clear(&cost);
    sil_rho_clear(&again);
    sil_round_clear(&round);
    return holds;
}

Test(budget, round_costs_exactly_what_it_is_given)
{
    cr_expect(
        test_forall("round", test_cases(500), round_costs_what_it_is_given, NULL));
}

Test(budget, choice_of_a_share_is_the_largest_on_its_grid)
{
    struct sil_rho share;
    struct sil_rho cost;
    struct sil_epsilon epsilon;
    sil_rho_init(&share);
    sil_rho_init(&cost);
    sil_epsilon_init(&epsilon);
    mpq_set_ui(share.v, 1, 3);

    cr_assert_eq(sil_choice_of_share(&epsilon, &cost, &share, &error), SIL_OK);
    cr_expect_leq(mpq_cmp(cost.v, share.v), 0);
    mpq_set_ui(cost.v, 1, 1);
    mpq_div_2exp(cost.v, cost.v, 40);
    mpq_add(epsilon.v, epsilon.v, cost.v);
    sil_cost_of_choice(&cost, &epsilon);
    cr_expect_gt(mpq_cmp(cost.v, share.v), 0);
    sil_rho_clear(&share);
    sil_rho_clear(&cost);
    sil_epsilon_clear(&epsilon);
}

Test(budget, too_small_for_the_gate_is_refused_in_advance)
{
    struct sil_rho cost;
    struct sil_sigma2 sigma2;
    struct sil_round round;
    sil_rho_init(&cost);
    sil_sigma2_init(&sigma2);
    sil_round_init(&round);

    cr_expect_eq(sil_noise_of_cost(&sigma2, &cost, 1, &error), SIL_ERR_BUDGET);
    mpq_set_ui(cost.v, 1, 2000000000000);
    cr_expect_eq(sil_noise_of_cost(&sigma2, &cost, 1, &error), SIL_OK);
    cr_expect_eq(sil_noise_of_cost(&sigma2, &cost, 2, &error), SIL_ERR_BUDGET);
    cr_expect_eq(sil_round_of_cost(&round, &cost, 2, &error), SIL_ERR_BUDGET);
    sil_rho_clear(&cost);
    sil_sigma2_clear(&sigma2);
    sil_round_clear(&round);
}

Test(budget, expected_noise_is_the_integer_below_its_formula)
{
    static const struct {
        unsigned long num;
        unsigned long den;
        uint64_t cells;
    } CASES[] = {
        {1,            1,     1     },
        {10000,        1,     8500  },
        {7,            3,     42    },
        {1,            65536, 100000},
        {694000000001, 1,     3     },
    };
    struct sil_sigma2 sigma2;
    sil_sigma2_init(&sigma2);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        mpq_set_ui(sigma2.v, CASES[i].num, CASES[i].den);
        mpq_canonicalize(sigma2.v);
        double sigma = sqrt((double)CASES[i].num / (double)CASES[i].den);
        double want = sqrt(2 / M_PI) * sigma * (double)CASES[i].cells * 1024;
        double got = (double)sil_expected_noise(&sigma2, CASES[i].cells);
        cr_expect_leq(got, want * (1 + 1e-12), "case %zu", i);
        cr_expect_geq(got, want * (1 - 1e-12) - 1, "case %zu", i);
        cr_expect_float_eq(sil_mean_noise(&sigma2), sqrt(2 / M_PI) * sigma,
                           1e-12 * sigma);
    }
    mpq_set_ui(sigma2.v, 1000000000000, 1);
    cr_expect_eq(sil_expected_noise(&sigma2, UINT64_C(1) << 62), INT64_C(1) << 62);
    sil_sigma2_clear(&sigma2);
}

Test(budget, independent_columns_share_all_and_the_large_get_more)
{
    const uint32_t sizes[] = {1, 8, 1000};
    const struct sil_domain domain = {.n_attrs = 3, .sizes = sizes};
    struct sil_rho budget;
    struct sil_rho part[3];
    struct sil_rho sum;
    sil_rho_init(&budget);
    sil_rho_init(&sum);
    mpq_set_ui(budget.v, 1, 7);
    for (uint32_t a = 0; a < 3; a++) {
        sil_rho_init(&part[a]);
    }
    sil_independent_costs(part, &budget, &domain);
    for (uint32_t a = 0; a < 3; a++) {
        mpq_add(sum.v, sum.v, part[a].v);
    }

    cr_expect_leq(mpq_cmp(sum.v, budget.v), 0);
    mpq_sub(sum.v, budget.v, sum.v);
    cr_expect_lt(mpq_get_d(sum.v), 1e-20);
    /* Half evenly, half by cells^(2/3): 1, 4, 100 of 105. */
    cr_expect_float_eq(mpq_get_d(part[0].v) * 7, 1.0 / 6 + 0.5 * 1 / 105, 1e-9);
    cr_expect_float_eq(mpq_get_d(part[2].v) * 7, 1.0 / 6 + 0.5 * 100 / 105, 1e-9);
    for (uint32_t a = 0; a < 3; a++) {
        sil_rho_clear(&part[a]);
    }
    sil_rho_clear(&budget);
    sil_rho_clear(&sum);
}
