// SPDX-License-Identifier: Apache-2.0
#include "support/discrete_law.h"

#include "privacy/units.h"

/* e^-(j^2 / (2 sigma2)) rounded in `direction`. */
static void weight(mpfr_t out, unsigned long j, const struct sil_sigma2 *sigma2,
                   mpfr_rnd_t direction)
{
    mpfr_rnd_t opposite = direction == MPFR_RNDU ? MPFR_RNDD : MPFR_RNDU;
    mpfr_set_ui(out, j, opposite);
    mpfr_mul_ui(out, out, j, opposite);
    mpfr_div_q(out, out, sigma2->v, opposite);
    mpfr_div_2ui(out, out, 1, opposite);
    mpfr_neg(out, out, direction);
    mpfr_exp(out, out, direction);
}

/* Twice the sum of the weights from .. to, on top of `out`. */
static void add_weights(mpfr_t out, unsigned long from, unsigned long to,
                        const struct sil_sigma2 *sigma2, mpfr_rnd_t direction)
{
    mpfr_t term;
    mpfr_init2(term, mpfr_get_prec(out));
    for (unsigned long j = from; j <= to; j++) {
        weight(term, j, sigma2, direction);
        mpfr_mul_2ui(term, term, 1, direction);
        mpfr_add(out, out, term, direction);
    }
    mpfr_clear(term);
}

/* Beyond `last` the weights fall faster than a geometric series of ratio 1/2 once
 * last > sigma2, so that twice their sum is below 4 times the next one. */
static void add_tail(mpfr_t out, unsigned long last, const struct sil_sigma2 *sigma2)
{
    mpfr_t next;
    mpfr_init2(next, mpfr_get_prec(out));
    weight(next, last + 1, sigma2, MPFR_RNDU);
    mpfr_mul_2ui(next, next, 2, MPFR_RNDU);
    mpfr_add(out, out, next, MPFR_RNDU);
    mpfr_clear(next);
}

/* F = A / (A + B), A the weight up to k, B the weight beyond: increasing in A,
 * decreasing in B. */
void discrete_gaussian_cdf(mpfr_t lo, mpfr_t hi, uint64_t k, const void *law)
{
    const struct sil_sigma2 *sigma2 = law;
    mpfr_prec_t precision = mpfr_get_prec(hi) + 32;
    mpfr_t a;
    mpfr_t b;
    mpfr_inits2(precision, a, b, (mpfr_ptr)NULL);

    /* e^-(last^2 / (2 sigma2)) < 2^-precision. */
    unsigned long ceiling = (unsigned long)mpq_get_d(sigma2->v) + 1;
    unsigned long last = (unsigned long)k + ceiling;
    while (last * last < 2 * ceiling * (unsigned long)precision) {
        last++;
    }

    mpfr_set_ui(a, 1, MPFR_RNDD);
    add_weights(a, 1, (unsigned long)k, sigma2, MPFR_RNDD);
    mpfr_set_zero(b, 1);
    add_weights(b, (unsigned long)k + 1, last, sigma2, MPFR_RNDU);
    add_tail(b, last, sigma2);
    mpfr_add(b, b, a, MPFR_RNDU);
    mpfr_div(lo, a, b, MPFR_RNDD);

    mpfr_set_ui(a, 1, MPFR_RNDU);
    add_weights(a, 1, (unsigned long)k, sigma2, MPFR_RNDU);
    mpfr_set_zero(b, 1);
    add_weights(b, (unsigned long)k + 1, last, sigma2, MPFR_RNDD);
    mpfr_add(b, b, a, MPFR_RNDD);
    mpfr_div(hi, a, b, MPFR_RNDU);
    mpfr_clears(a, b, (mpfr_ptr)NULL);
}
