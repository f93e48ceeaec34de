// SPDX-License-Identifier: Apache-2.0
#include "internal/parts.h"

#include <math.h>

/* The sizes of parts that NIST's SDNist looks at. */
static const unsigned PERCENT[SIL_PREFIXES] = {1,  5,  10, 20, 30, 40,
                                               50, 60, 70, 80, 90};

void sil_score_plan(struct sil_score *score, struct sil_versus *versus)
{
    *score = (struct sil_score){0};
    for (size_t p = 0; p < SIL_PREFIXES; p++) {
        size_t rows = versus->truth.n * PERCENT[p] / 100;
        if (rows > 0) { /* of a table of 50 rows there is no part of 1 % */
            score->percent[score->n_parts] = PERCENT[p];
            score->n_rows[score->n_parts] = rows;
            versus->prefix[score->n_parts] = rows;
            score->n_parts++;
        }
    }
    versus->n_prefixes = score->n_parts;
}

/* A straight line between the two parts that score less and as much. */
static void place(struct sil_score *score)
{
    const double *parts = score->part_score;
    double value = score->score.value;
    size_t n = score->n_parts;
    size_t i = 0;
    while (i < n && parts[i] < value) {
        i++;
    }
    if (i == 0 || i == n) {
        bool is_exact = i < n && parts[i] <= value;
        score->place = is_exact ? SIL_BETWEEN : i == 0 ? SIL_BELOW : SIL_ABOVE;
        score->same_as = n == 0 ? 0 : score->percent[i == n ? n - 1 : 0];
        return;
    }
    double part = (value - parts[i - 1]) / (parts[i] - parts[i - 1]);
    double width = (double)(score->percent[i] - score->percent[i - 1]);
    score->place = SIL_BETWEEN;
    score->same_as = score->percent[i - 1] + part * width;
}

static double score_of(double sum, size_t n)
{
    return 1000 * (1 - sum / (double)n);
}

void sil_score_find(struct sil_score *score, const struct sil_distances *distances,
                    size_t n)
{
    double value = 0;
    double reference = 0;
    double part[SIL_PREFIXES] = {0};

    score->n_marginals = n;
    if (n == 0) {
        score->score = (struct sil_figure){SIL_NO_FIGURE, SIL_NO_FIGURE};
        return;
    }
    for (size_t i = 0; i < n; i++) {
        value += distances[i].synthetic;
        reference += distances[i].resampled;
        for (size_t p = 0; p < score->n_parts; p++) {
            part[p] += distances[i].prefix[p];
        }
    }
    score->score = (struct sil_figure){score_of(value, n), score_of(reference, n)};
    for (size_t p = 0; p < score->n_parts; p++) {
        score->part_score[p] = score_of(part[p], n);
    }
    place(score);
}
