// SPDX-License-Identifier: Apache-2.0
#include "model/axes.h"
#include "model/graph.h"
#include "model/tree.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

enum { MANY = 24 };

static const uint32_t SIZES[MANY] = {5, 2, 9, 3, 3, 7, 2, 4, 6, 2, 2, 3,
                                     8, 5, 2, 2, 4, 3, 2, 6, 2, 5, 3, 2};

static struct sil_clique random_clique(struct random *r, uint32_t n_attrs,
                                       uint32_t most)
{
    struct sil_clique c = {0};
    uint32_t n = 1 + (uint32_t)random_below(r, most);
    for (uint32_t i = 0; i < n; i++) {
        struct sil_clique one = sil_clique_single((uint32_t)random_below(r, n_attrs));
        struct sil_clique both;
        cr_assert(sil_clique_unite(&both, &c, &one));
        c = both;
    }
    return c;
}

static void add(struct sil_graph *graph, const struct sil_clique *c)
{
    struct sil_error err = {""};
    cr_assert_eq(sil_graph_add(graph, c, &err), SIL_OK, "%s", err.text);
}

/* Cells of the model that measures these cliques: the size that a fit really has. */
static uint64_t cells_of_fit(const struct sil_domain *domain,
                             const struct sil_clique *cliques, size_t n)
{
    static double zeros[1 << 12];
    const double *values[64];
    struct sil_graphical_model *model;
    struct sil_clique distinct[64];
    size_t n_distinct = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_new = true;
        for (size_t k = 0; k < n_distinct; k++) {
            is_new = is_new && sil_clique_compare(&distinct[k], &cliques[i]) != 0;
        }
        if (is_new) {
            values[n_distinct] = zeros;
            distinct[n_distinct++] = cliques[i];
        }
    }
    cr_assert_eq(sil_gm_from_potentials(&model, domain, 1, distinct, values, n_distinct,
                                        1, NULL),
                 SIL_OK);
    uint64_t cells = sil_gm_tree_cells(model);
    sil_gm_free(model);
    return cells;
}

Test(model_graph, promises_exactly_what_adding_a_clique_and_fitting_give)
{
    struct random r = random_start("promise", 41);
    for (int trial = 0; trial < 40; trial++) {
        struct sil_domain domain = {4 + (uint32_t)random_below(&r, 9), SIZES, NULL};
        struct sil_graph *graph;
        struct sil_clique cliques[16];
        cr_assert_eq(sil_graph_new(&graph, &domain, NULL), SIL_OK);
        cr_expect_eq(sil_graph_tree_cells(graph, NULL, UINT64_MAX), 0);

        for (size_t n = 0; n < 10; n++) {
            cliques[n] = random_clique(&r, domain.n_attrs, 3);
            uint64_t promise = sil_graph_tree_cells(graph, &cliques[n], UINT64_MAX);
            bool supported = sil_graph_supports(graph, &cliques[n]);
            uint64_t before = sil_graph_tree_cells(graph, NULL, UINT64_MAX);
            add(graph, &cliques[n]);
            uint64_t after = sil_graph_tree_cells(graph, NULL, UINT64_MAX);

            cr_assert_eq(promise, after);
            cr_assert_eq(after, cells_of_fit(&domain, cliques, n + 1));
            cr_assert(sil_graph_supports(graph, &cliques[n]));
            if (supported) {
                cr_assert_leq(after, before, "a supported clique made the tree larger");
            }
            cr_assert_eq(sil_graph_tree_cells(graph, &cliques[n], after), after);
            cr_assert_eq(sil_graph_tree_cells(graph, &cliques[n], after - 1),
                         UINT64_MAX);
        }
        sil_graph_free(graph);
    }
}

Test(model_graph, does_not_depend_on_the_order_of_adding)
{
    struct random r = random_start("order", 42);
    struct sil_domain domain = {12, SIZES, NULL};
    struct sil_clique cliques[10];
    struct sil_graph *forth;
    struct sil_graph *back;
    cr_assert_eq(sil_graph_new(&forth, &domain, NULL), SIL_OK);
    cr_assert_eq(sil_graph_new(&back, &domain, NULL), SIL_OK);
    for (size_t i = 0; i < 10; i++) {
        cliques[i] = random_clique(&r, 12, 3);
        add(forth, &cliques[i]);
    }

    for (size_t i = 10; i-- > 0;) {
        add(back, &cliques[i]);
    }

    cr_expect_eq(sil_graph_tree_cells(forth, NULL, UINT64_MAX),
                 sil_graph_tree_cells(back, NULL, UINT64_MAX));
    for (uint32_t mask = 1; mask < 1u << 12; mask++) {
        struct sil_clique c = clique_of_mask(&domain, mask);
        cr_assert_eq(sil_graph_supports(forth, &c), sil_graph_supports(back, &c));
    }
    sil_graph_free(forth);
    sil_graph_free(back);
}

/* The nodes that hold an attribute are connected, a separator is what two nodes share, and
 * no node lies inside another. */
static void check_tree(const struct sil_tree *tree, uint32_t n_attrs)
{
    for (uint32_t a = 0; a < n_attrs; a++) {
        uint32_t tops = 0;
        for (uint32_t j = 0; j < tree->n; j++) {
            const struct sil_node *node = &tree->nodes[j];
            bool has = sil_clique_has(&node->clique, a);
            bool above = node->parent != SIL_NO_NODE &&
                         sil_clique_has(&tree->nodes[node->parent].clique, a);
            tops += has && !above;
            cr_assert_eq(has && above, sil_clique_has(&node->separator, a));
        }
        cr_assert_eq(tops, 1, "attribute %u heads %u subtrees", a, tops);
    }
    for (uint32_t j = 0; j < tree->n; j++) {
        cr_assert(tree->nodes[j].parent == SIL_NO_NODE || tree->nodes[j].parent < j);
        for (uint32_t k = 0; k < tree->n; k++) {
            cr_assert(j == k || !sil_clique_contains(&tree->nodes[k].clique,
                                                     &tree->nodes[j].clique));
        }
    }
}

Test(model_graph, becomes_a_junction_tree_of_maximal_cliques)
{
    struct random r = random_start("junction tree", 43);
    for (int trial = 0; trial < 60; trial++) {
        struct sil_domain domain = {3 + (uint32_t)random_below(&r, MANY - 2), SIZES,
                                    NULL};
        struct sil_graph *graph;
        struct sil_axes axes;
        struct sil_tree tree;
        struct sil_clique cliques[20];
        size_t n = random_below(&r, 20);
        cr_assert_eq(sil_graph_new(&graph, &domain, NULL), SIL_OK);
        cr_assert_eq(sil_axes_init(&axes, &domain, NULL), SIL_OK);
        for (size_t i = 0; i < n; i++) {
            cliques[i] = random_clique(&r, domain.n_attrs, 3);
            add(graph, &cliques[i]);
        }

        cr_assert_eq(sil_tree_init(&tree, graph, &axes, NULL), SIL_OK);

        check_tree(&tree, domain.n_attrs);
        for (size_t i = 0; i < n; i++) {
            struct sil_clique inner = sil_axes_inward(&axes, &cliques[i]);
            cr_assert_neq(sil_tree_home(&tree, &inner), SIL_NO_NODE);
        }
        sil_tree_clear(&tree);
        sil_axes_clear(&axes);
        sil_graph_free(graph);
    }
}

Test(model_graph, finds_the_known_trees)
{
    static const struct {
        const char *cliques;
        uint64_t cells;
    } CASES[] = {
        {"0,1;1,2;2,3",         5 * 2 + 2 * 9 + 9 * 3            },
        {"0,1;0,3;1,2;2,3",     5 * 2 * 3 + 2 * 9 * 3            },
        {"0;1;2",               5 + 2 + 9                        },
        {"0,1,2",               5 * 2 * 9                        },
        {"0,1;0,2;1,2",         5 * 2 * 9                        },
        {"1,3;1,4;1,5;1,6;1,7", 2 * 3 + 2 * 3 + 2 * 7 + 2 * 2 + 8},
    };
    struct sil_domain domain = {8, SIZES, NULL};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_graph *graph;
        struct sil_clique cliques[8];
        size_t n = parse_cliques(cliques, CASES[i].cliques);
        cr_assert_eq(sil_graph_new(&graph, &domain, NULL), SIL_OK);
        for (size_t k = 0; k < n; k++) {
            add(graph, &cliques[k]);
        }

        cr_expect_eq(sil_graph_tree_cells(graph, NULL, UINT64_MAX), CASES[i].cells,
                     "%s", CASES[i].cliques);
        sil_graph_free(graph);
    }
}

Test(model_graph, refuses_a_node_of_too_many_attributes)
{
    enum { WIDE = 40 };

    uint32_t sizes[WIDE];
    struct sil_domain domain = {WIDE, sizes, NULL};
    struct sil_graph *graph;
    for (uint32_t a = 0; a < WIDE; a++) {
        sizes[a] = 2;
    }
    cr_assert_eq(sil_graph_new(&graph, &domain, NULL), SIL_OK);
    struct sil_clique low = {.n = 20};
    struct sil_clique high = {.n = 20};
    for (uint32_t i = 0; i < 20; i++) {
        low.attr[i] = i;
        high.attr[i] = 14 + i;
    }
    add(graph, &low);
    add(graph, &high);
    cr_expect_eq(sil_graph_tree_cells(graph, NULL, UINT64_MAX), 2 << 20);

    /* Joining every attribute of one to every attribute of the other, one pair at a time,
     * ends in a node of 34. */
    sil_status status = SIL_OK;
    struct sil_error err = {""};
    for (uint32_t a = 0; a < 14 && status == SIL_OK; a++) {
        for (uint32_t b = 20; b < 34 && status == SIL_OK; b++) {
            struct sil_clique pair = {
                .n = 2, .attr = {a, b}
            };
            uint64_t promise = sil_graph_tree_cells(graph, &pair, UINT64_MAX);
            status = sil_graph_add(graph, &pair, &err);
            cr_assert_eq(status != SIL_OK, promise == UINT64_MAX);
        }
    }
    cr_expect_eq(status, SIL_ERR_USAGE);
    cr_expect_neq(err.text[0], '\0');
    sil_graph_free(graph);
}

Test(model_graph, takes_thousands_of_attributes)
{
    enum { WIDE = 3000 };

    uint32_t *sizes = calloc(WIDE, sizeof *sizes);
    struct sil_domain domain = {WIDE, sizes, NULL};
    struct sil_clique *chain = calloc(WIDE, sizeof *chain);
    struct sil_graph *graph;
    for (uint32_t a = 0; a < WIDE; a++) {
        sizes[a] = 3;
        chain[a] = (struct sil_clique){
            .n = 2, .attr = {a, a + 1}
        };
    }
    cr_assert_eq(sil_graph_new(&graph, &domain, NULL), SIL_OK);

    cr_assert_eq(sil_graph_add_all(graph, chain, WIDE - 1, NULL), SIL_OK);

    struct sil_clique far = {
        .n = 2, .attr = {0, WIDE - 1}
    };
    cr_expect_eq(sil_graph_tree_cells(graph, NULL, UINT64_MAX), 9 * (WIDE - 1));
    cr_expect_eq(sil_graph_tree_cells(graph, &far, UINT64_MAX), 27 * (WIDE - 2));
    cr_expect(sil_graph_supports(graph, &chain[17]));
    cr_expect_not(sil_graph_supports(graph, &far));
    sil_graph_free(graph);
    free(chain);
    free(sizes);
}

/* The size filter for finer values of some attributes: their sizes are changed for one
 * query whose clique holds them all. */
Test(model_graph, answers_for_sizes_changed_within_the_clique_asked)
{
    struct random r = random_start("sizes", 44);
    for (int trial = 0; trial < 60; trial++) {
        uint32_t sizes[MANY];
        struct sil_domain domain = {4 + (uint32_t)random_below(&r, 12), sizes, NULL};
        struct sil_graph *graph;
        struct sil_clique cliques[16];
        size_t n = 1 + random_below(&r, 12);
        memcpy(sizes, SIZES, sizeof sizes);
        cr_assert_eq(sil_graph_new(&graph, &domain, NULL), SIL_OK);
        for (size_t k = 0; k < n; k++) {
            cliques[k] = random_clique(&r, domain.n_attrs, 3);
            add(graph, &cliques[k]);
        }
        struct sil_clique extra = random_clique(&r, domain.n_attrs, 3);
        for (uint32_t i = 0; i < extra.n; i++) {
            sizes[extra.attr[i]] += (uint32_t)random_below(&r, 9);
        }

        uint64_t promise = sil_graph_tree_cells(graph, &extra, UINT64_MAX);

        struct sil_graph *fresh;
        cr_assert_eq(sil_graph_new(&fresh, &domain, NULL), SIL_OK);
        for (size_t k = 0; k < n; k++) {
            add(fresh, &cliques[k]);
        }
        add(fresh, &extra);
        cr_assert_eq(promise, sil_graph_tree_cells(fresh, NULL, UINT64_MAX), "trial %d",
                     trial);
        cr_assert_eq(promise, sil_graph_tree_cells(graph, &extra, promise));
        cr_assert(sil_graph_has_room(graph, &extra, promise));
        cr_assert_not(sil_graph_has_room(graph, &extra, promise - 1));
        cr_assert_eq(sil_graph_tree_cells(graph, &extra, promise - 1), UINT64_MAX);
        sil_graph_free(graph);
        sil_graph_free(fresh);
    }
}
