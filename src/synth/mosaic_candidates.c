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
static sil_status add_alike(struct sil_mosaic_candidates *list,
                            const struct sil_run *run, const struct sil_mosaic *m,
                            struct sil_mosaic_candidate *like, struct sil_error *err)
{
    sil_status status = SIL_OK;
    memset(like->level, 0, sizeof like->level);
    SIL_TRY(add(list, run, m, like, err));
    for (uint32_t i = 0; i < m->settings.n_parts; i++) {
        uint8_t level[SIL_MOSAIC_ATTRS] = {0};
        for (uint32_t k = 0; k < m->cliques[like->table].n; k++) {
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
    return item->clique.n == 2 && m->domain.n_attrs <= SIL_MOSAIC_WIDE
               ? add_pairs(list, run, m, &like, err)
               : add_alike(list, run, m, &like, err);
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

/* Sum the cells of a candidate from those of its table. */
static void freeze_candidate(struct sil_mosaic_candidate *c, const int64_t *fine,
                             const struct sil_mosaic *m)
{
    struct sil_grouping of[SIL_MOSAIC_ATTRS];
    groupings_of(of, m, c->table, c->level);
    sil_grouped_sum_i64(c->model, fine, of, m->cliques[c->table].n);
}

/* The smallest candidate frozen before that is finer in every column; NULL: none. */
static const struct sil_mosaic_candidate *finer_than(
    const struct sil_mosaic_candidates *list, size_t i, uint32_t n)
{
    const struct sil_mosaic_candidate *c = &list->item[i];
    const struct sil_mosaic_candidate *best = NULL;
    for (size_t k = list->first[c->table]; k < i; k++) {
        const struct sil_mosaic_candidate *other = &list->item[k];
        bool is_finer = other->is_allowed;
        for (uint32_t a = 0; a < n && is_finer; a++) {
            is_finer = other->level[a] <= c->level[a];
        }
        if (is_finer && (best == NULL || other->n_cells < best->n_cells)) {
            best = other;
        }
    }
    return best;
}

/* The groups of `coarse` as a grouping of those of `fine`: into `group`. */
static struct sil_grouping between(uint32_t *group, const struct sil_grouping *fine,
                                   const struct sil_grouping *coarse)
{
    for (uint32_t v = 0; v < fine->n_values; v++) {
        group[sil_group_of(fine, v)] = sil_group_of(coarse, v);
    }
    return (struct sil_grouping){
        .n_values = fine->n_groups, .n_groups = coarse->n_groups, .group = group};
}

/* The same from the cells of a finer candidate: sums of integers are the same by any way.
 * `group` has room for the values of all columns of the table. */
static void freeze_from(struct sil_mosaic_candidate *c,
                        const struct sil_mosaic_candidate *finer, uint32_t *group,
                        const struct sil_mosaic *m)
{
    uint32_t n = m->cliques[c->table].n;
    struct sil_grouping of[SIL_MOSAIC_ATTRS];
    for (uint32_t k = 0; k < n; k++) {
        const struct sil_levels *levels = levels_of(m, c->table, k);
        of[k] = between(group, &levels->level[finer->level[k]],
                        &levels->level[c->level[k]]);
        group += of[k].n_values;
    }
    sil_grouped_sum_i64(c->model, finer->model, of, n);
}

static void freeze_allowed(struct sil_mosaic_candidates *list, size_t table,
                           int64_t *fine, uint32_t *group, const struct sil_mosaic *m)
{
    bool is_frozen = false;
    for (size_t i = list->first[table]; i < list->first[table + 1]; i++) {
        struct sil_mosaic_candidate *c = &list->item[i];
        if (!c->is_allowed) {
            continue;
        }
        const struct sil_mosaic_candidate *finer =
            finer_than(list, i, m->cliques[table].n);
        if (finer != NULL) {
            freeze_from(c, finer, group, m);
            continue;
        }
        if (!is_frozen) {
            freeze_table(fine, m, table);
            is_frozen = true;
        }
        freeze_candidate(c, fine, m);
    }
}

static void find_penalties(struct sil_mosaic_candidates *list, size_t table,
                           int64_t unit)
{
    for (size_t i = list->first[table]; i < list->first[table + 1]; i++) {
        struct sil_mosaic_candidate *c = &list->item[i];
        c->penalty = 0;
        for (size_t k = 0; k < c->n_cells && c->is_allowed; k++) {
            c->penalty += c->model[k] < unit ? c->model[k] : unit;
        }
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

/* Values of the columns of a table, at most. */
static size_t most_values(const struct sil_mosaic *m)
{
    size_t most = 0;
    for (uint32_t a = 0; a < m->domain.n_attrs; a++) {
        most = m->domain.sizes[a] > most ? m->domain.sizes[a] : most;
    }
    return SIL_MOSAIC_ATTRS * most;
}

sil_status sil_mosaic_freeze(struct sil_mosaic_candidates *list,
                             const struct sil_mosaic *m,
                             const struct sil_sigma2 *sigma2, struct sil_error *err)
{
    sil_status status = SIL_OK;
    int64_t unit = sil_expected_noise(sigma2, 1) / 2;
    int64_t *fine = NULL;
    uint32_t *group = NULL;
    size_t n_threads = m->n_threads > 0 ? m->n_threads : (size_t)omp_get_max_threads();
    size_t step = largest_table(m);
    size_t group_step = most_values(m);
    SIL_TRY(sil_alloc(&fine, step, n_threads * sizeof *fine, "candidates", err));
    SIL_TRY(
        sil_alloc(&group, group_step, n_threads * sizeof *group, "candidates", err));
#pragma omp parallel for schedule(dynamic, 4) num_threads((int)n_threads)
    for (size_t t = 0; t < list->n_tables; t++) {
        size_t thread = (size_t)omp_get_thread_num();
        freeze_allowed(list, t, fine + step * thread, group + group_step * thread, m);
        find_penalties(list, t, unit);
    }
cleanup:
    free(group);
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
    freeze_candidate(&now, fine, m);
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
