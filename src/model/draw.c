// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/graphical_model.h"
#include "model/model.h"
#include "model/query.h"
#include "model/rounding.h"

#include <stdlib.h>
#include <string.h>

/* Rows of one chunk of groups: each chunk draws from a stream of its own, so that the
 * number of threads changes nothing. */
enum { CHUNK_ROWS = 1 << 16 };

/* What one node adds to the rows: the attributes that it does not share with its parent,
 * given those that it does. A cell of its table is base[s] + offset[t]. */
struct drawing {
    const struct sil_graphical_model *model;
    const struct sil_draw *draw;
    struct sil_codes *codes;
    const struct sil_node *node;
    struct sil_clique fresh; ///< by rank: the attributes to draw
    size_t n_given;          ///< cells of the separator
    size_t n_fresh;          ///< cells of the fresh attributes
    double *belief;          ///< of the node's clique
    double *overall;         ///< of the fresh attributes alone
    size_t *base;
    size_t *offset;
    uint32_t *order; ///< rows, grouped by separator value
    uint32_t *value; ///< of each of them, in that order: the fresh cell
    size_t *first;   ///< n_given + 1 starts into `order`
    size_t *chunk;   ///< n_chunks + 1 starts into the groups
    size_t n_chunks;
    uint64_t stream; ///< of the first chunk
};

/* Offsets of all cells of `part` within the table of `whole`, in the order of `part`. */
static void list_offsets(size_t *offset, const struct sil_domain *domain,
                         const struct sil_clique *whole, const struct sil_clique *part)
{
    size_t n = 1;
    offset[0] = 0;
    for (uint32_t i = 0; i < part->n; i++) {
        size_t step = 1;
        for (uint32_t k = whole->n; whole->attr[k - 1] != part->attr[i]; k--) {
            step *= domain->sizes[whole->attr[k - 1]];
        }
        size_t size = domain->sizes[part->attr[i]];
        for (size_t cell = n; cell-- > 0;) {
            for (size_t code = size; code-- > 0;) {
                offset[cell * size + code] = offset[cell] + code * step;
            }
        }
        n *= size;
    }
}

static void sum_overall(struct drawing *d)
{
    (void)memset(d->overall, 0, d->n_fresh * sizeof *d->overall);
    for (size_t s = 0; s < d->n_given; s++) {
        for (size_t t = 0; t < d->n_fresh; t++) {
            d->overall[t] += d->belief[d->base[s] + d->offset[t]];
        }
    }
}

/* Counting sort of the rows by the cell of the separator that they have. `value` holds the
 * cell of each row meanwhile. */
static void group_rows(struct drawing *d)
{
    const struct sil_axes *axes = &d->model->axes;
    size_t n = d->codes->n_rows;
    (void)memset(d->value, 0, n * sizeof *d->value);
    (void)memset(d->first, 0, (d->n_given + 1) * sizeof *d->first);
    for (uint32_t i = 0; i < d->node->separator.n; i++) {
        uint32_t r = d->node->separator.attr[i];
        uint32_t attr = axes->attr_of[r];
        uint32_t size = axes->inner.sizes[r];
        for (size_t row = 0; row < n; row++) {
            d->value[row] = d->value[row] * size + sil_codes_get(d->codes, attr, row);
        }
    }
    for (size_t row = 0; row < n; row++) {
        d->first[d->value[row] + 1]++;
    }
    for (size_t s = 0; s < d->n_given; s++) {
        d->first[s + 1] += d->first[s];
    }
    for (size_t row = 0; row < n; row++) {
        d->order[d->first[d->value[row]]++] = (uint32_t)row;
    }
    for (size_t s = d->n_given; s > 0; s--) {
        d->first[s] = d->first[s - 1];
    }
    d->first[0] = 0;
}

static void cut_chunks(struct drawing *d)
{
    d->n_chunks = 0;
    d->chunk[0] = 0;
    for (size_t s = 1; s <= d->n_given; s++) {
        bool is_full = d->first[s] - d->first[d->chunk[d->n_chunks]] >= CHUNK_ROWS;
        if (is_full || s == d->n_given) {
            d->chunk[++d->n_chunks] = s;
        }
    }
}

/* A group of rows with the same separator value, while they are dealt to cells. */
struct group {
    const struct drawing *d;
    size_t base;      ///< of its cells
    bool is_possible; ///< they have some mass
    double scale;
    struct sil_dealing dealing; ///< of its rows, which stand in no order yet
};

static double weight(const struct group *g, size_t t)
{
    const struct drawing *d = g->d;
    return g->is_possible ? d->belief[g->base + d->offset[t]] : d->overall[t];
}

static double expected(const struct group *g, size_t t)
{
    return weight(g, t) * g->scale;
}

static void find_scale(struct group *g)
{
    double mass = 0;
    g->is_possible = true;
    for (size_t t = 0; t < g->d->n_fresh; t++) {
        mass += weight(g, t);
    }
    g->is_possible = mass > 0;
    for (size_t t = 0; !g->is_possible && t < g->d->n_fresh; t++) {
        mass += weight(g, t);
    }
    g->scale = (double)g->dealing.n / mass;
}

/* Replay 1: whole parts first, and what is left at even distances along the fractions. Where
 * they are much alike, few values of all but the first attribute may have all rows. */
static void deal_systematically(struct group *g)
{
    struct sil_dealing *dealing = &g->dealing;
    double fractions = 0;
    for (size_t t = 0; t < g->d->n_fresh; t++) {
        size_t whole = sil_whole_rows(dealing, expected(g, t));
        fractions += expected(g, t) - (double)whole;
        for (; whole > 0; whole--) {
            sil_deal_row(dealing, (uint32_t)t);
        }
    }

    struct sil_rest last = {0};
    double step = fractions / (double)(dealing->n - dealing->n_dealt);
    double next = sil_word_unit(dealing->reader) * step;
    double reached = 0;
    for (size_t t = 0; t < g->d->n_fresh && dealing->n_dealt < dealing->n; t++) {
        reached += expected(g, t) - (double)sil_whole_rows(dealing, expected(g, t));
        last.cell = weight(g, t) > 0 ? (uint32_t)t : last.cell;
        for (; reached > next && dealing->n_dealt < dealing->n; next += step) {
            sil_deal_row(dealing, (uint32_t)t);
        }
    }
    sil_deal_last(dealing, &last);
}

/* Fractions meet along a tree: those of cells that differ in the last attribute alone, what
 * is left of each such run with that of the next which differs in the last but one, and so
 * on. So what each value of the first attribute expects, of the first two, ..., is rounded
 * to a neighbouring whole number, as each cell is. */
static void deal_pairwise(struct group *g)
{
    const struct drawing *d = g->d;
    const uint32_t *sizes = d->model->axes.inner.sizes;
    struct sil_rest rest[SIL_CLIQUE_MAX] = {{0}};
    uint32_t n_met[SIL_CLIQUE_MAX] = {0};
    uint32_t last = d->fresh.n > 0 ? d->fresh.n - 1 : 0;
    for (size_t t = 0; t < d->n_fresh; t++) {
        sil_deal(&g->dealing, &rest[last], (uint32_t)t, expected(g, t));
        for (uint32_t i = last; i > 0 && ++n_met[i] == sizes[d->fresh.attr[i]]; i--) {
            n_met[i] = 0;
            sil_deal_rest(&g->dealing, &rest[i - 1], &rest[i]);
        }
    }
    sil_deal_last(&g->dealing, &rest[0]);
}

/* Where the k rows of a group go: each cell gets the whole part of its expected count or one
 * row more, and its expected count on average. */
static void apportion(const struct drawing *d, size_t s, size_t k,
                      struct sil_word_reader *reader)
{
    struct group g = {.d = d, .base = d->base[s]};
    g.dealing =
        (struct sil_dealing){.cell = d->value + d->first[s], .n = k, .reader = reader};
    find_scale(&g);
    if (d->draw->rounding == SIL_ROWS_SYSTEMATIC) {
        deal_systematically(&g);
    } else {
        deal_pairwise(&g);
    }
}

static void draw_chunk(const struct drawing *d, size_t chunk)
{
    struct sil_word_reader reader = sil_word_reader(d->draw->words, d->stream + chunk);
    for (size_t s = d->chunk[chunk]; s < d->chunk[chunk + 1]; s++) {
        size_t k = d->first[s + 1] - d->first[s];
        if (k > 0) {
            apportion(d, s, k, &reader);
            sil_words_shuffle(d->value + d->first[s], k, &reader);
        }
    }

    const struct sil_axes *axes = &d->model->axes;
    size_t step = d->n_fresh;
    for (uint32_t i = 0; i < d->fresh.n; i++) {
        uint32_t size = axes->inner.sizes[d->fresh.attr[i]];
        uint32_t attr = axes->attr_of[d->fresh.attr[i]];
        step /= size;
        for (size_t at = d->first[d->chunk[chunk]]; at < d->first[d->chunk[chunk + 1]];
             at++) {
            sil_codes_set(d->codes, attr, d->order[at],
                          (uint32_t)(d->value[at] / step % size));
        }
    }
}

static sil_status draw_node(struct drawing *d, uint32_t j, unsigned n_threads,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_oracle *o = &d->model->state.oracle;
    const struct sil_domain *domain = &d->model->axes.inner;
    static const struct sil_clique NOTHING = {0};

    d->node = &o->tree.nodes[j];
    const struct sil_clique *given =
        d->node->parent != SIL_NO_NODE ? &d->node->separator : &NOTHING;
    d->fresh = sil_clique_subtract(&d->node->clique, given);
    d->n_given = sil_clique_cells(domain, given);
    d->n_fresh = sil_clique_cells(domain, &d->fresh);
    SIL_TRY(sil_alloc_aligned(&d->belief, d->node->cells, sizeof *d->belief, "a node",
                              err));
    SIL_TRY(sil_alloc(&d->overall, d->n_fresh, sizeof *d->overall, "a node", err));
    SIL_TRY(sil_alloc(&d->base, d->n_given, sizeof *d->base, "a node", err));
    SIL_TRY(sil_alloc(&d->offset, d->n_fresh, sizeof *d->offset, "a node", err));
    SIL_TRY(sil_alloc(&d->first, d->n_given + 1, sizeof *d->first, "a node", err));
    SIL_TRY(sil_alloc(&d->chunk, d->n_given + 1, sizeof *d->chunk, "a node", err));
    SIL_TRY(sil_query_node(d->belief, o, j, &d->node->clique, n_threads, err));
    list_offsets(d->base, domain, &d->node->clique, given);
    list_offsets(d->offset, domain, &d->node->clique, &d->fresh);
    sum_overall(d);
    group_rows(d);
    cut_chunks(d);
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
    for (size_t chunk = 0; chunk < d->n_chunks; chunk++) {
        unsigned before = sil_floating_enter();
        draw_chunk(d, chunk);
        sil_floating_leave(before);
    }

cleanup:
    free(d->belief);
    free(d->overall);
    free(d->base);
    free(d->offset);
    free(d->first);
    free(d->chunk);
    return status;
}

sil_status sil_gm_draw(struct sil_codes *codes, const struct sil_graphical_model *model,
                       const struct sil_draw *draw, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *order = NULL;
    uint32_t *value = NULL;
    unsigned before = sil_floating_enter();
    const struct sil_tree *tree = &model->state.oracle.tree;
    *codes = (struct sil_codes){0};

    if (draw->n_rows > UINT32_MAX) {
        status =
            sil_fail(err, SIL_ERR_USAGE, "more than %u rows in one draw", UINT32_MAX);
        goto cleanup;
    }
    SIL_TRY(sil_codes_init(codes, &model->axes.outer, draw->n_rows, err));
    SIL_TRY(sil_alloc(&order, draw->n_rows, sizeof *order, "the rows", err));
    SIL_TRY(sil_alloc(&value, draw->n_rows, sizeof *value, "the rows", err));
    uint64_t stream = SIL_STREAM(SIL_STREAM_MODEL, 0);
    for (uint32_t j = 0; j < tree->n; j++) {
        struct drawing d = {.model = model, .draw = draw, .codes = codes};
        d.order = order;
        d.value = value;
        d.stream = stream;
        sil_progress(draw->progress, "drawing", j, tree->n);
        SIL_TRY(draw_node(&d, j, sil_threads(draw->n_threads), err));
        stream += d.n_chunks;
    }
    sil_progress(draw->progress, "drawing", tree->n, tree->n);

cleanup:
    free(order);
    free(value);
    if (status != SIL_OK) {
        sil_codes_clear(codes);
    }
    sil_floating_leave(before);
    return status;
}
