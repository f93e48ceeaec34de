// SPDX-License-Identifier: Apache-2.0
#include "audits/claim/search.h"

#include "audits/claim/scores.h"
#include "audits/claim/search_finds.h"
#include "audits/stats/bounds.h"
#include "audits/stats/special.h"
#include "base/fail.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 8, SAMPLE = 64, HALVINGS = 14 };

static const double FACTOR_MAX = 1000;

/* So many degrees of freedom. */
static const double NEARLY_NORMAL = 1e5;

/* What is found in 999 of 1,000 runs is hardly cut by the threshold. */
static const double SAFE = 1e-3;

/* The dice of the battery are others. */
static const uint64_t FIRST_DIE = (uint64_t)1 << 40;

const char *aud_search_name(int test)
{
    static const char *const NAMES[AUD_N_SEARCHES] = {
        "The noise of values found is as large as claimed",
        "So is that of every single open field",
        "It is centred on the truth, but for the threshold",
        "It has the shape of a normal law cut at the threshold",
        "Every value found or left out could be so",
        "As many were found as by this threshold",
        "Those near the threshold were found as by this noise"};
    return NAMES[test];
}

void aud_search_clear(struct aud_search *search)
{
    free(search->text);
    *search = (struct aud_search){0};
}

/* ---- a text ---- */

/* Phi^-1 of a probability of which both tails are known, each in its own precision. */
static double score_of(double below, double above)
{
    return below < above ? aud_normal_quantile(fmax(below, DBL_MIN))
                         : -aud_normal_quantile(fmax(above, DBL_MIN));
}

/* Of a = |x|, with tail = Q(a): P[|N| >= a | N >= e] = (Q(a) + max(0, Q(a) - Phi(e))) / Q(e),
 * as -a is above e or it is not. */
static double size_score(const struct aud_sought *text, double tail)
{
    double over = (tail + fmax(0, tail - text->missed)) / text->found;
    return -aud_normal_quantile(fmax(fmin(over, 1) / 2, DBL_MIN));
}

/* Scores of the noise that `step` is the rounding of, given that it is at least e: with Q the
 * upper tail, P[N >= x | N >= e] = Q(x) / Q(e). */
static void find_scores(struct aud_sought *text, double step, double sigma, uint64_t i)
{
    const double low = (step - 0.5) / sigma;
    const double high = (step + 0.5) / sigma;
    const double die = aud_die(FIRST_DIE + i);
    double below = (1 - die) * aud_normal_cdf(low) + die * aud_normal_cdf(high);
    double above = (1 - die) * aud_normal_cdf(-low) + die * aud_normal_cdf(-high);
    double tail = fmin(below, above); /* Q(|x|) */
    /* Where both are above a half the difference is that of the other tails. */
    double under = below < 0.5 ? below - text->missed : text->found - above;
    text->signed_score = score_of(under / text->found, above / text->found);
    text->size_score = size_score(text, tail);
}

sil_status aud_search_add(struct aud_search *search, const struct aud_search_law *law,
                          uint64_t count, const int64_t *noisy, struct sil_error *err)
{
    const double rows = ldexp((double)count, (int)law->shift);
    const double edge = (law->threshold - rows - 0.5) / law->sigma;
    sil_status status = sil_grow(&search->text, &search->room, search->n + 1,
                                 sizeof *search->text, "values", err);
    if (status != SIL_OK) {
        return status;
    }
    struct aud_sought *text = &search->text[search->n];
    *text = (struct aud_sought){.count = count,
                                .field = law->field,
                                .is_found = noisy != NULL,
                                .found = aud_normal_cdf(-edge),
                                .missed = aud_normal_cdf(edge),
                                .edge = edge};
    if (text->is_found && text->found > DBL_MIN) {
        find_scores(text, (double)*noisy - rows, law->sigma, search->n);
    }
    search->n++;
    return SIL_OK;
}

/* ---- the noise of what was found ---- */

struct finds {
    const struct aud_sought **text;
    double *size, *sign;
    uint32_t *field;
    size_t n, n_fields;
};

static void finds_clear(struct finds *finds)
{
    free(finds->text);
    free(finds->size);
    free(finds->sign);
    free(finds->field);
}

static sil_status collect(struct finds *out, const struct aud_search *search,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&out->text, search->n, sizeof *out->text, "values", err));
    SIL_TRY(sil_alloc(&out->size, search->n, sizeof *out->size, "values", err));
    SIL_TRY(sil_alloc(&out->sign, search->n, sizeof *out->sign, "values", err));
    SIL_TRY(sil_alloc(&out->field, search->n, sizeof *out->field, "values", err));
    for (size_t i = 0; i < search->n; i++) {
        const struct aud_sought *text = &search->text[i];
        if (text->is_found && text->found > DBL_MIN) {
            bool is_new = out->n == 0 || out->field[out->n - 1] != text->field;
            out->n_fields += is_new;
            out->text[out->n] = text;
            out->size[out->n] = text->size_score;
            out->sign[out->n] = text->signed_score;
            out->field[out->n++] = text->field;
        }
    }

cleanup:
    return status;
}

static int by_value(const void *left, const void *right)
{
    const double *a = left;
    const double *b = right;
    return (*a > *b) - (*a < *b);
}

/* The largest distance D between the two distribution functions exceeds d with probability
 * at most 2 exp(-2 n d^2), whatever n is. Sorts. */
static double p_of_distance(double *score, size_t n)
{
    double most = 0;
    qsort(score, n, sizeof *score, by_value);
    for (size_t i = 0; i < n; i++) {
        double at = aud_normal_cdf(score[i]);
        double above = ((double)i + 1) / (double)n - at;
        double below = at - (double)i / (double)n;
        most = fmax(most, fmax(above, below));
    }
    return fmin(1, 2 * exp(-2 * (double)n * most * most));
}

/* ---- which factor of too little noise would be seen ---- */

/* The mean and the variance of the square of a size score under noise c times too small;
 * of what the threshold may cut by the middles of POINTS equal parts. */
static void add_square(double sum[2], const struct aud_sought *text, double c)
{
    const double rest = aud_normal_cdf(-c * text->edge);
    double square = 0;
    double fourth = 0;
    if (text->missed < SAFE) {
        sum[0] += 1 / (c * c);
        sum[1] += 2 / (c * c * c * c);
        return;
    }
    for (int k = 0; k < POINTS; k++) {
        double above = rest * (k + 0.5) / POINTS;
        double x = above < DBL_MIN ? text->edge : -aud_normal_quantile(above) / c;
        double score = size_score(text, aud_normal_cdf(-fabs(x)));
        square += score * score / POINTS;
        fourth += score * score * score * score / POINTS;
    }
    sum[0] += square;
    sum[1] += fourth - square * square;
}

/* Would it be seen, with power 0.99? The sum is taken for a multiple of a chi-squared number
 * with these first two moments; of many finds, some stand for all. */
static bool is_seen(const struct finds *finds, double c, double least)
{
    const size_t stride = 1 + finds->n / SAMPLE;
    double sum[2] = {0, 0};
    for (size_t i = 0; i < finds->n; i += stride) {
        add_square(sum, finds->text[i], c);
    }
    const double mean = sum[0] * (double)stride;
    const double spread = fmax(0, sum[1]) * (double)stride;
    if (2 * mean * mean >= NEARLY_NORMAL * spread) {
        return mean + aud_normal_quantile(AUD_SEARCH_POWER) * sqrt(spread) < least;
    }
    const double df = 2 * mean * mean / spread;
    return spread / (2 * mean) * aud_chi2_quantile(AUD_SEARCH_POWER, df) < least;
}

static double factor_seen(const struct finds *finds, double level)
{
    const double least = aud_chi2_quantile(level / 2, (double)finds->n);
    double low = 1;
    double high = FACTOR_MAX;
    if (!is_seen(finds, high, least)) {
        return 0;
    }
    for (int i = 0; i < HALVINGS; i++) {
        double middle = sqrt(low * high);
        *(is_seen(finds, middle, least) ? &high : &low) = middle;
    }
    return high;
}

static sil_status test_noise(struct aud_search_tests *out,
                             const struct aud_search *search, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct finds finds = {0};
    SIL_TRY(collect(&finds, search, err));
    if (finds.n > 0) {
        double square = 0;
        for (size_t i = 0; i < finds.n; i++) {
            square += finds.size[i] * finds.size[i];
        }
        out->ratio = sqrt(square / (double)finds.n);
        out->seen = factor_seen(&finds, AUD_SEARCH_LEVEL / AUD_N_SEARCHES);
        out->p[AUD_SEARCH_SCALE] = aud_p_of_squares(finds.size, finds.n);
        out->p[AUD_SEARCH_MEAN] = aud_p_of_mean(finds.sign, finds.n);
        out->p[AUD_SEARCH_SHAPE] = p_of_distance(finds.sign, finds.n);
    }
    if (finds.n_fields > 1) {
        out->p[AUD_SEARCH_FIELD] = aud_p_of_oddest(finds.size, finds.field, finds.n);
    }

cleanup:
    finds_clear(&finds);
    return status;
}

sil_status aud_search_run(struct aud_search_tests *out, const struct aud_search *search,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct aud_search_tests){.n_texts = search->n};
    for (int i = 0; i < AUD_N_SEARCHES; i++) {
        out->p[i] = AUD_TOO_FEW;
    }
    for (size_t i = 0; i < search->n; i++) {
        out->n_found += search->text[i].is_found;
    }
    if (search->n > 0) {
        SIL_TRY(test_noise(out, search, err));
        SIL_TRY(aud_search_test_finds(out, search, err));
    }
    for (int i = 0; i < AUD_N_SEARCHES; i++) {
        out->has_run[i] = out->p[i] <= 1;
        out->p[i] = out->has_run[i] ? out->p[i] : 1;
        out->adjusted[i] = out->p[i];
    }
    aud_holm(out->adjusted, AUD_N_SEARCHES);

cleanup:
    return status;
}
