// SPDX-License-Identifier: Apache-2.0
// The fit of tiles against the joint table, written out, of the potentials that it gives.
#include "model/tiles.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { N_ATTRS = 6, ROWS = 720, TILES_MAX = 40, CELLS_MAX = 120, VALUES_MAX = 6 };

static const uint32_t SIZES[N_ATTRS] = {4, 3, 1, 6, 5, 2};
static const struct sil_domain DOMAIN = {N_ATTRS, SIZES, NULL};

static const struct sil_fit_limits LIMITS = {
    .max_oracles = 2000, .tolerance = 1e-13, .n_threads = 1};

/* A random joint table and tiles on it. */
struct world {
    double total;
    double joint[ROWS];
    struct sil_tile list[TILES_MAX];
    struct sil_grouping of[TILES_MAX][3];
    uint32_t group[TILES_MAX][3][VALUES_MAX];
    double y[TILES_MAX][CELLS_MAX];
    double slack[TILES_MAX][CELLS_MAX];
    double centre[TILES_MAX][CELLS_MAX];
    double theta[TILES_MAX][CELLS_MAX];
    size_t n;
};

static struct world *new_world(struct random *r, double total)
{
    struct world *w = calloc(1, sizeof *w);
    double sum = 0;
    w->total = total;
    for (size_t i = 0; i < ROWS; i++) {
        double u = random_unit(r);
        w->joint[i] = u * u * u * u + 0.001;
        sum += w->joint[i];
    }
    for (size_t i = 0; i < ROWS; i++) {
        w->joint[i] *= total / sum;
    }
    return w;
}

/* The cell of tile t that a row of the domain falls into. */
static size_t tile_cell(const struct world *w, size_t t, size_t row)
{
    const struct sil_clique *c = &w->list[t].clique;
    size_t cell = 0;
    size_t step = 1;
    uint32_t i = c->n;
    for (uint32_t a = N_ATTRS; a-- > 0;) {
        size_t code = row % SIZES[a];
        row /= SIZES[a];
        if (i > 0 && c->attr[i - 1] == a) {
            i--;
            cell += step * w->group[t][i][code];
            step *= w->of[t][i].n_groups;
        }
    }
    return cell;
}

static void sum_rows(double *out, const struct world *w, size_t t, const double *joint)
{
    memset(out, 0, w->list[t].n_cells * sizeof *out);
    for (size_t row = 0; row < ROWS; row++) {
        out[tile_cell(w, t, row)] += joint[row];
    }
}

/* Measure the groups of each clique, at most `n_groups` an attribute, given as they are
 * (0: the values themselves), with slack 1 + sigma^2 / 100. Single columns are centred, and
 * start, at their logarithm. */
static void measure(struct world *w, struct random *r, const char *cliques,
                    uint32_t n_groups, double sigma)
{
    struct sil_clique c[TILES_MAX];
    size_t n = parse_cliques(c, cliques);
    for (size_t k = 0; k < n; k++) {
        size_t t = w->n++;
        size_t cells = 1;
        for (uint32_t i = 0; i < c[k].n; i++) {
            uint32_t n_values = SIZES[c[k].attr[i]];
            uint32_t m = n_groups == 0 || n_groups > n_values ? n_values : n_groups;
            for (uint32_t v = 0; v < n_values; v++) {
                w->group[t][i][v] = v < m ? v : (uint32_t)random_below(r, m);
            }
            w->of[t][i] = (struct sil_grouping){n_values, m, w->group[t][i]};
            cells *= m;
        }
        w->list[t] = (struct sil_tile){c[k],        n_groups == 0 ? NULL : w->of[t],
                                       cells,       w->y[t],
                                       w->slack[t], w->centre[t],
                                       w->theta[t]};
        sum_rows(w->y[t], w, t, w->joint);
        for (size_t i = 0; i < cells; i++) {
            double y = w->y[t][i] + sigma * random_noise(r);
            w->y[t][i] = y;
            w->slack[t][i] = 1 + 0.01 * sigma * sigma;
            w->centre[t][i] = c[k].n == 1 ? log(y > 0.02 ? y : 0.02) : 0;
            w->theta[t][i] = w->centre[t][i];
        }
    }
}

static struct sil_graphical_model *new_model(double total)
{
    struct sil_graphical_model *model;
    cr_assert_eq(sil_gm_new(&model, &DOMAIN, total, NULL), SIL_OK);
    return model;
}

static struct sil_fit_report fit(struct sil_graphical_model *model,
                                 const struct world *w)
{
    struct sil_fit_report report;
    struct sil_error err = {""};
    cr_assert_eq(
        sil_gm_fit_tiles(model, w->total, w->list, w->n, &LIMITS, &report, &err),
        SIL_OK, "%s", err.text);
    return report;
}

/* The joint table of the potentials; its total is the world's. */
static void multiply_out(double *joint, const struct world *w)
{
    double largest = -INFINITY;
    double sum = 0;
    for (size_t row = 0; row < ROWS; row++) {
        joint[row] = 0;
        for (size_t t = 0; t < w->n; t++) {
            joint[row] += w->theta[t][tile_cell(w, t, row)];
        }
        largest = fmax(largest, joint[row]);
    }
    for (size_t row = 0; row < ROWS; row++) {
        joint[row] = exp(joint[row] - largest);
        sum += joint[row];
    }
    for (size_t row = 0; row < ROWS; row++) {
        joint[row] *= w->total / sum;
    }
}

static void model_joint(double *joint, const struct sil_graphical_model *model)
{
    struct sil_clique whole = {
        N_ATTRS, {0, 1, 2, 3, 4, 5}
    };
    cr_assert_eq(sil_gm_marginal(joint, model, &whole, NULL), SIL_OK);
}

/* Is the model that of the potentials? */
static void check_model(const struct world *w, const struct sil_graphical_model *model,
                        const char *name)
{
    double joint[ROWS];
    double got[ROWS];
    multiply_out(joint, w);
    model_joint(got, model);
    for (size_t row = 0; row < ROWS; row++) {
        cr_assert_float_eq(got[row], joint[row], 1e-9 * w->total, "%s: row %zu: %g, %g",
                           name, row, got[row], joint[row]);
    }
}

/* mu - y = s (c - theta) in every cell, with mu from the joint table of the potentials,
 * which is the model's. */
static void check_minimum(const struct world *w,
                          const struct sil_graphical_model *model, double tolerance,
                          const char *name)
{
    double joint[ROWS];
    multiply_out(joint, w);
    check_model(w, model, name);
    for (size_t t = 0; t < w->n; t++) {
        double mu[CELLS_MAX];
        sum_rows(mu, w, t, joint);
        for (size_t i = 0; i < w->list[t].n_cells; i++) {
            double pull = w->slack[t][i] * (w->centre[t][i] - w->theta[t][i]);
            cr_assert_float_eq(mu[i] - w->y[t][i], pull, tolerance * w->total,
                               "%s: tile %zu, cell %zu: %g, %g", name, t, i,
                               mu[i] - w->y[t][i], pull);
        }
    }
}

static const struct tiles_case {
    const char *name;
    const char *values; ///< cliques measured as they are
    const char *halves; ///< cliques measured in two groups an attribute
    const char *thirds; ///< cliques measured in three groups
    double total;
    double sigma;
} CASES[] = {
    {"values",          "0;1;3;4;5;0,1;1,3;3,4", "",              "",        1000, 5  },
    {"groups",          "",                      "0;1;3;4;5;0,3", "3,4;0,1", 1000, 5  },
    {"one clique",      "3;4",                   "3,4;3,4",       "3,4",     1000, 3  },
    {"one of each",     "0,3,4",                 "0,3,4",         "0,3,4",   500,  2  },
    {"a cycle",         "0;1;3;4",               "0,1;1,3",       "3,4;0,4", 3000, 20 },
    {"triples",         "5;0,5",                 "0,1,3;1,4,5",   "3,4,5",   1000, 8  },
    {"mostly noise",    "0;1;3;4;5;0,1",         "0,3;1,4",       "3,4",     100,  500},
    {"a table of none", "0;3",                   "0,3",           "",        1e-3, 3  },
    {"size 1",          "2",                     "0,2;2,3",       "",        1000, 3  },
    {"islands",         "0,1",                   "3,4",           "",        1000, 3  },
};

Test(model_tiles, ends_where_the_gradient_vanishes)
{
    struct random r = random_start("minimum", 101);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct tiles_case *c = &CASES[i];
        struct world *w = new_world(&r, c->total);
        measure(w, &r, c->values, 0, c->sigma);
        measure(w, &r, c->halves, 2, c->sigma);
        measure(w, &r, c->thirds, 3, c->sigma);
        struct sil_graphical_model *model = new_model(c->total);

        struct sil_fit_report report = fit(model, w);

        (void)fprintf(stderr, "%s: %u oracles, loss %g\n", c->name, report.n_oracles,
                      report.loss);
        check_minimum(w, model, 1e-6, c->name);
        cr_expect_lt(report.n_oracles, LIMITS.max_oracles, "%s", c->name);
        sil_gm_free(model);
        free(w);
    }
}

/* The fit of a world of every kind of tile. */
static struct world *mixed_world(struct random *r)
{
    struct world *w = new_world(r, 2000);
    measure(w, r, "0;1;3;4;5;0,1", 0, 10);
    measure(w, r, "0,3;1,4;3,4", 2, 10);
    measure(w, r, "3,4;0,3,5", 3, 10);
    return w;
}

static double largest_gap(const double *a, const double *b, size_t n)
{
    double gap = 0;
    for (size_t i = 0; i < n; i++) {
        gap = fmax(gap, fabs(a[i] - b[i]));
    }
    return gap;
}

Test(model_tiles, takes_groups_of_one_value_for_values)
{
    struct random r = random_start("identity", 102);
    struct world *w = new_world(&r, 1000);
    measure(w, &r, "0;3;0,1;1,3,4", 0, 5);
    struct world *listed = malloc(sizeof *listed);
    *listed = *w;
    for (size_t t = 0; t < w->n; t++) {
        listed->list[t].of = w->of[t];
        listed->list[t].theta = listed->theta[t];
    }
    struct sil_graphical_model *one = new_model(1000);
    struct sil_graphical_model *other = new_model(1000);

    (void)fit(one, w);
    (void)fit(other, listed);

    cr_expect_arr_eq(w->theta, listed->theta, sizeof w->theta);
    sil_gm_free(one);
    sil_gm_free(other);
    free(w);
    free(listed);
}

Test(model_tiles, has_one_minimum_in_any_order_of_the_tiles)
{
    struct random r = random_start("order", 103);
    struct world *w = mixed_world(&r);
    struct world *back = malloc(sizeof *back);
    *back = *w;
    for (size_t t = 0; t < w->n; t++) {
        back->list[t] = w->list[w->n - 1 - t];
        back->list[t].theta = back->theta[w->n - 1 - t];
    }
    struct sil_graphical_model *one = new_model(2000);
    struct sil_graphical_model *other = new_model(2000);

    (void)fit(one, w);
    (void)fit(other, back);

    double joint[2][ROWS];
    model_joint(joint[0], one);
    model_joint(joint[1], other);
    cr_expect_leq(largest_gap(joint[0], joint[1], ROWS), 1e-2);
    cr_expect_leq(largest_gap(w->theta[0], back->theta[0], TILES_MAX * CELLS_MAX),
                  1e-3);
    sil_gm_free(one);
    sil_gm_free(other);
    free(w);
    free(back);
}

Test(model_tiles, starts_warm_from_the_potentials_given)
{
    struct random r = random_start("warm", 104);
    struct world *w = mixed_world(&r);
    struct sil_graphical_model *model = new_model(2000);
    struct sil_fit_report cold = fit(model, w);
    double before[TILES_MAX][CELLS_MAX];
    memcpy(before, w->theta, sizeof before);

    struct sil_fit_report warm = fit(model, w);

    cr_expect_lt(warm.n_oracles, 10);
    cr_expect_lt(warm.n_oracles, cold.n_oracles);
    cr_expect_leq(largest_gap(before[0], w->theta[0], TILES_MAX * CELLS_MAX), 1e-4);
    sil_gm_free(model);
    free(w);
}

Test(model_tiles, recovers_from_a_start_out_of_reach)
{
    struct random r = random_start("far", 105);
    struct world *w = mixed_world(&r);
    for (size_t t = 0; t < w->n; t++) {
        for (size_t i = 0; i < w->list[t].n_cells; i++) {
            w->theta[t][i] = 1e5 * random_noise(&r);
        }
    }
    struct sil_graphical_model *model = new_model(2000);

    (void)fit(model, w);

    check_minimum(w, model, 1e-6, "far");
    sil_gm_free(model);
    free(w);
}

Test(model_tiles, leaves_cells_of_huge_slack_at_their_centre)
{
    struct random r = random_start("slack", 106);
    struct world *w = mixed_world(&r);
    for (size_t t = 5; t < w->n; t++) {
        for (size_t i = 0; i < w->list[t].n_cells; i++) {
            w->y[t][i] = 1e7 * random_noise(&r);
            w->slack[t][i] = 1e18;
        }
    }
    struct sil_graphical_model *model = new_model(2000);

    (void)fit(model, w);

    double joint[ROWS];
    model_joint(joint, model);
    for (size_t row = 0; row < ROWS; row++) {
        double product = 2000;
        for (size_t t = 0; t < 5; t++) {
            double mu[CELLS_MAX];
            sum_rows(mu, w, t, joint);
            product *= mu[tile_cell(w, t, row)] / 2000;
        }
        cr_assert_float_eq(joint[row], product, 1e-5, "row %zu", row);
    }
    sil_gm_free(model);
    free(w);
}

Test(model_tiles, hands_out_potentials_that_rebuild_the_model)
{
    struct random r = random_start("round trip", 107);
    struct world *w = mixed_world(&r);
    struct sil_graphical_model *model = new_model(2000);
    struct sil_graphical_model *copy;
    (void)fit(model, w);
    struct sil_clique cliques[TILES_MAX];
    const double *values[TILES_MAX];
    size_t n = sil_gm_n_potentials(model);
    cr_assert_eq(n, 10, "one of each clique");
    for (size_t k = 0; k < n; k++) {
        size_t cells;
        cliques[k] = *sil_gm_potential_clique(model, k);
        values[k] = sil_gm_potential(model, k, &cells);
        cr_assert_eq(cells, sil_clique_cells(&DOMAIN, &cliques[k]));
    }

    cr_assert_eq(
        sil_gm_from_potentials(&copy, &DOMAIN, 2000, cliques, values, n, 1, NULL),
        SIL_OK);

    double joint[2][ROWS];
    model_joint(joint[0], model);
    model_joint(joint[1], copy);
    cr_expect_arr_eq(joint[0], joint[1], sizeof joint[0]);
    sil_gm_free(model);
    sil_gm_free(copy);
    free(w);
}

/* N log Z - theta y + 1/2 sum s (theta - c)^2 */
static double dual_of(const struct world *w)
{
    double z = 0;
    double value = 0;
    for (size_t row = 0; row < ROWS; row++) {
        double theta = 0;
        for (size_t t = 0; t < w->n; t++) {
            theta += w->theta[t][tile_cell(w, t, row)];
        }
        z += exp(theta);
    }
    for (size_t t = 0; t < w->n; t++) {
        for (size_t i = 0; i < w->list[t].n_cells; i++) {
            double off = w->theta[t][i] - w->centre[t][i];
            value += 0.5 * w->slack[t][i] * off * off - w->theta[t][i] * w->y[t][i];
        }
    }
    return value + w->total * log(z);
}

/* Many tiles of the same columns make the first steps go too far, so that some are refused:
 * wherever the fit is cut off, the model is that of its potentials, and they are no worse
 * than those of a shorter fit. */
Test(model_tiles, falls_with_every_oracle_allowed)
{
    struct random r = random_start("limit", 108);
    struct world *w = mixed_world(&r);
    measure(w, &r, "3,4;3,4;3,4;3,4;3,4;3,4;0,3;0,3;0,3;0,3", 0, 1);
    struct sil_graphical_model *model = new_model(2000);
    double start[TILES_MAX][CELLS_MAX];
    memcpy(start, w->theta, sizeof start);
    double before = dual_of(w);
    double first = before;
    for (unsigned most = 1; most < 40; most++) {
        const struct sil_fit_limits limits = {most, 1e-13, 1};
        struct sil_fit_report report;
        memcpy(w->theta, start, sizeof start);
        cr_assert_eq(
            sil_gm_fit_tiles(model, 2000, w->list, w->n, &limits, &report, NULL),
            SIL_OK);
        cr_expect_leq(report.n_oracles, most);
        cr_expect_geq(report.n_oracles + 1, most);
        cr_expect_leq(dual_of(w), before, "%u oracles", most);
        check_model(w, model, "limit");
        before = dual_of(w);
    }
    cr_expect_lt(before, first);
    sil_gm_free(model);
    free(w);
}

/* Counts that would send potentials anywhere at once. */
Test(model_tiles, goes_towards_impossible_counts_step_by_step)
{
    struct random r = random_start("impossible", 110);
    struct world *w = mixed_world(&r);
    for (size_t t = 0; t < w->n; t++) {
        for (size_t i = 0; i < w->list[t].n_cells; i++) {
            w->y[t][i] = 1e13 * random_noise(&r);
            w->slack[t][i] = 1;
        }
    }
    struct sil_graphical_model *model = new_model(2000);
    const struct sil_fit_limits limits = {30, 1e-6, 1};
    struct sil_fit_report report;
    double before = dual_of(w);

    cr_assert_eq(sil_gm_fit_tiles(model, 2000, w->list, w->n, &limits, &report, NULL),
                 SIL_OK);

    cr_expect_lt(dual_of(w), before);
    check_model(w, model, "impossible");
    sil_gm_free(model);
    free(w);
}

Test(model_tiles, makes_the_uniform_model_of_no_tiles)
{
    struct random r = random_start("none", 109);
    struct world *w = mixed_world(&r);
    struct sil_graphical_model *model = new_model(2000);
    double joint[ROWS];
    (void)fit(model, w);

    w->n = 0;
    (void)fit(model, w);

    model_joint(joint, model);
    for (size_t row = 0; row < ROWS; row++) {
        cr_assert_float_eq(joint[row], 2000.0 / ROWS, 1e-9);
    }
    cr_expect_eq(sil_gm_n_potentials(model), 0);
    sil_gm_free(model);
    free(w);
}

Test(model_tiles, changes_nothing_when_no_tree_can_hold_the_cliques)
{
    enum { N = SIL_CLIQUE_MAX + 2, PAIRS = N * (N - 1) / 2 };

    static uint32_t sizes[N];
    static struct sil_tile list[PAIRS];
    static double ones[4] = {1, 1, 1, 1};
    static double theta[4] = {1, 2, 3, 4};
    const struct sil_domain domain = {N, sizes, NULL};
    struct sil_fit_report report;
    struct sil_graphical_model *model;
    size_t n = 0;
    for (uint32_t a = 0; a < N; a++) {
        sizes[a] = 2;
        for (uint32_t b = a + 1; b < N; b++) {
            list[n++] = (struct sil_tile){
                {2, {a, b}},
                NULL, 4, ones, ones, ones, theta
            };
        }
    }
    cr_assert_eq(sil_gm_new(&model, &domain, 7, NULL), SIL_OK);

    cr_assert_eq(sil_gm_fit_tiles(model, 9, list, n, &LIMITS, &report, NULL),
                 SIL_ERR_USAGE);

    cr_expect_eq(sil_gm_total(model), 7);
    cr_expect_eq(sil_gm_n_potentials(model), 0);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(theta[i], i + 1);
    }
    sil_gm_free(model);
}
