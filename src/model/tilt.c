// SPDX-License-Identifier: Apache-2.0
#include "model/tilt.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/kernels.h"
#include "model/model.h"
#include "model/scalar.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "a tilted model";

struct sil_tilt {
    struct sil_graphical_model *model;
    double *theta;  ///< with the weights
    uint32_t *rank; ///< of the attributes
    size_t *single; ///< of each of them: the potential of it alone
    size_t n;
    struct sil_clique joint; ///< of no attribute: none
    size_t joint_factor;     ///< its potential
    double *turned;          ///< its weights in the layout of the potentials
    double log_z;            ///< without weights
};

/* The cliques of the model's potentials and, in front, where canonical order has them, the
 * attributes that have no potential of their own. */
struct merged {
    struct sil_clique *clique;
    size_t *from; ///< potential of the model; SIZE_MAX: none
    size_t n;
};

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void insert(struct merged *out, const struct sil_clique *clique)
{
    size_t at = out->n;
    for (; at > 0 && sil_clique_compare(&out->clique[at - 1], clique) > 0; at--) {
        out->clique[at] = out->clique[at - 1];
        out->from[at] = out->from[at - 1];
    }
    out->clique[at] = *clique;
    out->from[at] = SIZE_MAX;
    out->n++;
}

static bool has_clique(const struct sil_state *state, const struct sil_clique *clique)
{
    bool has = false;
    for (size_t k = 0; k < state->n; k++) {
        has = has || sil_clique_compare(&state->cliques[k], clique) == 0;
    }
    return has;
}

static sil_status merge(struct merged *out, const struct sil_state *state,
                        const uint32_t *attrs, size_t n, const struct sil_clique *joint,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *sorted = NULL;
    SIL_TRY(sil_alloc(&sorted, n, sizeof *sorted, WHAT, err));
    SIL_TRY(sil_alloc(&out->clique, state->n + n + 1, sizeof *out->clique, WHAT, err));
    SIL_TRY(sil_alloc(&out->from, state->n + n + 1, sizeof *out->from, WHAT, err));
    if (n > 0) {
        (void)memcpy(sorted, attrs, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, compare);
    }

    for (size_t k = 0, i = 0; k < state->n || i < n;) {
        struct sil_clique single = sil_clique_single(i < n ? sorted[i] : 0);
        int order = k == state->n ? 1
                    : i == n      ? -1
                                  : sil_clique_compare(&state->cliques[k], &single);
        out->clique[out->n] = order > 0 ? single : state->cliques[k];
        out->from[out->n++] = order > 0 ? SIZE_MAX : k;
        k += order <= 0;
        i += order >= 0;
    }
    if (joint != NULL && !has_clique(state, joint)) {
        insert(out, joint);
    }

cleanup:
    free(sorted);
    return status;
}

/* Potentials of the model, zeros where it has none. */
static void take_potentials(struct sil_state *state, const struct sil_state *from,
                            const struct merged *merged)
{
    for (size_t k = 0; k < merged->n; k++) {
        if (merged->from[k] != SIZE_MAX) {
            const struct sil_factor *f = &from->oracle.factors[merged->from[k]];
            (void)memcpy(state->theta + state->oracle.factors[k].offset,
                         from->theta + f->offset, f->cells * sizeof *state->theta);
        }
    }
}

/* A tree that has room for the joint cells can be of any size. */
static sil_status check_size(const struct sil_graphical_model *model,
                             const struct merged *merged, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graph *graph = NULL;
    SIL_TRY(sil_graph_new(&graph, &model->axes.outer, err));
    for (size_t k = 0; k < merged->n; k++) {
        SIL_TRY(sil_graph_add(graph, &merged->clique[k], err));
    }
    if (sil_graph_tree_cells(graph, NULL, SIL_TILT_CELLS_MAX) > SIL_TILT_CELLS_MAX) {
        status = sil_fail(err, SIL_ERR_USAGE,
                          "these columns together need a model of more than %d million "
                          "cells",
                          (int)(SIL_TILT_CELLS_MAX >> 20));
    }

cleanup:
    sil_graph_free(graph);
    return status;
}

static sil_status find_joint(struct sil_tilt *tilt, const struct sil_clique *joint,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_state *state = &tilt->model->state;
    tilt->joint = *joint;
    while (sil_clique_compare(&state->cliques[tilt->joint_factor], joint) != 0) {
        tilt->joint_factor++;
    }
    SIL_TRY(sil_alloc(&tilt->turned, state->oracle.factors[tilt->joint_factor].cells,
                      sizeof *tilt->turned, WHAT, err));

cleanup:
    return status;
}

static sil_status build(struct sil_tilt *tilt, const struct sil_graphical_model *model,
                        const struct merged *merged, unsigned n_threads,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_state state = {0};
    SIL_TRY(sil_gm_new(&tilt->model, &model->axes.outer, model->total, err));
    SIL_TRY(sil_state_init(&state, &tilt->model->axes, merged->clique, merged->n,
                           sil_threads(n_threads), err));
    state.oracle.total = model->total;
    take_potentials(&state, &model->state, merged);
    sil_state_export(&state);
    sil_state_clear(&tilt->model->state);
    tilt->model->state = state;
    SIL_TRY(sil_alloc_aligned(&tilt->theta, state.oracle.length, sizeof *tilt->theta,
                              WHAT, err));

cleanup:
    return status;
}

static sil_status find_attributes(struct sil_tilt *tilt, const uint32_t *attrs,
                                  size_t n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_oracle *o = &tilt->model->state.oracle;
    SIL_TRY(sil_alloc(&tilt->rank, n, sizeof *tilt->rank, WHAT, err));
    SIL_TRY(sil_alloc(&tilt->single, n, sizeof *tilt->single, WHAT, err));
    tilt->n = n;
    for (size_t i = 0; i < n; i++) {
        tilt->rank[i] = tilt->model->axes.rank_of[attrs[i]];
        size_t k = 0;
        while (o->factors[k].clique.n != 1 ||
               o->factors[k].clique.attr[0] != tilt->rank[i]) {
            k++;
        }
        tilt->single[i] = k;
    }

cleanup:
    return status;
}

sil_status sil_tilt_new(struct sil_tilt **out, const struct sil_graphical_model *model,
                        const uint32_t *attrs, size_t n, const struct sil_clique *joint,
                        unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_tilt *tilt = NULL;
    struct merged merged = {0};
    unsigned before = sil_floating_enter();
    *out = NULL;

    SIL_TRY(sil_alloc(&tilt, 1, sizeof *tilt, WHAT, err));
    SIL_TRY(merge(&merged, &model->state, attrs, n, joint, err));
    if (joint != NULL) {
        SIL_TRY(check_size(model, &merged, err));
    }
    SIL_TRY(build(tilt, model, &merged, n_threads, err));
    SIL_TRY(find_attributes(tilt, attrs, n, err));
    if (joint != NULL) {
        SIL_TRY(find_joint(tilt, joint, err));
    }
    struct sil_state *state = &tilt->model->state;
    tilt->log_z = sil_oracle_run(&state->oracle, state->theta);
    *out = tilt;
    tilt = NULL;

cleanup:
    free(merged.clique);
    free(merged.from);
    sil_tilt_free(tilt);
    sil_floating_leave(before);
    return status;
}

void sil_tilt_free(struct sil_tilt *tilt)
{
    if (tilt != NULL) {
        sil_gm_free(tilt->model);
        free(tilt->theta);
        free(tilt->rank);
        free(tilt->single);
        free(tilt->turned);
        free(tilt);
    }
}

/* Cells of a potential that the evidence excludes: in every potential that has the
 * attribute, so that each is divided by the largest of those that are left. */
static void exclude(struct sil_tilt *tilt, const struct sil_factor *f, uint32_t rank,
                    const double *weight)
{
    const uint32_t *sizes = tilt->model->axes.inner.sizes;
    size_t step = 1;
    for (uint32_t i = f->clique.n; f->clique.attr[i - 1] != rank; i--) {
        step *= sizes[f->clique.attr[i - 1]];
    }
    double *theta = tilt->theta + f->offset;
    for (size_t cell = 0; cell < f->cells; cell++) {
        if (weight[cell / step % sizes[rank]] <= 0) {
            theta[cell] = -__builtin_inf();
        }
    }
}

static bool has_value(const double *weight, uint32_t size)
{
    bool has = false;
    for (uint32_t code = 0; code < size; code++) {
        has = has || weight[code] > 0;
    }
    return has;
}

static bool apply(struct sil_tilt *tilt, size_t i, const double *weight)
{
    const struct sil_oracle *o = &tilt->model->state.oracle;
    uint32_t rank = tilt->rank[i];
    if (!has_value(weight, tilt->model->axes.inner.sizes[rank])) {
        return false;
    }
    for (size_t k = 0; k < o->n_factors; k++) {
        if (sil_clique_has(&o->factors[k].clique, rank)) {
            exclude(tilt, &o->factors[k], rank, weight);
        }
    }
    const struct sil_factor *single = &o->factors[tilt->single[i]];
    for (size_t code = 0; code < single->cells; code++) {
        tilt->theta[single->offset + code] += sil_log(weight[code]);
    }
    return true;
}

static void apply_joint(struct sil_tilt *tilt, const double *joint)
{
    const struct sil_graphical_model *model = tilt->model;
    const struct sil_factor *f = &model->state.oracle.factors[tilt->joint_factor];
    sil_axes_turn_in(tilt->turned, &model->axes, &tilt->joint, joint);
    sil_kernels()->add(tilt->theta + f->offset, tilt->turned, f->cells);
}

double sil_tilt_set(struct sil_tilt *tilt, const double *const *weight,
                    const double *joint)
{
    struct sil_state *state = &tilt->model->state;
    unsigned before = sil_floating_enter();
    bool is_possible = true;
    (void)memcpy(tilt->theta, state->theta, state->oracle.length * sizeof *tilt->theta);
    if (tilt->joint.n > 0 && joint != NULL) {
        apply_joint(tilt, joint);
    }
    for (size_t i = 0; i < tilt->n; i++) {
        is_possible = is_possible && apply(tilt, i, weight[i]);
    }
    double log_mass = is_possible ? sil_oracle_run(&state->oracle, tilt->theta) : 0;
    is_possible = is_possible && __builtin_isfinite(log_mass);
    sil_floating_leave(before);
    return is_possible ? log_mass - tilt->log_z : -__builtin_inf();
}

const struct sil_graphical_model *sil_tilt_model(const struct sil_tilt *tilt)
{
    return tilt->model;
}

double sil_tilt_mix(double *part, const double *log_mass, size_t n)
{
    const struct sil_kernels *kernels = sil_kernels();
    unsigned before = sil_floating_enter();
    double largest = kernels->largest(log_mass, n);
    kernels->exponential(part, log_mass, largest, n);
    double sum = kernels->sum(part, n);
    for (size_t i = 0; i < n; i++) {
        part[i] /= sum;
    }
    double unit = 0;
    kernels->exponential(&unit, &largest, 0, 1);
    sil_floating_leave(before);
    return unit * sum;
}
