// SPDX-License-Identifier: Apache-2.0
#include "privacy/cost.h"

#include "base/fail.h"

uint64_t sil_marginal_sensitivity_squared(enum sil_neighbours neighbours,
                                          uint32_t rows_per_unit)
{
    SIL_REQUIRE(rows_per_unit >= 1 && rows_per_unit <= SIL_MAX_ROWS_PER_UNIT);
    uint64_t squared = (uint64_t)rows_per_unit * rows_per_unit;
    return neighbours == SIL_ADD_REMOVE ? squared : 2 * squared;
}

uint64_t sil_marginal_sensitivity(enum sil_neighbours neighbours,
                                  uint32_t rows_per_unit)
{
    SIL_REQUIRE(rows_per_unit >= 1 && rows_per_unit <= SIL_MAX_ROWS_PER_UNIT);
    return neighbours == SIL_ADD_REMOVE ? rows_per_unit : 2 * (uint64_t)rows_per_unit;
}

void sil_cost_of_noise(struct sil_rho *out, uint64_t sensitivity_squared,
                       const struct sil_sigma2 *sigma2)
{
    mpq_set_ui(out->v, sensitivity_squared, 1);
    mpq_div(out->v, out->v, sigma2->v);
    mpq_div_2exp(out->v, out->v, 1);
}

void sil_cost_of_choice(struct sil_rho *out, const struct sil_epsilon *epsilon)
{
    mpq_mul(out->v, epsilon->v, epsilon->v);
    mpq_div_2exp(out->v, out->v, 3);
}
