// SPDX-License-Identifier: Apache-2.0
#include "synth/kept.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/scalar.h"
#include "synth/budget.h"

#include <stdlib.h>

/* Part of replay 3: when a count counts as found, in standard deviations, and after how many
 * steps it does anyway. */
static const double TOLERANCE = 1e-6;

enum { STEPS_MAX = 40 };

sil_status sil_kept_add(struct sil_kept_list *list, const struct sil_schema *schema,
                        const struct sil_discovery *discovery, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const double scale = 1.0 / (double)(UINT64_C(1) << discovery->shift);
    struct sil_kept kept = {
        .attr = discovery->attr,
        .first = sil_field_n_declared(sil_schema_field(schema, discovery->attr)),
        .n = discovery->n,
        .deviation = sil_sqrt(sil_variance(&discovery->sigma2)),
        .threshold = (double)discovery->threshold * scale};
    SIL_TRY(sil_grow(&list->item, &list->capacity, list->n + 1, sizeof *list->item,
                     "counts of values", err));
    SIL_TRY(
        sil_alloc(&kept.noisy, kept.n, sizeof *kept.noisy, "counts of values", err));
    for (size_t i = 0; i < kept.n; i++) {
        kept.noisy[i] = (double)discovery->found[i].noisy * scale;
    }
    list->item[list->n++] = kept;
cleanup:
    return status;
}

void sil_kept_clear(struct sil_kept_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->item[i].noisy);
    }
    free(list->item);
    *list = (struct sil_kept_list){0};
}

const struct sil_kept *sil_kept_of(const struct sil_kept_list *list, uint32_t attr)
{
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        if (list->item[i].attr == attr) {
            return &list->item[i];
        }
    }
    return NULL;
}

/* Newton's method on the slope of the log-likelihood of a count c,
 *     (y - c) + r (z - c - s h(x)),   x = (T - c) / s,   r = variance / s^2,
 * with h the hazard of the normal law. Its derivative is -(1 + r v), v = 1 - h (h - x) being
 * what the cut leaves of the kept count's variance, in units of s^2. The slope is concave, and
 * at the mean of y and z without a cut it is not above 0: from there the steps only go
 * down, and never past the root. */
static void join_one(double *y, double *weight, double ratio, double noisy,
                     const struct sil_kept *kept)
{
    double count = (*y + ratio * noisy) / (1 + ratio);
    double known = 1;
    count = count > 0 ? count : 0;
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        double x = (kept->threshold - count) / kept->deviation;
        double hazard = sil_normal_hazard(x);
        double left = 1 - hazard * (hazard - x);
        known = 1 + (left > 0 ? ratio * left : 0);
        double slope = *y - count + ratio * (noisy - count - kept->deviation * hazard);
        double next = count + slope / known;
        next = next > 0 ? next : 0;
        if (!(next < count - TOLERANCE * kept->deviation)) {
            break;
        }
        count = next;
    }
    *y = count;
    *weight = known;
}

void sil_kept_join(double *y, double *weight, double variance,
                   const struct sil_kept *kept)
{
    double ratio = variance / kept->deviation / kept->deviation;
    for (size_t i = 0; i < kept->n; i++) {
        size_t cell = kept->first + i;
        join_one(&y[cell], &weight[cell], ratio, kept->noisy[i], kept);
    }
}
