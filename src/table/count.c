// SPDX-License-Identifier: Apache-2.0
/* The cliques are sorted by their attributes and cut into groups whose cells stay in the
 * second-level cache together. A thread takes a group and walks the whole table block by
 * block, counting straight into the group's marginals: no two threads share a cell. */
#include "base/fail.h"
#include "base/memory.h"
#include "privacy/counts_internal.h"
#include "table/count_block.h"
#include "table/table_store.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    GROUP_CELLS = 1 << 15, ///< of a group, twice 128 KiB with the second lane
    GROUPS_PER_THREAD = 4  ///< at least, where there are cliques enough: for balance
};

struct group {
    size_t first; ///< task
    size_t n;
    bool has_lanes; ///< each task has its own; else the marginal serves for all
    bool narrow;    ///< see struct sil_count_group
};

#define LANES_CELLS ((size_t)(SIL_COUNT_LANES - 1) * GROUP_CELLS)

/* What one thread works with. */
struct scratch {
    void *level;     ///< see struct sil_count_group
    uint32_t *lanes; ///< LANES_CELLS: all but the first of each task
};

struct plan {
    const struct sil_table *table;
    size_t n_tasks;
    struct sil_count_task *tasks;
    struct sil_counts **sorted; ///< of task i
    size_t n_groups;
    struct group *groups;
    size_t level_bytes;
    unsigned n_threads;
    struct scratch *scratch; ///< one a thread
};

/* By attributes alone, so that cliques that begin alike are neighbours. */
static int compare_tasks(const void *left, const void *right)
{
    const struct sil_clique *a = &(*(struct sil_counts *const *)left)->clique;
    const struct sil_clique *b = &(*(struct sil_counts *const *)right)->clique;
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        if (a->attr[i] != b->attr[i]) {
            return a->attr[i] < b->attr[i] ? -1 : 1;
        }
    }
    return (a->n > b->n) - (a->n < b->n);
}

static uint32_t n_shared(const struct sil_clique *a, const struct sil_clique *b)
{
    uint32_t i = 0;
    while (i < a->n && i < b->n && a->attr[i] == b->attr[i]) {
        i++;
    }
    return i;
}

static sil_status plan_tasks(struct plan *plan, struct sil_counts **counts,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;

    SIL_TRY(sil_alloc(&plan->tasks, plan->n_tasks, sizeof *plan->tasks,
                      "a plan for counting", err));
    SIL_TRY(sil_alloc(&plan->sorted, plan->n_tasks, sizeof *plan->sorted,
                      "a plan for counting", err));
    for (size_t i = 0; i < plan->n_tasks; i++) {
        plan->sorted[i] = counts[i];
    }
    qsort((void *)plan->sorted, plan->n_tasks, sizeof *plan->sorted, compare_tasks);

    for (size_t i = 0; i < plan->n_tasks; i++) {
        struct sil_count_task *task = &plan->tasks[i];
        task->clique = &plan->sorted[i]->clique;
        task->n_shared = i > 0 ? n_shared(task->clique, task[-1].clique) : 0;
        for (size_t lane = 0; lane < SIL_COUNT_LANES; lane++) {
            task->lane[lane] = plan->sorted[i]->cell;
        }
        size_t level_bytes = sil_count_level_bytes(task->clique->n);
        plan->level_bytes =
            level_bytes > plan->level_bytes ? level_bytes : plan->level_bytes;
    }

cleanup:
    return status;
}

/* Greedy, in order: a group is closed when the next clique's cells do not fit with it. */
static sil_status plan_groups(struct plan *plan, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_wanted = plan->n_threads > 1 ? plan->n_threads * GROUPS_PER_THREAD : 1;
    size_t most = (plan->n_tasks + n_wanted - 1) / n_wanted;
    size_t cells = 0;

    SIL_TRY(sil_alloc(&plan->groups, plan->n_tasks, sizeof *plan->groups,
                      "a plan for counting", err));
    for (size_t i = 0; i < plan->n_tasks; i++) {
        size_t n_cells = plan->sorted[i]->n_cells;
        if (i == 0 || cells + n_cells > GROUP_CELLS ||
            plan->groups[plan->n_groups - 1].n == most) {
            plan->groups[plan->n_groups++] =
                (struct group){.first = i,
                               .has_lanes = n_cells <= GROUP_CELLS,
                               .narrow = n_cells <= SIL_COUNT_NARROW_CELLS};
            cells = 0;
        }
        plan->groups[plan->n_groups - 1].n++;
        cells += n_cells;
    }

cleanup:
    return status;
}

static sil_status plan_scratch(struct plan *plan, struct sil_error *err)
{
    sil_status status = SIL_OK;

    SIL_TRY(sil_alloc(&plan->scratch, plan->n_threads, sizeof *plan->scratch,
                      "room for counting", err));
    for (unsigned t = 0; t < plan->n_threads; t++) {
        SIL_TRY(sil_alloc_aligned(&plan->scratch[t].level, plan->level_bytes, 1,
                                  "room for counting", err));
        SIL_TRY(sil_alloc_aligned(&plan->scratch[t].lanes, LANES_CELLS,
                                  sizeof(uint32_t), "room for counting", err));
    }

cleanup:
    return status;
}

/* Scratch memory held codes and counts of rows: it is wiped like the table. */
static void plan_clear(struct plan *plan)
{
    for (unsigned t = 0; plan->scratch != NULL && t < plan->n_threads; t++) {
        struct scratch *scratch = &plan->scratch[t];
        if (scratch->lanes != NULL) {
            explicit_bzero(scratch->level, plan->level_bytes);
            explicit_bzero(scratch->lanes, LANES_CELLS * sizeof(uint32_t));
        }
        free(scratch->level);
        free(scratch->lanes);
    }
    free(plan->scratch);
    free(plan->groups);
    free((void *)plan->sorted);
    free(plan->tasks);
}

static void open_lanes(const struct plan *plan, const struct group *group,
                       uint32_t *lanes)
{
    for (size_t i = group->first; i < group->first + group->n; i++) {
        size_t n_cells = plan->sorted[i]->n_cells;
        for (size_t lane = 1; lane < SIL_COUNT_LANES; lane++) {
            plan->tasks[i].lane[lane] = lanes;
            (void)memset(lanes, 0, n_cells * sizeof *lanes);
            lanes += n_cells;
        }
    }
}

static void close_lanes(const struct plan *plan, const struct group *group)
{
    for (size_t i = group->first; i < group->first + group->n; i++) {
        uint32_t *const *lane = plan->tasks[i].lane;
        for (size_t c = 0; c < plan->sorted[i]->n_cells; c++) {
            lane[0][c] += lane[1][c] + lane[2][c] + lane[3][c];
        }
    }
}

static void count_group(const struct plan *plan, const struct group *group,
                        const struct scratch *scratch)
{
    const struct sil_table *table = plan->table;
    struct sil_count_group block = {.tasks = plan->tasks + group->first,
                                    .n = group->n,
                                    .narrow = group->narrow,
                                    .level = scratch->level};

    /* Level 0; the last group's levels may have been of the other width. */
    (void)memset(scratch->level, 0, SIL_COUNT_ROWS * sizeof(uint32_t));
    if (group->has_lanes) {
        open_lanes(plan, group, scratch->lanes);
    }
    for (size_t chunk = 0; chunk < table->n_chunks; chunk++) {
        size_t n_rows = sil_table_rows_of(table, chunk);
        for (size_t first = 0; first < n_rows; first += SIL_COUNT_ROWS) {
            size_t rest = n_rows - first;
            sil_count_block(&block, table, chunk, first,
                            rest < SIL_COUNT_ROWS ? rest : SIL_COUNT_ROWS);
        }
    }
    if (group->has_lanes) {
        close_lanes(plan, group);
    }
}

/* Integer sums: whoever counts a group, and in whatever order, the counts are the same. */
static void count_groups(const struct plan *plan)
{
#pragma omp parallel for schedule(static, 1) num_threads((int)plan->n_threads)
    for (size_t g = 0; g < plan->n_groups; g++) {
        count_group(plan, &plan->groups[g], &plan->scratch[omp_get_thread_num()]);
    }
}

static sil_status new_counts(struct sil_counts **counts, const struct sil_table *table,
                             const struct sil_clique *cliques, size_t n,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_domain domain = {.n_attrs = table->n_attrs, .sizes = table->sizes};

    for (size_t i = 0; i < n; i++) {
        counts[i] = NULL;
    }
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(sil_counts_new(&counts[i], &domain, &cliques[i], err));
    }

cleanup:
    return status;
}

sil_status sil_table_count(struct sil_counts **counts, const struct sil_table *table,
                           const struct sil_clique *cliques, size_t n,
                           unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct plan plan = {.table = table, .n_tasks = n};

    if (table->lexicon != NULL) {
        for (size_t i = 0; i < n; i++) {
            counts[i] = NULL;
        }
        return sil_fail(err, SIL_ERR_INTERNAL,
                        "a table whose open columns are not settled");
    }
    plan.n_threads = n_threads > 0 ? n_threads : (unsigned)omp_get_max_threads();
    if (plan.n_threads > n) { /* the others would find no clique to count */
        plan.n_threads = n > 0 ? (unsigned)n : 1;
    }
    SIL_TRY(new_counts(counts, table, cliques, n, err));
    SIL_TRY(plan_tasks(&plan, counts, err));
    SIL_TRY(plan_groups(&plan, err));
    SIL_TRY(plan_scratch(&plan, err));

    /* Nothing below can fail. */
    count_groups(&plan);

cleanup:
    for (size_t i = 0; status != SIL_OK && i < n; i++) {
        sil_counts_free(counts[i]);
        counts[i] = NULL;
    }
    plan_clear(&plan);
    return status;
}
