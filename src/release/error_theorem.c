// SPDX-License-Identifier: Apache-2.0
/* Floating point as in error_estimate.c. */
#include "release/error_theorem.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/scalar.h"
#include "release/error_estimate.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/run.h"

#include <stdlib.h>
#include <string.h>

/* A round costs at least the cap over this many times the columns (mechanism_aim.c). */
enum { ROUNDS_PER_COLUMN = 16 };

/* Scores are in units of 2^-SIL_SCORE_BITS counts. */
static const double SCORE_UNIT = 1.0 / (1 << SIL_SCORE_BITS);

/* How a round is paid for in steps: as synth/run.c limits its fits. */
enum { STEPS_PER_MARGINAL = 1000, FITS_MOST = 80, FITS_LEAST = 16 };

static const uint64_t FIT_STEPS = 10000000;

/* The run told again, as far as its models go. */
struct story {
    const struct sil_model *model;
    struct sil_terms terms; ///< the model's, but with a workload of its own
    struct sil_run run;     ///< measurements so far, and the model of them
    struct sil_graph *graph;
    struct sil_rho spent;
    size_t n_rounds;      ///< that are told
    double noise_margin;  ///< deviations that a measured distance may fall short by
    double choice_margin; ///< how much less likely than that the choice may have been

    struct sil_error_unmeasured *pairs;
    size_t n;
    uint32_t *weight; ///< of each pair; 0: not a candidate
    double **q;       ///< marginals of the pairs asked for, then of the one chosen
    struct sil_clique *asked;
    size_t *pair; ///< which pair each of them is
    size_t n_asked;
};

/* ---- opening ---- */

/* Terms that were read from a file have no candidates, and those of the model are not
 * ours to change. The marginals follow from the workload's name, but for a file's. */
static sil_status find_candidates(struct story *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_clique_list *marginals =
        &s->model->transcript.terms.workload.marginals;
    bool is_file = strcmp(s->terms.workload_name, SIL_WORKLOAD_IS_FILE) == 0;
    s->terms.workload = (struct sil_workload){0};
    for (size_t i = 0; is_file && i < marginals->n; i++) {
        SIL_TRY(sil_clique_list_add(&s->terms.workload.marginals,
                                    &marginals->item[i].clique,
                                    marginals->item[i].weight, err));
    }
    SIL_TRY(sil_terms_find_candidates(&s->terms, &s->model->domain, err));
cleanup:
    return status;
}

static uint32_t weight_of(const struct sil_clique_list *candidates,
                          const struct sil_clique *clique)
{
    size_t low = 0;
    size_t high = candidates->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sil_clique_compare(&candidates->item[middle].clique, clique);
        if (order == 0) {
            return candidates->item[middle].weight;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return 0;
}

static sil_status story_open(struct story *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = s->n + 1;
    double rounds = ROUNDS_PER_COLUMN * (double)s->model->domain.n_attrs;
    double risk = sil_log(2 * rounds / SIL_ERROR_NOISE_PART);
    s->noise_margin = sil_sqrt(2 * risk);
    s->choice_margin = risk;
    s->terms = s->model->transcript.terms;
    sil_rho_init(&s->spent);
    for (size_t i = 0; i < s->model->transcript.n_discoveries; i++) {
        mpq_add(s->spent.v, s->spent.v, s->model->transcript.discovery[i].rho.v);
    }
    for (size_t i = 0; i < s->model->transcript.n_levels; i++) {
        mpq_add(s->spent.v, s->spent.v, s->model->transcript.level[i].rho.v);
    }
    SIL_TRY(find_candidates(s, err));
    s->run = (struct sil_run){.terms = &s->terms,
                              .domain = s->model->domain,
                              .schema = s->model->transcript.schema,
                              .kept = &s->model->kept,
                              .n_threads = s->model->n_threads};
    SIL_TRY(sil_graph_new(&s->graph, &s->run.domain, err));
    SIL_TRY(sil_alloc(&s->weight, n, sizeof *s->weight, "pairs", err));
    SIL_TRY(sil_alloc(&s->q, n, sizeof *s->q, "pairs", err));
    SIL_TRY(sil_alloc(&s->asked, n, sizeof *s->asked, "pairs", err));
    SIL_TRY(sil_alloc(&s->pair, n, sizeof *s->pair, "pairs", err));
    for (size_t i = 0; i < s->n; i++) {
        s->weight[i] = weight_of(&s->terms.workload.candidates, &s->pairs[i].clique);
    }
cleanup:
    return status;
}

static void forget_marginals(struct story *s)
{
    for (size_t i = 0; s->q != NULL && i <= s->n; i++) {
        free(s->q[i]);
        s->q[i] = NULL;
    }
}

static void story_close(struct story *s)
{
    forget_marginals(s);
    free(s->q);
    free(s->weight);
    free(s->asked);
    free(s->pair);
    sil_graph_free(s->graph);
    sil_measurements_clear(&s->run.measurements);
    sil_gm_free(s->run.gm);
    sil_workload_clear(&s->terms.workload);
    sil_rho_clear(&s->spent);
}

/* ---- one round ---- */

/* The size that AIM allowed its model: the part of the whole that the budget was spent. */
static uint64_t cells_allowed(const struct story *s)
{
    struct sil_rho part;
    mpz_t cells;
    sil_rho_init(&part);
    mpz_init_set_ui(cells, sil_model_cells_max(&s->terms));
    mpq_div(part.v, s->spent.v, s->terms.cap.v);
    mpz_mul(cells, cells, mpq_numref(part.v));
    mpz_fdiv_q(cells, cells, mpq_denref(part.v));
    uint64_t allowed = mpz_get_ui(cells);
    mpz_clear(cells);
    sil_rho_clear(&part);
    return allowed;
}

static bool has_room(const struct story *s, const struct sil_clique *clique,
                     uint64_t most)
{
    return sil_graph_supports(s->graph, clique) ||
           sil_graph_tree_cells(s->graph, clique, most) <= most;
}

/* The pairs that were candidates of this round, and behind them the one chosen. */
static sil_status ask_marginals(struct story *s, const struct sil_release *measured,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t most = cells_allowed(s);
    uint64_t worthwhile = sil_run_worthwhile_cells(&s->run, &measured->sigma2);
    s->n_asked = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct sil_error_unmeasured *pair = &s->pairs[i];
        if (s->weight[i] > 0 && pair->n_cells <= worthwhile &&
            has_room(s, &pair->clique, most)) {
            s->pair[s->n_asked] = i;
            s->asked[s->n_asked++] = pair->clique;
        }
    }
    s->asked[s->n_asked] = measured->clique;
    for (size_t i = 0; i <= s->n_asked; i++) {
        uint64_t cells = sil_clique_cells(&s->run.domain, &s->asked[i]);
        SIL_TRY(sil_alloc(&s->q[i], cells, sizeof **s->q, "a marginal", err));
    }
    SIL_TRY(sil_gm_marginals(s->q, s->run.gm, s->asked, s->n_asked + 1,
                             s->run.n_threads, err));
cleanup:
    return status;
}

static double penalty_of(const struct sil_release *measured, size_t n_cells)
{
    return (double)sil_expected_noise(&measured->sigma2, n_cells) * SCORE_UNIT;
}

static double l1_distance(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
    }
    return sum;
}

/* An upper bound on every candidate's weight (distance - penalty), in counts. The model that
 * a choice sees is rounded to units of the score, and so is every distance: one unit a
 * cell is more than both take. */
static double best_score(const struct story *s, const struct sil_release *chosen,
                         const struct sil_release *measured)
{
    const double *q = s->q[s->n_asked];
    double unit = 1.0 / (double)(UINT64_C(1) << measured->shift);
    double cells = (double)measured->n_cells;
    double distance =
        s->noise_margin * sil_sqrt(sil_variance(&measured->sigma2) * cells);
    for (size_t i = 0; i < measured->n_cells; i++) {
        double apart = (double)measured->noisy[i] * unit - q[i];
        distance += apart < 0 ? -apart : apart;
    }
    distance += cells * (unit / 2 + SCORE_UNIT);
    double weight = weight_of(&s->terms.workload.candidates, &measured->clique);
    double slack = 2 * (double)chosen->sensitivity / mpq_get_d(chosen->epsilon.v) *
                   (sil_log((double)chosen->n_candidates) + s->choice_margin);
    return weight * (distance - penalty_of(measured, measured->n_cells)) +
           slack * SCORE_UNIT;
}

static void bound_pairs(struct story *s, const struct sil_release *chosen,
                        const struct sil_release *measured)
{
    double score = best_score(s, chosen, measured);
    for (size_t i = 0; i < s->n_asked; i++) {
        struct sil_error_unmeasured *pair = &s->pairs[s->pair[i]];
        double from_model = score / s->weight[s->pair[i]] +
                            penalty_of(measured, pair->n_cells) +
                            (double)pair->n_cells * SCORE_UNIT;
        double distance = from_model + l1_distance(s->q[i], pair->rows, pair->n_cells);
        if (!pair->is_bounded || distance < pair->distance) {
            pair->is_bounded = true;
            pair->distance = distance;
        }
    }
}

/* ---- the story ---- */

static uint64_t steps_of_fit(const struct sil_graph *graph, size_t n_measured)
{
    uint64_t cells = sil_graph_tree_cells(graph, NULL, FIT_STEPS);
    cells = cells < FIT_STEPS ? cells : FIT_STEPS;
    uint64_t steps = cells + STEPS_PER_MARGINAL * (n_measured + 1);
    uint64_t n = FIT_STEPS / steps;
    n = n < FITS_LEAST ? FITS_LEAST : n > FITS_MOST ? FITS_MOST : n;
    return n * steps;
}

/* Is line `i` the choice of what the next line measures? In a run of AIM it is. */
static bool is_round(const struct story *s, size_t i)
{
    const struct sil_transcript *transcript = &s->model->transcript;
    const struct sil_release *line = &transcript->line[i];
    return i + 1 < transcript->n_lines && line[0].kind == SIL_RELEASE_SELECT &&
           line[1].kind == SIL_RELEASE_MEASURE &&
           sil_clique_compare(&line[0].clique, &line[1].clique) == 0 &&
           weight_of(&s->terms.workload.candidates, &line[0].clique) > 0;
}

/* How many rounds can be told within the steps: known from the cliques alone. */
static sil_status count_rounds(struct story *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_transcript *transcript = &s->model->transcript;
    struct sil_graph *graph = NULL;
    uint64_t steps = 0;
    size_t n_measured = 0;
    SIL_TRY(sil_graph_new(&graph, &s->run.domain, err));
    for (size_t i = 0; i < transcript->n_lines; i++) {
        if (transcript->line[i].kind == SIL_RELEASE_MEASURE) {
            SIL_TRY(sil_graph_add(graph, &transcript->line[i].clique, err));
            n_measured++;
            continue;
        }
        steps += steps_of_fit(graph, n_measured);
        if (steps > SIL_ERROR_STEPS_MAX || !is_round(s, i)) {
            break;
        }
        s->n_rounds++;
    }
cleanup:
    sil_graph_free(graph);
    return status;
}

/* The last rounds say most, as their noise is least; a pair may have been a candidate in
 * earlier ones only. Looked at: 0, 1, 2, 4, 8, ... rounds before the last. */
static bool is_looked_at(const struct story *s, size_t round)
{
    size_t before = s->n_rounds - 1 - round;
    return (before & (before - 1)) == 0;
}

static sil_status look(struct story *s, const struct sil_release *chosen,
                       const struct sil_release *measured, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(ask_marginals(s, measured, err));
    bound_pairs(s, chosen, measured);
cleanup:
    forget_marginals(s);
    return status;
}

static sil_status tell(struct story *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_release *line = s->model->transcript.line;
    for (size_t round = 0; round < s->n_rounds; line++) {
        if (line->kind == SIL_RELEASE_MEASURE) {
            SIL_TRY(sil_measurements_add(&s->run.measurements, line, err));
            SIL_TRY(sil_graph_add(s->graph, &line->clique, err));
        } else {
            SIL_TRY(sil_run_fit(&s->run, err));
            if (is_looked_at(s, round)) {
                SIL_TRY(look(s, line, line + 1, err));
            }
            round++;
        }
        mpq_add(s->spent.v, s->spent.v, line->rho.v);
    }
cleanup:
    return status;
}

sil_status sil_error_theorem(struct sil_error_unmeasured *pairs, size_t n,
                             const struct sil_model *model, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct story s = {.model = model, .pairs = pairs, .n = n};
    SIL_TRY(story_open(&s, err));
    SIL_TRY(count_rounds(&s, err));
    SIL_TRY(tell(&s, err));
cleanup:
    story_close(&s);
    return status;
}
