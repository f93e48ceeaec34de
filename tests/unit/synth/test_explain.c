// SPDX-License-Identifier: Apache-2.0
/* Runs told again from their transcripts: an honest one in every decision, whatever the
 * threads; one with a single decision of its own is refused, with the line. */
#include "privacy/cost.h"
#include "privacy/gauss.h"
#include "synth/model_object.h"
#include "synth/release.h"
#include "synth/replay.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static const uint32_t FIVE[] = {24, 7, 5, 4, 2};
static struct sil_error error;

static struct sil_model *model_of(const struct sil_bytes *bytes, unsigned n_threads)
{
    struct sil_model *model = NULL;
    cr_assert_eq(
        sil_model_of_transcript(&model, bytes->data, bytes->length, n_threads, &error),
        SIL_OK, "%s", error.text);
    return model;
}

/* The transcript of a run, and nothing else of it. */
static struct sil_bytes transcript_of(struct sil_model *model)
{
    struct sil_bytes bytes = {0};
    cr_assert_eq(
        sil_bytes_append(&bytes, model->encoding.data, model->encoding.length, &error),
        SIL_OK);
    sil_model_free(model);
    return bytes;
}

static char *explained(const struct sil_bytes *bytes, unsigned n_threads)
{
    char *text = NULL;
    struct sil_model *model = model_of(bytes, n_threads);
    cr_assert_eq(sil_model_explain(&text, model, &error), SIL_OK, "%s", error.text);
    sil_model_free(model);
    return text;
}

static json_t *explanation(const struct sil_bytes *bytes)
{
    char *text = explained(bytes, 1);
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
    return transcript_of(kit_model(scene->sizes, n, scene->n_rows, 81, &options));
}

Test(explain, tells_every_honest_run_alike_on_any_threads)
{
    for (size_t i = 0; i < N_OF(SCENES); i++) {
        char part[64];
        struct sil_bytes bytes = play(&SCENES[i]);
        char *one = explained(&bytes, 1);
        char *two = explained(&bytes, 2);
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
    struct sil_bytes bytes = transcript_of(kit_model(cells, MANY, 1000, 82, &options));
    free(explained(&bytes, 1));
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
        struct sil_bytes bytes = transcript_of(kit_model(FIVE, 5, 2000, 83, &options));
        free(explained(&bytes, 1));
        sil_bytes_clear(&bytes);
    }
    test_file_remove(&file);
}

/* ---- what it tells ---- */

static struct sil_bytes usual(enum sil_mechanism mechanism)
{
    struct sil_fit_options options = kit_options(mechanism, "3");
    return transcript_of(kit_model(FIVE, 5, 2000, 84, &options));
}

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
        struct sil_bytes bytes = usual(ADAPTIVE[i]);
        expect_rounds(&bytes);
        sil_bytes_clear(&bytes);
    }
}

Test(explain, tells_the_edges_of_a_tree)
{
    struct sil_bytes bytes = usual(SIL_MST);
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
    struct sil_bytes bytes = usual(SIL_INDEPENDENT);
    json_t *root = explanation(&bytes);
    for (size_t a = 0; a < 5; a++) {
        const json_t *line = json_array_get(json_object_get(root, "lines"), a);
        cr_expect(json_equal(json_array_get(json_object_get(root, "split"), a),
                             json_object_get(line, "rho")));
    }
    json_decref(root);
    sil_bytes_clear(&bytes);

    bytes = usual(SIL_MOSAIC);
    root = explanation(&bytes);
    for (size_t a = 0; a < 5; a++) {
        const json_t *column = json_array_get(json_object_get(root, "columns"), a);
        const json_t *finest = json_array_get(json_object_get(column, "levels"), 0);
        cr_expect_eq(json_integer_value(finest), FIVE[a]);
    }
    json_decref(root);
    sil_bytes_clear(&bytes);
}

/* ---- forgeries ---- */

static struct sil_release *line_at(struct sil_transcript *t, size_t i)
{
    cr_assert_lt(i, t->n_lines);
    return &t->line[i];
}

static void swap_lines(struct sil_transcript *t, size_t i, size_t k)
{
    struct sil_release kept = *line_at(t, i);
    *line_at(t, i) = *line_at(t, k);
    *line_at(t, k) = kept;
}

/* The cost of a line's parameter, and the sum with it. */
static void set_cost(struct sil_transcript *t, struct sil_release *line)
{
    mpq_sub(t->spent.v, t->spent.v, line->rho.v);
    if (line->kind == SIL_RELEASE_MEASURE) {
        sil_cost_of_noise(&line->rho, line->sensitivity, &line->sigma2);
        line->shift = sil_gauss_shift_of(&line->sigma2);
    } else {
        sil_cost_of_choice(&line->rho, &line->epsilon);
    }
    mpq_add(t->spent.v, t->spent.v, line->rho.v);
}

static void set_cap(struct sil_transcript *t)
{
    struct sil_terms *terms = &t->terms;
    cr_assert_eq(sil_certify(&terms->certified, &terms->cap, &terms->delta,
                             &terms->epsilon, &error),
                 SIL_OK);
}

/* Lines 1 to 5 are the columns, 6 and 7 the first round. */
enum { CHOICE = 5, MEASURED = 6 };

static void columns_out_of_order(struct sil_transcript *t)
{
    swap_lines(t, 0, 1);
}

static void a_column_with_more_noise(struct sil_transcript *t)
{
    mpq_mul_2exp(line_at(t, 1)->sigma2.v, line_at(t, 1)->sigma2.v, 1);
    set_cost(t, line_at(t, 1));
}

static void a_choice_with_less_epsilon(struct sil_transcript *t)
{
    mpq_div_2exp(line_at(t, CHOICE)->epsilon.v, line_at(t, CHOICE)->epsilon.v, 1);
    set_cost(t, line_at(t, CHOICE));
}

static void one_candidate_more(struct sil_transcript *t)
{
    line_at(t, CHOICE)->n_candidates++;
}

static void a_score_that_moves_less(struct sil_transcript *t)
{
    line_at(t, CHOICE)->sensitivity /= 3;
    line_at(t, CHOICE)->weight = 1;
}

static void another_place_chosen(struct sil_transcript *t)
{
    struct sil_release *line = line_at(t, CHOICE);
    line->chosen = line->chosen == 0 ? line->n_candidates - 1 : 0;
}

static void a_choice_before_the_last_column(struct sil_transcript *t)
{
    swap_lines(t, CHOICE - 1, CHOICE);
}

static void a_measurement_before_its_choice(struct sil_transcript *t)
{
    swap_lines(t, CHOICE, MEASURED);
}

static void leave_out_last(struct sil_transcript *t, size_t n)
{
    for (; n > 0; n--) {
        struct sil_release *line = line_at(t, t->n_lines - 1);
        mpq_sub(t->spent.v, t->spent.v, line->rho.v);
        sil_release_clear(line);
        t->n_lines--;
    }
}

static void no_last_round(struct sil_transcript *t)
{
    leave_out_last(t, 2);
}

static void a_larger_cap(struct sil_transcript *t)
{
    mpq_mul_2exp(t->terms.cap.v, t->terms.cap.v, 1);
    set_cap(t);
}

static void another_epsilon_asked_for(struct sil_transcript *t)
{
    mpq_set_ui(t->terms.epsilon.v, 5, 2);
    set_cap(t);
}

static void fewer_cells_in_the_plan(struct sil_transcript *t)
{
    t->terms.max_cells = 100;
}

static void edges_in_another_order(struct sil_transcript *t)
{
    swap_lines(t, CHOICE, CHOICE + 1);
}

static void pairs_in_another_order(struct sil_transcript *t)
{
    swap_lines(t, t->n_lines - 4, t->n_lines - 3);
}

static void the_last_column_with_more_noise(struct sil_transcript *t)
{
    struct sil_release *line = line_at(t, t->n_lines - 1);
    mpq_mul_2exp(line->sigma2.v, line->sigma2.v, 1);
    set_cost(t, line);
}

/* A choice of a marginal of groups, whose place is not the first of its marginal's. */
static struct sil_release *a_grouped_choice(struct sil_transcript *t)
{
    size_t i = 0;
    while (line_at(t, i)->kind != SIL_RELEASE_SELECT || line_at(t, i)->of == NULL) {
        i++;
    }
    return line_at(t, i);
}

static void other_groups_chosen(struct sil_transcript *t)
{
    a_grouped_choice(t)->chosen--;
}

static void another_weight(struct sil_transcript *t)
{
    struct sil_release *line = line_at(t, CHOICE);
    line->weight = line->weight == 1 ? 2 : 1;
}

static void a_penalty_of_one_more(struct sil_transcript *t)
{
    line_at(t, CHOICE)->penalty++;
}

static bool cost_the_same(struct sil_transcript *t, size_t i, size_t k)
{
    return mpq_equal(line_at(t, i)->rho.v, line_at(t, k)->rho.v) &&
           mpq_equal(line_at(t, i + 1)->rho.v, line_at(t, k + 1)->rho.v);
}

/* Two rounds past the tree whose costs are alike to the last digit. */
static void late_rounds_in_another_order(struct sil_transcript *t)
{
    size_t i = t->n_lines - 4;
    while (!cost_the_same(t, i, i + 2) ||
           line_at(t, i)->penalty == line_at(t, i + 2)->penalty) {
        i -= 2;
    }
    swap_lines(t, i, i + 2);
    swap_lines(t, i + 1, i + 3);
}

static const struct forgery {
    enum sil_mechanism mechanism;
    void (*forge)(struct sil_transcript *transcript);
    const char *part; ///< of the reason
} FORGERIES[] = {
    {SIL_AIM,         columns_out_of_order,            "line 1: not the marginal"                 },
    {SIL_AIM,         a_column_with_more_noise,        "line 2: sigma squared is "                },
    {SIL_AIM,         a_choice_with_less_epsilon,      "line 6: the epsilon of the choice is "    },
    {SIL_AIM,         one_candidate_more,              "line 6: the number of candidates is "     },
    {SIL_AIM,         a_score_that_moves_less,
     "line 6: the sensitivity of the score is 1024, and the mechanism has 3072 here"              },
    {SIL_AIM,         another_place_chosen,            "line 6: not the marginal"                 },
    {SIL_AIM,         a_choice_before_the_last_column,
     "line 5: a choice, where the mechanism measures"                                             },
    {SIL_AIM,         a_measurement_before_its_choice,
     "line 6: a measurement, where the mechanism chooses"                                         },
    {SIL_AIM,         no_last_round,                   "there is none, and the mechanism goes on" },
    {SIL_AIM,         a_larger_cap,                    "the plan: its cap"                        },
    {SIL_AIM,         another_epsilon_asked_for,       "the plan: its cap"                        },
    {SIL_AIM,         fewer_cells_in_the_plan,         "line 6: the number of candidates is "     },
    {SIL_MST,         edges_in_another_order,          "line 6: "                                 },
    {SIL_MST,         pairs_in_another_order,          "line 10: not the marginal"                },
    {SIL_INDEPENDENT, the_last_column_with_more_noise, "line 5: sigma squared is "                },
    {SIL_MOSAIC,      one_candidate_more,              "line 6: the number of candidates is "     },
    {SIL_MOSAIC,      another_place_chosen,            "line 6: not the marginal"                 },
    {SIL_MOSAIC,      other_groups_chosen,             ": not the groups"                         },
    {SIL_MOSAIC,      another_weight,                  "line 6: the weight of the one chosen is " },
    {SIL_MOSAIC,      a_penalty_of_one_more,           "line 6: the penalty of the one chosen is "},
    {SIL_MOSAIC,      a_score_that_moves_less,         "line 6: the sensitivity of the score is " },
    {SIL_MOSAIC,      late_rounds_in_another_order,    "line "                                    },
};

/* The forged transcript is read, and has a model; only the mechanism itself can tell. */
static void expect_refused(const struct forgery *forgery, size_t i,
                           const struct sil_bytes *bytes)
{
    struct sil_bytes forged = {0};
    struct sil_transcript transcript;
    char *text = NULL;
    sil_transcript_init(&transcript);
    cr_assert_eq(sil_transcript_decode(&transcript, bytes->data, bytes->length, &error),
                 SIL_OK);
    forgery->forge(&transcript);
    cr_assert_eq(sil_transcript_encode(&forged, &transcript, &error), SIL_OK);
    struct sil_model *model = model_of(&forged, 1);
    error.text[0] = '\0';
    cr_expect_eq(sil_model_explain(&text, model, &error), SIL_ERR_CHECK, "%zu", i);
    cr_expect_null(text);
    cr_expect_not_null(strstr(error.text, forgery->part), "%zu: %s", i, error.text);
    cr_expect_not_null(strstr(error.text, "not that of an honest run: "), "%s",
                       error.text);
    sil_model_free(model);
    sil_transcript_clear(&transcript);
    sil_bytes_clear(&forged);
}

Test(explain, refuses_one_decision_that_is_not_the_mechanisms)
{
    for (int m = SIL_AIM; m <= SIL_MOSAIC; m++) {
        struct sil_bytes bytes = usual((enum sil_mechanism)m);
        for (size_t i = 0; i < N_OF(FORGERIES); i++) {
            if (FORGERIES[i].mechanism == (enum sil_mechanism)m) {
                expect_refused(&FORGERIES[i], i, &bytes);
            }
        }
        sil_bytes_clear(&bytes);
    }
}

/* No line can follow a run that has spent its cap; the source says so of any that does. */
Test(explain, lines_behind_the_end_are_refused)
{
    struct sil_bytes bytes = usual(SIL_INDEPENDENT);
    struct sil_transcript transcript;
    struct sil_replay replay;
    sil_transcript_init(&transcript);
    cr_assert_eq(sil_transcript_decode(&transcript, bytes.data, bytes.length, &error),
                 SIL_OK);
    sil_replay_init(&replay, &transcript, NULL);
    replay.next = transcript.n_lines - 1;
    cr_expect_eq(sil_replay_end(&replay, &error), SIL_ERR_CHECK);
    cr_expect_str_eq(error.text, "line 5: the mechanism has ended before it");
    replay.next++;
    cr_expect_eq(sil_replay_end(&replay, &error), SIL_OK);
    sil_replay_clear(&replay);
    sil_transcript_clear(&transcript);
    sil_bytes_clear(&bytes);
}
