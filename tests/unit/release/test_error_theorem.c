// SPDX-License-Identifier: Apache-2.0
/* AIM told again beside empty tables, with a witness between it and its transcript: what
 * it saw of every candidate in every round, and from that the bounds of the theorem. */
#include "error_kit.h"
#include "synth/mechanism.h"
#include "synth/replay.h"
#include "unit/synth/synth_kit.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>

enum { MOST = 6, ROUNDS = 16 * MOST, PAIRS = MOST * MOST, PAIR_CELLS = 1024 };

struct witness {
    const struct error_case *c;
    struct sil_replay replay;
    struct sil_source inner;
    double total;
    double variance; ///< of the total
    size_t n_rounds;
    double distance[ROUNDS][PAIRS]; ///< from the rows; infinite: not a candidate
};

static size_t place_of(const struct sil_clique *pair)
{
    return pair->attr[0] * MOST + pair->attr[1];
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
    double rows[PAIR_CELLS] = {0};
    const uint32_t *sizes = w->c->model->domain.sizes;
    size_t second = sizes[pair->attr[1]];
    for (size_t r = 0; r < w->c->rows.n_rows; r++) {
        rows[sil_codes_get(&w->c->rows, pair->attr[0], r) * second +
             sil_codes_get(&w->c->rows, pair->attr[1], r)] +=
            w->total / (double)w->c->rows.n_rows;
    }
    return from_model(model, rows, sizes[pair->attr[0]] * second);
}

static void look(struct witness *w, const struct sil_candidate *candidates, size_t n,
                 const struct sil_release *line)
{
    const struct sil_candidate *chosen = &candidates[line->chosen];
    double risk = log(2.0 * 16 * w->c->model->domain.n_attrs / 0.045);
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
static double estimate(double *variance, const struct sil_model *model)
{
    double sum = 0;
    double precision = 0;
    for (size_t i = 0; i < model->domain.n_attrs; i++) {
        const struct sil_release *line = &model->transcript.line[i];
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

/* The least of the rounds 0, 1, 2, 4, 8, ... before the last of `n`. */
static double least_distance(const struct witness *w, size_t n, size_t place)
{
    double least = INFINITY;
    for (size_t before = 0; before < n; before = before == 0 ? 1 : 2 * before) {
        least = fmin(least, w->distance[n - 1 - before][place]);
    }
    return least;
}

/* Is this the bound that the first `n` rounds give? It may be above it by the unit of the
 * score that is added for each cell, of which the rounding hides less: a few counts. */
static bool follows(const struct witness *w, size_t n, const struct sil_error_bound *b)
{
    double distance = least_distance(w, n, place_of(&b->clique));
    double expected =
        fmin(1, (distance + 2.807034 * sqrt(w->variance)) / (2 * w->total));
    if (b->kind != SIL_BOUND_THEOREM) {
        return b->kind != SIL_BOUND_NONE || distance > 1e300;
    }
    return distance < 1e300 && b->bound >= expected * SIL_ERROR_UNIT - 1e-6 &&
           b->bound <= (expected + 5e-3) * SIL_ERROR_UNIT + 1;
}

static bool all_follow(const struct witness *w, size_t n)
{
    for (size_t i = 0; i < w->c->bounds.n; i++) {
        if (!follows(w, n, &w->c->bounds.item[i])) {
            return false;
        }
    }
    return true;
}

/* Of how many rounds, the most if of several numbers, the bounds are; 0: of none. */
static size_t rounds_behind(const struct error_case *c, size_t *n_rounds,
                            unsigned seen[SIL_BOUND_NONE + 1])
{
    static struct witness w;
    w = (struct witness){.c = c};
    w.total = estimate(&w.variance, c->model);
    tell_again(&w);
    *n_rounds = w.n_rounds;
    for (size_t i = 0; i < c->bounds.n; i++) {
        seen[c->bounds.item[i].kind]++;
    }
    for (size_t n = w.n_rounds; n > 0; n--) {
        if (all_follow(&w, n)) {
            return n;
        }
    }
    return 0;
}

Test(error_theorem, bounds_of_unmeasured_pairs_are_those_of_what_aim_saw)
{
    static const uint32_t cells[] = {3, 5, 12, 2, 8, 30};
    static const char *const EPSILON[] = {"0.1", "0.3", "0.6"};
    unsigned seen[SIL_BOUND_NONE + 1] = {0};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        size_t n_rounds = 0;
        struct error_case c =
            error_case_new(cells, 6, 3000, seed, SIL_AIM, EPSILON[seed % 3]);
        size_t n = rounds_behind(&c, &n_rounds, seen);
        cr_expect_eq(n, n_rounds);
        error_case_clear(&c);
    }
    cr_expect_gt(seen[SIL_BOUND_THEOREM], 10);
    cr_expect_gt(seen[SIL_BOUND_NONE], 0);
}

Test(error_theorem, pairs_outside_a_workload_are_not_bounded_and_weights_count)
{
    static const uint32_t cells[] = {3, 5, 12, 2, 8};
    unsigned seen[SIL_BOUND_NONE + 1] = {0};
    struct sil_fit_options options = kit_options(SIL_AIM, "0.5");
    struct test_file workload = test_file_text(
        "{\"marginals\": [{\"attributes\": [\"c0\", \"c1\", \"c2\"], \"weight\": 5}, "
        "{\"attributes\": [\"c3\", \"c4\"]}, {\"attributes\": [\"c0\", \"c4\"]}]}");
    options.workload = workload.path;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        size_t n_rounds = 0;
        struct error_case c = error_case_of(cells, 5, 3000, seed, &options);
        size_t n = rounds_behind(&c, &n_rounds, seen);
        cr_expect_eq(n, n_rounds);
        error_case_clear(&c);
    }
    cr_expect_geq(seen[SIL_BOUND_NONE], 3 * 5);
    cr_expect_gt(seen[SIL_BOUND_THEOREM], 0);
    test_file_remove(&workload);
}

Test(error_theorem, pairs_that_the_tree_had_no_room_for_are_not_bounded)
{
    static const uint32_t cells[] = {32, 32, 32, 32, 32};
    unsigned seen[SIL_BOUND_NONE + 1] = {0};
    struct sil_fit_options options = kit_options(SIL_AIM, "3");
    options.workload = "2";
    options.max_model_mb = 1;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        size_t n_rounds = 0;
        struct error_case c = error_case_of(cells, 5, 20000, seed, &options);
        cr_expect_gt(rounds_behind(&c, &n_rounds, seen), 0);
        error_case_clear(&c);
    }
    cr_expect_gt(seen[SIL_BOUND_NONE], 0);
}
