// SPDX-License-Identifier: Apache-2.0
#include "model/floating.h"
#include "model/graphical_model.h"
#include "model/model.h"
#include "model/query.h"

sil_status sil_gm_marginal(double *out, const struct sil_graphical_model *model,
                           const struct sil_clique *clique, struct sil_error *err)
{
    const struct sil_oracle *oracle = &model->state.oracle;
    return sil_gm_marginals(&out, model, clique, 1, oracle->n_threads, err);
}

sil_status sil_gm_marginals(double *const *out, const struct sil_graphical_model *model,
                            const struct sil_clique *cliques, size_t n,
                            unsigned n_threads, struct sil_error *err)
{
    unsigned before = sil_floating_enter();
    sil_status status =
        sil_query(out, &model->state.oracle, cliques, n, sil_threads(n_threads), err);
    sil_floating_leave(before);
    return status;
}
