// SPDX-License-Identifier: Apache-2.0
/* Subgroups: records that have one value in a column of few names. */
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLICE_MIN = 50 };

struct slice {
    double *value[2]; ///< of members, of non-members
    size_t n[2];
};

static double mean(const double *list, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += list[i];
    }
    return sum / (double)n;
}

static void gather(struct slice *out, const struct aud_attack *attack,
                   const uint32_t *list, const double *value, size_t n, size_t column,
                   uint32_t code)
{
    const struct aud_choice pool = {AUD_TRAIN, AUD_HOLDOUT, NULL, 0};
    out->n[0] = out->n[1] = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t record = list != NULL ? list[i] : (uint32_t)i;
        if (aud_choice_code(&attack->tables, &pool, column, record) == code) {
            int side = record >= attack->n_members;
            out->value[side][out->n[side]++] = value[i];
        }
    }
}

/* Both lists are put in order. */
static void take(struct aud_slice *out, const struct aud_attack *attack, size_t column,
                 uint32_t code, struct slice *slice)
{
    char value[40];
    for (int side = 0; side < 2; side++) {
        aud_sort_doubles(slice->value[side], slice->n[side]);
    }
    struct aud_auc auc =
        aud_auc(slice->value[0], slice->n[0], slice->value[1], slice->n[1], AUD_WITHIN);
    if (out->what[0] != '\0' && auc.p >= out->p) {
        return;
    }
    aud_tables_say(value, sizeof value, &attack->tables, column, code);
    *out = (struct aud_slice){.members = slice->n[0],
                              .non_members = slice->n[1],
                              .member_mean = mean(slice->value[0], slice->n[0]),
                              .non_member_mean = mean(slice->value[1], slice->n[1]),
                              .p = auc.p};
    (void)snprintf(out->what, sizeof out->what, "%.40s = %s",
                   attack->tables.column[column].name, value);
}

sil_status aud_worst_slice(struct aud_slice *out, const struct aud_attack *attack,
                           const uint32_t *list, const double *value, size_t n,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct slice slice = {0};
    size_t n_slices = 0;
    *out = (struct aud_slice){.p = 1};
    SIL_TRY(sil_alloc(&slice.value[0], n, sizeof(double), "a subgroup", err));
    SIL_TRY(sil_alloc(&slice.value[1], n, sizeof(double), "a subgroup", err));
    for (size_t i = 0; i < attack->tables.n_columns; i++) {
        const struct aud_column *column = &attack->tables.column[i];
        bool is_split = !column->is_ordered && column->n_codes <= AUD_LABELS;
        for (uint32_t code = 0; is_split && code < column->n_codes; code++) {
            gather(&slice, attack, list, value, n, i, code);
            if (slice.n[0] >= SLICE_MIN && slice.n[1] >= SLICE_MIN) {
                take(out, attack, i, code, &slice);
                n_slices++;
            }
        }
    }
    out->p = fmin(1, out->p * (double)n_slices);

cleanup:
    free(slice.value[0]);
    free(slice.value[1]);
    return status;
}
