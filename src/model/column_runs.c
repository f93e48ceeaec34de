// SPDX-License-Identifier: Apache-2.0
#include "model/column_runs.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"
#include "model/scalar.h"

#include <stdlib.h>

/* For the values before each place: sums, and the best way to cut them into runs. */
struct cuts {
    double centre;
    double *sum;     ///< of the first j values, less the centre each
    double *squares; ///< of their squares
    double *cost;    ///< of the best cuts
    uint32_t *n_runs;
    uint32_t *start; ///< of the last run
    double *doubles;
    uint32_t *numbers;
};

/* An integer near x: centred by it, counts stay integers and their sums exact. */
static double whole(double x)
{
    static const double GRID = 0x1.8p52;
    bool is_fine = x > -0x1p50 && x < 0x1p50;
    return is_fine ? (x + GRID) - GRID : x;
}

static void cuts_close(struct cuts *c)
{
    free(c->doubles);
    free(c->numbers);
}

static sil_status cuts_open(struct cuts *c, const double *y, uint32_t n,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t places = (size_t)n + 1;
    double sum = 0;
    *c = (struct cuts){0};
    SIL_TRY(sil_alloc(&c->doubles, 3 * places, sizeof *c->doubles, "a column", err));
    SIL_TRY(sil_alloc(&c->numbers, 2 * places, sizeof *c->numbers, "a column", err));
    c->sum = c->doubles;
    c->squares = c->doubles + places;
    c->cost = c->doubles + 2 * places;
    c->n_runs = c->numbers;
    c->start = c->numbers + places;
    for (uint32_t i = 0; i < n; i++) {
        sum += y[i];
    }
    c->centre = whole(sum / (double)n);
    for (uint32_t i = 0; i < n; i++) {
        double x = y[i] - c->centre;
        c->sum[i + 1] = c->sum[i] + x;
        c->squares[i + 1] = c->squares[i] + x * x;
    }
cleanup:
    return status;
}

/* Squared distance of the values of a run from their mean. */
static double spread(const struct cuts *c, uint32_t start, uint32_t end)
{
    double sum = c->sum[end] - c->sum[start];
    return (c->squares[end] - c->squares[start]) - sum * sum / (double)(end - start);
}

static double mean(const struct cuts *c, uint32_t start, uint32_t end)
{
    return c->centre + (c->sum[end] - c->sum[start]) / (double)(end - start);
}

/* ---- the best way to cut ---- */

/* Cut the first j values, those before being cut. The cost of a run is not divided by the
 * variance but that of a further run multiplied by it: integers stay integers, and ties. */
static void cut(struct cuts *c, uint32_t j, double run_cost)
{
    double best = __builtin_inf();
    uint32_t n_runs = UINT32_MAX;
    uint32_t start = 0;
    for (uint32_t i = 0; i < j; i++) {
        double cost = c->cost[i] + spread(c, i, j) + run_cost;
        if (cost < best || (cost <= best && c->n_runs[i] < n_runs)) {
            best = cost;
            n_runs = c->n_runs[i];
            start = i;
        }
    }
    c->cost[j] = best;
    c->n_runs[j] = n_runs + 1;
    c->start[j] = start;
}

sil_status sil_fit_runs(double *y, uint32_t n, double variance, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct cuts c;
    SIL_TRY(cuts_open(&c, y, n, err));
    for (uint32_t j = 1; j <= n; j++) {
        cut(&c, j, SIL_RUN_COST * variance);
    }
    for (uint32_t j = n; j > 0; j = c.start[j]) {
        uint32_t start = c.start[j];
        double level = mean(&c, start, j);
        for (uint32_t i = start; i < j; i++) {
            y[i] = level;
        }
    }
cleanup:
    cuts_close(&c);
    return status;
}

/* ---- the mean over all ways ---- */

/* Logarithms of sums of weights. */
struct ways {
    const struct cuts *cuts;
    uint32_t n;
    double variance;
    double *before; ///< over ways to cut the first j values
    double *behind; ///< over ways to cut those from j on
    double *term;
    double *weight;
    double *step; ///< from a value to the next, of the mean over all ways
    double *doubles;
};

static sil_status ways_open(struct ways *w, const struct cuts *c, uint32_t n,
                            double variance, struct sil_error *err)
{
    size_t places = (size_t)n + 1;
    *w = (struct ways){.cuts = c, .n = n, .variance = variance};
    sil_status status =
        sil_alloc(&w->doubles, 5 * places, sizeof *w->doubles, "a column", err);
    if (status == SIL_OK) {
        w->before = w->doubles;
        w->behind = w->doubles + places;
        w->term = w->doubles + 2 * places;
        w->weight = w->doubles + 3 * places;
        w->step = w->doubles + 4 * places;
    }
    return status;
}

static double log_weight(const struct ways *w, uint32_t start, uint32_t end)
{
    return -(spread(w->cuts, start, end) / w->variance + SIL_RUN_COST) / 2;
}

/* The logarithm of the sum of e^term. */
static double log_sum(const struct ways *w, size_t n)
{
    const struct sil_kernels *k = sil_kernels();
    double largest = k->largest(w->term, n);
    k->exponential(w->weight, w->term, largest, n);
    return largest + sil_log(k->sum(w->weight, n));
}

static void add_up(struct ways *w)
{
    const uint32_t n = w->n;
    w->before[0] = 0;
    for (uint32_t j = 1; j <= n; j++) {
        for (uint32_t i = 0; i < j; i++) {
            w->term[i] = w->before[i] + log_weight(w, i, j);
        }
        w->before[j] = log_sum(w, j);
    }
    w->behind[n] = 0;
    for (uint32_t i = n; i-- > 0;) {
        for (uint32_t j = i + 1; j <= n; j++) {
            w->term[j - i - 1] = w->behind[j] + log_weight(w, i, j);
        }
        w->behind[i] = log_sum(w, n - i);
    }
}

/* Every run adds its mean, as likely as it is, to the values in it: as a step up where it
 * starts and a step down behind it. */
static void average(double *y, struct ways *w)
{
    const uint32_t n = w->n;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = i + 1; j <= n; j++) {
            w->term[j - i - 1] = w->before[i] + log_weight(w, i, j) + w->behind[j];
        }
        sil_kernels()->exponential(w->weight, w->term, w->before[n], n - i);
        for (uint32_t j = i + 1; j <= n; j++) {
            double part = w->weight[j - i - 1] * mean(w->cuts, i, j);
            w->step[i] += part;
            w->step[j] -= part;
        }
    }
    double level = 0;
    for (uint32_t i = 0; i < n; i++) {
        level += w->step[i];
        y[i] = level;
    }
}

sil_status sil_average_runs(double *y, uint32_t n, double variance,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct cuts c;
    struct ways w = {0};
    SIL_TRY(cuts_open(&c, y, n, err));
    SIL_TRY(ways_open(&w, &c, n, variance, err));
    add_up(&w);
    average(y, &w);
cleanup:
    free(w.doubles);
    cuts_close(&c);
    return status;
}
