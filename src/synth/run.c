// SPDX-License-Identifier: Apache-2.0
#include "synth/run.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"
#include "synth/evidence.h"

#include <stdlib.h>
#include <string.h>

/* The fits between rounds start from the model before; what they decide is which marginal
 * is chosen next, and when the noise is lowered. A large model moves little from one round
 * to the next, and gets fewer steps. */
enum { ROUND_ORACLES_MAX = 80, ROUND_ORACLES_MIN = 16, CELLS_PER_MARGINAL = 1000 };

static const double ROUND_TOLERANCE = 1e-8;
static const uint64_t ROUND_CELLS = 10000000;

static unsigned round_oracles(uint64_t tree_cells, size_t n_marginals)
{
    uint64_t n = ROUND_CELLS / (tree_cells + CELLS_PER_MARGINAL * (n_marginals + 1));
    if (n < ROUND_ORACLES_MIN) {
        return ROUND_ORACLES_MIN;
    }
    return n < ROUND_ORACLES_MAX ? (unsigned)n : ROUND_ORACLES_MAX;
}

/* Candidates are in canonical order, so the columns on their own come first; they have a
 * table already. */
static size_t n_single_candidates(const struct sil_run *run)
{
    const struct sil_clique_list *candidates = &run->terms->workload.candidates;
    size_t n = 0;
    while (n < candidates->n && candidates->item[n].clique.n == 1) {
        n++;
    }
    return n;
}

size_t sil_run_table(const struct sil_run *run, size_t i)
{
    const struct sil_clique *clique = &run->terms->workload.candidates.item[i].clique;
    if (clique->n == 1) {
        return clique->attr[0];
    }
    return run->domain.n_attrs + i - n_single_candidates(run);
}

/* The tables that the terms' candidates need, none of them counted. */
static sil_status list_tables(struct sil_run *out, const struct sil_terms *terms,
                              const struct sil_schema *schema, unsigned n_threads,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_clique_list *candidates = &terms->workload.candidates;

    *out = (struct sil_run){.terms = terms, .schema = schema, .n_threads = n_threads};
    SIL_TRY(sil_rule_zeros_new(&out->zeros, terms, schema, err));
    out->domain = sil_domain_with(schema, out->zeros);
    size_t n_single = n_single_candidates(out);
    size_t n_tables = out->domain.n_attrs + candidates->n - n_single;
    SIL_TRY(sil_alloc(&out->clique, n_tables, sizeof *out->clique, "marginals", err));
    SIL_TRY(sil_alloc(&out->counts, n_tables, sizeof *out->counts, "marginals", err));
    for (uint32_t a = 0; a < out->domain.n_attrs; a++) {
        out->clique[a] = sil_clique_single(a);
    }
    for (size_t i = n_single; i < candidates->n; i++) {
        out->clique[out->domain.n_attrs + i - n_single] = candidates->item[i].clique;
    }
    out->n_tables = n_tables;
cleanup:
    return status;
}

sil_status sil_run_open(struct sil_run *out, const struct sil_terms *terms,
                        const struct sil_table *table, const struct sil_schema *schema,
                        unsigned n_threads, const struct sil_progress *progress,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(list_tables(out, terms, schema, n_threads, err));
    out->progress = progress;
    sil_progress(progress, "counting", 0, 0);
    SIL_TRY(sil_table_count(out->counts, table, out->clique, out->n_tables, n_threads,
                            err));
cleanup:
    if (status != SIL_OK) {
        sil_run_close(out);
    }
    return status;
}

sil_status sil_run_open_empty(struct sil_run *out, const struct sil_terms *terms,
                              const struct sil_schema *schema, unsigned n_threads,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(list_tables(out, terms, schema, n_threads, err));
    for (size_t i = 0; i < out->n_tables; i++) {
        SIL_TRY(sil_counts_new(&out->counts[i], &out->domain, &out->clique[i], err));
    }
cleanup:
    if (status != SIL_OK) {
        sil_run_close(out);
    }
    return status;
}

void sil_run_close(struct sil_run *run)
{
    for (size_t i = 0; i < run->n_tables; i++) {
        sil_counts_free(run->counts[i]);
    }
    free(run->counts);
    free(run->clique);
    sil_measurements_clear(&run->measurements);
    sil_gm_free(run->gm);
    sil_mosaic_free(run->mosaic);
    sil_rule_zeros_free(run->zeros);
    *run = (struct sil_run){0};
}

sil_status sil_run_measure(struct sil_run *run, size_t table,
                           const struct sil_sigma2 *sigma2, struct sil_error *err)
{
    const struct sil_release *release = NULL;
    sil_status status =
        sil_source_measure(&run->source, run->counts[table], sigma2, &release, err);
    if (status != SIL_OK) {
        return status;
    }
    return sil_measurements_add(&run->measurements, release, err);
}

sil_status sil_run_measure_at_cost(struct sil_run *run, size_t table,
                                   const struct sil_rho *cost, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_sigma2 sigma2;
    mpq_init(sigma2.v);
    SIL_TRY(sil_noise_of_cost(&sigma2, cost,
                              sil_source_sensitivity_squared(&run->source), err));
    SIL_TRY(sil_run_measure(run, table, &sigma2, err));
cleanup:
    mpq_clear(sigma2.v);
    return status;
}

sil_status sil_run_fit(struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_fit_report report;
    struct sil_fit_limits limits = {.tolerance = ROUND_TOLERANCE,
                                    .n_threads = run->n_threads};
    struct sil_measurements evidence = {0};
    double total = sil_measurements_total(&run->measurements, &run->domain);
    const struct sil_known known = {.schema = run->schema, .kept = run->kept};
    SIL_TRY(sil_evidence_collect(&evidence, &run->measurements,
                                 run->terms->replay >= 3 ? &known : NULL, &run->domain,
                                 total, err));
    if (run->gm == NULL) {
        SIL_TRY(sil_gm_new(&run->gm, &run->domain, total, err));
    }
    limits.max_oracles = round_oracles(sil_gm_tree_cells(run->gm), evidence.n);
    SIL_TRY(
        sil_gm_fit(run->gm, total, evidence.item, evidence.n, &limits, &report, err));
cleanup:
    sil_measurements_clear(&evidence);
    return status;
}

/* ---- freezing ---- */

int64_t sil_freeze(double value)
{
    const double scale = (double)(INT64_C(1) << SIL_SCORE_BITS);
    const int64_t largest = INT64_C(1) << 45;
    double scaled = value * scale;
    if (!(scaled > 0)) {
        return 0;
    }
    if (scaled >= (double)largest) {
        return largest;
    }
    return (int64_t)(scaled + 0.5);
}

/* The block holds doubles first and their integers afterwards, cell for cell: at the
 * largest workload two blocks would be a gigabyte more than one. */
static void freeze_in_place(void *block, size_t n_cells)
{
    unsigned char *at = block;
    for (size_t i = 0; i < n_cells; i++, at += sizeof(double)) {
        double value;
        memcpy(&value, at, sizeof value);
        int64_t frozen = sil_freeze(value);
        memcpy(at, &frozen, sizeof frozen);
    }
}

sil_status sil_run_freeze(struct sil_frozen *out, const struct sil_run *run,
                          const size_t *tables, size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_clique *clique = NULL;
    double **marginal = NULL;
    size_t cells = 0;

    *out = (struct sil_frozen){.n = n};
    SIL_TRY(sil_alloc(&clique, n, sizeof *clique, "candidates", err));
    SIL_TRY(sil_alloc(&marginal, n, sizeof *marginal, "candidates", err));
    SIL_TRY(sil_alloc(&out->table, n, sizeof *out->table, "candidates", err));
    for (size_t i = 0; i < n; i++) {
        clique[i] = run->clique[tables[i]];
        cells += sil_counts_cells(run->counts[tables[i]]);
    }
    SIL_TRY(sil_alloc(&out->block, cells, sizeof(double), "candidates", err));
    cells = 0;
    for (size_t i = 0; i < n; i++) {
        marginal[i] = (double *)out->block + cells;
        out->table[i] = (int64_t *)out->block + cells;
        cells += sil_counts_cells(run->counts[tables[i]]);
    }
    SIL_TRY(sil_gm_marginals(marginal, run->gm, clique, n, run->n_threads, err));
    freeze_in_place(out->block, cells);
cleanup:
    free(clique);
    free(marginal);
    if (status != SIL_OK) {
        sil_frozen_clear(out);
    }
    return status;
}

void sil_frozen_clear(struct sil_frozen *frozen)
{
    free(frozen->table);
    free(frozen->block);
    *frozen = (struct sil_frozen){0};
}

uint64_t sil_run_worthwhile_cells(const struct sil_run *run,
                                  const struct sil_sigma2 *sigma2)
{
    double rows = sil_measurements_rows(&run->measurements, &run->domain);
    double noise = sil_mean_noise(sigma2);
    if (!(rows >= 1)) {
        return 0;
    }
    return 2 * rows / noise < (double)SIL_WORKLOAD_CELLS_MAX
               ? (uint64_t)(2 * rows / noise)
               : SIL_WORKLOAD_CELLS_MAX;
}

void sil_run_report(const struct sil_run *run)
{
    struct sil_rho part;
    mpq_init(part.v);
    sil_source_spent(&part, &run->source);
    mpq_div(part.v, part.v, run->terms->cap.v);
    sil_progress(run->progress, "spending the budget",
                 (uint64_t)(1000 * mpq_get_d(part.v)), 1000);
    mpq_clear(part.v);
}
