// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"
#include "synth/mechanism.h"

#include <stdlib.h>

/* The paper's constants: at most 16 rounds a column, nine tenths of each for noise, and
 * a budget four times as large (sigma halved) when a round taught less than its noise. */
enum { ROUNDS_PER_COLUMN = 16, NOISE_PART = 9, NOISE_WHOLE = 10, ANNEALING_BITS = 2 };

struct aim {
    struct sil_run *run;
    struct sil_graph *graph; ///< the cliques of the model
    struct sil_rho cost;     ///< of a round, selection and measurement
    struct sil_round round;
    bool is_last;
    uint64_t most_cells; ///< of the tree, and of a candidate, this round
    uint64_t worthwhile_cells;

    size_t *allowed; ///< candidates that may be chosen this round
    size_t *table;   ///< their tables
    size_t n_allowed;
    struct sil_frozen frozen; ///< what the model says of them
};

void sil_aim_round_cost(struct sil_rho *out, const struct sil_rho *cap,
                        uint32_t n_attrs)
{
    sil_share(out, cap, 1, ROUNDS_PER_COLUMN * (uint64_t)n_attrs);
}

void sil_aim_column_cost(struct sil_rho *out, const struct sil_rho *cap,
                         uint32_t n_attrs)
{
    sil_share(out, cap, NOISE_PART,
              (uint64_t)NOISE_WHOLE * ROUNDS_PER_COLUMN * n_attrs);
}

static sil_status aim_open(struct aim *aim, struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = run->terms->workload.candidates.n;
    *aim = (struct aim){.run = run};
    mpq_init(aim->cost.v);
    sil_round_init(&aim->round);
    SIL_TRY(sil_graph_new(&aim->graph, &run->domain, err));
    SIL_TRY(sil_alloc(&aim->allowed, n, sizeof *aim->allowed, "candidates", err));
    SIL_TRY(sil_alloc(&aim->table, n, sizeof *aim->table, "candidates", err));
cleanup:
    return status;
}

static void aim_close(struct aim *aim)
{
    mpq_clear(aim->cost.v);
    sil_round_clear(&aim->round);
    sil_graph_free(aim->graph);
    free(aim->allowed);
    free(aim->table);
    sil_frozen_clear(&aim->frozen);
}

static sil_status measure_columns(struct aim *aim, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_run *run = aim->run;
    struct sil_rho cost;
    mpq_init(cost.v);
    sil_aim_column_cost(&cost, &run->terms->rest, run->domain.n_attrs);
    for (uint32_t a = 0; a < run->domain.n_attrs; a++) {
        SIL_TRY(sil_run_measure_at_cost(run, a, &cost, err));
        SIL_TRY(sil_graph_add(aim->graph, &run->clique[a], err));
    }
cleanup:
    mpq_clear(cost.v);
    return status;
}

/* Fix what this round costs: the current step or, when less than two steps remain, all
 * that remains, to the last digit. */
static sil_status plan_round(struct aim *aim, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_source *source = &aim->run->source;
    struct sil_rho remaining;
    mpq_init(remaining.v);
    sil_source_remaining(&remaining, source);
    mpq_div_2exp(remaining.v, remaining.v, 1);
    aim->is_last = mpq_cmp(remaining.v, aim->cost.v) < 0;
    if (aim->is_last) {
        sil_source_remaining(&aim->cost, source);
    }
    SIL_TRY(sil_round_of_cost(&aim->round, &aim->cost,
                              sil_source_sensitivity_squared(source), err));
cleanup:
    mpq_clear(remaining.v);
    return status;
}

/* The size filter: the model may grow with the part of the budget that is spent. */
static uint64_t cells_allowed(const struct aim *aim)
{
    struct sil_rho part;
    mpz_t cells;
    mpq_init(part.v);
    mpz_init_set_ui(cells, sil_model_cells_max(aim->run->terms));
    sil_source_spent(&part, &aim->run->source);
    mpq_div(part.v, part.v, aim->run->terms->cap.v);
    mpz_mul(cells, cells, mpq_numref(part.v));
    mpz_fdiv_q(cells, cells, mpq_denref(part.v));
    uint64_t allowed = mpz_get_ui(cells);
    mpz_clear(cells);
    mpq_clear(part.v);
    return allowed;
}

/* Candidates that fit the model and are worth their noise. Both are decided from released
 * values; leaving out a candidate that cannot score above 0 spares its table. */
static void filter_candidates(struct aim *aim)
{
    const struct sil_run *run = aim->run;
    const struct sil_clique_list *candidates = &run->terms->workload.candidates;

    aim->most_cells = cells_allowed(aim);
    aim->worthwhile_cells = sil_run_worthwhile_cells(run, &aim->round.sigma2);
    aim->n_allowed = 0;
    for (size_t i = 0; i < candidates->n; i++) {
        const struct sil_clique *clique = &candidates->item[i].clique;
        if (sil_clique_cells(&run->domain, clique) > aim->worthwhile_cells) {
            continue;
        }
        if (sil_graph_supports(aim->graph, clique) ||
            sil_graph_tree_cells(aim->graph, clique, aim->most_cells) <=
                aim->most_cells) {
            aim->allowed[aim->n_allowed] = i;
            aim->table[aim->n_allowed++] = sil_run_table(run, i);
        }
    }
}

static void explain_round(const struct aim *aim)
{
    const struct sil_round_plan plan = {
        .epsilon = &aim->round.epsilon,
        .sigma2 = &aim->round.sigma2,
        .cost = &aim->cost,
        .n_candidates = aim->run->terms->workload.candidates.n,
        .most_cells = aim->most_cells,
        .worthwhile_cells = aim->worthwhile_cells,
        .is_last = aim->is_last,
    };
    sil_explain_round(aim->run->explanation, &plan);
}

/* Choose by the exponential mechanism; `chosen` is a position in aim->allowed. */
static sil_status choose_candidate(size_t *chosen, struct aim *aim,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_run *run = aim->run;
    struct sil_candidate *candidate = NULL;

    SIL_TRY(
        sil_alloc(&candidate, aim->n_allowed, sizeof *candidate, "candidates", err));
    SIL_TRY(sil_run_freeze(&aim->frozen, run, aim->table, aim->n_allowed, err));
    for (size_t i = 0; i < aim->n_allowed; i++) {
        const struct sil_counts *counts = run->counts[aim->table[i]];
        candidate[i] = (struct sil_candidate){
            .counts = counts,
            .model = aim->frozen.table[i],
            .penalty = sil_expected_noise(&aim->round.sigma2, sil_counts_cells(counts)),
            .weight = run->terms->workload.candidates.item[aim->allowed[i]].weight};
    }
    SIL_TRY(sil_source_select(&run->source, candidate, aim->n_allowed,
                              &aim->round.epsilon, chosen, err));
cleanup:
    free(candidate);
    return status;
}

/* Did the model move by no more than the noise of the measurement on the chosen table?
 * Then a finer measurement is needed to learn more. */
static sil_status anneal(struct aim *aim, size_t chosen, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_frozen after = {0};
    size_t table = aim->table[chosen];
    size_t cells = sil_counts_cells(aim->run->counts[table]);
    int64_t moved = 0;

    SIL_TRY(sil_run_freeze(&after, aim->run, &table, 1, err));
    for (size_t i = 0; i < cells; i++) {
        moved += llabs(after.table[0][i] - aim->frozen.table[chosen][i]);
    }
    bool is_little = moved <= sil_expected_noise(&aim->round.sigma2, cells);
    if (is_little) {
        mpq_mul_2exp(aim->cost.v, aim->cost.v, ANNEALING_BITS);
    }
    sil_explain_moved(aim->run->explanation, moved, is_little);
cleanup:
    sil_frozen_clear(&after);
    return status;
}

static sil_status play_round(struct aim *aim, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_run *run = aim->run;
    size_t chosen = 0;

    explain_round(aim);
    SIL_TRY(choose_candidate(&chosen, aim, err));
    SIL_TRY(sil_run_measure(run, aim->table[chosen], &aim->round.sigma2, err));
    SIL_TRY(sil_graph_add(aim->graph, &run->clique[aim->table[chosen]], err));
    sil_run_report(run);
    if (!aim->is_last) {
        SIL_TRY(sil_run_fit(run, err));
        SIL_TRY(anneal(aim, chosen, err));
    }
cleanup:
    sil_frozen_clear(&aim->frozen);
    return status;
}

sil_status sil_aim(struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aim aim;

    SIL_TRY(aim_open(&aim, run, err));
    SIL_TRY(measure_columns(&aim, err));
    SIL_TRY(sil_run_fit(run, err));
    sil_aim_round_cost(&aim.cost, &run->terms->rest, run->domain.n_attrs);
    sil_explain_part(run->explanation, "rounds");
    do {
        SIL_TRY(plan_round(&aim, err));
        filter_candidates(&aim);
        if (aim.n_allowed == 0) {
            /* Nothing left is worth its noise: the columns get what remains. */
            sil_explain_part(run->explanation, "rest");
            SIL_TRY(sil_independent(run, err));
            break;
        }
        SIL_TRY(play_round(&aim, err));
    } while (!aim.is_last);
cleanup:
    aim_close(&aim);
    return status;
}
