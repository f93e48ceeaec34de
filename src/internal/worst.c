// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "internal/parts.h"

#include <math.h>
#include <stdlib.h>

/* The rows of one marginal at work. */
struct work {
    const struct sil_versus *versus;
    uint32_t *truth_cell;
    uint32_t *synthetic_cell;
    uint32_t *truth;
    uint32_t *synthetic;
};

/* Keep a list of the largest, the first of equals first. Gives the place of a newcomer, or
 * `n` when it is not among them; the caller fills it. */
static size_t make_room(const double *size, size_t n, double newcomer)
{
    size_t at = n;
    while (at > 0 && size[at - 1] < newcomer) {
        at--;
    }
    return at;
}

static double difference(const struct work *work, size_t cell)
{
    double p = (double)work->truth[cell] / (double)work->versus->truth.n;
    double q = (double)work->synthetic[cell] / (double)work->versus->synthetic.n;
    return q - p;
}

static void pick_cells(struct sil_off_marginal *off, const struct work *work,
                       size_t n_cells)
{
    double size[SIL_WORST_CELLS] = {0};
    for (size_t c = 0; c < n_cells; c++) {
        double newcomer = fabs(difference(work, c));
        size_t at = make_room(size, off->n_cells, newcomer);
        if (at == SIL_WORST_CELLS || newcomer <= 0) {
            continue;
        }
        off->n_cells += off->n_cells < SIL_WORST_CELLS;
        for (size_t i = off->n_cells - 1; i > at; i--) {
            size[i] = size[i - 1];
            off->cell[i] = off->cell[i - 1];
        }
        size[at] = newcomer;
        off->cell[at] = (struct sil_off_cell){
            .cell = (uint32_t)c,
            .n_true = work->truth[c],
            .n_synthetic = work->synthetic[c],
            .difference = {difference(work, c), 0},
        };
    }
}

/* Mean size of the difference in the resamples, for the cells that were picked. */
static void refer_cells(struct sil_off_marginal *off, const struct work *work)
{
    const struct sil_versus *versus = work->versus;
    double n_true = (double)versus->truth.n;
    double n_drawn = (double)versus->synthetic.n;
    for (size_t k = 0; k < off->n_cells; k++) {
        struct sil_off_cell *cell = &off->cell[k];
        for (size_t s = 0; s < SIL_RESAMPLES; s++) {
            uint64_t n = 0;
            for (size_t i = 0; i < versus->truth.n; i++) {
                bool is_here = work->truth_cell[i] == cell->cell;
                n += is_here ? versus->resamples->weight[s][i] : 0;
            }
            double off_by = (double)n / n_drawn - (double)cell->n_true / n_true;
            cell->difference.reference += fabs(off_by) / SIL_RESAMPLES;
        }
    }
}

static sil_status find_cells(struct sil_off_marginal *off, struct work *work,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_versus *versus = work->versus;
    const struct sil_slice *truth = &versus->truth;
    const struct sil_slice *synthetic = &versus->synthetic;
    size_t n_cells = (size_t)sil_clique_cells(versus->domain, &off->clique);

    SIL_TRY(sil_alloc(&work->truth, n_cells, sizeof(uint32_t), "a marginal", err));
    SIL_TRY(sil_alloc(&work->synthetic, n_cells, sizeof(uint32_t), "a marginal", err));
    sil_slice_cells(work->truth_cell, truth, versus->domain, &off->clique);
    sil_slice_cells(work->synthetic_cell, synthetic, versus->domain, &off->clique);
    sil_cells_count(work->truth, work->truth_cell, NULL, truth->n);
    sil_cells_count(work->synthetic, work->synthetic_cell, NULL, synthetic->n);
    pick_cells(off, work, n_cells);
    refer_cells(off, work);

cleanup:
    free(work->truth);
    free(work->synthetic);
    work->truth = NULL;
    work->synthetic = NULL;
    return status;
}

static void pick_marginals(struct sil_off_list *out,
                           const struct sil_marginals *marginals,
                           const struct sil_distances *distances)
{
    double size[SIL_WORST] = {0};
    for (size_t i = 0; i < marginals->n; i++) {
        double newcomer = distances[i].synthetic;
        size_t at = make_room(size, out->n, newcomer);
        if (at == SIL_WORST) {
            continue;
        }
        out->n += out->n < SIL_WORST;
        for (size_t k = out->n - 1; k > at; k--) {
            size[k] = size[k - 1];
            out->item[k] = out->item[k - 1];
        }
        size[at] = newcomer;
        out->item[at] = (struct sil_off_marginal){
            .clique = marginals->clique[i],
            .distance = {newcomer, distances[i].resampled},
        };
    }
}

sil_status sil_off_list_find(struct sil_off_list *out, const struct sil_versus *versus,
                             const struct sil_marginals *marginals,
                             const struct sil_distances *distances,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct work work = {.versus = versus};
    *out = (struct sil_off_list){0};

    pick_marginals(out, marginals, distances);
    SIL_TRY(sil_alloc(&work.truth_cell, versus->truth.n, sizeof(uint32_t), "a marginal",
                      err));
    SIL_TRY(sil_alloc(&work.synthetic_cell, versus->synthetic.n, sizeof(uint32_t),
                      "a marginal", err));
    for (size_t k = 0; k < out->n; k++) {
        SIL_TRY(find_cells(&out->item[k], &work, err));
    }

cleanup:
    free(work.truth_cell);
    free(work.synthetic_cell);
    return status;
}
