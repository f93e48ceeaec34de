// SPDX-License-Identifier: Apache-2.0
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

/* Every shape that a junction tree can take, on domains small enough to enumerate. */
static const struct shape {
    const char *name;
    const char *cliques; ///< in canonical order
    uint32_t n_attrs;
    uint32_t sizes[8];
} SHAPES[] = {
    {"tree",                 "0,1;1,2;2,3",                 4, {2, 3, 4, 5}            },
    {"cycle",                "0;0,1;0,2;1,2;1,3",           4, {2, 3, 4, 5}            },
    {"missing attributes",   "0,1;0,3",                     4, {2, 3, 4, 5}            },
    {"all in one",           "0,1,2,3",                     4, {2, 3, 4, 5}            },
    {"one column",           "3",                           4, {2, 3, 4, 5}            },
    {"disconnected",         "0,1;2,3",                     4, {2, 3, 4, 5}            },
    {"nothing",              "",                            4, {2, 3, 4, 5}            },
    {"a clique in a clique", "0;1;0,1;0,1,2",               4, {5, 2, 3, 4}            },
    {"square",               "0,1;0,3;1,2;2,3",             4, {3, 2, 4, 3}            },
    {"star",                 "0,1;0,2;0,3;0,4;0,5",         6, {3, 2, 4, 2, 3, 2}      },
    {"chain",                "0,1;1,2;2,3;3,4;4,5;5,6",     7, {2, 3, 2, 4, 2, 3, 2}   },
    {"two hubs",             "0,1;0,2;0,3;3,4;3,5;3,6",     7, {3, 2, 3, 4, 2, 2, 2}   },
    {"overlapping triples",  "0,1,2;1,2,3;2,3,4;3,4,5",     6, {2, 3, 2, 3, 2, 3}      },
    {"a ring of six",        "0,1;0,5;1,2;2,3;3,4;4,5",     6, {2, 3, 2, 3, 2, 3}      },
    {"binary columns",       "0,1,2;0,3,4;1,5;2,6;3,7;6,7", 8, {2, 2, 2, 2, 2, 2, 2, 2}},
    {"columns of one value", "0;1;2,3",                     4, {1, 3, 4, 2}            },
    {"one long column",      "0,1;1,2",                     3, {70, 3, 41}             },
    {"two forests",          "0,1;1,2;3,4;4,5;6,7",         8, {2, 2, 3, 2, 3, 2, 2, 2}},
};

enum { N_SHAPES = sizeof SHAPES / sizeof SHAPES[0] };

struct setting {
    struct sil_domain domain;
    struct sil_clique cliques[16];
    double *values[16];
    size_t n;
    double *joint; ///< normalised to 1
};

static void set_up(struct setting *s, const struct shape *shape, struct random *r,
                   double spread)
{
    s->domain = (struct sil_domain){shape->n_attrs, shape->sizes, NULL};
    s->n = parse_cliques(s->cliques, shape->cliques);
    size_t cells = all_cells(&s->domain);
    long double *weight = calloc(cells, sizeof *weight);
    s->joint = calloc(cells, sizeof *s->joint);
    for (size_t k = 0; k < s->n; k++) {
        size_t n = sil_clique_cells(&s->domain, &s->cliques[k]);
        s->values[k] = calloc(n, sizeof(double));
        for (size_t i = 0; i < n; i++) {
            s->values[k][i] = spread * (2 * random_unit(r) - 1);
        }
        for (size_t cell = 0; cell < cells; cell++) {
            weight[cell] += s->values[k][cell_within(&s->domain, &s->cliques[k], cell)];
        }
    }
    long double largest = weight[0];
    for (size_t cell = 0; cell < cells; cell++) {
        largest = weight[cell] > largest ? weight[cell] : largest;
    }
    long double sum = 0;
    for (size_t cell = 0; cell < cells; cell++) {
        weight[cell] = expl(weight[cell] - largest);
        sum += weight[cell];
    }
    for (size_t cell = 0; cell < cells; cell++) {
        s->joint[cell] = (double)(weight[cell] / sum);
    }
    free(weight);
}

static void tear_down(struct setting *s)
{
    for (size_t k = 0; k < s->n; k++) {
        free(s->values[k]);
    }
    free(s->joint);
}

static struct sil_graphical_model *build(const struct setting *s, double total)
{
    struct sil_error err = {""};
    struct sil_graphical_model *model;
    sil_status status =
        sil_gm_from_potentials(&model, &s->domain, total, s->cliques,
                               (const double *const *)s->values, s->n, 1, &err);
    cr_assert_eq(status, SIL_OK, "%s", err.text);
    return model;
}

/* All 2^d marginals of each shape against the enumerated joint table. */
static void check_all_subsets(const struct shape *shape, struct random *r, double total,
                              double spread)
{
    struct setting s;
    set_up(&s, shape, r, spread);
    struct sil_graphical_model *model = build(&s, total);
    size_t cells = all_cells(&s.domain);
    double *got = calloc(cells, sizeof *got);
    double *want = calloc(cells, sizeof *want);

    for (uint32_t mask = 0; mask < 1u << shape->n_attrs; mask++) {
        struct sil_clique c = clique_of_mask(&s.domain, mask);
        brute_marginal(want, &s.domain, s.joint, &c);
        cr_assert_eq(sil_gm_marginal(got, model, &c, NULL), SIL_OK);

        double sum = 0;
        for (size_t i = 0; i < sil_clique_cells(&s.domain, &c); i++) {
            double error = fabs(got[i] - total * want[i]);
            cr_assert_leq(error, 1e-11 * total * want[i] + 1e-290,
                          "%s, subset %x, cell %zu: %g, not %g", shape->name, mask, i,
                          got[i], total * want[i]);
            sum += got[i];
        }
        cr_assert_float_eq(sum, total, 1e-11 * total, "%s: the total", shape->name);
    }
    free(got);
    free(want);
    sil_gm_free(model);
    tear_down(&s);
}

Test(model_marginals, of_every_subset_agree_with_the_joint_table)
{
    struct random r = random_start("every subset", 20261);
    for (size_t i = 0; i < N_SHAPES; i++) {
        check_all_subsets(&SHAPES[i], &r, 1, 3);
        check_all_subsets(&SHAPES[i], &r, 100, 3);
    }
}

Test(model_marginals, of_potentials_at_zero_are_uniform)
{
    struct random r = random_start("uniform", 1);
    for (size_t i = 0; i < N_SHAPES; i++) {
        check_all_subsets(&SHAPES[i], &r, 100, 0);
    }
}

Test(model_marginals, in_a_batch_agree_with_one_by_one)
{
    struct random r = random_start("batch", 20262);
    for (size_t i = 0; i < N_SHAPES; i++) {
        struct setting s;
        set_up(&s, &SHAPES[i], &r, 2);
        struct sil_graphical_model *model = build(&s, 1000);

        enum { N = 256 };

        size_t n = (size_t)1 << SHAPES[i].n_attrs;
        struct sil_clique cliques[N];
        double *out[2][N];
        for (uint32_t mask = 0; mask < n; mask++) {
            cliques[mask] = clique_of_mask(&s.domain, mask);
            size_t cells = sil_clique_cells(&s.domain, &cliques[mask]);
            out[0][mask] = calloc(cells, sizeof(double));
            out[1][mask] = calloc(cells, sizeof(double));
        }

        cr_assert_eq(sil_gm_marginals(out[0], model, cliques, n, 1, NULL), SIL_OK);
        cr_assert_eq(sil_gm_marginals(out[1], model, cliques, n, 3, NULL), SIL_OK);

        for (uint32_t mask = 0; mask < n; mask++) {
            size_t cells = sil_clique_cells(&s.domain, &cliques[mask]);
            double *one = calloc(cells, sizeof *one);
            cr_assert_eq(sil_gm_marginal(one, model, &cliques[mask], NULL), SIL_OK);
            for (size_t k = 0; k < cells; k++) {
                cr_assert_float_eq(out[0][mask][k], one[k], 1e-10 * one[k] + 1e-290,
                                   "%s, subset %x", SHAPES[i].name, mask);
            }
            cr_assert_arr_eq(out[0][mask], out[1][mask], cells * sizeof(double),
                             "%s, subset %x: threads change bits", SHAPES[i].name,
                             mask);
            free(one);
            free(out[0][mask]);
            free(out[1][mask]);
        }
        sil_gm_free(model);
        tear_down(&s);
    }
}

/* Ten different random cliques of two or three of the columns. */
static void draw_cliques(char *text, size_t size, uint32_t n_attrs, struct random *r)
{
    enum { N_CLIQUES = 10 };

    uint32_t seen[N_CLIQUES] = {0};
    size_t length = 0;
    for (size_t n = 0; n < N_CLIQUES;) {
        uint32_t mask = 0;
        for (int i = 0; i < 3; i++) {
            mask |= 1u << random_below(r, n_attrs);
        }
        bool is_new = (mask & (mask - 1)) != 0;
        for (size_t k = 0; k < n; k++) {
            is_new = is_new && seen[k] != mask;
        }
        if (!is_new) {
            continue;
        }
        seen[n++] = mask;
        const char *before = n > 1 ? ";" : "";
        for (uint32_t a = 0; a < n_attrs; a++) {
            if ((mask >> a & 1) != 0) {
                length +=
                    (size_t)snprintf(text + length, size - length, "%s%u", before, a);
                before = ",";
            }
        }
    }
}

/* All pairs and triples of a model at once, for one thread and for three. */
static void check_pairs_and_triples(const struct setting *s)
{
    enum { MOST = 84 };

    struct sil_graphical_model *model = build(s, 1000);
    struct sil_clique cliques[MOST];
    double *out[2][MOST];
    size_t n = 0;
    for (uint32_t mask = 0; mask < 1u << s->domain.n_attrs; mask++) {
        int size = __builtin_popcount(mask);
        if (size == 2 || size == 3) {
            cliques[n] = clique_of_mask(&s->domain, mask);
            size_t cells = sil_clique_cells(&s->domain, &cliques[n]);
            out[0][n] = calloc(cells, sizeof(double));
            out[1][n++] = calloc(cells, sizeof(double));
        }
    }
    cr_assert_eq(sil_gm_marginals(out[0], model, cliques, n, 1, NULL), SIL_OK);
    cr_assert_eq(sil_gm_marginals(out[1], model, cliques, n, 3, NULL), SIL_OK);

    for (size_t k = 0; k < n; k++) {
        size_t cells = sil_clique_cells(&s->domain, &cliques[k]);
        double *want = calloc(cells, sizeof *want);
        brute_marginal(want, &s->domain, s->joint, &cliques[k]);
        for (size_t i = 0; i < cells; i++) {
            cr_assert_leq(fabs(out[0][k][i] - 1000 * want[i]), 1e-8 * want[i] + 1e-290,
                          "clique %zu, cell %zu", k, i);
        }
        cr_assert_arr_eq(out[0][k], out[1][k], cells * sizeof(double),
                         "clique %zu: threads change bits", k);
        free(want);
        free(out[0][k]);
        free(out[1][k]);
    }
    sil_gm_free(model);
}

Test(model_marginals, of_random_models_agree_with_the_joint_table, .timeout = 120)
{
    enum { N_MODELS = 40 };

    struct random r = random_start("random models", 20263);
    for (int i = 0; i < N_MODELS; i++) {
        char text[256];
        struct shape shape = {.name = "random", .cliques = text, .n_attrs = 8};
        struct setting s;
        for (uint32_t a = 0; a < shape.n_attrs; a++) {
            shape.sizes[a] = 2 + (uint32_t)random_below(&r, a == 7 ? 9 : 3);
        }
        draw_cliques(text, sizeof text, shape.n_attrs, &r);
        set_up(&s, &shape, &r, 2);
        check_pairs_and_triples(&s);
        tear_down(&s);
    }
}
