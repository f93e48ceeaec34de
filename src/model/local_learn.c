// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/local_internal.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* How far a cell may move is judged by its count: a part of it, and its square root. The
 * part is RELATIVE, or what the measurement itself says, between LEAST and MOST. */
static const double RELATIVE = 0.25;
static const double RELATIVE_LEAST = 0.05;
static const double RELATIVE_MOST = 0.5;

/* What stays at least: cells of 0 are those that no row may be in. */
static const double REMAINS = 0.02;

/* Sums up to this hold nothing and stay: a ratio to them might not be finite. */
static const double NOTHING = 1e-200;

/* Tables of fewer cells together are not worth a second thread. */
static const size_t SHARED_CELLS = 1 << 17;

/* ---- a table beside the marginal of some of its attributes ---- */

/* Neighbouring attributes that are kept, or that are not, go together; of three, in order:
 * kept, dropped, kept, dropped. What is missing has one value. */
struct shape {
    size_t outer;
    size_t between;
    size_t kept;
    size_t inner;
};

static struct shape shape_of(const uint32_t *sizes, uint32_t n, unsigned kept)
{
    size_t run[4] = {1, 1, 1, 1};
    uint32_t at = 3;
    for (uint32_t k = n; k-- > 0;) {
        bool is_kept = (kept >> k & 1) != 0;
        if (is_kept != (at % 2 == 0)) {
            at--;
        }
        run[at] *= sizes[k];
    }
    return (struct shape){run[0], run[1], run[2], run[3]};
}

/* Eight lanes, so that the order of the sum is the same in any width of vectors. */
static double sum_of(const double *x, size_t n)
{
    double lane[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (size_t l = 0; l < 8; l++) {
            lane[l] += x[i + l];
        }
    }
    for (size_t l = 0; i < n; i++, l++) {
        lane[l] += x[i];
    }
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static void add_run(double *restrict sum, const double *restrict x,
                    const struct shape *s)
{
    if (s->inner == 1) {
        for (size_t k = 0; k < s->kept; k++) {
            sum[k] += x[k];
        }
    } else {
        for (size_t k = 0; k < s->kept; k++) {
            sum[k] += sum_of(x + k * s->inner, s->inner);
        }
    }
}

/* The marginal of what is kept. */
static void sum_out(double *sum, const double *table, const struct shape *s)
{
    (void)memset(sum, 0, s->outer * s->kept * sizeof *sum);
    for (size_t o = 0; o < s->outer; o++) {
        for (size_t b = 0; b < s->between; b++) {
            add_run(sum + o * s->kept, table, s);
            table += s->kept * s->inner;
        }
    }
}

static void multiply_run(double *restrict x, const double *restrict factor,
                         const struct shape *s)
{
    if (s->inner == 1) {
        for (size_t k = 0; k < s->kept; k++) {
            x[k] *= factor[k];
        }
        return;
    }
    for (size_t k = 0; k < s->kept; k++) {
        for (size_t i = 0; i < s->inner; i++) {
            x[k * s->inner + i] *= factor[k];
        }
    }
}

/* Multiply each cell by the factor of the cell of the marginal that it falls into. */
static void multiply(double *table, const double *factor, const struct shape *s)
{
    for (size_t o = 0; o < s->outer; o++) {
        for (size_t b = 0; b < s->between; b++) {
            multiply_run(table, factor + o * s->kept, s);
            table += s->kept * s->inner;
        }
    }
}

/* ---- one measurement of one table ---- */

/* What was measured: the marginal of groups of a clique's attributes. */
struct marginal {
    const struct sil_grouping *of;
    const double *y;
    double variance;
    bool is_judged; ///< how far its cells may move, by itself
};

/* Table i and what it has to become. */
struct lesson {
    struct sil_local_tables *tables;
    size_t i;
    size_t n_groups; ///< cells of the measurement
    double *z;       ///< what they become
    uint32_t *group; ///< of each cell of the table; NULL: its own
    double *scratch; ///< for each thread: cells, then groups
    unsigned n_threads;
};

static void lesson_close(struct lesson *l)
{
    free(l->z);
    free(l->group);
    free(l->scratch);
}

static bool are_values(const struct sil_grouping *of, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        if (!sil_grouping_is_identity(&of[k])) {
            return false;
        }
    }
    return true;
}

/* Threads for the tables that contain table i. */
static unsigned threads_for(const struct sil_local_tables *tables, size_t i)
{
    size_t n = tables->first[i + 1] - tables->first[i];
    size_t cells = 0;
    for (size_t k = tables->first[i]; k < tables->first[i + 1]; k++) {
        cells += tables->n_cells[tables->containing[k]];
    }
    if (cells < SHARED_CELLS) {
        return 1;
    }
    return n < tables->n_threads ? (unsigned)n : tables->n_threads;
}

static sil_status lesson_open(struct lesson *l, struct sil_local_tables *tables,
                              size_t i, const struct sil_grouping *of,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n_attrs = tables->cliques[i].n;
    size_t cells = tables->n_cells[i];
    *l = (struct lesson){.tables = tables, .i = i, .n_groups = cells};
    l->n_threads = threads_for(tables, i);
    if (!are_values(of, n_attrs)) {
        l->n_groups = sil_grouped_cells(of, n_attrs);
        SIL_TRY(sil_alloc(&l->group, cells, sizeof *l->group, "a table", err));
        sil_grouped_index(l->group, of, n_attrs);
    }
    SIL_TRY(sil_alloc(&l->z, l->n_groups, sizeof *l->z, "a table", err));
    SIL_TRY(sil_alloc(&l->scratch, l->n_threads, (cells + l->n_groups) * sizeof *l->z,
                      "a table", err));
cleanup:
    return status;
}

/* Add up cells of table i by groups. */
static void group_cells(double *sum, const double *cells, const struct lesson *l)
{
    size_t n = l->tables->n_cells[l->i];
    if (l->group == NULL) {
        (void)memcpy(sum, cells, n * sizeof *sum);
        return;
    }
    (void)memset(sum, 0, l->n_groups * sizeof *sum);
    for (size_t k = 0; k < n; k++) {
        sum[l->group[k]] += cells[k];
    }
}

/* The square of the part of its count that a cell may move by: where y - q has the variance
 * part^2 q^2 + q + noise, that part for which the squares of y - q add up, each weighted
 * by what it says of it. */
static double squared_part(const double *q, const struct marginal *m, size_t n)
{
    const double guess = RELATIVE * RELATIVE;
    double moved = 0;
    double whole = 0;
    for (size_t g = 0; g < n && m->is_judged; g++) {
        double gap = m->y[g] - q[g];
        double expected = q[g] + m->variance;
        double weight = q[g] / (expected + guess * q[g] * q[g]);
        weight *= weight;
        moved += weight * (gap * gap - expected);
        whole += weight * q[g] * q[g];
    }
    double part = whole > 0 ? moved / whole : guess;
    double least = RELATIVE_LEAST * RELATIVE_LEAST;
    double most = RELATIVE_MOST * RELATIVE_MOST;
    return part < least ? least : part > most ? most : part;
}

/* Between what the table says, q, and what was measured, y: the weight of y is the share
 * of the cell's own uncertainty. */
static void judge(struct lesson *l, const struct marginal *m)
{
    double sum = 0;
    group_cells(l->z, l->tables->table[l->i], l);
    double part = squared_part(l->z, m, l->n_groups);
    for (size_t g = 0; g < l->n_groups; g++) {
        double q = l->z[g];
        if (q > NOTHING) {
            double v = part * q * q + q;
            double z = q + (m->y[g] - q) * (v / (v + m->variance));
            l->z[g] = z > REMAINS * q ? z : REMAINS * q;
        }
        sum += l->z[g];
    }
    for (size_t g = 0; g < l->n_groups; g++) {
        l->z[g] *= l->tables->total / sum;
    }
}

/* Rake a table that contains table i. */
static void rake(const struct lesson *l, size_t t, double *scratch)
{
    const struct sil_local_tables *tables = l->tables;
    const struct sil_clique *clique = &tables->cliques[t];
    size_t n = tables->n_cells[l->i];
    double *cells = scratch;
    double *groups = scratch + n;
    uint32_t sizes[SIL_LOCAL_ATTRS];
    unsigned kept = 0;
    for (uint32_t k = 0; k < clique->n; k++) {
        sizes[k] = tables->domain.sizes[clique->attr[k]];
        kept |= (unsigned)sil_clique_has(&tables->cliques[l->i], clique->attr[k]) << k;
    }
    struct shape shape = shape_of(sizes, clique->n, kept);

    sum_out(cells, tables->table[t], &shape);
    group_cells(groups, cells, l);
    for (size_t g = 0; g < l->n_groups; g++) {
        groups[g] = groups[g] > NOTHING ? l->z[g] / groups[g] : 1;
    }
    for (size_t k = 0; k < n; k++) {
        cells[k] = groups[l->group == NULL ? k : l->group[k]];
    }
    multiply(tables->table[t], cells, &shape);
}

static sil_status learn(struct sil_local_tables *tables, size_t i,
                        const struct marginal *m, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct lesson l;
    SIL_TRY(lesson_open(&l, tables, i, m->of, err));
    judge(&l, m);
    size_t stride = tables->n_cells[i] + l.n_groups;
#pragma omp parallel for schedule(static) num_threads(l.n_threads) if (l.n_threads > 1)
    for (size_t k = tables->first[i]; k < tables->first[i + 1]; k++) {
        unsigned before = sil_floating_enter();
        double *scratch = l.scratch + (size_t)omp_get_thread_num() * stride;
        rake(&l, tables->containing[k], scratch);
        sil_floating_leave(before);
    }
cleanup:
    lesson_close(&l);
    return status;
}

/* ---- a measurement of three attributes ---- */

/* Let the pair without the attribute at place `third`, if it is a table, learn what was
 * measured of it. */
static sil_status learn_without(struct sil_local_tables *tables, size_t i,
                                uint32_t third, const struct marginal *m,
                                struct sil_error *err)
{
    enum { ALL = (1 << SIL_LOCAL_ATTRS) - 1 };

    unsigned mask = ALL - (1u << third);
    struct sil_clique pair = sil_local_part(&tables->cliques[i], mask);
    size_t at = sil_local_find(tables, &pair);
    if (at == SIL_LOCAL_NONE) {
        return SIL_OK;
    }
    struct sil_grouping of[2];
    uint32_t sizes[SIL_LOCAL_ATTRS];
    uint32_t n = 0;
    for (uint32_t k = 0; k < SIL_LOCAL_ATTRS; k++) {
        sizes[k] = m->of[k].n_groups;
        if (k != third) {
            of[n++] = m->of[k];
        }
    }
    double *y = NULL;
    sil_status status =
        sil_alloc(&y, sil_grouped_cells(of, 2), sizeof *y, "a table", err);
    if (status == SIL_OK) {
        struct shape shape = shape_of(sizes, SIL_LOCAL_ATTRS, mask);
        struct marginal of_pair = {of, y, m->variance * sizes[third], m->is_judged};
        sum_out(y, m->y, &shape);
        status = learn(tables, at, &of_pair, err);
    }
    free(y);
    return status;
}

sil_status sil_local_learn(struct sil_local_tables *tables, size_t i,
                           const struct sil_grouping *groupings, const double *y,
                           double variance, bool is_judged, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_clique *clique = &tables->cliques[i];
    struct sil_grouping values[SIL_LOCAL_ATTRS];
    struct marginal m = {groupings == NULL ? values : groupings, y, variance,
                         is_judged};
    bool is_triple = clique->n == SIL_LOCAL_ATTRS;
    unsigned before = sil_floating_enter();

    for (uint32_t k = 0; k < clique->n; k++) {
        values[k] = sil_grouping_identity(tables->domain.sizes[clique->attr[k]]);
    }
    for (uint32_t k = is_triple ? SIL_LOCAL_ATTRS : 0; k-- > 0;) {
        SIL_TRY(learn_without(tables, i, k, &m, err));
    }
    status = learn(tables, i, &m, err);
cleanup:
    sil_floating_leave(before);
    return status;
}
