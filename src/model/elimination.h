// SPDX-License-Identifier: Apache-2.0
/// Greedy elimination of one connected component of a graph of attributes.
///
/// Three orders are tried (fewest cells, fewest new edges, lightest new edges; components
/// of more than 256 attributes: the first alone) and the smallest tree wins, ties going
/// to the earlier order and within an order to the lower attribute: the result is a
/// function of the graph alone.
#ifndef SIL_MODEL_ELIMINATION_H
#define SIL_MODEL_ELIMINATION_H

#include "base/clique.h"

#include "silhouette/status.h"

/// A component under local numbers 0 .. n - 1, in ascending order of attribute.
struct sil_component {
    uint32_t n;
    uint32_t words;       ///< 64-bit words of a row
    const uint32_t *attr; ///< the attribute of each number
    uint64_t *sizes;      ///< cells of each attribute
    uint64_t *rows;       ///< n rows of `words` words: who is joined to whom
};

/// What elimination found, by local number.
struct sil_elimination {
    uint64_t cells;     ///< of all maximal cliques; UINT64_MAX: more than the limit
    uint32_t *position; ///< when it was eliminated
    uint32_t *parent;   ///< the first eliminated of the neighbours left; itself: none
    uint32_t *holder;   ///< whose closure is the maximal clique that contains its own
    uint64_t *rows;     ///< the neighbours left at its elimination
};

/// Words of scratch that sil_eliminate needs for a component of n attributes.
size_t sil_elimination_scratch(uint32_t n);

/// Eliminate with the best order. `best` borrows from `scratch`, of
/// sil_elimination_scratch(component->n) words, for as long as it is read.
/// A closure of more than SIL_CLIQUE_MAX attributes counts as over any limit.
void sil_eliminate(struct sil_elimination *best, const struct sil_component *component,
                   uint64_t limit, uint64_t *scratch);

/// Is the smallest of the trees within the limit (below UINT64_MAX)? The first order that
/// stays within it answers. The same scratch.
bool sil_elimination_fits(const struct sil_component *component, uint64_t limit,
                          uint64_t *scratch);

#endif
