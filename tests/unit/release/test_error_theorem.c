// SPDX-License-Identifier: Apache-2.0
/* AIM told again beside empty tables, with a witness between it and its transcript: what
 * it saw of every candidate in every round, and from that the bounds of the theorem. */
#include "error_kit.h"
#include "synth/mechanism.h"
#include "synth/replay.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

static const uint32_t CELLS[] = {3, 5, 12, 2, 8, 30};

enum { N = 6, ROWS = 3000, ROUNDS = 16 * N, PAIRS = N * N };

struct witness {
    const struct error_case *c;
    struct sil_replay replay;
    struct sil_source inner;
    double total;
    size_t n_rounds;
    double distance[ROUNDS][PAIRS]; ///< from the rows; infinite: not a candidate
};

static size_t place_of(const struct sil_clique *pair)
{
    return pair->attr[0] * N + pair->attr[1];
}

static double cell_variance(const struct sil_release *line)
{
    return mpq_get_d(line->sigma2.v);
}

/* How far a model in units of 2^-10 counts is from numbers. */
static double from_model(const int64_t *model, const double *numbers, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += fabs((double)model[i] / 1024 - numbers[i]);
    }
    return sum;
}

static double from_measured(const struct sil_release *line, const int64_t *model)
{
    double *y = calloc(line->n_cells, sizeof *y);
    for (size_t i = 0; i < line->n_cells; i++) {
        y[i] = (double)line->noisy[i] / (double)(UINT64_C(1) << line->shift);
    }
    double sum = from_model(model, y, line->n_cells);
    free(y);
    return sum;
}

static double from_rows(const struct witness *w, const struct sil_clique *pair,
                        const int64_t *model)
{
    double rows[12 * 30] = {0};
    size_t second = CELLS[pair->attr[1]];
    for (size_t r = 0; r < w->c->rows.n_rows; r++) {
        rows[sil_codes_get(&w->c->rows, pair->attr[0], r) * second +
             sil_codes_get(&w->c->rows, pair->attr[1], r)] +=
            w->total / (double)w->c->rows.n_rows;
    }
    return from_model(model, rows, CELLS[pair->attr[0]] * second);
}

static void look(struct witness *w, const struct sil_candidate *candidates, size_t n,
                 const struct sil_release *line)
{
    const struct sil_candidate *chosen = &candidates[line->chosen];
    double risk = log(2.0 * ROUNDS / 0.045);
    double measured = from_measured(&line[1], chosen->model) +
                      sqrt(2 * risk * cell_variance(&line[1]) * line[1].n_cells);
    double best = chosen->weight * (measured - (double)chosen->penalty / 1024) +
                  2 * (double)line->sensitivity / 1024 / mpq_get_d(line->epsilon.v) *
                      (log((double)n) + risk);
    double *distance = w->distance[w->n_rounds++];
    for (size_t i = 0; i < PAIRS; i++) {
        distance[i] = INFINITY;
    }
    for (size_t i = 0; i < n; i++) {
        const struct sil_clique *clique = sil_counts_clique(candidates[i].counts);
        if (clique->n == 2) {
            distance[place_of(clique)] = best / candidates[i].weight +
                                         (double)candidates[i].penalty / 1024 +
                                         from_rows(w, clique, candidates[i].model);
        }
    }
}

/* ---- between the mechanism and its transcript ---- */

static sil_status measure(void *of, const struct sil_counts *counts,
                          const struct sil_sigma2 *sigma2,
                          const struct sil_release **release, struct sil_error *err)
{
    struct witness *w = of;
    return sil_source_measure(&w->inner, counts, sigma2, release, err);
}

static sil_status choose(void *of, const struct sil_candidate *candidates, size_t n,
                         const struct sil_epsilon *epsilon, size_t *chosen,
                         struct sil_error *err)
{
    struct witness *w = of;
    look(w, candidates, n, &w->replay.transcript->line[w->replay.next]);
    return sil_source_select(&w->inner, candidates, n, epsilon, chosen, err);
}

static void spent(struct sil_rho *out, const void *of)
{
    const struct witness *w = of;
    sil_source_spent(out, &w->inner);
}

static void remaining(struct sil_rho *out, const void *of)
{
    const struct witness *w = of;
    sil_source_remaining(out, &w->inner);
}

static uint64_t sensitivity_squared(const void *of)
{
    const struct witness *w = of;
    return sil_source_sensitivity_squared(&w->inner);
}

static const struct sil_source_calls CALLS = {
    measure, choose, spent, remaining, sensitivity_squared,
};

/* The rows that the columns tell of, and the variance of that. */
static double estimate(double *variance, const struct sil_transcript *transcript)
{
    double sum = 0;
    double precision = 0;
    for (size_t i = 0; i < N; i++) {
        const struct sil_release *line = &transcript->line[i];
        double of_sum = cell_variance(line) * line->n_cells;
        for (size_t k = 0; k < line->n_cells; k++) {
            sum +=
                (double)line->noisy[k] / (double)(UINT64_C(1) << line->shift) / of_sum;
        }
        precision += 1 / of_sum;
    }
    *variance = 1 / precision;
    return sum / precision;
}

static void tell_again(struct witness *w)
{
    struct sil_run run = {0};
    const struct sil_transcript *transcript = &w->c->model->transcript;
    sil_replay_init(&w->replay, transcript, NULL);
    w->inner = sil_source_of_replay(&w->replay);
    cr_assert_eq(
        sil_run_open_empty(&run, &transcript->terms, transcript->schema, 1, NULL),
        SIL_OK);
    run.source = (struct sil_source){.calls = &CALLS, .of = w};
    cr_assert_eq(sil_aim(&run, NULL), SIL_OK);
    cr_assert_eq(sil_replay_end(&w->replay, NULL), SIL_OK);
    sil_run_close(&run);
    sil_replay_clear(&w->replay);
}

/* The least of the rounds 0, 1, 2, 4, 8, ... before the last. */
static double least_distance(const struct witness *w, size_t place)
{
    double least = INFINITY;
    for (size_t before = 0; before < w->n_rounds;
         before = before == 0 ? 1 : 2 * before) {
        least = fmin(least, w->distance[w->n_rounds - 1 - before][place]);
    }
    return least;
}

static void check_pair(const struct witness *w, const struct sil_error_bound *b,
                       double variance)
{
    double distance = least_distance(w, place_of(&b->clique));
    if (b->kind == SIL_BOUND_NONE) {
        cr_assert_eq(distance, INFINITY);
        return;
    }
    cr_assert_neq(distance, INFINITY, "not a candidate in any of these rounds");
    double expected = fmin(1, (distance + 2.807034 * sqrt(variance)) / (2 * w->total));
    /* Above the exact one by the unit of the score that is added for each cell, of which
     * the rounding hides less: a few counts of some thousand. */
    cr_assert_geq(b->bound, expected * SIL_ERROR_UNIT - 1e-6);
    cr_assert_leq(b->bound, (expected + 5e-3) * SIL_ERROR_UNIT + 1);
}

Test(error_theorem, bounds_of_unmeasured_pairs_are_those_of_what_aim_saw)
{
    static const char *const EPSILON[] = {"0.1", "0.5", "2"};
    unsigned seen[SIL_BOUND_NONE + 1] = {0};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        static struct witness w;
        double variance = 0;
        struct error_case c =
            error_case_new(CELLS, N, ROWS, seed, SIL_AIM, EPSILON[seed % 3]);
        w = (struct witness){.c = &c};
        w.total = estimate(&variance, &c.model->transcript);
        tell_again(&w);
        cr_assert_gt(w.n_rounds, 0);
        for (size_t i = 0; i < c.bounds.n; i++) {
            const struct sil_error_bound *b = &c.bounds.item[i];
            seen[b->kind]++;
            if (b->kind >= SIL_BOUND_THEOREM) {
                check_pair(&w, b, variance);
            }
        }
        error_case_clear(&c);
    }
    cr_expect_gt(seen[SIL_BOUND_THEOREM], 10);
    cr_expect_gt(seen[SIL_BOUND_NONE], 0);
}
