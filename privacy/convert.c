// SPDX-License-Identifier: Apache-2.0
#include "privacy/convert.h"

#include "base/fail.h"
#include "privacy/convert_internal.h"

#include <mpfr.h>
#include <stdbool.h>

/*
 * With b = alpha - 1 > 0 and L = ln(1 / delta), the two bounds to be minimised are
 *
 *   epsilon(b) = (1 + b) rho + ln(b / (1 + b)) + (L - ln(1 + b)) / b
 *   ln delta(b) = b ((1 + b) rho - epsilon) - b ln(1 + 1 / b) - ln(1 + b)
 *
 * Each has one stationary point, a minimum, where an increasing function of b is zero;
 * it is found by bisection, to far more digits than the result needs. Only the last
 * evaluation, at the b found, must be rounded outward.
 */
enum {
    PRECISION = 512,         /* bits of every intermediate value */
    RESULT_PRECISION = 64,   /* bits of a printed bound, rounded up */
    BISECTIONS = 160,        /* of [2^e, 2^(e + 1)]: leaves 2^-160 of b */
    GRID = 60,               /* a rho found is a multiple of 2^-GRID */
    SMALLEST_DELTA = -16384, /* exponent of 2 */
    LARGEST_RHO = 50         /* exponent of 2: beyond it delta is bounded by 1 */
};

/* What the search and the evaluations share. */
struct problem {
    const struct sil_rho *rho;         /* NULL when rho is what is sought */
    const struct sil_epsilon *epsilon; /* NULL when epsilon is */
    mpfr_prec_t precision;
    mpfr_t log_inverse_delta; /* L, rounded up */
};

static void problem_init(struct problem *problem, const struct sil_rho *rho,
                         const struct sil_epsilon *epsilon,
                         const struct sil_delta *delta, unsigned precision)
{
    *problem = (struct problem){
        .rho = rho, .epsilon = epsilon, .precision = (mpfr_prec_t)precision};
    mpfr_init2(problem->log_inverse_delta, problem->precision);
    mpfr_set_zero(problem->log_inverse_delta, 1);
    if (delta != NULL) {
        mpfr_set_q(problem->log_inverse_delta, delta->v, MPFR_RNDD);
        mpfr_log(problem->log_inverse_delta, problem->log_inverse_delta, MPFR_RNDD);
        mpfr_neg(problem->log_inverse_delta, problem->log_inverse_delta, MPFR_RNDU);
    }
}

static void problem_clear(struct problem *problem)
{
    mpfr_clear(problem->log_inverse_delta);
}

/* An increasing function of b, to the nearest: its sign leads the bisection. */
typedef int sign_fn(const struct problem *problem, const mpfr_t b);

/* d epsilon / d b = ( b^2 rho + ln(1 + b) - L ) / b^2 */
static int sign_of_epsilon_slope(const struct problem *problem, const mpfr_t b)
{
    mpfr_t sum;
    mpfr_t log;
    mpfr_inits2(problem->precision, sum, log, (mpfr_ptr)NULL);
    mpfr_sqr(sum, b, MPFR_RNDN);
    mpfr_mul_q(sum, sum, problem->rho->v, MPFR_RNDN);
    mpfr_log1p(log, b, MPFR_RNDN);
    mpfr_add(sum, sum, log, MPFR_RNDN);
    int sign = mpfr_cmp(sum, problem->log_inverse_delta);
    mpfr_clears(sum, log, (mpfr_ptr)NULL);
    return sign;
}

/* d (ln delta) / d b = (1 + 2 b) rho - epsilon - ln(1 + 1 / b) */
static int sign_of_delta_slope(const struct problem *problem, const mpfr_t b)
{
    mpfr_t sum;
    mpfr_t log;
    mpfr_inits2(problem->precision, sum, log, (mpfr_ptr)NULL);
    mpfr_mul_2ui(sum, b, 1, MPFR_RNDN);
    mpfr_add_ui(sum, sum, 1, MPFR_RNDN);
    mpfr_mul_q(sum, sum, problem->rho->v, MPFR_RNDN);
    mpfr_ui_div(log, 1, b, MPFR_RNDN);
    mpfr_log1p(log, log, MPFR_RNDN);
    mpfr_sub(sum, sum, log, MPFR_RNDN);
    int sign = mpfr_cmp_q(sum, problem->epsilon->v);
    mpfr_clears(sum, log, (mpfr_ptr)NULL);
    return sign;
}

/* Where b is the minimiser for some rho, rho = (L - ln(1 + b)) / b^2, and the least
 * epsilon of that rho is
 *   (L - ln(1 + b)) (1 + 2 b) / b^2 - ln(1 + 1 / b),
 * which falls as b grows, because rho does and epsilon rises with rho. */
static int sign_of_epsilon_excess(const struct problem *problem, const mpfr_t b)
{
    mpfr_t least;
    mpfr_t term;
    mpfr_inits2(problem->precision, least, term, (mpfr_ptr)NULL);
    mpfr_log1p(term, b, MPFR_RNDN);
    mpfr_sub(least, problem->log_inverse_delta, term, MPFR_RNDN);
    mpfr_mul_2ui(term, b, 1, MPFR_RNDN);
    mpfr_add_ui(term, term, 1, MPFR_RNDN);
    mpfr_mul(least, least, term, MPFR_RNDN);
    mpfr_sqr(term, b, MPFR_RNDN);
    mpfr_div(least, least, term, MPFR_RNDN);
    mpfr_ui_div(term, 1, b, MPFR_RNDN);
    mpfr_log1p(term, term, MPFR_RNDN);
    mpfr_sub(least, least, term, MPFR_RNDN);
    int sign = -mpfr_cmp_q(least, problem->epsilon->v);
    mpfr_clears(least, term, (mpfr_ptr)NULL);
    return sign;
}

static int sign_at_power(mpfr_t b, long exponent, sign_fn *sign,
                         const struct problem *problem)
{
    mpfr_set_ui_2exp(b, 1, exponent, MPFR_RNDN);
    return sign(problem, b);
}

/* A b > 0 at or barely below the place where `sign` turns from negative to positive.
 * It may be as small as e^-rho or as large as 1 / delta, so its exponent comes first. */
static void find_root(mpfr_t b, sign_fn *sign, const struct problem *problem)
{
    long low = -1;
    long high = 1;
    while (sign_at_power(b, high, sign, problem) <= 0) {
        high *= 2;
    }
    while (sign_at_power(b, low, sign, problem) > 0) {
        low *= 2;
    }
    while (high - low > 1) {
        long middle = low + (high - low) / 2;
        if (sign_at_power(b, middle, sign, problem) > 0) {
            high = middle;
        } else {
            low = middle;
        }
    }

    mpfr_t step;
    mpfr_init2(step, problem->precision);
    mpfr_set_ui_2exp(b, 1, low, MPFR_RNDN);
    mpfr_set(step, b, MPFR_RNDN);
    for (mpfr_prec_t i = 0; i < BISECTIONS && i < problem->precision; i++) {
        mpfr_div_2ui(step, step, 1, MPFR_RNDN);
        mpfr_add(b, b, step, MPFR_RNDN);
        if (sign(problem, b) > 0) {
            mpfr_sub(b, b, step, MPFR_RNDN);
        }
    }
    mpfr_clear(step);
}

/* ln(b / (1 + b)) + (L - ln(1 + b)) / b, rounded up: epsilon(b) without its rho. */
static void epsilon_offset_up(mpfr_t out, const mpfr_t b, const struct problem *problem)
{
    mpfr_t term;
    mpfr_init2(term, problem->precision);
    mpfr_log1p(term, b, MPFR_RNDD);
    mpfr_sub(out, problem->log_inverse_delta, term, MPFR_RNDU);
    mpfr_div(out, out, b, MPFR_RNDU);
    mpfr_ui_div(term, 1, b, MPFR_RNDD);
    mpfr_log1p(term, term, MPFR_RNDD);
    mpfr_sub(out, out, term, MPFR_RNDU);
    mpfr_clear(term);
}

/* An upper bound of the least epsilon, at least 0. Pre  rho > 0. */
static void epsilon_up(mpfr_t out, const struct problem *problem)
{
    mpfr_t b;
    mpfr_t term;
    mpfr_inits2(problem->precision, b, term, (mpfr_ptr)NULL);
    find_root(b, sign_of_epsilon_slope, problem);
    epsilon_offset_up(out, b, problem);
    mpfr_add_ui(term, b, 1, MPFR_RNDU);
    mpfr_mul_q(term, term, problem->rho->v, MPFR_RNDU);
    mpfr_add(out, out, term, MPFR_RNDU);
    if (mpfr_sgn(out) < 0) {
        mpfr_set_zero(out, 1);
    }
    mpfr_clears(b, term, (mpfr_ptr)NULL);
}

/* A lower bound of the rho whose least epsilon is the one given. */
static void rho_down(mpfr_t out, const struct problem *problem)
{
    mpfr_t b;
    mpfr_t offset;
    mpfr_inits2(problem->precision, b, offset, (mpfr_ptr)NULL);
    find_root(b, sign_of_epsilon_excess, problem);
    epsilon_offset_up(offset, b, problem);
    mpfr_set_q(out, problem->epsilon->v, MPFR_RNDD);
    mpfr_sub(out, out, offset, MPFR_RNDD);
    mpfr_add_ui(b, b, 1, MPFR_RNDU);
    mpfr_div(out, out, b, MPFR_RNDD);
    mpfr_clears(b, offset, (mpfr_ptr)NULL);
}

/* An upper bound of the least ln(delta). Pre  rho > 0. */
static void log_delta_up(mpfr_t out, const struct problem *problem)
{
    mpfr_t b;
    mpfr_t term;
    mpfr_inits2(problem->precision, b, term, (mpfr_ptr)NULL);
    find_root(b, sign_of_delta_slope, problem);
    mpfr_add_ui(out, b, 1, MPFR_RNDU);
    mpfr_mul_q(out, out, problem->rho->v, MPFR_RNDU);
    mpfr_sub_q(out, out, problem->epsilon->v, MPFR_RNDU);
    mpfr_mul(out, out, b, MPFR_RNDU);
    mpfr_ui_div(term, 1, b, MPFR_RNDD);
    mpfr_log1p(term, term, MPFR_RNDD);
    mpfr_mul(term, term, b, MPFR_RNDD);
    mpfr_sub(out, out, term, MPFR_RNDU);
    mpfr_log1p(term, b, MPFR_RNDD);
    mpfr_sub(out, out, term, MPFR_RNDU);
    mpfr_clears(b, term, (mpfr_ptr)NULL);
}

void sil_epsilon_bound(mpq_t out, const struct sil_rho *rho,
                       const struct sil_delta *delta, unsigned precision)
{
    struct problem problem;
    mpfr_t epsilon;
    problem_init(&problem, rho, NULL, delta, precision);
    mpfr_init2(epsilon, problem.precision);
    epsilon_up(epsilon, &problem);
    mpfr_get_q(out, epsilon);
    mpfr_clear(epsilon);
    problem_clear(&problem);
}

void sil_rho_bound(mpq_t out, const struct sil_epsilon *epsilon,
                   const struct sil_delta *delta, unsigned precision)
{
    struct problem problem;
    mpfr_t rho;
    problem_init(&problem, NULL, epsilon, delta, precision);
    mpfr_init2(rho, problem.precision);
    rho_down(rho, &problem);
    mpfr_get_q(out, rho);
    mpfr_clear(rho);
    problem_clear(&problem);
}

void sil_delta_bound(mpq_t out, const struct sil_rho *rho,
                     const struct sil_epsilon *epsilon, unsigned precision)
{
    struct problem problem;
    mpfr_t delta;
    problem_init(&problem, rho, epsilon, NULL, precision);
    mpfr_init2(delta, problem.precision);
    log_delta_up(delta, &problem);
    /* A bound of 2^-16384 is valid for anything smaller, and can be written down; e^x is
     * smaller from x = -16384 on, which spares its computation. */
    if (mpfr_cmp_si(delta, SMALLEST_DELTA) >= 0) {
        mpfr_exp(delta, delta, MPFR_RNDU);
    }
    if (mpfr_sgn(delta) < 0 || mpfr_cmp_si_2exp(delta, 1, SMALLEST_DELTA) < 0) {
        mpfr_set_ui_2exp(delta, 1, SMALLEST_DELTA, MPFR_RNDU);
    }
    mpfr_get_q(out, delta);
    mpfr_clear(delta);
    problem_clear(&problem);
}

/* `value`, rounded up to few enough bits that the rational stays short. */
static void round_up(mpq_t value)
{
    mpfr_t rounded;
    mpfr_init2(rounded, RESULT_PRECISION);
    mpfr_set_q(rounded, value, MPFR_RNDU);
    mpfr_get_q(value, rounded);
    mpfr_clear(rounded);
}

static bool is_probability(const struct sil_delta *delta)
{
    return mpq_sgn(delta->v) > 0 && mpq_cmp_ui(delta->v, 1, 1) < 0;
}

sil_status sil_epsilon_of_rho(struct sil_epsilon *out, const struct sil_rho *rho,
                              const struct sil_delta *delta, struct sil_error *err)
{
    if (mpq_sgn(rho->v) < 0) {
        return sil_fail(err, SIL_ERR_USAGE, "rho must not be negative");
    }
    if (!is_probability(delta)) {
        return sil_fail(err, SIL_ERR_USAGE, "delta must be above 0 and below 1");
    }
    if (mpq_sgn(rho->v) == 0) {
        mpq_set_ui(out->v, 0, 1);
        return SIL_OK;
    }
    sil_epsilon_bound(out->v, rho, delta, PRECISION);
    round_up(out->v);
    return SIL_OK;
}

/* Does the certified conversion of `rho` stay at or below `epsilon`? */
static bool is_within(const struct sil_rho *rho, const struct sil_epsilon *epsilon,
                      const struct sil_delta *delta)
{
    if (mpq_sgn(rho->v) <= 0) {
        return true;
    }
    mpq_t certified;
    mpq_init(certified);
    sil_epsilon_bound(certified, rho, delta, PRECISION);
    bool within = mpq_cmp(certified, epsilon->v) <= 0;
    mpq_clear(certified);
    return within;
}

sil_status sil_rho_of_epsilon(struct sil_rho *out, const struct sil_epsilon *epsilon,
                              const struct sil_delta *delta, struct sil_error *err)
{
    if (mpq_sgn(epsilon->v) <= 0) {
        return sil_fail(err, SIL_ERR_USAGE, "epsilon must be positive");
    }
    if (!is_probability(delta)) {
        return sil_fail(err, SIL_ERR_USAGE, "delta must be above 0 and below 1");
    }

    mpq_t step;
    mpq_init(step);
    mpq_set_ui(step, 1, 1);
    mpq_div_2exp(step, step, GRID);
    sil_rho_bound(out->v, epsilon, delta, PRECISION);
    /* Down to the grid: floor(rho 2^GRID) / 2^GRID. */
    mpq_mul_2exp(out->v, out->v, GRID);
    mpz_fdiv_q(mpq_numref(out->v), mpq_numref(out->v), mpq_denref(out->v));
    mpz_set_ui(mpq_denref(out->v), 1);
    mpq_div_2exp(out->v, out->v, GRID);
    while (!is_within(out, epsilon, delta)) {
        mpq_sub(out->v, out->v, step);
    }
    mpq_clear(step);

    if (mpq_sgn(out->v) <= 0) {
        mpq_set_ui(out->v, 0, 1);
        return sil_fail(err, SIL_ERR_BUDGET,
                        "epsilon and delta are too small: no budget fits them");
    }
    return SIL_OK;
}

sil_status sil_delta_of_rho(struct sil_delta *out, const struct sil_rho *rho,
                            const struct sil_epsilon *epsilon, struct sil_error *err)
{
    if (mpq_sgn(rho->v) < 0 || mpq_sgn(epsilon->v) < 0) {
        return sil_fail(err, SIL_ERR_USAGE, "rho and epsilon must not be negative");
    }
    if (mpq_sgn(rho->v) == 0) {
        mpq_set_ui(out->v, 0, 1);
        return SIL_OK;
    }
    mpq_set_ui(out->v, 1, 1);
    /* So large a rho that the search would leave MPFR's exponents. */
    if (mpz_sizeinbase(mpq_numref(rho->v), 2) >
        mpz_sizeinbase(mpq_denref(rho->v), 2) + LARGEST_RHO) {
        return SIL_OK;
    }
    sil_delta_bound(out->v, rho, epsilon, PRECISION);
    round_up(out->v);
    if (mpq_cmp_ui(out->v, 1, 1) > 0) {
        mpq_set_ui(out->v, 1, 1);
    }
    return SIL_OK;
}
