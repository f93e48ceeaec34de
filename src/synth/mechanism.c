// SPDX-License-Identifier: Apache-2.0
#include "synth/mechanism.h"

#include "model/floating.h"
#include "synth/budget.h"

static sil_status run_by_name(struct sil_run *run, struct sil_error *err)
{
    switch (run->terms->mechanism) {
    case SIL_AIM: return sil_aim(run, err);
    case SIL_MST: return sil_mst(run, err);
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

void sil_least_cost(struct sil_rho *out, const struct sil_terms *terms,
                    const struct sil_domain *domain)
{
    switch (terms->mechanism) {
    case SIL_AIM: sil_aim_column_cost(out, &terms->cap, domain->n_attrs); return;
    case SIL_MST: sil_mst_column_cost(out, &terms->cap, domain->n_attrs); return;
    case SIL_INDEPENDENT: break;
    }
    /* Half of the budget is shared out evenly. */
    sil_share(out, &terms->cap, 1, 2 * (uint64_t)domain->n_attrs);
}

void sil_first_costs(struct sil_rho *cost, enum sil_mechanism mechanism,
                     const struct sil_rho *cap, const struct sil_domain *domain)
{
    if (mechanism == SIL_INDEPENDENT) {
        sil_independent_costs(cost, cap, domain);
        return;
    }
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        if (mechanism == SIL_AIM) {
            sil_aim_column_cost(&cost[a], cap, domain->n_attrs);
        } else {
            sil_mst_column_cost(&cost[a], cap, domain->n_attrs);
        }
    }
}
