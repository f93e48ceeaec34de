// SPDX-License-Identifier: Apache-2.0
/// The junction forest of a graph: one tree of maximal cliques for each component.
#ifndef SIL_MODEL_TREE_H
#define SIL_MODEL_TREE_H

#include "model/axes.h"
#include "model/graph.h"

#define SIL_NO_NODE UINT32_MAX

/// Attributes by rank (model/axes.h).
struct sil_node {
    struct sil_clique clique;
    struct sil_clique separator; ///< what it shares with its parent; empty at a root
    uint32_t parent;             ///< SIL_NO_NODE at a root
    uint32_t n_children;
    uint64_t cells;
};

/// Parents stand before their children; the root of a tree is its largest node, which a
/// calibration visits once and every other node twice.
struct sil_tree {
    uint32_t n;
    struct sil_node *nodes;
    uint32_t *first_of; ///< nodes_of[first_of[r] .. first_of[r + 1] - 1] hold rank r
    uint32_t *nodes_of;
};

/// The forest of `graph` and, as a node of its own, each attribute that it lacks.
/// Errors   SIL_ERR_INTERNAL (memory); `tree` is empty.
SIL_MUST_USE sil_status sil_tree_init(struct sil_tree *tree,
                                      const struct sil_graph *graph,
                                      const struct sil_axes *axes,
                                      struct sil_error *err);
void sil_tree_clear(struct sil_tree *tree);

/// The smallest node that contains the clique (by rank), the first of several;
/// SIL_NO_NODE when none does. `clique` is not empty.
uint32_t sil_tree_home(const struct sil_tree *tree, const struct sil_clique *clique);

#endif
