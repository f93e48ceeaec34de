// SPDX-License-Identifier: Apache-2.0
#include "privacy/score.h"

#include "base/fail.h"
#include "privacy/counts_internal.h"

#include <stdbool.h>

static const int64_t MAX_MODEL = (int64_t)1 << 45;
static const int64_t MAX_PENALTY = (int64_t)1 << 62;
static const uint32_t MAX_WEIGHT = 1U << 20;

/* A block's sum of distances, each at most 2^45, fits in 64 bits. */
enum { BLOCK = 4096 };

/* 0 <= v <= MAX_MODEL leaves the top bit of both v and MAX_MODEL - v clear, and nothing
 * else does. No branch: this is asked of every cell of every candidate. */
static bool model_is_in_range(const int64_t *model, size_t n_cells)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < n_cells; i++) {
        uint64_t value = (uint64_t)model[i];
        bits |= value | ((uint64_t)MAX_MODEL - value);
    }
    return bits >> 63 == 0;
}

sil_status sil_candidates_check(const struct sil_candidate *candidates, size_t n,
                                struct sil_error *err)
{
    if (n == 0) {
        return sil_fail(err, SIL_ERR_USAGE, "there is nothing to select from");
    }
    for (size_t i = 0; i < n; i++) {
        const struct sil_candidate *c = &candidates[i];
        if (c->weight < 1 || c->weight > MAX_WEIGHT) {
            return sil_fail(err, SIL_ERR_USAGE, "a candidate's weight is out of range");
        }
        if (c->penalty < 0 || c->penalty > MAX_PENALTY) {
            return sil_fail(err, SIL_ERR_USAGE,
                            "a candidate's penalty is out of range");
        }
        if (!model_is_in_range(c->model, c->counts->n_cells)) {
            return sil_fail(err, SIL_ERR_USAGE, "a model value is out of range");
        }
    }
    return SIL_OK;
}

uint64_t sil_score_sensitivity(const struct sil_candidate *candidates, size_t n,
                               uint64_t marginal_sensitivity)
{
    uint32_t max_weight = 0;
    for (size_t i = 0; i < n; i++) {
        if (candidates[i].weight > max_weight) {
            max_weight = candidates[i].weight;
        }
    }
    /* At most 2^10 * 2^21 * 2^20. */
    return (marginal_sensitivity << SIL_SCORE_BITS) * max_weight;
}

static uint64_t block_distance(const uint32_t *cell, const int64_t *model, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t difference = ((int64_t)cell[i] << SIL_SCORE_BITS) - model[i];
        sum += (uint64_t)(difference < 0 ? -difference : difference);
    }
    return sum;
}

sil_i128 sil_candidate_score(const struct sil_candidate *candidate)
{
    const struct sil_counts *counts = candidate->counts;
    sil_i128 distance = 0;
    for (size_t first = 0; first < counts->n_cells; first += BLOCK) {
        size_t rest = counts->n_cells - first;
        distance += block_distance(counts->cell + first, candidate->model + first,
                                   rest < BLOCK ? rest : BLOCK);
    }
    return candidate->weight * (distance - candidate->penalty);
}
