// SPDX-License-Identifier: Apache-2.0
#include "model/query.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"

#include <stdlib.h>
#include <string.h>

/* A table of its own over a clique. */
struct table {
    struct sil_clique clique;
    double *data;
    size_t cells;
};

/* A node on the way from the hub of a query to one of its attributes. Tables flow towards
 * the hub. */
struct branch {
    uint32_t node;
    size_t toward;               ///< the branch next to it on the way to the hub
    struct sil_clique separator; ///< between the two
    const double *mass;          ///< its marginal
    struct table table; ///< P(attributes asked for behind the separator | separator)
};

struct query {
    const struct sil_oracle *oracle;
    const struct sil_clique *asked;
    unsigned n_threads;
    struct branch *branches; ///< the hub first, each after the one it flows to
    size_t n;
};

static sil_status table_init(struct table *t, const struct sil_domain *domain,
                             const struct sil_clique *clique, struct sil_error *err)
{
    t->clique = *clique;
    t->cells = sil_clique_cells(domain, clique);
    return sil_alloc_aligned(&t->data, t->cells, sizeof *t->data, "a marginal", err);
}

sil_status sil_query_node(double *out, const struct sil_oracle *oracle, uint32_t j,
                          const struct sil_clique *keep, unsigned n_threads,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_term *terms = NULL;
    const struct sil_domain *domain = &oracle->axes->inner;
    size_t cells = sil_clique_cells(domain, keep);

    SIL_TRY(sil_alloc(&terms, sil_oracle_n_terms(oracle, j) + 1, sizeof *terms,
                      "a marginal", err));
    size_t n = sil_oracle_terms(terms, oracle, j);
    terms[n] = (struct sil_term){*keep, out};
    SIL_TRY(sil_pass_once(domain, &oracle->tree.nodes[j].clique, terms, n, 1, n_threads,
                          err));
    sil_kernels()->scale(out, out, sil_oracle_scale(oracle, j), cells);

cleanup:
    free(terms);
    return status;
}

/* How many attributes of the query a node has. */
static uint32_t n_asked(const struct query *q, uint32_t j)
{
    struct sil_clique common =
        sil_clique_intersect(&q->oracle->tree.nodes[j].clique, q->asked);
    return common.n;
}

static uint32_t choose_hub(const struct query *q)
{
    const struct sil_tree *tree = &q->oracle->tree;
    uint32_t best = SIL_NO_NODE;
    for (uint32_t i = 0; i < q->asked->n; i++) {
        uint32_t r = q->asked->attr[i];
        for (uint32_t k = tree->first_of[r]; k < tree->first_of[r + 1]; k++) {
            uint32_t j = tree->nodes_of[k];
            if (best == SIL_NO_NODE || n_asked(q, j) > n_asked(q, best) ||
                (n_asked(q, j) == n_asked(q, best) &&
                 tree->nodes[j].cells < tree->nodes[best].cells)) {
                best = j;
            }
        }
    }
    return best;
}

/* Mark the way from the hub to the nearest node that has attribute r. The nodes that have
 * it are connected, and the first of them is the nearest to the root. */
static void mark_way(bool *is_marked, const struct sil_tree *tree, uint32_t hub,
                     uint32_t r)
{
    uint32_t high = hub;
    uint32_t low = tree->nodes_of[tree->first_of[r]];
    while (high != low && !sil_clique_has(&tree->nodes[high].clique, r)) {
        /* Parents stand before children: the later of two nodes is not above the other. */
        uint32_t *later = high > low ? &high : &low;
        is_marked[*later] = true;
        *later = tree->nodes[*later].parent;
    }
    is_marked[high] = true;
}

static void add_branch(struct query *q, uint32_t node, size_t toward, uint32_t lower)
{
    struct branch *b = &q->branches[q->n++];
    *b = (struct branch){.node = node, .toward = toward};
    if (lower != SIL_NO_NODE) {
        b->separator = q->oracle->tree.nodes[lower].separator;
        b->mass = q->oracle->mass[lower];
    }
}

/* List the marked nodes from the hub outward. Up from the hub there is one way; all other
 * branches hang below a node listed before them. */
static void list_branches(struct query *q, const bool *is_marked, size_t *place,
                          uint32_t hub)
{
    const struct sil_tree *tree = &q->oracle->tree;
    add_branch(q, hub, 0, SIL_NO_NODE);
    place[hub] = 1;
    for (uint32_t j = hub;
         tree->nodes[j].parent != SIL_NO_NODE && is_marked[tree->nodes[j].parent];
         j = tree->nodes[j].parent) {
        add_branch(q, tree->nodes[j].parent, q->n - 1, j);
        place[tree->nodes[j].parent] = q->n;
    }
    for (uint32_t j = 0; j < tree->n; j++) {
        if (is_marked[j] && place[j] == 0) {
            add_branch(q, j, place[tree->nodes[j].parent] - 1, j);
            place[j] = q->n;
        }
    }
}

/* What must stay of the union of two cliques at branch i: what was asked for, its own
 * separator, and those of the branches from `first` on that flow into it. */
static struct sil_clique needed(const struct query *q, size_t i, size_t first,
                                const struct sil_clique *from)
{
    struct sil_clique keep = {0};
    for (uint32_t k = 0; k < from->n; k++) {
        uint32_t r = from->attr[k];
        bool is_needed =
            sil_clique_has(q->asked, r) || sil_clique_has(&q->branches[i].separator, r);
        for (size_t c = first; c < q->n && !is_needed; c++) {
            is_needed = q->branches[c].toward == i &&
                        sil_clique_has(&q->branches[c].separator, r);
        }
        if (is_needed) {
            keep.attr[keep.n++] = r;
        }
    }
    return keep;
}

/* t = sum over what is not needed of t * other. */
static sil_status absorb(struct table *t, const struct query *q, size_t i, size_t child,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_domain *domain = &q->oracle->axes->inner;
    const struct table *other = &q->branches[child].table;
    struct table next = {0};
    struct sil_clique whole;
    if (!sil_clique_unite(&whole, &t->clique, &other->clique)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "a marginal of too many attributes");
    }
    struct sil_clique keep = needed(q, i, child + 1, &whole);
    SIL_TRY(table_init(&next, domain, &keep, err));
    struct sil_term terms[3] = {
        {t->clique,     t->data    },
        {other->clique, other->data},
        {next.clique,   next.data  }
    };
    SIL_TRY(sil_pass_once(domain, &whole, terms, 2, 1, q->n_threads, err));
    free(t->data);
    *t = next;
    next.data = NULL;

cleanup:
    free(next.data);
    return status;
}

/* Turn P(separator, rest) into P(rest | separator); where the separator cannot be, 0. */
static sil_status condition(struct table *t, const struct query *q, size_t i,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_domain *domain = &q->oracle->axes->inner;
    const struct branch *b = &q->branches[i];
    struct table inverse = {0};
    struct table next = {0};
    SIL_TRY(table_init(&inverse, domain, &b->separator, err));
    for (size_t k = 0; k < inverse.cells; k++) {
        inverse.data[k] = b->mass[k] > 0 ? 1 / b->mass[k] : 0;
    }
    SIL_TRY(table_init(&next, domain, &t->clique, err));
    struct sil_term terms[3] = {
        {t->clique,      t->data     },
        {inverse.clique, inverse.data},
        {next.clique,    next.data   }
    };
    SIL_TRY(sil_pass_once(domain, &t->clique, terms, 2, 1, 1, err));
    free(t->data);
    *t = next;
    next.data = NULL;

cleanup:
    free(inverse.data);
    free(next.data);
    return status;
}

static sil_status fill_branch(struct query *q, size_t i, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_oracle *o = q->oracle;
    struct branch *b = &q->branches[i];
    struct sil_clique keep = needed(q, i, i + 1, &o->tree.nodes[b->node].clique);
    SIL_TRY(table_init(&b->table, &o->axes->inner, &keep, err));
    SIL_TRY(sil_query_node(b->table.data, o, b->node, &keep, q->n_threads, err));
    for (size_t c = i + 1; c < q->n; c++) {
        if (q->branches[c].toward == i) {
            SIL_TRY(absorb(&b->table, q, i, c, err));
        }
    }
    if (i > 0) {
        SIL_TRY(condition(&b->table, q, i, err));
    }

cleanup:
    return status;
}

/* The marginal of attributes of one component. */
static sil_status query_component(double *out, const struct sil_oracle *oracle,
                                  const struct sil_clique *clique, unsigned n_threads,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct query q = {.oracle = oracle, .asked = clique, .n_threads = n_threads};
    bool *is_marked = NULL;
    size_t *place = NULL;
    size_t n = oracle->tree.n;
    uint32_t home = sil_tree_home(&oracle->tree, clique);
    if (home != SIL_NO_NODE) {
        return sil_query_node(out, oracle, home, clique, n_threads, err);
    }

    SIL_TRY(sil_alloc(&is_marked, n, sizeof *is_marked, "a marginal", err));
    SIL_TRY(sil_alloc(&place, n, sizeof *place, "a marginal", err));
    uint32_t hub = choose_hub(&q);
    for (uint32_t i = 0; i < clique->n; i++) {
        mark_way(is_marked, &oracle->tree, hub, clique->attr[i]);
    }
    size_t n_marked = 0;
    for (size_t j = 0; j < n; j++) {
        n_marked += is_marked[j];
    }
    SIL_TRY(
        sil_alloc(&q.branches, n_marked + 1, sizeof *q.branches, "a marginal", err));
    list_branches(&q, is_marked, place, hub);
    for (size_t i = q.n; i-- > 0;) {
        SIL_TRY(fill_branch(&q, i, err));
    }
    (void)memcpy(out, q.branches[0].table.data,
                 q.branches[0].table.cells * sizeof *out);

cleanup:
    for (size_t i = 0; i < q.n; i++) {
        free(q.branches[i].table.data);
    }
    free(q.branches);
    free(place);
    free(is_marked);
    return status;
}

static uint32_t root_of(const struct sil_tree *tree, uint32_t r)
{
    uint32_t j = tree->nodes_of[tree->first_of[r]];
    while (tree->nodes[j].parent != SIL_NO_NODE) {
        j = tree->nodes[j].parent;
    }
    return j;
}

/* The attributes of the clique that share a component with its i-th; empty when an earlier
 * one does. */
static struct sil_clique part_of(const struct sil_tree *tree,
                                 const struct sil_clique *clique, uint32_t i)
{
    struct sil_clique part = {0};
    uint32_t root = root_of(tree, clique->attr[i]);
    for (uint32_t k = 0; k < clique->n; k++) {
        if (root_of(tree, clique->attr[k]) != root) {
            continue;
        }
        if (k < i) {
            return (struct sil_clique){0};
        }
        part.attr[part.n++] = clique->attr[k];
    }
    return part;
}

sil_status sil_query(double *out, const struct sil_oracle *oracle,
                     const struct sil_clique *clique, unsigned n_threads,
                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_domain *domain = &oracle->axes->inner;
    struct sil_term terms[SIL_CLIQUE_MAX + 1];
    struct table parts[SIL_CLIQUE_MAX] = {{.data = NULL}};
    size_t n = 0;
    double scale = oracle->total;

    for (uint32_t i = 0; i < clique->n; i++) {
        struct sil_clique part = part_of(&oracle->tree, clique, i);
        if (part.n == clique->n) {
            return query_component(out, oracle, clique, n_threads, err);
        }
        if (part.n > 0) {
            SIL_TRY(table_init(&parts[n], domain, &part, err));
            terms[n] = (struct sil_term){part, parts[n].data};
            n++;
            SIL_TRY(query_component(parts[n - 1].data, oracle, &part, n_threads, err));
            scale /= oracle->total;
        }
    }
    terms[n] = (struct sil_term){*clique, out};
    SIL_TRY(sil_pass_once(domain, clique, terms, n, 1, n_threads, err));
    sil_kernels()->scale(out, out, scale, sil_clique_cells(domain, clique));

cleanup:
    for (size_t i = 0; i < n; i++) {
        free(parts[i].data);
    }
    return status;
}
