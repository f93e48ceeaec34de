// SPDX-License-Identifier: Apache-2.0
/// The inside of a graph of attributes: what the junction tree is read from.
///
/// The graph keeps its own elimination up to date, so that the size it promises for a set
/// of cliques and the tree that a fit builds from them are one and the same thing.
#ifndef SIL_MODEL_GRAPH_H
#define SIL_MODEL_GRAPH_H

#include "model/graphical_model.h"

/// An attribute of the graph and what its elimination left.
struct sil_vertex {
    bool is_present;    ///< in some clique
    uint32_t component; ///< the lowest attribute of its component
    uint32_t position;  ///< order of elimination within the component
    uint32_t parent;    ///< the first eliminated neighbour left; itself: none
    uint32_t holder;    ///< whose closure is the maximal clique that contains its own
    struct sil_clique closure; ///< it and the neighbours left when it was eliminated
    uint32_t *neighbours;      ///< ascending, before any elimination
    size_t n_neighbours;
    size_t capacity;
};

struct sil_graph {
    struct sil_domain domain; ///< borrowed sizes
    struct sil_vertex *vertex;
    uint64_t *cells; ///< of the component whose lowest attribute it is; else 0
};

/// Add many cliques and eliminate once.
/// Errors   SIL_ERR_INTERNAL (memory); SIL_ERR_USAGE: some tree node would need more than
///          SIL_CLIQUE_MAX attributes. The graph is then unusable.
SIL_MUST_USE sil_status sil_graph_add_all(struct sil_graph *graph,
                                          const struct sil_clique *cliques, size_t n,
                                          struct sil_error *err);

#endif
