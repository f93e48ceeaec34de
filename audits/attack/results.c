// SPDX-License-Identifier: Apache-2.0
/* What all attacks share: notes of results, and the decision over all of them. */
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct aud_search aud_search_of(const struct aud_attack *attack)
{
    return (struct aud_search){.threads = attack->threads,
                               .progress = attack->progress,
                               .context = attack->context};
}

static int compare_doubles(const void *a, const void *b)
{
    double x;
    double y;
    (void)memcpy(&x, a, sizeof x);
    (void)memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

void aud_sort_doubles(double *list, size_t n)
{
    qsort(list, n, sizeof *list, compare_doubles);
}

sil_status aud_random_order(uint32_t **out, size_t n, struct aud_lots *lots,
                            struct sil_error *err)
{
    sil_status status = sil_alloc(out, n, sizeof **out, "an order", err);
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        (*out)[i] = (uint32_t)i;
    }
    if (status == SIL_OK) {
        aud_lots_shuffle(lots, *out, n);
    }
    return status;
}

void aud_note_condition(struct aud_attack *attack, const char *what, bool holds,
                        double p, const char *format, ...)
{
    va_list arguments;
    if (attack->n_conditions == AUD_CONDITIONS_MAX) {
        return;
    }
    struct aud_condition *condition = &attack->condition[attack->n_conditions++];
    *condition = (struct aud_condition){.holds = holds, .p = p};
    (void)snprintf(condition->what, sizeof condition->what, "%s", what);
    va_start(arguments, format);
    (void)vsnprintf(condition->detail, sizeof condition->detail, format, arguments);
    va_end(arguments);
}

struct aud_result *aud_new_result(struct aud_attack *attack, const char *family,
                                  const char *name, const char *targets)
{
    attack->n_results += attack->n_results < AUD_RESULTS_MAX;
    struct aud_result *result = &attack->result[attack->n_results - 1];
    *result =
        (struct aud_result){.baseline = -1, .p = 1, .p_adjusted = 1, .p_claim = 2};
    (void)snprintf(result->family, sizeof result->family, "%s", family);
    (void)snprintf(result->name, sizeof result->name, "%s", name);
    (void)snprintf(result->targets, sizeof result->targets, "%s", targets);
    return result;
}

/* ---- what the claim allows ---- */

/* One minus the area under the trade-off curve max(0, 1 - delta - e^eps a,
 * e^-eps (1 - delta - a)), which is two triangles of equal areas. */
double aud_ceiling_auc(const struct aud_claim *claim)
{
    double kept = 1 - claim->delta;
    return 1 - kept * kept / (1 + exp(claim->epsilon));
}

double aud_ceiling_tpr(const struct aud_claim *claim, double fpr)
{
    double steep = claim->delta + exp(claim->epsilon) * fpr;
    double flat = 1 - exp(-claim->epsilon) * (1 - claim->delta - fpr);
    return fmin(1, fmin(steep, flat));
}

/* ---- the decision ---- */

static bool holds_all(const struct aud_attack *attack)
{
    for (size_t i = 0; i < attack->n_conditions; i++) {
        if (!attack->condition[i].holds) {
            return false;
        }
    }
    return true;
}

/* Beyond the claim: of fresh data, at the level of all attacks together. */
static bool exceeds(const struct aud_attack *attack, const struct aud_result *result,
                    size_t n_tests)
{
    const struct aud_claim *claim = &attack->claim;
    double alpha = AUD_ACCUSES / (double)n_tests;
    return !claim->is_given ||
           (result->is_bounded &&
            aud_epsilon_lower(&result->fresh, claim->delta, alpha) > claim->epsilon);
}

static enum aud_judgement judge(const struct aud_attack *attack,
                                const struct aud_result *result, size_t n_tests)
{
    bool is_coin =
        attack->has_coins && result->p_claim * (double)n_tests <= AUD_ACCUSES;
    if (!holds_all(attack)) {
        return AUD_UNDECIDED;
    }
    if (!result->is_tested) {
        return AUD_UNTRIED;
    }
    if (is_coin) {
        return AUD_CONTRADICT;
    }
    return result->p_adjusted <= AUD_ACCUSES && exceeds(attack, result, n_tests)
               ? AUD_EXPOSED
               : AUD_UNSEEN;
}

/* Names and values of strangers: no escape codes, and nothing that JSON could not hold. What
 * was cut in the middle of a character loses it. */
static void clean(char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        uint32_t code = 0;
        size_t n = sil_utf8_next(&code, text, left);
        bool is_good = n > 0 && !sil_is_control(code);
        for (n = n > 0 ? n : 1; n > 0; n--, left--, text++) {
            *text = is_good ? *text : '?';
        }
    }
}

static void clean_all(struct aud_attack *attack)
{
    for (size_t i = 0; i < attack->n_results; i++) {
        clean(attack->result[i].name);
        clean(attack->result[i].detail);
        clean(attack->result[i].worst.what);
    }
    for (size_t i = 0; i < attack->n_conditions; i++) {
        clean(attack->condition[i].detail);
    }
    if (attack->sources.id_column != NULL) {
        (void)snprintf(attack->person, sizeof attack->person, "%s",
                       attack->sources.id_column);
        clean(attack->person);
    }
}

void aud_judge_all(struct aud_attack *attack)
{
    double p[AUD_RESULTS_MAX];
    size_t n = 0;
    clean_all(attack);
    for (size_t i = 0; i < attack->n_results; i++) {
        if (attack->result[i].is_tested) {
            p[n++] = attack->result[i].p;
        }
    }
    aud_holm(p, n);
    for (size_t i = 0, k = 0; i < attack->n_results; i++) {
        struct aud_result *result = &attack->result[i];
        if (result->is_tested) {
            result->p_adjusted = p[k++];
        }
        result->judgement = judge(attack, result, n);
    }
}

sil_status aud_attack_status(const struct aud_attack *attack)
{
    if (!holds_all(attack)) {
        return SIL_ERR_UNSUPPORTED;
    }
    bool is_tested = false;
    for (size_t i = 0; i < attack->n_results; i++) {
        enum aud_judgement judgement = attack->result[i].judgement;
        if (judgement == AUD_EXPOSED || judgement == AUD_CONTRADICT) {
            return SIL_ERR_CHECK;
        }
        is_tested |= attack->result[i].is_tested;
    }
    return is_tested ? SIL_OK : SIL_ERR_UNSUPPORTED;
}
