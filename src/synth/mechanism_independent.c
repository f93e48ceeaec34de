// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"
#include "synth/mechanism.h"

#include <stdlib.h>

/* The cube root of cells^2, times 2^20, rounded down. */
static void two_thirds_power(mpz_t out, uint64_t cells)
{
    mpz_set_ui(out, cells);
    mpz_mul(out, out, out);
    mpz_mul_2exp(out, out, 60);
    mpz_root(out, out, 3);
}

/* The total error sum of cells sigma under a sum of 1 / sigma^2 is least when the cost of
 * a column grows with cells^(2/3). Half of the budget goes that way; the other half is
 * shared out evenly, so that no column is left with next to nothing. */
void sil_independent_costs(struct sil_rho *cost, const struct sil_rho *budget,
                           const struct sil_domain *domain)
{
    mpz_t weight;
    mpz_t all;
    struct sil_rho even;
    mpz_inits(weight, all, NULL);
    sil_rho_init(&even);
    sil_share(&even, budget, 1, 2 * (uint64_t)domain->n_attrs);
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        two_thirds_power(weight, domain->sizes[a]);
        mpq_set_z(cost[a].v, weight);
        mpz_add(all, all, weight);
    }
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        mpq_set_den(cost[a].v, all);
        mpq_canonicalize(cost[a].v);
        mpq_mul(cost[a].v, cost[a].v, budget->v);
        sil_share(&cost[a], &cost[a], 1, 2);
        mpq_add(cost[a].v, cost[a].v, even.v);
    }
    sil_rho_clear(&even);
    mpz_clears(weight, all, NULL);
}

sil_status sil_costs_new(struct sil_rho **out, uint32_t n, struct sil_error *err)
{
    sil_status status = sil_alloc(out, n, sizeof **out, "the costs", err);
    for (uint32_t a = 0; a < n && status == SIL_OK; a++) {
        sil_rho_init(&(*out)[a]);
    }
    return status;
}

void sil_costs_free(struct sil_rho *cost, uint32_t n)
{
    for (uint32_t a = 0; a < n && cost != NULL; a++) {
        sil_rho_clear(&cost[a]);
    }
    free(cost);
}

/* What rounding left over goes to the last column. */
sil_status sil_independent(struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho *cost = NULL;
    struct sil_rho budget;
    uint32_t d = run->domain.n_attrs;
    sil_rho_init(&budget);
    SIL_TRY(sil_costs_new(&cost, d, err));
    sil_source_remaining(&budget, &run->source);
    sil_independent_costs(cost, &budget, &run->domain);
    for (uint32_t a = 0; a < d; a++) {
        if (a + 1 == d) {
            sil_source_remaining(&cost[a], &run->source);
        }
        SIL_TRY(sil_run_measure_at_cost(run, a, &cost[a], err));
        sil_run_report(run);
    }
    sil_explain_split(run->explanation, cost, d);
cleanup:
    sil_rho_clear(&budget);
    sil_costs_free(cost, d);
    return status;
}
