// SPDX-License-Identifier: Apache-2.0
/* Linkability: two parts of a person's record, known from two places, are joined when one
 * synthetic row is nearest to both. */
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

enum { TARGETS = 4000 };

struct parts {
    uint32_t column[2][AUD_COLUMNS_MAX];
    size_t n[2];
};

/* The columns that the attacker knows against the others; else every second against the
 * rest. */
static sil_status divide(struct parts *out, const struct aud_attack *attack,
                         struct sil_error *err)
{
    bool is_known[AUD_COLUMNS_MAX] = {false};
    sil_status status = aud_known_columns(is_known, attack, err);
    for (uint32_t i = 0; status == SIL_OK && i < attack->tables.n_columns; i++) {
        int part = attack->n_aux > 0 ? !is_known[i] : i % 2;
        out->column[part][out->n[part]++] = i;
    }
    return status;
}

static sil_status nearest_on(struct aud_ties *out, const struct aud_attack *attack,
                             const struct aud_choice *targets, const uint32_t *columns,
                             size_t n_columns, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_planes queries = {0};
    struct aud_planes rows = {0};
    const struct aud_choice synthetic = {AUD_SYNTHETIC, AUD_SYNTHETIC, NULL, 0};
    const struct aud_search search = aud_search_of(attack);
    SIL_TRY(
        aud_planes_make(&queries, &attack->tables, targets, columns, n_columns, err));
    SIL_TRY(
        aud_planes_make(&rows, &attack->tables, &synthetic, columns, n_columns, err));
    aud_nearest_ties(out, &queries, &rows, &search);

cleanup:
    aud_planes_clear(&queries);
    aud_planes_clear(&rows);
    return status;
}

static bool meet(const struct aud_ties *a, const struct aud_ties *b)
{
    for (size_t i = 0; i < a->n; i++) {
        for (size_t k = 0; k < b->n; k++) {
            if (a->row[i] == b->row[k]) {
                return true;
            }
        }
    }
    return false;
}

sil_status aud_step_links(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct parts parts = {
        .n = {0, 0}
    };
    struct aud_ties *near[2] = {NULL, NULL};
    uint32_t *list = NULL;
    double *success = NULL;
    size_t n = 0;
    size_t strangers = 0;
    SIL_TRY(divide(&parts, attack, err));
    if (parts.n[0] == 0 || parts.n[1] == 0) {
        return SIL_OK;
    }
    SIL_TRY(aud_pick_targets(&list, &n, attack, TARGETS, AUD_USE_LINKS, err));
    const struct aud_choice targets = {AUD_TRAIN, AUD_HOLDOUT, list, n};
    for (int part = 0; part < 2; part++) {
        SIL_TRY(sil_alloc(&near[part], n, sizeof **near, "neighbours", err));
        SIL_TRY(nearest_on(near[part], attack, &targets, parts.column[part],
                           parts.n[part], err));
    }
    SIL_TRY(sil_alloc(&success, n, sizeof *success, "links", err));
    for (size_t i = 0; i < n; i++) {
        success[i] = meet(&near[0][i], &near[1][i]);
        strangers += meet(&near[0][i], &near[1][(i + 1) % n]);
    }
    struct aud_result *result =
        aud_new_result(attack, "linkability", "nearest-rows", "random");
    result->baseline = (double)strangers / (double)n;
    (void)snprintf(result->detail, sizeof result->detail,
                   "%zu columns joined with %zu others through a synthetic row that is "
                   "nearest to both; the baseline joins two different persons",
                   parts.n[0], parts.n[1]);
    SIL_TRY(aud_judge_rates(attack, result, list, success, n, err));

cleanup:
    free(near[0]);
    free(near[1]);
    free(list);
    free(success);
    return status;
}
