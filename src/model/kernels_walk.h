// SPDX-License-Identifier: Apache-2.0
/// Kernels on tables: the part of model/kernels_body.h, which see, that walks a pass.
#ifndef SIL_MODEL_KERNELS_WALK_H
#define SIL_MODEL_KERNELS_WALK_H

#include "model/kernels_vector.h"
#include "model/pass.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ---- tables beside each other ---- */

/* Visit the wide table of a detour in order and, beside it, the cell of the term's own. A
 * run along the innermost axis stays at one cell of the own table, or follows it. */
static inline void widen_run(double *wide, const double *own, size_t n, bool follows)
{
    if (follows) {
        (void)memcpy(wide, own, n * sizeof *wide);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        wide[i] = *own;
    }
}

static inline void gather_run(const double *wide, double *own, size_t n, bool follows)
{
    if (follows) {
        kernel_add(own, wide, n);
    } else {
        *own += sum_block(wide, n);
    }
}

static inline void kernel_follow(const struct sil_detour *d, bool is_sum)
{
    size_t index[SIL_CLIQUE_MAX] = {0};
    double *wide = d->table;
    double *own = d->data;
    size_t run = d->extent[0];
    for (size_t left = d->cells / run; left > 0; left--, wide += run) {
        if (is_sum) {
            gather_run(wide, own, run, d->stride[0] != 0);
        } else {
            widen_run(wide, own, run, d->stride[0] != 0);
        }
        uint32_t axis = 1;
        while (axis < d->n_axes && index[axis] + 1 == d->extent[axis]) {
            own -= index[axis] * d->stride[axis];
            index[axis++] = 0;
        }
        if (axis < d->n_axes) {
            own += d->stride[axis];
            index[axis]++;
        }
    }
}

/* ---- the walk ---- */

struct walk {
    const struct sil_pass *pass;
    size_t chunk;
    size_t first[SIL_CLIQUE_MAX + 1]; ///< the chunk's range of each index
    size_t end[SIL_CLIQUE_MAX + 1];
    size_t index[SIL_CLIQUE_MAX + 1];
    double scale[SIL_CLIQUE_MAX + 1]; ///< product of the tables outside the block
    const double *product[SIL_CLIQUE_MAX + 1]; ///< of those within it; NULL: all ones
    double *own[SIL_CLIQUE_MAX + 1];           ///< where a level's product is written
    double *sum[SIL_CLIQUE_MAX + 1];           ///< of what lies below a level
    bool is_fresh[SIL_CLIQUE_MAX + 1];         ///< nothing has been added to it yet
};

static inline double *place(const struct walk *w, const struct sil_operand *o)
{
    double *x = o->data + w->chunk * o->chunk_step;
    for (uint32_t k = 1; k <= o->level; k++) {
        x += w->index[k] * o->stride[k];
    }
    return x;
}

static inline void enter(struct walk *w, uint32_t level)
{
    const struct sil_pass *p = w->pass;
    double scale = level > 0 ? w->scale[level - 1] : 1.0;
    const double *product = level > 0 ? w->product[level - 1] : NULL;
    for (size_t k = p->factor_at[level]; k < p->factor_at[level + 1]; k++) {
        const double *x = place(w, &p->factors[k]);
        if (!p->factors[k].spans) {
            scale *= *x;
        } else if (product == NULL) {
            product = x;
        } else {
            kernel_multiply(w->own[level], product, x, p->block);
            product = w->own[level];
        }
    }
    w->scale[level] = scale;
    w->product[level] = product;
    w->is_fresh[level] = true;
}

static inline void fill_row(const struct walk *w, uint32_t level)
{
    double *row = w->sum[level];
    if (w->product[level] != NULL) {
        kernel_scale(row, w->product[level], w->scale[level], w->pass->block);
        return;
    }
    for (size_t i = 0; i < w->pass->block; i++) {
        row[i] = w->scale[level];
    }
}

/* All of a level below one value of its index is done: hand it on. */
static inline void leave(struct walk *w, uint32_t level)
{
    const struct sil_pass *p = w->pass;
    const double *row = w->sum[level];
    if (level < p->top) {
        return;
    }
    for (size_t k = p->sum_at[level]; k < p->sum_at[level + 1]; k++) {
        double *out = place(w, &p->sums[k]);
        if (p->sums[k].spans) {
            kernel_add(out, row, p->block);
        } else {
            *out += kernel_sum(row, p->block);
        }
    }
    if (level <= p->top) {
        return;
    }
    if (w->is_fresh[level - 1]) {
        (void)memcpy(w->sum[level - 1], row, p->block * sizeof *row);
        w->is_fresh[level - 1] = false;
    } else {
        kernel_add(w->sum[level - 1], row, p->block);
    }
}

/* Set the ranges of the chunk; give the number of blocks to walk. */
static inline size_t begin(struct walk *w, double *work)
{
    const struct sil_pass *p = w->pass;
    size_t n_blocks = 1;
    size_t step = (p->block + LANES - 1) / LANES * LANES;
    for (uint32_t level = 0; level <= p->n_levels; level++) {
        size_t extent = p->extent[level];
        bool is_cut = level > 0 && level == p->cut;
        w->first[level] = is_cut ? extent * w->chunk / p->n_chunks : 0;
        w->end[level] = is_cut ? extent * (w->chunk + 1) / p->n_chunks : extent;
        w->index[level] = w->first[level];
        w->own[level] = work + 2 * level * step;
        w->sum[level] = w->own[level] + step;
        n_blocks *= w->end[level] - w->first[level];
    }
    return n_blocks;
}

/* ---- the innermost level, which is where the time goes ---- */

/* One row: scale x y, into a sum and up into the level above. */
struct row {
    size_t n;
    const double *x;
    const double *y; ///< NULL: all ones
    double scale;
    double *out;   ///< NULL: no sum takes it
    double *up;    ///< NULL: no level takes it
    bool is_fresh; ///< what `up` holds is not to be added to
};

enum { TWO = 1, OUT = 2, UP_STORE = 4, UP_ADD = 8 };

/* `what` is a constant wherever this is called: the compiler leaves one loop each. */
static inline __attribute__((always_inline)) void row_loop(const struct row *r,
                                                           int what)
{
    size_t i = 0;
    for (; i + SIL_WIDTH <= r->n; i += SIL_WIDTH) {
        vec v = LOAD(r->x + i);
        if ((what & TWO) != 0) {
            v = v * LOAD(r->y + i);
        }
        v = v * r->scale;
        if ((what & OUT) != 0) {
            STORE(r->out + i, LOAD(r->out + i) + v);
        }
        if ((what & UP_STORE) != 0) {
            STORE(r->up + i, v);
        }
        if ((what & UP_ADD) != 0) {
            STORE(r->up + i, LOAD(r->up + i) + v);
        }
    }
    for (; i < r->n; i++) {
        double v = (what & TWO) != 0 ? r->x[i] * r->y[i] : r->x[i];
        v = v * r->scale;
        if ((what & OUT) != 0) {
            r->out[i] += v;
        }
        if ((what & (UP_STORE | UP_ADD)) != 0) {
            r->up[i] = (what & UP_ADD) != 0 ? r->up[i] + v : v;
        }
    }
}

static inline void do_row(const struct row *r)
{
    int up = r->up == NULL ? 0 : r->is_fresh ? UP_STORE : UP_ADD;
    switch ((r->y != NULL ? TWO : 0) | (r->out != NULL ? OUT : 0) | up) {
    case OUT: row_loop(r, OUT); break;
    case UP_STORE: row_loop(r, UP_STORE); break;
    case UP_ADD: row_loop(r, UP_ADD); break;
    case OUT | UP_STORE: row_loop(r, OUT | UP_STORE); break;
    case OUT | UP_ADD: row_loop(r, OUT | UP_ADD); break;
    case TWO | OUT: row_loop(r, TWO | OUT); break;
    case TWO | UP_STORE: row_loop(r, TWO | UP_STORE); break;
    case TWO | UP_ADD: row_loop(r, TWO | UP_ADD); break;
    case TWO | OUT | UP_STORE: row_loop(r, TWO | OUT | UP_STORE); break;
    case TWO | OUT | UP_ADD: row_loop(r, TWO | OUT | UP_ADD); break;
    default: break;
    }
}

/* The tables of the innermost level as they move from row to row. */
enum { MOVING_MAX = 6 };

struct moving {
    const double *table[MOVING_MAX]; ///< within the block
    size_t table_step[MOVING_MAX];
    int n_tables;
    const double *number[MOVING_MAX]; ///< outside the block
    size_t number_step[MOVING_MAX];
    int n_numbers;
    double *out; ///< the one sum that takes whole rows
    size_t out_step;
};

/* Whether the innermost level is of the common kind: few tables, and at most one sum that
 * has the axes of the block. */
static inline bool is_common(const struct sil_pass *p)
{
    uint32_t last = p->n_levels;
    size_t n_sums = p->sum_at[last + 1] - p->sum_at[last];
    return last > 0 && p->factor_at[last + 1] - p->factor_at[last] <= MOVING_MAX &&
           (n_sums == 0 || (n_sums == 1 && p->sums[p->sum_at[last]].spans));
}

static inline void set_moving(struct moving *m, const struct walk *w)
{
    const struct sil_pass *p = w->pass;
    uint32_t last = p->n_levels;
    m->n_tables = 0;
    m->n_numbers = 0;
    m->out = NULL;
    m->out_step = 0;
    for (size_t k = p->factor_at[last]; k < p->factor_at[last + 1]; k++) {
        const struct sil_operand *o = &p->factors[k];
        if (o->spans) {
            m->table[m->n_tables] = place(w, o);
            m->table_step[m->n_tables++] = o->stride[last];
        } else {
            m->number[m->n_numbers] = place(w, o);
            m->number_step[m->n_numbers++] = o->stride[last];
        }
    }
    if (p->sum_at[last] < p->sum_at[last + 1]) {
        const struct sil_operand *o = &p->sums[p->sum_at[last]];
        m->out = place(w, o);
        m->out_step = o->stride[last];
    }
}

/* Set x, y and the scale of a row, and move the tables on. */
static inline void next_row(struct row *r, struct moving *m, const struct walk *w)
{
    uint32_t last = w->pass->n_levels;
    r->scale = w->scale[last - 1];
    for (int k = 0; k < m->n_numbers; k++) {
        r->scale *= *m->number[k];
        m->number[k] += m->number_step[k];
    }
    r->x = w->product[last - 1];
    r->y = NULL;
    for (int k = 0; k < m->n_tables; k++) {
        if (r->x == NULL) {
            r->x = m->table[k];
        } else if (r->y == NULL) {
            r->y = m->table[k];
        } else {
            kernel_multiply(w->own[last], r->x, r->y, r->n);
            r->x = w->own[last];
            r->y = m->table[k];
        }
        m->table[k] += m->table_step[k];
    }
    if (r->x == NULL) {
        double *ones = w->own[last];
        for (size_t i = 0; i < r->n; i++) {
            ones[i] = 1;
        }
        r->x = ones;
    }
}

/* All rows of the innermost level below one combination of the others. */
static inline void walk_rows(struct walk *w)
{
    const struct sil_pass *p = w->pass;
    uint32_t last = p->n_levels;
    struct moving m;
    struct row r = {.n = p->block};
    w->index[last] = w->first[last];
    set_moving(&m, w);
    r.up = p->top < last ? w->sum[last - 1] : NULL;
    r.is_fresh = true;
    for (size_t i = w->first[last]; i < w->end[last]; i++) {
        next_row(&r, &m, w);
        r.out = m.out;
        do_row(&r);
        r.is_fresh = false;
        m.out = m.out != NULL ? m.out + m.out_step : NULL;
    }
    w->is_fresh[last - 1] = false;
}

/* The same for any kind of pass, one row at a time. */
static inline void walk_any_rows(struct walk *w)
{
    uint32_t last = w->pass->n_levels;
    for (size_t i = w->first[last]; i < w->end[last]; i++) {
        w->index[last] = i;
        enter(w, last);
        fill_row(w, last);
        leave(w, last);
    }
}

static inline void kernel_walk(const struct sil_pass *p, size_t chunk, double *work)
{
    struct walk w;
    w.pass = p;
    w.chunk = chunk;
    uint32_t last = p->n_levels;
    size_t left = begin(&w, work);
    if (last == 0) {
        walk_any_rows(&w);
        return;
    }

    bool common = is_common(p);
    uint32_t level = 0;
    for (left /= w.end[last] - w.first[last]; left > 0; left--) {
        for (; level < last; level++) {
            enter(&w, level);
        }
        if (common) {
            walk_rows(&w);
        } else {
            walk_any_rows(&w);
        }
        level = last - 1;
        leave(&w, level);
        while (level > 0 && w.index[level] + 1 == w.end[level]) {
            w.index[level] = w.first[level];
            level--;
            leave(&w, level);
        }
        w.index[level]++;
    }
}

#endif
