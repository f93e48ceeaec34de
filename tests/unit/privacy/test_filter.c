// SPDX-License-Identifier: Apache-2.0
#include "privacy/cost.h"
#include "privacy/filter.h"
#include "support/property.h"
#include "support/vectors.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

static void rho_set(struct sil_rho *rho, const char *text)
{
    cr_assert(zero(int, mpq_set_str(rho->v, text, 10)));
    mpq_canonicalize(rho->v);
}

/* A filter whose cap is `cap`, and a rho to charge it with. */
static void open_filter(struct sil_filter *filter, struct sil_rho *cost,
                        const char *cap)
{
    sil_rho_init(cost);
    rho_set(cost, cap);
    sil_filter_init(filter, cost, NULL);
}

static void close_filter(struct sil_filter *filter, struct sil_rho *cost)
{
    sil_rho_clear(cost);
    sil_filter_clear(filter);
}

Test(filter, accepts_a_charge_that_meets_the_cap_exactly)
{
    struct sil_filter filter;
    struct sil_rho cost;
    open_filter(&filter, &cost, "1/3");

    cr_expect(eq(int, sil_filter_charge(&filter, &cost, NULL), SIL_OK));

    sil_filter_remaining(&cost, &filter);
    cr_expect(zero(int, mpq_sgn(cost.v)));
    close_filter(&filter, &cost);
}

Test(filter, refuses_the_smallest_overspend_and_stays_as_it_was)
{
    struct sil_filter filter;
    struct sil_rho cost;
    open_filter(&filter, &cost, "1");
    rho_set(&cost, "999999999999999999999999999999/1000000000000000000000000000000");
    cr_assert(eq(int, sil_filter_charge(&filter, &cost, NULL), SIL_OK));

    rho_set(&cost, "1000000000000000000000000000001/"
                   "1000000000000000000000000000000000000000000000000000000000000");
    sil_status refused = sil_filter_charge(&filter, &cost, NULL);
    rho_set(&cost, "1/1000000000000000000000000000000");
    sil_status exact = sil_filter_charge(&filter, &cost, NULL);

    cr_expect(eq(int, refused, SIL_ERR_BUDGET));
    cr_expect(eq(int, exact, SIL_OK), "the refused charge left its room");
    cr_expect(zero(int, mpq_cmp_ui(filter.spent.v, 1, 1)));
    close_filter(&filter, &cost);
}

Test(filter, refuses_costs_that_are_not_positive)
{
    struct sil_filter filter;
    struct sil_rho cost;
    open_filter(&filter, &cost, "1");

    rho_set(&cost, "-1/1000");
    cr_expect(eq(int, sil_filter_charge(&filter, &cost, NULL), SIL_ERR_USAGE));
    rho_set(&cost, "0");
    cr_expect(eq(int, sil_filter_charge(&filter, &cost, NULL), SIL_ERR_USAGE));

    cr_expect(zero(int, mpq_sgn(filter.spent.v)));
    close_filter(&filter, &cost);
}

Test(filter, spends_nothing_under_a_cap_of_zero)
{
    struct sil_filter filter;
    struct sil_rho cost;
    open_filter(&filter, &cost, "0");

    rho_set(&cost, "1/1000000000000000000000000000000");
    cr_expect(eq(int, sil_filter_charge(&filter, &cost, NULL), SIL_ERR_BUDGET));

    close_filter(&filter, &cost);
}

/* A budget of awkward denominator cut into random parts, one million in all: each cut
 * fits, the last is exact, nothing is left. */
static bool random_parts_spend_the_whole(struct test_random *random, void *context)
{
    enum { PARTS = 1000 };

    (void)context;
    uint64_t weight[PARTS];
    uint64_t total = 0;
    for (int i = 0; i < PARTS; i++) {
        weight[i] = 1 + test_below(random, 1000000);
        total += weight[i];
    }

    struct sil_filter filter;
    struct sil_rho cap;
    struct sil_rho cost;
    sil_rho_init(&cap);
    sil_rho_init(&cost);
    mpq_set_ui(cap.v, 1 + test_below(random, 1000000007), 480336000);
    mpq_canonicalize(cap.v);
    sil_filter_init(&filter, &cap, NULL);
    bool fits = true;
    for (int i = 0; i < PARTS; i++) {
        mpq_set_ui(cost.v, weight[i], total);
        mpq_canonicalize(cost.v);
        mpq_mul(cost.v, cost.v, cap.v);
        fits = fits && sil_filter_charge(&filter, &cost, NULL) == SIL_OK;
    }
    bool is_spent = mpq_equal(filter.spent.v, cap.v) != 0;
    mpq_set_ui(cost.v, 1, 1);
    mpq_div_2exp(cost.v, cost.v, 1000);
    bool is_refused = sil_filter_charge(&filter, &cost, NULL) == SIL_ERR_BUDGET;
    sil_filter_clear(&filter);
    sil_rho_clear(&cost);
    sil_rho_clear(&cap);
    return fits && is_spent && is_refused;
}

Test(filter, a_million_random_parts_add_up_to_their_budgets)
{
    cr_expect(test_forall("parts of a budget", test_cases(1000),
                          random_parts_spend_the_whole, NULL));
}

Test(filter, sums_the_reference_ledger_exactly)
{
    json_t *ledger = vectors_load("i");
    const json_t *entries = vectors_member(ledger, "entries");
    struct sil_filter filter;
    struct sil_rho cost;
    open_filter(&filter, &cost, "1");

    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        long count = (long)json_integer_value(vectors_member(entry, "count"));
        vectors_rational(cost.v, entry, "rho_each");
        for (long k = 0; k < count; k++) {
            cr_expect(eq(int, sil_filter_charge(&filter, &cost, NULL), SIL_OK));
        }
    }

    vectors_rational(cost.v, ledger, "total_rho");
    cr_expect(mpq_equal(filter.spent.v, cost.v) != 0);
    close_filter(&filter, &cost);
    json_decref(ledger);
}

Test(cost, of_noise_and_choice_are_those_of_the_reference_ledger)
{
    static const struct {
        const char *sigma2;
        const char *rho;
    } NOISE[] = {
        {"400",       "1/800"   },
        {"10007/100", "50/10007"},
        {"3000",      "1/6000"  }
    };
    struct sil_rho rho;
    struct sil_rho want;
    struct sil_sigma2 sigma2;
    struct sil_epsilon epsilon;
    sil_rho_init(&rho);
    sil_rho_init(&want);
    sil_sigma2_init(&sigma2);
    sil_epsilon_init(&epsilon);

    for (size_t i = 0; i < sizeof NOISE / sizeof NOISE[0]; i++) {
        cr_assert(zero(int, mpq_set_str(sigma2.v, NOISE[i].sigma2, 10)));
        rho_set(&want, NOISE[i].rho);
        sil_cost_of_noise(&rho, 1, &sigma2);
        cr_expect(mpq_equal(rho.v, want.v) != 0, "%s", NOISE[i].sigma2);
    }
    mpq_set_ui(epsilon.v, 1, 20);
    rho_set(&want, "1/3200");
    sil_cost_of_choice(&rho, &epsilon);
    cr_expect(mpq_equal(rho.v, want.v) != 0);

    sil_epsilon_clear(&epsilon);
    sil_sigma2_clear(&sigma2);
    sil_rho_clear(&want);
    sil_rho_clear(&rho);
}

/* epsilon^2 / 8 is never below the tight zCDP parameter of epsilon-bounded range. */
Test(cost, of_a_choice_is_never_below_the_tight_one)
{
    json_t *rows = vectors_load("h");
    struct sil_rho rho;
    struct sil_epsilon epsilon;
    mpq_t tight;
    sil_rho_init(&rho);
    sil_epsilon_init(&epsilon);
    mpq_init(tight);
    cr_assert(gt(sz, json_array_size(rows), 0));

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        vectors_rational(epsilon.v, row, "eps");
        vectors_rational(tight, row,
                         "rho_BR_tight=eps/(1-e^-eps)+ln((1-e^-eps)/eps)-1");
        sil_cost_of_choice(&rho, &epsilon);
        cr_expect(mpq_cmp(rho.v, tight) >= 0, "%s", vectors_text(row, "eps"));
        vectors_rational(tight, row, "rho_eps2_over_8");
        cr_expect(mpq_equal(rho.v, tight) != 0, "%s", vectors_text(row, "eps"));
    }

    mpq_clear(tight);
    sil_epsilon_clear(&epsilon);
    sil_rho_clear(&rho);
    json_decref(rows);
}

static uint64_t member(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(vectors_member(object, name));
}

Test(cost, sensitivities_are_those_of_the_vectors)
{
    json_t *vectors = vectors_load("j");
    const json_t *add_remove = vectors_member(vectors, "add_remove");
    const json_t *replace_one = vectors_member(vectors, "replace_one");

    cr_expect(eq(u64, sil_marginal_sensitivity(SIL_ADD_REMOVE, 1),
                 member(add_remove, "marginal_L1")));
    cr_expect(eq(u64, sil_marginal_sensitivity_squared(SIL_ADD_REMOVE, 1),
                 member(add_remove, "marginal_L2_sq")));
    cr_expect(eq(u64, sil_marginal_sensitivity(SIL_REPLACE_ONE, 1),
                 member(replace_one, "marginal_L1")));
    cr_expect(eq(u64, sil_marginal_sensitivity_squared(SIL_REPLACE_ONE, 1),
                 member(replace_one, "marginal_L2_sq")));
    json_decref(vectors);
}

Test(cost, sensitivities_grow_with_the_rows_of_a_person)
{
    cr_expect(eq(u64, sil_marginal_sensitivity(SIL_ADD_REMOVE, 10), 10));
    cr_expect(eq(u64, sil_marginal_sensitivity_squared(SIL_ADD_REMOVE, 10), 100));
    cr_expect(eq(u64, sil_marginal_sensitivity(SIL_REPLACE_ONE, 10), 20));
    cr_expect(eq(u64, sil_marginal_sensitivity_squared(SIL_REPLACE_ONE, 10), 200));
    cr_expect(eq(
        u64, sil_marginal_sensitivity_squared(SIL_REPLACE_ONE, SIL_MAX_ROWS_PER_UNIT),
        UINT64_C(1) << 41));
}
