// SPDX-License-Identifier: Apache-2.0
/// Which tables a group of marginals is made from, each listed once.
#ifndef SIL_MODEL_QUERY_PLAN_H
#define SIL_MODEL_QUERY_PLAN_H

#include "model/oracle.h"

/// In place of the node that a table flows to: the table is a slice of a node's belief.
#define SIL_SLICE (UINT32_MAX - 1)

/// A table to compute. A slice is the marginal of attributes of its node. Any other table
/// starts from the slice of its node that its children and its own readers need, takes in
/// its children, and holds P(asked | separator) or, at a hub, the marginal of `asked`.
struct sil_task {
    uint32_t node;
    uint32_t toward; ///< the node that it flows to; SIL_NO_NODE: a hub; SIL_SLICE
    struct sil_clique asked; ///< by rank; without the separator
    struct sil_clique separator;
    const double *mass; ///< marginal of the separator
    size_t slice;       ///< the task of its slice
    size_t first_child; ///< into the plan's children
    size_t n_children;
    uint32_t level;           ///< 0: a slice; else one more than its children's
    uint32_t last_level;      ///< of its readers; 0: none, it is a hub's
    struct sil_clique clique; ///< of its table
    double *table;
    size_t next; ///< in its chain of the index; SIZE_MAX at the end
};

struct sil_query_plan {
    const struct sil_oracle *oracle; ///< borrowed
    struct sil_task *tasks;
    size_t n_tasks;
    size_t tasks_capacity;
    size_t *children;
    size_t n_children;
    size_t children_capacity;
    size_t *hubs; ///< of each clique planned, its hubs: one a component it touches
    size_t n_hubs;
    size_t hubs_capacity;
    size_t *index;  ///< first task of each hash value
    uint64_t cells; ///< of all tables
};

/// Freed with sil_query_plan_clear.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_query_plan_init(struct sil_query_plan *plan,
                                            const struct sil_oracle *oracle,
                                            struct sil_error *err);

/// The tables go back to `tables`.
void sil_query_plan_clear(struct sil_query_plan *plan, struct sil_tables *tables);

/// Add what the marginal of `clique` (by rank) needs; its hubs are appended to plan->hubs,
/// in the order of their first attributes.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_query_plan_add(struct sil_query_plan *plan,
                                           const struct sil_clique *clique,
                                           struct sil_error *err);

#endif
