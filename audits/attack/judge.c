// SPDX-License-Identifier: Apache-2.0
/* From scores, or successes, of members and non-members to what they show. */
#include "audits/attack/steps.h"
#include "audits/stats/one_run.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double FALSE_ALARMS[AUD_AT] = {.001, .01, .1};

/* Fewer targets on one side say nothing. */
enum { TARGETS_MIN = 20, TOP_MIN = 5, THRESHOLDS = 100 };

static const double NO_DELTA_GIVEN = 1e-6;

/* Scores of targets, members first, and sorted a second time by side. */
struct targets {
    double *score; ///< members, then non-members; ascending each
    size_t n[2];
};

static void describe_at(struct aud_at *at, double fpr, const struct targets *of)
{
    const double *other = of->score + of->n[0];
    size_t most = (size_t)(fpr * (double)of->n[1]);
    /* Those with the highest scores; a group of ties is accused whole or not at all. */
    size_t first = of->n[1] - most;
    while (first < of->n[1] && first > 0 && other[first - 1] >= other[first]) {
        first++;
    }
    double above = first > 0 ? other[first - 1] : -HUGE_VAL;
    size_t k = of->n[0];
    while (k > 0 && of->score[k - 1] > above) {
        k--;
    }
    *at = (struct aud_at){
        .fpr_asked = fpr, .hits = of->n[0] - k, .alarms = of->n[1] - first};
    at->interval.low = aud_cp_lower(at->hits, of->n[0], AUD_WITHIN / 2);
    at->interval.high = aud_cp_upper(at->hits, of->n[0], AUD_WITHIN / 2);
}

/* The highest scores of both sides together, about `share` of all and whole groups of ties:
 * how likely are so many members among them? */
static double top_p(const struct targets *of, double share)
{
    const double *side[2] = {of->score, of->score + of->n[0]};
    size_t k[2] = {of->n[0], of->n[1]};
    size_t most = (size_t)(share * (double)(of->n[0] + of->n[1]));
    size_t taken[2] = {0, 0};
    while (k[0] + k[1] > 0) {
        double value = k[0] > 0 ? side[0][k[0] - 1] : -HUGE_VAL;
        value = k[1] > 0 ? fmax(value, side[1][k[1] - 1]) : value;
        for (int s = 0; s < 2; s++) {
            while (k[s] > 0 && side[s][k[s] - 1] >= value) {
                k[s]--;
            }
        }
        size_t now = of->n[0] - k[0] + of->n[1] - k[1];
        if (taken[0] + taken[1] > 0 && now > most) {
            break;
        }
        taken[0] = of->n[0] - k[0];
        taken[1] = of->n[1] - k[1];
    }
    if (most < TOP_MIN || (k[0] + k[1] == 0 && taken[0] + taken[1] > most)) {
        return 1;
    }
    return aud_fisher(taken[0], of->n[0], taken[1], of->n[1]);
}

/* Steps of the curve at false alarms that are spaced evenly on a logarithmic axis. */
static void draw_curve(struct aud_result *result, const struct targets *of)
{
    result->n_roc = 0;
    for (size_t i = 0; i < AUD_ROC; i++) {
        struct aud_at at;
        double least = 1 / (double)of->n[1];
        double fpr = pow(least, 1 - (double)i / (AUD_ROC - 1));
        describe_at(&at, fpr, of);
        double *point = result->roc[result->n_roc];
        point[0] = (double)at.alarms / (double)of->n[1];
        point[1] = (double)at.hits / (double)of->n[0];
        bool is_new = i == 0 || point[0] > point[-2] || point[1] > point[-1];
        result->n_roc += is_new;
    }
}

/* ---- a bound on epsilon, of fresh data ---- */

static struct aud_guesses guesses_at(const struct targets *of, double threshold)
{
    struct aud_guesses out = {.positives = of->n[0], .negatives = of->n[1]};
    for (size_t i = 0; i < of->n[0] + of->n[1]; i++) {
        bool is_accused = of->score[i] > threshold;
        out.hits += i < of->n[0] && is_accused;
        out.alarms += i >= of->n[0] && is_accused;
    }
    return out;
}

/* About what a bound would be, at a fraction of its price: to pick with, not to report. */
static double promise(const struct aud_guesses *guesses, double delta)
{
    const struct aud_interval hits =
        aud_wilson(guesses->hits, guesses->positives, AUD_WITHIN);
    const struct aud_interval alarms =
        aud_wilson(guesses->alarms, guesses->negatives, AUD_WITHIN);
    double accuses = fmax(hits.low - delta, 1e-12) / alarms.high;
    double acquits = fmax(1 - alarms.high - delta, 1e-12) / fmax(1 - hits.low, 1e-12);
    return fmax(accuses, acquits);
}

/* The threshold, among scores of non-members and members, that does best on the first half. */
static double pick_threshold(const struct targets *half, double delta)
{
    double best = HUGE_VAL;
    double most = 0;
    for (size_t i = 0; i < THRESHOLDS; i++) {
        /* Denser towards the high scores of either side. */
        double part = pow((double)(i % (THRESHOLDS / 2)) / (THRESHOLDS / 2.0), 3);
        int side = i >= THRESHOLDS / 2;
        const double *list = side == 0 ? half->score : half->score + half->n[0];
        double threshold = list[(size_t)((1 - part) * (double)(half->n[side] - 1))];
        struct aud_guesses guesses = guesses_at(half, threshold);
        double now = promise(&guesses, delta);
        if (now > most) {
            most = now;
            best = threshold;
        }
    }
    return best;
}

/* Deal the targets out to two halves at random; sides and their order are kept. */
static sil_status deal(struct targets half[2], const struct targets *of,
                       struct aud_lots *lots, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t all = of->n[0] + of->n[1];
    SIL_TRY(sil_alloc(&half[0].score, all, sizeof(double), "scores", err));
    SIL_TRY(sil_alloc(&half[1].score, all, sizeof(double), "scores", err));
    size_t at[2] = {0, 0};
    for (size_t i = 0; i < all; i++) {
        int h = (int)(aud_lots_bits(lots) >> 63);
        half[h].score[at[h]++] = of->score[i];
        half[h].n[i >= of->n[0]]++;
    }

cleanup:
    return status;
}

/* Of how many right guesses there are among `guesses` with the highest scores; ties are
 * broken by lots. How many guesses are given was fixed on the other half. */
static uint64_t right_of_top(const struct targets *of, size_t guesses,
                             struct aud_lots *lots)
{
    const double *side[2] = {of->score, of->score + of->n[0]};
    size_t k[2] = {of->n[0], of->n[1]};
    uint64_t right = 0;
    for (size_t given = 0; given < guesses && k[0] + k[1] > 0;) {
        double value = k[0] > 0 ? side[0][k[0] - 1] : -HUGE_VAL;
        value = k[1] > 0 ? fmax(value, side[1][k[1] - 1]) : value;
        size_t group[2] = {0, 0};
        for (int s = 0; s < 2; s++) {
            for (; k[s] > 0 && side[s][k[s] - 1] >= value; k[s]--) {
                group[s]++;
            }
        }
        for (; given < guesses && group[0] + group[1] > 0; given++) {
            bool is_member = aud_lots_below(lots, group[0] + group[1]) < group[0];
            group[is_member ? 0 : 1]--;
            right += is_member;
        }
    }
    return right;
}

static void bound_by_coins(struct aud_result *result, const struct aud_attack *attack,
                           const struct targets half[2], double threshold, double delta,
                           struct aud_lots *lots)
{
    const struct aud_guesses first = guesses_at(&half[0], threshold);
    const size_t canaries = half[1].n[0] + half[1].n[1];
    const double share = (double)(first.hits + first.alarms) /
                         (double)(first.positives + first.negatives);
    size_t guesses = (size_t)fmax(1, share * (double)canaries);
    const struct aud_one_run run = {.canaries = canaries,
                                    .guesses = guesses,
                                    .right = right_of_top(&half[1], guesses, lots)};
    result->epsilon_coins = aud_one_run_epsilon(&run, delta, AUD_WITHIN);
    if (attack->claim.is_given) {
        result->p_claim = aud_one_run_p(&run, attack->claim.epsilon, delta);
    }
}

static sil_status bound(struct aud_result *result, const struct aud_attack *attack,
                        const struct targets *of, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct targets half[2] = {{0}};
    const double delta = attack->claim.is_given ? attack->claim.delta : NO_DELTA_GIVEN;
    struct aud_lots lots = aud_lots(attack->seed, AUD_USE_FRESH);
    SIL_TRY(deal(half, of, &lots, err));
    result->is_bounded =
        half[0].n[0] > 1 && half[0].n[1] > 1 && half[1].n[0] > 1 && half[1].n[1] > 1;
    if (result->is_bounded) {
        double threshold = pick_threshold(&half[0], delta);
        result->fresh = guesses_at(&half[1], threshold);
        result->epsilon = aud_epsilon_lower(&result->fresh, delta, AUD_WITHIN);
        if (attack->has_coins) {
            bound_by_coins(result, attack, half, threshold, delta, &lots);
        }
    }

cleanup:
    free(half[0].score);
    free(half[1].score);
    return status;
}

/* ---- one set of targets ---- */

static void test(struct aud_result *result, const struct targets *of)
{
    double least = result->auc.p;
    for (size_t i = 0; i < AUD_AT; i++) {
        describe_at(&result->at[i], FALSE_ALARMS[i], of);
        least = fmin(least, top_p(of, FALSE_ALARMS[i]));
    }
    result->is_tested = true;
    result->p = fmin(1, (1 + AUD_AT) * least);
}

/* `list` NULL: the whole pool. */
static sil_status judge_targets(struct aud_attack *attack, struct aud_result *result,
                                const uint32_t *list, size_t n, const double *score,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct targets of = {0};
    SIL_TRY(sil_alloc(&of.score, n, sizeof(double), "scores", err));
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < n; i++) {
            uint32_t record = list != NULL ? list[i] : (uint32_t)i;
            if ((record >= attack->n_members) == side) {
                of.score[of.n[0] + of.n[1]] = score[record];
                of.n[side]++;
            }
        }
    }
    result->members = of.n[0];
    result->non_members = of.n[1];
    if (of.n[0] < TARGETS_MIN || of.n[1] < TARGETS_MIN) {
        goto cleanup;
    }
    aud_sort_doubles(of.score, of.n[0]);
    aud_sort_doubles(of.score + of.n[0], of.n[1]);
    result->is_scored = true;
    result->auc = aud_auc(of.score, of.n[0], of.score + of.n[0], of.n[1], AUD_WITHIN);
    test(result, &of);
    draw_curve(result, &of);
    SIL_TRY(bound(result, attack, &of, err));

cleanup:
    free(of.score);
    return status;
}

sil_status aud_judge_scores(struct aud_attack *attack, const char *name,
                            const double *score, const char *detail,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;

    const struct {
        const char *name;
        const uint32_t *list;
        size_t n;
    } SETS[] = {
        {"all",        NULL,               attack->n_pool      },
        {"random",     attack->random,     attack->n_vulnerable},
        {"vulnerable", attack->vulnerable, attack->n_vulnerable}
    };

    for (size_t i = 0; i < 3; i++) {
        struct aud_result *result =
            aud_new_result(attack, "membership", name, SETS[i].name);
        (void)snprintf(result->detail, sizeof result->detail, "%s", detail);
        SIL_TRY(judge_targets(attack, result, SETS[i].list, SETS[i].n, score, err));
        if (i == 0) {
            SIL_TRY(
                aud_worst_slice(&result->worst, attack, NULL, score, SETS[i].n, err));
        }
    }

cleanup:
    return status;
}

/* ---- successes ---- */

void aud_judge_tries(const struct aud_attack *attack, struct aud_result *result)
{
    result->is_rated = true;
    result->difference = aud_newcombe(result->hits, result->members, result->alarms,
                                      result->non_members, AUD_WITHIN);
    if (result->members < TARGETS_MIN || result->non_members < TARGETS_MIN) {
        return;
    }
    result->is_tested = true;
    result->p =
        aud_fisher(result->hits, result->members, result->alarms, result->non_members);
    /* No threshold was picked, so nothing has to be kept back. */
    result->is_bounded = true;
    result->fresh = (struct aud_guesses){.hits = result->hits,
                                         .positives = result->members,
                                         .alarms = result->alarms,
                                         .negatives = result->non_members};
    result->epsilon = aud_epsilon_lower(
        &result->fresh, attack->claim.is_given ? attack->claim.delta : NO_DELTA_GIVEN,
        AUD_WITHIN);
}

sil_status aud_judge_rates(struct aud_attack *attack, struct aud_result *result,
                           const uint32_t *list, const double *success, size_t n,
                           struct sil_error *err)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t record = list != NULL ? list[i] : (uint32_t)i;
        bool is_member = record < attack->n_members;
        bool is_hit = success[i] > 0;
        result->members += is_member;
        result->non_members += !is_member;
        result->hits += is_member && is_hit;
        result->alarms += !is_member && is_hit;
    }
    aud_judge_tries(attack, result);
    return aud_worst_slice(&result->worst, attack, list, success, n, err);
}
