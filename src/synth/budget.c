// SPDX-License-Identifier: Apache-2.0
#include "synth/budget.h"

#include "base/fail.h"
#include "num/rational.h"
#include "privacy/cost.h"
#include "privacy/gate.h"

enum { EPSILON_BITS = 40, SELECTION_SHARE = 10, LARGEST_PENALTY_BITS = 62 };

/* The gate's limit on the variance of noise, in squared counts. */
static const unsigned long LARGEST_SIGMA2 = 1000000000000;

/* 2/pi to 18 digits, rounded down. */
static const unsigned long TWO_OVER_PI = 636619772367581343;
static const unsigned long TWO_OVER_PI_SCALE = 1000000000000000000;

void sil_round_init(struct sil_round *round)
{
    mpq_init(round->epsilon.v);
    mpq_init(round->selection_cost.v);
    mpq_init(round->sigma2.v);
    mpq_init(round->noise_cost.v);
}

void sil_round_clear(struct sil_round *round)
{
    mpq_clear(round->epsilon.v);
    mpq_clear(round->selection_cost.v);
    mpq_clear(round->sigma2.v);
    mpq_clear(round->noise_cost.v);
}

void sil_share(struct sil_rho *out, const struct sil_rho *whole, uint64_t numerator,
               uint64_t denominator)
{
    mpz_t grid;
    mpz_t divisor;
    mpz_inits(grid, divisor, NULL);
    SIL_REQUIRE(denominator > 0 && mpq_sgn(whole->v) >= 0);
    mpz_mul_ui(grid, mpq_numref(whole->v), numerator);
    mpz_mul_2exp(grid, grid, SIL_COST_BITS);
    mpz_mul_ui(divisor, mpq_denref(whole->v), denominator);
    mpz_fdiv_q(grid, grid, divisor);
    mpq_set_z(out->v, grid);
    mpq_div_2exp(out->v, out->v, SIL_COST_BITS);
    mpz_clears(grid, divisor, NULL);
}

sil_status sil_noise_of_cost(struct sil_sigma2 *out, const struct sil_rho *cost,
                             uint64_t sensitivity_squared, struct sil_error *err)
{
    if (mpq_sgn(cost->v) > 0) {
        mpq_set_ui(out->v, sensitivity_squared, 2);
        mpq_canonicalize(out->v);
        mpq_div(out->v, out->v, cost->v);
    }
    if (mpq_sgn(cost->v) <= 0 || mpq_cmp_ui(out->v, LARGEST_SIGMA2, 1) > 0) {
        return sil_fail(
            err, SIL_ERR_BUDGET,
            "the budget is too small: a measurement would need noise with a "
            "standard deviation above a million rows; raise epsilon or "
            "delta, or use fewer columns");
    }
    return SIL_OK;
}

sil_status sil_choice_of_share(struct sil_epsilon *out, struct sil_rho *cost,
                               const struct sil_rho *share, struct sil_error *err)
{
    mpq_mul_2exp(out->v, share->v, 3);
    sil_rational_sqrt_down(out->v, out->v, EPSILON_BITS);
    if (mpq_sgn(out->v) == 0) {
        return sil_fail(err, SIL_ERR_BUDGET,
                        "the budget is too small for a selection; raise epsilon or "
                        "delta, or use fewer columns");
    }
    sil_cost_of_choice(cost, out);
    return SIL_OK;
}

sil_status sil_round_of_cost(struct sil_round *out, const struct sil_rho *cost,
                             uint64_t sensitivity_squared, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho share;
    mpq_init(share.v);
    sil_share(&share, cost, 1, SELECTION_SHARE);
    SIL_TRY(sil_choice_of_share(&out->epsilon, &out->selection_cost, &share, err));
    mpq_sub(out->noise_cost.v, cost->v, out->selection_cost.v);
    SIL_TRY(
        sil_noise_of_cost(&out->sigma2, &out->noise_cost, sensitivity_squared, err));
cleanup:
    mpq_clear(share.v);
    return status;
}

int64_t sil_expected_noise(const struct sil_sigma2 *sigma2, uint64_t cells)
{
    mpq_t squared;
    mpz_t whole;
    mpq_init(squared);
    mpz_init(whole);

    /* floor(sqrt(2/pi sigma2 cells^2 4^SCORE_BITS)) by the integer square root. */
    mpq_set_ui(squared, TWO_OVER_PI, TWO_OVER_PI_SCALE);
    mpq_canonicalize(squared);
    mpq_mul(squared, squared, sigma2->v);
    mpz_set_ui(whole, cells);
    mpz_mul(whole, whole, whole);
    mpz_mul(mpq_numref(squared), mpq_numref(squared), whole);
    mpq_canonicalize(squared);
    mpq_mul_2exp(squared, squared, (mp_bitcnt_t)2 * SIL_SCORE_BITS);
    sil_rational_sqrt_down(squared, squared, 0);
    mpz_set(whole, mpq_numref(squared));

    int64_t largest = INT64_C(1) << LARGEST_PENALTY_BITS;
    int64_t noise = mpz_cmp_si(whole, largest) > 0 ? largest : mpz_get_si(whole);
    mpz_clear(whole);
    mpq_clear(squared);
    return noise;
}

double sil_variance(const struct sil_sigma2 *sigma2)
{
    return mpq_get_d(sigma2->v);
}

double sil_standard_deviation(const struct sil_sigma2 *sigma2)
{
    mpq_t root;
    mpq_init(root);
    sil_rational_sqrt_down(root, sigma2->v, 60);
    double deviation = mpq_get_d(root);
    mpq_clear(root);
    return deviation;
}

double sil_mean_noise(const struct sil_sigma2 *sigma2)
{
    const double root_of_two_over_pi = 0.79788456080286536;
    return root_of_two_over_pi * sil_standard_deviation(sigma2);
}
