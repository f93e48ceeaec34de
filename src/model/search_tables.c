// SPDX-License-Identifier: Apache-2.0
#include "model/search_tables.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/model.h"

#include <stdlib.h>

enum { MOST_UNIT_BITS = 8, MOST_WEIGHT_BITS = 20, LINE_CODES = 16 };

static const char *const WHAT = "the search";

/* Where a target lies. Its attributes in its own order; absent ones have steps of 0. */
struct layout {
    size_t first;
    size_t n_cells;
    uint32_t n;
    uint32_t column[3];
    uint32_t size[3];
    uint32_t step[3];
};

/* Columns are the attributes of targets, ascending. */
static sil_status number_columns(struct sil_search *s, uint32_t *column_of,
                                 const struct sil_domain *domain,
                                 const struct sil_target *targets, size_t n,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t t = 0; t < n; t++) {
        for (uint32_t i = 0; i < targets[t].clique.n; i++) {
            column_of[targets[t].clique.attr[i]] = 1;
        }
    }
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        s->n_columns += column_of[a];
    }
    SIL_TRY(sil_alloc(&s->attr, s->n_columns, sizeof *s->attr, WHAT, err));
    SIL_TRY(sil_alloc(&s->movable, s->n_columns, sizeof *s->movable, WHAT, err));
    SIL_TRY(sil_alloc(&s->swappable, s->n_columns, sizeof *s->swappable, WHAT, err));
    uint32_t next = 0;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        if (column_of[a] != 0) {
            s->attr[next] = a;
            column_of[a] = next++;
        }
    }

cleanup:
    return status;
}

/* The attribute of fewest values runs fastest, so that the old and the new cell of a move
 * often share a cache line. */
static struct layout layout_of(const struct sil_domain *domain,
                               const struct sil_clique *clique,
                               const uint32_t *column_of)
{
    struct layout l = {.n = clique->n, .n_cells = sil_clique_cells(domain, clique)};
    for (uint32_t i = 0; i < clique->n; i++) {
        l.column[i] = column_of[clique->attr[i]];
        l.size[i] = domain->sizes[clique->attr[i]];
        l.step[i] = 1;
        for (uint32_t k = 0; k < clique->n; k++) {
            uint32_t other = domain->sizes[clique->attr[k]];
            if (other < l.size[i] || (other == l.size[i] && k > i)) {
                l.step[i] *= other;
            }
        }
    }
    return l;
}

static sil_status lay_out(struct sil_search *s, struct layout *layouts,
                          const struct sil_domain *domain,
                          const struct sil_target *targets, size_t n,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *column_of = NULL;
    SIL_TRY(sil_alloc(&column_of, domain->n_attrs, sizeof *column_of, WHAT, err));
    SIL_TRY(number_columns(s, column_of, domain, targets, n, err));
    for (size_t t = 0; t < n; t++) {
        uint64_t cells = sil_clique_cells(domain, &targets[t].clique);
        if (cells > UINT32_MAX - s->n_cells) {
            status =
                sil_fail(err, SIL_ERR_USAGE,
                         "the tables for a search have more than %u cells", UINT32_MAX);
            goto cleanup;
        }
        layouts[t] = layout_of(domain, &targets[t].clique, column_of);
        layouts[t].first = s->n_cells;
        s->n_cells += cells;
    }

cleanup:
    free(column_of);
    return status;
}

/* Rows start at cache lines when they are short enough to fit in one. */
static size_t stride_of(uint32_t n_columns)
{
    size_t stride = 1;
    while (stride < n_columns) {
        stride += stride < LINE_CODES ? stride : LINE_CODES;
    }
    return stride;
}

size_t sil_search_row_bytes(uint32_t n_attrs)
{
    return stride_of(n_attrs) * sizeof(uint32_t);
}

static sil_status copy_rows(struct sil_search *s, const struct sil_codes *codes,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_codes = 0;
    s->n_rows = codes->n_rows;
    s->stride = stride_of(s->n_columns);
    if (s->n_rows > INT32_MAX || !sil_mul_size(&n_codes, s->n_rows, s->stride)) {
        status =
            sil_fail(err, SIL_ERR_USAGE, "more than %d rows in a search", INT32_MAX);
        goto cleanup;
    }
    SIL_TRY(sil_alloc_aligned(&s->rows, n_codes, sizeof *s->rows, WHAT, err));
    for (uint32_t c = 0; c < s->n_columns; c++) {
        for (size_t row = 0; row < s->n_rows; row++) {
            s->rows[row * s->stride + c] = sil_codes_get(codes, s->attr[c], row);
        }
    }

cleanup:
    return status;
}

static struct sil_face face_of(const struct layout *l, uint32_t i)
{
    struct sil_face face = {.first = (uint32_t)l->first, .step = l->step[i]};
    uint32_t n = 0;
    for (uint32_t k = 0; k < l->n; k++) {
        if (k != i) {
            face.column[n] = l->column[k];
            face.other_step[n++] = l->step[k];
        }
    }
    return face;
}

/* The faces of each column in the order of the targets. */
static sil_status list_faces(struct sil_search *s, const struct layout *layouts,
                             size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&s->first_face, (size_t)s->n_columns + 1, sizeof *s->first_face,
                      WHAT, err));
    for (size_t t = 0; t < n; t++) {
        for (uint32_t i = 0; i < layouts[t].n; i++) {
            s->first_face[layouts[t].column[i] + 1]++;
        }
    }
    for (uint32_t c = 0; c < s->n_columns; c++) {
        s->first_face[c + 1] += s->first_face[c];
    }
    SIL_TRY(
        sil_alloc(&s->faces, s->first_face[s->n_columns], sizeof *s->faces, WHAT, err));
    for (size_t t = 0; t < n; t++) {
        for (uint32_t i = 0; i < layouts[t].n; i++) {
            s->faces[s->first_face[layouts[t].column[i]]++] = face_of(&layouts[t], i);
        }
    }
    for (uint32_t c = s->n_columns; c > 0; c--) {
        s->first_face[c] = s->first_face[c - 1];
    }
    s->first_face[0] = 0;

cleanup:
    return status;
}

static void list_changeable(struct sil_search *s, const struct sil_domain *domain)
{
    for (uint32_t c = 0; c < s->n_columns; c++) {
        bool has_others = false;
        for (size_t f = s->first_face[c]; f < s->first_face[c + 1]; f++) {
            has_others = has_others || s->faces[f].other_step[0] != 0;
        }
        if (domain->sizes[s->attr[c]] > 1) {
            s->movable[s->n_movable++] = c;
            s->swappable[s->n_swappable] = c;
            s->n_swappable += has_others;
        }
    }
}

/* A proposal changes at most four cells of a target; a row more or less in one of weight w
 * changes the sum by less than 2 w S (n + 1), and w <= 2^s u. */
static sil_status choose_bits(struct sil_search *s, const struct layout *layouts,
                              const struct sil_target *targets, size_t n,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t *load = NULL;
    uint64_t largest = 1;
    SIL_TRY(sil_alloc(&load, s->n_columns, sizeof *load, WHAT, err));
    for (size_t t = 0; t < n; t++) {
        for (uint32_t i = 0; i < layouts[t].n; i++) {
            uint64_t *at = &load[layouts[t].column[i]];
            *at += targets[t].weight;
            largest = *at > largest ? *at : largest;
        }
    }
    s->unit_bits = MOST_UNIT_BITS;
    while ((uint64_t)s->n_rows << s->unit_bits >> 31 != 0) {
        s->unit_bits--;
    }
    sil_u128 bound = (sil_u128)largest * (s->n_rows + 1) << (s->unit_bits + 3);
    s->weight_bits = MOST_WEIGHT_BITS;
    while (s->weight_bits > 0 && bound << s->weight_bits >> 63 != 0) {
        s->weight_bits--;
    }
    if (bound << s->weight_bits >> 63 != 0) {
        status = sil_fail(err, SIL_ERR_USAGE, "too many tables for a search");
    }

cleanup:
    free(load);
    return status;
}

/* The place of the next cell in canonical order, in which the last attribute runs fastest;
 * `code` counts along. */
static size_t place_after(size_t at, uint32_t code[3], const struct layout *l)
{
    for (uint32_t k = l->n; k-- > 0;) {
        at += l->step[k];
        if (++code[k] < l->size[k]) {
            break;
        }
        at -= (size_t)l->size[k] * l->step[k];
        code[k] = 0;
    }
    return at;
}

static void scale_target(const struct sil_search *s, const struct layout *l,
                         const struct sil_target *target)
{
    double unit = (double)(UINT64_C(1) << s->unit_bits);
    double top = (double)((uint64_t)target->weight << s->weight_bits);
    double total = 0;
    uint32_t code[3] = {0};
    size_t at = l->first;
    for (size_t i = 0; i < l->n_cells; i++) {
        total += target->table[i];
    }
    for (size_t i = 0; i < l->n_cells; i++) {
        double t = target->table[i] / total * (double)s->n_rows;
        struct sil_search_cell *cell = &s->cells[at];
        cell->diff = -(int32_t)(t * unit + 0.5);
        cell->weight = (uint32_t)(top / (t + 1) + 0.5);
        cell->weight |= target->table[i] > 0 ? 0 : SIL_NO_ROWS;
        at = place_after(at, code, l);
    }
}

static void count_rows(const struct sil_search *s, const struct layout *l)
{
    int32_t unit = INT32_C(1) << s->unit_bits;
    for (size_t i = 0; i < s->n_rows; i++) {
        const uint32_t *row = s->rows + i * s->stride;
        size_t at = l->first + (size_t)row[l->column[0]] * l->step[0] +
                    (size_t)row[l->column[1]] * l->step[1] +
                    (size_t)row[l->column[2]] * l->step[2];
        s->cells[at].diff += unit;
    }
}

sil_status sil_search_init(struct sil_search *s, struct sil_codes *codes,
                           const struct sil_domain *domain,
                           const struct sil_search_targets *targets, unsigned n_threads,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct layout *layouts = NULL;
    const struct sil_target *list = targets->list;
    size_t n = targets->n;
    *s = (struct sil_search){.codes = codes, .n_cells = 1};

    SIL_TRY(sil_alloc(&layouts, n, sizeof *layouts, WHAT, err));
    SIL_TRY(lay_out(s, layouts, domain, list, n, err));
    SIL_TRY(copy_rows(s, codes, err));
    SIL_TRY(list_faces(s, layouts, n, err));
    list_changeable(s, domain);
    SIL_TRY(choose_bits(s, layouts, list, n, err));
    SIL_TRY(sil_alloc_aligned(&s->cells, s->n_cells, sizeof *s->cells, WHAT, err));
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
    for (size_t t = 0; t < n; t++) {
        unsigned before = sil_floating_enter();
        scale_target(s, &layouts[t], &list[t]);
        count_rows(s, &layouts[t]);
        sil_floating_leave(before);
    }

cleanup:
    free(layouts);
    return status;
}

void sil_search_clear(struct sil_search *s)
{
    free(s->cells);
    free(s->rows);
    free(s->attr);
    free(s->faces);
    free(s->first_face);
    free(s->movable);
    free(s->swappable);
    *s = (struct sil_search){0};
}
