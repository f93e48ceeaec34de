// SPDX-License-Identifier: Apache-2.0
/* Whole comparisons of tables that fit on paper. */
#include "internal_kit.h"
#include "support/temp_file.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static void expect_near(double value, double expected, const char *what)
{
    cr_expect_lt(fabs(value - expected), 1e-12, "%s: %.15f, not %.15f", what, value,
                 expected);
}

/* True: (0,0) four times, (0,1) and (1,2) twice. Synthetic: (0,0), (1,1), twice (1,2). */
static void compare_known(struct sil_comparison *out, struct sil_model **model,
                          const char *group, unsigned n_threads)
{
    *model = kit_model_of(KIT_TWO, KIT_TRUE);
    kit_compare(out, *model, KIT_TRUE, KIT_SYNTHETIC, group, n_threads);
}

Test(internal_comparison, has_the_errors_that_paper_has)
{
    struct sil_comparison c;
    struct sil_model *model;
    compare_known(&c, &model, NULL, 1);
    cr_expect_eq(c.truth.codes.n_rows, 8U);
    cr_expect_eq(c.synthetic.codes.n_rows, 4U);
    cr_expect(c.from_file);
    expect_near(c.way[0].mean.value, 0.375, "columns");
    expect_near(c.way[0].most.value, 0.5, "largest of the columns");
    expect_near(c.way[1].mean.value, 0.5, "pairs");
    cr_expect_eq(c.way[0].n_mean, 2U);
    cr_expect_eq(c.way[1].n_mean, 1U);
    cr_expect_eq(c.way[2].n_all, 0U);
    cr_expect(isnan(c.way[2].mean.value));
    cr_expect_eq(c.score.n_marginals, 0U);
    expect_near(c.column[0].way[0].value, 0.5, "c0");
    expect_near(c.column[1].way[0].value, 0.25, "c1");
    expect_near(c.column[1].way[1].value, 0.5, "pairs with c1");
    cr_expect(isnan(c.column[0].way[2].value));
    sil_comparison_clear(&c);
    sil_model_free(model);
}

Test(internal_comparison, names_what_is_furthest_off_first)
{
    static const struct sil_off_cell CELLS[4] = {
        {0, 4, 1, {-0.25, 0}},
        {1, 2, 0, {-0.25, 0}},
        {4, 0, 1, {0.25, 0} },
        {5, 2, 2, {0.25, 0} },
    };
    struct sil_comparison c;
    struct sil_model *model;
    compare_known(&c, &model, NULL, 1);
    cr_assert_eq(c.columns.n, 2U);
    cr_expect_eq(c.columns.item[0].clique.attr[0], 0U);
    cr_expect_eq(c.columns.item[1].clique.attr[0], 1U);
    cr_assert_eq(c.pairs.n, 1U);
    cr_assert_eq(c.pairs.item[0].n_cells, 4U); /* two cells are equal: not listed */
    for (size_t k = 0; k < 4; k++) {
        const struct sil_off_cell *cell = &c.pairs.item[0].cell[k];
        cr_expect_eq(cell->cell, CELLS[k].cell, "cell %zu", k);
        cr_expect_eq(cell->n_true, CELLS[k].n_true, "cell %zu", k);
        cr_expect_eq(cell->n_synthetic, CELLS[k].n_synthetic, "cell %zu", k);
        expect_near(cell->difference.value, CELLS[k].difference.value, "a cell");
    }
    sil_comparison_clear(&c);
    sil_model_free(model);
}

Test(internal_comparison, looks_into_groups)
{
    struct sil_comparison c;
    struct sil_model *model;
    compare_known(&c, &model, "c0", 1);
    cr_assert_eq(c.n_groupings, 1U);
    cr_assert_eq(c.grouping[0].n, 2U);
    const struct sil_group *group = c.grouping[0].group;
    cr_expect_eq(group[0].n_true, 6U);
    cr_expect_eq(group[0].n_synthetic, 1U);
    expect_near(group[0].share.value, -0.5, "share of group 0");
    expect_near(group[0].distance[0].value, 1.0 / 3, "within group 0");
    cr_expect_eq(group[1].n_true, 2U);
    cr_expect_eq(group[1].n_synthetic, 3U);
    expect_near(group[1].share.value, 0.5, "share of group 1");
    expect_near(group[1].distance[0].value, 1.0 / 3, "within group 1");
    cr_expect(isnan(group[0].distance[1].value)); /* no pair of other columns */
    sil_comparison_clear(&c);
    sil_model_free(model);
}

Test(internal_comparison, of_a_group_that_one_table_lacks_has_no_figure)
{
    struct sil_comparison c;
    struct sil_model *model = kit_model_of(KIT_TWO, KIT_TRUE);
    kit_compare(&c, model, "c0,c1\n0,0\n1,0\n0,1\n", "c0,c1\n0,0\n0,2\n", "c1", 1);
    const struct sil_group *group = c.grouping[0].group;
    expect_near(group[0].distance[0].value, 0.5, "in both");
    cr_expect(isnan(group[1].distance[0].value), "no synthetic rows");
    cr_expect(isnan(group[2].distance[0].value), "no true rows");
    expect_near(group[2].share.value, 0.5, "and yet a share");
    sil_comparison_clear(&c);
    sil_model_free(model);
}

Test(internal_comparison, of_a_table_with_itself_is_nothing)
{
    struct sil_comparison c;
    struct sil_model *model = kit_model_of(KIT_TWO, KIT_TRUE);
    kit_compare(&c, model, KIT_TRUE, KIT_TRUE, "c0", 2);
    cr_expect_eq(c.way[0].mean.value, 0.0);
    cr_expect_eq(c.way[1].mean.value, 0.0);
    cr_expect_eq(c.pairs.item[0].n_cells, 0U);
    cr_expect_eq(c.grouping[0].group[0].share.value, 0.0);
    /* Eight rows drawn from eight are not those eight: the reference is no zero. */
    cr_expect_gt(c.way[1].mean.reference, 0.0);
    sil_comparison_clear(&c);
    sil_model_free(model);
}

/* What the resamples say, counted again from the rows and how often each is in them. */
static double share_reference(const struct sil_comparison *c, uint32_t column,
                              uint32_t code)
{
    const struct sil_codes *truth = &c->truth.codes;
    double sum = 0;
    for (size_t s = 0; s < SIL_RESAMPLES; s++) {
        double share = 0;
        for (size_t i = 0; i < truth->n_rows; i++) {
            bool is_here = sil_codes_get(truth, column, i) == code;
            double drawn = c->resamples.weight[s][i];
            double off =
                drawn / (double)c->synthetic.codes.n_rows - 1 / (double)truth->n_rows;
            share += is_here ? off : 0;
        }
        sum += fabs(share);
    }
    return sum / SIL_RESAMPLES;
}

Test(internal_comparison, refers_cells_and_groups_to_the_resamples)
{
    struct sil_comparison c;
    struct sil_model *model;
    compare_known(&c, &model, "c1", 1);
    for (uint32_t g = 0; g < 3; g++) {
        expect_near(c.grouping[0].group[g].share.reference, share_reference(&c, 1, g),
                    "a group");
    }
    const struct sil_off_marginal *column = &c.columns.item[0];
    cr_assert_eq(column->clique.attr[0], 0U);
    for (size_t k = 0; k < column->n_cells; k++) {
        expect_near(column->cell[k].difference.reference,
                    share_reference(&c, 0, column->cell[k].cell), "a cell");
    }
    sil_comparison_clear(&c);
    sil_model_free(model);
}

/* 10,000 cells are in the mean, 10,100 are compared and not in it. */
Test(internal_comparison, keeps_large_marginals_out_of_the_mean)
{
    static const char *const MOST[] = {"99", "100"};
    for (size_t i = 0; i < 2; i++) {
        char schema[512];
        struct sil_comparison c;
        (void)snprintf(schema, sizeof schema,
                       "{\"fields\": [{\"name\": \"c0\", \"type\": \"integer\", "
                       "\"constraints\": {\"required\": true, \"minimum\": 0, "
                       "\"maximum\": %s}, \"silhouette\": {\"bins\": \"integers\"}}, "
                       "{\"name\": \"c1\", \"type\": \"integer\", \"constraints\": "
                       "{\"required\": true, \"minimum\": 0, \"maximum\": 99}, "
                       "\"silhouette\": {\"bins\": \"integers\"}}]}",
                       MOST[i]);
        struct sil_model *model = kit_model_of(schema, KIT_TRUE);
        kit_compare(&c, model, KIT_TRUE, KIT_SYNTHETIC, NULL, 1);
        cr_expect_eq(c.way[1].n_compared, 1U);
        cr_expect_eq(c.way[1].n_mean, 1 - i);
        cr_expect_eq((bool)isnan(c.way[1].mean.value), i == 1);
        expect_near(c.pairs.item[0].distance.value, 0.5, "compared all the same");
        sil_comparison_clear(&c);
        sil_model_free(model);
    }
}

/* A table that is sorted: its first half has one value, and a random half has both. */
Test(internal_comparison, takes_random_parts_of_a_sorted_table)
{
    enum { N = 1000, LINE = 6 };

    static const char SCHEMA[] =
        "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\", \"constraints\": "
        "{\"minimum\": 0, \"maximum\": 1}}, {\"name\": \"b\", \"type\": \"integer\", "
        "\"constraints\": {\"minimum\": 0, \"maximum\": 1}}, {\"name\": \"c\", \"type\": "
        "\"integer\", \"constraints\": {\"minimum\": 0, \"maximum\": 1}}]}";
    static char csv[16 + N * LINE];
    struct sil_comparison c;
    size_t used = (size_t)sprintf(csv, "a,b,c\n");
    for (int i = 0; i < N; i++) {
        int code = i >= N / 2;
        used += (size_t)sprintf(csv + used, "%d,%d,%d\n", code, code, code);
    }
    struct sil_model *model = kit_model_of(SCHEMA, csv);
    kit_compare(&c, model, csv, "a,b,c\n0,0,0\n", NULL, 1);
    cr_assert_eq(c.score.percent[6], 50U);
    cr_expect_gt(c.score.part_score[6], 900.0);
    expect_near(c.score.score.value, 500, "one of the two values");
    sil_comparison_clear(&c);
    sil_model_free(model);
}

Test(internal_comparison, does_not_depend_on_threads)
{
    struct sil_comparison one;
    struct sil_comparison many;
    struct sil_model *model;
    compare_known(&one, &model, "c0", 1);
    kit_compare(&many, model, KIT_TRUE, KIT_SYNTHETIC, "c0", 4);
    cr_expect_eq(one.way[1].mean.reference, many.way[1].mean.reference);
    cr_expect_eq(one.grouping[0].group[0].distance[0].reference,
                 many.grouping[0].group[0].distance[0].reference);
    sil_comparison_clear(&one);
    sil_comparison_clear(&many);
    sil_model_free(model);
}

Test(internal_comparison, draws_from_the_model_the_rows_that_sample_gives)
{
    struct sil_error err = {{0}};
    struct sil_comparison drawn;
    struct sil_comparison read;
    struct sil_model *model = kit_model_of(KIT_TWO, KIT_TRUE);
    struct test_file data = test_file_text(KIT_TRUE);
    struct test_file rows = test_file_text("");
    struct sil_sample_options sample = sil_sample_defaults();
    sample.n_rows = 500;
    sample.has_seed = true;
    sample.seed = 9;
    struct sil_comparison_options options = {.data = data.path, .sample = sample};
    cr_assert_eq(sil_comparison_make(&drawn, model, &options, &err), SIL_OK, "%s",
                 err.text);
    cr_assert_eq(sil_model_sample(model, rows.path, &sample, &err), SIL_OK, "%s",
                 err.text);
    options.synthetic = rows.path;
    cr_assert_eq(sil_comparison_make(&read, model, &options, &err), SIL_OK, "%s",
                 err.text);
    cr_expect_eq(drawn.synthetic.codes.n_rows, 500U);
    cr_expect_eq(drawn.way[1].mean.value, read.way[1].mean.value);
    cr_expect_eq(drawn.way[1].mean.reference, read.way[1].mean.reference);
    sil_comparison_clear(&drawn);
    sil_comparison_clear(&read);
    sil_model_free(model);
    test_file_remove(&data);
    test_file_remove(&rows);
}

Test(internal_comparison, refuses_groups_before_it_reads_anything)
{
    static const struct {
        const char *group[2];
        size_t n;
        const char *says;
    } CASES[] = {
        {{"c9"},       1, "no column \"c9\""         },
        {{"c0", "c0"}, 2, "\"c0\" is given twice"    },
        {{"wide"},     1, "a report holds 512 groups"},
    };

    struct sil_error err = {{0}};
    struct sil_comparison c;
    struct sil_model *model = kit_model_of(
        "{\"fields\": [{\"name\": \"c0\", \"type\": \"boolean\"}, {\"name\": \"wide\", "
        "\"type\": \"integer\", \"constraints\": {\"minimum\": 1, \"maximum\": 513, "
        "\"required\": true}, \"silhouette\": {\"bins\": \"integers\"}}]}",
        "c0,wide\ntrue,1\n");
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct sil_comparison_options options = {
            .data = "/nonexistent",
            .sample = sil_sample_defaults(),
            .group = CASES[i].group,
            .n_groups = CASES[i].n,
        };
        cr_expect_eq(sil_comparison_make(&c, model, &options, &err), SIL_ERR_USAGE);
        cr_expect_not_null(strstr(err.text, CASES[i].says), "%s", err.text);
    }
    sil_model_free(model);
}
