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

static double weight_of(const double *weight, size_t i)
{
    return weight == NULL ? 1 : weight[i];
}

static bool is_light(double y, double weight, double variance)
{
    return y < LIGHT * sil_sqrt(SIL_RUN_COST * variance / weight);
}

/* A value this light cannot be told from another: they share what they have. */
static void pool_light(double *y, const double *weight, uint32_t n, double variance)
{
    double sum = 0;
    double weights = 0;
    for (uint32_t i = 0; i < n; i++) {
        double w = weight_of(weight, i);
        if (is_light(y[i], w, variance)) {
            sum += w * y[i];
            weights += w;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        if (is_light(y[i], weight_of(weight, i), variance)) {
            y[i] = sum / weights;
        }
    }
}

/* ---- counts ---- */

/* A cell of the projection, and the amount at which it is 0. */
struct end {
    double amount;
    double x;
    double weight;
};

/* Equal ends stand in an order, too: sums depend on it. */
static int descending(const void *a, const void *b)
{
    const struct end *left = a;
    const struct end *right = b;
    if (left->amount < right->amount || left->amount > right->amount) {
        return left->amount < right->amount ? 1 : -1;
    }
    return left->x < right->x ? 1 : (left->x > right->x ? -1 : 0);
}

/* All are lowered by one amount over their weights, and cut at 0. */
sil_status sil_project_on_total(double *x, const double *weight, size_t n, double total,
                                struct sil_error *err)
{
    struct end *sorted = NULL;
    sil_status status = sil_alloc(&sorted, n, sizeof *sorted, "a column", err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        double w = weight_of(weight, i);
        sorted[i] = (struct end){.amount = w * x[i], .x = x[i], .weight = w};
    }
    qsort(sorted, n, sizeof *sorted, descending);
    double sum = 0;
    double spread = 0;
    double amount = 0;
    for (size_t i = 0; i < n; i++) {
        sum += sorted[i].x;
        spread += 1 / sorted[i].weight;
        double candidate = (sum - total) / spread;
        if (sorted[i].amount <= candidate) {
            break;
        }
        amount = candidate;
    }
    for (size_t i = 0; i < n; i++) {
        double lowered = x[i] - amount / weight_of(weight, i);
        x[i] = lowered > 0 ? lowered : 0;
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

sil_status sil_column_clean(double *p, const double *y, const double *weight,
                            const struct sil_column *column, double total,
                            struct sil_error *err)
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
    pool_light(p + n_ordered, weight == NULL ? NULL : weight + n_ordered, n - n_ordered,
               column->variance);
    SIL_TRY(sil_project_on_total(p, weight, n, total, err));
    keep_above_zero(p, n, total);
cleanup:
    sil_floating_leave(before);
    return status;
}
