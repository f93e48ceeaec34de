// SPDX-License-Identifier: Apache-2.0
#include "privacy/cdf.h"

/* The normal variable rounds to magnitude at most k when |2^s N| < k + 1/2, and
 * P[|N| < x] = erf(x / sqrt(2 sigma2)); so F(k) = erf(x), x^2 = (2k + 1)^2 num / den with
 * num / den = 1 / (8 sigma2 4^s). */
void sil_rounded_gaussian_init(struct sil_rounded_gaussian *law,
                               const struct sil_sigma2 *sigma2, unsigned shift)
{
    mpz_init_set(law->num, mpq_denref(sigma2->v));
    mpz_init(law->den);
    mpz_mul_2exp(law->den, mpq_numref(sigma2->v), 3 + 2 * (mp_bitcnt_t)shift);
}

void sil_rounded_gaussian_clear(struct sil_rounded_gaussian *law)
{
    mpz_clear(law->num);
    mpz_clear(law->den);
}

/* x rounded down or up: each step is increasing in its operand. */
static void argument(mpfr_t x, const mpz_t square_num, const mpz_t square_den,
                     mpfr_rnd_t direction)
{
    mpfr_set_z(x, square_num, direction);
    mpfr_div_z(x, x, square_den, direction);
    mpfr_sqrt(x, x, direction);
}

/* One erf serves both ends, as it costs more than all the rest: erf(x_lo) rounded down
 * lies less than one step below the truth, and erf grows by at most 2 / sqrt(pi) < 2 times
 * what x grows by. */
void sil_rounded_gaussian_cdf(mpfr_t lo, mpfr_t hi, uint64_t k, const void *law)
{
    const struct sil_rounded_gaussian *gaussian = law;
    mpz_t square;
    mpz_init(square);
    mpz_set_ui(square, k);
    mpz_mul_2exp(square, square, 1);
    mpz_add_ui(square, square, 1);
    mpz_mul(square, square, square);
    mpz_mul(square, square, gaussian->num);

    mpfr_t width;
    mpfr_init2(width, mpfr_get_prec(hi));
    argument(lo, square, gaussian->den, MPFR_RNDD);
    argument(hi, square, gaussian->den, MPFR_RNDU);
    mpfr_sub(width, hi, lo, MPFR_RNDU);
    mpfr_mul_2ui(width, width, 1, MPFR_RNDU);
    mpfr_erf(lo, lo, MPFR_RNDD);
    mpfr_set(hi, lo, MPFR_RNDU);
    mpfr_nextabove(hi);
    mpfr_add(hi, hi, width, MPFR_RNDU);
    if (mpfr_cmp_ui(hi, 1) > 0) {
        mpfr_set_ui(hi, 1, MPFR_RNDU);
    }
    mpfr_clear(width);
    mpz_clear(square);
}
