// SPDX-License-Identifier: Apache-2.0
#include "privacy/guess.h"

#include "base/fail.h"
#include "privacy/convert_internal.h"

#include <mpfr.h>

/*
 * Any epsilon gives a valid bound, so a fixed grid will do; and as each bound on it grows
 * with rho, so does their minimum. Below rho = 1 Pinsker's bound is the least of all (and
 * at 1 it is less than any on the grid), which spares the search there.
 */
enum {
    PRECISION = 80,        /* bits of every intermediate value */
    RESULT_PRECISION = 64, /* bits of a bound, rounded up */
    GRID_STEPS = 20,       /* epsilons 0, 1/4, ... 5 */
    GRID_BITS = 2,
    LARGEST_RHO = 50 /* exponent of 2: beyond it the bound is 1 */
};

static void pinsker_up(mpfr_t out, const struct sil_rho *rho)
{
    mpfr_set_q(out, rho->v, MPFR_RNDU);
    mpfr_div_2ui(out, out, 1, MPFR_RNDU);
    mpfr_sqrt(out, out, MPFR_RNDU);
}

/* 1 - 2 (1 - delta) / (e^epsilon + 1), rounded up. */
static void distance_up(mpfr_t out, const struct sil_epsilon *epsilon,
                        const struct sil_delta *delta, mpfr_prec_t precision)
{
    mpfr_t kept;
    mpfr_init2(kept, precision);
    mpfr_set_q(kept, delta->v, MPFR_RNDU);
    mpfr_ui_sub(kept, 1, kept, MPFR_RNDD);
    mpfr_mul_2ui(kept, kept, 1, MPFR_RNDD);
    mpfr_set_q(out, epsilon->v, MPFR_RNDU);
    mpfr_exp(out, out, MPFR_RNDU);
    mpfr_add_ui(out, out, 1, MPFR_RNDU);
    mpfr_div(out, kept, out, MPFR_RNDD);
    mpfr_ui_sub(out, 1, out, MPFR_RNDU);
    mpfr_clear(kept);
}

static void lower_to_grid(mpfr_t least, const struct sil_rho *rho,
                          mpfr_prec_t precision)
{
    struct sil_epsilon epsilon;
    struct sil_delta delta;
    mpfr_t distance;
    mpfr_init2(distance, precision);
    sil_epsilon_init(&epsilon);
    sil_delta_init(&delta);
    for (unsigned long i = 0; i <= GRID_STEPS; i++) {
        mpq_set_ui(epsilon.v, i, 1);
        mpq_div_2exp(epsilon.v, epsilon.v, GRID_BITS);
        sil_delta_bound(delta.v, rho, &epsilon, (unsigned)precision);
        if (mpq_cmp_ui(delta.v, 1, 1) < 0) {
            distance_up(distance, &epsilon, &delta, precision);
            mpfr_min(least, least, distance, MPFR_RNDU);
        }
    }
    sil_epsilon_clear(&epsilon);
    sil_delta_clear(&delta);
    mpfr_clear(distance);
}

void sil_distance_bound(mpq_t out, const struct sil_rho *rho, unsigned precision)
{
    mpfr_t least;
    mpfr_init2(least, (mpfr_prec_t)precision);
    pinsker_up(least, rho);
    if (mpq_cmp_ui(rho->v, 1, 1) >= 0) {
        lower_to_grid(least, rho, (mpfr_prec_t)precision);
    }
    mpfr_prec_round(least, RESULT_PRECISION, MPFR_RNDU);
    mpfr_get_q(out, least);
    mpfr_clear(least);
}

sil_status sil_guess_of_rho(struct sil_guess *out, const struct sil_rho *rho,
                            const struct sil_delta *slack, struct sil_error *err)
{
    if (mpq_sgn(rho->v) < 0) {
        return sil_fail(err, SIL_ERR_USAGE, "rho must not be negative");
    }
    if (mpq_sgn(slack->v) < 0 || mpq_cmp_ui(slack->v, 1, 1) > 0) {
        return sil_fail(err, SIL_ERR_USAGE, "a delta must be from 0 to 1");
    }
    mpq_set_ui(out->v, 1, 1);
    /* So large a rho that the search would leave MPFR's exponents. */
    if (mpz_sizeinbase(mpq_numref(rho->v), 2) >
        mpz_sizeinbase(mpq_denref(rho->v), 2) + LARGEST_RHO) {
        return SIL_OK;
    }

    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    sil_distance_bound(out->v, rho, PRECISION);
    mpq_add(out->v, out->v, slack->v);
    mpq_add(out->v, out->v, one);
    mpq_div_2exp(out->v, out->v, 1);
    if (mpq_cmp(out->v, one) > 0) {
        mpq_set(out->v, one);
    }
    mpq_clear(one);
    return SIL_OK;
}
