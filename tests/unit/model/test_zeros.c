// SPDX-License-Identifier: Apache-2.0
/* Structural zeros of a model against the table of all rows by brute force: marginals, fits,
 * conditions, rows, and the size of the tree that holds them. */
#include "model/graphical_model.h"
#include "model/local_tables.h"
#include "model/tiles.h"
#include "model/tilt.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

static const uint64_t KEY = 9;

enum { N_ATTRS = 5, N_CELLS = 3 * 4 * 2 * 5 * 2 };

static const uint32_t SIZES[N_ATTRS] = {3, 4, 2, 5, 2};

/* Zeros over {0,1}, over {1,2,3}, and a value of 3 that is never there. */
struct scene {
    uint8_t pair[3 * 4];
    uint8_t triple[4 * 2 * 5];
    uint8_t single[5];
    struct sil_zero_table table[3];
    struct sil_zeros zeros;
    struct sil_domain domain;
};

static void open_scene(struct scene *s, struct random *random)
{
    for (size_t i = 0; i < sizeof s->pair; i++) {
        s->pair[i] = random_below(random, 4) > 0;
    }
    for (size_t i = 0; i < sizeof s->triple; i++) {
        s->triple[i] = random_below(random, 3) > 0;
    }
    memset(s->single, 1, sizeof s->single);
    s->single[2] = 0;
    s->pair[5] = 1; /* a row is left: 1 1 0 1 x */
    s->triple[(1 * 2 + 0) * 5 + 1] = 1;
    s->table[0] = (struct sil_zero_table){
        {1, {3}},
        s->single
    };
    s->table[1] = (struct sil_zero_table){
        {2, {0, 1}},
        s->pair
    };
    s->table[2] = (struct sil_zero_table){
        {3, {1, 2, 3}},
        s->triple
    };
    s->zeros = (struct sil_zeros){s->table, 3};
    s->domain = (struct sil_domain){N_ATTRS, SIZES, &s->zeros};
}

static void codes_of(uint32_t *codes, size_t cell)
{
    for (uint32_t a = N_ATTRS; a-- > 0;) {
        codes[a] = (uint32_t)(cell % SIZES[a]);
        cell /= SIZES[a];
    }
}

static bool may_be(const struct scene *s, const uint32_t *x)
{
    return s->single[x[3]] != 0 && s->pair[x[0] * 4 + x[1]] != 0 &&
           s->triple[(x[1] * 2 + x[2]) * 5 + x[3]] != 0;
}

static size_t cell_of(const struct sil_clique *clique, const uint32_t *codes)
{
    size_t cell = 0;
    for (uint32_t k = 0; k < clique->n; k++) {
        cell = cell * SIZES[clique->attr[k]] + codes[clique->attr[k]];
    }
    return cell;
}

/* The law that the potentials and the zeros stand for, in rows. */
static void law_of(double out[N_CELLS], const struct scene *s,
                   const struct sil_graphical_model *gm)
{
    double sum = 0;
    for (size_t cell = 0; cell < N_CELLS; cell++) {
        uint32_t codes[N_ATTRS];
        double log_weight = 0;
        codes_of(codes, cell);
        for (size_t i = 0; i < sil_gm_n_potentials(gm); i++) {
            size_t n;
            const double *theta = sil_gm_potential(gm, i, &n);
            log_weight += theta[cell_of(sil_gm_potential_clique(gm, i), codes)];
        }
        out[cell] = may_be(s, codes) ? exp(log_weight) : 0;
        sum += out[cell];
    }
    for (size_t cell = 0; cell < N_CELLS; cell++) {
        out[cell] *= sil_gm_total(gm) / sum;
    }
}

/* All marginals of up to four attributes against the law. */
static void check_marginals(const struct sil_graphical_model *gm, const double *law)
{
    for (unsigned mask = 1; mask < 1u << N_ATTRS; mask++) {
        struct sil_clique clique = {0};
        double want[N_CELLS] = {0};
        double got[N_CELLS];
        size_t n = 1;
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            if ((mask >> a & 1) != 0) {
                clique.attr[clique.n++] = a;
                n *= SIZES[a];
            }
        }
        for (size_t cell = 0; cell < N_CELLS; cell++) {
            uint32_t codes[N_ATTRS];
            codes_of(codes, cell);
            want[cell_of(&clique, codes)] += law[cell];
        }
        cr_assert_eq(sil_gm_marginal(got, gm, &clique, NULL), SIL_OK);
        for (size_t i = 0; i < n; i++) {
            cr_assert_leq(fabs(got[i] - want[i]), 1e-9 * sil_gm_total(gm),
                          "mask %x cell %zu: %g not %g", mask, i, got[i], want[i]);
            cr_assert(want[i] > 0 || !(got[i] > 0), "a zero has %g", got[i]);
        }
    }
}

static void check_rows(const struct scene *s, const struct sil_graphical_model *gm)
{
    static const enum sil_row_rounding ROUNDINGS[] = {SIL_ROWS_SYSTEMATIC,
                                                      SIL_ROWS_PAIRWISE};

    for (size_t i = 0; i < 2; i++) {
        struct sil_codes codes;
        const struct sil_draw draw = {
            .n_rows = 700,
            .words = {test_words, &KEY},
            .rounding = ROUNDINGS[i],
            .n_threads = 1
        };
        cr_assert_eq(sil_gm_draw(&codes, gm, &draw, NULL), SIL_OK);
        for (size_t row = 0; row < codes.n_rows; row++) {
            uint32_t x[N_ATTRS];
            for (uint32_t a = 0; a < N_ATTRS; a++) {
                x[a] = sil_codes_get(&codes, a, row);
            }
            cr_assert(may_be(s, x), "row %zu is where no row may be", row);
        }
        sil_codes_clear(&codes);
    }
}

static const struct sil_clique MEASURED[] = {
    {1, {0}   },
    {1, {1}   },
    {1, {2}   },
    {1, {3}   },
    {1, {4}   },
    {2, {0, 2}},
    {2, {3, 4}},
    {2, {0, 1}},
};

enum { N_MEASURED = sizeof MEASURED / sizeof MEASURED[0] };

/* Noisy counts that have rows where none may be, too. */
static void measure(struct sil_measurement *out, double values[][32],
                    struct random *random)
{
    for (size_t i = 0; i < N_MEASURED; i++) {
        size_t n = 1;
        for (uint32_t k = 0; k < MEASURED[i].n; k++) {
            n *= SIZES[MEASURED[i].attr[k]];
        }
        for (size_t cell = 0; cell < n; cell++) {
            values[i][cell] =
                1000.0 / (double)n + (double)random_below(random, 200) - 100;
        }
        out[i] = (struct sil_measurement){MEASURED[i], values[i], 30};
    }
}

Test(zeros, a_model_without_measurements_is_uniform_where_rows_may_be)
{
    struct random random = random_start("zeros", 1);
    for (int round = 0; round < 20; round++) {
        struct scene s;
        struct sil_graphical_model *gm = NULL;
        double law[N_CELLS];
        open_scene(&s, &random);
        cr_assert_eq(sil_gm_new(&gm, &s.domain, 100, NULL), SIL_OK);
        law_of(law, &s, gm);
        check_marginals(gm, law);
        check_rows(&s, gm);
        sil_gm_free(gm);
    }
}

Test(zeros, fits_have_them_and_the_potentials_say_the_rest)
{
    struct random random = random_start("zeros", 2);
    const struct sil_fit_limits limits = {200, 1e-10, 1};
    for (int round = 0; round < 20; round++) {
        struct scene s;
        struct sil_graphical_model *gm = NULL;
        struct sil_graphical_model *again = NULL;
        struct sil_measurement list[N_MEASURED];
        static double values[N_MEASURED][32];
        struct sil_fit_report report;
        double law[N_CELLS];
        open_scene(&s, &random);
        measure(list, values, &random);
        cr_assert_eq(sil_gm_new(&gm, &s.domain, 1000, NULL), SIL_OK);
        cr_assert_eq(sil_gm_fit(gm, 1000, list, N_MEASURED, &limits, &report, NULL),
                     SIL_OK);
        cr_assert(isfinite(report.loss));
        cr_expect_not(report.used_fallback);
        law_of(law, &s, gm);
        check_marginals(gm, law);
        check_rows(&s, gm);
        /* Warm, and from its potentials. */
        cr_assert_eq(sil_gm_fit(gm, 1000, list, N_MEASURED, &limits, &report, NULL),
                     SIL_OK);
        law_of(law, &s, gm);
        check_marginals(gm, law);
        struct sil_clique cliques[N_MEASURED];
        const double *theta[N_MEASURED];
        for (size_t i = 0; i < sil_gm_n_potentials(gm); i++) {
            size_t n;
            cliques[i] = *sil_gm_potential_clique(gm, i);
            theta[i] = sil_gm_potential(gm, i, &n);
        }
        cr_assert_eq(sil_gm_from_potentials(&again, &s.domain, 1000, cliques, theta,
                                            sil_gm_n_potentials(gm), 1, NULL),
                     SIL_OK);
        check_marginals(again, law);
        cr_expect_eq(sil_gm_tree_cells(again), sil_gm_tree_cells(gm));
        sil_gm_free(again);
        sil_gm_free(gm);
    }
}

/* What nobody may have is not asked for: the other counts are met all the better. */
Test(zeros, counts_in_zeros_do_not_pull)
{
    static const uint32_t TWO[] = {2, 2};
    uint8_t allowed[] = {1, 0, 1, 1};
    struct sil_zero_table table = {
        {2, {0, 1}},
        allowed
    };
    const struct sil_zeros zeros = {&table, 1};
    const struct sil_domain domain = {2, TWO, &zeros};
    static const double PAIR[] = {300, 5000, 200, 500};
    static const double FIRST[] = {300, 700};
    static const double SECOND[] = {500, 500};
    const struct sil_measurement list[] = {
        {{1, {0}},    FIRST,  1},
        {{1, {1}},    SECOND, 1},
        {{2, {0, 1}}, PAIR,   1},
    };
    const struct sil_fit_limits limits = {400, 1e-12, 1};
    struct sil_fit_report report;
    struct sil_graphical_model *gm = NULL;
    double got[4];
    cr_assert_eq(sil_gm_new(&gm, &domain, 1000, NULL), SIL_OK);
    cr_assert_eq(sil_gm_fit(gm, 1000, list, 3, &limits, &report, NULL), SIL_OK);
    cr_assert_eq(sil_gm_marginal(got, gm, &table.clique, NULL), SIL_OK);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_leq(fabs(got[i] - (i == 1 ? 0 : PAIR[i])), 1, "%zu: %g", i, got[i]);
    }
    cr_expect_leq(report.loss, 1);
    sil_gm_free(gm);
}

Test(zeros, tiles_of_groups_have_them)
{
    static const uint32_t TWO_GROUPS[] = {0, 0, 1, 1};
    struct random random = random_start("zeros", 3);
    const struct sil_fit_limits limits = {200, 1e-10, 1};
    for (int round = 0; round < 20; round++) {
        struct scene s;
        struct sil_graphical_model *gm = NULL;
        struct sil_fit_report report;
        double law[N_CELLS];
        double y[N_ATTRS + 1][8], slack[N_ATTRS + 1][8], centre[N_ATTRS + 1][8];
        double theta[N_ATTRS + 1][8];
        struct sil_tile tiles[N_ATTRS + 1];
        const struct sil_grouping of[] = {
            {3, 3, NULL      },
            {4, 2, TWO_GROUPS},
        };
        open_scene(&s, &random);
        for (uint32_t t = 0; t <= N_ATTRS; t++) {
            size_t n = t < N_ATTRS ? SIZES[t] : 6;
            for (size_t i = 0; i < n; i++) {
                y[t][i] = 1000.0 / (double)n + (double)random_below(&random, 100) - 50;
                slack[t][i] = 3;
                centre[t][i] = t < N_ATTRS ? log(1000.0 / (double)n) : 0;
                theta[t][i] = centre[t][i];
            }
            tiles[t] = (struct sil_tile){
                .clique = {t < N_ATTRS ? 1 : 2, {t < N_ATTRS ? t : 0, 1}},
                .of = t < N_ATTRS ? NULL : of,
                .n_cells = n,
                .y = y[t],
                .slack = slack[t],
                .centre = centre[t],
                .theta = theta[t]
            };
            if (t < N_ATTRS) {
                tiles[t].clique.attr[1] = 0;
            }
        }
        cr_assert_eq(sil_gm_new(&gm, &s.domain, 1000, NULL), SIL_OK);
        cr_assert_eq(
            sil_gm_fit_tiles(gm, 1000, tiles, N_ATTRS + 1, &limits, &report, NULL),
            SIL_OK);
        cr_assert(isfinite(report.loss));
        law_of(law, &s, gm);
        check_marginals(gm, law);
        check_rows(&s, gm);
        sil_gm_free(gm);
    }
}

Test(zeros, conditions_are_on_top_of_them)
{
    struct random random = random_start("zeros", 4);
    static const uint32_t ATTRS[] = {1, 4};
    for (int round = 0; round < 20; round++) {
        struct scene s;
        struct sil_graphical_model *gm = NULL;
        struct sil_tilt *tilt = NULL;
        double law[N_CELLS];
        static const double FIRST[] = {1, 1, 0, 0};
        static const double SECOND[] = {0.25, 1};
        const double *const weights[] = {FIRST, SECOND};
        open_scene(&s, &random);
        cr_assert_eq(sil_gm_new(&gm, &s.domain, 1000, NULL), SIL_OK);
        law_of(law, &s, gm);
        cr_assert_eq(sil_tilt_new(&tilt, gm, ATTRS, 2, NULL, 1, NULL), SIL_OK);
        double log_mass = sil_tilt_set(tilt, weights, NULL);
        double sum = 0;
        for (size_t cell = 0; cell < N_CELLS; cell++) {
            uint32_t codes[N_ATTRS];
            codes_of(codes, cell);
            law[cell] *= FIRST[codes[1]] * SECOND[codes[4]];
            sum += law[cell];
        }
        cr_expect_leq(fabs(log_mass - log(sum / 1000)), 1e-9);
        for (size_t cell = 0; cell < N_CELLS; cell++) {
            law[cell] *= 1000 / sum;
        }
        check_marginals(sil_tilt_model(tilt), law);
        check_rows(&s, sil_tilt_model(tilt));
        sil_tilt_free(tilt);
        sil_gm_free(gm);
    }
}

/* What a mechanism is told of the tree is what a fit builds. */
Test(zeros, the_size_of_the_tree_is_told_with_them)
{
    struct random random = random_start("zeros", 5);
    struct scene s;
    struct sil_graph *graph = NULL;
    struct sil_graphical_model *gm = NULL;
    struct sil_measurement list[N_MEASURED];
    static double values[N_MEASURED][32];
    struct sil_fit_report report;
    const struct sil_fit_limits limits = {20, 1e-6, 1};
    const struct sil_clique triple = {
        3, {1, 2, 3}
    };
    open_scene(&s, &random);
    measure(list, values, &random);
    cr_assert_eq(sil_graph_new(&graph, &s.domain, NULL), SIL_OK);
    cr_expect(sil_graph_supports(graph, &triple));
    for (size_t i = 0; i < N_MEASURED; i++) {
        cr_assert_eq(sil_graph_add(graph, &MEASURED[i], NULL), SIL_OK);
    }
    cr_assert_eq(sil_gm_new(&gm, &s.domain, 1000, NULL), SIL_OK);
    cr_assert_eq(sil_gm_fit(gm, 1000, list, N_MEASURED, &limits, &report, NULL),
                 SIL_OK);
    cr_expect_eq(sil_graph_tree_cells(graph, NULL, UINT64_MAX - 1),
                 sil_gm_tree_cells(gm));
    sil_graph_free(graph);
    sil_gm_free(gm);
}

/* Tables beside the tree: zeros are 0 there, and what is left adds up as before. */
Test(zeros, local_tables_have_them_and_keep_their_columns)
{
    struct random random = random_start("zeros", 6);
    static const struct sil_clique CLIQUES[] = {
        {1, {0}      },
        {1, {1}      },
        {2, {0, 1}   },
        {2, {1, 3}   },
        {3, {0, 1, 4}},
        {3, {1, 2, 3}},
    };

    enum { N = sizeof CLIQUES / sizeof CLIQUES[0] };

    static const double ONES[] = {1, 1, 1, 1, 1};
    const double *const column[N_ATTRS] = {ONES, ONES, ONES, ONES, ONES};
    struct scene s;
    struct sil_domain free_domain = {N_ATTRS, SIZES, NULL};
    struct sil_grouping of[N_ATTRS];
    struct sil_graphical_model *gm = NULL;
    struct sil_local_tables *tables = NULL;
    open_scene(&s, &random);
    for (uint32_t a = 0; a < N_ATTRS; a++) {
        of[a] = sil_grouping_identity(SIZES[a]);
    }
    cr_assert_eq(sil_gm_new(&gm, &free_domain, 600, NULL), SIL_OK);
    cr_assert_eq(sil_local_new(&tables, &s.domain, CLIQUES, N, gm, of, column, 1, NULL),
                 SIL_OK);
    for (size_t t = 0; t < N; t++) {
        size_t n = 0;
        double sum = 0;
        const double *table = sil_local_table(tables, t, &n);
        for (size_t i = 0; i < n; i++) {
            sum += table[i];
        }
        cr_expect_leq(fabs(sum - 600), 1e-6);
        for (size_t cell = 0; cell < N_CELLS; cell++) {
            uint32_t x[N_ATTRS];
            codes_of(x, cell);
            bool has_pair = sil_clique_contains(&CLIQUES[t], &s.table[1].clique);
            bool has_triple = sil_clique_contains(&CLIQUES[t], &s.table[2].clique);
            bool has_single = sil_clique_has(&CLIQUES[t], 3);
            bool is_zero = (has_pair && s.pair[x[0] * 4 + x[1]] == 0) ||
                           (has_single && s.single[x[3]] == 0) ||
                           (has_triple && s.triple[(x[1] * 2 + x[2]) * 5 + x[3]] == 0);
            double value = table[cell_of(&CLIQUES[t], x)];
            cr_assert(is_zero ? !(value > 0) : value >= 0);
        }
    }
    sil_local_free(tables);
    sil_gm_free(gm);
}
