// SPDX-License-Identifier: Apache-2.0
#include "num/rational.h"
#include "privacy/convert_internal.h"
#include "privacy/guess.h"
#include "support/property.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>

struct units {
    struct sil_rho rho;
    struct sil_delta slack;
    struct sil_guess guess;
    mpq_t want;
    mpq_t limit;
};

static struct units u;

static void init_units(void)
{
    sil_rho_init(&u.rho);
    sil_delta_init(&u.slack);
    sil_guess_init(&u.guess);
    mpq_inits(u.want, u.limit, NULL);
}

static void clear_units(void)
{
    mpq_clears(u.want, u.limit, NULL);
    sil_guess_clear(&u.guess);
    sil_delta_clear(&u.slack);
    sil_rho_clear(&u.rho);
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(guess, .init = init_units, .fini = clear_units);

static void set(mpq_t out, const char *text)
{
    cr_assert(eq(int, sil_rational_parse(out, text, 1, "a number", NULL), SIL_OK));
}

static void guess(const char *rho)
{
    set(u.rho.v, rho);
    cr_assert(eq(int, sil_guess_of_rho(&u.guess, &u.rho, &u.slack, NULL), SIL_OK));
}

/* Computed with 60 digits by another program, cut to 30: the least of sqrt(rho / 2) and, for
 * epsilon = 0, 1/4, ... 5, of (e^epsilon - 1 + 2 delta) / (e^epsilon + 1). */
static const struct {
    const char *rho;
    const char *guess;
} VECTORS[] = {
    {"1/50", "0.55"                            },
    {"1/8",  "0.625"                           },
    {"1/3",  "0.704124145231931508183107006225"},
    {"1",    "0.853553390593273762200422181052"},
    {"3/2",  "0.90633795971626122110777090066" },
    {"2",    "0.938030878819454615970666418108"},
    {"4",    "0.988278193148486383044687383726"},
    {"10",   "0.999956469568135478219458323181"},
};

Test(guess, encloses_every_vector_from_above)
{
    for (size_t i = 0; i < sizeof VECTORS / sizeof VECTORS[0]; i++) {
        guess(VECTORS[i].rho);
        set(u.want, VECTORS[i].guess);
        mpq_set_ui(u.limit, 1, 1000000000);
        mpq_add(u.limit, u.limit, u.want);
        cr_expect(mpq_cmp(u.guess.v, u.want) >= 0, "rho %s: below", VECTORS[i].rho);
        cr_expect(mpq_cmp(u.guess.v, u.limit) <= 0, "rho %s: above", VECTORS[i].rho);
    }
}

Test(guess, without_a_release_it_is_a_coin)
{
    guess("0");
    cr_expect(zero(int, mpq_cmp_ui(u.guess.v, 1, 2)));
}

Test(guess, never_falls_as_rho_rises)
{
    mpq_set_ui(u.limit, 1, 2);
    for (unsigned long i = 0; i <= 80; i++) {
        mpq_set_ui(u.rho.v, i, 16);
        mpq_canonicalize(u.rho.v);
        cr_assert(eq(int, sil_guess_of_rho(&u.guess, &u.rho, &u.slack, NULL), SIL_OK));
        cr_expect(mpq_cmp(u.guess.v, u.limit) >= 0, "rho %lu / 16", i);
        cr_expect(le(int, mpq_cmp_ui(u.guess.v, 1, 1), 0), "rho %lu / 16", i);
        mpq_set(u.limit, u.guess.v);
    }
}

/* The attacker who sees a Gaussian N(0, 1 / (2 rho)) or N(1, 1 / (2 rho)) guesses right with
 * probability (1 + erf(sqrt(rho) / 2)) / 2: found here by adding up |p - q| / 2 in small
 * steps, from what the two densities are. */
static double gaussian_guess(double rho)
{
    const double steps = 4000;
    const double width = 24 / steps; /* in units of sigma: mean 0 against mean m */
    mpfr_t x;
    mpfr_init2(x, 64);
    mpfr_set_d(x, 2 * rho, MPFR_RNDN);
    mpfr_sqrt(x, x, MPFR_RNDN);
    const double mean = mpfr_get_d(x, MPFR_RNDN);
    double distance = 0;
    for (double i = 0; i < steps; i++) {
        double at = -12 + mean / 2 + (i + 0.5) * width;
        mpfr_set_d(x, -at * at / 2, MPFR_RNDN);
        mpfr_exp(x, x, MPFR_RNDN);
        double p = mpfr_get_d(x, MPFR_RNDN);
        mpfr_set_d(x, -(at - mean) * (at - mean) / 2, MPFR_RNDN);
        mpfr_exp(x, x, MPFR_RNDN);
        double q = mpfr_get_d(x, MPFR_RNDN);
        distance += (p > q ? p - q : q - p) * width;
    }
    mpfr_clear(x);
    return 0.5 + distance / 2 * 0.3989422804014327 / 2;
}

Test(guess, is_never_below_what_the_gaussian_mechanism_gives_away)
{
    static const char *const RHO[] = {"0.0001", "0.01", "0.1", "0.5",
                                      "0.99",   "1",    "2",   "6"};
    for (size_t i = 0; i < sizeof RHO / sizeof RHO[0]; i++) {
        guess(RHO[i]);
        double truth = gaussian_guess(mpq_get_d(u.rho.v));
        cr_expect(mpq_get_d(u.guess.v) >= truth - 1e-6, "rho %s", RHO[i]);
    }
}

/* A choice between two answers, the right one e^epsilon times as likely, is
 * epsilon^2 / 2-zCDP, and gives away more than any Gaussian of this rho: the reason why no
 * Gaussian curve is used. */
Test(guess, is_never_below_what_a_choice_gives_away)
{
    static const double EPSILON[] = {0.01, 0.1, 0.5, 1, 1.4, 2, 3, 5};
    mpfr_t power;
    mpfr_init2(power, 64);
    for (size_t i = 0; i < sizeof EPSILON / sizeof EPSILON[0]; i++) {
        mpfr_set_d(power, EPSILON[i], MPFR_RNDN);
        mpfr_exp(power, power, MPFR_RNDN);
        double odds = mpfr_get_d(power, MPFR_RNDN);
        mpq_set_d(u.rho.v, EPSILON[i] * EPSILON[i] / 2);
        cr_assert(eq(int, sil_guess_of_rho(&u.guess, &u.rho, &u.slack, NULL), SIL_OK));
        cr_expect(mpq_get_d(u.guess.v) >= odds / (1 + odds), "%f", EPSILON[i]);
        cr_expect(EPSILON[i] > 1 ||
                      gaussian_guess(mpq_get_d(u.rho.v)) < odds / (1 + odds),
                  "%f: the Gaussian curve would have been too good", EPSILON[i]);
    }
    mpfr_clear(power);
}

Test(guess, a_slack_adds_half_of_itself)
{
    guess("1/50");
    mpq_set(u.want, u.guess.v);
    set(u.slack.v, "1e-6");
    guess("1/50");
    set(u.limit, "5e-7");
    mpq_add(u.want, u.want, u.limit);
    cr_expect(mpq_equal(u.guess.v, u.want) != 0);
}

Test(guess, nobody_is_right_more_often_than_always)
{
    set(u.slack.v, "1");
    guess("1");
    cr_expect(zero(int, mpq_cmp_ui(u.guess.v, 1, 1)));
    set(u.slack.v, "0");
    guess("1e9");
    cr_expect(zero(int, mpq_cmp_ui(u.guess.v, 1, 1)));
    guess("1e300");
    cr_expect(zero(int, mpq_cmp_ui(u.guess.v, 1, 1)));
}

/* Few bits move a bound up, never down. 256 bits stand for the truth. */
static bool few_bits_only_loosen(struct test_random *random, void *context)
{
    struct units *v = context;
    bool holds = true;
    mpq_set_ui(v->rho.v, 1 + test_below(random, 8000000), 1000000);
    mpq_canonicalize(v->rho.v);
    sil_distance_bound(v->want, &v->rho, 256);
    /* what is rounded up to 64 bits at the end may be that much above the truth */
    mpq_set_ui(v->limit, 1, 1);
    mpq_div_2exp(v->limit, v->limit, 60);
    mpq_sub(v->want, v->want, v->limit);
    for (unsigned bits = 8; bits <= 16; bits++) {
        sil_distance_bound(v->limit, &v->rho, bits);
        holds = holds && mpq_cmp(v->limit, v->want) >= 0;
    }
    return holds;
}

Test(guess, every_operation_is_rounded_away_from_the_truth)
{
    cr_expect(
        test_forall("distances of few bits", test_cases(20), few_bits_only_loosen, &u));
}

Test(guess, refuses_what_is_no_privacy_parameter)
{
    set(u.rho.v, "-1");
    cr_expect(
        eq(int, sil_guess_of_rho(&u.guess, &u.rho, &u.slack, NULL), SIL_ERR_USAGE));
    set(u.rho.v, "1");
    set(u.slack.v, "-1e-9");
    cr_expect(
        eq(int, sil_guess_of_rho(&u.guess, &u.rho, &u.slack, NULL), SIL_ERR_USAGE));
    set(u.slack.v, "1.1");
    cr_expect(
        eq(int, sil_guess_of_rho(&u.guess, &u.rho, &u.slack, NULL), SIL_ERR_USAGE));
}
