// SPDX-License-Identifier: Apache-2.0
#include "model/graphical_model.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/model.h"

#include <omp.h>
#include <stdlib.h>

unsigned sil_threads(unsigned n_threads)
{
    return n_threads > 0 ? n_threads : (unsigned)omp_get_max_threads();
}

sil_status sil_state_init(struct sil_state *state, const struct sil_axes *axes,
                          const struct sil_clique *cliques, size_t n,
                          unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graph *graph = NULL;
    struct sil_clique *inner = NULL;
    size_t cells = 0;
    *state = (struct sil_state){.n = n};

    SIL_TRY(sil_alloc(&state->cliques, n, sizeof *cliques, "the potentials", err));
    SIL_TRY(sil_alloc(&inner, n, sizeof *inner, "the potentials", err));
    for (size_t k = 0; k < n; k++) {
        state->cliques[k] = cliques[k];
        inner[k] = sil_axes_inward(axes, &cliques[k]);
        cells += sil_clique_cells(&axes->outer, &cliques[k]);
    }
    SIL_TRY(sil_graph_new(&graph, &axes->outer, err));
    SIL_TRY(sil_graph_add_all(graph, cliques, n, err));
    SIL_TRY(sil_oracle_init(&state->oracle, axes, graph, inner, n, n_threads, err));
    SIL_TRY(sil_alloc_aligned(&state->theta, state->oracle.length, sizeof *state->theta,
                              "the potentials", err));
    SIL_TRY(
        sil_alloc(&state->values, cells, sizeof *state->values, "the potentials", err));

cleanup:
    sil_graph_free(graph);
    free(inner);
    if (status != SIL_OK) {
        sil_state_clear(state);
    }
    return status;
}

void sil_state_clear(struct sil_state *state)
{
    free(state->cliques);
    free(state->theta);
    free(state->values);
    sil_oracle_clear(&state->oracle);
    *state = (struct sil_state){0};
}

void sil_state_export(struct sil_state *state)
{
    double *next = state->values;
    for (size_t k = 0; k < state->n; k++) {
        const struct sil_factor *f = &state->oracle.factors[k];
        sil_axes_turn_out(next, state->oracle.axes, &state->cliques[k],
                          state->theta + f->offset);
        next += f->cells;
    }
}

sil_status sil_gm_new(struct sil_graphical_model **out, const struct sil_domain *domain,
                      double total, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graphical_model *model = NULL;
    unsigned before = sil_floating_enter();
    *out = NULL;

    SIL_TRY(sil_alloc(&model, 1, sizeof *model, "a model", err));
    model->total = total;
    SIL_TRY(sil_axes_init(&model->axes, domain, err));
    SIL_TRY(sil_state_init(&model->state, &model->axes, NULL, 0, 1, err));
    model->state.oracle.total = total;
    (void)sil_oracle_run(&model->state.oracle, model->state.theta);
    *out = model;
    model = NULL;

cleanup:
    sil_gm_free(model);
    sil_floating_leave(before);
    return status;
}

void sil_gm_free(struct sil_graphical_model *model)
{
    if (model != NULL) {
        sil_state_clear(&model->state);
        sil_axes_clear(&model->axes);
        free(model);
    }
}

double sil_gm_total(const struct sil_graphical_model *model)
{
    return model->total;
}

size_t sil_gm_n_potentials(const struct sil_graphical_model *model)
{
    return model->state.n;
}

const struct sil_clique *sil_gm_potential_clique(
    const struct sil_graphical_model *model, size_t i)
{
    return &model->state.cliques[i];
}

const double *sil_gm_potential(const struct sil_graphical_model *model, size_t i,
                               size_t *n_cells)
{
    size_t offset = 0;
    for (size_t k = 0; k < i; k++) {
        offset += model->state.oracle.factors[k].cells;
    }
    *n_cells = model->state.oracle.factors[i].cells;
    return model->state.values + offset;
}

uint64_t sil_gm_tree_cells(const struct sil_graphical_model *model)
{
    const struct sil_oracle *o = &model->state.oracle;
    uint64_t cells = 0;
    for (uint32_t j = 0; j < o->tree.n; j++) {
        bool is_measured = o->tree.nodes[j].clique.n > 1 ||
                           o->first_factor[j] < o->first_factor[j + 1];
        cells += is_measured ? o->tree.nodes[j].cells : 0;
    }
    return cells;
}

static bool lies_within(const struct sil_domain *domain, const struct sil_clique *c)
{
    bool is_valid = c->n > 0 && c->n <= SIL_CLIQUE_MAX;
    for (uint32_t i = 0; is_valid && i < c->n; i++) {
        is_valid =
            c->attr[i] < domain->n_attrs && (i == 0 || c->attr[i - 1] < c->attr[i]);
    }
    return is_valid;
}

/* Cliques in canonical order, and where each came from. They usually are in order, which
 * insertion finds out in one pass. */
static sil_status sort_cliques(struct sil_clique *sorted, size_t *from,
                               const struct sil_domain *domain,
                               const struct sil_clique *cliques, size_t n,
                               struct sil_error *err)
{
    for (size_t k = 0; k < n; k++) {
        if (!lies_within(domain, &cliques[k])) {
            return sil_fail(err, SIL_ERR_INPUT, "potential %zu lies outside the domain",
                            k);
        }
        size_t at = k;
        for (; at > 0 && sil_clique_compare(&sorted[at - 1], &cliques[k]) > 0; at--) {
            sorted[at] = sorted[at - 1];
            from[at] = from[at - 1];
        }
        if (at > 0 && sil_clique_compare(&sorted[at - 1], &cliques[k]) == 0) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "potentials %zu and %zu have the same columns",
                            from[at - 1], k);
        }
        sorted[at] = cliques[k];
        from[at] = k;
    }
    return SIL_OK;
}

static sil_status take_values(struct sil_state *state, const double *const *values,
                              const size_t *from, struct sil_error *err)
{
    for (size_t k = 0; k < state->n; k++) {
        const struct sil_factor *f = &state->oracle.factors[k];
        const double *value = values[from[k]];
        for (size_t i = 0; i < f->cells; i++) {
            if (!__builtin_isfinite(value[i])) {
                return sil_fail(err, SIL_ERR_INPUT, "potential %zu is not finite",
                                from[k]);
            }
        }
        sil_axes_turn_in(state->theta + f->offset, state->oracle.axes,
                         &state->cliques[k], value);
    }
    return SIL_OK;
}

sil_status sil_gm_from_potentials(struct sil_graphical_model **out,
                                  const struct sil_domain *domain, double total,
                                  const struct sil_clique *cliques,
                                  const double *const *values, size_t n,
                                  unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_graphical_model *model = NULL;
    struct sil_state state = {0};
    struct sil_clique *sorted = NULL;
    size_t *from = NULL;
    unsigned before = sil_floating_enter();
    *out = NULL;

    SIL_TRY(sil_alloc(&sorted, n, sizeof *sorted, "the potentials", err));
    SIL_TRY(sil_alloc(&from, n, sizeof *from, "the potentials", err));
    SIL_TRY(sort_cliques(sorted, from, domain, cliques, n, err));
    SIL_TRY(sil_gm_new(&model, domain, total, err));
    SIL_TRY(
        sil_state_init(&state, &model->axes, sorted, n, sil_threads(n_threads), err));
    state.oracle.total = total;
    SIL_TRY(take_values(&state, values, from, err));
    if (!__builtin_isfinite(sil_oracle_run(&state.oracle, state.theta))) {
        status = sil_fail(err, SIL_ERR_INPUT, "the potentials are too far apart");
        goto cleanup;
    }
    sil_state_export(&state);
    sil_state_clear(&model->state);
    model->state = state;
    state = (struct sil_state){0};
    *out = model;
    model = NULL;

cleanup:
    free(sorted);
    free(from);
    sil_state_clear(&state);
    sil_gm_free(model);
    sil_floating_leave(before);
    return status;
}
