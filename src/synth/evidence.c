// SPDX-License-Identifier: Apache-2.0
#include "synth/evidence.h"

#include "base/fail.h"
#include "base/memory.h"

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

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? 1 : (x > y ? -1 : 0);
}

sil_status sil_project_on_total(double *x, size_t n, double total,
                                struct sil_error *err)
{
    double *sorted = NULL;
    sil_status status = sil_alloc(&sorted, n, sizeof *sorted, "a column", err);
    if (status != SIL_OK) {
        return status;
    }
    memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, descending);
    double sum = 0;
    double threshold = 0;
    for (size_t i = 0; i < n; i++) {
        sum += sorted[i];
        double candidate = (sum - total) / (double)(i + 1);
        if (sorted[i] <= candidate) {
            break;
        }
        threshold = candidate;
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = x[i] > threshold ? x[i] - threshold : 0;
    }
    free(sorted);
    return SIL_OK;
}

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

/* All measurements of the column together, cleaned; nothing when there is none. */
static sil_status append_column(struct sil_measurements *out,
                                const struct sil_measurements *list,
                                const struct sil_domain *domain, uint32_t attr,
                                double total, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_clique column = sil_clique_single(attr);
    size_t cells = domain->sizes[attr];
    double precision = 0;
    double *y = NULL;

    SIL_TRY(sil_alloc(&y, cells, sizeof *y, "a measurement", err));
    for (size_t i = 0; i < list->n; i++) {
        const struct sil_measurement *item = &list->item[i];
        if (sil_clique_compare(&item->clique, &column) != 0) {
            continue;
        }
        precision += 1 / item->variance;
        for (size_t k = 0; k < cells; k++) {
            y[k] += item->y[k] / item->variance;
        }
    }
    if (!(precision > 0)) {
        goto cleanup;
    }
    for (size_t k = 0; k < cells; k++) {
        y[k] /= precision;
    }
    SIL_TRY(sil_project_on_total(y, cells, total, err));
    status = append(out, &column, y, 1 / precision, err);
    y = NULL;
cleanup:
    free(y);
    return status;
}

sil_status sil_evidence_collect(struct sil_measurements *out,
                                const struct sil_measurements *list,
                                const struct sil_domain *domain, double total,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    *out = (struct sil_measurements){0};
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        SIL_TRY(append_column(out, list, domain, a, total, err));
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
