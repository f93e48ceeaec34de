// SPDX-License-Identifier: Apache-2.0
#include "model/graph.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/elimination.h"

#include <stdlib.h>
#include <string.h>

/* A component this small is eliminated on the stack: the size filter of a mechanism asks
 * for hundreds of candidates a round. */
enum { SMALL = 96, SMALL_WORDS = 2 };

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* Structural zeros tie their attributes to each other, measured or not. */
static sil_status add_zeros(struct sil_graph *graph, const struct sil_zeros *zeros,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; zeros != NULL && i < zeros->n; i++) {
        SIL_TRY(sil_graph_add(graph, &zeros->table[i].clique, err));
    }

cleanup:
    return status;
}

sil_status sil_graph_new(struct sil_graph **out, const struct sil_domain *domain,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graph *graph = NULL;
    *out = NULL;

    SIL_TRY(sil_alloc(&graph, 1, sizeof *graph, "a graph", err));
    graph->domain = *domain;
    SIL_TRY(sil_alloc(&graph->vertex, domain->n_attrs, sizeof *graph->vertex,
                      "the attributes of a graph", err));
    SIL_TRY(sil_alloc(&graph->cells, domain->n_attrs, sizeof *graph->cells,
                      "the components of a graph", err));
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        graph->vertex[a].component = a;
        graph->vertex[a].parent = a;
        graph->vertex[a].holder = a;
        graph->vertex[a].closure = sil_clique_single(a);
    }
    SIL_TRY(add_zeros(graph, domain->zeros, err));
    *out = graph;
    graph = NULL;

cleanup:
    sil_graph_free(graph);
    return status;
}

void sil_graph_free(struct sil_graph *graph)
{
    if (graph == NULL) {
        return;
    }
    for (uint32_t a = 0; graph->vertex != NULL && a < graph->domain.n_attrs; a++) {
        free(graph->vertex[a].neighbours);
    }
    free(graph->vertex);
    free(graph->cells);
    free(graph);
}

static sil_status join(struct sil_graph *graph, uint32_t a, uint32_t b,
                       struct sil_error *err)
{
    struct sil_vertex *v = &graph->vertex[a];
    size_t place = v->n_neighbours;
    while (place > 0 && v->neighbours[place - 1] >= b) {
        place--;
    }
    if (place < v->n_neighbours && v->neighbours[place] == b) {
        return SIL_OK;
    }

    sil_status status = sil_grow(&v->neighbours, &v->capacity, v->n_neighbours + 1,
                                 sizeof *v->neighbours, "the edges of a graph", err);
    if (status == SIL_OK) {
        (void)memmove(v->neighbours + place + 1, v->neighbours + place,
                      (v->n_neighbours - place) * sizeof *v->neighbours);
        v->neighbours[place] = b;
        v->n_neighbours++;
    }
    return status;
}

/* The lowest attribute of the component of `a`, while components are being merged. */
static uint32_t find(uint32_t *above, uint32_t a)
{
    while (above[a] != a) {
        above[a] = above[above[a]];
        a = above[a];
    }
    return a;
}

static void merge(uint32_t *above, uint32_t a, uint32_t b)
{
    uint32_t one = find(above, a);
    uint32_t two = find(above, b);
    above[one > two ? one : two] = one > two ? two : one;
}

/* The memory of one elimination: the numbers of the attributes, and the scratch. */
struct workshop {
    uint32_t *attr;
    uint32_t *number; ///< of each attribute of the domain; valid for members only
    uint32_t *first;  ///< of each component that is added to: its first member
    uint32_t *next;   ///< of each attribute: the next member of its component
    uint64_t *words;
    struct sil_component component;
};

static size_t workshop_words(uint32_t n)
{
    size_t row = ((size_t)n + 63) / 64;
    return n + n * row + sil_elimination_scratch(n);
}

/* Write the component of the members attr[0 .. n - 1] (ascending), with the edges of the
 * graph and those of `extra`, and return where the scratch of its elimination starts. */
static uint64_t *lay_out(struct workshop *shop, const struct sil_graph *graph,
                         uint32_t n, const struct sil_clique *extra)
{
    struct sil_component *c = &shop->component;
    uint32_t words = (n + 63) / 64;
    *c = (struct sil_component){.n = n, .words = words, .attr = shop->attr};
    c->sizes = shop->words;
    c->rows = shop->words + n;
    (void)memset(c->rows, 0, (size_t)n * words * sizeof *c->rows);

    for (uint32_t v = 0; v < n; v++) {
        const struct sil_vertex *vertex = &graph->vertex[shop->attr[v]];
        c->sizes[v] = graph->domain.sizes[shop->attr[v]];
        for (size_t i = 0; i < vertex->n_neighbours; i++) {
            uint32_t u = shop->number[vertex->neighbours[i]];
            c->rows[(size_t)v * words + u / 64] |= UINT64_C(1) << (u % 64);
        }
    }
    for (uint32_t i = 0; extra != NULL && i < extra->n; i++) {
        for (uint32_t k = 0; k < extra->n; k++) {
            uint32_t v = shop->number[extra->attr[i]];
            uint32_t u = shop->number[extra->attr[k]];
            c->rows[(size_t)v * words + u / 64] |= (uint64_t)(u != v) << (u % 64);
        }
    }
    return c->rows + (size_t)n * words;
}

/* List, ascending, the attributes whose component is one of those of `clique`. */
static uint32_t list_members(struct workshop *shop, const struct sil_graph *graph,
                             const struct sil_clique *clique)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < graph->domain.n_attrs; a++) {
        bool is_member = false;
        for (uint32_t i = 0; i < clique->n && !is_member; i++) {
            is_member =
                graph->vertex[clique->attr[i]].component == graph->vertex[a].component;
        }
        if (is_member) {
            shop->number[a] = n;
            shop->attr[n++] = a;
        }
    }
    return n;
}

static void record(struct sil_graph *graph, const struct sil_component *c,
                   const struct sil_elimination *found)
{
    for (uint32_t v = 0; v < c->n; v++) {
        struct sil_vertex *vertex = &graph->vertex[c->attr[v]];
        vertex->position = found->position[v];
        vertex->parent = c->attr[found->parent[v]];
        vertex->holder = c->attr[found->holder[v]];
        vertex->closure = (struct sil_clique){0};
        for (uint32_t u = 0; u < c->n; u++) {
            bool is_near =
                (found->rows[(size_t)v * c->words + u / 64] >> (u % 64) & 1) != 0;
            if (is_near || u == v) {
                vertex->closure.attr[vertex->closure.n++] = c->attr[u];
            }
        }
    }
    graph->cells[c->attr[0]] = found->cells;
}

static sil_status eliminate_component(struct sil_graph *graph, struct workshop *shop,
                                      uint32_t lowest, struct sil_error *err)
{
    struct sil_elimination found;
    uint64_t *words;
    uint32_t n = 0;
    for (uint32_t a = shop->first[lowest]; a != UINT32_MAX; a = shop->next[a]) {
        shop->number[a] = n;
        shop->attr[n++] = a;
    }
    sil_status status =
        sil_alloc(&words, workshop_words(n), sizeof *words, "an elimination", err);
    if (status != SIL_OK) {
        return status;
    }

    shop->words = words;
    uint64_t *scratch = lay_out(shop, graph, n, NULL);
    sil_eliminate(&found, &shop->component, UINT64_MAX - 1, scratch);
    if (found.cells == UINT64_MAX) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "the cliques need a tree node of more than %d attributes",
                          SIL_CLIQUE_MAX);
    } else {
        record(graph, &shop->component, &found);
    }
    free(words);
    return status;
}

static sil_status add_edges(struct sil_graph *graph, uint32_t *above, bool *is_stale,
                            const struct sil_clique *c, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (uint32_t j = 0; j < c->n && status == SIL_OK; j++) {
        graph->vertex[c->attr[j]].is_present = true;
        is_stale[c->attr[j]] = true;
        merge(above, c->attr[0], c->attr[j]);
        for (uint32_t k = 0; k < c->n && status == SIL_OK; k++) {
            status = k != j ? join(graph, c->attr[j], c->attr[k], err) : SIL_OK;
        }
    }
    return status;
}

/* Give every attribute the name of its component, the lowest of its members, and list the
 * members of each in ascending order. */
static void name_components(struct sil_graph *graph, struct workshop *shop,
                            uint32_t *above, bool *is_stale)
{
    uint32_t d = graph->domain.n_attrs;
    for (uint32_t a = 0; a < d; a++) {
        shop->first[a] = UINT32_MAX;
        graph->cells[a] = find(above, a) == a ? graph->cells[a] : 0;
    }
    for (uint32_t a = d; a-- > 0;) {
        uint32_t name = find(above, a);
        graph->vertex[a].component = name;
        is_stale[name] = is_stale[name] || is_stale[a];
        shop->next[a] = shop->first[name];
        shop->first[name] = a;
    }
}

sil_status sil_graph_add_all(struct sil_graph *graph, const struct sil_clique *cliques,
                             size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct workshop shop = {0};
    uint32_t *memory = NULL;
    bool *is_stale = NULL;
    uint32_t d = graph->domain.n_attrs;

    SIL_TRY(sil_alloc(&memory, d, 5 * sizeof *memory, "an elimination", err));
    SIL_TRY(sil_alloc(&is_stale, d, sizeof *is_stale, "an elimination", err));
    uint32_t *above = memory;
    shop.attr = memory + d;
    shop.number = memory + 2 * (size_t)d;
    shop.first = memory + 3 * (size_t)d;
    shop.next = memory + 4 * (size_t)d;
    for (uint32_t a = 0; a < d; a++) {
        above[a] = graph->vertex[a].component;
    }
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(add_edges(graph, above, is_stale, &cliques[i], err));
    }
    name_components(graph, &shop, above, is_stale);
    for (uint32_t a = 0; a < d; a++) {
        if (is_stale[a] && graph->vertex[a].component == a) {
            SIL_TRY(eliminate_component(graph, &shop, a, err));
        }
    }

cleanup:
    free(memory);
    free(is_stale);
    return status;
}

sil_status sil_graph_add(struct sil_graph *graph, const struct sil_clique *clique,
                         struct sil_error *err)
{
    return sil_graph_add_all(graph, clique, 1, err);
}

bool sil_graph_supports(const struct sil_graph *graph, const struct sil_clique *clique)
{
    if (clique->n == 0) {
        return true;
    }
    /* A clique lies in some node exactly when it lies in the closure of the first of its
     * attributes to be eliminated. */
    uint32_t first = clique->attr[0];
    for (uint32_t i = 0; i < clique->n; i++) {
        const struct sil_vertex *v = &graph->vertex[clique->attr[i]];
        if (v->component != graph->vertex[first].component) {
            return false;
        }
        first = v->position < graph->vertex[first].position ? clique->attr[i] : first;
    }
    return graph->vertex[first].is_present &&
           sil_clique_contains(&graph->vertex[first].closure, clique);
}

/* Cells of the components that `extra` does not touch. */
static uint64_t cells_elsewhere(const struct sil_graph *graph,
                                const struct sil_clique *extra)
{
    uint64_t total = 0;
    for (uint32_t a = 0; a < graph->domain.n_attrs; a++) {
        bool is_touched = false;
        for (uint32_t i = 0; i < extra->n && !is_touched; i++) {
            is_touched = graph->vertex[extra->attr[i]].component == a;
        }
        total = is_touched ? total : plus(total, graph->cells[a]);
    }
    return total;
}

/* What is asked of a tree with `extra`: its cells, UINT64_MAX when they are more than the
 * limit, or only whether they are within it, which is then 0. */
struct question {
    const struct sil_graph *graph;
    const struct sil_clique *extra;
    uint64_t limit;
    bool is_whether;
};

static uint64_t answer(const struct question *q, struct workshop *shop, uint32_t n)
{
    struct sil_elimination found;
    uint64_t *scratch = lay_out(shop, q->graph, n, q->extra);
    if (q->is_whether) {
        return sil_elimination_fits(&shop->component, q->limit, scratch) ? 0
                                                                         : UINT64_MAX;
    }
    sil_eliminate(&found, &shop->component, q->limit, scratch);
    return found.cells;
}

static uint64_t answer_small(const struct question *q)
{
    uint32_t attr[SMALL];
    uint32_t number[SMALL];
    uint64_t words[SMALL * (12 + 3 * SMALL_WORDS)];
    struct workshop shop = {.attr = attr, .number = number, .words = words};
    uint32_t n = list_members(&shop, q->graph, q->extra);
    return answer(q, &shop, n);
}

static uint64_t answer_large(const struct question *q)
{
    uint64_t cells = UINT64_MAX;
    uint32_t d = q->graph->domain.n_attrs;
    struct workshop shop = {0};
    shop.attr = calloc(2 * (size_t)d, sizeof *shop.attr);
    if (shop.attr != NULL) {
        shop.number = shop.attr + d;
        uint32_t n = list_members(&shop, q->graph, q->extra);
        shop.words = calloc(workshop_words(n), sizeof *shop.words);
        if (shop.words != NULL) {
            cells = answer(q, &shop, n);
        }
    }
    free(shop.words);
    free(shop.attr);
    return cells;
}

/* The answer with the cells of all components. */
static uint64_t ask(const struct sil_graph *graph, const struct sil_clique *extra,
                    uint64_t limit, bool is_whether)
{
    uint64_t elsewhere = cells_elsewhere(graph, extra);
    if (elsewhere > limit) {
        return UINT64_MAX;
    }
    if (extra->n == 0) {
        return elsewhere;
    }
    const struct question q = {graph, extra, limit - elsewhere, is_whether};
    uint64_t joined =
        graph->domain.n_attrs <= SMALL ? answer_small(&q) : answer_large(&q);
    return joined > q.limit ? UINT64_MAX : elsewhere + joined;
}

uint64_t sil_graph_tree_cells(const struct sil_graph *graph,
                              const struct sil_clique *extra, uint64_t limit)
{
    static const struct sil_clique nothing = {0};
    return ask(graph, extra != NULL ? extra : &nothing, limit, false);
}

bool sil_graph_has_room(const struct sil_graph *graph, const struct sil_clique *extra,
                        uint64_t limit)
{
    return ask(graph, extra, limit, true) != UINT64_MAX;
}
