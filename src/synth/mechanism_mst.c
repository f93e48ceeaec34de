// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"
#include "synth/mechanism.h"

#include <stdlib.h>

struct mst {
    struct sil_run *run;
    struct sil_graph *graph;  ///< the pairs chosen so far
    uint32_t *component;      ///< of each column
    struct sil_frozen frozen; ///< every pair as if the columns were independent
    size_t *pair;             ///< tables of all candidate pairs
    size_t n_pairs;
    size_t *open;   ///< positions in `pair` that would join two components
    size_t *chosen; ///< tables chosen
    size_t n_chosen;
    struct sil_epsilon epsilon;
    struct sil_rho choice_cost;
    struct sil_sigma2 sigma2; ///< that pairs will be measured with, or less
};

void sil_mst_column_cost(struct sil_rho *out, const struct sil_rho *cap,
                         uint32_t n_attrs)
{
    sil_share(out, cap, 1, 3 * (uint64_t)n_attrs);
}

static uint32_t n_active(const struct sil_domain *domain)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        n += domain->sizes[a] > 1;
    }
    return n;
}

/* A third of the cap for the selections and a third for the pairs, in as many parts as a
 * tree of the active columns has edges. */
void sil_mst_pair_cost(struct sil_rho *out, const struct sil_rho *cap,
                       const struct sil_domain *domain)
{
    uint64_t n = n_active(domain);
    sil_share(out, cap, 1, 3 * (n > 1 ? n - 1 : 1));
}

static sil_status mst_open(struct mst *mst, struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t edges = n_active(&run->domain) - 1;
    size_t n = run->n_tables - run->domain.n_attrs;
    struct sil_rho share;

    mpq_init(share.v);
    *mst = (struct mst){.run = run, .n_pairs = n};
    mpq_init(mst->epsilon.v);
    mpq_init(mst->choice_cost.v);
    mpq_init(mst->sigma2.v);
    SIL_TRY(sil_graph_new(&mst->graph, &run->domain, err));
    SIL_TRY(sil_alloc(&mst->component, run->domain.n_attrs, sizeof *mst->component,
                      "columns", err));
    SIL_TRY(sil_alloc(&mst->pair, n, sizeof *mst->pair, "pairs", err));
    SIL_TRY(sil_alloc(&mst->open, n, sizeof *mst->open, "pairs", err));
    SIL_TRY(sil_alloc(&mst->chosen, edges, sizeof *mst->chosen, "pairs", err));
    for (uint32_t a = 0; a < run->domain.n_attrs; a++) {
        mst->component[a] = a;
    }
    for (size_t i = 0; i < n; i++) {
        mst->pair[i] = run->domain.n_attrs + i;
    }
    sil_mst_pair_cost(&share, &run->terms->rest, &run->domain);
    SIL_TRY(sil_choice_of_share(&mst->epsilon, &mst->choice_cost, &share, err));
    SIL_TRY(sil_noise_of_cost(&mst->sigma2, &share,
                              sil_source_sensitivity_squared(&run->source), err));
cleanup:
    mpq_clear(share.v);
    return status;
}

static void mst_close(struct mst *mst)
{
    mpq_clear(mst->epsilon.v);
    mpq_clear(mst->choice_cost.v);
    mpq_clear(mst->sigma2.v);
    sil_graph_free(mst->graph);
    sil_frozen_clear(&mst->frozen);
    free(mst->component);
    free(mst->pair);
    free(mst->open);
    free(mst->chosen);
}

static sil_status measure_columns(struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho cost;
    mpq_init(cost.v);
    sil_mst_column_cost(&cost, &run->terms->rest, run->domain.n_attrs);
    for (uint32_t a = 0; a < run->domain.n_attrs; a++) {
        SIL_TRY(sil_run_measure_at_cost(run, a, &cost, err));
    }
    SIL_TRY(sil_run_fit(run, err));
cleanup:
    mpq_clear(cost.v);
    return status;
}

/* Pairs that would join two components and keep the model within its size. */
static size_t find_open_pairs(struct mst *mst)
{
    uint64_t most_cells = sil_model_cells_max(mst->run->terms);
    size_t n = 0;
    for (size_t i = 0; i < mst->n_pairs; i++) {
        const struct sil_clique *pair = &mst->run->clique[mst->pair[i]];
        if (mst->component[pair->attr[0]] != mst->component[pair->attr[1]] &&
            sil_graph_tree_cells(mst->graph, pair, most_cells) <= most_cells) {
            mst->open[n++] = i;
        }
    }
    return n;
}

static sil_status join(struct mst *mst, size_t table, struct sil_error *err)
{
    const struct sil_clique *pair = &mst->run->clique[table];
    uint32_t from = mst->component[pair->attr[0]];
    uint32_t to = mst->component[pair->attr[1]];
    for (uint32_t a = 0; a < mst->run->domain.n_attrs; a++) {
        if (mst->component[a] == from) {
            mst->component[a] = to;
        }
    }
    mst->chosen[mst->n_chosen++] = table;
    return sil_graph_add(mst->graph, pair, err);
}

/* What a pair is not worth: half of the mean noise of its measurement on every cell, or
 * all that the independent model holds there, where that is less. Thousands of nearly
 * empty cells differ from any model by chance alone and would otherwise win. */
static int64_t penalty(const struct mst *mst, size_t position)
{
    size_t cells = sil_counts_cells(mst->run->counts[mst->pair[position]]);
    const int64_t *model = mst->frozen.table[position];
    int64_t most = sil_expected_noise(&mst->sigma2, 1) / 2;
    int64_t sum = 0;
    for (size_t i = 0; i < cells; i++) {
        sum += model[i] < most ? model[i] : most;
    }
    return sum;
}

static void explain_choice(const struct mst *mst)
{
    const struct sil_round_plan plan = {
        .epsilon = &mst->epsilon,
        .sigma2 = &mst->sigma2,
        .cost = &mst->choice_cost,
        .n_candidates = mst->n_pairs,
        .most_cells = sil_model_cells_max(mst->run->terms),
        .worthwhile_cells = SIL_NO_LIMIT,
    };
    sil_explain_round(mst->run->explanation, &plan);
}

/* Kruskal's algorithm, each edge drawn by the exponential mechanism. The scores are those
 * of the independent model throughout. */
static sil_status choose_edge(bool *found, struct mst *mst, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_candidate *candidate = NULL;
    size_t chosen = 0;
    size_t n = find_open_pairs(mst);

    *found = n > 0;
    if (n == 0) {
        goto cleanup;
    }
    SIL_TRY(sil_alloc(&candidate, n, sizeof *candidate, "pairs", err));
    for (size_t i = 0; i < n; i++) {
        candidate[i] =
            (struct sil_candidate){.counts = mst->run->counts[mst->pair[mst->open[i]]],
                                   .model = mst->frozen.table[mst->open[i]],
                                   .penalty = penalty(mst, mst->open[i]),
                                   .weight = 1};
    }
    explain_choice(mst);
    SIL_TRY(sil_source_select(&mst->run->source, candidate, n, &mst->epsilon, &chosen,
                              err));
    SIL_TRY(join(mst, mst->pair[mst->open[chosen]], err));
cleanup:
    free(candidate);
    return status;
}

/* The last pair is measured with all that remains. */
static sil_status measure_pairs(struct mst *mst, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho cost;
    mpq_init(cost.v);
    sil_source_remaining(&cost, &mst->run->source);
    sil_share(&cost, &cost, 1, mst->n_chosen);
    for (size_t i = 0; i < mst->n_chosen; i++) {
        if (i + 1 == mst->n_chosen) {
            sil_source_remaining(&cost, &mst->run->source);
        }
        SIL_TRY(sil_run_measure_at_cost(mst->run, mst->chosen[i], &cost, err));
        sil_run_report(mst->run);
    }
cleanup:
    mpq_clear(cost.v);
    return status;
}

/* Is any pair worth the noise that it would be measured with? */
static bool any_pair_is_worth(const struct mst *mst)
{
    uint64_t most = sil_run_worthwhile_cells(mst->run, &mst->sigma2);
    for (size_t i = 0; i < mst->n_pairs; i++) {
        if (sil_counts_cells(mst->run->counts[mst->pair[i]]) <= most) {
            return true;
        }
    }
    return false;
}

sil_status sil_mst(struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct mst mst;
    bool go_on = true;

    if (n_active(&run->domain) < 2) {
        return sil_independent(run, err);
    }
    SIL_TRY(mst_open(&mst, run, err));
    SIL_TRY(measure_columns(run, err));
    if (!any_pair_is_worth(&mst)) {
        sil_explain_part(run->explanation, "rest");
        SIL_TRY(sil_independent(run, err));
        goto cleanup;
    }
    SIL_TRY(sil_run_freeze(&mst.frozen, run, mst.pair, mst.n_pairs, err));
    sil_explain_part(run->explanation, "choices");
    while (go_on) {
        SIL_TRY(choose_edge(&go_on, &mst, err));
    }
    sil_explain_part(run->explanation, mst.n_chosen == 0 ? "rest" : "pairs");
    if (mst.n_chosen == 0) {
        SIL_TRY(sil_independent(run, err));
    } else {
        SIL_TRY(measure_pairs(&mst, err));
    }
cleanup:
    mst_close(&mst);
    return status;
}
