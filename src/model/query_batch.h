// SPDX-License-Identifier: Apache-2.0
/// A group of marginals while it is computed: shared by query.c and query_slices.c.
#ifndef SIL_MODEL_QUERY_BATCH_H
#define SIL_MODEL_QUERY_BATCH_H

#include "model/query_plan.h"

struct sil_batch {
    const struct sil_oracle *oracle;
    const struct sil_domain *domain;
    struct sil_tables *tables; ///< lends all tables
    struct sil_query_plan plan;
    size_t *order; ///< tasks by level, slices by node
    double *const *out;
    const struct sil_clique *cliques; ///< the caller's, from the first of the group
    size_t n;
    size_t *first_hub; ///< of each clique of the group, into the plan's hubs; n + 1
    unsigned n_threads;
};

/// A table over a clique, of any value; given back with sil_tables_give.
static inline sil_status sil_batch_table(double **out, const struct sil_batch *b,
                                         const struct sil_clique *clique)
{
    return sil_tables_take(out, b->tables, sil_clique_cells(b->domain, clique));
}

/// The task at a place of the order.
static inline const struct sil_task *sil_batch_task(const struct sil_batch *b,
                                                    size_t place)
{
    return &b->plan.tasks[b->order[place]];
}

/// What the order sorts by: the level, and among slices the node.
static inline uint64_t sil_batch_key(const struct sil_task *t)
{
    return (uint64_t)t->level << 32 | (t->level == 0 ? t->node : 0);
}

/// The end of the tasks that have the key of the one at `first`.
static inline size_t sil_batch_end(const struct sil_batch *b, size_t first)
{
    size_t end = first + 1;
    while (end < b->plan.n_tasks && sil_batch_key(sil_batch_task(b, end)) ==
                                        sil_batch_key(sil_batch_task(b, first))) {
        end++;
    }
    return end;
}

/// Fill the tables of the slices, places 0 .. n_slices - 1 of the order.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_batch_slices(struct sil_batch *b, size_t n_slices);

#endif
