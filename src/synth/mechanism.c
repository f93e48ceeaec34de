// SPDX-License-Identifier: Apache-2.0
#include "synth/mechanism.h"

#include "base/fail.h"
#include "model/floating.h"
#include "synth/budget.h"

static sil_status run_by_name(struct sil_run *run, struct sil_error *err)
{
    switch (run->terms->mechanism) {
    case SIL_AIM: return sil_aim(run, err);
    case SIL_MST: return sil_mst(run, err);
    case SIL_MOSAIC: return sil_mosaic(run, err);
    case SIL_INDEPENDENT: break;
    }
    return sil_independent(run, err);
}

/* Decisions between the releases are floating point too. */
sil_status sil_mechanism_run(struct sil_run *run, struct sil_error *err)
{
    unsigned before = sil_floating_enter();
    sil_status status = run_by_name(run, err);
    sil_floating_leave(before);
    return status;
}

sil_status sil_least_cost(struct sil_rho *out, const struct sil_terms *terms,
                          const struct sil_domain *domain, struct sil_error *err)
{
    switch (terms->mechanism) {
    case SIL_AIM: sil_aim_column_cost(out, &terms->rest, domain->n_attrs); break;
    case SIL_MST: sil_mst_column_cost(out, &terms->rest, domain->n_attrs); break;
    case SIL_MOSAIC: return sil_mosaic_least_cost(out, terms, domain, err);
    case SIL_INDEPENDENT:
        /* Half of the budget is shared out evenly. */
        sil_share(out, &terms->rest, 1, 2 * (uint64_t)domain->n_attrs);
        break;
    }
    return SIL_OK;
}

void sil_first_costs(struct sil_rho *cost, const struct sil_terms *terms,
                     const struct sil_rho *cap, const struct sil_domain *domain)
{
    if (terms->mechanism == SIL_INDEPENDENT) {
        sil_independent_costs(cost, cap, domain);
        return;
    }
    if (terms->mechanism == SIL_MOSAIC) {
        sil_mosaic_column_costs(cost, terms, cap, domain);
        return;
    }
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        if (terms->mechanism == SIL_AIM) {
            sil_aim_column_cost(&cost[a], cap, domain->n_attrs);
        } else {
            sil_mst_column_cost(&cost[a], cap, domain->n_attrs);
        }
    }
}
