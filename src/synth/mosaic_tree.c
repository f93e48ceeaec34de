// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/graph.h"
#include "synth/mosaic.h"

#include <stdlib.h>

sil_status sil_mosaic_graph(struct sil_graph **out, const struct sil_mosaic *m,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_clique *cliques = NULL;
    uint32_t d = m->domain.n_attrs;
    *out = NULL;
    SIL_TRY(sil_alloc(&cliques, d + m->n_tiles, sizeof *cliques, "the graph", err));
    for (uint32_t a = 0; a < d; a++) {
        cliques[a] = sil_clique_single(a);
    }
    for (size_t i = 0; i < m->n_tiles; i++) {
        cliques[d + i] = m->tiles[i].clique;
    }
    SIL_TRY(sil_graph_new(out, &m->groups, err));
    SIL_TRY(sil_graph_add_all(*out, cliques, d + m->n_tiles, err));
cleanup:
    free(cliques);
    return status;
}

/* The model's sizes are changed for the question, and put back. */
bool sil_mosaic_has_room(struct sil_mosaic *m, const struct sil_graph *graph,
                         const struct sil_clique *clique, const uint8_t *level,
                         uint64_t most_cells)
{
    uint32_t before[SIL_MOSAIC_ATTRS];
    for (uint32_t k = 0; k < clique->n; k++) {
        uint32_t a = clique->attr[k];
        uint32_t wanted = m->columns[a].levels.level[level[k]].n_groups;
        before[k] = m->sizes[a];
        m->sizes[a] = wanted > before[k] ? wanted : before[k];
    }
    bool has = sil_clique_cells(&m->groups, clique) <= most_cells &&
               sil_graph_has_room(graph, clique, most_cells);
    for (uint32_t k = 0; k < clique->n; k++) {
        m->sizes[clique->attr[k]] = before[k];
    }
    return has;
}
