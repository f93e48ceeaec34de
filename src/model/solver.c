// SPDX-License-Identifier: Apache-2.0
#include "model/solver.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"

#include <stdlib.h>
#include <string.h>

/* MEMORY pairs are kept; a pair that hardly curves is not. A step changes no potential by
 * more than LEAP: potentials are logarithms, so this is a factor of 20 on a weight. */
enum { MEMORY = 12, SHRINKS_MAX = 20 };

static const double LEAP = 3;
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
    double *metric; ///< 1 / (mu + s), an estimate of the inverse Hessian's diagonal
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
    for (size_t i = 0; i < d->length; i++) {
        d->metric[i] = 1 / (p->oracle->marginal[i] + p->slack[i]);
    }
}

/* direction = - H gradient by the two-loop recursion (Nocedal 1980). */
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
    for (unsigned i = 0; i < d->n_pairs; i++) {
        const struct pair *p = &d->pairs[i];
        double back = k->dot(p->change, d->direction, d->length) / p->inner;
        k->add_scaled(d->direction, weight[i] - back, p->step, d->length);
    }
}

static double longest(const double *x, size_t n)
{
    double longest = 0;
    for (size_t i = 0; i < n; i++) {
        double size = x[i] < 0 ? -x[i] : x[i];
        longest = size > longest ? size : longest;
    }
    return longest;
}

/* Go along the direction as far as the dual falls; false when it does not fall. */
static bool search(struct descent *d, double slope, unsigned max_oracles)
{
    double reach = longest(d->direction, d->length);
    double t = reach > LEAP ? LEAP / reach : 1;
    for (int i = 0; i < SHRINKS_MAX && d->n_oracles < max_oracles; i++) {
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
    size_t length = problem->oracle->length;
    *d = (struct descent){.problem = problem, .kernels = sil_kernels()};
    d->length = length;
    d->theta = theta;
    sil_status status = sil_alloc_aligned(
        &d->vectors, length, (4 + 2 * MEMORY) * sizeof *d->vectors, "the solver", err);
    if (status == SIL_OK) {
        d->gradient = d->vectors;
        d->direction = d->vectors + length;
        d->trial = d->vectors + 2 * length;
        d->metric = d->vectors + 3 * length;
        for (size_t i = 0; i < MEMORY; i++) {
            d->pairs[i].step = d->vectors + (4 + 2 * i) * length;
            d->pairs[i].change = d->vectors + (5 + 2 * i) * length;
        }
    }
    return status;
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

    bool is_settled = true; /* the oracle is calibrated for theta */
    d.value = evaluate(&d, theta);
    take_gradient(&d, d.gradient, theta);
    while (d.n_oracles < limits->max_oracles) {
        take_direction(&d);
        double slope = d.kernels->dot(d.gradient, d.direction, d.length);
        /* Half of -slope estimates the gap to the minimum, in units of L / lambda. */
        double gap = -0.5 * slope * problem->lambda;
        if (!(gap > limits->tolerance * sil_problem_loss(problem))) {
            break;
        }
        is_settled = search(&d, slope, limits->max_oracles);
        if (is_settled) {
            move(&d);
        } else if (d.n_pairs > 0 && d.n_oracles < limits->max_oracles) {
            d.n_pairs = 0;
        } else {
            break;
        }
    }
    if (!is_settled) {
        (void)evaluate(&d, theta);
    }
    report->n_oracles += d.n_oracles;
    free(d.vectors);
    return SIL_OK;
}
