// SPDX-License-Identifier: Apache-2.0
/* Records that are alone in the pool are told apart most easily, so an average over all
 * records hides what happens to them. Who is alone is found without looking at membership.
 * Source   Meeus et al. 2023, "Achilles' Heels: Vulnerable Record Identification in
 *          Synthetic Data Publishing" (mean distance to the 5 nearest). */
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

/* Neighbours are sought among at most so many records of the pool. */
enum { CROWD_MAX = 20000, VULNERABLE_MIN = 100, A_HUNDREDTH = 100 };

struct lonely {
    uint32_t record;
    uint32_t lot; ///< its place in a random order
    uint32_t distance;
};

/* Records are numbered members first, so a tie is broken by lot: else the last of many that
 * are equally alone would be members, and what they have in common would be taken for a leak. */
static int compare_lonely(const void *a, const void *b)
{
    const struct lonely *x = a;
    const struct lonely *y = b;
    if (x->distance != y->distance) {
        return x->distance < y->distance ? 1 : -1;
    }
    return (x->lot > y->lot) - (x->lot < y->lot);
}

/* A record that is itself in the crowd finds itself at distance 0: the first of its
 * neighbours is then passed over, as one of the others' is not. */
static uint32_t apart(const struct aud_crowd *crowd, bool is_in_crowd)
{
    uint32_t sum = 0;
    for (size_t k = is_in_crowd; k < AUD_CROWD; k++) {
        sum += crowd->nearest[k];
    }
    return is_in_crowd ? sum * AUD_CROWD / (AUD_CROWD - 1) : sum;
}

static sil_status rank(struct lonely *out, struct aud_attack *attack,
                       const uint32_t *order, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_planes pool = {0};
    struct aud_planes some = {0};
    struct aud_crowd *crowd = NULL;
    const size_t n = attack->n_pool < CROWD_MAX ? attack->n_pool : CROWD_MAX;
    const struct aud_choice all = {AUD_TRAIN, AUD_HOLDOUT, order, attack->n_pool};
    const struct aud_choice first = {AUD_TRAIN, AUD_HOLDOUT, order, n};
    const struct aud_search search = aud_search_of(attack);
    SIL_TRY(aud_planes_make(&pool, &attack->tables, &all, attack->columns,
                            attack->tables.n_columns, err));
    SIL_TRY(aud_planes_make(&some, &attack->tables, &first, attack->columns,
                            attack->tables.n_columns, err));
    SIL_TRY(sil_alloc(&crowd, attack->n_pool, sizeof *crowd, "neighbours", err));
    aud_nearest_crowd(crowd, &pool, &some, 0, &search);
    for (size_t i = 0; i < attack->n_pool; i++) {
        out[i] = (struct lonely){order[i], (uint32_t)i, apart(&crowd[i], i < n)};
    }
    qsort(out, attack->n_pool, sizeof *out, compare_lonely);

cleanup:
    aud_planes_clear(&pool);
    aud_planes_clear(&some);
    free(crowd);
    return status;
}

sil_status aud_step_targets(struct aud_attack *attack, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct lonely *lonely = NULL;
    uint32_t *order = NULL;
    struct aud_lots alone = aud_lots(attack->seed, AUD_USE_ALONE);
    struct aud_lots random = aud_lots(attack->seed, AUD_USE_RANDOM);
    size_t n = attack->n_pool / A_HUNDREDTH;
    n = n < VULNERABLE_MIN ? VULNERABLE_MIN : n;
    n = n > attack->n_pool / 2 ? attack->n_pool / 2 : n;
    SIL_TRY(aud_random_order(&order, attack->n_pool, &alone, err));
    SIL_TRY(aud_random_order(&attack->random, attack->n_pool, &random, err));
    SIL_TRY(
        sil_alloc(&attack->vulnerable, n, sizeof *attack->vulnerable, "targets", err));
    SIL_TRY(sil_alloc(&lonely, attack->n_pool, sizeof *lonely, "neighbours", err));
    SIL_TRY(rank(lonely, attack, order, err));
    for (size_t i = 0; i < n; i++) {
        attack->vulnerable[i] = lonely[i].record;
    }
    attack->n_vulnerable = n;

cleanup:
    free(lonely);
    free(order);
    return status;
}

sil_status aud_known_columns(bool *is_known, const struct aud_attack *attack,
                             struct sil_error *err)
{
    for (size_t i = 0; i < attack->n_aux; i++) {
        size_t column = aud_tables_find(&attack->tables, attack->aux[i]);
        if (column == attack->tables.n_columns) {
            return sil_fail(err, SIL_ERR_INPUT, "there is no column %s to be known",
                            attack->aux[i]);
        }
        is_known[column] = true;
    }
    return SIL_OK;
}

sil_status aud_pick_targets(uint32_t **list, size_t *n, const struct aud_attack *attack,
                            size_t most, enum aud_use use, struct sil_error *err)
{
    struct aud_lots lots = aud_lots(attack->seed, use);
    size_t taken[2] = {0, 0};
    *n = 0;
    sil_status status = aud_random_order(list, attack->n_pool, &lots, err);
    for (size_t i = 0; status == SIL_OK && i < attack->n_pool; i++) {
        uint32_t record = (*list)[i];
        size_t *side = &taken[record >= attack->n_members];
        if (*side < most) {
            (*list)[(*n)++] = record;
            (*side)++;
        }
    }
    return status;
}
