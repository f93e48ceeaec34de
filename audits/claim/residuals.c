// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/residuals.h"

#include "audits/claim/scores.h"
#include "audits/stats/bounds.h"
#include "audits/stats/special.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 64, A_BIN = 10, LAGS = 64, WINDOW = 8, LOW_BITS = 16 };

static const double FAR = 4;
static const double POWER = 0.99;

const char *aud_test_name(int test)
{
    static const char *const NAMES[AUD_N_TESTS] = {
        "The noise is as large as claimed",
        "So is that of every single measurement",
        "It is centred on the truth",
        "It has the shape of a normal law",
        "Its tails are neither cut nor heavy",
        "Neighbouring values are independent",
        "No stretch of it comes twice",
        "It fills the grid evenly",
        "Cells without rows get noise like all others"};
    return NAMES[test];
}

void aud_residuals_clear(struct aud_residuals *residuals)
{
    free(residuals->step);
    free(residuals->z);
    free(residuals->uniform);
    free(residuals->line);
    free(residuals->is_empty);
}

/* The rounded value is `step` with probability F(step + 1/2) - F(step - 1/2). */
static double uniform_of(double step, double sigma_steps, uint64_t i)
{
    double below = aud_normal_cdf((step - 0.5) / sigma_steps);
    double above = aud_normal_cdf((step + 0.5) / sigma_steps);
    return below + aud_die(i) * (above - below);
}

sil_status aud_residuals_add(struct aud_residuals *residuals, uint32_t line,
                             const int64_t *step, const uint64_t *count, size_t n,
                             double sigma_steps, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_residuals *r = residuals;
    const size_t need = r->n + n;
    SIL_TRY(sil_grow(&r->step, &r->room_step, need, sizeof *r->step, "residuals", err));
    SIL_TRY(sil_grow(&r->z, &r->room_z, need, sizeof *r->z, "residuals", err));
    SIL_TRY(sil_grow(&r->line, &r->room_line, need, sizeof *r->line, "residuals", err));
    SIL_TRY(sil_grow(&r->is_empty, &r->room_empty, need, 1, "residuals", err));
    SIL_TRY(sil_grow(&r->uniform, &r->room_uniform, need, sizeof(double), "residuals",
                     err));
    /* Rounding to the grid adds a twelfth of a squared step; a die that puts the value back
     * into its step, another. Without it the noise of a single cell that is 0 on the grid, as
     * one in 160 can be, would be smaller than any. */
    const double sigma = sqrt(sigma_steps * sigma_steps + 1.0 / 12);
    const double spread = sqrt(sigma_steps * sigma_steps + 1.0 / 6);
    for (size_t i = 0; i < n; i++) {
        r->step[r->n] = step[i];
        r->z[r->n] = ((double)step[i] + aud_die(r->n) - 0.5) / spread;
        r->uniform[r->n] = uniform_of((double)step[i], sigma_steps, r->n);
        r->line[r->n] = line;
        r->is_empty[r->n++] = count[i] == 0;
    }
    r->smallest = r->smallest > 0 && r->smallest < sigma ? r->smallest : sigma;

cleanup:
    return status;
}

/* ---- mean, shape, tails ---- */

static double p_of_shape(const struct aud_residuals *residuals)
{
    size_t count[BINS] = {0};
    size_t bins = residuals->n / A_BIN < BINS ? residuals->n / A_BIN : BINS;
    double square = 0;
    if (bins < 2) {
        return AUD_TOO_FEW;
    }
    for (size_t i = 0; i < residuals->n; i++) {
        size_t bin = (size_t)(residuals->uniform[i] * (double)bins);
        count[bin < bins ? bin : bins - 1]++;
    }
    const double expected = (double)residuals->n / (double)bins;
    for (size_t i = 0; i < bins; i++) {
        double apart = (double)count[i] - expected;
        square += apart * apart / expected;
    }
    return aud_chi2_above(square, (double)(bins - 1));
}

/* P[Bin(n, p) <= k] and P[Bin(n, p) >= k]. */
static double p_of_count(size_t k, size_t n, double p)
{
    double below = k == n ? 1 : 1 - aud_beta_cdf(p, (double)k + 1, (double)(n - k));
    double above = k == 0 ? 1 : aud_beta_cdf(p, (double)k, (double)(n - k) + 1);
    return aud_two_sided(below, above);
}

static double p_of_tails(const struct aud_residuals *residuals)
{
    size_t beyond = 0;
    for (size_t i = 0; i < residuals->n; i++) {
        beyond += fabs(residuals->z[i]) > FAR;
    }
    return p_of_count(beyond, residuals->n, 2 * aud_normal_cdf(-FAR));
}

/* ---- independence ---- */

/* At each lag the products of signs are fair coins, independent of each other whatever the
 * magnitudes are; the least p of all lags, times their number. */
static double p_of_lags(const struct aud_residuals *residuals)
{
    const size_t n = residuals->n;
    double least = AUD_TOO_FEW;
    for (size_t lag = 1; lag <= LAGS && n >= (size_t)2 * LAGS; lag++) {
        size_t alike = 0;
        for (size_t i = lag; i < n; i++) {
            alike +=
                (residuals->uniform[i] < 0.5) == (residuals->uniform[i - lag] < 0.5);
        }
        double p = LAGS * p_of_count(alike, n - lag, 0.5);
        p = p < 1 ? p : 1;
        least = p < least ? p : least;
    }
    return least;
}

static int by_window(const void *left, const void *right)
{
    const int64_t *const *a = left;
    const int64_t *const *b = right;
    for (int i = 0; i < WINDOW; i++) {
        if ((*a)[i] != (*b)[i]) {
            return (*a)[i] < (*b)[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Two windows of honest noise are equal with probability at most (2 sigma sqrt(pi))^-8;
 * two of all pairs are, with at most so many times that. */
static sil_status find_twice(double *p, const struct aud_residuals *residuals,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const int64_t **window = NULL;
    size_t n = 0;
    bool is_twice = false;
    SIL_TRY(sil_alloc(&window, residuals->n, sizeof *window, "residuals", err));
    for (size_t i = 0; i + WINDOW <= residuals->n; i++) {
        if (residuals->line[i] == residuals->line[i + WINDOW - 1]) {
            window[n++] = residuals->step + i;
        }
    }
    qsort(window, n, sizeof *window, by_window);
    for (size_t i = 1; i < n; i++) {
        is_twice |= by_window(&window[i - 1], &window[i]) == 0;
    }
    double pairs = 0.5 * (double)n * (double)n;
    double chance = pairs * pow(2 * residuals->smallest * sqrt(M_PI), -WINDOW);
    *p = n < 2 ? AUD_TOO_FEW : is_twice && chance < 1 ? chance : 1;

cleanup:
    free(window);
    return status;
}

/* ---- the grid ---- */

static double p_of_grid(const struct aud_residuals *residuals)
{
    size_t count[LOW_BITS] = {0};
    const double expected = (double)residuals->n / LOW_BITS;
    double square = 0;
    if (expected < A_BIN || residuals->smallest < LOW_BITS) {
        return AUD_TOO_FEW;
    }
    for (size_t i = 0; i < residuals->n; i++) {
        count[(uint64_t)residuals->step[i] % LOW_BITS]++;
    }
    for (size_t i = 0; i < LOW_BITS; i++) {
        double apart = (double)count[i] - expected;
        square += apart * apart / expected;
    }
    return aud_chi2_above(square, LOW_BITS - 1);
}

/* At most 1 in sqrt(2 pi) sigma of them is exactly 0. */
static double p_of_empty(const struct aud_residuals *residuals)
{
    size_t empty = 0;
    size_t zero = 0;
    for (size_t i = 0; i < residuals->n; i++) {
        empty += residuals->is_empty[i];
        zero += residuals->is_empty[i] != 0 && residuals->step[i] == 0;
    }
    double rate = 1 / (residuals->smallest * sqrt(2 * M_PI));
    if (empty == 0 || rate >= 1) {
        return AUD_TOO_FEW;
    }
    if (zero == 0) {
        return 1;
    }
    return aud_beta_cdf(rate, (double)zero, (double)(empty - zero) + 1);
}

sil_status aud_battery_run(struct aud_battery *out,
                           const struct aud_residuals *residuals, struct sil_error *err)
{
    *out = (struct aud_battery){.n = residuals->n};
    for (int i = 0; i < AUD_N_TESTS; i++) {
        out->p[i] = AUD_TOO_FEW;
    }
    if (residuals->n > 0) {
        double square = 0;
        for (size_t i = 0; i < residuals->n; i++) {
            square += residuals->z[i] * residuals->z[i];
        }
        const double n = (double)residuals->n;
        out->ratio = sqrt(square / n);
        out->seen = sqrt(aud_chi2_quantile(POWER, n) /
                         aud_chi2_quantile(AUD_BATTERY_LEVEL / (2 * AUD_N_TESTS), n));
        out->p[AUD_TEST_SCALE] = aud_p_of_squares(residuals->z, residuals->n);
        out->p[AUD_TEST_LINE] =
            aud_p_of_oddest(residuals->z, residuals->line, residuals->n);
        out->p[AUD_TEST_MEAN] = aud_p_of_mean(residuals->z, residuals->n);
        out->p[AUD_TEST_SHAPE] = p_of_shape(residuals);
        out->p[AUD_TEST_TAILS] = p_of_tails(residuals);
        out->p[AUD_TEST_LAGS] = p_of_lags(residuals);
        out->p[AUD_TEST_GRID] = p_of_grid(residuals);
        out->p[AUD_TEST_EMPTY] = p_of_empty(residuals);
    }
    sil_status status = find_twice(&out->p[AUD_TEST_TWICE], residuals, err);
    for (int i = 0; i < AUD_N_TESTS; i++) {
        out->has_run[i] = out->p[i] <= 1;
        out->p[i] = out->has_run[i] ? out->p[i] : 1;
        out->adjusted[i] = out->p[i];
    }
    aud_holm(out->adjusted, AUD_N_TESTS);
    return status;
}
