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

static void take_least(struct sil_rho *least, const struct sil_rho *cost)
{
    if (mpq_sgn(cost->v) > 0 && mpq_cmp(cost->v, least->v) < 0) {
        mpq_set(least->v, cost->v);
    }
}

static void take_least_of(struct sil_rho *least, const struct sil_rho *cost, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        take_least(least, &cost[i]);
    }
}

/* The cheapest column or round of Mosaic, and what its columns get instead of rounds when
 * the first measurements see no row. */
static sil_status least_of_mosaic(struct sil_rho *out, const struct sil_terms *terms,
                                  const struct sil_domain *domain,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho *cost = NULL;
    struct sil_rho late;
    struct sil_rho rest;
    uint32_t d = domain->n_attrs;
    sil_rho_init(&late);
    sil_rho_init(&rest);
    SIL_TRY(sil_costs_new(&cost, d, err));
    sil_mosaic_column_costs(cost, terms, &terms->rest, domain);
    sil_mosaic_round_costs(out, &late, terms, &terms->rest, d);
    take_least(out, &late);
    take_least_of(out, cost, d);
    mpq_set(rest.v, terms->rest.v);
    for (uint32_t a = 0; a < d; a++) {
        mpq_sub(rest.v, rest.v, cost[a].v);
    }
    sil_independent_costs(cost, &rest, domain);
    take_least_of(out, cost, d);
cleanup:
    sil_costs_free(cost, d);
    sil_rho_clear(&late);
    sil_rho_clear(&rest);
    return status;
}

sil_status sil_least_cost(struct sil_rho *out, const struct sil_terms *terms,
                          const struct sil_domain *domain, struct sil_error *err)
{
    switch (terms->mechanism) {
    case SIL_AIM: sil_aim_column_cost(out, &terms->rest, domain->n_attrs); break;
    case SIL_MST: sil_mst_column_cost(out, &terms->rest, domain->n_attrs); break;
    case SIL_MOSAIC: return least_of_mosaic(out, terms, domain, err);
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
