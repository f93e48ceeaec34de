// SPDX-License-Identifier: Apache-2.0
#include "privacy/filter.h"

#include "base/fail.h"

void sil_filter_init(struct sil_filter *filter, const struct sil_rho *cap,
                     const struct sil_delta *delta_cap)
{
    SIL_REQUIRE(mpq_sgn(cap->v) >= 0);
    SIL_REQUIRE(delta_cap == NULL || mpq_sgn(delta_cap->v) >= 0);
    sil_rho_init(&filter->cap);
    sil_rho_init(&filter->spent);
    sil_delta_init(&filter->delta_cap);
    sil_delta_init(&filter->delta_spent);
    mpq_set(filter->cap.v, cap->v);
    if (delta_cap != NULL) {
        mpq_set(filter->delta_cap.v, delta_cap->v);
    }
}

void sil_filter_clear(struct sil_filter *filter)
{
    sil_delta_clear(&filter->delta_spent);
    sil_delta_clear(&filter->delta_cap);
    sil_rho_clear(&filter->spent);
    sil_rho_clear(&filter->cap);
}

sil_status sil_filter_charge(struct sil_filter *filter, const struct sil_rho *cost,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t total;
    mpq_init(total);

    if (mpq_sgn(cost->v) <= 0) {
        status = sil_fail(err, SIL_ERR_USAGE, "the cost of a step must be positive");
        goto cleanup;
    }
    mpq_add(total, filter->spent.v, cost->v);
    if (mpq_cmp(total, filter->cap.v) > 0) {
        status = sil_fail(err, SIL_ERR_BUDGET,
                          "the privacy budget does not cover this step; nothing was "
                          "drawn or released");
        goto cleanup;
    }
    mpq_swap(filter->spent.v, total);

cleanup:
    mpq_clear(total);
    return status;
}

sil_status sil_filter_charge_discovery(struct sil_filter *filter,
                                       const struct sil_rho *cost,
                                       const struct sil_delta *delta,
                                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t total;
    mpq_init(total);

    if (mpq_sgn(delta->v) <= 0) {
        status = sil_fail(err, SIL_ERR_USAGE, "a discovery without a delta");
        goto cleanup;
    }
    mpq_add(total, filter->delta_spent.v, delta->v);
    if (mpq_cmp(total, filter->delta_cap.v) > 0) {
        status = sil_fail(err, SIL_ERR_BUDGET,
                          "the delta for discovery does not cover this step; nothing "
                          "was drawn or released");
        goto cleanup;
    }
    SIL_TRY(sil_filter_charge(filter, cost, err));
    mpq_swap(filter->delta_spent.v, total);

cleanup:
    mpq_clear(total);
    return status;
}

void sil_filter_remaining(struct sil_rho *out, const struct sil_filter *filter)
{
    mpq_sub(out->v, filter->cap.v, filter->spent.v);
}
