// SPDX-License-Identifier: Apache-2.0
/* Which candidates a tree has room for. */
#include "base/fail.h"
#include "base/memory.h"
#include "synth/mosaic_candidates.h"

#include <stdlib.h>
#include <string.h>

static const struct sil_levels *levels_of(const struct sil_mosaic *m, size_t table,
                                          uint32_t k)
{
    return &m->columns[m->cliques[table].attr[k]].levels;
}

/* ---- the size of the tree ---- */

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

static sil_status allow_by_tree(struct sil_mosaic_candidates *list,
                                struct sil_mosaic *m, uint64_t most_cells,
                                struct sil_error *err)
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
        } else {
            allow_triples(list, t, &q);
        }
    }
cleanup:
    sil_graph_free(graph);
    return status;
}

/* ---- the size of a forest ---- */

/* Whether there is room is known from sums here, and not asked of an elimination for
 * every pair and level. */

/* The pairs that were measured, each once. */
struct forest {
    const struct sil_mosaic *mosaic;
    uint64_t cells; ///< of the pairs, and of all columns

    struct part {
        uint32_t tree;   ///< the same number for columns that are joined
        uint64_t around; ///< sizes of the columns that this one is paired with
    } * part;            ///< of each column
};

/* Is the clique that of one of the first `n` tiles? */
static bool has_tile(const struct sil_mosaic *m, size_t n,
                     const struct sil_clique *clique)
{
    size_t i = 0;
    while (i < n && sil_clique_compare(&m->tiles[i].clique, clique) != 0) {
        i++;
    }
    return i < n;
}

static void plant(struct forest *forest, const struct sil_clique *pair)
{
    const struct sil_mosaic *m = forest->mosaic;
    struct part *part = forest->part;
    uint32_t a = pair->attr[0];
    uint32_t b = pair->attr[1];
    uint32_t joined = part[b].tree;
    forest->cells += (uint64_t)m->sizes[a] * m->sizes[b];
    part[a].around += m->sizes[b];
    part[b].around += m->sizes[a];
    for (uint32_t c = 0; c < m->domain.n_attrs; c++) {
        part[c].tree = part[c].tree == joined ? part[a].tree : part[c].tree;
    }
}

static sil_status forest_init(struct forest *forest, const struct sil_mosaic *m,
                              struct sil_error *err)
{
    uint32_t d = m->domain.n_attrs;
    *forest = (struct forest){.mosaic = m, .cells = sil_column_cells(&m->groups)};
    sil_status status =
        sil_alloc(&forest->part, d, sizeof *forest->part, "candidates", err);
    for (uint32_t a = 0; a < d && status == SIL_OK; a++) {
        forest->part[a].tree = a;
    }
    for (size_t i = 0; i < m->n_tiles && status == SIL_OK; i++) {
        if (!has_tile(m, i, &m->tiles[i].clique)) {
            plant(forest, &m->tiles[i].clique);
        }
    }
    return status;
}

/* Cells of the forest with a pair at these sizes, no smaller than those in use. */
static uint64_t cells_with(const struct forest *forest, const struct sil_clique *pair,
                           const uint32_t *size, bool is_paired)
{
    const uint32_t *now = forest->mosaic->sizes;
    uint32_t a = pair->attr[0];
    uint32_t b = pair->attr[1];
    uint64_t others_a = forest->part[a].around - (is_paired ? now[b] : 0) + 1;
    uint64_t others_b = forest->part[b].around - (is_paired ? now[a] : 0) + 1;
    uint64_t before = is_paired ? (uint64_t)now[a] * now[b] : 0;
    return forest->cells - before + (size[0] - now[a]) * others_a +
           (size[1] - now[b]) * others_b + (uint64_t)size[0] * size[1];
}

/* A pair that is measured already, or joins what is not joined. */
static void allow_in_forest(struct sil_mosaic_candidates *list, size_t table,
                            const struct forest *forest, uint64_t most_cells)
{
    const struct sil_mosaic *m = forest->mosaic;
    const struct sil_clique *pair = &m->cliques[table];
    bool is_paired = has_tile(m, m->n_tiles, pair);
    bool joins = forest->part[pair->attr[0]].tree != forest->part[pair->attr[1]].tree;
    for (size_t i = list->first[table]; i < list->first[table + 1]; i++) {
        struct sil_mosaic_candidate *c = &list->item[i];
        uint32_t size[2];
        for (uint32_t k = 0; k < 2; k++) {
            uint32_t wanted = levels_of(m, table, k)->level[c->level[k]].n_groups;
            uint32_t now = m->sizes[pair->attr[k]];
            size[k] = wanted > now ? wanted : now;
        }
        c->is_allowed = (is_paired || joins) &&
                        cells_with(forest, pair, size, is_paired) <= most_cells;
    }
}

static sil_status allow_by_forest(struct sil_mosaic_candidates *list,
                                  const struct sil_mosaic *m, uint64_t most_cells,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct forest forest;
    SIL_TRY(forest_init(&forest, m, err));
    for (size_t t = 0; t < list->n_tables; t++) {
        if (m->cliques[t].n == 1) {
            allow_column(list, t);
        } else if (m->cliques[t].n == 2) {
            allow_in_forest(list, t, &forest, most_cells);
        }
    }
cleanup:
    free(forest.part);
    return status;
}

sil_status sil_mosaic_allow(struct sil_mosaic_candidates *list, struct sil_mosaic *m,
                            uint64_t most_cells, struct sil_error *err)
{
    return m->domain.n_attrs > SIL_MOSAIC_WIDE
               ? allow_by_forest(list, m, most_cells, err)
               : allow_by_tree(list, m, most_cells, err);
}

void sil_mosaic_allow_all(struct sil_mosaic_candidates *list)
{
    for (size_t i = 0; i < list->n; i++) {
        list->item[i].is_allowed = true;
    }
}
