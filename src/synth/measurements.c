// SPDX-License-Identifier: Apache-2.0
#include "synth/measurements.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"
#include "synth/evidence.h"

#include <stdlib.h>

/* The published fit, part of replay 1: as many oracles as fit into a number of cells of
 * the junction tree, within limits. A marginal counts for some cells besides its own. */
enum {
    PUBLISHED_ORACLES_MAX = 1000,
    PUBLISHED_ORACLES_MIN = 100,
    CELLS_PER_MARGINAL = 1000
};

static const double PUBLISHED_TOLERANCE = 1e-9;
static const uint64_t PUBLISHED_CELLS = 200000000;

static sil_status published_oracles(unsigned *n, const struct sil_domain *domain,
                                    const struct sil_measurements *list,
                                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graph *graph = NULL;
    SIL_TRY(sil_graph_new(&graph, domain, err));
    for (size_t i = 0; i < list->n; i++) {
        SIL_TRY(sil_graph_add(graph, &list->item[i].clique, err));
    }
    uint64_t cells = sil_graph_tree_cells(graph, NULL, UINT64_MAX);
    uint64_t most = PUBLISHED_CELLS / (cells + CELLS_PER_MARGINAL * (list->n + 1));
    *n = most < PUBLISHED_ORACLES_MIN   ? PUBLISHED_ORACLES_MIN
         : most > PUBLISHED_ORACLES_MAX ? PUBLISHED_ORACLES_MAX
                                        : (unsigned)most;
cleanup:
    sil_graph_free(graph);
    return status;
}

sil_status sil_measurements_add(struct sil_measurements *list,
                                const struct sil_release *release,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    double *y = NULL;
    double scale = 1.0 / (double)(UINT64_C(1) << release->shift);

    SIL_TRY(sil_alloc(&y, release->n_cells, sizeof *y, "a measurement", err));
    SIL_TRY(sil_grow(&list->item, &list->capacity, list->n + 1, sizeof *list->item,
                     "measurements", err));
    SIL_TRY(sil_grow(&list->owned, &list->owned_capacity, list->n + 1,
                     sizeof *list->owned, "measurements", err));
    for (size_t i = 0; i < release->n_cells; i++) {
        y[i] = (double)release->noisy[i] * scale;
    }
    list->owned[list->n] = y;
    list->item[list->n++] = (struct sil_measurement){
        .clique = release->clique, .y = y, .variance = sil_variance(&release->sigma2)};
    y = NULL;
cleanup:
    free(y);
    return status;
}

void sil_measurements_clear(struct sil_measurements *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->owned[i]);
    }
    free(list->owned);
    free(list->item);
    *list = (struct sil_measurements){0};
}

struct ranked {
    struct sil_measurement item;
    size_t rank; ///< place in the order of measurement
};

static int by_clique_then_rank(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    int order = sil_clique_compare(&left->item.clique, &right->item.clique);
    if (order != 0) {
        return order;
    }
    return left->rank < right->rank ? -1 : 1;
}

sil_status sil_measurements_sort(struct sil_measurements *list, struct sil_error *err)
{
    struct ranked *ranked = NULL;
    sil_status status =
        sil_alloc(&ranked, list->n, sizeof *ranked, "measurements", err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < list->n; i++) {
        ranked[i] = (struct ranked){.item = list->item[i], .rank = i};
    }
    qsort(ranked, list->n, sizeof *ranked, by_clique_then_rank);
    for (size_t i = 0; i < list->n; i++) {
        list->item[i] = ranked[i].item;
    }
    free(ranked);
    return SIL_OK;
}

double sil_measurements_rows(const struct sil_measurements *list,
                             const struct sil_domain *domain)
{
    double precision = 0;
    double weighted = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct sil_measurement *item = &list->item[i];
        uint64_t cells = sil_clique_cells(domain, &item->clique);
        double total = 0;
        for (uint64_t k = 0; k < cells; k++) {
            total += item->y[k];
        }
        precision += 1 / (item->variance * (double)cells);
        weighted += total / (item->variance * (double)cells);
    }
    return list->n == 0 ? 0 : weighted / precision;
}

double sil_measurements_total(const struct sil_measurements *list,
                              const struct sil_domain *domain)
{
    double rows = sil_measurements_rows(list, domain);
    return rows >= 1 ? rows : 1;
}

sil_status sil_publish(struct sil_graphical_model **out,
                       const struct sil_domain *domain, struct sil_measurements *list,
                       const struct sil_known *known, unsigned n_threads,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graphical_model *gm = NULL;
    struct sil_measurements evidence = {0};
    struct sil_fit_report report;
    struct sil_fit_limits limits = {.tolerance = PUBLISHED_TOLERANCE,
                                    .n_threads = n_threads};
    *out = NULL;
    SIL_TRY(sil_measurements_sort(list, err));
    double total = sil_measurements_total(list, domain);
    SIL_TRY(sil_evidence_collect(&evidence, list, known, domain, total, err));
    SIL_TRY(published_oracles(&limits.max_oracles, domain, &evidence, err));
    SIL_TRY(sil_gm_new(&gm, domain, total, err));
    SIL_TRY(sil_gm_fit(gm, total, evidence.item, evidence.n, &limits, &report, err));
    *out = gm;
    gm = NULL;
cleanup:
    sil_gm_free(gm);
    sil_measurements_clear(&evidence);
    return status;
}
