// SPDX-License-Identifier: Apache-2.0
/* Membership by distance to the synthetic rows: weak references. They see copies, and little
 * else; that they see nothing means little. */
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

static sil_status find_nearest(struct aud_attack *attack, struct aud_planes *pool,
                               struct aud_planes *rows, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_choice real = {AUD_TRAIN, AUD_HOLDOUT, NULL, 0};
    const struct aud_choice synthetic = {AUD_SYNTHETIC, AUD_SYNTHETIC, NULL, 0};
    const struct aud_search search = aud_search_of(attack);
    const size_t n = attack->tables.n_columns;
    SIL_TRY(aud_planes_make(pool, &attack->tables, &real, attack->columns, n, err));
    SIL_TRY(
        aud_planes_make(rows, &attack->tables, &synthetic, attack->columns, n, err));
    SIL_TRY(sil_alloc(&attack->near, attack->n_pool, sizeof *attack->near, "neighbours",
                      err));
    aud_nearest(attack->near, pool, rows, &search);

cleanup:
    return status;
}

static int compare_words(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* The distance that half of the pool is within of their nearest synthetic row. */
static sil_status middle(uint16_t *out, const struct aud_attack *attack,
                         struct sil_error *err)
{
    uint16_t *list = NULL;
    sil_status status =
        sil_alloc(&list, attack->n_pool, sizeof *list, "distances", err);
    for (size_t i = 0; status == SIL_OK && i < attack->n_pool; i++) {
        list[i] = attack->near[i].distance;
    }
    if (status == SIL_OK) {
        qsort(list, attack->n_pool, sizeof *list, compare_words);
        *out = list[attack->n_pool / 2];
    }
    free(list);
    return status;
}

static sil_status by_crowd(struct aud_attack *attack, double *score,
                           const struct aud_planes *pool, const struct aud_planes *rows,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_crowd *crowd = NULL;
    uint16_t radius = 0;
    const struct aud_search search = aud_search_of(attack);
    SIL_TRY(middle(&radius, attack, err));
    SIL_TRY(sil_alloc(&crowd, attack->n_pool, sizeof *crowd, "neighbours", err));
    aud_nearest_crowd(crowd, pool, rows, radius, &search);
    for (size_t i = 0; i < attack->n_pool; i++) {
        score[i] = crowd[i].within;
    }
    SIL_TRY(aud_judge_scores(attack, "local-neighbourhood", score,
                             "how many synthetic rows are as near as the nearest is to "
                             "half of the pool",
                             err));

cleanup:
    free(crowd);
    return status;
}

sil_status aud_step_closeness(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_planes pool = {0};
    struct aud_planes rows = {0};
    double *score = NULL;
    SIL_TRY(find_nearest(attack, &pool, &rows, err));
    SIL_TRY(sil_alloc(&score, attack->n_pool, sizeof *score, "scores", err));
    /* Distances are rounded: identical is nearer than a distance of 0. */
    SIL_TRY(aud_find_identical(score, attack, err));
    for (size_t i = 0; i < attack->n_pool; i++) {
        score[i] = score[i] > 0 ? 1 : -(double)attack->near[i].distance;
    }
    SIL_TRY(aud_judge_scores(attack, "closest-distance", score,
                             "how near the nearest synthetic row is", err));
    for (size_t i = 0; i < attack->n_pool; i++) {
        double second = aud_near_second(&attack->near[i]);
        score[i] = -(1e-8 + attack->near[i].distance) / (1e-8 + second);
    }
    SIL_TRY(aud_judge_scores(
        attack, "distance-ratio", score,
        "how much nearer the nearest synthetic row is than the next", err));
    SIL_TRY(by_crowd(attack, score, &pool, &rows, err));

cleanup:
    aud_planes_clear(&pool);
    aud_planes_clear(&rows);
    free(score);
    return status;
}
