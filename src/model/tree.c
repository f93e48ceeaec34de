// SPDX-License-Identifier: Apache-2.0
#include "model/tree.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

/* An edge between two maximal cliques, each named by the attribute that holds it. */
struct edge {
    uint32_t from;
    uint32_t to;
    struct sil_clique separator;
};

struct builder {
    const struct sil_graph *graph;
    const struct sil_axes *axes;
    struct sil_tree *tree;
    struct edge *edges;   ///< both directions, sorted by `from`
    uint32_t *first_edge; ///< of each attribute
    bool *is_done;        ///< has a place in the tree, by holding attribute
    uint32_t *holder;     ///< of each node
};

static bool gives_edge(const struct sil_graph *graph, uint32_t a)
{
    const struct sil_vertex *v = &graph->vertex[a];
    return v->parent != a && v->holder != graph->vertex[v->parent].holder;
}

/* Count, then place: the edges at each holder, in ascending order of the attribute that
 * gives them. */
static void list_edges(struct builder *b)
{
    uint32_t d = b->graph->domain.n_attrs;
    for (uint32_t a = 0; a < d; a++) {
        if (gives_edge(b->graph, a)) {
            const struct sil_vertex *v = &b->graph->vertex[a];
            b->first_edge[v->holder + 1]++;
            b->first_edge[b->graph->vertex[v->parent].holder + 1]++;
        }
    }
    for (uint32_t a = 0; a < d; a++) {
        b->first_edge[a + 1] += b->first_edge[a];
    }
    for (uint32_t a = d; a-- > 0;) {
        if (!gives_edge(b->graph, a)) {
            continue;
        }
        const struct sil_vertex *v = &b->graph->vertex[a];
        struct sil_clique self = sil_clique_single(a);
        struct sil_clique shared = sil_clique_subtract(&v->closure, &self);
        struct edge e = {v->holder, b->graph->vertex[v->parent].holder,
                         sil_axes_inward(b->axes, &shared)};
        struct edge back = {e.to, e.from, e.separator};
        /* The counts of a holder's list shrink from its end to its start. */
        b->edges[--b->first_edge[e.from + 1]] = e;
        b->edges[--b->first_edge[back.from + 1]] = back;
    }
    /* Now first_edge[a + 1] is where the list of `a` starts. */
}

static uint64_t holder_cells(const struct builder *b, uint32_t holder)
{
    return sil_clique_cells(&b->graph->domain, &b->graph->vertex[holder].closure);
}

static void place_node(struct builder *b, uint32_t holder, uint32_t parent,
                       const struct sil_clique *separator)
{
    struct sil_tree *tree = b->tree;
    struct sil_node *node = &tree->nodes[tree->n];
    node->clique = sil_axes_inward(b->axes, &b->graph->vertex[holder].closure);
    node->separator = *separator;
    node->parent = parent;
    node->cells = holder_cells(b, holder);
    if (parent != SIL_NO_NODE) {
        tree->nodes[parent].n_children++;
    }
    b->holder[tree->n++] = holder;
    b->is_done[holder] = true;
}

/* The largest node of each component, by the component's lowest attribute. */
static void choose_roots(const struct builder *b, uint32_t *root)
{
    for (uint32_t a = 0; a < b->graph->domain.n_attrs; a++) {
        const struct sil_vertex *v = &b->graph->vertex[a];
        uint32_t *best = &root[v->component];
        if (v->holder == a &&
            (*best == SIL_NO_NODE || holder_cells(b, a) > holder_cells(b, *best))) {
            *best = a;
        }
    }
}

static void grow_tree(struct builder *b, uint32_t root, const uint32_t *degree)
{
    struct sil_clique nothing = {0};
    uint32_t next = b->tree->n;
    place_node(b, root, SIL_NO_NODE, &nothing);
    for (; next < b->tree->n; next++) {
        uint32_t holder = b->holder[next];
        const struct edge *e = &b->edges[b->first_edge[holder + 1]];
        for (uint32_t i = 0; i < degree[holder]; i++) {
            if (!b->is_done[e[i].to]) {
                place_node(b, e[i].to, next, &e[i].separator);
            }
        }
    }
}

static void count_degrees(const struct builder *b, uint32_t *degree)
{
    for (uint32_t a = 0; a < b->graph->domain.n_attrs; a++) {
        if (gives_edge(b->graph, a)) {
            const struct sil_vertex *v = &b->graph->vertex[a];
            degree[v->holder]++;
            degree[b->graph->vertex[v->parent].holder]++;
        }
    }
}

static sil_status index_nodes(struct sil_tree *tree, uint32_t d, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t total = 0;
    SIL_TRY(sil_alloc(&tree->first_of, (size_t)d + 2, sizeof *tree->first_of,
                      "the tree", err));
    for (uint32_t j = 0; j < tree->n; j++) {
        for (uint32_t i = 0; i < tree->nodes[j].clique.n; i++) {
            tree->first_of[tree->nodes[j].clique.attr[i] + 2]++;
            total++;
        }
    }
    for (uint32_t r = 0; r < d; r++) {
        tree->first_of[r + 2] += tree->first_of[r + 1];
    }
    SIL_TRY(sil_alloc(&tree->nodes_of, total, sizeof *tree->nodes_of, "the tree", err));
    for (uint32_t j = 0; j < tree->n; j++) {
        for (uint32_t i = 0; i < tree->nodes[j].clique.n; i++) {
            tree->nodes_of[tree->first_of[tree->nodes[j].clique.attr[i] + 1]++] = j;
        }
    }

cleanup:
    return status;
}

sil_status sil_tree_init(struct sil_tree *tree, const struct sil_graph *graph,
                         const struct sil_axes *axes, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t d = graph->domain.n_attrs;
    struct builder b = {.graph = graph, .axes = axes, .tree = tree};
    uint32_t *root = NULL;
    uint32_t *degree = NULL;
    *tree = (struct sil_tree){0};

    SIL_TRY(sil_alloc(&tree->nodes, d, sizeof *tree->nodes, "the tree", err));
    SIL_TRY(sil_alloc(&b.edges, d, 2 * sizeof *b.edges, "the tree", err));
    SIL_TRY(
        sil_alloc(&b.first_edge, (size_t)d + 1, sizeof *b.first_edge, "the tree", err));
    SIL_TRY(sil_alloc(&b.is_done, d, sizeof *b.is_done, "the tree", err));
    SIL_TRY(sil_alloc(&b.holder, d, sizeof *b.holder, "the tree", err));
    SIL_TRY(sil_alloc(&root, d, sizeof *root, "the tree", err));
    SIL_TRY(sil_alloc(&degree, d, sizeof *degree, "the tree", err));
    list_edges(&b);
    count_degrees(&b, degree);
    for (uint32_t a = 0; a < d; a++) {
        root[a] = SIL_NO_NODE;
    }
    choose_roots(&b, root);
    for (uint32_t a = 0; a < d; a++) {
        if (root[a] != SIL_NO_NODE) {
            grow_tree(&b, root[a], degree);
        }
    }
    SIL_TRY(index_nodes(tree, d, err));

cleanup:
    free(b.edges);
    free(b.first_edge);
    free(b.is_done);
    free(b.holder);
    free(root);
    free(degree);
    if (status != SIL_OK) {
        sil_tree_clear(tree);
    }
    return status;
}

void sil_tree_clear(struct sil_tree *tree)
{
    free(tree->nodes);
    free(tree->first_of);
    free(tree->nodes_of);
    *tree = (struct sil_tree){0};
}

uint32_t sil_tree_home(const struct sil_tree *tree, const struct sil_clique *clique)
{
    uint32_t rarest = clique->attr[0];
    for (uint32_t i = 1; i < clique->n; i++) {
        uint32_t r = clique->attr[i];
        if (tree->first_of[r + 1] - tree->first_of[r] <
            tree->first_of[rarest + 1] - tree->first_of[rarest]) {
            rarest = r;
        }
    }
    uint32_t best = SIL_NO_NODE;
    for (uint32_t i = tree->first_of[rarest]; i < tree->first_of[rarest + 1]; i++) {
        uint32_t j = tree->nodes_of[i];
        if (sil_clique_contains(&tree->nodes[j].clique, clique) &&
            (best == SIL_NO_NODE || tree->nodes[j].cells < tree->nodes[best].cells)) {
            best = j;
        }
    }
    return best;
}
