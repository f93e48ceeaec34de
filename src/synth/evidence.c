// SPDX-License-Identifier: Apache-2.0
#include "synth/evidence.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/columns.h"

#include <stdlib.h>
#include <string.h>

/* The fit weighs nearness to independent columns with 10^-3 of each variance, which is
 * little enough to reach the optimum of the loss. Enlarging all variances by one factor
 * raises that weight and leaves the measurements' weights among themselves alone. Where
 * the rows stand well above the noise, ten times the weight fits better: cells below the
 * noise then keep what the columns say. Where they do not, the columns are too noisy for
 * that. Part of replay 1. */
static const double CAUTION_MAX = 10;
static const double CAUTION_SCALE = 25000;

/* A further run of equal cells must lower the squared distance by this many variances. A
 * column of very many cells is left as it is: the search is quadratic. */
static const double RUN_COST = 8;
static const size_t POOLED_CELLS_MAX = 4096;

static double caution(const struct sil_measurements *list, double total)
{
    double noisiest = 0;
    for (size_t i = 0; i < list->n; i++) {
        double variance = list->item[i].variance;
        noisiest = variance > noisiest ? variance : noisiest;
    }
    double factor = total / noisiest * total / CAUTION_SCALE;
    if (!(factor > 1)) {
        return 1;
    }
    return factor < CAUTION_MAX ? factor : CAUTION_MAX;
}

/* ---- neighbours that the noise cannot tell apart ---- */

/* The least cost of the cells before each one, and where its last run of equals begins. */
struct pooling {
    double *sum;     ///< of the first i values, less their mean
    double *squares; ///< of their squares
    double *cost;
    size_t *start;
    double *memory;
};

static sil_status pooling_open(struct pooling *p, const double *y, size_t n,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    double mean = 0;
    *p = (struct pooling){0};
    SIL_TRY(sil_alloc(&p->memory, 3 * (n + 1), sizeof *p->memory, "a column", err));
    SIL_TRY(sil_alloc(&p->start, n + 1, sizeof *p->start, "a column", err));
    p->sum = p->memory;
    p->squares = p->memory + n + 1;
    p->cost = p->memory + 2 * (n + 1);
    for (size_t i = 0; i < n; i++) {
        mean += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double value = y[i] - mean;
        p->sum[i + 1] = p->sum[i] + value;
        p->squares[i + 1] = p->squares[i] + value * value;
    }
cleanup:
    return status;
}

static void pooling_close(struct pooling *p)
{
    free(p->memory);
    free(p->start);
}

/* The squared distance of values i .. j - 1 from their mean. */
static double spread(const struct pooling *p, size_t i, size_t j)
{
    double sum = p->sum[j] - p->sum[i];
    return p->squares[j] - p->squares[i] - sum * sum / (double)(j - i);
}

/* The best last run of the first j values; the leftmost start of equally good ones. */
static void extend(struct pooling *p, size_t j, double variance)
{
    p->cost[j] = p->cost[0] + spread(p, 0, j) / variance + RUN_COST;
    p->start[j] = 0;
    for (size_t i = 1; i < j; i++) {
        double cost = p->cost[i] + spread(p, i, j) / variance + RUN_COST;
        if (cost < p->cost[j]) {
            p->cost[j] = cost;
            p->start[j] = i;
        }
    }
}

sil_status sil_pool_neighbours(double *y, size_t n, double variance,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct pooling p = {0};
    if (n > POOLED_CELLS_MAX) {
        return SIL_OK;
    }
    SIL_TRY(pooling_open(&p, y, n, err));
    for (size_t j = 1; j <= n; j++) {
        extend(&p, j, variance);
    }
    for (size_t j = n; j > 0; j = p.start[j]) {
        double mean = 0;
        for (size_t i = p.start[j]; i < j; i++) {
            mean += y[i] / (double)(j - p.start[j]);
        }
        for (size_t i = p.start[j]; i < j; i++) {
            y[i] = mean;
        }
    }
cleanup:
    pooling_close(&p);
    return status;
}

/* ---- collecting ---- */

static sil_status append(struct sil_measurements *out, const struct sil_clique *clique,
                         double *y, double variance, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_grow(&out->item, &out->capacity, out->n + 1, sizeof *out->item,
                     "measurements", err));
    SIL_TRY(sil_grow(&out->owned, &out->owned_capacity, out->n + 1, sizeof *out->owned,
                     "measurements", err));
    out->owned[out->n] = y;
    out->item[out->n++] =
        (struct sil_measurement){.clique = *clique, .y = y, .variance = variance};
cleanup:
    if (status != SIL_OK) {
        free(y);
    }
    return status;
}

static sil_status append_joint(struct sil_measurements *out,
                               const struct sil_measurement *item,
                               const struct sil_domain *domain, struct sil_error *err)
{
    double *y = NULL;
    uint64_t cells = sil_clique_cells(domain, &item->clique);
    sil_status status = sil_alloc(&y, cells, sizeof *y, "a measurement", err);
    if (status != SIL_OK) {
        return status;
    }
    memcpy(y, item->y, cells * sizeof *y);
    return append(out, &item->clique, y, item->variance, err);
}

/* A column on its way to evidence. */
struct column {
    uint32_t attr;
    const struct sil_known *known; ///< NULL: before replay 3
    size_t n;
    double *y;
    double *weight;   ///< of each cell, in units of the precision
    double precision; ///< of what was measured; 0: nothing was
};

static sil_status column_open(struct column *c, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&c->y, c->n, sizeof *c->y, "a measurement", err));
    SIL_TRY(sil_alloc(&c->weight, c->n, sizeof *c->weight, "a measurement", err));
    for (size_t k = 0; k < c->n; k++) {
        c->weight[k] = 1;
    }
cleanup:
    return status;
}

static void average(struct column *c, const struct sil_measurements *list,
                    const struct sil_clique *column)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct sil_measurement *item = &list->item[i];
        if (sil_clique_compare(&item->clique, column) != 0) {
            continue;
        }
        c->precision += 1 / item->variance;
        for (size_t k = 0; k < c->n; k++) {
            c->y[k] += item->y[k] / item->variance;
        }
    }
    for (size_t k = 0; k < c->n && c->precision > 0; k++) {
        c->y[k] /= c->precision;
    }
}

/* The fit knows one variance for all cells: that of their mean precision. */
static double variance_of(const struct column *c)
{
    double weights = 0;
    for (size_t k = 0; k < c->n; k++) {
        weights += c->weight[k];
    }
    return 1 / (c->precision * (weights / (double)c->n));
}

/* From replay 3 on. */
static sil_status clean_known(struct column *c, double total, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_field *field = sil_schema_field(c->known->schema, c->attr);
    const struct sil_kept *kept = sil_kept_of(c->known->kept, c->attr);
    const struct sil_column column = {.n_values = (uint32_t)c->n,
                                      .n_ordered = sil_field_ordered_cells(field),
                                      .variance = 1 / c->precision,
                                      .is_averaged = true};
    double *y = NULL;
    SIL_TRY(sil_alloc(&y, c->n, sizeof *y, "a measurement", err));
    memcpy(y, c->y, c->n * sizeof *y);
    if (kept != NULL) {
        sil_kept_join(y, c->weight, column.variance, kept);
    }
    SIL_TRY(sil_column_clean(c->y, y, c->weight, &column, total, err));
cleanup:
    free(y);
    return status;
}

/* Clean a column that was measured. */
static sil_status clean(struct column *c, double total, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (c->known != NULL) {
        return clean_known(c, total, err);
    }
    SIL_TRY(sil_pool_neighbours(c->y, c->n, 1 / c->precision, err));
    SIL_TRY(sil_project_on_total(c->y, NULL, c->n, total, err));
cleanup:
    return status;
}

/* All measurements of the column together; nothing when there is none. */
static sil_status append_column(struct sil_measurements *out,
                                const struct sil_measurements *list, struct column *c,
                                double total, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_clique column = sil_clique_single(c->attr);

    SIL_TRY(column_open(c, err));
    average(c, list, &column);
    if (c->precision > 0) {
        SIL_TRY(clean(c, total, err));
        status = append(out, &column, c->y, variance_of(c), err);
        c->y = NULL;
    }
cleanup:
    free(c->y);
    free(c->weight);
    return status;
}

sil_status sil_evidence_collect(struct sil_measurements *out,
                                const struct sil_measurements *list,
                                const struct sil_known *known,
                                const struct sil_domain *domain, double total,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct sil_measurements){0};
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        struct column c = {.attr = a, .known = known, .n = domain->sizes[a]};
        SIL_TRY(append_column(out, list, &c, total, err));
    }
    for (size_t i = 0; i < list->n; i++) {
        if (list->item[i].clique.n > 1) {
            SIL_TRY(append_joint(out, &list->item[i], domain, err));
        }
    }
    double factor = caution(list, total);
    for (size_t i = 0; i < out->n; i++) {
        out->item[i].variance *= factor;
    }
cleanup:
    if (status != SIL_OK) {
        sil_measurements_clear(out);
    }
    return status;
}
