// SPDX-License-Identifier: Apache-2.0
#include "synth/made.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/made_shares.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "rows made to order";

struct maker {
    struct sil_made *made;
    const struct sil_schema *schema;
    const struct sil_sample_options *options;
    struct sil_test_place *places; ///< of the condition's tests
    const struct sil_test **tests; ///< of one column
    struct sil_sample_fault *fault;
    struct sil_error *err;
};

/* ---- what is asked for ---- */

static sil_status parse_condition(struct maker *m)
{
    const char *text = m->options->where;
    if (text == NULL) {
        return SIL_OK;
    }
    sil_status status = sil_condition_parse(&m->made->condition, text, m->schema, true,
                                            "--where", &m->fault->column, m->err);
    m->fault->text = status == SIL_OK ? NULL : text;
    return status;
}

static sil_status parse_one(struct maker *m, const char *text)
{
    struct sil_made *made = m->made;
    struct sil_shares *shares = &made->shares[made->n_shares];
    sil_status status = sil_shares_parse(shares, text, m->schema, "--rebalance",
                                         &m->fault->column, m->err);
    for (size_t i = 0; status == SIL_OK && i < made->n_shares; i++) {
        if (made->shares[i].attr == shares->attr) {
            m->fault->column = 1;
            status = sil_fail(m->err, SIL_ERR_USAGE,
                              "--rebalance: '%.80s' is rebalanced twice, by itself or "
                              "by what follows from it: give its shares at once",
                              sil_schema_field_name(m->schema, shares->attr));
            sil_shares_clear(shares);
        }
    }
    m->fault->text = status == SIL_OK ? NULL : text;
    made->n_shares += status == SIL_OK;
    return status;
}

static sil_status parse_shares(struct maker *m)
{
    sil_status status = SIL_OK;
    if (m->options->n_rebalance > SIL_REBALANCE_MAX) {
        return sil_fail(m->err, SIL_ERR_USAGE,
                        "--rebalance: at most %d columns at once", SIL_REBALANCE_MAX);
    }
    SIL_TRY(sil_alloc(&m->made->shares, m->options->n_rebalance,
                      sizeof *m->made->shares, WHAT, m->err));
    for (size_t i = 0; i < m->options->n_rebalance; i++) {
        SIL_TRY(parse_one(m, m->options->rebalance[i]));
    }

cleanup:
    return status;
}

static sil_status parse_fair(struct maker *m)
{
    const char *text = m->options->fair;
    if (text == NULL) {
        return SIL_OK;
    }
    sil_status status =
        sil_fair_parse(&m->made->fair, text, m->made->model, &m->fault->column, m->err);
    m->fault->text = status == SIL_OK ? NULL : text;
    return status;
}

/* ---- columns ---- */

static void add_column(struct sil_made *made, uint32_t attr)
{
    size_t i = sil_made_column(made, attr);
    made->attrs[i] = attr;
    made->n_columns += i == made->n_columns;
}

/* All tests on a column: those of the condition, whose places are noted, then those of its
 * shares. */
static size_t list_tests(struct maker *m, size_t column)
{
    const struct sil_made *made = m->made;
    size_t n = 0;
    for (size_t t = 0; t < made->condition.n_tests; t++) {
        if (made->condition.test[t].attr == made->attrs[column]) {
            m->places[t] = (struct sil_test_place){column, n};
            m->tests[n++] = &made->condition.test[t];
        }
    }
    for (size_t s = 0; s < made->n_shares; s++) {
        const struct sil_shares *shares = &made->shares[s];
        for (size_t k = 0; shares->attr == made->attrs[column] && k < shares->n; k++) {
            m->tests[n++] = &shares->group[k].test;
        }
    }
    return n;
}

static sil_status cut_columns(struct maker *m)
{
    sil_status status = SIL_OK;
    struct sil_made *made = m->made;
    size_t n_tests = made->condition.n_tests;
    for (size_t s = 0; s < made->n_shares; s++) {
        n_tests += made->shares[s].n;
    }
    SIL_TRY(sil_alloc(&made->attrs, n_tests, sizeof *made->attrs, WHAT, m->err));
    SIL_TRY(sil_alloc(&m->places, n_tests, sizeof *m->places, WHAT, m->err));
    SIL_TRY(sil_alloc((void *)&m->tests, n_tests, sizeof *m->tests, WHAT, m->err));
    for (size_t t = 0; t < made->condition.n_tests; t++) {
        add_column(made, made->condition.test[t].attr);
    }
    for (size_t s = 0; s < made->n_shares; s++) {
        add_column(made, made->shares[s].attr);
    }
    SIL_TRY(sil_alloc(&made->columns, made->n_columns, sizeof *made->columns, WHAT,
                      m->err));
    for (size_t c = 0; c < made->n_columns; c++) {
        size_t n = list_tests(m, c);
        SIL_TRY(sil_pieces_make(&made->columns[c],
                                sil_schema_field(m->schema, made->attrs[c]), m->tests,
                                n, m->err));
    }

cleanup:
    return status;
}

static sil_status find_boxes(struct maker *m)
{
    sil_status status = SIL_OK;
    struct sil_made *made = m->made;
    status = sil_boxes_find(&made->boxes, &made->condition, m->places, made->columns,
                            made->n_columns, m->err);
    if (status == SIL_ERR_USAGE) {
        m->fault->text = m->options->where;
        return sil_fail_within(m->err, status, "--where");
    }
    SIL_TRY(status);
    SIL_TRY(
        sil_alloc(&made->tilt, made->boxes.n_flags, sizeof *made->tilt, WHAT, m->err));
    SIL_TRY(sil_alloc(&made->part, made->boxes.n, sizeof *made->part, WHAT, m->err));
    for (size_t k = 0; k < made->boxes.n_flags; k++) {
        made->tilt[k] = 1;
    }

cleanup:
    return status;
}

sil_status sil_made_new(struct sil_made **out, const struct sil_model *model,
                        const struct sil_sample_options *options,
                        struct sil_sample_fault *fault, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_made *made = NULL;
    struct maker m = {.schema = model->transcript.schema,
                      .options = options,
                      .fault = fault,
                      .err = err};
    *out = NULL;
    *fault = (struct sil_sample_fault){0};

    SIL_TRY(sil_alloc(&made, 1, sizeof *made, WHAT, err));
    made->model = model;
    m.made = made;
    SIL_TRY(parse_condition(&m));
    SIL_TRY(parse_shares(&m));
    SIL_TRY(parse_fair(&m));
    SIL_TRY(cut_columns(&m));
    SIL_TRY(find_boxes(&m));
    SIL_TRY(sil_made_weigh(made, options, fault, err));
    *out = made;
    made = NULL;

cleanup:
    free(m.places);
    free((void *)m.tests);
    sil_made_free(made);
    return status;
}

void sil_made_free(struct sil_made *made)
{
    if (made == NULL) {
        return;
    }
    sil_condition_clear(&made->condition);
    for (size_t s = 0; s < made->n_shares; s++) {
        sil_shares_clear(&made->shares[s]);
    }
    for (size_t c = 0; made->columns != NULL && c < made->n_columns; c++) {
        sil_pieces_clear(&made->columns[c]);
    }
    free(made->shares);
    free(made->attrs);
    free(made->columns);
    sil_boxes_clear(&made->boxes);
    free(made->tilt);
    free(made->part);
    free(made->fair_log);
    free(made);
}

/* ---- weights ---- */

static double weight_of(const struct sil_made *made, size_t box, size_t i,
                        const struct sil_piece *piece)
{
    return sil_box_allows(&made->boxes, box, i, piece->class)
               ? sil_piece_share(piece) * made->tilt[made->boxes.base[i] + piece->class]
               : 0;
}

/* Within a group of Mosaic's tree the values are independent of everything else and have fixed
 * proportions: the weight of a group is the mean of theirs. */
static void lower(double *coarse, const struct sil_model *model, uint32_t attr,
                  const double *fine, uint32_t n_codes)
{
    const struct sil_mosaic *m = model->mosaic;
    if (m == NULL) {
        (void)memcpy(coarse, fine, n_codes * sizeof *coarse);
        return;
    }
    for (uint32_t g = 0; g < m->of[attr].n_groups; g++) {
        coarse[g] = 0;
    }
    for (uint32_t code = 0; code < n_codes; code++) {
        coarse[sil_group_of(&m->of[attr], code)] += fine[code] * m->p[attr][code];
    }
    for (uint32_t g = 0; g < m->of[attr].n_groups; g++) {
        coarse[g] /= m->columns[attr].mass[g];
    }
}

void sil_made_weights(double *fine, double *coarse, const struct sil_made *made,
                      size_t box, size_t i)
{
    const struct sil_pieces *column = &made->columns[i];
    for (uint32_t code = 0; code < column->n_codes; code++) {
        fine[code] = 0;
    }
    for (size_t k = 0; k < column->n; k++) {
        fine[column->piece[k].code] += weight_of(made, box, i, &column->piece[k]);
    }
    lower(coarse, made->model, made->attrs[i], fine, column->n_codes);
}
