// SPDX-License-Identifier: Apache-2.0
#include "release/error_bounds.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/scalar.h"
#include "release/error_estimate.h"
#include "release/error_pairs.h"
#include "release/error_theorem.h"

#include <stdlib.h>

struct search {
    struct sil_error_bounds *out;
    size_t capacity;
    const struct sil_model *model;
    const struct sil_codes *rows;
    struct sil_error_lines lines;
    double total_error; ///< of lines.total

    /* Of one marginal at a time. */
    uint32_t *count; ///< rows in each cell: some of them
    uint32_t *apart; ///< and the others
    double *share;
    double *sum;
    double *margin;

    /* Of the pairs that nothing measured. */
    struct sil_error_unmeasured *unmeasured;
    size_t n_unmeasured;
    size_t *item; ///< of each its place in `out`
    double *scaled;
    size_t n_scaled;
};

/* ---- which marginals ---- */

static sil_status add_item(void *search, const struct sil_clique *clique,
                           struct sil_error *err)
{
    struct search *s = search;
    struct sil_error_bounds *out = s->out;
    sil_status status = sil_grow(&out->item, &s->capacity, out->n + 1,
                                 sizeof *out->item, "marginals", err);
    if (status == SIL_OK) {
        struct sil_error_bound *item = &out->item[out->n++];
        item->clique = *clique;
        sil_sigma2_init(&item->sigma2);
    }
    return status;
}

static sil_status list_marginals(struct search *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_error_pairs_left left;
    for (uint32_t a = 0; a < s->model->domain.n_attrs; a++) {
        const struct sil_clique column = sil_clique_single(a);
        SIL_TRY(add_item(s, &column, err));
    }
    SIL_TRY(sil_error_pairs(&left, s->model, s->rows->n_rows, add_item, s, err));
    s->out->n_large = left.n_large;
    s->out->n_left_out = left.n_left_out;
cleanup:
    return status;
}

/* ---- one marginal ---- */

/* cell = cell * size + code, for some rows of a column. */
static void add_codes(uint32_t *cell, const struct sil_codes *rows, uint32_t attr,
                      uint32_t size, size_t first, size_t n)
{
    const void *column = rows->column[attr];
    switch (rows->width[attr]) {
    case 1:
        for (size_t i = 0; i < n; i++) {
            cell[i] = cell[i] * size + ((const uint8_t *)column)[first + i];
        }
        break;
    case 2:
        for (size_t i = 0; i < n; i++) {
            cell[i] = cell[i] * size + ((const uint16_t *)column)[first + i];
        }
        break;
    default:
        for (size_t i = 0; i < n; i++) {
            cell[i] = cell[i] * size + ((const uint32_t *)column)[first + i];
        }
    }
}

/* Into two tables that belong together: rows often fall where the one before fell, and one
 * increment would wait for the other. */
static void count_rows(uint32_t *count, uint32_t *apart, const struct sil_codes *rows,
                       const struct sil_domain *domain, const struct sil_clique *clique)
{
    enum { BLOCK = 2048 };

    for (size_t first = 0; first < rows->n_rows; first += BLOCK) {
        uint32_t cell[BLOCK] = {0};
        size_t n = rows->n_rows - first < BLOCK ? rows->n_rows - first : BLOCK;
        for (uint32_t k = 0; k < clique->n; k++) {
            uint32_t attr = clique->attr[k];
            add_codes(cell, rows, attr, domain->sizes[attr], first, n);
        }
        for (size_t i = 0; i + 1 < n; i += 2) {
            count[cell[i]]++;
            apart[cell[i + 1]]++;
        }
        if (n % 2 != 0) {
            count[cell[n - 1]]++;
        }
    }
}

/* Shares of the cells of a table of groups (or values), scaled. */
static void find_shares(double *share, struct search *s,
                        const struct sil_clique *clique, const struct sil_grouping *of,
                        double scale)
{
    const struct sil_domain *domain = &s->model->domain;
    size_t n = (size_t)sil_clique_cells(domain, clique);
    size_t n_second = clique->n == 2 ? domain->sizes[clique->attr[1]] : 1;
    double unit = scale / (double)s->rows->n_rows;
    for (size_t i = 0; i < n; i++) {
        s->count[i] = 0;
        s->apart[i] = 0;
    }
    count_rows(s->count, s->apart, s->rows, domain, clique);
    for (size_t i = 0; i < n; i++) {
        size_t cell = i;
        if (of != NULL) {
            cell = sil_group_of(&of[0], (uint32_t)(i / n_second));
            if (clique->n == 2) {
                cell = cell * of[1].n_groups +
                       sil_group_of(&of[1], (uint32_t)(i % n_second));
            }
        }
        share[cell] += (s->count[i] + s->apart[i]) * unit;
    }
}

static void note_support(struct sil_error_bound *item, const struct search *s,
                         const struct sil_error_support *support)
{
    const struct sil_release *line = &s->model->transcript.line[support->best];
    mpq_t cells;
    mpq_init(cells);
    mpq_set_ui(cells, line->n_cells, support->n_cells);
    mpq_canonicalize(cells);
    mpq_mul(item->sigma2.v, line->sigma2.v, cells);
    mpq_clear(cells);
    item->kind = support->is_grouped ? SIL_BOUND_GROUPED : SIL_BOUND_SUPPORTED;
    item->line = support->best;
    for (uint32_t k = 0; k < item->clique.n; k++) {
        item->value[k] = support->of[k].n_groups;
    }
}

/* Of the two columns, which stand first, together: their noise is not the same. */
static double bound_of_columns(const struct search *s, const struct sil_clique *pair)
{
    double first = s->out->item[pair->attr[0]].bound;
    double second = s->out->item[pair->attr[1]].bound;
    return sil_sqrt(first * first + second * second) / SIL_ERROR_UNIT;
}

static void note_shape(struct sil_error_evidence *e, const struct search *s,
                       const struct sil_clique *pair,
                       const struct sil_error_support *support)
{
    e->is_loosely_held = true;
    e->shape[0] = support->of[0].n_groups;
    e->shape[1] = support->of[1].n_groups;
    e->margin = s->margin;
    e->columns = bound_of_columns(s, pair);
}

static sil_status bound_measured(struct sil_error_bound *item, struct search *s,
                                 const struct sil_error_support *support,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_error_evidence e = {.n_cells = support->n_cells,
                                   .share = s->share,
                                   .total = s->model->total,
                                   .proved_total = s->lines.total,
                                   .total_error = s->total_error,
                                   .sum = s->sum};
    if (s->model->mosaic != NULL && item->clique.n > 1) {
        note_shape(&e, s, &item->clique, support);
    }
    note_support(item, s, support);
    if (support->n_cells < 2) {
        return SIL_OK; /* one cell holds everything, here and there */
    }
    for (size_t i = 0; i < support->n_cells; i++) {
        s->share[i] = 0;
        s->sum[i] = 0;
    }
    find_shares(s->share, s, &item->clique, support->of, 1);
    SIL_TRY(
        sil_error_read(&s->lines, support, &item->clique, sil_error_gather, &e, err));
    double variance = mpq_get_d(item->sigma2.v);
    item->noise = sil_error_round(sil_error_of_noise(e.n_cells, variance, e.total));
    item->proved = sil_error_round(sil_error_proved(&e));
    item->bound = sil_error_round(sil_error_calibrated(&e));
    item->bound = item->bound < item->proved ? item->bound : item->proved;
cleanup:
    return status;
}

/* ---- pairs that nothing measured ---- */

static bool is_asked(const struct search *s, size_t n_cells)
{
    return s->model->transcript.terms.mechanism == SIL_AIM && s->lines.total >= 1 &&
           n_cells <= SIL_ERROR_ASKED_MAX - s->n_scaled;
}

static void note_unmeasured(struct search *s, size_t i)
{
    struct sil_error_bound *item = &s->out->item[i];
    size_t n = (size_t)sil_clique_cells(&s->model->domain, &item->clique);
    item->kind = SIL_BOUND_NONE;
    item->bound = SIL_ERROR_UNIT;
    item->proved = SIL_ERROR_UNIT;
    if (item->clique.n == 2 && is_asked(s, n)) {
        s->item[s->n_unmeasured] = i;
        s->unmeasured[s->n_unmeasured++] =
            (struct sil_error_unmeasured){.clique = item->clique, .n_cells = n};
        s->n_scaled += n;
    }
}

static sil_status bound_unmeasured(struct search *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    double *next = NULL;
    if (s->n_unmeasured == 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_alloc(&s->scaled, s->n_scaled, sizeof *s->scaled, "marginals", err));
    next = s->scaled;
    for (size_t i = 0; i < s->n_unmeasured; i++) {
        struct sil_error_unmeasured *pair = &s->unmeasured[i];
        find_shares(next, s, &pair->clique, NULL, s->lines.total);
        pair->rows = next;
        next += pair->n_cells;
    }
    SIL_TRY(sil_error_theorem(s->unmeasured, s->n_unmeasured, s->model, err));
    for (size_t i = 0; i < s->n_unmeasured; i++) {
        const struct sil_error_unmeasured *pair = &s->unmeasured[i];
        struct sil_error_bound *item = &s->out->item[s->item[i]];
        double distance = pair->distance + s->total_error;
        if (pair->is_bounded) {
            item->kind = SIL_BOUND_THEOREM;
            item->proved = sil_error_round(distance / (2 * s->lines.total));
            item->bound = item->proved;
        }
    }
cleanup:
    return status;
}

/* ---- all ---- */

static sil_status check(const struct sil_model *model, const struct sil_codes *rows,
                        struct sil_error *err)
{
    bool is_same = rows->n_attrs == model->domain.n_attrs;
    for (uint32_t a = 0; a < model->domain.n_attrs && is_same; a++) {
        is_same = rows->width[a] == sil_codes_width(model->domain.sizes[a]);
    }
    if (!is_same || rows->n_rows == 0) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "error bounds need rows of the model's domain, one or more");
    }
    return SIL_OK;
}

static sil_status search_open(struct search *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t most = SIL_ERROR_CELLS_MAX;
    for (uint32_t a = 0; a < s->model->domain.n_attrs; a++) {
        uint32_t size = s->model->domain.sizes[a];
        most = size > most ? size : most;
    }
    SIL_TRY(sil_error_lines_init(&s->lines, s->model, err));
    s->total_error = s->lines.total_rounding +
                     SIL_ERROR_ROWS_QUANTILE * sil_sqrt(s->lines.total_variance);
    SIL_TRY(list_marginals(s, err));
    SIL_TRY(sil_alloc(&s->count, most, sizeof *s->count, "marginals", err));
    SIL_TRY(sil_alloc(&s->apart, most, sizeof *s->apart, "marginals", err));
    SIL_TRY(sil_alloc(&s->share, most, sizeof *s->share, "marginals", err));
    SIL_TRY(sil_alloc(&s->sum, most, sizeof *s->sum, "marginals", err));
    SIL_TRY(sil_alloc(&s->margin, 2 * most, sizeof *s->margin, "marginals", err));
    SIL_TRY(
        sil_alloc(&s->unmeasured, s->out->n, sizeof *s->unmeasured, "marginals", err));
    SIL_TRY(sil_alloc(&s->item, s->out->n, sizeof *s->item, "marginals", err));
cleanup:
    return status;
}

static void search_close(struct search *s)
{
    sil_error_lines_clear(&s->lines);
    free(s->count);
    free(s->apart);
    free(s->share);
    free(s->sum);
    free(s->margin);
    free(s->unmeasured);
    free(s->item);
    free(s->scaled);
}

static sil_status find(struct search *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_error_support support;
    SIL_TRY(check(s->model, s->rows, err));
    SIL_TRY(search_open(s, err));
    for (size_t i = 0; i < s->out->n; i++) {
        struct sil_error_bound *item = &s->out->item[i];
        sil_error_support_find(&support, &s->lines, &s->model->domain, &item->clique);
        if (support.is_measured) {
            SIL_TRY(bound_measured(item, s, &support, err));
        } else {
            note_unmeasured(s, i);
        }
    }
    SIL_TRY(bound_unmeasured(s, err));
cleanup:
    return status;
}

sil_status sil_error_bounds_find(struct sil_error_bounds *out,
                                 const struct sil_model *model,
                                 const struct sil_codes *rows, struct sil_error *err)
{
    unsigned before = sil_floating_enter();
    struct search s = {.out = out, .model = model, .rows = rows};
    *out = (struct sil_error_bounds){0};
    sil_status status = find(&s, err);
    search_close(&s);
    sil_floating_leave(before);
    return status;
}

void sil_error_bounds_clear(struct sil_error_bounds *bounds)
{
    for (size_t i = 0; i < bounds->n; i++) {
        sil_sigma2_clear(&bounds->item[i].sigma2);
    }
    free(bounds->item);
    *bounds = (struct sil_error_bounds){0};
}
