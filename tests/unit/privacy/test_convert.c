// SPDX-License-Identifier: Apache-2.0
#include "num/rational.h"
#include "privacy/convert_internal.h"
#include "support/property.h"
#include "support/vectors.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
#include <stdio.h>

struct units {
    struct sil_rho rho;
    struct sil_epsilon epsilon;
    struct sil_delta delta;
    mpq_t want;
    mpq_t limit;
};

static struct units u;

static void init_units(void)
{
    sil_rho_init(&u.rho);
    sil_epsilon_init(&u.epsilon);
    sil_delta_init(&u.delta);
    mpq_inits(u.want, u.limit, NULL);
}

static void clear_units(void)
{
    mpq_clears(u.want, u.limit, NULL);
    sil_delta_clear(&u.delta);
    sil_epsilon_clear(&u.epsilon);
    sil_rho_clear(&u.rho);
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(convert, .init = init_units, .fini = clear_units);

static void set(mpq_t out, const char *text)
{
    cr_assert(eq(int, sil_rational_parse(out, text, 1, "a number", NULL), SIL_OK));
}

/* want <= ours <= want (1 + 1e-9): the vectors have 32 digits, cut or rounded, so the
 * lower side allows for the last of them. */
static bool is_certified(const mpq_t ours, mpq_t want)
{
    mpq_set_ui(u.limit, 1000000001, 1000000000);
    mpq_mul(u.limit, u.limit, want);
    return mpq_cmp(ours, want) >= 0 && mpq_cmp(ours, u.limit) <= 0;
}

Test(convert, epsilon_of_rho_encloses_every_vector_from_above)
{
    json_t *rows = vectors_load("b");
    cr_assert(gt(sz, json_array_size(rows), 0));

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        vectors_rational(u.rho.v, row, "rho");
        vectors_rational(u.delta.v, row, "delta");
        vectors_rational(u.want, row, "eps_cks");

        sil_status status = sil_epsilon_of_rho(&u.epsilon, &u.rho, &u.delta, NULL);

        cr_expect(eq(int, status, SIL_OK));
        cr_expect(is_certified(u.epsilon.v, u.want), "rho %s delta %s",
                  vectors_text(row, "rho"), vectors_text(row, "delta"));
        vectors_rational(u.want, row, "eps_bun_steinke");
        cr_expect(mpq_cmp(u.epsilon.v, u.want) < 0, "the loose bound is looser");
    }
    json_decref(rows);
}

Test(convert, epsilon_of_the_reference_ledger_is_certified)
{
    json_t *ledger = vectors_load("i");
    vectors_rational(u.rho.v, ledger, "total_rho");
    vectors_rational(u.want, ledger, "eps_cks_delta_1e_6");
    set(u.delta.v, "1e-6");

    cr_assert(eq(int, sil_epsilon_of_rho(&u.epsilon, &u.rho, &u.delta, NULL), SIL_OK));

    cr_expect(is_certified(u.epsilon.v, u.want));
    json_decref(ledger);
}

Test(convert, delta_of_rho_encloses_every_vector_from_above)
{
    json_t *rows = vectors_load("b2");
    cr_assert(gt(sz, json_array_size(rows), 0));

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        vectors_rational(u.rho.v, row, "rho");
        vectors_rational(u.epsilon.v, row, "eps");
        vectors_rational(u.want, row, "delta_cks");

        sil_status status = sil_delta_of_rho(&u.delta, &u.rho, &u.epsilon, NULL);

        cr_expect(eq(int, status, SIL_OK));
        cr_expect(is_certified(u.delta.v, u.want), "rho %s epsilon %s",
                  vectors_text(row, "rho"), vectors_text(row, "eps"));
    }
    json_decref(rows);
}

Test(convert, rho_of_epsilon_is_just_below_every_vector)
{
    json_t *rows = vectors_load("c");
    cr_assert(gt(sz, json_array_size(rows), 0));

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        vectors_rational(u.epsilon.v, row, "eps");
        vectors_rational(u.delta.v, row, "delta");
        vectors_rational(u.want, row, "rho_cks");

        sil_status status = sil_rho_of_epsilon(&u.rho, &u.epsilon, &u.delta, NULL);

        cr_expect(eq(int, status, SIL_OK));
        cr_expect(mpq_cmp(u.rho.v, u.want) <= 0, "never above");
        mpq_set_ui(u.limit, 999999999, 1000000000);
        mpq_mul(u.limit, u.limit, u.want);
        cr_expect(mpq_cmp(u.rho.v, u.limit) >= 0,
                  "never far below: epsilon %s delta %s", vectors_text(row, "eps"),
                  vectors_text(row, "delta"));
        cr_expect(le(sz, mpz_sizeinbase(mpq_denref(u.rho.v), 2), 61), "on the grid");
    }
    json_decref(rows);
}

/* A rho from a wanted epsilon, converted back, never costs more than what was wanted. */
static bool rho_costs_at_most_its_epsilon(struct test_random *random, void *context)
{
    struct units *v = context;
    mpq_set_ui(v->epsilon.v, 1 + test_below(random, 1000000),
               1 + test_below(random, 50000));
    mpq_canonicalize(v->epsilon.v);
    mpq_set_ui(v->delta.v, 1 + test_below(random, 999), 1000);
    for (uint64_t k = test_below(random, 12); k > 0; k--) {
        mpq_div_2exp(v->delta.v, v->delta.v, 3);
    }
    if (sil_rho_of_epsilon(&v->rho, &v->epsilon, &v->delta, NULL) != SIL_OK) {
        return false;
    }
    struct sil_epsilon back;
    sil_epsilon_init(&back);
    bool holds = sil_epsilon_of_rho(&back, &v->rho, &v->delta, NULL) == SIL_OK;
    /* The printed bound is rounded up to 64 bits: allow that much and no more. */
    mpq_set_ui(v->limit, 1, 1);
    mpq_div_2exp(v->limit, v->limit, 62);
    mpq_mul(v->limit, v->limit, v->epsilon.v);
    mpq_add(v->limit, v->limit, v->epsilon.v);
    holds = holds && mpq_cmp(back.v, v->limit) <= 0;
    sil_epsilon_clear(&back);
    return holds;
}

Test(convert, rho_of_epsilon_converts_back_to_at_most_epsilon)
{
    cr_expect(test_forall("rho to epsilon and back", test_cases(60),
                          rho_costs_at_most_its_epsilon, &u));
}

/* At every alpha tried here the formula must not be below what we call the minimum by
 * more than the promised 1e-9; and our value must not be below the formula's minimum
 * over a fine grid. Plain MPFR to the nearest, another route than the code under test. */
static void formula(mpfr_t out, const mpq_t rho, const mpq_t delta, const mpfr_t b)
{
    mpfr_t alpha;
    mpfr_t term;
    mpfr_inits2(400, alpha, term, (mpfr_ptr)NULL);
    mpfr_add_ui(alpha, b, 1, MPFR_RNDN);
    mpfr_ui_div(out, 1, alpha, MPFR_RNDN);
    mpfr_neg(out, out, MPFR_RNDN);
    mpfr_log1p(out, out, MPFR_RNDN);
    mpfr_mul(out, out, b, MPFR_RNDN);
    mpfr_set_q(term, delta, MPFR_RNDN);
    mpfr_log(term, term, MPFR_RNDN);
    mpfr_sub(out, out, term, MPFR_RNDN);
    mpfr_log(term, alpha, MPFR_RNDN);
    mpfr_sub(out, out, term, MPFR_RNDN);
    mpfr_div(out, out, b, MPFR_RNDN);
    mpfr_mul_q(term, alpha, rho, MPFR_RNDN);
    mpfr_add(out, out, term, MPFR_RNDN);
    mpfr_clears(alpha, term, (mpfr_ptr)NULL);
}

static void expect_minimum(const char *rho, const char *delta)
{
    mpfr_t b;
    mpfr_t value;
    mpfr_t least;
    mpfr_inits2(400, b, value, least, (mpfr_ptr)NULL);
    set(u.rho.v, rho);
    set(u.delta.v, delta);
    cr_assert(eq(int, sil_epsilon_of_rho(&u.epsilon, &u.rho, &u.delta, NULL), SIL_OK));

    mpfr_set_inf(least, 1);
    for (int quarter = -4 * 60; quarter <= 4 * 1100; quarter++) {
        mpfr_set_si(b, quarter, MPFR_RNDN);
        mpfr_div_2ui(b, b, 2, MPFR_RNDN);
        mpfr_exp2(b, b, MPFR_RNDN);
        formula(value, u.rho.v, u.delta.v, b);
        mpfr_min(least, least, value, MPFR_RNDN);
    }
    /* Between grid points the minimum may be lower, by less than a per cent. */
    mpfr_get_q(u.want, least);
    cr_expect(mpq_cmp(u.epsilon.v, u.want) <= 0 || mpq_sgn(u.epsilon.v) == 0,
              "rho %s delta %s: above a valid bound", rho, delta);
    mpq_set_ui(u.limit, 98, 100);
    mpq_mul(u.limit, u.limit, u.want);
    cr_expect(mpq_cmp(u.epsilon.v, u.limit) >= 0, "rho %s delta %s: too good", rho,
              delta);
    mpfr_clears(b, value, least, (mpfr_ptr)NULL);
}

Test(convert, epsilon_is_the_minimum_from_tiny_to_huge_rho)
{
    expect_minimum("1e-300", "1e-200");
    expect_minimum("1e-100", "1e-60");
    expect_minimum("1e-12", "1e-9");
    expect_minimum("1e-6", "1e-6");
    expect_minimum("1", "1e-300");
    expect_minimum("1000", "1e-9");
    expect_minimum("1e6", "1e-9");
}

/* A random rho from 2^-40 to 2^20, epsilon from 2^-10 to 2^10, delta from 2^-60 to 1. */
static void random_units(struct units *v, struct test_random *random)
{
    mpq_set_ui(v->rho.v, 1 + test_below(random, 1000000), 1000000);
    mpq_mul_2exp(v->rho.v, v->rho.v, 20);
    mpq_div_2exp(v->rho.v, v->rho.v, test_below(random, 40));
    mpq_canonicalize(v->rho.v);
    mpq_set_ui(v->epsilon.v, 1 + test_below(random, 1000000), 1000);
    mpq_div_2exp(v->epsilon.v, v->epsilon.v, test_below(random, 10));
    mpq_canonicalize(v->epsilon.v);
    mpq_set_ui(v->delta.v, 1 + test_below(random, 999), 1000);
    mpq_div_2exp(v->delta.v, v->delta.v, test_below(random, 50));
    mpq_canonicalize(v->delta.v);
}

/* Few bits move a bound outwards, never inwards: every operation is rounded away from the
 * truth. 256 bits stand for the truth. */
static bool few_bits_only_loosen(struct test_random *random, void *context)
{
    enum { FEWEST = 8, MOST = 16, TRUTH = 256 };
    struct units *v = context;
    bool holds = true;
    random_units(v, random);

    sil_epsilon_bound(v->want, &v->rho, &v->delta, TRUTH);
    for (unsigned bits = FEWEST; bits <= MOST; bits++) {
        sil_epsilon_bound(v->limit, &v->rho, &v->delta, bits);
        holds = holds && mpq_cmp(v->limit, v->want) >= 0;
    }
    sil_delta_bound(v->want, &v->rho, &v->epsilon, TRUTH);
    for (unsigned bits = FEWEST; bits <= MOST; bits++) {
        sil_delta_bound(v->limit, &v->rho, &v->epsilon, bits);
        holds = holds && mpq_cmp(v->limit, v->want) >= 0;
    }
    sil_rho_bound(v->want, &v->epsilon, &v->delta, TRUTH);
    for (unsigned bits = FEWEST; bits <= MOST && mpq_sgn(v->want) > 0; bits++) {
        sil_rho_bound(v->limit, &v->epsilon, &v->delta, bits);
        holds = holds && mpq_cmp(v->limit, v->want) <= 0;
    }
    return holds;
}

Test(convert, every_operation_is_rounded_away_from_the_truth)
{
    cr_expect(
        test_forall("bounds of few bits", test_cases(200), few_bits_only_loosen, &u));
}

Test(convert, epsilon_rises_with_rho_and_falls_with_delta)
{
    static const char *const RHO[] = {"1e-300", "1e-30", "1e-9", "1e-3",
                                      "1",      "1e3",   "1e6"};
    static const char *const DELTA[] = {"1e-300", "1e-12", "1e-9", "1e-6", "0.1"};
    mpq_t last[7];
    for (size_t r = 0; r < 7; r++) {
        mpq_init(last[r]);
    }

    for (size_t d = 0; d < 5; d++) {
        mpq_set_si(u.limit, -1, 1);
        for (size_t r = 0; r < 7; r++) {
            set(u.rho.v, RHO[r]);
            set(u.delta.v, DELTA[d]);
            sil_status status = sil_epsilon_of_rho(&u.epsilon, &u.rho, &u.delta, NULL);
            cr_expect(eq(int, status, SIL_OK));
            cr_expect(mpq_cmp(u.epsilon.v, u.limit) >= 0, "rho %s", RHO[r]);
            cr_expect(d == 0 || mpq_cmp(u.epsilon.v, last[r]) <= 0, "%s", DELTA[d]);
            mpq_set(u.limit, u.epsilon.v);
            mpq_set(last[r], u.epsilon.v);
        }
    }
    for (size_t r = 0; r < 7; r++) {
        mpq_clear(last[r]);
    }
}

Test(convert, a_rho_of_zero_costs_nothing)
{
    mpq_set_ui(u.epsilon.v, 5, 1);
    set(u.delta.v, "1e-6");

    cr_expect(eq(int, sil_epsilon_of_rho(&u.epsilon, &u.rho, &u.delta, NULL), SIL_OK));
    cr_expect(zero(int, mpq_sgn(u.epsilon.v)));
    cr_expect(eq(int, sil_delta_of_rho(&u.delta, &u.rho, &u.epsilon, NULL), SIL_OK));
    cr_expect(zero(int, mpq_sgn(u.delta.v)));
}

Test(convert, refuses_what_is_no_privacy_parameter)
{
    static const char *const DELTA[] = {"0", "-1e-9", "1", "2"};
    set(u.rho.v, "0.1");
    set(u.epsilon.v, "1");
    for (size_t i = 0; i < sizeof DELTA / sizeof DELTA[0]; i++) {
        set(u.delta.v, DELTA[i]);
        cr_expect(eq(int, sil_epsilon_of_rho(&u.epsilon, &u.rho, &u.delta, NULL),
                     SIL_ERR_USAGE));
        cr_expect(eq(int, sil_rho_of_epsilon(&u.rho, &u.epsilon, &u.delta, NULL),
                     SIL_ERR_USAGE));
    }

    set(u.delta.v, "1e-6");
    set(u.epsilon.v, "0");
    cr_expect(
        eq(int, sil_rho_of_epsilon(&u.rho, &u.epsilon, &u.delta, NULL), SIL_ERR_USAGE));
    set(u.epsilon.v, "-1");
    cr_expect(
        eq(int, sil_rho_of_epsilon(&u.rho, &u.epsilon, &u.delta, NULL), SIL_ERR_USAGE));
    cr_expect(
        eq(int, sil_delta_of_rho(&u.delta, &u.rho, &u.epsilon, NULL), SIL_ERR_USAGE));
    set(u.rho.v, "-1");
    set(u.epsilon.v, "1");
    cr_expect(
        eq(int, sil_epsilon_of_rho(&u.epsilon, &u.rho, &u.delta, NULL), SIL_ERR_USAGE));
    cr_expect(
        eq(int, sil_delta_of_rho(&u.delta, &u.rho, &u.epsilon, NULL), SIL_ERR_USAGE));
}

Test(convert, refuses_a_budget_below_its_grid)
{
    set(u.epsilon.v, "1e-30");
    set(u.delta.v, "1e-100");

    sil_status status = sil_rho_of_epsilon(&u.rho, &u.epsilon, &u.delta, NULL);

    cr_expect(eq(int, status, SIL_ERR_BUDGET));
    cr_expect(zero(int, mpq_sgn(u.rho.v)));
}

Test(convert, delta_stays_writable_and_at_most_one_at_the_extremes)
{
    set(u.rho.v, "1e-300");
    set(u.epsilon.v, "10000");
    cr_expect(eq(int, sil_delta_of_rho(&u.delta, &u.rho, &u.epsilon, NULL), SIL_OK));
    mpq_set_ui(u.want, 1, 1);
    mpq_div_2exp(u.want, u.want, 16384);
    cr_expect(mpq_equal(u.delta.v, u.want) != 0);

    set(u.rho.v, "1e6");
    set(u.epsilon.v, "1");
    cr_expect(eq(int, sil_delta_of_rho(&u.delta, &u.rho, &u.epsilon, NULL), SIL_OK));
    cr_expect(le(int, mpq_cmp_ui(u.delta.v, 1, 1), 0));
    cr_expect(gt(int, mpq_cmp_ui(u.delta.v, 999, 1000), 0));

    set(u.rho.v, "1e400");
    cr_expect(eq(int, sil_delta_of_rho(&u.delta, &u.rho, &u.epsilon, NULL), SIL_OK));
    cr_expect(zero(int, mpq_cmp_ui(u.delta.v, 1, 1)));
}
