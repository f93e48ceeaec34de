// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "synth/budget.h"
#include "synth/mechanism.h"

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
void sil_independent_cost(struct sil_rho *out, const struct sil_rho *budget,
                          const struct sil_domain *domain, uint32_t attr)
{
    mpz_t weight;
    mpz_t all;
    struct sil_rho even;
    mpz_inits(weight, all, NULL);
    mpq_init(even.v);
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        two_thirds_power(weight, domain->sizes[a]);
        mpz_add(all, all, weight);
    }
    two_thirds_power(weight, domain->sizes[attr]);
    mpq_set_num(out->v, weight);
    mpq_set_den(out->v, all);
    mpq_canonicalize(out->v);
    mpq_mul(out->v, out->v, budget->v);
    sil_share(out, out, 1, 2);
    sil_share(&even, budget, 1, 2 * (uint64_t)domain->n_attrs);
    mpq_add(out->v, out->v, even.v);
    mpq_clear(even.v);
    mpz_clears(weight, all, NULL);
}

sil_status sil_independent(struct sil_run *run, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho budget;
    struct sil_rho cost;
    mpq_init(budget.v);
    mpq_init(cost.v);
    sil_gate_remaining(&budget, run->gate);
    for (uint32_t a = 0; a < run->domain.n_attrs; a++) {
        if (a + 1 < run->domain.n_attrs) {
            sil_independent_cost(&cost, &budget, &run->domain, a);
        } else {
            sil_gate_remaining(&cost, run->gate);
        }
        SIL_TRY(sil_run_measure_at_cost(run, a, &cost, err));
        sil_run_report(run);
    }
cleanup:
    mpq_clear(budget.v);
    mpq_clear(cost.v);
    return status;
}
