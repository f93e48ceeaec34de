// SPDX-License-Identifier: Apache-2.0
#include "model/columns.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/scalar.h"

#include <stdlib.h>
#include <string.h>

/* Constants of the mechanism: a release is replayed with them. */
static const double RUN_COST = 6; ///< of a further run, in variances
static const double LIGHT = 0.7;  ///< of the deviation at which a run pays for itself
static const double LEAST_CELL = 0.02;
static const uint32_t SEARCHED_MAX = 4096; ///< the search is quadratic

/* ---- ordered values: the best piecewise constant fit ---- */

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

/* Cut the first j values, those before being cut. The cost of a run is not divided by the
 * variance but that of a further run multiplied by it: integers stay integers, and ties. */
static void cut(struct cuts *c, uint32_t j, double run_cost)
{
    double best = __builtin_inf();
    uint32_t n_runs = UINT32_MAX;
    uint32_t start = 0;
    for (uint32_t i = 0; i < j; i++) {
        double sum = c->sum[j] - c->sum[i];
        double spread = (c->squares[j] - c->squares[i]) - sum * sum / (double)(j - i);
        double cost = c->cost[i] + spread + run_cost;
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

/* Replace values by the means of the best runs. */
static sil_status fit_runs(double *y, uint32_t n, double variance,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct cuts c;
    SIL_TRY(cuts_open(&c, y, n, err));
    for (uint32_t j = 1; j <= n; j++) {
        cut(&c, j, RUN_COST * variance);
    }
    for (uint32_t j = n; j > 0; j = c.start[j]) {
        uint32_t start = c.start[j];
        double mean = c.centre + (c.sum[j] - c.sum[start]) / (double)(j - start);
        for (uint32_t i = start; i < j; i++) {
            y[i] = mean;
        }
    }
cleanup:
    cuts_close(&c);
    return status;
}

/* ---- unordered values ---- */

/* A value this light cannot be told from another: they share what they have. */
static void pool_light(double *y, uint32_t n, double variance)
{
    double threshold = LIGHT * sil_sqrt(RUN_COST * variance);
    double sum = 0;
    uint32_t n_light = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (y[i] < threshold) {
            sum += y[i];
            n_light++;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        if (y[i] < threshold) {
            y[i] = sum / (double)n_light;
        }
    }
}

/* ---- counts ---- */

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? 1 : (x > y ? -1 : 0);
}

/* The nearest vector without negative cells that adds up to `total`: all are lowered by
 * one amount, and cut at 0. */
static sil_status project(double *x, uint32_t n, double total, struct sil_error *err)
{
    double *sorted = NULL;
    sil_status status = sil_alloc(&sorted, n, sizeof *sorted, "a column", err);
    if (status != SIL_OK) {
        return status;
    }
    (void)memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, descending);
    double sum = 0;
    double amount = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += sorted[i];
        double candidate = (sum - total) / (double)(i + 1);
        if (sorted[i] <= candidate) {
            break;
        }
        amount = candidate;
    }
    for (uint32_t i = 0; i < n; i++) {
        x[i] = x[i] > amount ? x[i] - amount : 0;
    }
    free(sorted);
    return SIL_OK;
}

static void keep_above_zero(double *x, uint32_t n, double total)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        x[i] = x[i] > LEAST_CELL ? x[i] : LEAST_CELL;
        sum += x[i];
    }
    for (uint32_t i = 0; i < n; i++) {
        x[i] *= total / sum;
    }
}

sil_status sil_column_clean(double *p, const double *y, const struct sil_column *column,
                            double total, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = column->n_values;
    uint32_t n_ordered = column->n_ordered;
    unsigned before = sil_floating_enter();

    (void)memcpy(p, y, n * sizeof *p);
    if (n_ordered > 0 && n_ordered <= SEARCHED_MAX) {
        SIL_TRY(fit_runs(p, n_ordered, column->variance, err));
    }
    pool_light(p + n_ordered, n - n_ordered, column->variance);
    SIL_TRY(project(p, n, total, err));
    keep_above_zero(p, n, total);
cleanup:
    sil_floating_leave(before);
    return status;
}
