// SPDX-License-Identifier: Apache-2.0
/* Fits through the public interface, with noise from a seed. What is asserted holds with
 * room to spare for these seeds, and fails when a mechanism loses its measurements. */
#include "base/file.h"
#include "privacy/cost.h"
#include "support/seeded_rng.h"
#include "synth/model_object.h"
#include "synth/run.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static const uint32_t FOUR[] = {6, 6, 4, 3};

static const enum sil_mechanism ALL[] = {SIL_AIM, SIL_MST, SIL_INDEPENDENT, SIL_MOSAIC};
static struct sil_error error;

/* The share of rows of the model in which column b repeats column a (both below `cells`). */
static double repeats(const struct sil_model *model, uint32_t a, uint32_t b)
{
    const struct sil_clique pair = {
        .n = 2, .attr = {a, b}
    };
    uint32_t na = model->domain.sizes[a];
    uint32_t nb = model->domain.sizes[b];
    double *table = calloc((size_t)na * nb, sizeof *table);
    double same = 0;
    if (model->mosaic != NULL) {
        size_t cells = 0;
        size_t at = sil_mosaic_table(model->mosaic, &pair);
        memcpy(table, sil_local_table(model->mosaic->tables, at, &cells),
               (size_t)na * nb * sizeof *table);
    } else {
        cr_assert_eq(sil_gm_marginal(table, model->gm, &pair, &error), SIL_OK);
    }
    for (uint32_t v = 0; v < na && v < nb; v++) {
        same += table[v * nb + v];
    }
    free(table);
    return same / model->total;
}

static size_t n_lines(const struct sil_model *model, enum sil_release_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        n += model->transcript.line[i].kind == kind;
    }
    return n;
}

Test(mechanisms, spend_the_cap_to_the_last_digit)
{
    static const char *const EPSILONS[] = {"0.05", "1", "7.3"};
    for (size_t m = 0; m < N_OF(ALL); m++) {
        for (size_t e = 0; e < N_OF(EPSILONS); e++) {
            struct sil_fit_options options = kit_options(ALL[m], EPSILONS[e]);
            struct sil_model *model = kit_model(FOUR, 4, 3000, 11, &options);
            cr_expect(
                mpq_equal(model->transcript.spent.v, model->transcript.terms.cap.v),
                "mechanism %d, epsilon %s", (int)ALL[m], EPSILONS[e]);
            sil_model_free(model);
        }
    }
}

Test(mechanisms, aim_and_mst_find_the_dependence_and_independent_does_not)
{
    /* Column 1 repeats column 0 in three rows of four, and else in one of six. */
    const double truth = 0.75 + 0.25 / 6;
    for (size_t m = 0; m < N_OF(ALL); m++) {
        struct sil_fit_options options = kit_options(ALL[m], "5");
        struct sil_model *model = kit_model(FOUR, 4, 5000, 12, &options);
        double found = repeats(model, 0, 1);
        if (ALL[m] == SIL_INDEPENDENT) {
            cr_expect_lt(found, 0.25);
        } else {
            cr_expect_float_eq(found, truth, 0.03, "mechanism %d: %f", (int)ALL[m],
                               found);
        }
        cr_expect_float_eq((double)model->rows, 5000, 60);
        cr_expect_eq(sil_model_n_warnings(model), 0);
        sil_model_free(model);
    }
}

Test(mechanisms, independent_measures_each_column_once)
{
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "1");
    struct sil_model *model = kit_model(FOUR, 4, 500, 13, &options);
    cr_expect_eq(model->transcript.n_lines, 4);
    for (uint32_t a = 0; a < 4; a++) {
        cr_expect_eq(model->transcript.line[a].clique.n, 1);
        cr_expect_eq(model->transcript.line[a].clique.attr[0], a);
    }
    sil_model_free(model);
}

Test(mechanisms, mst_measures_the_edges_of_a_tree)
{
    struct sil_fit_options options = kit_options(SIL_MST, "5");
    struct sil_model *model = kit_model(FOUR, 4, 5000, 14, &options);
    uint32_t component[] = {0, 1, 2, 3};
    cr_expect_eq(n_lines(model, SIL_RELEASE_SELECT), 3);
    cr_expect_eq(n_lines(model, SIL_RELEASE_MEASURE), 7);
    for (size_t i = 7; i < model->transcript.n_lines; i++) {
        const struct sil_release *line = &model->transcript.line[i];
        cr_assert_eq(line->kind, SIL_RELEASE_MEASURE);
        cr_assert_eq(line->clique.n, 2);
        uint32_t from = component[line->clique.attr[0]];
        uint32_t to = component[line->clique.attr[1]];
        cr_expect_neq(from, to, "a cycle");
        for (size_t a = 0; a < 4; a++) {
            component[a] = component[a] == from ? to : component[a];
        }
    }
    sil_model_free(model);
}

Test(mechanisms, aim_measures_what_it_selects)
{
    struct sil_fit_options options = kit_options(SIL_AIM, "5");
    struct sil_model *model = kit_model(FOUR, 4, 5000, 15, &options);
    size_t i = 4;
    cr_assert_gt(model->transcript.n_lines, 4);
    for (; i + 1 < model->transcript.n_lines; i += 2) {
        const struct sil_release *choice = &model->transcript.line[i];
        const struct sil_release *measure = &model->transcript.line[i + 1];
        cr_assert_eq(choice->kind, SIL_RELEASE_SELECT);
        cr_assert_eq(measure->kind, SIL_RELEASE_MEASURE);
        cr_expect_eq(sil_clique_compare(&choice->clique, &measure->clique), 0);
        /* A tenth of a round, or a little less, goes to the choice. */
        double share = mpq_get_d(choice->rho.v) /
                       (mpq_get_d(choice->rho.v) + mpq_get_d(measure->rho.v));
        cr_expect_float_eq(share, 0.1, 1e-6);
    }
    cr_expect_eq(i, model->transcript.n_lines);
    sil_model_free(model);
}

Test(mechanisms, aim_keeps_its_model_within_the_size_asked_for)
{
    const uint32_t large[] = {60, 60, 60, 60};
    struct sil_fit_options options = kit_options(SIL_AIM, "100");
    options.max_model_mb = 1;
    options.max_cells = 300000;
    struct sil_model *model = kit_model(large, 4, 5000, 16, &options);
    /* All three-way marginals of 216,000 cells exceed 2^20 / 8. */
    cr_expect_leq(sil_gm_tree_cells(model->gm), (1u << 20) / 8);
    cr_expect_gt(n_lines(model, SIL_RELEASE_SELECT), 0);
    sil_model_free(model);
}

/* ---- when the budget is too small ---- */

static bool warns_of(const struct sil_model *model, const char *part)
{
    for (size_t i = 0; i < sil_model_n_warnings(model); i++) {
        if (strstr(sil_model_warning(model, i), part) != NULL) {
            return true;
        }
    }
    return false;
}

Test(mechanisms, fall_back_to_columns_when_no_pair_is_worth_its_noise)
{
    for (size_t m = 0; m < 2; m++) {
        struct sil_fit_options options = kit_options(ALL[m], "0.001");
        struct sil_model *model = kit_model(FOUR, 4, 500, 17, &options);
        for (size_t i = 0; i < model->transcript.n_lines; i++) {
            cr_expect_eq(model->transcript.line[i].clique.n, 1);
        }
        cr_expect(warns_of(model, "budget is too small for this schema"));
        cr_expect(warns_of(model, "independent columns are used"));
        cr_expect(mpq_equal(model->transcript.spent.v, model->transcript.terms.cap.v));
        cr_expect_geq(sil_model_rows(model), 1);
        sil_model_free(model);
    }
}

Test(mechanisms, work_on_the_smallest_tables)
{
    const uint32_t one[] = {5};
    const uint32_t constant[] = {1};
    const uint32_t mixed[] = {1, 4, 1};
    for (size_t m = 0; m < N_OF(ALL); m++) {
        struct sil_fit_options options = kit_options(ALL[m], "1");
        sil_model_free(kit_model(one, 1, 1, 18, &options));
        sil_model_free(kit_model(one, 1, 1000, 18, &options));
        sil_model_free(kit_model(constant, 1, 50, 19, &options));
        sil_model_free(kit_model(mixed, 3, 50, 20, &options));
        sil_model_free(kit_model(FOUR, 4, 0, 21, &options));
    }
}

Test(mechanisms, replace_one_doubles_the_squared_sensitivity)
{
    struct sil_fit_options options = kit_options(SIL_AIM, "2");
    options.neighbours = SIL_REPLACE_ONE;
    struct sil_model *model = kit_model(FOUR, 4, 1000, 22, &options);
    for (size_t i = 0; i < model->transcript.n_lines; i++) {
        const struct sil_release *line = &model->transcript.line[i];
        if (line->kind == SIL_RELEASE_MEASURE) {
            cr_expect_eq(line->sensitivity, 2);
        }
    }
    cr_expect_not_null(strstr(sil_model_claim(model), "replacing one row"));
    sil_model_free(model);
}

/* ---- what is refused before anything is spent ---- */

Test(mechanisms, options_out_of_range_are_refused)
{
    struct sil_schema *schema = kit_schema(FOUR, 4);
    struct sil_fit_options base = kit_options(SIL_AIM, "1");
    struct sil_fit_options bad[13];
    sil_status want[13];
    for (size_t i = 0; i < N_OF(bad); i++) {
        bad[i] = base;
        want[i] = SIL_ERR_USAGE;
    }
    bad[0].epsilon = NULL;
    bad[1].epsilon = "0";
    bad[2].epsilon = "-1";
    bad[3].epsilon = "10001";
    bad[4].epsilon = "nan";
    want[4] = SIL_ERR_INPUT;
    bad[5].delta = "0";
    bad[6].delta = "1";
    bad[7].max_model_mb = 0;
    bad[8].max_cells = 0;
    bad[9].unledgered = false;
    bad[10].workload = "9";
    bad[11].epsilon = "1e-9";
    want[11] = SIL_ERR_BUDGET;
    bad[12].delta =
        "1e-512"; /* a transcript could hold it and no reader would take it */
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct sil_model *model = NULL;
        /* The file does not exist: nothing private was looked for. */
        cr_expect_eq(
            sil_model_fit(&model, "/nowhere/data.csv", schema, &bad[i], &error),
            want[i], "case %zu: %s", i, error.text);
        cr_expect_null(model);
    }
    sil_schema_free(schema);
}

Test(mechanisms, a_model_too_small_for_the_columns_is_refused)
{
    const uint32_t large[] = {100000, 100000};
    struct sil_schema *schema = kit_schema(large, 2);
    struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "1");
    struct sil_model *model = NULL;
    options.max_model_mb = 1;
    cr_expect_eq(sil_model_fit(&model, "/nowhere/data.csv", schema, &options, &error),
                 SIL_ERR_USAGE);
    cr_expect_not_null(strstr(error.text, "--max-model-mb"), "%s", error.text);
    sil_schema_free(schema);
}

Test(mechanisms, a_missing_table_is_an_input_error_without_a_model)
{
    struct sil_schema *schema = kit_schema(FOUR, 4);
    struct sil_fit_options options = kit_options(SIL_AIM, "1");
    struct sil_model *model = NULL;
    cr_expect_eq(sil_model_fit(&model, "/nowhere/data.csv", schema, &options, &error),
                 SIL_ERR_IO);
    cr_expect_null(model);
    sil_schema_free(schema);
}

/* ---- frozen scores ---- */

Test(mechanisms, freezing_rounds_clamps_and_turns_nonsense_into_nothing)
{
    cr_expect_eq(sil_freeze(0), 0);
    cr_expect_eq(sil_freeze(-3.5), 0);
    cr_expect_eq(sil_freeze(1), 1024);
    cr_expect_eq(sil_freeze(0.25 / 1024), 0);
    cr_expect_eq(sil_freeze(0.75 / 1024), 1);
    cr_expect_eq(sil_freeze(NAN), 0);
    cr_expect_eq(sil_freeze(INFINITY), INT64_C(1) << 45);
    cr_expect_eq(sil_freeze(1e30), INT64_C(1) << 45);
    cr_expect_eq(sil_freeze(-INFINITY), 0);
}
