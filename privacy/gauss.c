// SPDX-License-Identifier: Apache-2.0
#include "privacy/gauss.h"

#include "base/fail.h"
#include "base/memory.h"
#include "privacy/cdf.h"
#include "privacy/lazycdf.h"

#include <stdbool.h>
#include <stdlib.h>

enum { MAX_SHIFT = 16, SIGMA_BITS = 6, ENTRIES_A_DRAW = 4, FEWEST_ENTRIES = 64 };

struct sil_gauss {
    unsigned shift;
    struct sil_rounded_gaussian law;
    struct sil_lazycdf *lazy;
};

/* Is sigma2 4^shift >= 4^6, that is 2^shift sigma >= 64? */
static bool is_fine(const struct sil_sigma2 *sigma2, unsigned shift)
{
    mpz_t scaled;
    mpz_t bound;
    mpz_init(scaled);
    mpz_init(bound);
    mpz_mul_2exp(scaled, mpq_numref(sigma2->v), 2 * (mp_bitcnt_t)shift);
    mpz_mul_2exp(bound, mpq_denref(sigma2->v), 2 * (mp_bitcnt_t)SIGMA_BITS);
    bool fine = mpz_cmp(scaled, bound) >= 0;
    mpz_clear(bound);
    mpz_clear(scaled);
    return fine;
}

/* The smallest s with 2^s sigma >= 64: rounding then adds 1 / (12 * 64^2) of the variance
 * at most, and the table stays near a thousand entries. */
unsigned sil_gauss_shift_of(const struct sil_sigma2 *sigma2)
{
    unsigned shift = 0;
    while (shift < MAX_SHIFT && !is_fine(sigma2, shift)) {
        shift++;
    }
    return shift;
}

static bool is_in_range(const struct sil_sigma2 *sigma2)
{
    mpq_t bound;
    mpq_init(bound);
    mpq_set_ui(bound, 1, 1);
    mpq_div_2exp(bound, bound, 40);
    bool is_large = mpq_cmp(sigma2->v, bound) >= 0;
    mpq_set_ui(bound, 1000000000000U, 1);
    bool is_small = mpq_cmp(sigma2->v, bound) <= 0;
    mpq_clear(bound);
    return is_large && is_small;
}

/* Between two anchors a draw takes about three evaluations; a table that a few draws use
 * would cost more than them all. */
static uint32_t entries_for(size_t n_draws)
{
    if (n_draws >= SIL_LAZYCDF_ENTRIES / ENTRIES_A_DRAW) {
        return SIL_LAZYCDF_ENTRIES;
    }
    uint32_t entries = (uint32_t)n_draws * ENTRIES_A_DRAW;
    return entries > FEWEST_ENTRIES ? entries : FEWEST_ENTRIES;
}

sil_status sil_gauss_new(struct sil_gauss **out, const struct sil_sigma2 *sigma2,
                         size_t n_draws, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_gauss *gauss = NULL;

    *out = NULL;
    if (!is_in_range(sigma2)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "the variance of the noise must lie between 2^-40 and 10^12");
    }
    SIL_TRY(sil_alloc(&gauss, 1, sizeof *gauss, "noise sampler", err));
    gauss->shift = sil_gauss_shift_of(sigma2);
    sil_rounded_gaussian_init(&gauss->law, sigma2, gauss->shift);
    struct sil_lazycdf_plan plan = {.cdf = sil_rounded_gaussian_cdf,
                                    .law = &gauss->law,
                                    .width = SIL_LAZYCDF_WIDTH,
                                    .max_entries = entries_for(n_draws)};
    SIL_TRY(sil_lazycdf_new(&gauss->lazy, &plan, err));
    *out = gauss;
    gauss = NULL;

cleanup:
    sil_gauss_free(gauss);
    return status;
}

unsigned sil_gauss_shift(const struct sil_gauss *gauss)
{
    return gauss->shift;
}

void sil_gauss_draw(struct sil_gauss *gauss, struct sil_rng *rng, int64_t *out,
                    size_t n)
{
    sil_lazycdf_draw(gauss->lazy, rng, out, n);
}

void sil_gauss_free(struct sil_gauss *gauss)
{
    if (gauss != NULL) {
        sil_lazycdf_free(gauss->lazy);
        sil_rounded_gaussian_clear(&gauss->law);
        free(gauss);
    }
}
