// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/convert.h"

#include <stdbool.h>

enum {
    PRECISION = 192,
    STEPS_A_DOUBLING = 4,
    DOUBLINGS_DOWN = 40, /* alpha - 1 from 2^-40, which delta near 1 would want, ... */
    DOUBLINGS_UP = 60,   /* ... to 2^60, which a tiny rho wants */
    REFINEMENTS = 80 /* leave 10^-14 of the interval, and the square of it of epsilon */
};

/* Relative: a claim may lie above the minimum by what another search for it finds. */
static const double SLACK = 1e-9;

struct curve {
    mpfr_t rho[2]; /* rounded down, up */
    mpfr_t log_delta[2];
};

static void curve_init(struct curve *curve, const mpq_t rho, const mpq_t delta)
{
    for (int up = 0; up < 2; up++) {
        mpfr_rnd_t rounding = up != 0 ? MPFR_RNDU : MPFR_RNDD;
        mpfr_init2(curve->rho[up], PRECISION);
        mpfr_init2(curve->log_delta[up], PRECISION);
        mpfr_set_q(curve->rho[up], rho, rounding);
        mpfr_set_q(curve->log_delta[up], delta, rounding);
        mpfr_log(curve->log_delta[up], curve->log_delta[up], rounding);
    }
}

static void curve_clear(struct curve *curve)
{
    for (int up = 0; up < 2; up++) {
        mpfr_clears(curve->rho[up], curve->log_delta[up], (mpfr_ptr)NULL);
    }
}

/* One end of epsilon at the order 1 + x, x exact: x + 1 is exact at this precision as x
 * has 53 bits and lies between 2^-41 and 2^61. */
static void evaluate(mpfr_t out, const struct curve *curve, double x, bool up)
{
    mpfr_rnd_t outward = up ? MPFR_RNDU : MPFR_RNDD;
    mpfr_rnd_t inward = up ? MPFR_RNDD : MPFR_RNDU;
    mpfr_t alpha;
    mpfr_t term;
    mpfr_inits2(PRECISION, alpha, term, (mpfr_ptr)NULL);
    mpfr_set_d(alpha, x, MPFR_RNDN);
    mpfr_add_ui(alpha, alpha, 1, MPFR_RNDN);

    mpfr_mul(out, alpha, curve->rho[up], outward);
    /* ln(1 - 1/alpha) = ln(x / alpha) */
    mpfr_d_div(term, x, alpha, outward);
    mpfr_log(term, term, outward);
    mpfr_add(out, out, term, outward);
    /* less (ln delta + ln alpha) / x, whose numerator is rounded the other way */
    mpfr_log(term, alpha, inward);
    mpfr_add(term, term, curve->log_delta[up ? 0 : 1], inward);
    mpfr_div_d(term, term, x, inward);
    mpfr_sub(out, out, term, outward);
    mpfr_clears(alpha, term, (mpfr_ptr)NULL);
}

/* x = 2^(k / 4), near enough: any x will do, so long as both ends use the same. */
static double order(int k)
{
    static const double FOURTHS[STEPS_A_DOUBLING] = {1, 1.189207115, 1.414213562,
                                                     1.681792831};
    double x = FOURTHS[((k % STEPS_A_DOUBLING) + STEPS_A_DOUBLING) % STEPS_A_DOUBLING];
    int doublings =
        (k - (((k % STEPS_A_DOUBLING) + STEPS_A_DOUBLING) % STEPS_A_DOUBLING)) /
        STEPS_A_DOUBLING;
    for (; doublings > 0; doublings--) {
        x *= 2;
    }
    for (; doublings < 0; doublings++) {
        x /= 2;
    }
    return x;
}

static int best_of_grid(const struct curve *curve)
{
    int best = 0;
    mpfr_t value;
    mpfr_t least;
    mpfr_inits2(PRECISION, value, least, (mpfr_ptr)NULL);
    mpfr_set_inf(least, 1);
    for (int k = -DOUBLINGS_DOWN * STEPS_A_DOUBLING;
         k <= DOUBLINGS_UP * STEPS_A_DOUBLING; k++) {
        evaluate(value, curve, order(k), true);
        if (mpfr_less_p(value, least) != 0) {
            mpfr_set(least, value, MPFR_RNDN);
            best = k;
        }
    }
    mpfr_clears(value, least, (mpfr_ptr)NULL);
    return best;
}

/* By thirds: the curve falls and then rises between the neighbours of the grid's best. */
static double refine(const struct curve *curve, double from, double to)
{
    mpfr_t first;
    mpfr_t second;
    mpfr_inits2(PRECISION, first, second, (mpfr_ptr)NULL);
    for (int i = 0; i < REFINEMENTS; i++) {
        double third = (to - from) / 3;
        evaluate(first, curve, from + third, true);
        evaluate(second, curve, to - third, true);
        if (mpfr_less_p(first, second) != 0) {
            to -= third;
        } else {
            from += third;
        }
    }
    mpfr_clears(first, second, (mpfr_ptr)NULL);
    return from + (to - from) / 2;
}

void aud_epsilon_of_rho(mpfr_t low, mpfr_t high, const mpq_t rho, const mpq_t delta)
{
    struct curve curve;
    mpfr_t end;
    mpfr_init2(end, PRECISION);
    curve_init(&curve, rho, delta);
    int best = best_of_grid(&curve);
    double x = refine(&curve, order(best - 1), order(best + 1));
    evaluate(end, &curve, x, true);
    mpfr_set(high, end, MPFR_RNDU);
    evaluate(end, &curve, x, false);
    mpfr_set(low, end, MPFR_RNDD);
    curve_clear(&curve);
    mpfr_clear(end);
}

enum aud_conversion aud_check_epsilon(const mpq_t epsilon, const mpfr_t low)
{
    mpfr_t least;
    mpfr_init2(least, PRECISION);
    /* Another search may find a slightly better order than this one. */
    mpfr_mul_d(least, low, 1 - SLACK, MPFR_RNDD);
    bool reaches = mpfr_cmp_q(least, epsilon) <= 0;
    mpfr_clear(least);
    return reaches ? AUD_CONVERTS : AUD_FALLS_SHORT;
}
