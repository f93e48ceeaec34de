// SPDX-License-Identifier: Apache-2.0
#include "synth/simulate_draw.h"

#include "base/fail.h"
#include "synth/simulate_fixed.h"

#include <stdlib.h>

const struct sil_sim_target SIL_SIM_PROBABILITY = {SIL_SIM_NUMBER, 1};

void sil_sim_draw_clear(struct sil_sim_draw *draw)
{
    sil_sim_program_clear(&draw->a);
    sil_sim_program_clear(&draw->b);
    for (size_t i = 0; draw->when != NULL && i < draw->n; i++) {
        sil_sim_program_clear(&draw->when[i]);
    }
    /* The nesting is that of the JSON text, which its reader bounds. */
    for (size_t i = 0; draw->branch != NULL && i <= draw->n; i++) {
        sil_sim_draw_clear(&draw->branch[i]);
    }
    free(draw->outcome);
    free(draw->cumulative);
    free(draw->when);
    free(draw->branch);
    *draw = (struct sil_sim_draw){0};
}

int64_t sil_sim_to_target(int64_t value, const struct sil_sim_target *target)
{
    if (target->type == SIL_SIM_NUMBER) {
        return sil_micro_round(value, target->quantum);
    }
    if (target->type == SIL_SIM_DATE) {
        return sil_days_of_micro(sil_micro_floor(value, SIL_MICRO)) * SIL_MICRO;
    }
    return value;
}

/* The branch that fits these values, or NULL. */
static const struct sil_sim_draw *choose_branch(const struct sil_sim_draw *draw,
                                                const int64_t *slots)
{
    for (size_t i = 0; i < draw->n; i++) {
        bool fits = draw->kind == SIL_SIM_BY ? slots[draw->slot] == draw->outcome[i]
                                             : sil_sim_eval(&draw->when[i], slots) != 0;
        if (fits) {
            return &draw->branch[i];
        }
    }
    return draw->has_otherwise ? &draw->branch[draw->n] : NULL;
}

static int64_t draw_weighted(const struct sil_sim_draw *draw,
                             struct sil_word_reader *reader)
{
    uint64_t at = sil_word_below(reader, draw->cumulative[draw->n - 1]);
    size_t low = 0;
    size_t high = draw->n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (draw->cumulative[middle] > at) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return draw->outcome[low];
}

static sil_status draw_uniform(int64_t *out, int64_t low, int64_t high, int64_t quantum,
                               struct sil_word_reader *reader, struct sil_error *err)
{
    /* The smallest multiple at least `low` and the largest at most `high`. */
    int64_t first = -sil_micro_floor(-low, quantum);
    int64_t last = sil_micro_floor(high, quantum);
    if (first > last) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "the lower end of \"uniform\" came out "
                        "above the upper end");
    }
    uint64_t n = ((uint64_t)last - (uint64_t)first) / (uint64_t)quantum + 1;
    *out = first + (int64_t)(sil_word_below(reader, n) * (uint64_t)quantum);
    return SIL_OK;
}

static sil_status draw_count(int64_t *out, enum sil_sim_draw_kind kind, int64_t mean,
                             struct sil_word_reader *reader, struct sil_error *err)
{
    if (mean < 0 || mean > SIL_MICRO_MEAN_MAX * SIL_MICRO) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "a mean of \"geometric\" or \"poisson\" came out below 0 or "
                        "above %d",
                        SIL_MICRO_MEAN_MAX);
    }
    uint64_t count = kind == SIL_SIM_POISSON ? sil_micro_poisson(reader, mean)
                                             : sil_micro_geometric(reader, mean);
    *out = (int64_t)count * SIL_MICRO;
    return SIL_OK;
}

static sil_status draw_spread(int64_t *out, enum sil_sim_draw_kind kind, int64_t centre,
                              int64_t spread, struct sil_word_reader *reader,
                              struct sil_error *err)
{
    if (spread < 0) {
        return sil_fail(err, SIL_ERR_INPUT, "\"sd\" or \"sigma\" came out below 0");
    }
    int64_t deviation = sil_micro_mul(spread, sil_micro_normal(reader));
    *out = kind == SIL_SIM_NORMAL ? sil_micro_add(centre, deviation)
                                  : sil_micro_mul_exp(centre, deviation);
    return SIL_OK;
}

sil_status sil_sim_draw_value(int64_t *out, const struct sil_sim_draw *draw,
                              const struct sil_sim_target *target, const int64_t *slots,
                              struct sil_word_reader *reader, struct sil_error *err)
{
    sil_status status = SIL_OK;
    while (draw != NULL && (draw->kind == SIL_SIM_BY || draw->kind == SIL_SIM_CASES)) {
        draw = choose_branch(draw, slots);
    }
    if (draw == NULL) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "no branch of \"table\" or \"cases\" fits; add \"otherwise\"");
    }
    if (draw->kind == SIL_SIM_WEIGHTS) {
        *out = draw_weighted(draw, reader);
        return SIL_OK;
    }

    int64_t a = sil_sim_eval(&draw->a, slots);
    int64_t b = draw->b.n > 0 ? sil_sim_eval(&draw->b, slots) : 0;
    switch (draw->kind) {
    case SIL_SIM_UNIFORM:
        SIL_TRY(draw_uniform(out, a, b, target->quantum, reader, err));
        break;
    case SIL_SIM_NORMAL:
    case SIL_SIM_LOGNORMAL:
        SIL_TRY(draw_spread(out, draw->kind, a, b, reader, err));
        break;
    case SIL_SIM_GEOMETRIC:
    case SIL_SIM_POISSON: SIL_TRY(draw_count(out, draw->kind, a, reader, err)); break;
    case SIL_SIM_VALUE:
    case SIL_SIM_WEIGHTS:
    case SIL_SIM_BY:
    case SIL_SIM_CASES: *out = a; break;
    }
    *out = sil_sim_to_target(*out, target);

cleanup:
    return status;
}

sil_status sil_sim_chance(bool *out, const struct sil_sim_draw *draw,
                          const int64_t *slots, struct sil_word_reader *reader,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    int64_t probability = 0;
    *out = false;
    SIL_TRY(sil_sim_draw_value(&probability, draw, &SIL_SIM_PROBABILITY, slots, reader,
                               err));
    *out = sil_micro_chance(reader, probability);

cleanup:
    return status;
}
