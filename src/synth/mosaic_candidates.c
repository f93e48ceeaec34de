// SPDX-License-Identifier: Apache-2.0
#include "synth/mosaic_candidates.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* ---- the list ---- */

static const struct sil_levels *levels_of(const struct sil_mosaic *m, size_t table,
                                          uint32_t k)
{
    return &m->columns[m->cliques[table].attr[k]].levels;
}

static void groupings_of(struct sil_grouping *of, const struct sil_mosaic *m,
                         size_t table, const uint8_t *level)
{
    for (uint32_t k = 0; k < m->cliques[table].n; k++) {
        of[k] = levels_of(m, table, k)->level[level[k]];
    }
}

static sil_status add(struct sil_mosaic_candidates *list, const struct sil_run *run,
                      const struct sil_mosaic *m,
                      const struct sil_mosaic_candidate *like, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_grouping of[SIL_MOSAIC_ATTRS];
    struct sil_mosaic_candidate *c = NULL;
    bool is_grouped = false;
    groupings_of(of, m, like->table, like->level);
    for (uint32_t k = 0; k < m->cliques[like->table].n; k++) {
        is_grouped |= like->level[k] > 0;
    }
    SIL_TRY(sil_grow(&list->item, &list->capacity, list->n + 1, sizeof *list->item,
                     "candidates", err));
    c = &list->item[list->n++];
    *c = *like;
    c->n_cells = sil_grouped_cells(of, m->cliques[like->table].n);
    if (is_grouped) {
        SIL_TRY(sil_counts_group(&c->grouped, run->counts[like->table], of, err));
    }
cleanup:
    return status;
}

static sil_status add_pairs(struct sil_mosaic_candidates *list,
                            const struct sil_run *run, const struct sil_mosaic *m,
                            struct sil_mosaic_candidate *like, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (uint32_t i = 0; i < levels_of(m, like->table, 0)->n; i++) {
        for (uint32_t j = 0; j < levels_of(m, like->table, 1)->n; j++) {
            like->level[0] = (uint8_t)i;
            like->level[1] = (uint8_t)j;
            SIL_TRY(add(list, run, m, like, err));
        }
    }
cleanup:
    return status;
}

/* The finest level of at most so many groups, or the coarsest there is. */
static uint8_t level_within(const struct sil_levels *levels, uint32_t most)
{
    uint32_t at = 0;
    while (at + 1 < levels->n && levels->level[at].n_groups > most) {
        at++;
    }
    return (uint8_t)at;
}

/* Every value on its own, then at most so many groups a column, for each part. */
static sil_status add_triples(struct sil_mosaic_candidates *list,
                              const struct sil_run *run, const struct sil_mosaic *m,
                              struct sil_mosaic_candidate *like, struct sil_error *err)
{
    sil_status status = SIL_OK;
    memset(like->level, 0, sizeof like->level);
    SIL_TRY(add(list, run, m, like, err));
    for (uint32_t i = 0; i < m->settings.n_parts; i++) {
        uint8_t level[SIL_MOSAIC_ATTRS];
        for (uint32_t k = 0; k < SIL_MOSAIC_ATTRS; k++) {
            level[k] = level_within(levels_of(m, like->table, k), m->settings.part[i]);
        }
        if (memcmp(level, like->level, sizeof level) != 0) {
            memcpy(like->level, level, sizeof level);
            SIL_TRY(add(list, run, m, like, err));
        }
    }
cleanup:
    return status;
}

static sil_status add_table(struct sil_mosaic_candidates *list,
                            const struct sil_run *run, const struct sil_mosaic *m,
                            size_t candidate, struct sil_error *err)
{
    const struct sil_weighted_clique *item =
        &run->terms->workload.candidates.item[candidate];
    struct sil_mosaic_candidate like = {.table = sil_run_table(run, candidate),
                                        .weight = item->weight};
    if (item->clique.n == 1) {
        return add(list, run, m, &like, err);
    }
    return item->clique.n == 2 ? add_pairs(list, run, m, &like, err)
                               : add_triples(list, run, m, &like, err);
}

sil_status sil_mosaic_candidates_init(struct sil_mosaic_candidates *out,
                                      const struct sil_run *run,
                                      const struct sil_mosaic *m, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t cells = 0;
    *out = (struct sil_mosaic_candidates){.n_tables = run->n_tables};
    SIL_TRY(sil_alloc(&out->first, run->n_tables + 1, sizeof *out->first, "candidates",
                      err));
    for (size_t i = 0; i < run->terms->workload.candidates.n; i++) {
        SIL_TRY(add_table(out, run, m, i, err));
    }
    for (size_t i = 0; i < out->n; i++) {
        out->first[out->item[i].table + 1]++;
        cells += out->item[i].n_cells;
    }
    for (size_t t = 0; t < run->n_tables; t++) {
        out->first[t + 1] += out->first[t];
    }
    SIL_TRY(
        sil_alloc_aligned(&out->block, cells, sizeof *out->block, "candidates", err));
    cells = 0;
    for (size_t i = 0; i < out->n; i++) {
        out->item[i].model = out->block + cells;
        cells += out->item[i].n_cells;
    }
cleanup:
    if (status != SIL_OK) {
        sil_mosaic_candidates_clear(out);
    }
    return status;
}

void sil_mosaic_candidates_clear(struct sil_mosaic_candidates *list)
{
    for (size_t i = 0; i < list->n; i++) {
        sil_counts_free(list->item[i].grouped);
    }
    free(list->item);
    free(list->first);
    free(list->block);
    *list = (struct sil_mosaic_candidates){0};
}

const struct sil_counts *sil_mosaic_counts(const struct sil_mosaic_candidates *list,
                                           size_t i, const struct sil_run *run)
{
    const struct sil_mosaic_candidate *c = &list->item[i];
    return c->grouped != NULL ? c->grouped : run->counts[c->table];
}

/* ---- the size of the tree ---- */

enum { WIDE = 40 };

/* One table's columns in the model's graph. */
struct question {
    struct sil_mosaic *mosaic;
    const struct sil_graph *graph;
    const struct sil_clique *clique;
    uint64_t most_cells;
};

/* The level that the model would have for column k of the clique. */
static uint8_t level_in_use(const struct question *q, uint32_t k, uint8_t level)
{
    uint8_t in_use = q->mosaic->columns[q->clique->attr[k]].in_use;
    return level < in_use ? level : in_use;
}

static bool has_room(const struct question *q, const uint8_t *level)
{
    return sil_mosaic_has_room(q->mosaic, q->graph, q->clique, level, q->most_cells);
}

/* A column measured again changes no tree. */
static void allow_column(struct sil_mosaic_candidates *list, size_t table)
{
    for (size_t i = list->first[table]; i < list->first[table + 1]; i++) {
        list->item[i].is_allowed = true;
    }
}

/* Pairs: for each level of the first column the finest allowed one of the second, which
 * only gets finer as the first gets coarser. Levels coarser than those in use are no
 * questions of their own. */
static void allow_pairs(struct sil_mosaic_candidates *list, size_t table,
                        const struct question *q)
{
    const struct sil_mosaic *m = q->mosaic;
    uint32_t n_first = levels_of(m, table, 0)->n;
    uint32_t n_second = levels_of(m, table, 1)->n;
    uint32_t first_in_use = level_in_use(q, 0, UINT8_MAX);
    uint32_t second_in_use = level_in_use(q, 1, UINT8_MAX);
    struct sil_mosaic_candidate *item = list->item + list->first[table];
    uint32_t from = n_second;
    for (uint32_t i = 0; i < n_first; i++) {
        uint8_t level[SIL_MOSAIC_ATTRS] = {(uint8_t)i, 0};
        while (i <= first_in_use && from > 0) {
            uint32_t next = from == n_second ? second_in_use : from - 1;
            level[1] = (uint8_t)next;
            if (!has_room(q, level)) {
                break;
            }
            from = next;
        }
        for (uint32_t j = 0; j < n_second; j++) {
            item[i * n_second + j].is_allowed = j >= from;
        }
    }
}

/* The allowed pairs inside a triple: their first candidates, NULL for one that is none, in
 * which nothing can be looked up. */
struct inner_pairs {
    const struct sil_mosaic_candidate *first[SIL_MOSAIC_ATTRS];
    uint32_t n_second[SIL_MOSAIC_ATTRS];
};

static const uint32_t PAIR[SIL_MOSAIC_ATTRS][2] = {
    {0, 1},
    {0, 2},
    {1, 2},
};

static void find_pairs(struct inner_pairs *pairs,
                       const struct sil_mosaic_candidates *list,
                       const struct question *q)
{
    for (uint32_t p = 0; p < SIL_MOSAIC_ATTRS; p++) {
        uint32_t second = q->clique->attr[PAIR[p][1]];
        const struct sil_clique pair = {
            2, {q->clique->attr[PAIR[p][0]], second}
        };
        size_t t = sil_mosaic_table(q->mosaic, &pair);
        pairs->first[p] = t < list->n_tables ? list->item + list->first[t] : NULL;
        pairs->n_second[p] = q->mosaic->columns[second].levels.n;
    }
}

static bool are_pairs_allowed(const struct inner_pairs *pairs, const uint8_t *level)
{
    bool are = true;
    for (uint32_t p = 0; p < SIL_MOSAIC_ATTRS && are; p++) {
        size_t at = (size_t)level[PAIR[p][0]] * pairs->n_second[p] + level[PAIR[p][1]];
        are = pairs->first[p] == NULL || pairs->first[p][at].is_allowed;
    }
    return are;
}

/* Triples come finest first: one that has room opens the door to all that follow. */
static void allow_triples(struct sil_mosaic_candidates *list, size_t table,
                          const struct question *q)
{
    struct inner_pairs pairs;
    uint8_t asked[SIL_MOSAIC_ATTRS] = {UINT8_MAX};
    bool has = false;
    find_pairs(&pairs, list, q);
    for (size_t i = list->first[table]; i < list->first[table + 1]; i++) {
        uint8_t level[SIL_MOSAIC_ATTRS];
        for (uint32_t k = 0; k < SIL_MOSAIC_ATTRS; k++) {
            level[k] = level_in_use(q, k, list->item[i].level[k]);
        }
        bool is_new = memcmp(level, asked, sizeof level) != 0;
        memcpy(asked, level, sizeof level);
        has = has || (is_new && are_pairs_allowed(&pairs, level) && has_room(q, level));
        list->item[i].is_allowed = has;
    }
}

sil_status sil_mosaic_allow(struct sil_mosaic_candidates *list, struct sil_mosaic *m,
                            uint64_t most_cells, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graph *graph = NULL;
    SIL_TRY(sil_mosaic_graph(&graph, m, err));
    for (size_t t = 0; t < list->n_tables; t++) {
        struct question q = {m, graph, &m->cliques[t], most_cells};
        if (q.clique->n == 1) {
            allow_column(list, t);
        } else if (q.clique->n == 2) {
            allow_pairs(list, t, &q);
        } else if (m->domain.n_attrs <= WIDE) {
            allow_triples(list, t, &q);
        }
    }
cleanup:
    sil_graph_free(graph);
    return status;
}

void sil_mosaic_allow_all(struct sil_mosaic_candidates *list)
{
    for (size_t i = 0; i < list->n; i++) {
        list->item[i].is_allowed = true;
    }
}

/* ---- what the model says ---- */

sil_status sil_mosaic_fill_allowed(struct sil_mosaic *m,
                                   const struct sil_mosaic_candidates *list,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool *wanted = NULL;
    SIL_TRY(sil_alloc(&wanted, list->n_tables, sizeof *wanted, "candidates", err));
    for (size_t i = 0; i < list->n; i++) {
        wanted[list->item[i].table] |= list->item[i].is_allowed;
    }
    SIL_TRY(sil_mosaic_fill_some(m, wanted, err));
cleanup:
    free(wanted);
    return status;
}

static void freeze_table(int64_t *fine, const struct sil_mosaic *m, size_t table)
{
    size_t cells = 0;
    const double *counts = sil_local_table(m->tables, table, &cells);
    for (size_t i = 0; i < cells; i++) {
        fine[i] = sil_freeze(counts[i]);
    }
}

static void freeze_candidate(struct sil_mosaic_candidate *c, const int64_t *fine,
                             const struct sil_mosaic *m, int64_t unit)
{
    struct sil_grouping of[SIL_MOSAIC_ATTRS];
    groupings_of(of, m, c->table, c->level);
    sil_grouped_sum_i64(c->model, fine, of, m->cliques[c->table].n);
    c->penalty = 0;
    for (size_t i = 0; i < c->n_cells; i++) {
        c->penalty += c->model[i] < unit ? c->model[i] : unit;
    }
}

static size_t largest_table(const struct sil_mosaic *m)
{
    size_t largest = 0;
    for (size_t t = 0; t < m->n_cliques; t++) {
        size_t cells = sil_clique_cells(&m->domain, &m->cliques[t]);
        largest = cells > largest ? cells : largest;
    }
    return largest;
}

sil_status sil_mosaic_freeze(struct sil_mosaic_candidates *list,
                             const struct sil_mosaic *m,
                             const struct sil_sigma2 *sigma2, struct sil_error *err)
{
    sil_status status = SIL_OK;
    int64_t unit = sil_expected_noise(sigma2, 1) / 2;
    int64_t *fine = NULL;
    int n_threads = m->n_threads > 0 ? (int)m->n_threads : omp_get_max_threads();
    size_t step = largest_table(m);
    SIL_TRY(
        sil_alloc(&fine, step, (size_t)n_threads * sizeof *fine, "candidates", err));
#pragma omp parallel for schedule(dynamic, 4) num_threads(n_threads)
    for (size_t t = 0; t < list->n_tables; t++) {
        int64_t *mine = fine + step * (size_t)omp_get_thread_num();
        bool is_frozen = false;
        for (size_t i = list->first[t]; i < list->first[t + 1]; i++) {
            if (list->item[i].is_allowed) {
                if (!is_frozen) {
                    freeze_table(mine, m, t);
                    is_frozen = true;
                }
                freeze_candidate(&list->item[i], mine, m, unit);
            }
        }
    }
cleanup:
    free(fine);
    return status;
}

sil_status sil_mosaic_moved(int64_t *distance, const struct sil_mosaic_candidates *list,
                            size_t i, struct sil_mosaic *m, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_mosaic_candidate *c = &list->item[i];
    struct sil_mosaic_candidate now = *c;
    int64_t *fine = NULL;
    bool *wanted = NULL;
    now.model = NULL;
    SIL_TRY(sil_alloc(&wanted, list->n_tables, sizeof *wanted, "a candidate", err));
    wanted[c->table] = true;
    SIL_TRY(sil_mosaic_fill_some(m, wanted, err));
    SIL_TRY(sil_alloc(&fine, largest_table(m), sizeof *fine, "a candidate", err));
    SIL_TRY(sil_alloc(&now.model, c->n_cells, sizeof *fine, "a candidate", err));
    freeze_table(fine, m, c->table);
    freeze_candidate(&now, fine, m, 0);
    *distance = 0;
    for (size_t k = 0; k < c->n_cells; k++) {
        *distance += llabs(now.model[k] - c->model[k]);
    }
cleanup:
    free(wanted);
    free(fine);
    free(now.model);
    return status;
}
