// SPDX-License-Identifier: Apache-2.0
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { ROWS = 500000 };

static const uint64_t KEY = 77;

/* The largest gap between a model's marginal of a clique and the share of the rows. */
static double gap_of(const struct sil_graphical_model *model,
                     const struct sil_codes *rows, const struct sil_domain *domain,
                     const struct sil_clique *c)
{
    size_t cells = sil_clique_cells(domain, c);
    double *want = calloc(cells, sizeof *want);
    double *got = calloc(cells, sizeof *got);
    cr_assert_eq(sil_gm_marginal(want, model, c, NULL), SIL_OK);
    for (size_t row = 0; row < rows->n_rows; row++) {
        size_t cell = 0;
        for (uint32_t i = 0; i < c->n; i++) {
            uint32_t code = sil_codes_get(rows, c->attr[i], row);
            cr_assert_lt(code, domain->sizes[c->attr[i]]);
            cell = cell * domain->sizes[c->attr[i]] + code;
        }
        got[cell]++;
    }
    double gap = 0;
    for (size_t i = 0; i < cells; i++) {
        gap +=
            0.5 * fabs(got[i] / (double)rows->n_rows - want[i] / sil_gm_total(model));
    }
    free(want);
    free(got);
    return gap;
}

/* Shapes on which drawing by measured cliques, or without a shuffle, goes wrong. */
static const struct draw_case {
    const char *name;
    const char *cliques;
    uint32_t n_attrs;
    uint32_t sizes[8];
} CASES[] = {
    {"single",                "0,1,2",               3, {3, 4, 5}         },
    {"independent",           "0;1;2;3",             4, {3, 7, 2, 5}      },
    {"chain",                 "0,1;1,2;2,3;3,4",     5, {3, 4, 5, 4, 3}   },
    {"star",                  "0,1;0,2;0,3;0,4",     5, {3, 4, 5, 2, 3}   },
    {"two hubs",              "0,1;0,2;0,3;3,4;3,5", 6, {3, 4, 2, 3, 4, 2}},
    {"overlapping triples",   "0,1,2;1,2,3;2,3,4",   5, {3, 2, 3, 2, 3}   },
    {"bridge",                "0,1;1,2;2,3;2,4;3,4", 5, {4, 3, 2, 3, 4}   },
    {"square",                "0,1;0,3;1,2;2,3",     4, {3, 4, 3, 4}      },
    {"mixed arity",           "4;0,1;2,3;1,2,3",     5, {3, 2, 4, 3, 6}   },
    {"a column of one value", "0;1,2",               3, {1, 3, 4}         },
};

enum { N_CASES = sizeof CASES / sizeof CASES[0] };

static struct sil_graphical_model *build(const struct draw_case *c, struct random *r,
                                         struct sil_domain *domain)
{
    struct sil_clique cliques[16];
    double *values[16];
    size_t n = parse_cliques(cliques, c->cliques);
    *domain = (struct sil_domain){c->n_attrs, c->sizes, NULL};
    for (size_t k = 0; k < n; k++) {
        size_t cells = sil_clique_cells(domain, &cliques[k]);
        values[k] = calloc(cells, sizeof(double));
        for (size_t i = 0; i < cells; i++) {
            values[k][i] = 4 * random_unit(r);
        }
    }
    struct sil_graphical_model *model;
    cr_assert_eq(sil_gm_from_potentials(&model, domain, 1000, cliques,
                                        (const double *const *)values, n, 2, NULL),
                 SIL_OK);
    for (size_t k = 0; k < n; k++) {
        free(values[k]);
    }
    return model;
}

static void draw(struct sil_codes *rows, const struct sil_graphical_model *model,
                 size_t n, unsigned n_threads)
{
    const struct sil_draw how = {
        .n_rows = n,
        .words = {test_words, &KEY},
        .rounding = SIL_ROWS_PAIRWISE,
        .n_threads = n_threads,
    };
    struct sil_error err = {""};
    cr_assert_eq(sil_gm_draw(rows, model, &how, &err), SIL_OK, "%s", err.text);
    cr_assert_eq(rows->n_rows, n);
}

Test(model_draw, keeps_every_pair_and_triple_of_the_model)
{
    struct random r = random_start("gaps", 51);
    for (size_t i = 0; i < N_CASES; i++) {
        struct sil_domain domain;
        struct sil_graphical_model *model = build(&CASES[i], &r, &domain);
        struct sil_codes rows;

        draw(&rows, model, ROWS, 2);

        for (uint32_t mask = 1; mask < 1u << domain.n_attrs; mask++) {
            struct sil_clique c = clique_of_mask(&domain, mask);
            if (c.n <= 3) {
                double gap = gap_of(model, &rows, &domain, &c);
                cr_expect_leq(gap, 0.006, "%s, columns %x: %g", CASES[i].name, mask,
                              gap);
            }
        }
        sil_codes_clear(&rows);
        sil_gm_free(model);
    }
}

/* The first hundredth of the rows is as good a sample as any other: a chi-square of its
 * pairs against the model, far out in the tail before it fails. */
Test(model_draw, leaves_the_rows_in_random_order)
{
    struct random r = random_start("order", 52);
    for (size_t i = 0; i < N_CASES; i++) {
        struct sil_domain domain;
        struct sil_graphical_model *model = build(&CASES[i], &r, &domain);
        struct sil_codes rows;
        draw(&rows, model, 200000, 1);
        rows.n_rows = 2000;

        for (uint32_t a = 0; a + 1 < domain.n_attrs; a++) {
            struct sil_clique pair = {
                .n = 2, .attr = {a, a + 1}
            };
            double gap = gap_of(model, &rows, &domain, &pair);
            double noise =
                sqrt(0.5 * 0.64 * (double)sil_clique_cells(&domain, &pair) / 2000);
            cr_expect_leq(gap, 1.5 * noise, "%s, columns %u: %g", CASES[i].name, a,
                          gap);
        }
        sil_codes_clear(&rows);
        sil_gm_free(model);
    }
}

Test(model_draw, is_the_same_for_any_number_of_threads)
{
    static const unsigned N_THREADS[] = {1, 2, 7};
    struct random r = random_start("threads", 53);
    for (size_t i = 0; i < N_CASES; i++) {
        struct sil_domain domain;
        struct sil_graphical_model *model = build(&CASES[i], &r, &domain);
        struct sil_codes rows[3];
        for (unsigned t = 0; t < 3; t++) {
            draw(&rows[t], model, 200001, N_THREADS[t]);
        }

        for (uint32_t a = 0; a < domain.n_attrs; a++) {
            size_t bytes = rows[0].n_rows * rows[0].width[a];
            cr_expect_arr_eq(rows[0].column[a], rows[1].column[a], bytes);
            cr_expect_arr_eq(rows[0].column[a], rows[2].column[a], bytes);
        }
        for (unsigned t = 0; t < 3; t++) {
            sil_codes_clear(&rows[t]);
        }
        sil_gm_free(model);
    }
}

Test(model_draw, gives_no_rows_when_asked_for_none)
{
    struct random r = random_start("none", 55);
    struct sil_domain domain;
    struct sil_graphical_model *model = build(&CASES[2], &r, &domain);
    struct sil_codes rows;

    draw(&rows, model, 0, 2);

    cr_expect_eq(rows.n_attrs, 5);
    sil_codes_clear(&rows);
    sil_gm_free(model);
}
