// SPDX-License-Identifier: Apache-2.0
/* What a run takes, from the domain, the workload, the epsilon and the number of rows:
 * formulas of the right shape, with constants from runs of the benchmarks on two machines, one
 * of 2.4 GHz and a faster one. docs/benchmarks.md has what they say beside what happened. */
#include "synth/mosaic.h"
#include "synth/mosaic_candidates.h"
#include "synth/plan.h"

static const double MEGABYTE = 1 << 20;

/* Cells of the candidates and of the columns. */
static double cells_of(const struct sil_plan_result *plan)
{
    return (double)sil_clique_list_cells(&plan->terms.workload.candidates,
                                         &plan->domain) +
           (double)sil_column_cells(&plan->domain);
}

/* The process itself, and the rows, two bytes a value. */
static double bytes_of_rows(const struct sil_plan_result *plan)
{
    return 6 * MEGABYTE + 2 * sil_plan_rows(plan) * plan->domain.n_attrs;
}

/* ---- mosaic ---- */

static struct sil_mosaic_settings settings_of(const struct sil_plan_result *plan)
{
    struct sil_mosaic_settings settings;
    sil_mosaic_settings(&settings, &plan->terms, plan->domain.n_attrs);
    return settings;
}

/* No tree has more cells than all columns have together. */
static double tree_megabytes(const struct sil_plan_result *plan)
{
    double most = (double)plan->terms.max_model_mb;
    double joint = sizeof(double) / MEGABYTE;
    for (uint32_t a = 0; a < plan->domain.n_attrs && joint < most; a++) {
        joint *= plan->domain.sizes[a];
    }
    return joint < most ? joint : most;
}

/* What the tree takes above 4 MB, which the constants below stand for. No forest grows so
 * large, and no tree of a budget so small that it has no rounds of phase 3. */
static double tree_above(const struct sil_plan_result *plan)
{
    const double usual = 4;
    double megabytes = tree_megabytes(plan);
    bool grows =
        plan->domain.n_attrs <= SIL_MOSAIC_WIDE && settings_of(plan).late_rounds > 0;
    return grows && megabytes > usual ? megabytes - usual : 0;
}

/* Counts and tables, and the same of groups, take 31 bytes a cell. Marginals of a tree are
 * made from seven times their cells, those of a forest from little more than their own. A
 * larger tree is held 24 times, by the steps of its fit and where marginals are made. */
static double mosaic_bytes(const struct sil_plan_result *plan, double cells)
{
    const double most = 256 * MEGABYTE; /* model/query.c */
    double made = 8 * cells * (plan->domain.n_attrs > SIL_MOSAIC_WIDE ? 1.1 : 7);
    return 31 * cells + (made < most ? made : most) + 24 * MEGABYTE * tree_above(plan);
}

/* Tables that a proposal of the search goes through (synth/mosaic_rows.c). */
static double tables_a_column(const struct sil_plan_result *plan, double triples_max)
{
    const struct sil_clique_list *list = &plan->terms.workload.candidates;
    double d = plan->domain.n_attrs;
    double pairs = 0;
    double triples = 0;
    for (size_t i = 0; i < list->n; i++) {
        pairs += list->item[i].clique.n == 2 ? 2 / d : 0;
        triples += list->item[i].clique.n == 3 ? 3 / d : 0;
    }
    return 1 + pairs + (triples < triples_max ? triples : triples_max);
}

/* A step costs more when the tables are larger than caches are. */
static double search_seconds(const struct sil_plan_result *plan,
                             const struct sil_mosaic_settings *settings)
{
    const double cached = 2e6;
    double cells = cells_of(plan);
    double steps = 8 * sil_plan_rows(plan) * plan->domain.n_attrs *
                   tables_a_column(plan, settings->triples);
    double ns = 2 + (cells > cached ? 1.4e-6 * (cells - cached) : 0);
    return 1e-9 * ns * (steps < settings->steps ? steps : settings->steps);
}

/* A round on the tree costs what its fit does; one past it goes through all cells. */
static double mosaic_seconds(const struct sil_plan_result *plan)
{
    const struct sil_mosaic_settings settings = settings_of(plan);
    double rounds = 50 + 1.5 * plan->domain.n_attrs;
    return 0.02 * rounds + 0.5 * tree_above(plan) +
           70e-9 * settings.late_rounds * cells_of(plan) +
           search_seconds(plan, &settings);
}

/* ---- mst ---- */

/* For each edge of its tree it asks of every pair whether there is room. */
static double mst_seconds(const struct sil_plan_result *plan)
{
    double questions = (double)plan->terms.workload.candidates.n * plan->domain.n_attrs;
    return 0.1 + 60e-9 * cells_of(plan) + 18e-6 * questions;
}

/* ---- */

double sil_plan_rows(const struct sil_plan_result *plan)
{
    return plan->rows > 0 ? plan->rows : SIL_PLAN_ROWS;
}

static double megabytes(const struct sil_plan_result *plan, double cells)
{
    enum sil_mechanism mechanism = plan->terms.mechanism;
    double a_cell = mechanism == SIL_INDEPENDENT ? 4 : 12;
    double held = mechanism == SIL_MOSAIC ? mosaic_bytes(plan, cells) : a_cell * cells;
    return (bytes_of_rows(plan) + held) / MEGABYTE;
}

double sil_plan_megabytes(const struct sil_plan_result *plan)
{
    return megabytes(plan, cells_of(plan));
}

double sil_plan_megabytes_most(const struct sil_plan_result *plan)
{
    return megabytes(plan, (double)plan->terms.most_cells);
}

double sil_plan_seconds(const struct sil_plan_result *plan)
{
    if (plan->terms.mechanism == SIL_MOSAIC) {
        return mosaic_seconds(plan);
    }
    if (plan->terms.mechanism == SIL_MST) {
        return mst_seconds(plan);
    }
    double rounds = plan->terms.mechanism == SIL_AIM ? 2.0 * plan->domain.n_attrs : 1;
    return 0.1 + 60e-9 * cells_of(plan) * rounds;
}
