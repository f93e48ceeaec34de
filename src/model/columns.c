// SPDX-License-Identifier: Apache-2.0
#include "model/columns.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/column_runs.h"
#include "model/floating.h"
#include "model/scalar.h"

#include <stdlib.h>
#include <string.h>

/* Constants of the mechanism: a release is replayed with them. */
static const double LIGHT = 0.7; ///< of the deviation at which a run pays for itself
static const double LEAST_CELL = 0.02;
static const uint32_t SEARCHED_MAX = 4096; ///< what is done to runs is quadratic

/* ---- unordered values ---- */

/* A value this light cannot be told from another: they share what they have. */
static void pool_light(double *y, uint32_t n, double variance)
{
    double threshold = LIGHT * sil_sqrt(SIL_RUN_COST * variance);
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
        SIL_TRY(column->is_averaged
                    ? sil_average_runs(p, n_ordered, column->variance, err)
                    : sil_fit_runs(p, n_ordered, column->variance, err));
    }
    pool_light(p + n_ordered, n - n_ordered, column->variance);
    SIL_TRY(project(p, n, total, err));
    keep_above_zero(p, n, total);
cleanup:
    sil_floating_leave(before);
    return status;
}
