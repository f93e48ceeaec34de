// SPDX-License-Identifier: Apache-2.0
/* Mosaic: the smallest and largest tables it is given, and what does not fit. */
#include "mosaic_kit.h"
#include "num/rational.h"
#include "support/property.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/model_object.h"
#include "synth/sample.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static struct sil_error error;

static struct sil_fit_options options_of(const char *epsilon)
{
    struct sil_fit_options options = kit_options(SIL_MOSAIC, epsilon);
    options.n_threads = 1;
    return options;
}

/* Every line measures a column, and the cap is spent on them. */
static void expect_columns_only(const struct sil_model *model, const char *what)
{
    size_t n = model->transcript.n_lines;
    cr_expect_geq(n, model->domain.n_attrs, "%s", what);
    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(model->transcript.line[i].kind, SIL_RELEASE_MEASURE, "%s", what);
        cr_expect_eq(model->transcript.line[i].clique.n, 1, "%s", what);
    }
    cr_expect(mpq_equal(model->transcript.spent.v, model->transcript.terms.cap.v), "%s",
              what);
}

static bool has_rounds(const struct sil_model *model)
{
    const struct sil_transcript *transcript = &model->transcript;
    return transcript->line[transcript->n_lines - 2].kind == SIL_RELEASE_SELECT;
}

/* The noise decides whether a table without rows seems to have one: of these seeds some see
 * none, some do. */
Test(mosaic_edges, without_rows_the_columns_get_the_rest)
{
    static const uint32_t SMALL[] = {6, 3};
    struct sil_fit_options options = options_of("0.2");
    size_t n_without = 0;
    for (uint64_t seed = 70; seed < 78; seed++) {
        struct sil_model *model = kit_model(SMALL, 2, 0, seed, &options);
        cr_expect_eq(has_rounds(model), model->mosaic->rows >= 1);
        if (!has_rounds(model)) {
            struct sil_bytes rows = kit_rows(model, 20, 1);
            expect_columns_only(model, "no rows");
            cr_expect_gt(sil_model_n_warnings(model), 0);
            sil_bytes_clear(&rows);
            n_without++;
        }
        sil_model_free(model);
    }
    cr_expect_gt(n_without, 0);
    cr_expect_lt(n_without, 8);
}

Test(mosaic_edges, one_column_of_one_value_has_nothing_to_relate)
{
    static const uint32_t ONE[] = {1};
    struct sil_fit_options options = options_of("1");
    struct sil_model *model = kit_model(ONE, 1, 100, 81, &options);
    expect_columns_only(model, "one value");
    cr_expect_float_eq((double)model->rows, 100, 20);
    sil_model_free(model);
}

Test(mosaic_edges, a_column_of_one_value_is_in_no_round)
{
    static const uint32_t TWO[] = {1, 5};
    struct sil_fit_options options = options_of("1");
    struct sil_model *model = kit_model(TWO, 2, 500, 82, &options);
    for (size_t i = sil_mosaic_n_first(model->mosaic); i < model->transcript.n_lines;
         i++) {
        cr_expect_eq(model->transcript.line[i].clique.n, 1);
        cr_expect_eq(model->transcript.line[i].clique.attr[0], 1);
    }
    mosaic_expect_order(model);
    cr_expect(mpq_equal(model->transcript.spent.v, model->transcript.terms.cap.v));
    sil_model_free(model);
}

Test(mosaic_edges, one_column_is_measured_again_and_again)
{
    static const uint32_t ONE[] = {9};
    struct sil_fit_options options = options_of("1");
    struct sil_model *model = kit_model(ONE, 1, 500, 83, &options);
    cr_expect_gt(model->transcript.n_lines, 61);
    mosaic_expect_phases(model);
    mosaic_expect_order(model);
    sil_model_free(model);
}

Test(mosaic_edges, a_column_of_sixty_thousand_values_is_read_back)
{
    static const uint32_t LARGE[] = {60000, 6};
    struct sil_fit_options options = options_of("1");
    options.max_cells = 360000;
    options.max_model_mb = 1;
    struct sil_model *model = kit_model(LARGE, 2, 5000, 84, &options);
    struct sil_model *again = NULL;
    struct sil_bytes bytes = {0};
    mosaic_expect_phases(model);
    cr_expect_leq(sil_gm_tree_cells(sil_model_tree(model)), (1U << 20) / 8);
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK);
    cr_assert_eq(sil_model_decode(&again, bytes.data, bytes.length, 1, &error), SIL_OK,
                 "%s", error.text);
    struct sil_bytes rows = kit_rows(model, 200, 1);
    struct sil_bytes rows_again = kit_rows(again, 200, 1);
    cr_assert_eq(rows.length, rows_again.length);
    cr_expect_arr_eq(rows.data, rows_again.data, rows.length);
    sil_bytes_clear(&rows);
    sil_bytes_clear(&rows_again);
    sil_bytes_clear(&bytes);
    sil_model_free(again);
    sil_model_free(model);
}

/* All pairs of values would be more than the tree may have: it holds groups of them, and
 * what is past it the tables hold. */
Test(mosaic_edges, keeps_its_tree_within_the_size_asked_for)
{
    static const uint32_t LARGE[] = {150, 150, 150, 150};
    struct sil_fit_options options = options_of("20");
    options.max_model_mb = 1;
    options.max_cells = 30000;
    options.workload = "2";
    struct sil_model *model = kit_model(LARGE, 4, 5000, 85, &options);
    uint64_t cells = sil_gm_tree_cells(sil_model_tree(model));
    cr_expect_leq(cells, (1U << 20) / 8);
    cr_expect_gt(cells, 600, "columns only");
    sil_model_free(model);
}

/* Over more than forty columns the pairs of phase 2 make no cycle; the same pair may come
 * again. Past the tree they may. */
Test(mosaic_edges, over_forty_columns_its_tree_is_a_forest)
{
    enum { N = 41 };

    uint32_t sizes[N];
    uint32_t component[N];
    bool is_joined[N][N] = {{false}};
    struct sil_fit_options options = options_of("20");
    size_t n_pairs = 0;
    options.workload = "2";
    for (uint32_t a = 0; a < N; a++) {
        sizes[a] = 2;
        component[a] = a;
    }
    struct sil_model *model = kit_model(sizes, N, 2000, 86, &options);
    size_t late = sil_mosaic_first_late(model->mosaic, model->transcript.n_lines);
    for (size_t i = N + 1; i < late; i += 2) {
        const struct sil_clique *pair = &model->transcript.line[i].clique;
        if (pair->n == 1 || is_joined[pair->attr[0]][pair->attr[1]]) {
            continue;
        }
        uint32_t from = component[pair->attr[0]];
        uint32_t to = component[pair->attr[1]];
        cr_assert_neq(from, to, "line %zu closes a cycle", i);
        is_joined[pair->attr[0]][pair->attr[1]] = true;
        for (uint32_t a = 0; a < N; a++) {
            component[a] = component[a] == from ? to : component[a];
        }
        n_pairs++;
    }
    cr_expect_gt(n_pairs, 20);
    sil_model_free(model);
}

/* 400 columns of a byte a code: the codes of groups and of values, and rows of four bytes a
 * column for the search. */
Test(mosaic_edges, rows_fit_when_their_codes_twice_and_the_search_do)
{
    enum { N = 400, ROW = 2 * N + 4 * N };

    uint32_t sizes[N];
    const struct sil_domain domain = {.n_attrs = N, .sizes = sizes};
    uint64_t memory =
        (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    for (uint32_t a = 0; a < N; a++) {
        sizes[a] = 256;
    }
    cr_expect_eq(sil_rows_fit(&domain, SIL_MOSAIC, memory / ROW, &error), SIL_OK, "%s",
                 error.text);
    cr_expect_eq(sil_rows_fit(&domain, SIL_MOSAIC, memory / ROW + 1, &error),
                 SIL_ERR_USAGE);
    cr_expect_not_null(strstr(error.text, " rows of 2400 bytes each"), "%s",
                       error.text);
    cr_expect_eq(sil_rows_fit(&domain, SIL_AIM, memory / N, &error), SIL_OK, "%s",
                 error.text);
}

Test(mosaic_edges, rows_are_fewer_than_the_search_can_count)
{
    static const uint32_t ONE[] = {2};
    const struct sil_domain domain = {.n_attrs = 1, .sizes = ONE};
    cr_expect_eq(sil_rows_fit(&domain, SIL_MOSAIC, (uint64_t)INT32_MAX + 1, &error),
                 SIL_ERR_USAGE);
    cr_expect_not_null(strstr(error.text, "at most 2147483647 rows at once"), "%s",
                       error.text);
    cr_expect_eq(sil_rows_fit(&domain, SIL_MOSAIC, 1000, &error), SIL_OK);
}

/* A line as a gate would release it: noise of variance 100 on counts of ten. */
static void measured(struct sil_release *line, const struct sil_clique *clique,
                     const struct sil_domain *domain)
{
    *line = (struct sil_release){.kind = SIL_RELEASE_MEASURE, .clique = *clique};
    mpq_init(line->sigma2.v);
    mpq_set_ui(line->sigma2.v, 100, 1);
    line->n_cells = sil_clique_cells(domain, clique);
    line->noisy = calloc(line->n_cells, sizeof *line->noisy);
    cr_assert_not_null(line->noisy);
    for (size_t i = 0; i < line->n_cells; i++) {
        line->noisy[i] = 10;
    }
}

static void forget(struct sil_release *line)
{
    mpq_clear(line->sigma2.v);
    free(line->noisy);
}

/* A pair of 400 x 400 values is more than the megabyte of a tree, one of 400 x 300 is less. */
Test(mosaic_edges, leaves_out_of_its_model_what_the_tree_has_no_room_for)
{
    static const uint32_t LARGE[] = {400, 400, 300};
    static const struct sil_clique PAIRS[] = {
        {.n = 2, .attr = {0, 1}},
        {.n = 2, .attr = {0, 2}},
        {.n = 2, .attr = {1, 2}},
    };
    struct sil_schema *schema = kit_schema(LARGE, 3);
    struct sil_domain domain = sil_schema_domain(schema);
    struct sil_fit_options options = options_of("1");
    struct sil_terms terms;
    struct sil_mosaic *mosaic = NULL;
    struct sil_release lines[6];
    const struct sil_release *columns[] = {&lines[0], &lines[1], &lines[2]};
    options.max_cells = 200000;
    options.max_model_mb = 1;
    options.workload = "2";
    sil_terms_init(&terms);
    cr_assert_eq(sil_terms_of_options(&terms, schema, &options, &error), SIL_OK);
    for (uint32_t i = 0; i < 3; i++) {
        const struct sil_clique column = sil_clique_single(i);
        measured(&lines[i], &column, &domain);
        measured(&lines[3 + i], &PAIRS[i], &domain);
    }
    cr_assert_eq(sil_mosaic_new(&mosaic, &terms, schema, 1, &error), SIL_OK);
    cr_assert_eq(sil_mosaic_begin(mosaic, columns, &error), SIL_OK, "%s", error.text);
    cr_assert_eq(sil_mosaic_note(mosaic, &lines[3], &error), SIL_OK, "%s", error.text);
    cr_expect_eq(mosaic->n_tiles, 0, "160,000 cells");
    cr_assert_eq(sil_mosaic_note(mosaic, &lines[4], &error), SIL_OK, "%s", error.text);
    cr_expect_eq(mosaic->n_tiles, 1, "120,000 cells");
    cr_assert_eq(sil_mosaic_note(mosaic, &lines[5], &error), SIL_OK, "%s", error.text);
    cr_expect_eq(mosaic->n_tiles, 1, "120,000 cells more");
    for (size_t i = 0; i < 6; i++) {
        forget(&lines[i]);
    }
    sil_mosaic_free(mosaic);
    sil_terms_clear(&terms);
    sil_schema_free(schema);
}
