// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/graphical_model.h"
#include "model/model.h"
#include "model/scalar.h"
#include "model/solver.h"

#include <stdlib.h>
#include <string.h>

/* The slack of a cell (solver.h), in squared counts: the variance as long as that is small,
 * never more than SLACK_MAX but for a thousandth of the variance. Measured on Adult with
 * noise from 2 to 200 counts: below 1 the dual is curved too little and takes ten times as
 * long, above 5 the fit starts to suffer. */
static const double SLACK_MAX = 3;
static const double SLACK_SHARE = 1e-3;
/* Counts below this start, and are centred, as if they were this. */
static const double COUNT_MIN = 1;

struct fit {
    const struct sil_measurement *measurements;
    size_t n;
    size_t *order;              ///< by clique, then by place in the list
    struct sil_clique *cliques; ///< distinct, not empty
    size_t n_cliques;
    double *narrow; ///< room for one table
    double *vectors;
    struct sil_problem problem;
};

static bool is_before(const struct fit *fit, size_t a, size_t b)
{
    int order =
        sil_clique_compare(&fit->measurements[a].clique, &fit->measurements[b].clique);
    return order < 0 || (order == 0 && a < b);
}

static void sort_measurements(struct fit *fit, size_t *spare)
{
    for (size_t i = 0; i < fit->n; i++) {
        fit->order[i] = i;
    }
    for (size_t run = 1; run < fit->n; run *= 2) {
        for (size_t start = 0; start < fit->n; start += 2 * run) {
            size_t middle = start + run < fit->n ? start + run : fit->n;
            size_t end = start + 2 * run < fit->n ? start + 2 * run : fit->n;
            size_t a = start;
            size_t b = middle;
            for (size_t i = start; i < end; i++) {
                bool from_a = b == end || (a < middle && is_before(fit, fit->order[a],
                                                                   fit->order[b]));
                spare[i] = from_a ? fit->order[a++] : fit->order[b++];
            }
        }
        (void)memcpy(fit->order, spare, fit->n * sizeof *spare);
    }
}

static sil_status list_cliques(struct fit *fit, const struct sil_measurement *list,
                               size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t *spare = NULL;
    fit->measurements = list;
    fit->n = n;
    SIL_TRY(sil_alloc(&fit->order, n, sizeof *fit->order, "a fit", err));
    SIL_TRY(sil_alloc(&spare, n, sizeof *spare, "a fit", err));
    SIL_TRY(sil_alloc(&fit->cliques, n, sizeof *fit->cliques, "a fit", err));
    sort_measurements(fit, spare);
    for (size_t i = 0; i < n; i++) {
        const struct sil_clique *c = &list[fit->order[i]].clique;
        bool is_new = fit->n_cliques == 0 ||
                      sil_clique_compare(&fit->cliques[fit->n_cliques - 1], c) != 0;
        if (c->n > 0 && is_new) {
            fit->cliques[fit->n_cliques++] = *c;
        }
    }

cleanup:
    free(spare);
    return status;
}

/* Combine the measurements of one clique, from `first` in the order, by inverse variance;
 * give the number of them. */
static size_t combine(struct fit *fit, size_t first, const struct sil_factor *f,
                      const struct sil_clique *clique)
{
    struct sil_problem *p = &fit->problem;
    double precision = 0;
    size_t n = 0;
    (void)memset(fit->narrow, 0, f->cells * sizeof *fit->narrow);
    for (size_t i = first; i < fit->n; i++, n++) {
        const struct sil_measurement *m = &fit->measurements[fit->order[i]];
        if (sil_clique_compare(&m->clique, clique) != 0) {
            break;
        }
        precision += 1 / m->variance;
        for (size_t cell = 0; cell < f->cells; cell++) {
            fit->narrow[cell] += m->y[cell] / m->variance;
        }
    }
    for (size_t cell = 0; cell < f->cells; cell++) {
        fit->narrow[cell] /= precision;
    }
    sil_axes_turn_in(p->y + f->offset, p->oracle->axes, clique, fit->narrow);
    for (size_t cell = f->offset; cell < f->offset + f->cells; cell++) {
        p->precision[cell] = precision;
        p->slack[cell] = 1 / (precision + 1 / SLACK_MAX) + SLACK_SHARE / precision;
        bool is_count = p->y[cell] > COUNT_MIN;
        p->centre[cell] =
            clique->n == 1 ? sil_log(is_count ? p->y[cell] : COUNT_MIN) : 0;
    }
    return n;
}

static sil_status pose(struct fit *fit, struct sil_state *state, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_oracle *o = &state->oracle;
    size_t largest = 0;
    for (size_t k = 0; k < o->n_factors; k++) {
        largest = o->factors[k].cells > largest ? o->factors[k].cells : largest;
    }
    SIL_TRY(sil_alloc(&fit->narrow, largest, sizeof *fit->narrow, "a fit", err));
    SIL_TRY(sil_alloc_aligned(&fit->vectors, o->length, 4 * sizeof *fit->vectors,
                              "a fit", err));
    fit->problem = (struct sil_problem){.oracle = o};
    fit->problem.y = fit->vectors;
    fit->problem.precision = fit->vectors + o->length;
    fit->problem.slack = fit->vectors + 2 * o->length;
    fit->problem.centre = fit->vectors + 3 * o->length;
    for (size_t i = 0; i < o->length; i++) {
        fit->problem.slack[i] = 1;
    }

    size_t at = 0;
    while (at < fit->n && fit->measurements[fit->order[at]].clique.n == 0) {
        at++;
    }
    for (size_t k = 0; k < o->n_factors; k++) {
        at += combine(fit, at, &o->factors[k], &state->cliques[k]);
    }

cleanup:
    return status;
}

/* Cells that are 0 whatever the potentials are: nothing measured there says anything. */
static void silence_zeros(struct sil_problem *problem)
{
    struct sil_oracle *o = problem->oracle;
    if (o->n_zeros == 0) {
        return;
    }
    (void)sil_oracle_run(o, problem->centre);
    for (size_t i = 0; i < o->length; i++) {
        if (!(o->marginal[i] > 0)) {
            problem->y[i] = 0;
            problem->precision[i] = 0;
            problem->centre[i] = 0;
        }
    }
}

/* Potentials that the model has start where they are; single columns new to it start at
 * their counts, other cliques at 0. */
static void start(struct sil_state *next, const struct sil_state *now,
                  const struct sil_problem *problem)
{
    size_t old = 0;
    for (size_t k = 0; k < next->n; k++) {
        const struct sil_factor *f = &next->oracle.factors[k];
        while (old < now->n &&
               sil_clique_compare(&now->cliques[old], &next->cliques[k]) < 0) {
            old++;
        }
        bool is_old = old < now->n &&
                      sil_clique_compare(&now->cliques[old], &next->cliques[k]) == 0;
        const double *from = is_old ? now->theta + now->oracle.factors[old].offset
                                    : problem->centre + f->offset;
        (void)memcpy(next->theta + f->offset, from, f->cells * sizeof *from);
    }
}

static sil_status solve(struct sil_state *state, const struct sil_problem *problem,
                        const struct sil_fit_limits *limits,
                        struct sil_fit_report *report, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_solve(state->theta, problem, limits, report, err));
    report->loss = sil_problem_loss(problem);
    if (!__builtin_isfinite(report->loss)) {
        (void)memset(state->theta, 0, state->oracle.length * sizeof *state->theta);
        SIL_TRY(sil_descend(state->theta, problem, limits, report, err));
        report->loss = sil_problem_loss(problem);
        report->used_fallback = true;
    }

cleanup:
    return status;
}

sil_status sil_gm_fit(struct sil_graphical_model *model, double total,
                      const struct sil_measurement *measurements, size_t n,
                      const struct sil_fit_limits *limits,
                      struct sil_fit_report *report, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct fit fit = {0};
    struct sil_state next = {0};
    unsigned before = sil_floating_enter();
    *report = (struct sil_fit_report){0};

    SIL_TRY(list_cliques(&fit, measurements, n, err));
    SIL_TRY(sil_state_init(&next, &model->axes, fit.cliques, fit.n_cliques,
                           sil_threads(limits->n_threads), err));
    next.oracle.total = total;
    SIL_TRY(pose(&fit, &next, err));
    silence_zeros(&fit.problem);
    start(&next, &model->state, &fit.problem);
    SIL_TRY(solve(&next, &fit.problem, limits, report, err));
    sil_state_export(&next);
    sil_state_clear(&model->state);
    model->state = next;
    model->total = total;
    next = (struct sil_state){0};

cleanup:
    sil_state_clear(&next);
    free(fit.order);
    free(fit.cliques);
    free(fit.narrow);
    free(fit.vectors);
    sil_floating_leave(before);
    return status;
}
