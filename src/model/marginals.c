// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/graphical_model.h"
#include "model/model.h"
#include "model/query.h"

#include <stdlib.h>

static sil_status marginal(double *out, const struct sil_graphical_model *model,
                           const struct sil_clique *clique, unsigned n_threads,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    double *ours = NULL;
    struct sil_clique inner = sil_axes_inward(&model->axes, clique);
    size_t cells = sil_clique_cells(&model->axes.outer, clique);
    SIL_TRY(sil_alloc_aligned(&ours, cells, sizeof *ours, "a marginal", err));
    SIL_TRY(sil_query(ours, &model->state.oracle, &inner, n_threads, err));
    sil_axes_turn_out(out, &model->axes, clique, ours);

cleanup:
    free(ours);
    return status;
}

sil_status sil_gm_marginal(double *out, const struct sil_graphical_model *model,
                           const struct sil_clique *clique, struct sil_error *err)
{
    unsigned before = sil_floating_enter();
    sil_status status =
        marginal(out, model, clique, model->state.oracle.n_threads, err);
    sil_floating_leave(before);
    return status;
}

sil_status sil_gm_marginals(double *const *out, const struct sil_graphical_model *model,
                            const struct sil_clique *cliques, size_t n,
                            unsigned n_threads, struct sil_error *err)
{
    bool failed = false;
#pragma omp parallel for schedule(dynamic) num_threads(sil_threads(n_threads)) \
    reduction(||                                                               \
              : failed)
    for (size_t i = 0; i < n; i++) {
        unsigned before = sil_floating_enter();
        failed = failed || marginal(out[i], model, &cliques[i], 1, NULL) != SIL_OK;
        sil_floating_leave(before);
    }
    return failed ? sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the marginals")
                  : SIL_OK;
}
