// SPDX-License-Identifier: Apache-2.0
/* Rows of few cells, few rows of many cells: docs/rounding.md. */
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { ATTRS_MAX = 3 };

/* A model of one table, or of several that make a tree. */
struct world {
    struct sil_domain domain;
    struct sil_clique cliques[4];
    double *values[4];
    size_t n;
    struct sil_graphical_model *model;
};

/* Potentials are filled by the caller, between begin and build. */
static void begin(struct world *w, const char *cliques, uint32_t n_attrs,
                  const uint32_t *sizes)
{
    w->domain = (struct sil_domain){n_attrs, sizes, NULL};
    w->n = parse_cliques(w->cliques, cliques);
    for (size_t k = 0; k < w->n; k++) {
        w->values[k] =
            calloc(sil_clique_cells(&w->domain, &w->cliques[k]), sizeof **w->values);
    }
}

static void build(struct world *w)
{
    struct sil_error err = {""};
    cr_assert_eq(sil_gm_from_potentials(&w->model, &w->domain, 1, w->cliques,
                                        (const double *const *)w->values, w->n, 2,
                                        &err),
                 SIL_OK, "%s", err.text);
}

static void build_random(struct world *w, struct random *r)
{
    for (size_t k = 0; k < w->n; k++) {
        for (size_t i = 0; i < sil_clique_cells(&w->domain, &w->cliques[k]); i++) {
            w->values[k][i] = 4 * random_unit(r);
        }
    }
    build(w);
}

static void end(struct world *w)
{
    for (size_t k = 0; k < w->n; k++) {
        free(w->values[k]);
    }
    sil_gm_free(w->model);
}

static struct sil_codes draw(const struct world *w, size_t n_rows,
                             enum sil_row_rounding rounding, uint64_t key)
{
    struct sil_codes rows;
    const struct sil_draw how = {
        .n_rows = n_rows,
        .words = {test_words, &key},
        .rounding = rounding,
        .n_threads = 1
    };
    cr_assert_eq(sil_gm_draw(&rows, w->model, &how, NULL), SIL_OK);
    return rows;
}

static void count(double *out, const struct world *w, const struct sil_codes *rows,
                  const struct sil_clique *c)
{
    for (size_t row = 0; row < rows->n_rows; row++) {
        size_t cell = 0;
        for (uint32_t i = 0; i < c->n; i++) {
            cell = cell * w->domain.sizes[c->attr[i]] +
                   sil_codes_get(rows, c->attr[i], row);
        }
        out[cell]++;
    }
}

/* Counts of cells, of values of the smallest column, and of the smallest two. */
Test(model_rounding, goes_to_a_neighbouring_number_of_rows)
{
    static const uint32_t SIZES[] = {3, 5, 7};
    static const size_t N_ROWS[] = {1, 7, 60, 1000};
    struct random r = random_start("neighbours", 61);
    for (uint64_t key = 0; key < 200; key++) {
        struct world w;
        size_t n_rows = N_ROWS[key % 4];
        begin(&w, "0,1,2", 3, SIZES);
        build_random(&w, &r);
        struct sil_codes rows = draw(&w, n_rows, SIL_ROWS_PAIRWISE, key);
        for (uint32_t n = 1; n <= 3; n++) {
            double p[105];
            double got[105] = {0};
            struct sil_clique c = {
                .n = n, .attr = {0, 1, 2}
            };
            count(got, &w, &rows, &c);
            cr_assert_eq(sil_gm_marginal(p, w.model, &c, NULL), SIL_OK);
            for (size_t i = 0; i < sil_clique_cells(&w.domain, &c); i++) {
                double expected = p[i] * (double)n_rows;
                cr_expect_lt(fabs(got[i] - expected), 1 + 1e-9,
                             "%u columns, cell %zu, %zu rows: %g, not %g", n, i, n_rows,
                             got[i], expected);
            }
        }
        sil_codes_clear(&rows);
        end(&w);
    }
}

/* Over many keys each cell has what it expects. A cell gets the whole part of that or one
 * row more, so its mean has a variance of at most f (1 - f) / keys, f the fraction; 6.5
 * standard deviations: a false alarm in 10^8 runs, were the seed not fixed. Where the counts
 * of groups are drawn, too, the variance is at most that of independent rows. */
static void expect_no_bias(const char *cliques, enum sil_row_rounding rounding)
{
    enum { DRAWS = 20000, N_ROWS = 7 };

    static const uint32_t SIZES[] = {2, 3, 4};
    static const struct sil_clique ALL = {
        .n = 3, .attr = {0, 1, 2}
    };
    struct random r = random_start("bias", 62);
    struct world w;
    double p[24];
    double got[24] = {0};
    begin(&w, cliques, 3, SIZES);
    build_random(&w, &r);
    cr_assert_eq(sil_gm_marginal(p, w.model, &ALL, NULL), SIL_OK);

    for (uint64_t key = 0; key < DRAWS; key++) {
        struct sil_codes rows = draw(&w, N_ROWS, rounding, key);
        count(got, &w, &rows, &ALL);
        sil_codes_clear(&rows);
    }

    for (size_t i = 0; i < 24; i++) {
        double expected = p[i] * N_ROWS;
        double fraction = expected - floor(expected);
        double variance =
            w.n == 1 ? fraction * (1 - fraction) : N_ROWS * p[i] * (1 - p[i]);
        cr_expect_leq(fabs(got[i] / DRAWS - expected), 6.5 * sqrt(variance / DRAWS),
                      "%s, rounding %d, cell %zu: %g, not %g", cliques, rounding, i,
                      got[i] / DRAWS, expected);
    }
    end(&w);
}

Test(model_rounding, favours_no_cell)
{
    expect_no_bias("0,1,2", SIL_ROWS_SYSTEMATIC);
    expect_no_bias("0,1,2", SIL_ROWS_PAIRWISE);
    expect_no_bias("0,2;1,2", SIL_ROWS_PAIRWISE);
}

/* Tables on which rows at even distances fall on few values. The first value of the last
 * column has `skew` times the mass of each other. */
static const struct spread {
    const char *name;
    const char *cliques;
    uint32_t n_attrs;
    uint32_t sizes[ATTRS_MAX];
    size_t n_rows;
    double skew;
} SPREADS[] = {
    {"many by few",        "0,1",     2, {100, 4},     100, 1 },
    {"many by many",       "0,1",     2, {100, 100},   100, 1 },
    {"three columns",      "0,1,2",   3, {5, 20, 40},  100, 1 },
    {"rows of few values", "0,1",     2, {40, 41},     40,  93},
    {"one row a group",    "0,1;1,2", 3, {20, 50, 20}, 100, 1 },
};

enum { N_SPREADS = sizeof SPREADS / sizeof SPREADS[0], N_KEYS = 300 };

static void begin_spread(struct world *w, const struct spread *c)
{
    begin(w, c->cliques, c->n_attrs, c->sizes);
    const struct sil_clique *last = &w->cliques[w->n - 1];
    for (size_t i = 0; i < sil_clique_cells(&w->domain, last); i++) {
        bool is_first = i % c->sizes[c->n_attrs - 1] == 0;
        w->values[w->n - 1][i] = is_first ? log(c->skew) : 0;
    }
    build(w);
}

/* The first quarter of the values of a column; every fourth of them; the first. */
static bool is_in_set(uint32_t set, uint32_t code, uint32_t size)
{
    return set == 0 ? 4 * code < size : set == 1 ? code % 4 == 0 : code == 0;
}

static double rows_in_set(const struct sil_codes *rows, uint32_t attr, uint32_t set,
                          uint32_t size)
{
    double n = 0;
    for (size_t row = 0; row < rows->n_rows; row++) {
        n += is_in_set(set, sil_codes_get(rows, attr, row), size);
    }
    return n;
}

static double share_of_set(const struct world *w, uint32_t attr, uint32_t set)
{
    double p[100];
    double share = 0;
    struct sil_clique c = sil_clique_single(attr);
    cr_assert_eq(sil_gm_marginal(p, w->model, &c, NULL), SIL_OK);
    for (uint32_t code = 0; code < w->domain.sizes[attr]; code++) {
        share += is_in_set(set, code, w->domain.sizes[attr]) ? p[code] : 0;
    }
    return share;
}

/* No set of values is farther from what it expects than independent rows would bring it
 * (Hoeffding 1963, once in 10^6 for all that is looked at here), nor more widely on average
 * (of 300 keys: by seven standard deviations). */
static void expect_spread(const struct spread *c, uint32_t attr, uint32_t set)
{
    struct world w;
    begin_spread(&w, c);
    double share = share_of_set(&w, attr, set);
    double n = (double)c->n_rows;
    double bound = sqrt(n / 2 * log(2 * 39.0 * N_KEYS / 1e-6));
    double squares = 0;
    for (uint64_t key = 0; key < N_KEYS; key++) {
        struct sil_codes rows = draw(&w, c->n_rows, SIL_ROWS_PAIRWISE, key);
        double off = rows_in_set(&rows, attr, set, c->sizes[attr]) - share * n;
        squares += off * off;
        cr_expect_leq(fabs(off), bound, "%s, column %u, set %u, key %llu: %g", c->name,
                      attr, set, (unsigned long long)key, off);
        sil_codes_clear(&rows);
    }
    cr_expect_leq(squares / N_KEYS, 1.6 * n * share * (1 - share),
                  "%s, column %u, set %u: %g", c->name, attr, set, squares / N_KEYS);
    end(&w);
}

Test(model_rounding, spreads_sets_of_values_as_independent_rows_do)
{
    for (size_t i = 0; i < N_SPREADS; i++) {
        for (uint32_t attr = 0; attr < SPREADS[i].n_attrs; attr++) {
            for (uint32_t set = 0; set < 3; set++) {
                expect_spread(&SPREADS[i], attr, set);
            }
        }
    }
}

/* Of 100 values in 100 rows 68 are expected to occur (25 of each four cells of a row, drawn
 * by themselves); the rows of replay 1 have 25. */
Test(model_rounding, leaves_few_values_out)
{
    struct world w;
    begin_spread(&w, &SPREADS[0]);
    for (uint64_t key = 0; key < N_KEYS; key++) {
        struct sil_codes rows = draw(&w, 100, SIL_ROWS_PAIRWISE, key);
        double got[100] = {0};
        struct sil_clique c = sil_clique_single(0);
        count(got, &w, &rows, &c);
        size_t n = 0;
        for (size_t i = 0; i < 100; i++) {
            n += got[i] > 0;
        }
        cr_expect_geq(n, 50, "key %llu: %zu values", (unsigned long long)key, n);
        sil_codes_clear(&rows);
    }
    end(&w);
}
