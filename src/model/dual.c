// SPDX-License-Identifier: Apache-2.0
#include "model/dual.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/kernels.h"
#include "model/newton.h"

#include <stdlib.h>
#include <string.h>

/* MEMORY pairs are kept: 6 take a tenth more oracles. A step changes no potential by more
 * than CHANGE_MAX: with it and without, fits of real tables take as many, but counts that
 * no table has would end them at once. */
enum { MEMORY = 12, SHRINKS_MAX = 20 };

static const double CHANGE_MAX = 3;
static const double SUFFICIENT = 1e-4;
static const double SHRINK = 0.4;

struct descent {
    struct sil_dual *dual;
    const struct sil_kernels *kernels;
    size_t length;
    double *theta; ///< the caller's
    double value;
    double *gradient;
    double *direction;
    double *trial;
    double *metric; ///< one over the diagonal of the Hessian
    double *vectors;
    struct sil_newton newton;
    unsigned n_oracles;
    bool is_astray; ///< the oracle is calibrated for another point than theta
};

/* The weights of a potential that one tile makes up: they take exp of the tile's cells
 * only. Give the largest value. */
static double weigh_tile(const struct sil_dual *p, const struct sil_placed *t,
                         const double *theta)
{
    const struct sil_kernels *k = sil_kernels();
    double *weights = p->oracle->weights + p->oracle->factors[t->factor].offset;
    double largest = k->largest(theta + t->offset, t->lift.cells);
    k->exponential(p->narrow, theta + t->offset, largest, t->lift.cells);
    (void)memset(weights, 0, t->lift.wide_cells * sizeof *weights);
    sil_lift_add(weights, &t->lift, p->narrow, p->work);
    return largest;
}

/* Write the sum of the tiles order[first .. end - 1], all of one potential, in `wide`. */
static void add_tiles(const struct sil_dual *p, size_t first, size_t end,
                      const double *theta)
{
    for (size_t i = first; i < end; i++) {
        const struct sil_placed *t = &p->tiles[p->order[i]];
        double *wide = p->wide + p->oracle->factors[t->factor].offset;
        if (i == first) {
            (void)memset(wide, 0, t->lift.wide_cells * sizeof *wide);
        }
        sil_lift_add(wide, &t->lift, theta + t->offset, p->work);
    }
}

/* The end of the tiles that make up the potential of the one at `first` of the order. */
static size_t end_of(const struct sil_dual *p, size_t first)
{
    size_t end = first + 1;
    while (end < p->n &&
           p->tiles[p->order[end]].factor == p->tiles[p->order[first]].factor) {
        end++;
    }
    return end;
}

/* The weights of all potentials; give the sum of their largest values. */
static double weigh(const struct sil_dual *p, const double *theta)
{
    const struct sil_kernels *k = sil_kernels();
    double shift = 0;
    for (size_t first = 0, end; first < p->n; first = end) {
        const struct sil_placed *t = &p->tiles[p->order[first]];
        end = end_of(p, first);
        if (end - first == 1) {
            shift += weigh_tile(p, t, theta);
            continue;
        }
        add_tiles(p, first, end, theta);
        const struct sil_factor *f = &p->oracle->factors[t->factor];
        double largest = k->largest(p->wide + f->offset, f->cells);
        k->exponential(p->oracle->weights + f->offset, p->wide + f->offset, largest,
                       f->cells);
        shift += largest;
    }
    return shift;
}

/* The dual at theta, for which the oracle is left calibrated; infinite where potentials are
 * so far apart that their sum can be told and their marginals cannot. */
static double evaluate(struct descent *d, const double *theta)
{
    const struct sil_dual *p = d->dual;
    double log_z = sil_oracle_calibrate(p->oracle, weigh(p, theta));
    d->n_oracles++;
    if (!__builtin_isfinite(d->kernels->sum(p->oracle->marginal, p->oracle->length))) {
        return __builtin_inf();
    }
    return p->oracle->total * log_z - d->kernels->dot(theta, p->y, d->length) +
           0.5 * d->kernels->distance(p->slack, theta, p->centre, d->length);
}

/* The gradient and the metric at theta, for which the oracle is calibrated. A metric that
 * follows theta takes a quarter less oracles than one that stays as it was at the start. */
static void take_gradient(struct descent *d)
{
    struct sil_dual *p = d->dual;
    const struct sil_oracle *o = p->oracle;
    for (size_t i = 0; i < p->n; i++) {
        const struct sil_placed *t = &p->tiles[i];
        sil_lift_sum(p->mu + t->offset, &t->lift,
                     o->marginal + o->factors[t->factor].offset, p->work);
    }
    const double *in[5] = {p->mu, p->y, p->slack, d->theta, p->centre};
    d->kernels->gradient(d->gradient, in, d->length);
    for (size_t i = 0; i < d->length; i++) {
        d->metric[i] = 1 / (p->mu[i] * (1 - p->mu[i] / o->total) + p->slack[i]);
    }
}

/* Shorten the direction so that no potential changes by more than allowed. */
static void cut(struct descent *d)
{
    double largest = 0;
    for (size_t i = 0; i < d->length; i++) {
        double x = d->direction[i] < 0 ? -d->direction[i] : d->direction[i];
        largest = x > largest ? x : largest;
    }
    if (largest > CHANGE_MAX) {
        d->kernels->scale(d->direction, d->direction, CHANGE_MAX / largest, d->length);
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
    take_gradient(d);
    sil_newton_arrive(&d->newton, d->theta, d->gradient);
}

static sil_status prepare(struct descent *d, struct sil_dual *dual, double *theta,
                          struct sil_error *err)
{
    enum { N_VECTORS = 4 };

    sil_status status = SIL_OK;
    size_t length = dual->length;
    *d = (struct descent){.dual = dual, .kernels = sil_kernels(), .length = length};
    d->theta = theta;
    SIL_TRY(sil_newton_init(&d->newton, length, MEMORY, err));
    SIL_TRY(sil_alloc_aligned(&d->vectors, length, N_VECTORS * sizeof *d->vectors,
                              "the solver", err));
    d->gradient = d->vectors;
    d->direction = d->vectors + length;
    d->trial = d->vectors + 2 * length;
    d->metric = d->vectors + 3 * length;

cleanup:
    return status;
}

/* Potentials of a former fit can be out of reach for new measurements: then the centre, or
 * else 0. */
static void start(struct descent *d)
{
    d->value = evaluate(d, d->theta);
    if (!__builtin_isfinite(d->value)) {
        (void)memcpy(d->theta, d->dual->centre, d->length * sizeof *d->theta);
        d->value = evaluate(d, d->theta);
    }
    if (!__builtin_isfinite(d->value)) {
        (void)memset(d->theta, 0, d->length * sizeof *d->theta);
        d->value = evaluate(d, d->theta);
    }
    take_gradient(d);
}

static void run(struct descent *d, const struct sil_fit_limits *limits)
{
    double enough = limits->tolerance * d->dual->oracle->total;
    /* One oracle is left for the return from a search that failed. */
    while (d->n_oracles + 1 < limits->max_oracles) {
        sil_newton_direct(d->direction, &d->newton, d->gradient, d->metric);
        if (-d->kernels->dot(d->gradient, d->direction, d->length) < enough) {
            return;
        }
        cut(d);
        d->is_astray = !search(d, limits->max_oracles - 1);
        if (!d->is_astray) {
            move(d);
        } else if (d->newton.n_pairs > 0) {
            /* A bad pair can spoil the direction: start over from the diagonal. */
            sil_newton_forget(&d->newton);
        } else {
            return;
        }
    }
}

sil_status sil_dual_minimise(double *theta, struct sil_dual *dual,
                             const struct sil_fit_limits *limits,
                             struct sil_fit_report *report, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct descent d;
    SIL_TRY(prepare(&d, dual, theta, err));
    start(&d);
    run(&d, limits);
    if (d.is_astray) {
        (void)evaluate(&d, theta);
    }
    for (size_t first = 0, end; first < dual->n; first = end) {
        end = end_of(dual, first);
        add_tiles(dual, first, end, theta);
    }
    report->n_oracles += d.n_oracles;

cleanup:
    sil_newton_clear(&d.newton);
    free(d.vectors);
    return status;
}
