// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/mosaic.h"
#include "synth/mosaic_candidates.h"

#include <stdlib.h>

/* The budget of a round doubles when the one before taught less than half of its noise. */
enum { ANNEALING_BITS = 1 };

struct play {
    struct sil_run *run;
    struct sil_mosaic *mosaic; ///< of the run
    struct sil_mosaic_candidates candidates;
    struct sil_candidate *offer; ///< the allowed ones, as the gate wants them
    size_t *offered;             ///< their places in the list
    size_t n_offered;
    struct sil_round round;
    struct sil_rho cost; ///< of a round
    uint64_t most_cells; ///< of the tree; SIL_NO_LIMIT past it
    bool is_last;        ///< round of its phase
};

/* ---- phase 1 ---- */

static sil_status measure(struct play *play, const struct sil_counts *counts,
                          const struct sil_sigma2 *sigma2,
                          const struct sil_release **line, struct sil_error *err)
{
    sil_status status =
        sil_source_measure(&play->run->source, counts, sigma2, line, err);
    if (status == SIL_OK) {
        sil_run_report(play->run);
    }
    return status;
}

static sil_status measure_each(struct play *play, const struct sil_rho *cost,
                               const struct sil_release **line, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_run *run = play->run;
    struct sil_sigma2 sigma2;
    sil_sigma2_init(&sigma2);
    for (uint32_t a = 0; a < run->domain.n_attrs; a++) {
        SIL_TRY(sil_noise_of_cost(&sigma2, &cost[a],
                                  sil_source_sensitivity_squared(&run->source), err));
        SIL_TRY(measure(play, run->counts[a], &sigma2, &line[a], err));
    }
cleanup:
    sil_sigma2_clear(&sigma2);
    return status;
}

static sil_status measure_columns(struct play *play, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_run *run = play->run;
    struct sil_mosaic *m = play->mosaic;
    uint32_t d = run->domain.n_attrs;
    struct sil_rho *cost = NULL;
    const struct sil_release **line = NULL;
    SIL_TRY(sil_costs_new(&cost, d, err));
    SIL_TRY(sil_alloc((void *)&line, d, sizeof(void *), "columns", err));
    sil_mosaic_column_costs(cost, run->terms, &run->terms->rest, &run->domain);
    SIL_TRY(measure_each(play, cost, line, err));
    SIL_TRY(sil_mosaic_begin(m, line, err));
    if (m->again.numerator > 0) {
        sil_mosaic_again_costs(cost, m);
        SIL_TRY(measure_each(play, cost, line, err));
        SIL_TRY(sil_mosaic_begin_again(m, line, err));
    }
    sil_explain_levels(run->explanation, m);
cleanup:
    sil_costs_free(cost, d);
    free((void *)line);
    return status;
}

/* ---- a round ---- */

static void offer_allowed(struct play *play)
{
    const struct sil_mosaic_candidates *list = &play->candidates;
    play->n_offered = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct sil_mosaic_candidate *c = &list->item[i];
        if (c->is_allowed) {
            play->offered[play->n_offered] = i;
            play->offer[play->n_offered++] =
                (struct sil_candidate){.counts = sil_mosaic_counts(list, i, play->run),
                                       .model = c->model,
                                       .penalty = c->penalty,
                                       .weight = c->weight};
        }
    }
}

static void explain_round(const struct play *play)
{
    const struct sil_round_plan plan = {
        .epsilon = &play->round.epsilon,
        .sigma2 = &play->round.sigma2,
        .cost = &play->cost,
        .n_candidates = play->candidates.n,
        .most_cells = play->most_cells,
        .worthwhile_cells = SIL_NO_LIMIT,
        .is_last = play->is_last,
    };
    sil_explain_round(play->run->explanation, &plan);
}

/* Choose among the allowed candidates and measure what was chosen, at the round's cost. */
static sil_status play_round(struct play *play, size_t *chosen,
                             const struct sil_release **line, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_run *run = play->run;
    size_t place = 0;
    SIL_TRY(sil_round_of_cost(&play->round, &play->cost,
                              sil_source_sensitivity_squared(&run->source), err));
    SIL_TRY(
        sil_mosaic_freeze(&play->candidates, play->mosaic, &play->round.sigma2, err));
    offer_allowed(play);
    explain_round(play);
    SIL_TRY(sil_source_select(&run->source, play->offer, play->n_offered,
                              &play->round.epsilon, &place, err));
    *chosen = play->offered[place];
    SIL_TRY(measure(play, sil_mosaic_counts(&play->candidates, *chosen, run),
                    &play->round.sigma2, line, err));
cleanup:
    return status;
}

/* ---- phase 2 ---- */

/* The size filter: the tree may grow with the part of the budget that is spent. */
static uint64_t cells_allowed(const struct play *play)
{
    const struct sil_terms *terms = play->run->terms;
    struct sil_rho part;
    mpz_t cells;
    mpq_init(part.v);
    mpz_init_set_ui(cells, sil_model_cells_max(terms));
    sil_source_spent(&part, &play->run->source);
    mpq_div(part.v, part.v, terms->cap.v);
    mpz_mul(cells, cells, mpq_numref(part.v));
    mpz_fdiv_q(cells, cells, mpq_denref(part.v));
    uint64_t allowed = mpz_get_ui(cells);
    mpz_clear(cells);
    mpq_clear(part.v);
    return allowed;
}

/* Did the model move by no more than half of the noise, or by no more than the whole of
 * what it expects in cells below that? Then more is learnt from a finer measurement. */
static sil_status anneal(struct play *play, size_t chosen, struct sil_error *err)
{
    int64_t moved = 0;
    sil_status status =
        sil_mosaic_moved(&moved, &play->candidates, chosen, play->mosaic, err);
    if (status != SIL_OK) {
        return status;
    }
    bool is_little = moved <= play->candidates.item[chosen].penalty;
    if (is_little) {
        mpq_mul_2exp(play->cost.v, play->cost.v, ANNEALING_BITS);
    }
    sil_explain_moved(play->run->explanation, moved, is_little);
    return SIL_OK;
}

/* What phase 2 may still spend, and whether this is its last round: less than two rounds
 * are left, which are then one. */
static void plan_round(struct play *play, const struct sil_rho *late)
{
    struct sil_rho rest;
    sil_rho_init(&rest);
    sil_source_remaining(&rest, &play->run->source);
    mpq_sub(rest.v, rest.v, late->v);
    mpq_div_2exp(rest.v, rest.v, 1);
    play->is_last = mpq_cmp(rest.v, play->cost.v) < 0;
    if (play->is_last) {
        mpq_mul_2exp(play->cost.v, rest.v, 1);
    }
    sil_rho_clear(&rest);
}

static sil_status play_phase_2(struct play *play, const struct sil_rho *late,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_mosaic *m = play->mosaic;
    sil_explain_part(play->run->explanation, "tree");
    SIL_TRY(sil_mosaic_fit_warm(m, err));
    while (!play->is_last) {
        const struct sil_release *line = NULL;
        size_t chosen = 0;
        plan_round(play, late);
        play->most_cells = cells_allowed(play);
        SIL_TRY(sil_mosaic_allow(&play->candidates, m, play->most_cells, err));
        SIL_TRY(sil_mosaic_fill_allowed(m, &play->candidates, err));
        SIL_TRY(play_round(play, &chosen, &line, err));
        SIL_TRY(sil_mosaic_note(m, line, err));
        if (!play->is_last) {
            SIL_TRY(sil_mosaic_fit_warm(m, err));
            SIL_TRY(anneal(play, chosen, err));
        }
    }
cleanup:
    return status;
}

/* ---- phase 3 ---- */

/* Equal rounds; the last takes what rounding left. */
static sil_status play_phase_3(struct play *play, struct sil_error *err)
{
    sil_status status = SIL_OK;
    sil_explain_part(play->run->explanation, "tables");
    play->most_cells = SIL_NO_LIMIT;
    sil_mosaic_allow_all(&play->candidates);
    for (uint32_t left = play->mosaic->settings.late_rounds; left > 0; left--) {
        const struct sil_release *line = NULL;
        size_t chosen = 0;
        sil_source_remaining(&play->cost, &play->run->source);
        sil_share(&play->cost, &play->cost, 1, left);
        play->is_last = left == 1;
        SIL_TRY(play_round(play, &chosen, &line, err));
        SIL_TRY(sil_mosaic_learn(play->mosaic, line, err));
    }
cleanup:
    return status;
}

/* ---- the run ---- */

static sil_status play_rounds(struct play *play, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_run *run = play->run;
    const struct sil_mosaic_settings *settings = &play->mosaic->settings;
    struct sil_rho late;
    struct sil_rho rest;
    sil_rho_init(&late);
    sil_rho_init(&rest);

    SIL_TRY(sil_mosaic_candidates_init(&play->candidates, run, play->mosaic, err));
    SIL_TRY(sil_alloc(&play->offer, play->candidates.n, sizeof *play->offer,
                      "candidates", err));
    SIL_TRY(sil_alloc(&play->offered, play->candidates.n, sizeof *play->offered,
                      "candidates", err));
    sil_source_remaining(&rest, &run->source);
    sil_mosaic_share_rest(&play->cost, &late, settings, &rest, run->domain.n_attrs);
    sil_explain_shares(run->explanation, &play->cost, &late);
    SIL_TRY(play_phase_2(play, &late, err));
    SIL_TRY(sil_mosaic_fit_cold(play->mosaic, err));
    SIL_TRY(sil_mosaic_fill(play->mosaic, err));
    SIL_TRY(play_phase_3(play, err));
cleanup:
    sil_rho_clear(&late);
    sil_rho_clear(&rest);
    return status;
}

sil_status sil_mosaic(struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct play play = {.run = run};
    sil_round_init(&play.round);
    sil_rho_init(&play.cost);
    SIL_TRY(sil_mosaic_new(&run->mosaic, run->terms, run->schema, run->n_threads, err));
    run->mosaic->kept = run->kept;
    play.mosaic = run->mosaic;
    SIL_TRY(measure_columns(&play, err));
    if (!run->mosaic->has_columns_only) {
        SIL_TRY(play_rounds(&play, err));
    } else {
        /* Without rows there is nothing to relate: the columns get what remains. */
        sil_explain_part(run->explanation, "rest");
        SIL_TRY(sil_independent(run, err));
        sil_mosaic_free(run->mosaic);
        run->mosaic = NULL;
    }
cleanup:
    sil_mosaic_candidates_clear(&play.candidates);
    free(play.offer);
    free(play.offered);
    sil_round_clear(&play.round);
    sil_rho_clear(&play.cost);
    return status;
}
