// SPDX-License-Identifier: Apache-2.0
#include "model/solver.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"

#include <stdlib.h>
#include <string.h>

/* MEMORY pairs are kept; a pair that hardly curves is not. A step raises no potential by
 * more than RISE and lowers none by more than FALL: potentials are logarithms, and weights
 * that shoot up do harm where weights that vanish do not. The fit ends when CALM_STEPS
 * steps together win less than the tolerance. */
enum { MEMORY = 6, SHRINKS_MAX = 20, CALM_STEPS = 5 };

static const double RISE = 1;
static const double FALL = 2;
static const double SUFFICIENT = 1e-4;
static const double SHRINK = 0.4;
static const double CURVATURE_MIN = 1e-10;

struct pair {
    double *step;
    double *change; ///< of the gradient
    double inner;   ///< their product
};

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
    struct pair pairs[MEMORY]; ///< the newest last
    unsigned n_pairs;
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

/* How far the newest pair stretches the metric: the diagonal alone counts what overlapping
 * cliques share several times. */
static double stretch(const struct descent *d)
{
    const struct pair *p = &d->pairs[d->n_pairs - 1];
    d->kernels->multiply(d->trial, p->change, d->metric, d->length);
    return p->inner / d->kernels->dot(d->trial, p->change, d->length);
}

/* direction = - H gradient by the two-loop recursion (Nocedal 1980), cut to the largest
 * changes allowed. */
static void take_direction(struct descent *d)
{
    const struct sil_kernels *k = d->kernels;
    double weight[MEMORY];
    k->scale(d->direction, d->gradient, -1, d->length);
    for (unsigned i = d->n_pairs; i-- > 0;) {
        const struct pair *p = &d->pairs[i];
        weight[i] = k->dot(p->step, d->direction, d->length) / p->inner;
        k->add_scaled(d->direction, -weight[i], p->change, d->length);
    }
    k->multiply(d->direction, d->direction, d->metric, d->length);
    if (d->n_pairs > 0) {
        k->scale(d->direction, d->direction, stretch(d), d->length);
    }
    for (unsigned i = 0; i < d->n_pairs; i++) {
        const struct pair *p = &d->pairs[i];
        double back = k->dot(p->change, d->direction, d->length) / p->inner;
        k->add_scaled(d->direction, weight[i] - back, p->step, d->length);
    }
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
    struct pair pair = d->pairs[0];
    if (d->n_pairs < MEMORY) {
        pair = d->pairs[d->n_pairs];
    } else {
        (void)memmove(d->pairs, d->pairs + 1, (MEMORY - 1) * sizeof pair);
        d->n_pairs--;
    }

    const struct sil_kernels *k = d->kernels;
    k->scale(pair.step, d->theta, -1, d->length);
    k->add(pair.step, d->trial, d->length);
    k->scale(pair.change, d->gradient, -1, d->length);
    (void)memcpy(d->theta, d->trial, d->length * sizeof *d->theta);
    take_gradient(d, d->gradient, d->theta);
    k->add(pair.change, d->gradient, d->length);
    pair.inner = k->dot(pair.step, pair.change, d->length);
    d->pairs[d->n_pairs] = pair;
    double size = k->dot(pair.step, pair.step, d->length) *
                  k->dot(pair.change, pair.change, d->length);
    if (pair.inner > 0 &&
        pair.inner * pair.inner > CURVATURE_MIN * CURVATURE_MIN * size) {
        d->n_pairs++;
    }
}

static sil_status prepare(struct descent *d, const struct sil_problem *problem,
                          double *theta, struct sil_error *err)
{
    enum { N_VECTORS = 5 + 2 * MEMORY };

    size_t length = problem->oracle->length;
    *d = (struct descent){.problem = problem, .kernels = sil_kernels()};
    d->length = length;
    d->theta = theta;
    sil_status status = sil_alloc_aligned(
        &d->vectors, length, N_VECTORS * sizeof *d->vectors, "the solver", err);
    if (status == SIL_OK) {
        d->gradient = d->vectors;
        d->direction = d->vectors + length;
        d->trial = d->vectors + 2 * length;
        d->metric = d->vectors + 3 * length;
        d->best = d->vectors + 4 * length;
        for (size_t i = 0; i < MEMORY; i++) {
            d->pairs[i].step = d->vectors + (5 + 2 * i) * length;
            d->pairs[i].change = d->vectors + (6 + 2 * i) * length;
        }
    }
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
        } else if (d->n_pairs > 0) {
            /* A bad pair can spoil the direction: start over from the diagonal. */
            d->n_pairs = 0;
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
    struct descent d;
    sil_status status = prepare(&d, problem, theta, err);
    if (status != SIL_OK) {
        return status;
    }

    start(&d);
    take_gradient(&d, d.gradient, theta);
    d.best_loss = sil_problem_loss(problem);
    (void)memcpy(d.best, theta, d.length * sizeof *theta);
    run(&d, limits);
    (void)memcpy(theta, d.best, d.length * sizeof *theta);
    (void)evaluate(&d, theta);
    report->n_oracles += d.n_oracles;
    free(d.vectors);
    return SIL_OK;
}
