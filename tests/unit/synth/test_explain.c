// SPDX-License-Identifier: Apache-2.0
/* Honest runs told again from their transcripts: every decision is found anew, whatever the
 * threads, and told. */
#include "replay_kit.h"
#include "synth_kit.h"

#include <criterion/criterion.h>
#include <gmp.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static json_t *explanation(const struct sil_bytes *bytes)
{
    char *text = replay_explained(bytes, 1);
    json_t *json = json_loads(text, 0, NULL);
    cr_assert_not_null(json);
    free(text);
    return json;
}

/* ---- honest runs ---- */

static const struct scene {
    const char *name;
    enum sil_mechanism mechanism;
    const char *epsilon;
    const char *workload;
    enum sil_neighbours neighbours;
    uint32_t sizes[5]; ///< until the first 0
    size_t n_rows;
    uint64_t max_cells;
    uint64_t max_model_mb; ///< 0: the default
    const char *part;      ///< of the run, that must occur
} SCENES[] = {
    {"aim",
     SIL_AIM,                                 "3",
     "3",                                                   SIL_ADD_REMOVE,
     {24, 7, 5, 4, 2},
     2000,                                                                            10000,
     0,                                                                                          "rounds" },
    {"aim, replace-one",
     SIL_AIM,                                 "2",
     "2",                                                   SIL_REPLACE_ONE,
     {9, 7, 5, 4},
     2000,                                                                            10000,
     0,                                                                                          "rounds" },
    {"aim, nothing worth its noise",
     SIL_AIM,                                 "0.001",
     "3",                                                   SIL_ADD_REMOVE,
     {9, 7, 5},
     500,                                                                             10000,
     0,                                                                                          "rest"   },
    {"aim, a small model",
     SIL_AIM,                                 "100",
     "3",                                                   SIL_ADD_REMOVE,
     {60, 60, 60, 60},
     5000,                                                                            300000,
     1,                                                                                          "rounds" },
    {"aim, one column",
     SIL_AIM,                                 "1",
     "3",                                                   SIL_ADD_REMOVE,
     {5},
     1000,                                                                            10000,
     0,                                                                                          "rounds" },
    {"aim, a constant",              SIL_AIM, "1",     "3", SIL_ADD_REMOVE,  {1}, 50, 10000,  0, "rest"   },
    {"mst",
     SIL_MST,                                 "3",
     "2",                                                   SIL_ADD_REMOVE,
     {24, 7, 5, 4, 2},
     2000,                                                                            10000,
     0,                                                                                          "pairs"  },
    {"mst, replace-one",
     SIL_MST,                                 "3",
     "2",                                                   SIL_REPLACE_ONE,
     {9, 7, 1, 4},
     2000,                                                                            10000,
     0,                                                                                          "pairs"  },
    {"mst, nothing worth its noise",
     SIL_MST,                                 "0.001",
     "2",                                                   SIL_ADD_REMOVE,
     {9, 7, 5},
     500,                                                                             10000,
     0,                                                                                          "rest"   },
    {"mst, one column",
     SIL_MST,                                 "1",
     "2",                                                   SIL_ADD_REMOVE,
     {5, 1},
     1000,                                                                            10000,
     0,                                                                                          "columns"},
    {"independent",
     SIL_INDEPENDENT,                         "1",
     "1",                                                   SIL_ADD_REMOVE,
     {24, 7, 5},
     1000,                                                                            10,
     0,                                                                                          "columns"},
    {"mosaic, little",
     SIL_MOSAIC,                              "0.2",
     "3",                                                   SIL_ADD_REMOVE,
     {30, 7, 5, 2},
     4000,                                                                            10000,
     0,                                                                                          "tree"   },
    {"mosaic",
     SIL_MOSAIC,                              "1",
     "3",                                                   SIL_ADD_REMOVE,
     {30, 7, 5, 2},
     4000,                                                                            10000,
     0,                                                                                          "tables" },
    {"mosaic, much",
     SIL_MOSAIC,                              "4",
     "3",                                                   SIL_REPLACE_ONE,
     {30, 7, 5, 2},
     4000,                                                                            10000,
     0,                                                                                          "tables" },
    {"mosaic, a tree that is full",
     SIL_MOSAIC,                              "20",
     "3",                                                   SIL_ADD_REMOVE,
     {70, 40, 20, 5},
     4000,                                                                            60000,
     0,                                                                                          "tables" },
    {"mosaic, without a row",
     SIL_MOSAIC,                              "0.2",
     "3",                                                   SIL_ADD_REMOVE,
     {6, 3},
     0,                                                                               10000,
     0,                                                                                          "columns"},
};

static struct sil_bytes play(const struct scene *scene)
{
    struct sil_fit_options options = kit_options(scene->mechanism, scene->epsilon);
    uint32_t n = 0;
    while (n < N_OF(scene->sizes) && scene->sizes[n] > 0) {
        n++;
    }
    options.neighbours = scene->neighbours;
    options.workload = scene->workload;
    options.max_cells = scene->max_cells;
    if (scene->max_model_mb > 0) {
        options.max_model_mb = scene->max_model_mb;
    }
    return replay_transcript(kit_model(scene->sizes, n, scene->n_rows, 81, &options));
}

Test(explain, tells_every_honest_run_alike_on_any_threads)
{
    for (size_t i = 0; i < N_OF(SCENES); i++) {
        char part[64];
        struct sil_bytes bytes = play(&SCENES[i]);
        char *one = replay_explained(&bytes, 1);
        char *two = replay_explained(&bytes, 2);
        cr_expect_str_eq(one, two, "%s", SCENES[i].name);
        (void)snprintf(part, sizeof part, "\"part\": \"%s\"", SCENES[i].part);
        cr_expect_not_null(strstr(one, part), "%s: %s", SCENES[i].name, part);
        free(one);
        free(two);
        sil_bytes_clear(&bytes);
    }
}

Test(explain, tells_a_run_over_many_columns)
{
    enum { MANY = 41 };

    uint32_t cells[MANY];
    struct sil_fit_options options = kit_options(SIL_MOSAIC, "2");
    for (uint32_t a = 0; a < MANY; a++) {
        cells[a] = 2 + a % 7;
    }
    options.workload = "2";
    struct sil_bytes bytes =
        replay_transcript(kit_model(cells, MANY, 1000, 82, &options));
    free(replay_explained(&bytes, 1));
    sil_bytes_clear(&bytes);
}

Test(explain, tells_runs_of_a_workload_of_marginals)
{
    static const char WORKLOAD[] =
        "{\"marginals\": [{\"attributes\": [\"c0\", \"c2\"], \"weight\": 3},"
        " {\"attributes\": [\"c1\", \"c2\", \"c3\"]}, {\"attributes\": [\"c4\"]}]}";
    struct test_file file = test_file_text(WORKLOAD);
    for (int m = SIL_AIM; m <= SIL_MOSAIC; m += SIL_MOSAIC - SIL_AIM) {
        struct sil_fit_options options = kit_options((enum sil_mechanism)m, "2");
        options.workload = file.path;
        struct sil_bytes bytes =
            replay_transcript(kit_model(REPLAY_CELLS, 5, 2000, 83, &options));
        free(replay_explained(&bytes, 1));
        sil_bytes_clear(&bytes);
    }
    test_file_remove(&file);
}

/* ---- what it tells ---- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    cr_assert_not_null(text, "%s", name);
    return text;
}

static json_int_t number_of(const json_t *object, const char *name)
{
    json_t *number = json_object_get(object, name);
    cr_assert(json_is_integer(number), "%s", name);
    return json_integer_value(number);
}

static void fraction_of(mpq_t out, const json_t *object, const char *name)
{
    cr_assert_eq(mpq_set_str(out, text_of(object, name), 10), 0, "%s", name);
}

/* A round has a choice and a measurement; its costs add up; it anneals when the model moved
 * by no more than the penalty; all lines are told. */
static void expect_rounds(const struct sil_bytes *bytes)
{
    json_t *root = explanation(bytes);
    json_t *lines = json_object_get(root, "lines");
    json_t *round = NULL;
    size_t i = 0;
    size_t n_annealed = 0;
    mpq_t a;
    mpq_t b;
    mpq_t cost;
    mpq_inits(a, b, cost, NULL);
    json_array_foreach(json_object_get(root, "rounds"), i, round)
    {
        json_t *mine = json_object_get(round, "lines");
        cr_assert_eq(json_array_size(mine), 2);
        const json_t *choice =
            json_array_get(lines, json_integer_value(json_array_get(mine, 0)) - 1);
        const json_t *measured =
            json_array_get(lines, json_integer_value(json_array_get(mine, 1)) - 1);
        cr_expect_str_eq(text_of(choice, "kind"), "choose");
        cr_expect_str_eq(text_of(measured, "kind"), "measure");
        cr_expect_eq(number_of(choice, "round"), (json_int_t)i + 1);
        cr_expect(json_equal(json_object_get(choice, "marginal"),
                             json_object_get(round, "marginal")));
        cr_expect_str_eq(text_of(measured, "sigma_squared"),
                         text_of(round, "sigma_squared"));
        fraction_of(a, choice, "rho");
        fraction_of(b, measured, "rho");
        fraction_of(cost, round, "cost");
        mpq_add(a, a, b);
        cr_expect(mpq_equal(a, cost), "round %zu", i + 1);
        if (json_object_get(round, "moved") != NULL) {
            fraction_of(a, round, "moved");
            fraction_of(b, round, "penalty");
            bool is_annealed = json_is_true(json_object_get(round, "annealed"));
            cr_expect_eq(is_annealed, mpq_cmp(a, b) <= 0, "round %zu", i + 1);
            n_annealed += is_annealed;
        }
        cr_expect_leq(number_of(round, "chosen") + 1, number_of(round, "allowed"));
        cr_expect_leq(number_of(round, "allowed"), number_of(round, "candidates"));
    }
    cr_expect_gt(n_annealed, 0);
    cr_expect(json_is_true(json_object_get(
        json_array_get(json_object_get(root, "rounds"), i - 1), "last")));
    const json_t *last = json_array_get(lines, json_array_size(lines) - 1);
    cr_expect_str_eq(text_of(last, "spent"), text_of(root, "cap"));
    cr_expect_eq(number_of(last, "line"), (json_int_t)json_array_size(lines));
    mpq_clears(a, b, cost, NULL);
    json_decref(root);
}

Test(explain, tells_the_rounds_of_aim_and_mosaic)
{
    static const enum sil_mechanism ADAPTIVE[] = {SIL_AIM, SIL_MOSAIC};

    for (size_t i = 0; i < N_OF(ADAPTIVE); i++) {
        struct sil_bytes bytes = replay_usual(ADAPTIVE[i]);
        expect_rounds(&bytes);
        sil_bytes_clear(&bytes);
    }
}

Test(explain, tells_the_edges_of_a_tree)
{
    struct sil_bytes bytes = replay_usual(SIL_MST);
    json_t *root = explanation(&bytes);
    json_t *edges = json_object_get(root, "edges");
    size_t n = json_array_size(edges);
    cr_expect_eq(n, 4);
    for (size_t i = 0; i < n; i++) {
        const json_t *round = json_array_get(json_object_get(root, "rounds"), i);
        const json_t *line = json_array_get(json_object_get(root, "lines"), 9 + i);
        cr_expect(
            json_equal(json_array_get(edges, i), json_object_get(round, "marginal")));
        cr_expect(
            json_equal(json_array_get(edges, i), json_object_get(line, "marginal")));
        cr_expect_str_eq(text_of(line, "part"), "pairs");
    }
    json_decref(root);
    sil_bytes_clear(&bytes);
}

Test(explain, tells_how_the_budget_is_split_and_which_levels_there_are)
{
    struct sil_bytes bytes = replay_usual(SIL_INDEPENDENT);
    json_t *root = explanation(&bytes);
    for (size_t a = 0; a < 5; a++) {
        const json_t *line = json_array_get(json_object_get(root, "lines"), a);
        cr_expect(json_equal(json_array_get(json_object_get(root, "split"), a),
                             json_object_get(line, "rho")));
    }
    json_decref(root);
    sil_bytes_clear(&bytes);

    bytes = replay_usual(SIL_MOSAIC);
    root = explanation(&bytes);
    for (size_t a = 0; a < 5; a++) {
        const json_t *column = json_array_get(json_object_get(root, "columns"), a);
        const json_t *finest = json_array_get(json_object_get(column, "levels"), 0);
        cr_expect_eq(json_integer_value(finest), REPLAY_CELLS[a]);
    }
    json_decref(root);
    sil_bytes_clear(&bytes);
}
