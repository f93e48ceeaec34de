// SPDX-License-Identifier: Apache-2.0
/* Runs of Mosaic told again beside a table without rows: what each round cost, what it
 * could choose from and what the scores were made of follow from the log alone. */
#include "mosaic_kit.h"
#include "synth/budget.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static struct sil_error error;

/* One run after the other under these options. In the last the tree has no room for all
 * that might be measured: a triple of values is more than it may have at first. */
static const struct scene {
    const char *epsilon;
    enum sil_neighbours neighbours;
    uint32_t sizes[4];
    uint64_t max_cells;
} SCENES[] = {
    {"0.2", SIL_ADD_REMOVE,  {30, 7, 5, 2},   10000},
    {"1",   SIL_ADD_REMOVE,  {30, 7, 5, 2},   10000},
    {"4",   SIL_REPLACE_ONE, {30, 7, 5, 2},   10000},
    {"20",  SIL_ADD_REMOVE,  {70, 40, 20, 5}, 60000},
};

typedef void look_at(const struct retold *retold);

/* Tell every scene again, and look at each round before it is learnt. */
static void retell(look_at *look)
{
    for (size_t s = 0; s < sizeof SCENES / sizeof SCENES[0]; s++) {
        struct sil_fit_options options = kit_options(SIL_MOSAIC, SCENES[s].epsilon);
        struct retold retold;
        options.neighbours = SCENES[s].neighbours;
        options.max_cells = SCENES[s].max_cells;
        options.n_threads = 1;
        struct sil_model *model = kit_model(SCENES[s].sizes, 4, 4000, 51, &options);
        retold_begin(&retold, model);
        while (retold_next(&retold)) {
            look(&retold);
            retold_learn(&retold);
        }
        cr_expect(mpq_equal(retold.spent.v, model->transcript.terms.cap.v));
        retold_clear(&retold);
        sil_model_free(model);
    }
}

/* ---- what a round costs ---- */

static void expect_its_cost(const struct retold *retold)
{
    const struct sil_release *choice = retold_choice(retold);
    const struct sil_release *measured = retold_measured(retold);
    struct sil_round round;
    sil_round_init(&round);
    cr_assert_eq(
        sil_round_of_cost(&round, &retold->cost, measured->sensitivity, &error),
        SIL_OK);
    cr_expect(mpq_equal(choice->epsilon.v, round.epsilon.v), "line %zu", retold->next);
    cr_expect(mpq_equal(measured->sigma2.v, round.sigma2.v), "line %zu", retold->next);
    sil_round_clear(&round);
}

Test(mosaic_candidates, rounds_cost_what_the_log_before_them_says)
{
    retell(expect_its_cost);
}

/* ---- what it could choose from ---- */

static void expect_its_candidates(const struct retold *retold)
{
    const struct sil_release *choice = retold_choice(retold);
    const struct sil_mosaic_candidate *chosen =
        &retold->list.item[retold_chosen(retold)];
    struct sil_grouping of[SIL_MOSAIC_ATTRS];
    size_t n_allowed = 0;
    uint32_t heaviest = 0;
    for (size_t i = 0; i < retold->list.n; i++) {
        const struct sil_mosaic_candidate *c = &retold->list.item[i];
        n_allowed += c->is_allowed;
        heaviest = c->is_allowed && c->weight > heaviest ? c->weight : heaviest;
    }
    uint64_t moves = retold->run.terms->neighbours == SIL_ADD_REMOVE ? 1 : 2;
    cr_expect_eq(choice->n_candidates, n_allowed, "line %zu", retold->next);
    cr_expect_eq(choice->sensitivity, (moves << SIL_SCORE_BITS) * heaviest);
    cr_expect_eq(choice->weight, chosen->weight);
    cr_assert_eq(
        sil_clique_compare(&choice->clique, &retold->run.clique[chosen->table]), 0);
    retold_groupings(of, retold, chosen);
    for (uint32_t k = 0; k < choice->clique.n; k++) {
        bool is_whole = sil_grouping_is_identity(&of[k]);
        cr_assert(choice->of != NULL || is_whole, "line %zu", retold->next);
        cr_expect(choice->of == NULL || (sil_grouping_refines(&choice->of[k], &of[k]) &&
                                         sil_grouping_refines(&of[k], &choice->of[k])));
    }
}

Test(mosaic_candidates, are_those_of_the_log_and_weigh_what_the_charge_says)
{
    retell(expect_its_candidates);
}

/* ---- how large the tree may be ---- */

static size_t n_refused; ///< candidates that were not allowed in some round

static void expect_a_tree_within_its_part(const struct retold *retold)
{
    double part = mpq_get_d(retold->spent.v) / mpq_get_d(retold->run.terms->cap.v);
    double allowed = part * (double)sil_model_cells_max(retold->run.terms);
    if (!retold->is_late) {
        cr_expect_leq((double)sil_gm_tree_cells(retold->mosaic->gm), allowed);
    }
    for (size_t i = 0; i < retold->list.n; i++) {
        n_refused += !retold->list.item[i].is_allowed;
    }
}

Test(mosaic_candidates, keep_the_tree_within_the_part_of_its_size_that_is_paid_for)
{
    retell(expect_a_tree_within_its_part);
    cr_expect_gt(n_refused, 0);
}

/* ---- what scores are made of ---- */

static void expect_its_penalties(const struct retold *retold)
{
    int64_t unit = retold_unit(retold);
    size_t chosen = retold_chosen(retold);
    for (size_t i = 0; i < retold->list.n; i++) {
        const struct sil_mosaic_candidate *c = &retold->list.item[i];
        if (!c->is_allowed) {
            continue;
        }
        int64_t penalty = 0;
        int64_t *expected = retold_expected(retold, c);
        for (size_t k = 0; k < c->n_cells; k++) {
            penalty += expected[k] < unit ? expected[k] : unit;
        }
        cr_expect_eq(memcmp(expected, c->model, c->n_cells * sizeof *expected), 0,
                     "line %zu, candidate %zu", retold->next, i);
        cr_expect_eq(penalty, c->penalty, "line %zu, candidate %zu", retold->next, i);
        if (i == chosen) {
            cr_expect_eq(penalty, retold_choice(retold)->penalty, "line %zu",
                         retold->next);
        }
        free(expected);
    }
}

Test(mosaic_candidates, models_and_penalties_are_the_local_tables)
{
    retell(expect_its_penalties);
}

/* ---- over many columns ---- */

enum { MANY = 41 };

/* What the forest allows has room in the tree that a fit would build; what it does not has
 * none in a tree that is smaller by the columns, which it counts beside their pairs. */
static void expect_forest(struct retold *r, uint64_t most, uint64_t columns)
{
    struct sil_graph *graph = NULL;
    cr_assert_eq(sil_mosaic_allow(&r->list, r->mosaic, most, &error), SIL_OK);
    cr_assert_eq(sil_mosaic_graph(&graph, r->mosaic, &error), SIL_OK);
    for (size_t i = 0; i < r->list.n; i++) {
        const struct sil_mosaic_candidate *c = &r->list.item[i];
        const struct sil_clique *clique = &r->run.clique[c->table];
        if (clique->n == 1) {
            cr_expect(c->is_allowed);
        } else if (c->is_allowed) {
            cr_expect(sil_mosaic_has_room(r->mosaic, graph, clique, c->level, most),
                      "most %ju, candidate %zu", (uintmax_t)most, i);
        } else if (r->mosaic->n_tiles == 0) {
            cr_expect_not(
                sil_mosaic_has_room(r->mosaic, graph, clique, c->level, most - columns),
                "most %ju, candidate %zu", (uintmax_t)most, i);
        }
    }
    sil_graph_free(graph);
}

/* A forest of n columns has fewer than n pairs; so has every part of it. */
static void expect_no_circle(const struct sil_mosaic *m)
{
    uint32_t tree[MANY];
    for (uint32_t a = 0; a < MANY; a++) {
        tree[a] = a;
    }
    for (size_t i = 0; i < m->n_tiles; i++) {
        const struct sil_clique *c = &m->tiles[i].clique;
        bool is_repeated = false;
        for (size_t k = 0; k < i; k++) {
            is_repeated |= sil_clique_compare(c, &m->tiles[k].clique) == 0;
        }
        cr_assert_eq(c->n, 2);
        uint32_t from = tree[c->attr[1]];
        cr_expect(is_repeated || from != tree[c->attr[0]], "tile %zu", i);
        for (uint32_t a = 0; a < MANY; a++) {
            tree[a] = tree[a] == from ? tree[c->attr[0]] : tree[a];
        }
    }
}

Test(mosaic_candidates, of_many_columns_keep_to_a_forest)
{
    uint32_t cells[MANY];
    uint64_t columns = 0;
    struct sil_fit_options options = kit_options(SIL_MOSAIC, "2");
    struct retold retold;
    for (uint32_t a = 0; a < MANY; a++) {
        cells[a] = 2 + a % 7;
        columns += cells[a];
    }
    options.workload = "2";
    options.n_threads = 1;
    struct sil_model *model = kit_model(cells, MANY, 1000, 53, &options);
    retold_begin(&retold, model);
    for (size_t round = 0; retold_next(&retold) && !retold.is_late; round++) {
        if (round % 16 == 0) {
            for (uint64_t most = columns + 10; most < 40 * columns; most += most / 2) {
                expect_forest(&retold, most, columns);
            }
            cr_assert(retold_next(&retold));
        }
        expect_no_circle(retold.mosaic);
        retold_learn(&retold);
    }
    cr_expect_gt(retold.mosaic->n_tiles, MANY / 2);
    retold_clear(&retold);
    sil_model_free(model);
}
