// SPDX-License-Identifier: Apache-2.0
/* Tilted models against the joint table, by brute force. */
#include "model/tilt.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

static const uint64_t KEY = 5;

static const struct tilt_case {
    const char *name;
    const char *cliques;
    const char *attrs; ///< that are tilted
    uint32_t n_attrs;
    uint32_t sizes[6];
} CASES[] = {
    {"one node",                     "0,1,2",               "1",         3, {3, 4, 5}      },
    {"independent",                  "0;1;2",               "0,2",       4, {3, 4, 2, 3}   },
    {"chain",                        "0,1;1,2;2,3;3,4",     "0,4",       5, {3, 4, 5, 4, 3}},
    {"star",                         "0,1;0,2;0,3;0,4",     "0,2,3",     5, {3, 4, 5, 2, 3}},
    {"square",                       "0,1;0,3;1,2;2,3",     "1,3",       4, {3, 4, 3, 4}   },
    {"overlapping triples",          "0,1,2;1,2,3;2,3,4",   "2",         5, {3, 2, 3, 2, 3}},
    {"single potentials in between", "1;3;0,1;1,2;3,4",     "0,1,3,4",   5, {3, 4, 2, 3, 2}},
    {"columns without potentials",   "1,2",                 "0,3",       4, {3, 2, 3, 4}   },
    {"every column",                 "0,1;1,2;2,3;2,4;3,4", "0,1,2,3,4", 5, {4, 3, 2, 3, 4}},
    {"a column of one value",        "0;1,2",               "0,1",       3, {1, 3, 4}      },
};

enum { N_CASES = sizeof CASES / sizeof CASES[0], CELLS_MAX = 1 << 12, ROUNDS = 4 };

struct world {
    struct sil_domain domain;
    struct sil_graphical_model *model;
    struct sil_tilt *tilt;
    struct sil_clique tilted;
    double weight[6][8];
    const double *weights[6];
    double joint[CELLS_MAX]; ///< summing to 1
    double want[CELLS_MAX];  ///< tilted, summing to 1
    double mass;
};

static struct sil_clique whole_of(const struct sil_domain *domain)
{
    return clique_of_mask(domain, (1U << domain->n_attrs) - 1);
}

static void begin(struct world *w, const struct tilt_case *c, struct random *r)
{
    struct sil_clique cliques[8];
    double *values[8];
    size_t n = parse_cliques(cliques, c->cliques);
    w->domain = (struct sil_domain){c->n_attrs, c->sizes, NULL};
    for (size_t k = 0; k < n; k++) {
        size_t cells = sil_clique_cells(&w->domain, &cliques[k]);
        values[k] = calloc(cells, sizeof(double));
        for (size_t i = 0; i < cells; i++) {
            values[k][i] = 6 * random_unit(r);
        }
    }
    cr_assert_eq(sil_gm_from_potentials(&w->model, &w->domain, 300, cliques,
                                        (const double *const *)values, n, 2, NULL),
                 SIL_OK);
    double sum = 0;
    for (size_t cell = 0; cell < all_cells(&w->domain); cell++) {
        double log_p = 0;
        for (size_t k = 0; k < n; k++) {
            log_p += values[k][cell_within(&w->domain, &cliques[k], cell)];
        }
        sum += w->joint[cell] = exp(log_p);
    }
    for (size_t cell = 0; cell < all_cells(&w->domain); cell++) {
        w->joint[cell] /= sum;
    }
    for (size_t k = 0; k < n; k++) {
        free(values[k]);
    }
    (void)parse_cliques(&w->tilted, c->attrs);
    cr_assert_eq(
        sil_tilt_new(&w->tilt, w->model, w->tilted.attr, w->tilted.n, NULL, 2, NULL),
        SIL_OK);
}

/* Weights of which some are 0, one at least not, and some are far apart. */
static void choose_weights(struct world *w, struct random *r)
{
    for (uint32_t i = 0; i < w->tilted.n; i++) {
        uint32_t size = w->domain.sizes[w->tilted.attr[i]];
        for (uint32_t code = 0; code < size; code++) {
            static const double SCALE[] = {0, 1, 1, 1e-6};
            w->weight[i][code] = SCALE[random_below(r, 4)] * (0.1 + random_unit(r));
        }
        w->weight[i][random_below(r, size)] = 1;
        w->weights[i] = w->weight[i];
    }
}

static void tilt_joint(struct world *w)
{
    w->mass = 0;
    for (size_t cell = 0; cell < all_cells(&w->domain); cell++) {
        double p = w->joint[cell];
        for (uint32_t i = 0; i < w->tilted.n; i++) {
            struct sil_clique one = sil_clique_single(w->tilted.attr[i]);
            p *= w->weight[i][cell_within(&w->domain, &one, cell)];
        }
        w->mass += w->want[cell] = p;
    }
    for (size_t cell = 0; cell < all_cells(&w->domain); cell++) {
        w->want[cell] /= w->mass;
    }
}

static void end(struct world *w)
{
    sil_tilt_free(w->tilt);
    sil_gm_free(w->model);
}

Test(model_tilt, is_the_joint_table_times_the_weights)
{
    struct random r = random_start("tilt", 41);
    for (size_t i = 0; i < N_CASES; i++) {
        struct world w = {0};
        begin(&w, &CASES[i], &r);
        for (int round = 0; round < ROUNDS; round++) {
            choose_weights(&w, &r);
            tilt_joint(&w);
            double log_mass = sil_tilt_set(w.tilt, w.weights, NULL);
            cr_expect_float_eq(log_mass, log(w.mass), 1e-10, "%s", CASES[i].name);
            double got[CELLS_MAX];
            struct sil_clique whole = whole_of(&w.domain);
            cr_assert_eq(sil_gm_marginal(got, sil_tilt_model(w.tilt), &whole, NULL),
                         SIL_OK);
            for (size_t cell = 0; cell < all_cells(&w.domain); cell++) {
                cr_expect_float_eq(got[cell], 300 * w.want[cell], 1e-8, "%s, cell %zu",
                                   CASES[i].name, cell);
                cr_expect(w.want[cell] > 0 || got[cell] <= 0, "%s", CASES[i].name);
            }
        }
        end(&w);
    }
}

Test(model_tilt, weights_of_one_change_nothing)
{
    struct random r = random_start("tilt by 1", 43);
    for (size_t i = 0; i < N_CASES; i++) {
        struct world w = {0};
        begin(&w, &CASES[i], &r);
        for (uint32_t k = 0; k < w.tilted.n; k++) {
            for (uint32_t code = 0; code < 8; code++) {
                w.weight[k][code] = 1;
            }
            w.weights[k] = w.weight[k];
        }
        cr_expect_float_eq(sil_tilt_set(w.tilt, w.weights, NULL), 0, 1e-12);
        double got[CELLS_MAX];
        struct sil_clique whole = whole_of(&w.domain);
        cr_assert_eq(sil_gm_marginal(got, sil_tilt_model(w.tilt), &whole, NULL),
                     SIL_OK);
        for (size_t cell = 0; cell < all_cells(&w.domain); cell++) {
            cr_expect_float_eq(got[cell], 300 * w.joint[cell], 1e-9, "%s",
                               CASES[i].name);
        }
        end(&w);
    }
}

/* No row ever has a value of weight 0, however few the rows that are left. */
Test(model_tilt, rows_keep_to_the_evidence)
{
    struct random r = random_start("tilted rows", 47);
    for (size_t i = 0; i < N_CASES; i++) {
        struct world w = {0};
        struct sil_codes rows;
        begin(&w, &CASES[i], &r);
        choose_weights(&w, &r);
        cr_assert(isfinite(sil_tilt_set(w.tilt, w.weights, NULL)));
        const struct sil_draw draw = {
            .n_rows = 500, .words = {test_words, &KEY},
                 .rounding = SIL_ROWS_PAIRWISE
        };
        cr_assert_eq(sil_gm_draw(&rows, sil_tilt_model(w.tilt), &draw, NULL), SIL_OK);
        for (uint32_t k = 0; k < w.tilted.n; k++) {
            for (size_t row = 0; row < rows.n_rows; row++) {
                uint32_t code = sil_codes_get(&rows, w.tilted.attr[k], row);
                cr_expect(w.weight[k][code] > 0, "%s, row %zu", CASES[i].name, row);
            }
        }
        sil_codes_clear(&rows);
        end(&w);
    }
}

Test(model_tilt, nothing_left_is_told)
{
    struct random r = random_start("tilt by 0", 53);
    struct world w = {0};
    begin(&w, &CASES[2], &r);
    choose_weights(&w, &r);
    (void)memset(w.weight[1], 0, sizeof w.weight[1]);
    cr_expect_eq(sil_tilt_set(w.tilt, w.weights, NULL), -INFINITY);
    /* And it is as good as new afterwards. */
    choose_weights(&w, &r);
    tilt_joint(&w);
    cr_expect_float_eq(sil_tilt_set(w.tilt, w.weights, NULL), log(w.mass), 1e-10);
    end(&w);
}

/* Columns a, b, c, of which the evidence leaves only what goes by b = 1, which a = 0 has
 * `depth` less likely, as a logarithm, than b = 0; and b = 0 hardly ever has c = 1. */
static double log_mass_at(double depth, double *of_b)
{
    static const uint32_t SIZES[] = {2, 2, 2};
    const struct sil_domain domain = {3, SIZES, NULL};
    const double a_b[] = {0, -depth, 0, 0};
    const double b_c[] = {0, -5000, 0, 0};
    const double *const values[] = {a_b, b_c};
    const double first[] = {1, 0};
    const double second[] = {0, 1};
    const double *const weights[] = {first, second};
    struct sil_clique cliques[2];
    struct sil_clique tilted;
    struct sil_clique b = sil_clique_single(1);
    struct sil_graphical_model *model = NULL;
    struct sil_tilt *tilt = NULL;
    (void)parse_cliques(cliques, "0,1;1,2");
    (void)parse_cliques(&tilted, "0,2");
    cr_assert_eq(
        sil_gm_from_potentials(&model, &domain, 300, cliques, values, 2, 1, NULL),
        SIL_OK);
    cr_assert_eq(sil_tilt_new(&tilt, model, tilted.attr, 2, NULL, 1, NULL), SIL_OK);
    double log_mass = sil_tilt_set(tilt, weights, NULL);
    if (isfinite(log_mass)) {
        cr_assert_eq(sil_gm_marginal(of_b, sil_tilt_model(tilt), &b, NULL), SIL_OK);
    }
    sil_tilt_free(tilt);
    sil_gm_free(model);
    return log_mass;
}

/* Potentials that were fitted to noise lie less than a hundred apart. What is less likely than
 * the smallest number there is is told to be impossible, and not guessed at. */
Test(model_tilt, keeps_what_is_next_to_impossible)
{
    for (double depth = 50; depth <= 700; depth += 50) {
        double of_b[2];
        double log_mass = log_mass_at(depth, of_b);
        /* Of eight cells a = 1 has three that count, a = 0 one and two of b = 1. */
        double log_all = log(4 + 2 * exp(-depth));
        cr_expect_float_eq(log_mass, -depth - log_all, 1e-9 * depth, "%g", depth);
        cr_expect(of_b[0] <= 0, "%g: %g", depth, of_b[0]);
        cr_expect_float_eq(of_b[1], 300, 1e-9, "%g", depth);
    }
    double of_b[2];
    cr_expect(isinf(log_mass_at(800, of_b)));
}

Test(model_tilt, mixes)
{
    double part[3];
    const double log_mass[] = {log(0.2), -INFINITY, log(0.05)};
    cr_expect_float_eq(sil_tilt_mix(part, log_mass, 3), 0.25, 1e-15);
    cr_expect_float_eq(part[0], 0.8, 1e-15);
    cr_expect_eq(part[1], 0);
    cr_expect_float_eq(part[2], 0.2, 1e-15);
    const double tiny[] = {-800, -800};
    cr_expect_eq(sil_tilt_mix(part, tiny, 2), 0);
    cr_expect_float_eq(part[1], 0.5, 1e-15);
}
