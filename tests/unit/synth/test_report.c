// SPDX-License-Identifier: Apache-2.0
/* What people read: the claim, warnings, inspect, plan. */
#include "synth/model_object.h"
#include "synth/report.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t THREE[] = {4, 3, 2};
static struct sil_error error;

static void expect_part(const char *text, const char *part)
{
    cr_expect_not_null(strstr(text, part), "no \"%s\" in:\n%s", part, text);
}

static bool warns_of(const struct sil_model *model, const char *part)
{
    for (size_t i = 0; i < sil_model_n_warnings(model); i++) {
        if (strstr(sil_model_warning(model, i), part) != NULL) {
            return true;
        }
    }
    return false;
}

Test(report, claim_names_epsilon_delta_unit_neighbours_rho_and_the_missing_ledger)
{
    struct sil_fit_options options = kit_options(SIL_MST, "0.1");
    struct sil_model *model = kit_model(THREE, 3, 5000, 51, &options);
    const char *claim = sil_model_claim(model);
    expect_part(claim, "(epsilon 0.1, delta 1e-9)-differentially private");
    expect_part(claim, "the unit is one row");
    expect_part(claim, "adding or removing one row");
    expect_part(claim, "rho = ");
    expect_part(claim, "UNLEDGERED");
    expect_part(claim, "other data about the same people are not counted");
    cr_expect_null(strchr(claim, '\n'));
    sil_model_free(model);
}

/* A small epsilon is certified a little below what was asked for, never above. */
Test(report, certified_epsilon_is_not_above_what_was_asked_for)
{
    static const char *const EPSILONS[] = {"0.1", "0.3333", "1", "2.5"};
    for (size_t i = 0; i < 4; i++) {
        struct sil_fit_options options = kit_options(SIL_INDEPENDENT, EPSILONS[i]);
        struct sil_model *model = kit_model(THREE, 3, 100, 52, &options);
        const struct sil_terms *terms = &model->transcript.terms;
        cr_expect_leq(mpq_cmp(terms->certified.v, terms->epsilon.v), 0);
        double loss = mpq_get_d(terms->certified.v) / mpq_get_d(terms->epsilon.v);
        cr_expect_geq(loss, 1 - 1e-9);
        sil_model_free(model);
    }
}

static struct sil_model *model_of(const char *epsilon, const char *delta, size_t n_rows)
{
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, epsilon);
    options.delta = delta;
    return kit_model(THREE, 3, n_rows, 53, &options);
}

Test(report, warns_of_delta_and_epsilon_by_budget_and_released_rows)
{
    static const struct {
        const char *epsilon;
        const char *delta;
        size_t n_rows;
        const char *part; ///< NULL: no warning at all
    } CASES[] = {
        {"1",  "1e-9", 5000, NULL              },
        {"10", "1e-9", 5000, NULL              },
        {"5",  "0.01", 5000, "delta is not"    },
        {"5",  "1e-4", 5000, NULL              },
        {"11", "1e-9", 5000, "epsilon above 10"},
        {"21", "1e-9", 5000, "almost nothing"  },
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_model *model =
            model_of(CASES[i].epsilon, CASES[i].delta, CASES[i].n_rows);
        if (CASES[i].part == NULL) {
            cr_expect_eq(sil_model_n_warnings(model), 0, "case %zu: %s", i,
                         sil_model_warning(model, 0));
        } else {
            cr_expect(warns_of(model, CASES[i].part), "case %zu", i);
        }
        sil_model_free(model);
    }
}

Test(report, warns_of_columns_that_are_mostly_noise)
{
    struct sil_model *model = model_of("0.01", "1e-9", 300);
    cr_expect(warns_of(model, "mostly noise: column c0"));
    sil_model_free(model);
}

/* With so much budget there is next to no noise: the table has no row, which is not the
 * budget's fault. */
Test(report, says_that_there_are_few_rows_and_does_not_blame_the_budget_alone)
{
    static const enum sil_mechanism MECHANISMS[] = {SIL_AIM, SIL_INDEPENDENT,
                                                    SIL_MOSAIC};

    for (size_t i = 0; i < 3; i++) {
        struct sil_fit_options options = kit_options(MECHANISMS[i], "10000");
        struct sil_model *model = kit_model(THREE, 3, 0, 57, &options);
        cr_expect(warns_of(model, "rows is below one: the table has few rows, or"));
        cr_expect_not(warns_of(model, "too small"), "mechanism %zu", i);
        cr_expect_not(warns_of(model, "mostly noise"), "mechanism %zu", i);
        sil_model_free(model);
    }
}

Test(report, says_that_the_workload_asked_for_columns_alone)
{
    struct sil_fit_options options = kit_options(SIL_AIM, "5");
    options.workload = "1";
    struct sil_model *model =
        kit_model((const uint32_t[]){2, 2}, 2, 3000, 56, &options);
    cr_assert_eq(sil_model_n_warnings(model), 1);
    cr_expect_not_null(strstr(sil_model_warning(model, 0), "workload has no marginal"),
                       "%s", sil_model_warning(model, 0));
    sil_model_free(model);
}

Test(report, names_fields_declared_after_looking)
{
    static const char JSON[] =
        "{\"fields\": [{\"name\": \"a\", \"type\": \"boolean\", \"silhouette\": "
        "{\"origin\": \"looked\"}}, {\"name\": \"b\", \"type\": \"boolean\"}]}";
    struct sil_schema *schema = NULL;
    struct sil_model *model = NULL;
    struct test_file table = test_file_text("a,b\ntrue,false\nfalse,false\n");
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "1");
    cr_assert_eq(sil_schema_parse(&schema, JSON, sizeof JSON - 1, &error), SIL_OK, "%s",
                 error.text);
    cr_assert_eq(sil_model_fit(&model, table.path, schema, &options, &error), SIL_OK,
                 "%s", error.text);
    expect_part(sil_model_claim(model), "after looking at the data: a;");
    cr_expect(warns_of(model, "1 field was declared public after looking"));
    sil_model_free(model);
    sil_schema_free(schema);
    test_file_remove(&table);
}

/* ---- inspect ---- */

Test(report, inspect_lists_every_release_in_words)
{
    struct sil_fit_options options = kit_options(SIL_MST, "2");
    struct sil_model *model = kit_model(THREE, 3, 5000, 54, &options);
    char *text = NULL;
    cr_assert_eq(sil_model_inspect(&text, model, false, &error), SIL_OK);
    expect_part(text, sil_model_claim(model));
    expect_part(text, "mechanism    mst");
    expect_part(text, "c0 x c1");
    expect_part(text, "chosen of 3");
    expect_part(text, "Declared, and outside the guarantee");
    size_t lines = 0;
    for (const char *at = strstr(text, "rho "); at != NULL;
         at = strstr(at + 1, "  rho ")) {
        lines++;
    }
    cr_expect_geq(lines, model->transcript.n_lines);
    free(text);
    sil_model_free(model);
}

Test(report, inspect_as_json_adds_up)
{
    struct sil_fit_options options = kit_options(SIL_AIM, "2");
    struct sil_model *model = kit_model(THREE, 3, 5000, 55, &options);
    char *text = NULL;
    mpq_t sum;
    mpq_t part;
    mpq_inits(sum, part, NULL);
    cr_assert_eq(sil_model_inspect(&text, model, true, &error), SIL_OK);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(root);

    const json_t *releases = json_object_get(root, "releases");
    cr_expect_eq(json_array_size(releases), model->transcript.n_lines);
    for (size_t i = 0; i < json_array_size(releases); i++) {
        const json_t *rho = json_object_get(json_array_get(releases, i), "rho");
        cr_assert_eq(mpq_set_str(part, json_string_value(rho), 10), 0);
        mpq_add(sum, sum, part);
    }
    const json_t *claim = json_object_get(root, "claim");
    cr_assert_eq(
        mpq_set_str(part, json_string_value(json_object_get(claim, "rho_spent")), 10),
        0);
    cr_expect(mpq_equal(sum, part));
    cr_expect(json_is_false(json_object_get(claim, "ledgered")));
    cr_expect_str_eq(json_string_value(json_object_get(claim, "epsilon")), "2");
    cr_expect_eq(json_integer_value(json_object_get(root, "replay")), 3);
    cr_expect_eq(json_array_size(json_object_get(root, "fields")), 3);
    mpq_clears(sum, part, NULL);
    json_decref(root);
    free(text);
    sil_model_free(model);
}

static char *inspected(const struct sil_model *model, bool as_json)
{
    char *text = NULL;
    cr_assert_eq(sil_model_inspect(&text, model, as_json, &error), SIL_OK, "%s",
                 error.text);
    return text;
}

Test(report, inspect_of_mosaic_says_that_the_rows_answer_and_how_coarse_it_measured)
{
    static const uint32_t LARGE[] = {60, 4, 3};

    static const struct {
        const char *epsilon;
        const char *why;
        bool is_past_tree;
    } CASES[] = {
        {"0.2", "their groups opened",         false},
        {"1",   "no single probability model", true },
    };

    for (size_t i = 0; i < 2; i++) {
        struct sil_fit_options options = kit_options(SIL_MOSAIC, CASES[i].epsilon);
        struct sil_model *model = kit_model(LARGE, 3, 5000, 58, &options);
        char *text = inspected(model, false);
        expect_part(text, "answers      the rows: ");
        expect_part(text, CASES[i].why);
        expect_part(text, " marginals of groups, ");
        expect_part(text, " groups of 60) x c1");
        cr_expect_eq(strstr(text, "\nPast the tree:\n") != NULL, CASES[i].is_past_tree);
        free(text);
        sil_model_free(model);
    }
}

/* No row: mosaic relates nothing, and nothing is opened or fitted to marginals of groups. */
Test(report, inspect_of_mosaic_over_columns_alone_says_that_they_are_independent)
{
    static const uint32_t ONE[] = {1};
    struct sil_fit_options options = kit_options(SIL_MOSAIC, "10000");
    struct sil_model *model = kit_model(THREE, 3, 0, 62, &options);
    char *text = inspected(model, false);
    cr_assert(model->mosaic->has_columns_only);
    expect_part(text, "each column independent of the others");
    expect_part(text, "model        3 marginals, ");
    cr_expect_null(strstr(text, "groups"));
    free(text);
    text = inspected(model, true);
    expect_part(text, "each column independent of the others");
    free(text);
    sil_model_free(model);
    model = kit_model(ONE, 1, 100, 63, &options);
    text = inspected(model, false);
    expect_part(text, "model        1 marginal, 1 cell in its tree");
    free(text);
    sil_model_free(model);
}

/* A column of so many cells has more noise than the noise can make it seem to have rows. */
Test(report, inspect_shows_no_error_above_all_rows)
{
    static const uint32_t LARGE[] = {400, 400};
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "0.1");
    struct sil_model *model = kit_model(LARGE, 2, 0, 64, &options);
    char *text = inspected(model, false);
    expect_part(text, "      all  rho ");
    free(text);
    text = inspected(model, true);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const json_t *releases = json_object_get(root, "releases");
    for (size_t i = 0; i < 2; i++) {
        const struct sil_release *line = &model->transcript.line[i];
        const json_t *part =
            json_object_get(json_array_get(releases, i), "noise_error");
        cr_assert_gt(sil_noise_error(&line->sigma2, line->n_cells, model->total), 1);
        cr_expect_eq(json_real_value(part), 1);
    }
    json_decref(root);
    free(text);
    sil_model_free(model);
}

/* What JSON says of a line, against the line. */
static void expect_line(const json_t *json, const struct sil_model *model, size_t i)
{
    const struct sil_release *line = &model->transcript.line[i];
    const json_t *groups = json_object_get(json, "groups");
    cr_assert_eq(json_array_size(groups), line->clique.n);
    for (uint32_t k = 0; k < line->clique.n; k++) {
        uint32_t n = line->of != NULL ? line->of[k].n_groups
                                      : model->domain.sizes[line->clique.attr[k]];
        cr_expect_eq(json_integer_value(json_array_get(groups, k)), n, "line %zu", i);
    }
    if (line->kind == SIL_RELEASE_SELECT) {
        const json_t *penalty = json_object_get(json, "penalty");
        mpq_t counts;
        mpq_init(counts);
        cr_assert_eq(mpq_set_str(counts, json_string_value(penalty), 10), 0);
        cr_expect_float_eq(mpq_get_d(counts), (double)line->penalty / 1024, 1e-9);
        cr_expect_eq(json_integer_value(json_object_get(json, "weight")), line->weight);
        mpq_clear(counts);
    }
}

Test(report, inspect_of_mosaic_as_json_has_phases_groups_weights_and_penalties)
{
    static const uint32_t LARGE[] = {60, 4, 3};
    struct sil_fit_options options = kit_options(SIL_MOSAIC, "1");
    struct sil_model *model = kit_model(LARGE, 3, 5000, 59, &options);
    char *text = inspected(model, true);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const json_t *answers = json_object_get(root, "answers");
    const json_t *releases = json_object_get(root, "releases");
    size_t n_phase[4] = {0};
    cr_expect_str_eq(json_string_value(json_object_get(answers, "from")), "rows");
    cr_expect_not_null(json_object_get(answers, "why"));
    cr_assert_eq(json_array_size(releases), model->transcript.n_lines);
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        const json_t *line = json_array_get(releases, i);
        json_int_t phase = json_integer_value(json_object_get(line, "phase"));
        cr_assert(phase >= 1 && phase <= 3);
        n_phase[phase]++;
        expect_line(line, model, i);
    }
    cr_expect_eq(n_phase[1], 3);
    cr_expect_gt(n_phase[2], 0);
    cr_expect_eq(n_phase[3], 60, "thirty rounds");
    json_decref(root);
    free(text);
    sil_model_free(model);
}

Test(report, inspect_of_others_says_that_the_model_answers)
{
    struct sil_fit_options options = kit_options(SIL_MST, "1");
    struct sil_model *model = kit_model(THREE, 3, 5000, 60, &options);
    char *text = inspected(model, true);
    expect_part(text, "\"from\": \"model\"");
    cr_expect_null(strstr(text, "penalty"));
    free(text);
    text = inspected(model, false);
    cr_expect_null(strstr(text, "answers"));
    free(text);
    sil_model_free(model);
}

/* ---- plan ---- */

static struct sil_plan_options plan_options(enum sil_mechanism mechanism,
                                            const char *epsilon)
{
    struct sil_plan_options options = sil_plan_defaults();
    options.fit = kit_options(mechanism, epsilon);
    options.rows_guess = 10000;
    return options;
}

static json_t *plan_json(const struct sil_plan_options *options)
{
    struct sil_schema *schema = kit_schema(THREE, 3);
    char *text = NULL;
    cr_assert_eq(sil_plan(&text, schema, options, &error), SIL_OK, "%s", error.text);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(root);
    free(text);
    sil_schema_free(schema);
    return root;
}

Test(report, plan_says_what_the_columns_of_the_fit_will_get)
{
    for (int m = SIL_AIM; m <= SIL_INDEPENDENT; m++) {
        struct sil_plan_options options = plan_options((enum sil_mechanism)m, "2");
        options.as_json = true;
        json_t *root = plan_json(&options);
        struct sil_model *model = kit_model(THREE, 3, 5000, 56, &options.fit);
        for (size_t a = 0; a < 2; a++) {
            const json_t *column = json_array_get(json_object_get(root, "columns"), a);
            const char *planned =
                json_string_value(json_object_get(column, "sigma_squared"));
            mpq_t sigma2;
            mpq_init(sigma2);
            cr_assert_eq(mpq_set_str(sigma2, planned, 10), 0);
            cr_expect(mpq_equal(sigma2, model->transcript.line[a].sigma2.v),
                      "mechanism %d, column %zu", m, a);
            mpq_clear(sigma2);
        }
        sil_model_free(model);
        json_decref(root);
    }
}

static double number_of(const json_t *fraction)
{
    mpq_t value;
    mpq_init(value);
    cr_assert_eq(mpq_set_str(value, json_string_value(fraction), 10), 0);
    double number = mpq_get_d(value);
    mpq_clear(value);
    return number;
}

/* Of few rows and of many: whether columns come again, and what a first round has then. */
Test(report, plan_of_mosaic_says_what_rounds_will_have_of_so_many_rows)
{
    static const uint64_t ROWS[] = {300, 50000};
    for (size_t i = 0; i < 2; i++) {
        struct sil_plan_options options = plan_options(SIL_MOSAIC, "1");
        options.as_json = true;
        options.rows_guess = ROWS[i];
        json_t *root = plan_json(&options);
        struct sil_model *model = kit_model(THREE, 3, ROWS[i], 57, &options.fit);
        const struct sil_transcript *transcript = &model->transcript;
        const size_t first = sil_mosaic_n_first(model->mosaic);
        double below =
            json_real_value(json_object_get(root, "columns_again_below_rows"));
        const json_t *again = json_object_get(root, "columns_again");
        cr_assert_eq(first, i == 0 ? 6 : 3);
        cr_expect_eq((double)ROWS[i] < below, i == 0, "%g", below);
        cr_expect_eq(again != NULL, i == 0);
        double spent = 0;
        for (size_t k = 3; k < first; k++) {
            spent += mpq_get_d(transcript->line[k].rho.v);
        }
        double cap = mpq_get_d(transcript->terms.cap.v);
        cr_expect_float_eq(spent, again == NULL ? 0 : cap * number_of(again), 1e-9);
        double round = mpq_get_d(transcript->line[first].rho.v) +
                       mpq_get_d(transcript->line[first + 1].rho.v);
        const json_t *step = json_array_get(json_object_get(root, "steps"), 0);
        double planned = number_of(json_object_get(step, "rho")) / 0.9;
        cr_expect_float_eq(round, planned, 1e-9, "%g, not %g", round, planned);
        sil_model_free(model);
        json_decref(root);
    }
}

Test(report, plan_in_words_of_mosaic_says_how_many_rows_are_few)
{
    struct sil_plan_options options = plan_options(SIL_MOSAIC, "1");
    struct sil_schema *schema = kit_schema(THREE, 3);
    static const uint64_t ROWS[] = {0, 300, 50000};
    for (size_t i = 0; i < 3; i++) {
        char *text = NULL;
        options.rows_guess = ROWS[i];
        cr_assert_eq(sil_plan(&text, schema, &options, &error), SIL_OK);
        cr_expect_eq(strstr(text, "of fewer than about ") != NULL, i == 0);
        cr_expect_eq(strstr(text, "So few rows are near the noise") != NULL, i == 1);
        free(text);
    }
    sil_schema_free(schema);
}

Test(report, plan_in_words_says_what_it_does_not_predict)
{
    struct sil_plan_options options = plan_options(SIL_AIM, "1");
    struct sil_schema *schema = kit_schema(THREE, 3);
    char *text = NULL;
    cr_assert_eq(sil_plan(&text, schema, &options, &error), SIL_OK, "%s", error.text);
    expect_part(text, "is not predicted");
    expect_part(text, "No data were read");
    expect_part(text, "epsilon 1, delta 1e-9");
    expect_part(text, "c2");
    free(text);
    options.rows_guess = 0;
    cr_assert_eq(sil_plan(&text, schema, &options, &error), SIL_OK);
    expect_part(text, "--rows-guess");
    cr_expect_null(strstr(text, "noise error "));
    free(text);
    sil_schema_free(schema);
}

Test(report, plan_finds_the_epsilon_for_an_error)
{
    static const struct {
        const char *text;
        double value;
    } TARGETS[] = {
        {"0.02",   0.02  },
        {"0.0002", 0.0002}, /* an epsilon above 3, where mosaic gives columns less */
    };

    for (int i = 0; i < 2 * SIL_MOSAIC; i++) {
        int m = SIL_AIM + i / 2;
        double target = TARGETS[i % 2].value;
        struct sil_plan_options options = plan_options((enum sil_mechanism)m, NULL);
        options.target_error = TARGETS[i % 2].text;
        options.as_json = true;
        json_t *root = plan_json(&options);
        const json_t *columns = json_object_get(root, "columns");
        double mean = 0;
        for (size_t a = 0; a < 3; a++) {
            const json_t *column = json_array_get(columns, a);
            mean += json_real_value(json_object_get(column, "noise_error")) / 3;
        }
        cr_expect_leq(mean, target, "mechanism %d: %f", m, mean);
        cr_expect_geq(mean, target * (1 - 1e-3), "mechanism %d: %f", m, mean);
        json_decref(root);
    }
}

/* Columns of one cell are no part of the tree that MST measures. */
Test(report, plan_of_mst_shares_its_budget_among_the_pairs_that_will_be_measured)
{
    static const uint32_t CELLS[] = {3, 1, 2, 1, 2};
    struct sil_schema *schema = kit_schema(CELLS, 5);
    struct sil_plan_options options = plan_options(SIL_MST, "2");
    char *text = NULL;
    options.as_json = true;
    cr_assert_eq(sil_plan(&text, schema, &options, &error), SIL_OK, "%s", error.text);
    json_t *root = json_loads(text, 0, NULL);
    const json_t *steps = json_object_get(root, "steps");
    cr_assert_eq(json_array_size(steps), 1, "%s", text);
    const char *planned = json_string_value(json_object_get(
        json_object_get(json_array_get(steps, 0), "mean"), "sigma_squared"));
    cr_assert_not_null(planned, "%s", text);

    options.fit.unledgered = true;
    struct sil_model *model = kit_model(CELLS, 5, 400, 34, &options.fit);
    size_t n_pairs = 0;
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        const struct sil_release *line = &model->transcript.line[i];
        if (line->kind == SIL_RELEASE_MEASURE && line->clique.n == 2) {
            mpq_t expected;
            mpq_init(expected);
            cr_assert_eq(mpq_set_str(expected, planned, 10), 0);
            /* What the selections leave over goes to the pairs: a little less noise. */
            double ratio = mpq_get_d(line->sigma2.v) / mpq_get_d(expected);
            cr_expect(ratio <= 1 && ratio > 1 - 1e-6, "%g", ratio);
            mpq_clear(expected);
            n_pairs++;
        }
    }
    cr_expect_eq(n_pairs, 2);
    sil_model_free(model);
    json_decref(root);
    free(text);
    sil_schema_free(schema);
}

Test(report, plan_refuses_a_target_it_cannot_compute)
{
    static const char *const BAD[] = {"0", "1", "-0.1", "x", "1e-9"};
    struct sil_schema *schema = kit_schema(THREE, 3);
    struct sil_plan_options options = plan_options(SIL_AIM, NULL);
    char *text = NULL;
    cr_expect_eq(sil_plan(&text, schema, &options, &error), SIL_ERR_USAGE);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        options.target_error = BAD[i];
        sil_status status = sil_plan(&text, schema, &options, &error);
        cr_expect(status == SIL_ERR_USAGE || status == SIL_ERR_INPUT, "%s", BAD[i]);
        cr_expect_null(text);
    }
    options.target_error = "0.1";
    options.rows_guess = 0;
    cr_expect_eq(sil_plan(&text, schema, &options, &error), SIL_ERR_USAGE);
    expect_part(error.text, "--rows-guess");
    sil_schema_free(schema);
}
