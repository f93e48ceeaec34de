// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"
#include "model/solver.h"

#include <stdlib.h>
#include <string.h>

/* A step must win this share of what the gradient promises. Steps grow after a success and
 * shrink after a failure; STALLS failures in a row mean that rounding is all that is left. */
static const double SUFFICIENT = 0.3;
static const double GROW = 1.2;
static const double SHRINK = 0.5;

enum { STALLS_MAX = 40, CALM_STEPS = 5 };

struct mirror {
    const struct sil_problem *problem;
    size_t length;
    double *gradient; ///< of L
    double *trial;
    double *before; ///< the marginals at theta
    double *vectors;
};

static void take_gradient(struct mirror *m)
{
    const struct sil_problem *p = m->problem;
    const double *mu = p->oracle->marginal;
    for (size_t i = 0; i < m->length; i++) {
        m->gradient[i] = p->precision[i] * (mu[i] - p->y[i]);
    }
    (void)memcpy(m->before, mu, m->length * sizeof *mu);
}

/* <gradient, mu - mu'>: what a step to the oracle's marginals promises to win. */
static double promise(const struct mirror *m)
{
    const struct sil_kernels *k = sil_kernels();
    return k->dot(m->gradient, m->before, m->length) -
           k->dot(m->gradient, m->problem->oracle->marginal, m->length);
}

static double first_step(const struct mirror *m)
{
    double steepest = 0;
    for (size_t i = 0; i < m->length; i++) {
        steepest =
            m->problem->precision[i] > steepest ? m->problem->precision[i] : steepest;
    }
    return steepest > 0 ? 1 / (steepest * m->problem->oracle->total) : 0;
}

static sil_status prepare(struct mirror *m, const struct sil_problem *problem,
                          struct sil_error *err)
{
    m->problem = problem;
    m->length = problem->oracle->length;
    sil_status status = sil_alloc_aligned(&m->vectors, m->length,
                                          3 * sizeof *m->vectors, "the solver", err);
    m->gradient = m->vectors;
    m->trial = m->vectors + m->length;
    m->before = m->vectors + 2 * m->length;
    return status;
}

sil_status sil_descend(double *theta, const struct sil_problem *problem,
                       const struct sil_fit_limits *limits,
                       struct sil_fit_report *report, struct sil_error *err)
{
    struct mirror m;
    sil_status status = prepare(&m, problem, err);
    if (status != SIL_OK) {
        return status;
    }

    struct sil_oracle *oracle = problem->oracle;
    (void)sil_oracle_run(oracle, theta);
    unsigned n_oracles = 1;
    double loss = sil_problem_loss(problem);
    double alpha = first_step(&m);
    unsigned n_stalls = 0;
    unsigned n_calm = 0;
    take_gradient(&m);
    while (n_oracles + 1 < limits->max_oracles && n_stalls < STALLS_MAX &&
           n_calm < CALM_STEPS) {
        (void)memcpy(m.trial, theta, m.length * sizeof *theta);
        sil_kernels()->add_scaled(m.trial, -alpha, m.gradient, m.length);
        (void)sil_oracle_run(oracle, m.trial);
        n_oracles++;
        double trial_loss = sil_problem_loss(problem);
        if (loss - trial_loss >= SUFFICIENT * promise(&m) && trial_loss <= loss) {
            n_calm = loss - trial_loss <= limits->tolerance * loss ? n_calm + 1 : 0;
            (void)memcpy(theta, m.trial, m.length * sizeof *theta);
            take_gradient(&m);
            loss = trial_loss;
            alpha *= GROW;
            n_stalls = 0;
        } else {
            alpha *= SHRINK;
            n_stalls++;
        }
    }
    if (n_stalls > 0) {
        (void)sil_oracle_run(oracle, theta);
        n_oracles++;
    }
    report->n_oracles += n_oracles;
    free(m.vectors);
    return SIL_OK;
}
