// SPDX-License-Identifier: Apache-2.0
// The two solvers by themselves: what one finds, the other does.
#include "model/model.h"
#include "model/solver.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

static const uint32_t SIZES[4] = {3, 2, 4, 5};
static const struct sil_domain DOMAIN = {4, SIZES, NULL};

struct bench {
    struct sil_axes axes;
    struct sil_state state;
    struct sil_problem problem;
    double *vectors;
};

/* Measurements of a random table with noise of 2 counts, and a slack that matters little. */
static void set_up(struct bench *b, struct random *r)
{
    struct sil_clique cliques[8];
    size_t n = parse_cliques(cliques, "0,1;0,3;1,2;2,3");
    cr_assert_eq(sil_axes_init(&b->axes, &DOMAIN, NULL), SIL_OK);
    cr_assert_eq(sil_state_init(&b->state, &b->axes, cliques, n, 1, NULL), SIL_OK);
    struct sil_oracle *o = &b->state.oracle;
    o->total = 1000;
    b->vectors = calloc(4 * o->length, sizeof *b->vectors);
    b->problem =
        (struct sil_problem){o, b->vectors, b->vectors + o->length,
                             b->vectors + 2 * o->length, b->vectors + 3 * o->length};
    for (size_t i = 0; i < o->length; i++) {
        b->problem.slack[i] = 1;
    }
    double joint[120];
    for (size_t i = 0; i < 120; i++) {
        joint[i] = 1000.0 / 120 * (0.1 + 1.8 * random_unit(r));
    }
    for (size_t k = 0; k < n; k++) {
        const struct sil_factor *f = &o->factors[k];
        double y[120];
        brute_marginal(y, &DOMAIN, joint, &cliques[k]);
        sil_axes_turn_in(b->problem.y + f->offset, &b->axes, &cliques[k], y);
        for (size_t i = f->offset; i < f->offset + f->cells; i++) {
            b->problem.y[i] += 2 * random_noise(r);
            b->problem.precision[i] = 0.25;
            b->problem.slack[i] = 0.25;
        }
    }
}

static void tear_down(struct bench *b)
{
    free(b->vectors);
    sil_state_clear(&b->state);
    sil_axes_clear(&b->axes);
}

Test(model_descent, both_solvers_find_the_same_minimum)
{
    struct random r = random_start("two solvers", 91);
    for (int trial = 0; trial < 5; trial++) {
        struct bench b;
        struct sil_fit_report report = {0};
        const struct sil_fit_limits limits = {20000, 1e-12, 1};
        set_up(&b, &r);
        double *theta = b.state.theta;

        cr_assert_eq(sil_solve(theta, &b.problem, &limits, &report, NULL), SIL_OK);
        double fast = sil_problem_loss(&b.problem);
        (void)memset(theta, 0, b.state.oracle.length * sizeof *theta);
        cr_assert_eq(sil_descend(theta, &b.problem, &limits, &report, NULL), SIL_OK);
        double safe = sil_problem_loss(&b.problem);

        cr_expect_float_eq(fast, safe, 0.1 * safe, "%g and %g", fast, safe);
        tear_down(&b);
    }
}

Test(model_descent, the_safe_one_never_raises_the_loss)
{
    struct random r = random_start("monotone", 92);
    struct bench b;
    set_up(&b, &r);
    double before = INFINITY;

    for (unsigned n = 2; n < 60; n += 3) {
        struct sil_fit_report report = {0};
        const struct sil_fit_limits limits = {n, 0, 1};
        (void)memset(b.state.theta, 0, b.state.oracle.length * sizeof(double));
        cr_assert_eq(sil_descend(b.state.theta, &b.problem, &limits, &report, NULL),
                     SIL_OK);
        double loss = sil_problem_loss(&b.problem);
        cr_assert_leq(loss, before);
        cr_assert_leq(report.n_oracles, n);
        before = loss;
    }
    tear_down(&b);
}

Test(model_descent, potentials_out_of_reach_start_over)
{
    struct random r = random_start("out of reach", 93);
    struct bench b;
    struct sil_fit_report report = {0};
    const struct sil_fit_limits limits = {300, 1e-9, 1};
    set_up(&b, &r);
    for (size_t k = 0; k < b.state.n; k++) {
        const struct sil_factor *f = &b.state.oracle.factors[k];
        for (size_t i = 0; i < f->cells; i++) {
            b.state.theta[f->offset + i] =
                k % 2 == 0 ? -900.0 * (double)i : 900.0 * (double)i;
        }
    }

    cr_assert_eq(sil_solve(b.state.theta, &b.problem, &limits, &report, NULL), SIL_OK);

    cr_expect_lt(sil_problem_loss(&b.problem), 1000);
    tear_down(&b);
}
