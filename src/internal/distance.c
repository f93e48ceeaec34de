// SPDX-License-Identifier: Apache-2.0
#include "internal/distance.h"

#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* What one thread works in. Both tables are 0 between any two marginals. */
struct scratch {
    uint32_t *truth_cell;     ///< of each true row
    uint32_t *synthetic_cell; ///< of each synthetic row
    uint32_t *truth;          ///< counts
    uint32_t *other;
};

/* Rows, some of them perhaps several times, in the scratch of a marginal. */
struct sample {
    const uint32_t *cell;
    const uint32_t *weight;
    size_t n_rows;
    uint64_t total;
};

static void put_column(uint32_t *cell, const struct sil_codes *codes, uint32_t attr,
                       size_t first, size_t n, uint32_t size)
{
    const void *column = codes->column[attr];
    if (codes->width[attr] == 1) {
        for (size_t i = 0; i < n; i++) {
            cell[i] = cell[i] * size + ((const uint8_t *)column)[first + i];
        }
    } else if (codes->width[attr] == 2) {
        for (size_t i = 0; i < n; i++) {
            cell[i] = cell[i] * size + ((const uint16_t *)column)[first + i];
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            cell[i] = cell[i] * size + ((const uint32_t *)column)[first + i];
        }
    }
}

void sil_slice_cells(uint32_t *cell, const struct sil_slice *slice,
                     const struct sil_domain *domain, const struct sil_clique *clique)
{
    (void)memset(cell, 0, slice->n * sizeof *cell);
    for (uint32_t i = 0; i < clique->n; i++) {
        uint32_t attr = clique->attr[i];
        put_column(cell, slice->codes, attr, slice->first, slice->n,
                   domain->sizes[attr]);
    }
}

void sil_cells_count(uint32_t *table, const uint32_t *cell, const uint32_t *weight,
                     size_t n)
{
    for (size_t i = 0; i < n; i++) {
        table[cell[i]] += weight == NULL ? 1 : weight[i];
    }
}

uint64_t sil_weight_total(const uint32_t *weight, size_t n)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        total += weight[i];
    }
    return total;
}

/* |a/m - b/n| as a whole number of 1/(m n). */
static uint64_t apart(uint32_t a, uint64_t m, uint32_t b, uint64_t n)
{
    uint64_t x = a * n;
    uint64_t y = b * m;
    return x > y ? x - y : y - x;
}

/* All cells one by one, and wipe the other table. */
static uint64_t sum_cells(struct scratch *scratch, uint64_t n_truth, size_t n_cells,
                          uint64_t n_other)
{
    uint64_t sum = 0;
    for (size_t c = 0; c < n_cells; c++) {
        sum += apart(scratch->truth[c], n_truth, scratch->other[c], n_other);
    }
    (void)memset(scratch->other, 0, n_cells * sizeof *scratch->other);
    return sum;
}

/* The cells that the other rows are in, each once, since it is wiped as it is seen; the
 * true rows in all other cells count in full. */
static uint64_t sum_touched(struct scratch *scratch, uint64_t n_truth,
                            const struct sample *other)
{
    uint64_t sum = 0;
    uint64_t met = 0; /* true rows in the cells seen */
    for (size_t i = 0; i < other->n_rows; i++) {
        uint32_t c = other->cell[i];
        if (scratch->other[c] > 0) {
            sum += apart(scratch->truth[c], n_truth, scratch->other[c], other->total);
            met += scratch->truth[c];
            scratch->other[c] = 0;
        }
    }
    return sum + (n_truth - met) * other->total;
}

/* Both totals are below 2^31, so twice their product fits, and so does any sum of cells:
 * it is at most that. */
static double distance(struct scratch *scratch, uint64_t n_truth, size_t n_cells,
                       const struct sample *other)
{
    if (other->total == 0) {
        return SIL_NO_FIGURE;
    }
    sil_cells_count(scratch->other, other->cell, other->weight, other->n_rows);
    uint64_t sum = n_cells <= other->n_rows
                       ? sum_cells(scratch, n_truth, n_cells, other->total)
                       : sum_touched(scratch, n_truth, other);
    return (double)sum / (2.0 * (double)n_truth * (double)other->total);
}

static double resampled(struct scratch *scratch, const struct sil_versus *versus,
                        const uint64_t total[SIL_RESAMPLES], size_t n_cells)
{
    const struct sil_slice *truth = &versus->truth;
    double sum = 0;
    int n = 0;
    for (size_t s = 0; s < SIL_RESAMPLES; s++) {
        const struct sample sample = {
            .cell = scratch->truth_cell,
            .weight = versus->resamples->weight[s] + truth->first,
            .n_rows = truth->n,
            .total = total[s],
        };
        if (sample.total > 0) {
            sum += distance(scratch, truth->n, n_cells, &sample);
            n++;
        }
    }
    return n == 0 ? SIL_NO_FIGURE : sum / n;
}

static struct sil_distances measure(struct scratch *scratch,
                                    const struct sil_versus *versus,
                                    const uint64_t total[SIL_RESAMPLES],
                                    const struct sil_clique *clique)
{
    struct sil_distances out = {0};
    const struct sil_slice *truth = &versus->truth;
    size_t n_cells = (size_t)sil_clique_cells(versus->domain, clique);

    sil_slice_cells(scratch->truth_cell, truth, versus->domain, clique);
    sil_slice_cells(scratch->synthetic_cell, &versus->synthetic, versus->domain,
                    clique);
    sil_cells_count(scratch->truth, scratch->truth_cell, NULL, truth->n);

    const struct sample synthetic = {.cell = scratch->synthetic_cell,
                                     .n_rows = versus->synthetic.n,
                                     .total = versus->synthetic.n};
    out.synthetic = distance(scratch, truth->n, n_cells, &synthetic);
    out.resampled = resampled(scratch, versus, total, n_cells);
    for (size_t p = 0; p < versus->n_prefixes; p++) {
        const struct sample part = {.cell = scratch->truth_cell,
                                    .n_rows = versus->prefix[p],
                                    .total = versus->prefix[p]};
        out.prefix[p] = distance(scratch, truth->n, n_cells, &part);
    }
    for (size_t i = 0; i < truth->n; i++) {
        scratch->truth[scratch->truth_cell[i]] = 0;
    }
    return out;
}

static void free_scratch(struct scratch *scratch, unsigned n)
{
    for (unsigned t = 0; scratch != NULL && t < n; t++) {
        free(scratch[t].truth_cell);
        free(scratch[t].synthetic_cell);
        free(scratch[t].truth);
        free(scratch[t].other);
    }
    free(scratch);
}

static sil_status new_scratch(struct scratch **out, unsigned n,
                              const struct sil_versus *versus, size_t n_cells,
                              struct sil_error *err)
{
    static const char WHAT[] = "comparing marginals";
    sil_status status = SIL_OK;
    struct scratch *all = NULL;

    SIL_TRY(sil_alloc(&all, n, sizeof *all, WHAT, err));
    for (unsigned t = 0; t < n; t++) {
        SIL_TRY(sil_alloc(&all[t].truth_cell, versus->truth.n, sizeof(uint32_t), WHAT,
                          err));
        SIL_TRY(sil_alloc(&all[t].synthetic_cell, versus->synthetic.n, sizeof(uint32_t),
                          WHAT, err));
        SIL_TRY(sil_alloc(&all[t].truth, n_cells, sizeof(uint32_t), WHAT, err));
        SIL_TRY(sil_alloc(&all[t].other, n_cells, sizeof(uint32_t), WHAT, err));
    }
    *out = all;
    all = NULL;

cleanup:
    free_scratch(all, n);
    return status;
}

static size_t largest(const struct sil_domain *domain, const struct sil_clique *cliques,
                      size_t n)
{
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t cells = sil_clique_cells(domain, &cliques[i]);
        most = cells > most ? cells : most;
    }
    return (size_t)most;
}

sil_status sil_distances_measure(struct sil_distances *out,
                                 const struct sil_versus *versus,
                                 const struct sil_clique *cliques, size_t n,
                                 struct sil_error *err)
{
    struct scratch *scratch = NULL;
    uint64_t total[SIL_RESAMPLES];
    unsigned threads =
        versus->n_threads > 0 ? versus->n_threads : (unsigned)omp_get_max_threads();
    threads = n < threads ? (unsigned)n : threads;
    if (n == 0) {
        return SIL_OK;
    }
    sil_status status = new_scratch(&scratch, threads, versus,
                                    largest(versus->domain, cliques, n), err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t s = 0; s < SIL_RESAMPLES; s++) {
        total[s] = sil_weight_total(versus->resamples->weight[s] + versus->truth.first,
                                    versus->truth.n);
    }
#pragma omp parallel for schedule(static, 1) num_threads(threads)
    for (size_t i = 0; i < n; i++) {
        out[i] = measure(&scratch[omp_get_thread_num()], versus, total, &cliques[i]);
        if (omp_get_thread_num() == 0) {
            sil_progress(versus->progress, "comparing", i, n);
        }
    }
    free_scratch(scratch, threads);
    return SIL_OK;
}
