// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "privacy/cost.h"
#include "privacy/gauss.h"
#include "privacy/threshold_internal.h"

#include <mpfr.h>
#include <stdbool.h>

enum { PRECISION = 256, LARGEST_BITS = 43 };

/* P[Z >= m] = erfc((2m - 1) / (2^s sqrt(8 sigma2))) / 2 for m >= 1, Z = round(2^s N). The
 * argument, which erfc falls with, is rounded down, all else up. */
static void tail_up(mpfr_t out, int64_t m, const struct sil_sigma2 *sigma2,
                    unsigned shift)
{
    mpq_t square;
    mpq_init(square);
    mpz_set_si(mpq_numref(square), 2 * m - 1);
    mpz_mul(mpq_numref(square), mpq_numref(square), mpq_numref(square));
    mpq_div(square, square, sigma2->v);
    mpq_div_2exp(square, square, 3 + 2 * (mp_bitcnt_t)shift);
    mpfr_set_q(out, square, MPFR_RNDD);
    mpfr_sqrt(out, out, MPFR_RNDD);
    mpfr_erfc(out, out, MPFR_RNDU);
    mpfr_div_2ui(out, out, 1, MPFR_RNDU);
    mpq_clear(square);
}

struct tail {
    const struct sil_sigma2 *sigma2;
    const struct sil_delta *delta;
    uint32_t rows;
    unsigned shift;
    mpfr_prec_t bits;
};

/* Is rows P[Z >= m] <= delta, for sure? Falls with m: every step keeps the order. */
static bool is_rare(const struct tail *tail, int64_t m)
{
    mpfr_t bound;
    mpfr_init2(bound, tail->bits);
    tail_up(bound, m, tail->sigma2, tail->shift);
    mpfr_mul_ui(bound, bound, tail->rows, MPFR_RNDU);
    bool rare = mpfr_cmp_q(bound, tail->delta->v) <= 0;
    mpfr_clear(bound);
    return rare;
}

/* The least m in (low, high] that is rare; high is. */
static int64_t bisect(const struct tail *tail, int64_t low, int64_t high)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (is_rare(tail, middle)) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

static bool is_delta(const struct sil_delta *delta)
{
    return mpq_sgn(delta->v) > 0 && mpq_cmp_ui(delta->v, 1, 2) < 0;
}

sil_status sil_threshold_with_bits(int64_t *out, const struct sil_sigma2 *sigma2,
                                   uint32_t rows, const struct sil_delta *delta,
                                   mpfr_prec_t bits, struct sil_error *err)
{
    const struct tail tail = {.sigma2 = sigma2,
                              .delta = delta,
                              .rows = rows,
                              .shift = sil_gauss_shift_of(sigma2),
                              .bits = bits};
    if (!is_delta(delta) || rows < 1 || rows > SIL_MAX_ROWS_PER_UNIT) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the delta of a discovery must be above 0 and below 1/2");
    }
    /* At m = 0 and below the tail is half and more, which no delta allows. */
    int64_t high = 1;
    while (!is_rare(&tail, high)) {
        high *= 2;
        if (high > INT64_C(1) << LARGEST_BITS) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "the delta of a discovery is too small: no threshold "
                            "meets it");
        }
    }
    *out = ((int64_t)rows << tail.shift) + bisect(&tail, high / 2, high);
    return SIL_OK;
}

sil_status sil_threshold_of_delta(int64_t *out, const struct sil_sigma2 *sigma2,
                                  uint32_t rows, const struct sil_delta *delta,
                                  struct sil_error *err)
{
    return sil_threshold_with_bits(out, sigma2, rows, delta, PRECISION, err);
}
