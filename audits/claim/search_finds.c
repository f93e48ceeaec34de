// SPDX-License-Identifier: Apache-2.0
/* What was found and what was not, whatever noise its count then has. */
#include "audits/claim/search_finds.h"

#include "audits/claim/scores.h"
#include "audits/stats/special.h"
#include "base/fail.h"
#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HALVINGS = 50 };

static const double STEEPEST = 64;

/* ---- the least likely ---- */

/* All that are no likelier than `most`, together. */
static double sum_up_to(const struct aud_search *search, bool of_finds, double most)
{
    double sum = 0;
    for (size_t i = 0; i < search->n; i++) {
        const struct aud_sought *text = &search->text[i];
        double chance = of_finds ? text->found : text->missed;
        sum += chance <= most ? chance : 0;
    }
    return fmin(1, sum);
}

/* The least likely of what was found, and of what was not: each of these texts is so with its
 * probability, so that one no likelier than this is with the sum of all of those. */
static double p_of_unlikely(const struct aud_search *search)
{
    double least[2] = {2, 2};
    for (size_t i = 0; i < search->n; i++) {
        const struct aud_sought *text = &search->text[i];
        double chance = text->is_found ? text->found : text->missed;
        least[text->is_found] = fmin(least[text->is_found], chance);
    }
    double p[2] = {1, 1};
    for (int k = 0; k < 2; k++) {
        p[k] = least[k] <= 1 ? sum_up_to(search, k == 1, least[k]) : 1;
    }
    return aud_two_sided(p[0], p[1]);
}

/* The most rows with which a single find would be refuted: finds of c rows and fewer are
 * together as unlikely as the test asks for. The texts are sorted by count. */
static uint64_t most_rare(const struct aud_sought *text, size_t n, double level)
{
    double sum = 0;
    uint64_t rare = 0;
    size_t i = 0;
    while (i < n && sum <= level) {
        const uint64_t count = text[i].count;
        for (; i < n && text[i].count == count; i++) {
            sum += text[i].found;
        }
        rare = sum <= level ? count : rare;
    }
    return rare;
}

static int by_chance(const void *left, const void *right)
{
    const struct aud_sought *a = left;
    const struct aud_sought *b = right;
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    return (a->field > b->field) - (a->field < b->field);
}

/* ---- how many were found ---- */

/* Texts of one chance, of which some were found; `weight` is the derivative of ln of either
 * outcome's chance, but for its sign: by the place of the threshold, or the size of noise. */
struct group {
    double n, n_found, found, missed, weight;
};

static size_t group_texts(struct group *out, const struct aud_sought *text, size_t n,
                          bool by_size)
{
    size_t n_groups = 0;
    for (size_t from = 0, to = 0; from < n; from = to) {
        struct group group = {.found = text[from].found, .missed = text[from].missed};
        for (; to < n && by_chance(&text[to], &text[from]) == 0; to++) {
            group.n++;
            group.n_found += text[to].is_found;
        }
        const double edge = text[from].edge;
        const double height = exp(-0.5 * edge * edge) / sqrt(2 * M_PI);
        const double spread = group.found * group.missed;
        if (spread >
            DBL_MIN) { /* what is certain tells nothing; it has a test of its own */
            group.weight = height / spread * (by_size ? edge : 1);
            out[n_groups++] = group;
        }
    }
    return n_groups;
}

/* K(t) - t s and its derivative, K the cumulant generating function of the weighted sum of
 * finds less their means, s its value. */
static void exponent(double *value, double *slope, const struct group *group, size_t n,
                     double t)
{
    *value = 0;
    *slope = 0;
    for (size_t i = 0; i < n; i++) {
        const struct group *g = &group[i];
        const double step = t * g->weight;
        const double more = step > 0 ? g->found : g->found * exp(step);
        const double less = step > 0 ? g->missed * exp(-step) : g->missed;
        *value += g->n * (log(more + less) + fmax(step, 0)) - step * g->n_found;
        *slope += g->weight * (g->n * more / (more + less) - g->n_found);
    }
}

/* Chernoff's bound on the tail that the sum lies in, twice: P[S >= s] <= exp(K(t) - t s) for
 * every t > 0. The exponent is convex, and least where its slope is 0. */
static double p_of_sum(const struct group *group, size_t n)
{
    double value = 0;
    double slope = 0;
    exponent(&value, &slope, group, n, 0);
    double low = slope < 0 ? 0 : -STEEPEST;
    double high = slope < 0 ? STEEPEST : 0;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        exponent(&value, &slope, group, n, middle);
        *(slope < 0 ? &low : &high) = middle;
    }
    return fmin(1, 2 * exp(value));
}

/* What the sum would tell of a shift in standard deviations, or of a change of scale: its
 * variance. */
static double information(const struct group *group, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const struct group *g = &group[i];
        sum += g->weight * g->weight * g->n * g->found * g->missed;
    }
    return sum;
}

static sil_status test_counts(struct aud_search_tests *out,
                              const struct aud_sought *text, size_t n_texts,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct group *group = NULL;
    SIL_TRY(sil_alloc(&group, n_texts, sizeof *group, "values", err));
    for (int by_size = 0; by_size < 2; by_size++) {
        size_t n = group_texts(group, text, n_texts, by_size != 0);
        double tells = information(group, n);
        if (tells < 1) {
            continue;
        }
        out->p[by_size ? AUD_SEARCH_SPREAD : AUD_SEARCH_MANY] = p_of_sum(group, n);
        if (!by_size) {
            double far = sqrt(2 * log(2 * AUD_N_SEARCHES / AUD_SEARCH_LEVEL));
            out->shift = (far + aud_normal_quantile(AUD_SEARCH_POWER)) / sqrt(tells);
        }
    }

cleanup:
    free(group);
    return status;
}

sil_status aud_search_test_finds(struct aud_search_tests *out,
                                 const struct aud_search *search, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_sought *text = NULL;
    SIL_TRY(sil_alloc(&text, search->n, sizeof *text, "values", err));
    (void)memcpy(text, search->text, search->n * sizeof *text);
    qsort(text, search->n, sizeof *text, by_chance);
    out->p[AUD_SEARCH_LIKELY] = p_of_unlikely(search);
    out->rare = most_rare(text, search->n, AUD_SEARCH_LEVEL / (2 * AUD_N_SEARCHES));
    SIL_TRY(test_counts(out, text, search->n, err));

cleanup:
    free(text);
    return status;
}
