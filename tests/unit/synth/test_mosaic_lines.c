// SPDX-License-Identifier: Apache-2.0
/* Models of Mosaic whose lines are not those of a run: refused with a reason, whatever the
 * checksum says. */
#include "privacy/gauss.h"
#include "support/property.h"
#include "synth/model_object.h"
#include "synth/release.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

static const uint32_t THREE[] = {12, 4, 3};
static struct sil_error error;

static struct sil_model *model_of(const char *epsilon, size_t n_rows, uint64_t seed)
{
    struct sil_fit_options options = kit_options(SIL_MOSAIC, epsilon);
    options.n_threads = 1;
    return kit_model(THREE, 3, n_rows, seed, &options);
}

/* The bytes of a model, and a model of bytes. */
static struct sil_bytes bytes_of(struct sil_model *model)
{
    struct sil_bytes bytes = {0};
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK, "%s", error.text);
    sil_model_free(model);
    return bytes;
}

static struct sil_model *model_from(const struct sil_bytes *bytes)
{
    struct sil_model *model = NULL;
    cr_assert_eq(sil_model_decode(&model, bytes->data, bytes->length, 1, &error),
                 SIL_OK, "%s", error.text);
    return model;
}

/* Written with the lines as they are now, and read: what the reader says. */
static sil_status read_again(struct sil_model *model, bool is_fitted_anew)
{
    struct sil_bytes bytes = {0};
    struct sil_model *again = NULL;
    error.text[0] = '\0';
    sil_bytes_clear(&model->encoding);
    cr_assert_eq(sil_transcript_encode(&model->encoding, &model->transcript, &error),
                 SIL_OK, "%s", error.text);
    cr_assert_eq(sil_model_encode(&bytes, model, &error), SIL_OK);
    sil_status status = sil_model_decode(&again, bytes.data, bytes.length, 1, &error);
    if (status == SIL_OK && is_fitted_anew) {
        status = sil_model_refit(again, &error);
    }
    if (status == SIL_OK) {
        struct sil_bytes rows = kit_rows(again, 50, 1);
        sil_bytes_clear(&rows);
    }
    sil_model_free(again);
    sil_bytes_clear(&bytes);
    return status;
}

/* ---- places ---- */

static struct sil_release *line_at(struct sil_model *model, size_t i)
{
    cr_assert_lt(i, model->transcript.n_lines);
    return &model->transcript.line[i];
}

static size_t first_round(const struct sil_model *model)
{
    return sil_mosaic_n_first(model->mosaic);
}

static size_t first_late(const struct sil_model *model)
{
    return sil_mosaic_first_late(model->mosaic, model->transcript.n_lines);
}

static void swap_lines(struct sil_model *model, size_t i, size_t k)
{
    struct sil_release kept = *line_at(model, i);
    *line_at(model, i) = *line_at(model, k);
    *line_at(model, k) = kept;
}

/* Take a line out to the end, past the lines that count, and its cost with it. */
static void leave_out(struct sil_model *model, size_t i)
{
    struct sil_transcript *transcript = &model->transcript;
    mpq_sub(transcript->spent.v, transcript->spent.v, line_at(model, i)->rho.v);
    for (; i + 1 < transcript->n_lines; i++) {
        swap_lines(model, i, i + 1);
    }
    transcript->n_lines--;
}

/* ---- forgeries ---- */

static void columns_out_of_order(struct sil_model *model)
{
    swap_lines(model, 0, 1);
}

static void a_round_before_the_columns(struct sil_model *model)
{
    swap_lines(model, 2, first_round(model) + 1);
}

static void a_measurement_before_its_choice(struct sil_model *model)
{
    swap_lines(model, first_round(model), first_round(model) + 1);
}

static void a_late_measurement_before_its_choice(struct sil_model *model)
{
    size_t last = model->transcript.n_lines - 1;
    swap_lines(model, last - 1, last);
}

static void a_round_of_the_other_phase(struct sil_model *model)
{
    size_t late = first_late(model);
    swap_lines(model, first_round(model), late);
    swap_lines(model, first_round(model) + 1, late + 1);
}

static void the_last_line_left_out(struct sil_model *model)
{
    leave_out(model, model->transcript.n_lines - 1);
}

static void the_last_round_left_out(struct sil_model *model)
{
    the_last_line_left_out(model);
    the_last_line_left_out(model);
}

static void an_early_round_left_out(struct sil_model *model)
{
    leave_out(model, first_round(model));
    leave_out(model, first_round(model));
}

static void columns_measured_once(struct sil_model *model)
{
    for (size_t i = 0; i < 3; i++) {
        leave_out(model, 3);
    }
}

static void a_column_again_left_out(struct sil_model *model)
{
    leave_out(model, 4);
}

static void all_rounds_left_out(struct sil_model *model)
{
    while (model->transcript.n_lines > first_round(model)) {
        the_last_line_left_out(model);
    }
}

/* Two measurements at half of the cost each: the sums stay. */
static void measured_twice(struct sil_model *model, size_t i)
{
    struct sil_transcript *transcript = &model->transcript;
    struct sil_release *more = NULL;
    cr_assert_eq(sil_transcript_add_line(&more, transcript, &error), SIL_OK);
    struct sil_release *line = line_at(model, i);
    mpq_div_2exp(line->rho.v, line->rho.v, 1);
    mpq_mul_2exp(line->sigma2.v, line->sigma2.v, 1);
    line->shift = sil_gauss_shift_of(&line->sigma2);
    more->kind = line->kind;
    more->clique = line->clique;
    more->sensitivity = line->sensitivity;
    more->shift = line->shift;
    more->n_cells = line->n_cells;
    mpq_set(more->rho.v, line->rho.v);
    mpq_set(more->sigma2.v, line->sigma2.v);
    more->noisy = calloc(line->n_cells, sizeof *more->noisy);
    if (line->of != NULL) {
        more->of = malloc(sil_groupings_size(line->of, line->clique.n));
        sil_groupings_copy(more->of, line->of, line->clique.n);
    }
    for (size_t k = transcript->n_lines - 1; k > i + 1; k--) {
        swap_lines(model, k, k - 1);
    }
}

static void half_a_round_more(struct sil_model *model)
{
    measured_twice(model, first_late(model) - 1);
}

static void half_a_round_more_past_the_tree(struct sil_model *model)
{
    measured_twice(model, model->transcript.n_lines - 1);
}

static void a_column_measured_twice(struct sil_model *model)
{
    measured_twice(model, 0);
}

static void another_column_chosen(struct sil_model *model)
{
    struct sil_release *choice = line_at(model, first_round(model));
    choice->clique =
        sil_clique_single(choice->clique.n == 1 ? !choice->clique.attr[0] : 0);
    free(choice->of);
    choice->of = NULL;
}

/* The first round, early or late, of groups of a column. */
static size_t grouped_round(struct sil_model *model, bool is_late)
{
    size_t i = is_late ? first_late(model) : first_round(model);
    while (line_at(model, i)->of == NULL) {
        i += 2;
    }
    return i;
}

/* Two groups take each other's numbers: as good a partition, and not the column's. */
static void renumber(struct sil_release *line)
{
    uint32_t k = 0;
    while (line->of[k].group == NULL || line->of[k].n_groups < 2) {
        k++;
        cr_assert_lt(k, line->clique.n);
    }
    uint32_t *group = (uint32_t *)(uintptr_t)line->of[k].group;
    for (uint32_t v = 0; v < line->of[k].n_values; v++) {
        group[v] = group[v] < 2 ? 1 - group[v] : group[v];
    }
}

static void groups_of_its_own(struct sil_model *model)
{
    size_t i = grouped_round(model, false);
    renumber(line_at(model, i));
    renumber(line_at(model, i + 1));
}

static void groups_of_its_own_past_the_tree(struct sil_model *model)
{
    size_t i = grouped_round(model, true);
    renumber(line_at(model, i));
    renumber(line_at(model, i + 1));
}

static void groups_other_than_chosen(struct sil_model *model)
{
    renumber(line_at(model, grouped_round(model, false)));
}

static void groups_other_than_chosen_past_the_tree(struct sil_model *model)
{
    renumber(line_at(model, grouped_round(model, true)));
}

/* Half of what measurement `from` cost is taken from it and given to `to`. */
static void move_cost(struct sil_model *model, size_t from, size_t to)
{
    struct sil_release *poorer = line_at(model, from);
    struct sil_release *richer = line_at(model, to);
    mpq_div_2exp(poorer->rho.v, poorer->rho.v, 1);
    mpq_mul_2exp(poorer->sigma2.v, poorer->sigma2.v, 1);
    mpq_add(richer->rho.v, richer->rho.v, poorer->rho.v);
    mpq_inv(richer->sigma2.v, richer->rho.v);
    mpq_div_2exp(richer->sigma2.v, richer->sigma2.v, 1);
    richer->shift = sil_gauss_shift_of(&richer->sigma2);
    poorer->shift = sil_gauss_shift_of(&poorer->sigma2);
}

static void columns_that_share_otherwise(struct sil_model *model)
{
    move_cost(model, 1, 0);
}

static void columns_that_share_otherwise_again(struct sil_model *model)
{
    move_cost(model, 4, 3);
}

/* Three columns come first, twice, then pairs of a choice and its measurement. */
static void rounds_that_share_otherwise(struct sil_model *model)
{
    move_cost(model, first_round(model) + 1, first_round(model) + 3);
}

static void late_rounds_that_share_otherwise(struct sil_model *model)
{
    size_t late = first_late(model);
    move_cost(model, late + 1, late + 3);
}

static const struct forgery {
    const char *name;
    void (*forge)(struct sil_model *model);
    const char *part; ///< of the reason
} FORGERIES[] = {
    {"columns out of order",               columns_out_of_order,                   "measure the columns"           },
    {"a round before the columns",         a_round_before_the_columns,             "measure the columns"           },
    {"a measurement first",                a_measurement_before_its_choice,        "not what was chosen"           },
    {"a late measurement first",           a_late_measurement_before_its_choice,
     "not what was chosen"                                                                                         },
    {"rounds of two phases swapped",       a_round_of_the_other_phase,             "on the tree"                   },
    {"no last line",                       the_last_line_left_out,                 "number of its lines"           },
    {"no last round",                      the_last_round_left_out,                "the sum of its costs"          },
    {"an early round left out",            an_early_round_left_out,                "on the tree"                   },
    {"no rounds",                          all_rounds_left_out,                    "number of its lines"           },
    {"half a round more",                  half_a_round_more,                      "number of its lines"           },
    {"half a round more at the end",       half_a_round_more_past_the_tree,
     "number of its lines"                                                                                         },
    {"a column twice",                     a_column_measured_twice,                "measure the columns"           },
    {"another column chosen",              another_column_chosen,                  "not what was chosen"           },
    {"groups of its own",                  groups_of_its_own,                      "do not follow from its columns"},
    {"groups of its own, late",            groups_of_its_own_past_the_tree,
     "do not follow from its columns"                                                                              },
    {"groups other than chosen",           groups_other_than_chosen,               "not what was chosen"           },
    {"groups other than chosen, late",     groups_other_than_chosen_past_the_tree,
     "not what was chosen"                                                                                         },
    {"rounds that share otherwise",        rounds_that_share_otherwise,            "on the tree"                   },
    {"late rounds that share otherwise",   late_rounds_that_share_otherwise,
     "past the tree"                                                                                               },
    {"columns that share otherwise",       columns_that_share_otherwise,           "cost of a column"              },
    {"columns that share otherwise again", columns_that_share_otherwise_again,
     "cost of a column"                                                                                            },
    {"columns once",                       columns_measured_once,                  "not measured again"            },
    {"a column once",                      a_column_again_left_out,                "not measured again"            },
};

Test(mosaic_lines, that_no_run_gives_are_refused_with_a_reason)
{
    struct sil_bytes bytes = bytes_of(model_of("1", 2000, 91));
    for (size_t i = 0; i < sizeof FORGERIES / sizeof FORGERIES[0]; i++) {
        const struct forgery *forgery = &FORGERIES[i];
        struct sil_model *model = model_from(&bytes);
        size_t n_lines = model->transcript.n_lines;
        cr_assert_eq(first_round(model), 6);
        forgery->forge(model);
        cr_expect_eq(read_again(model, false), SIL_ERR_INPUT, "%s: %s", forgery->name,
                     error.text);
        cr_expect_not_null(strstr(error.text, forgery->part), "%s: %s", forgery->name,
                           error.text);
        if (model->transcript.n_lines < n_lines) {
            model->transcript.n_lines = n_lines;
        }
        sil_model_free(model);
    }
    sil_bytes_clear(&bytes);
}

Test(mosaic_lines, as_they_are_are_read)
{
    struct sil_model *model = model_of("1", 2000, 91);
    cr_expect_eq(read_again(model, true), SIL_OK, "%s", error.text);
    sil_model_free(model);
}

/* A pair of 12 cells takes the place of a column of 12 values. */
Test(mosaic_lines, of_columns_only_measure_no_others)
{
    const struct sil_clique pair = {
        .n = 2, .attr = {1, 2}
    };
    struct sil_model *model = NULL;
    for (uint64_t seed = 92; model == NULL; seed++) {
        model = model_of("0.2", 0, seed);
        if (!model->mosaic->has_columns_only) {
            sil_model_free(model);
            model = NULL;
        }
    }
    size_t i = model->transcript.n_lines;
    do {
        i--;
    } while (line_at(model, i)->clique.attr[0] != 0);
    cr_assert_geq(i, 3);
    line_at(model, i)->clique = pair;
    cr_expect_eq(read_again(model, false), SIL_ERR_INPUT);
    cr_expect_not_null(strstr(error.text, "second cost of a column"), "%s", error.text);
    sil_model_free(model);
}

/* The model's tree without the potentials that its transcript was fitted with. */
Test(mosaic_lines, are_fitted_with_a_potential_each)
{
    struct sil_model *model = model_of("1", 2000, 91);
    struct sil_graphical_model *none = NULL;
    cr_assert_eq(sil_gm_new(&none, &model->mosaic->groups, model->total, &error),
                 SIL_OK);
    sil_mosaic_take(model->mosaic, none);
    cr_expect_eq(read_again(model, false), SIL_ERR_INPUT);
    cr_expect_not_null(strstr(error.text, "has no potential"), "%s", error.text);
    sil_model_free(model);
}

/* The workload has two pairs of as many cells; the third has no table. */
Test(mosaic_lines, on_a_marginal_that_has_no_table_are_refused)
{
    static const uint32_t ALIKE[] = {4, 4, 4};
    struct test_file workload =
        test_file_text("{\"marginals\": [{\"attributes\": [\"c0\", \"c1\"]}, "
                       "{\"attributes\": [\"c1\", \"c2\"]}]}");
    for (int is_late = 0; is_late < 2; is_late++) {
        struct sil_fit_options options = kit_options(SIL_MOSAIC, "1");
        options.workload = workload.path;
        options.n_threads = 1;
        struct sil_model *model = kit_model(ALIKE, 3, 2000, 93, &options);
        size_t i = is_late != 0 ? first_late(model) : first_round(model);
        while (line_at(model, i)->clique.n != 2) {
            i += 2;
        }
        for (size_t k = i; k <= i + 1; k++) {
            line_at(model, k)->clique.attr[0] = 0;
            line_at(model, k)->clique.attr[1] = 2;
            free(line_at(model, k)->of);
            line_at(model, k)->of = NULL;
        }
        line_at(model, i + 1)->n_cells = 16;
        free(line_at(model, i + 1)->noisy);
        line_at(model, i + 1)->noisy = calloc(16, sizeof(int64_t));
        cr_expect_eq(read_again(model, false), SIL_ERR_INPUT, "late %d", is_late);
        cr_expect_not_null(strstr(error.text, "no table"), "late %d: %s", is_late,
                           error.text);
        sil_model_free(model);
    }
    test_file_remove(&workload);
}

/* ---- values ---- */

/* Noisy counts that no draw gives, and that no reader can tell from one: they are read,
 * learnt and fitted, and rows are drawn from what becomes of the tables. */
Test(mosaic_lines, of_any_noisy_counts_are_read_fitted_and_drawn)
{
    static const int64_t EXTREMES[] = {INT64_MIN, INT64_MAX, -1, 0};
    struct test_random random = {.state = 20261122};
    struct sil_bytes bytes[] = {bytes_of(model_of("0.2", 2000, 94)),
                                bytes_of(model_of("1", 2000, 94))};
    for (size_t i = 0; i < test_cases(12); i++) {
        struct sil_model *model = model_from(&bytes[i % 2]);
        for (size_t k = sil_mosaic_n_first(model->mosaic);
             k < model->transcript.n_lines; k++) {
            struct sil_release *line = line_at(model, k);
            for (size_t c = 0; line->kind == SIL_RELEASE_MEASURE && c < line->n_cells;
                 c++) {
                line->noisy[c] = i < 4 ? EXTREMES[i] : EXTREMES[test_below(&random, 4)];
            }
        }
        cr_expect_eq(read_again(model, false), SIL_OK, "case %zu: %s", i, error.text);
        cr_expect_eq(read_again(model, true), SIL_OK, "case %zu: %s", i, error.text);
        sil_model_free(model);
    }
    sil_bytes_clear(&bytes[0]);
    sil_bytes_clear(&bytes[1]);
}

/* ---- bytes ---- */

/* Put the right checksum under changed bytes. */
static void seal(struct sil_bytes *bytes)
{
    static const char LABEL[] = "silhouette/model/v1\n";
    const struct sil_part parts[] = {
        {LABEL,       sizeof LABEL - 1  },
        {bytes->data, bytes->length - 34},
    };
    sil_hash(bytes->data + bytes->length - 32, parts, 2);
}

static void expect_no_harm(const struct sil_bytes *changed, size_t i)
{
    struct sil_model *read = NULL;
    error.text[0] = '\0';
    sil_status status =
        sil_model_decode(&read, changed->data, changed->length, 1, &error);
    if (status == SIL_OK) {
        struct sil_bytes rows = kit_rows(read, 20, 1);
        sil_bytes_clear(&rows);
    } else {
        cr_expect(status == SIL_ERR_INPUT || status == SIL_ERR_UNSUPPORTED, "case %zu",
                  i);
        cr_expect_gt(strlen(error.text), 0, "case %zu", i);
    }
    sil_model_free(read);
}

Test(mosaic_lines, changed_bytes_do_no_harm)
{
    struct test_random random = {.state = 20261123};
    struct sil_bytes bytes = bytes_of(model_of("1", 2000, 95));
    uint8_t *whole = malloc(bytes.length);
    memcpy(whole, bytes.data, bytes.length);
    for (size_t i = 0; i < test_cases(400); i++) {
        memcpy(bytes.data, whole, bytes.length);
        for (uint64_t k = 1 + test_below(&random, 3); k > 0; k--) {
            size_t at = test_below(&random, bytes.length - 34);
            bytes.data[at] = (uint8_t)test_edge_word(&random);
        }
        seal(&bytes);
        expect_no_harm(&bytes, i);
    }
    free(whole);
    sil_bytes_clear(&bytes);
}
