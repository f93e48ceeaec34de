// SPDX-License-Identifier: Apache-2.0
#include "model/solver.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"
#include "model/newton.h"

#include <stdlib.h>
#include <string.h>

/* A step raises no potential by more than RISE and lowers none by more than FALL:
 * potentials are logarithms, and weights that shoot up do harm where weights that vanish do
 * not. The fit ends when CALM_STEPS steps together win less than the tolerance. */
enum { MEMORY = 6, SHRINKS_MAX = 20, CALM_STEPS = 5 };

static const double RISE = 1;
static const double FALL = 2;
static const double SUFFICIENT = 1e-4;
static const double SHRINK = 0.4;

struct descent {
    const struct sil_problem *problem;
    const struct sil_kernels *kernels;
    size_t length;
    double *theta; ///< the caller's
    double value;
    double *gradient;
    double *direction;
    double *trial;
    double *metric; ///< one over the diagonal of the Hessian
    double *best;   ///< the potentials that fitted best so far
    double best_loss;
    double *vectors;
    struct sil_newton newton;
    unsigned n_oracles;
};

double sil_problem_loss(const struct sil_problem *problem)
{
    const struct sil_oracle *o = problem->oracle;
    return 0.5 * sil_kernels()->distance(problem->precision, o->marginal, problem->y,
                                         o->length);
}

/* The dual at theta; the oracle is left calibrated for it. */
static double evaluate(struct descent *d, const double *theta)
{
    const struct sil_problem *p = d->problem;
    double log_z = sil_oracle_run(p->oracle, theta);
    d->n_oracles++;
    return p->oracle->total * log_z - d->kernels->dot(theta, p->y, d->length) +
           0.5 * d->kernels->distance(p->slack, theta, p->centre, d->length);
}

static void take_gradient(const struct descent *d, double *out, const double *theta)
{
    const struct sil_problem *p = d->problem;
    const double *in[5] = {p->oracle->marginal, p->y, p->slack, theta, p->centre};
    d->kernels->gradient(out, in, d->length);
    double total = p->oracle->total;
    for (size_t i = 0; i < d->length; i++) {
        double mu = p->oracle->marginal[i];
        d->metric[i] = 1 / (mu * (1 - mu / total) + p->slack[i]);
    }
}

/* The quasi-Newton direction, cut to the largest changes allowed. */
static void take_direction(struct descent *d)
{
    sil_newton_direct(d->direction, &d->newton, d->gradient, d->metric);
    for (size_t i = 0; i < d->length; i++) {
        double x = d->direction[i];
        d->direction[i] = x > RISE ? RISE : x < -FALL ? -FALL : x;
    }
}

/* Go along the direction as far as the dual falls; false when it does not fall. */
static bool search(struct descent *d, unsigned max_oracles)
{
    double slope = d->kernels->dot(d->gradient, d->direction, d->length);
    double t = 1;
    for (int i = 0; slope < 0 && i < SHRINKS_MAX && d->n_oracles < max_oracles; i++) {
        (void)memcpy(d->trial, d->theta, d->length * sizeof *d->trial);
        d->kernels->add_scaled(d->trial, t, d->direction, d->length);
        double value = evaluate(d, d->trial);
        if (value <= d->value + SUFFICIENT * t * slope) {
            d->value = value;
            return true;
        }
        t *= SHRINK;
    }
    return false;
}

/* Move to the trial point and remember how the gradient changed on the way. */
static void move(struct descent *d)
{
    sil_newton_depart(&d->newton, d->theta, d->gradient);
    (void)memcpy(d->theta, d->trial, d->length * sizeof *d->theta);
    take_gradient(d, d->gradient, d->theta);
    sil_newton_arrive(&d->newton, d->theta, d->gradient);
}

static sil_status prepare(struct descent *d, const struct sil_problem *problem,
                          double *theta, struct sil_error *err)
{
    enum { N_VECTORS = 5 };

    sil_status status = SIL_OK;
    size_t length = problem->oracle->length;
    *d = (struct descent){.problem = problem, .kernels = sil_kernels()};
    d->length = length;
    d->theta = theta;
    SIL_TRY(sil_newton_init(&d->newton, length, MEMORY, err));
    SIL_TRY(sil_alloc_aligned(&d->vectors, length, N_VECTORS * sizeof *d->vectors,
                              "the solver", err));
    d->gradient = d->vectors;
    d->direction = d->vectors + length;
    d->trial = d->vectors + 2 * length;
    d->metric = d->vectors + 3 * length;
    d->best = d->vectors + 4 * length;

cleanup:
    return status;
}

/* The residuals in units of the dual: what its decrease is compared with. */
static double misfit(const struct descent *d)
{
    const struct sil_problem *p = d->problem;
    double sum = 0;
    for (size_t i = 0; i < d->length; i++) {
        double gap = p->oracle->marginal[i] - p->y[i];
        sum += gap * gap / p->slack[i];
    }
    return 0.5 * sum;
}

/* The dual falls with every step; the loss may rise for a while, so the best is kept. */
static void keep_best(struct descent *d)
{
    double loss = sil_problem_loss(d->problem);
    if (!(loss >= d->best_loss)) {
        d->best_loss = loss;
        (void)memcpy(d->best, d->theta, d->length * sizeof *d->best);
    }
}

static void run(struct descent *d, const struct sil_fit_limits *limits)
{
    double since = d->value; /* the dual when steps were last counted */
    unsigned n_steps = 0;
    /* One oracle is left for the return to the best. */
    while (d->n_oracles + 1 < limits->max_oracles) {
        take_direction(d);
        if (search(d, limits->max_oracles - 1)) {
            move(d);
            keep_best(d);
            n_steps++;
        } else if (d->newton.n_pairs > 0) {
            /* A bad pair can spoil the direction: start over from the diagonal. */
            sil_newton_forget(&d->newton);
        } else {
            return;
        }
        if (n_steps == CALM_STEPS) {
            if (since - d->value <= limits->tolerance * misfit(d)) {
                return;
            }
            since = d->value;
            n_steps = 0;
        }
    }
}

/* Potentials of a former fit can be out of reach for new measurements: then the centre. */
static void start(struct descent *d)
{
    d->value = evaluate(d, d->theta);
    if (!__builtin_isfinite(d->value)) {
        (void)memcpy(d->theta, d->problem->centre, d->length * sizeof *d->theta);
        d->value = evaluate(d, d->theta);
    }
}

sil_status sil_solve(double *theta, const struct sil_problem *problem,
                     const struct sil_fit_limits *limits, struct sil_fit_report *report,
                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct descent d;
    SIL_TRY(prepare(&d, problem, theta, err));

    start(&d);
    take_gradient(&d, d.gradient, theta);
    d.best_loss = sil_problem_loss(problem);
    (void)memcpy(d.best, theta, d.length * sizeof *theta);
    run(&d, limits);
    (void)memcpy(theta, d.best, d.length * sizeof *theta);
    (void)evaluate(&d, theta);
    report->n_oracles += d.n_oracles;

cleanup:
    sil_newton_clear(&d.newton);
    free(d.vectors);
    return status;
}
