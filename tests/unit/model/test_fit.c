// SPDX-License-Identifier: Apache-2.0
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

static const struct sil_fit_limits LIMITS = {
    .max_oracles = 400, .tolerance = 1e-9, .n_threads = 1};

enum { MAX = 40 };

/* A random joint table over four columns, and noise-free or noisy views of it. */
struct world {
    struct sil_domain domain;
    double joint[120];
    struct sil_measurement list[MAX];
    double *y[MAX];
    size_t n;
};

static const uint32_t SIZES[4] = {2, 3, 4, 5};

static void make_world(struct world *w, struct random *r, double total)
{
    w->domain = (struct sil_domain){4, SIZES, NULL};
    double sum = 0;
    for (size_t i = 0; i < 120; i++) {
        w->joint[i] = -log(1 - random_unit(r)) + 0.05;
        sum += w->joint[i];
    }
    for (size_t i = 0; i < 120; i++) {
        w->joint[i] *= total / sum;
    }
    w->n = 0;
}

static void measure(struct world *w, struct random *r, const char *cliques,
                    double sigma, double claimed)
{
    struct sil_clique c[MAX];
    size_t n = parse_cliques(c, cliques);
    for (size_t k = 0; k < n; k++) {
        size_t cells = sil_clique_cells(&w->domain, &c[k]);
        double *y = calloc(cells, sizeof *y);
        brute_marginal(y, &w->domain, w->joint, &c[k]);
        for (size_t i = 0; i < cells; i++) {
            y[i] += sigma * random_noise(r);
        }
        w->y[w->n] = y;
        w->list[w->n++] = (struct sil_measurement){c[k], y, claimed};
    }
}

static void end_world(struct world *w)
{
    for (size_t k = 0; k < w->n; k++) {
        free(w->y[k]);
    }
}

static struct sil_fit_report fit(struct sil_graphical_model *model,
                                 const struct world *w, double total)
{
    struct sil_fit_report report;
    struct sil_error err = {""};
    cr_assert_eq(sil_gm_fit(model, total, w->list, w->n, &LIMITS, &report, &err),
                 SIL_OK, "%s", err.text);
    return report;
}

static double worst_gap(const struct sil_graphical_model *model, const struct world *w)
{
    double worst = 0;
    for (size_t k = 0; k < w->n; k++) {
        double got[120];
        cr_assert_eq(sil_gm_marginal(got, model, &w->list[k].clique, NULL), SIL_OK);
        for (size_t i = 0; i < sil_clique_cells(&w->domain, &w->list[k].clique); i++) {
            double gap = fabs(got[i] - w->list[k].y[i]);
            worst = gap > worst ? gap : worst;
        }
    }
    return worst;
}

Test(model_fit, recovers_marginals_that_have_no_noise)
{
    static const char *const CASES[] = {
        "0,1;1,2;2,3", "0,1;0,2;1,2;1,3", "0,1;0,3",         "0,1,2,3",
        "3",           "0,1;2,3",         "0,1;0,3;1,2;2,3", "0;1;2;3;0,1,2;1,2,3",
    };
    struct random r = random_start("noise-free", 31);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct world w;
        struct sil_graphical_model *model;
        make_world(&w, &r, 1000);
        measure(&w, &r, CASES[i], 0, 1e-3);
        cr_assert_eq(sil_gm_new(&model, &w.domain, 1000, NULL), SIL_OK);

        struct sil_fit_report report = fit(model, &w, 1000);

        cr_expect_leq(worst_gap(model, &w), 0.05, "%s: gap %g after %u oracles",
                      CASES[i], worst_gap(model, &w), report.n_oracles);
        cr_expect_not(report.used_fallback);
        sil_gm_free(model);
        end_world(&w);
    }
}

Test(model_fit, starts_warm_when_a_clique_is_added)
{
    struct random r = random_start("warm", 32);
    struct world w;
    struct sil_graphical_model *warm;
    struct sil_graphical_model *cold;
    make_world(&w, &r, 50000);
    measure(&w, &r, "0;1;2;3;0,1;1,2;2,3", 10, 100);
    cr_assert_eq(sil_gm_new(&warm, &w.domain, 50000, NULL), SIL_OK);
    cr_assert_eq(sil_gm_new(&cold, &w.domain, 50000, NULL), SIL_OK);
    (void)fit(warm, &w, 50000);
    measure(&w, &r, "0,3", 10, 100);

    struct sil_fit_report again = fit(warm, &w, 50000);
    struct sil_fit_report anew = fit(cold, &w, 50000);

    cr_expect_lt(again.n_oracles, anew.n_oracles);
    cr_expect_float_eq(again.loss, anew.loss, 1e-3 * anew.loss, "%g and %g", again.loss,
                       anew.loss);
    sil_gm_free(warm);
    sil_gm_free(cold);
    end_world(&w);
}

Test(model_fit, combines_repeats_by_inverse_variance_in_any_order)
{
    struct random r = random_start("repeats", 33);
    struct world w;
    make_world(&w, &r, 1000);
    measure(&w, &r, "0,1", 3, 9);
    measure(&w, &r, "0,1", 1, 1);
    double mean[6];
    for (size_t i = 0; i < 6; i++) {
        mean[i] = (w.y[0][i] / 9 + w.y[1][i]) / (1.0 / 9 + 1);
    }
    struct sil_measurement one = {w.list[0].clique, mean, 1 / (1.0 / 9 + 1)};
    struct sil_graphical_model *twice;
    struct sil_graphical_model *once;
    cr_assert_eq(sil_gm_new(&twice, &w.domain, 1000, NULL), SIL_OK);
    cr_assert_eq(sil_gm_new(&once, &w.domain, 1000, NULL), SIL_OK);

    (void)fit(twice, &w, 1000);
    struct sil_fit_report report;
    cr_assert_eq(sil_gm_fit(once, 1000, &one, 1, &LIMITS, &report, NULL), SIL_OK);

    double got[2][6];
    cr_assert_eq(sil_gm_marginal(got[0], twice, &one.clique, NULL), SIL_OK);
    cr_assert_eq(sil_gm_marginal(got[1], once, &one.clique, NULL), SIL_OK);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_float_eq(got[0][i], got[1][i], 1e-6, "cell %zu", i);
    }
    sil_gm_free(twice);
    sil_gm_free(once);
    end_world(&w);
}

Test(model_fit, survives_measurements_that_no_table_has)
{
    struct random r = random_start("nonsense", 34);
    struct world w;
    struct sil_graphical_model *model;
    make_world(&w, &r, 20);
    measure(&w, &r, "0;1;2;3;0,1;0,2;1,2;1,3", 5000, 25e6);
    measure(&w, &r, "0,1,2,3", 3000, 1e-3);
    cr_assert_eq(sil_gm_new(&model, &w.domain, 20, NULL), SIL_OK);

    struct sil_fit_report report = fit(model, &w, 20);

    double got[120];
    double sum = 0;
    cr_assert_eq(sil_gm_marginal(got, model, &w.list[w.n - 1].clique, NULL), SIL_OK);
    for (size_t i = 0; i < 120; i++) {
        cr_assert(got[i] >= 0 && got[i] <= 20.000001, "cell %zu: %g", i, got[i]);
        sum += got[i];
    }
    cr_expect_float_eq(sum, 20, 1e-9);
    cr_expect(isfinite(report.loss));
    sil_gm_free(model);
    end_world(&w);
}

Test(model_fit, returns_through_its_potentials)
{
    struct random r = random_start("round trip", 35);
    struct world w;
    struct sil_graphical_model *model;
    struct sil_graphical_model *copy;
    make_world(&w, &r, 1000);
    measure(&w, &r, "0;1;2;3;0,1;0,3;1,2;2,3", 2, 4);
    cr_assert_eq(sil_gm_new(&model, &w.domain, 1000, NULL), SIL_OK);
    (void)fit(model, &w, 1000);
    struct sil_clique cliques[MAX];
    const double *values[MAX];
    size_t n = sil_gm_n_potentials(model);
    cr_assert_eq(n, 8);
    for (size_t k = 0; k < n; k++) {
        size_t cells;
        cliques[k] = *sil_gm_potential_clique(model, k);
        values[k] = sil_gm_potential(model, k, &cells);
        cr_assert_eq(cells, sil_clique_cells(&w.domain, &cliques[k]));
    }

    cr_assert_eq(
        sil_gm_from_potentials(&copy, &w.domain, 1000, cliques, values, n, 1, NULL),
        SIL_OK);

    struct sil_clique whole = clique_of_mask(&w.domain, 15);
    double got[2][120];
    cr_assert_eq(sil_gm_marginal(got[0], model, &whole, NULL), SIL_OK);
    cr_assert_eq(sil_gm_marginal(got[1], copy, &whole, NULL), SIL_OK);
    cr_expect_arr_eq(got[0], got[1], sizeof got[0]);
    cr_expect_eq(sil_gm_tree_cells(model), sil_gm_tree_cells(copy));
    sil_gm_free(model);
    sil_gm_free(copy);
    end_world(&w);
}
