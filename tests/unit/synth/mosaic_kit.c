// SPDX-License-Identifier: Apache-2.0
#include "mosaic_kit.h"

#include "support/temp_file.h"
#include "synth/budget.h"
#include "synth/mechanism.h"
#include "synth/release.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct sil_error error;

/* The header of the model's columns, and nothing below it. */
static struct sil_table *empty_table(const struct sil_schema *schema)
{
    struct sil_bytes text = {0};
    struct sil_table *table = NULL;
    const struct sil_csv_options csv = {.delimiter = ','};
    for (uint32_t a = 0; a < sil_schema_n_fields(schema); a++) {
        cr_assert_eq(sil_bytes_printf(&text, &error, "%s%s", a == 0 ? "" : ",",
                                      sil_schema_field_name(schema, a)),
                     SIL_OK);
    }
    struct test_file file = test_file_new(text.data, text.length);
    cr_assert_eq(sil_table_read(&table, file.path, schema, NULL, &csv, NULL, &error),
                 SIL_OK, "%s", error.text);
    test_file_remove(&file);
    sil_bytes_clear(&text);
    return table;
}

static const struct sil_release *line_of(const struct retold *r, size_t i)
{
    cr_assert_lt(i, r->model->transcript.n_lines, "a round is missing");
    return &r->model->transcript.line[i];
}

static void spend(struct retold *r)
{
    mpq_add(r->spent.v, r->spent.v, line_of(r, r->next++)->rho.v);
}

/* docs/mosaic.md: of what the columns left a part for phase 3; the first round of phase 2
 * as if there were eight a column, at most 256. */
static void share(struct retold *r)
{
    const struct sil_mosaic_settings *settings = &r->mosaic->settings;
    uint64_t rounds = 8 * (uint64_t)r->run.domain.n_attrs;
    struct sil_rho rest;
    mpq_init(rest.v);
    mpq_sub(rest.v, r->model->transcript.terms.cap.v, r->spent.v);
    sil_share(&r->late, &rest, settings->late.numerator, settings->late.denominator);
    mpq_sub(rest.v, rest.v, r->late.v);
    sil_share(&r->cost, &rest, 1, rounds < 256 ? rounds : 256);
    mpq_clear(rest.v);
}

void retold_begin(struct retold *r, const struct sil_model *model)
{
    const struct sil_terms *terms = &model->transcript.terms;
    const struct sil_schema *schema = model->transcript.schema;
    struct sil_table *table = empty_table(schema);
    *r = (struct retold){.model = model};
    mpq_init(r->spent.v);
    mpq_init(r->late.v);
    mpq_init(r->cost.v);
    cr_assert_eq(sil_run_open(&r->run, terms, table, schema, 1, NULL, &error), SIL_OK,
                 "%s", error.text);
    sil_table_free(table);
    cr_assert_eq(sil_mosaic_new(&r->mosaic, terms, schema, 1, &error), SIL_OK);

    uint32_t d = r->run.domain.n_attrs;
    const struct sil_release **columns = calloc(d, sizeof(void *));
    for (uint32_t a = 0; a < d; a++) {
        columns[a] = line_of(r, a);
        spend(r);
    }
    cr_assert_eq(sil_mosaic_begin(r->mosaic, columns, &error), SIL_OK, "%s",
                 error.text);
    if (sil_mosaic_n_first(r->mosaic) > d) {
        for (uint32_t a = 0; a < d; a++) {
            columns[a] = line_of(r, r->next);
            spend(r);
        }
        cr_assert_eq(sil_mosaic_begin_again(r->mosaic, columns, &error), SIL_OK, "%s",
                     error.text);
    }
    free((void *)columns);
    cr_assert_not(r->mosaic->has_columns_only, "a run without rounds");
    cr_assert_eq(sil_mosaic_candidates_init(&r->list, &r->run, r->mosaic, &error),
                 SIL_OK);
    share(r);
    cr_assert_eq(sil_mosaic_fit_warm(r->mosaic, &error), SIL_OK, "%s", error.text);
    cr_assert_eq(sil_mosaic_fill(r->mosaic, &error), SIL_OK);
}

void retold_clear(struct retold *r)
{
    sil_mosaic_candidates_clear(&r->list);
    sil_mosaic_free(r->mosaic);
    sil_run_close(&r->run);
    mpq_clear(r->spent.v);
    mpq_clear(r->late.v);
    mpq_clear(r->cost.v);
}

/* ---- a round ---- */

const struct sil_release *retold_choice(const struct retold *r)
{
    return line_of(r, r->next);
}

const struct sil_release *retold_measured(const struct retold *r)
{
    return line_of(r, r->next + 1);
}

static size_t n_left(const struct retold *r)
{
    return r->model->transcript.n_lines - r->next;
}

/* What is left of the cap, shared by the rounds that are left. */
static void cost_of_late_round(struct retold *r)
{
    mpq_sub(r->cost.v, r->model->transcript.terms.cap.v, r->spent.v);
    sil_share(&r->cost, &r->cost, 1, n_left(r) / 2);
}

/* Phase 2 has less than two rounds left: they are one, and the last. */
static void cost_of_round(struct retold *r)
{
    struct sil_rho rest;
    mpq_init(rest.v);
    mpq_sub(rest.v, r->model->transcript.terms.cap.v, r->spent.v);
    mpq_sub(rest.v, rest.v, r->late.v);
    mpq_div_2exp(rest.v, rest.v, 1);
    if (mpq_cmp(rest.v, r->cost.v) < 0) {
        mpq_mul_2exp(r->cost.v, rest.v, 1);
        r->is_last = true;
    }
    mpq_clear(rest.v);
}

/* Cells in proportion to the budget spent. */
static uint64_t cells_allowed(const struct retold *r)
{
    const struct sil_terms *terms = &r->model->transcript.terms;
    double part = mpq_get_d(r->spent.v) / mpq_get_d(terms->cap.v);
    return (uint64_t)(part * (double)(terms->max_model_mb << 17));
}

bool retold_next(struct retold *r)
{
    if (n_left(r) == 0) {
        return false;
    }
    if (r->is_late) {
        cost_of_late_round(r);
        sil_mosaic_allow_all(&r->list);
    } else {
        cost_of_round(r);
        cr_assert_eq(sil_mosaic_allow(&r->list, r->mosaic, cells_allowed(r), &error),
                     SIL_OK);
    }
    cr_assert_eq(
        sil_mosaic_freeze(&r->list, r->mosaic, &retold_measured(r)->sigma2, &error),
        SIL_OK);
    return true;
}

size_t retold_chosen(const struct retold *r)
{
    size_t left = retold_choice(r)->chosen;
    size_t i = 0;
    while (i < r->list.n && (!r->list.item[i].is_allowed || left-- > 0)) {
        i++;
    }
    cr_assert_lt(i, r->list.n, "none of the candidates was chosen");
    return i;
}

/* ---- by another way ---- */

int64_t retold_unit(const struct retold *r)
{
    double sigma = sqrt(mpq_get_d(retold_measured(r)->sigma2.v));
    double noise = sigma * sqrt(2 / 3.14159265358979323846);
    return (int64_t)(noise * (1 << SIL_SCORE_BITS)) / 2;
}

void retold_groupings(struct sil_grouping of[SIL_MOSAIC_ATTRS], const struct retold *r,
                      const struct sil_mosaic_candidate *candidate)
{
    const struct sil_clique *clique = &r->run.clique[candidate->table];
    for (uint32_t k = 0; k < clique->n; k++) {
        of[k] = r->mosaic->columns[clique->attr[k]].levels.level[candidate->level[k]];
    }
}

/* The cell of groups that a cell of values is in, from its number by division. */
static size_t group_cell(size_t cell, const struct sil_grouping *of, uint32_t n)
{
    uint32_t group[SIL_MOSAIC_ATTRS];
    size_t out = 0;
    for (uint32_t k = n; k-- > 0;) {
        uint32_t value = (uint32_t)(cell % of[k].n_values);
        group[k] = of[k].group == NULL ? value : of[k].group[value];
        cell /= of[k].n_values;
    }
    for (uint32_t k = 0; k < n; k++) {
        out = out * of[k].n_groups + group[k];
    }
    return out;
}

int64_t *retold_expected(const struct retold *r,
                         const struct sil_mosaic_candidate *candidate)
{
    struct sil_grouping of[SIL_MOSAIC_ATTRS];
    size_t cells = 0;
    const double *table = sil_local_table(r->mosaic->tables, candidate->table, &cells);
    int64_t *out = calloc(candidate->n_cells, sizeof *out);
    retold_groupings(of, r, candidate);
    for (size_t i = 0; i < cells; i++) {
        size_t at = group_cell(i, of, r->run.clique[candidate->table].n);
        cr_assert_lt(at, candidate->n_cells);
        out[at] += (int64_t)floor(table[i] * (1 << SIL_SCORE_BITS) + 0.5);
    }
    return out;
}

/* ---- after a round ---- */

/* Did the model move no farther than the noise would have hidden? Then rounds cost twice
 * as much. */
static void anneal(struct retold *r, const struct sil_mosaic_candidate *chosen,
                   const int64_t *before, int64_t penalty)
{
    int64_t moved = 0;
    int64_t *now = retold_expected(r, chosen);
    for (size_t i = 0; i < chosen->n_cells; i++) {
        moved += llabs(now[i] - before[i]);
    }
    free(now);
    if (moved <= penalty) {
        mpq_mul_2exp(r->cost.v, r->cost.v, 1);
    }
}

static void learn_early(struct retold *r)
{
    const struct sil_mosaic_candidate *chosen = &r->list.item[retold_chosen(r)];
    int64_t *before = retold_expected(r, chosen);
    cr_assert_eq(sil_mosaic_note(r->mosaic, retold_measured(r), &error), SIL_OK, "%s",
                 error.text);
    if (r->is_last) {
        r->is_late = r->mosaic->settings.late_rounds > 0;
        cr_assert_eq(sil_mosaic_fit_cold(r->mosaic, &error), SIL_OK);
        cr_assert_eq(sil_mosaic_fill(r->mosaic, &error), SIL_OK);
    } else {
        cr_assert_eq(sil_mosaic_fit_warm(r->mosaic, &error), SIL_OK);
        cr_assert_eq(sil_mosaic_fill(r->mosaic, &error), SIL_OK);
        anneal(r, chosen, before, retold_choice(r)->penalty);
    }
    free(before);
}

void retold_learn(struct retold *r)
{
    if (r->is_late) {
        cr_assert_eq(sil_mosaic_learn(r->mosaic, retold_measured(r), &error), SIL_OK,
                     "%s", error.text);
    } else {
        learn_early(r);
    }
    spend(r);
    spend(r);
}

/* ---- whole logs ---- */

static void sum_costs(mpq_t sum, const struct sil_transcript *transcript, size_t from,
                      size_t to)
{
    mpq_set_ui(sum, 0, 1);
    for (size_t i = from; i < to; i++) {
        mpq_add(sum, sum, transcript->line[i].rho.v);
    }
}

void mosaic_expect_phases(const struct sil_model *model)
{
    const struct sil_transcript *transcript = &model->transcript;
    const struct sil_terms *terms = &transcript->terms;
    struct sil_mosaic_settings settings;
    struct sil_rho *cost = NULL;
    struct sil_rho rest;
    mpq_t sum;
    uint32_t d = model->domain.n_attrs;
    mpq_init(rest.v);
    mpq_init(sum);
    sil_mosaic_settings(&settings, terms, d);
    size_t late = transcript->n_lines - 2 * (size_t)settings.late_rounds;
    size_t n_first = sil_mosaic_n_first(model->mosaic);
    cr_assert_gt(late, n_first, "no rounds in phase 2");
    cr_assert_eq((transcript->n_lines - n_first) % 2, 0);
    cr_assert_eq(sil_costs_new(&cost, d, &error), SIL_OK);
    sil_mosaic_column_costs(cost, terms, &terms->cap, &model->domain);
    for (uint32_t a = 0; a < d; a++) {
        cr_expect(mpq_equal(transcript->line[a].rho.v, cost[a].v));
    }
    sum_costs(sum, transcript, 0, n_first);
    mpq_sub(rest.v, terms->cap.v, sum);
    sil_share(&rest, &rest, settings.late.numerator, settings.late.denominator);
    sum_costs(sum, transcript, late, transcript->n_lines);
    cr_expect(mpq_equal(sum, rest.v), "phase 3 has not its part");
    sum_costs(sum, transcript, 0, transcript->n_lines);
    cr_expect(mpq_equal(sum, terms->cap.v), "the cap is not spent");
    sil_costs_free(cost, d);
    mpq_clear(rest.v);
    mpq_clear(sum);
}

void mosaic_expect_order(const struct sil_model *model)
{
    const struct sil_release *line = model->transcript.line;
    uint32_t d = model->domain.n_attrs;
    size_t n_first = sil_mosaic_n_first(model->mosaic);
    for (size_t i = 0; i < n_first; i++) {
        cr_expect_eq(line[i].kind, SIL_RELEASE_MEASURE);
        cr_expect_eq(line[i].clique.n, 1);
        cr_expect_eq(line[i].clique.attr[0], i % d);
        cr_expect_null(line[i].of);
    }
    for (size_t i = n_first; i < model->transcript.n_lines; i += 2) {
        cr_expect_eq(line[i].kind, SIL_RELEASE_SELECT);
        cr_expect_eq(line[i + 1].kind, SIL_RELEASE_MEASURE);
        cr_expect_eq(sil_clique_compare(&line[i].clique, &line[i + 1].clique), 0);
        cr_expect_eq(line[i].of == NULL, line[i + 1].of == NULL);
    }
}
