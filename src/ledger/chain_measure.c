// SPDX-License-Identifier: Apache-2.0
/* B3 to B5: what a run says it spent, recomputed line by line, against its reserve. */
#include "ledger/chain_internal.h"
#include "ledger/refuse.h"
#include "privacy/cost.h"

#include <string.h>

/* The one sensitivity that a noisy marginal can have in this ledger: D^2, from its unit
 * and neighbours. */
static uint64_t squared_sensitivity(const struct sil_chain *chain)
{
    const struct sil_genesis *genesis = &chain->genesis.genesis;
    return sil_marginal_sensitivity_squared(genesis->neighbours,
                                            (uint32_t)genesis->max_contrib);
}

static sil_status check_sensitivity(const struct sil_chain *chain,
                                    const struct sil_spending *line, size_t i,
                                    struct sil_error *err)
{
    if (line->mechanism == SIL_SPENT_EXPONENTIAL) {
        return SIL_OK; /* of the score, in units that only the mechanism knows */
    }
    const uint64_t squared = squared_sensitivity(chain);
    if (mpq_cmp_ui(line->sensitivity, squared, 1) != 0) {
        return sil_refuse(err, "B4", chain->tree.size,
                          "mechanism %zu: its squared sensitivity is not %llu, which "
                          "unit and neighbours of this ledger give",
                          i, (unsigned long long)squared);
    }
    return SIL_OK;
}

/* What a line ought to cost; memory that all lines share. */
struct cost {
    struct sil_rho rho;
    struct sil_sigma2 sigma2;
};

/* Pre  parameter > 0, sensitivity as the ledger has it. */
static void find_cost(struct cost *out, const struct sil_chain *chain,
                      const struct sil_spending *line)
{
    if (line->mechanism == SIL_SPENT_EXPONENTIAL) {
        mpq_div_2exp(out->rho.v, line->parameter, 3); /* epsilon^2 / 8 */
        return;
    }
    mpq_set(out->sigma2.v, line->parameter);
    sil_cost_of_noise(&out->rho, squared_sensitivity(chain), &out->sigma2);
}

static sil_status check_cost(struct cost *cost, const struct sil_chain *chain,
                             const struct sil_spending *line, size_t i,
                             struct sil_error *err)
{
    if (mpq_sgn(line->parameter) <= 0) {
        return sil_refuse(err, "B3", chain->tree.size,
                          "mechanism %zu: its parameter must be above 0", i);
    }
    if (line->mechanism != SIL_SPENT_THRESHOLD && mpq_sgn(line->delta) != 0) {
        return sil_refuse(err, "B3", chain->tree.size,
                          "mechanism %zu: only a threshold costs delta", i);
    }

    find_cost(cost, chain, line);
    return mpq_equal(cost->rho.v, line->rho) != 0
               ? SIL_OK
               : sil_refuse(err, "B3", chain->tree.size,
                            "mechanism %zu: its rho is not what its parameter and "
                            "sensitivity cost",
                            i);
}

static sil_status check_lines(const struct sil_chain *chain,
                              const struct sil_measure *measure, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct cost cost;
    sil_rho_init(&cost.rho);
    sil_sigma2_init(&cost.sigma2);
    for (size_t i = 0; i < measure->n_lines && status == SIL_OK; i++) {
        status = check_sensitivity(chain, &measure->lines[i], i, err);
        if (status == SIL_OK) {
            status = check_cost(&cost, chain, &measure->lines[i], i, err);
        }
    }
    sil_rho_clear(&cost.rho);
    sil_sigma2_clear(&cost.sigma2);
    return status;
}

void sil_measure_sum(mpq_t rho, mpq_t delta, const struct sil_measure *measure)
{
    for (size_t i = 0; i < measure->n_lines; i++) {
        mpq_add(rho, rho, measure->lines[i].rho);
        if (mpq_sgn(measure->lines[i].delta) != 0) {
            mpq_add(delta, delta, measure->lines[i].delta);
        }
    }
}

/* All lines of the run, with those of its earlier measure entries. */
static sil_status check_sum(const struct sil_step *step,
                            const struct sil_chain_reserve *reserve,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t rho;
    mpq_t delta;
    mpq_inits(rho, delta, NULL);
    mpq_set(rho, reserve->measured.v);
    mpq_set(delta, reserve->measured_delta.v);

    sil_measure_sum(rho, delta, &step->entry->body.measure);
    if (mpq_cmp(rho, reserve->rho.v) > 0 || mpq_cmp(delta, reserve->delta.v) > 0) {
        status = sil_refuse(err, "B5", step->chain->tree.size,
                            "the run measured more than it had reserved");
    }
    mpq_clears(rho, delta, NULL);
    return status;
}

sil_status sil_step_check_measure(const struct sil_step *step, struct sil_error *err)
{
    const struct sil_chain *chain = step->chain;
    const struct sil_measure *measure = &step->entry->body.measure;
    const struct sil_chain_reserve *reserve =
        sil_chain_find_reserve(chain, &measure->reserve);

    if (reserve == NULL) {
        return sil_refuse(err, "B5", chain->tree.size,
                          "it measures under a reserve that does not exist");
    }
    if (reserve->n_measures > 0 &&
        memcmp(reserve->transcript_sha256, measure->transcript_sha256,
               sizeof measure->transcript_sha256) != 0) {
        return sil_refuse(err, "B5", chain->tree.size,
                          "a second run measures under one reserve");
    }
    sil_status status = check_lines(chain, measure, err);
    return status == SIL_OK ? check_sum(step, reserve, err) : status;
}
