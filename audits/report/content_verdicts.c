// SPDX-License-Identifier: Apache-2.0
/* Does the verdict of each attack follow from the figures beside it? Decided as the command
 * decides (docs/audit-attack.md), from what it printed. */
#include "audits/attack/attack.h"
#include "audits/report/shape.h"
#include "audits/stats/bounds.h"
#include "base/fail.h"

#include <string.h>

/* Figures are printed with six digits: so near a limit either side of it may be right. */
static const double PRINTED = 1e-4;

struct setting {
    bool is_fair; ///< all conditions hold
    bool has_coins;
    bool has_claim;
    double epsilon, delta;
    size_t n_tests;
};

static bool is_tested(const json_t *attack)
{
    return json_is_number(json_object_get(attack, "p"));
}

static struct setting setting_of(const json_t *content)
{
    struct setting out = {.is_fair = true};
    const json_t *claim = json_object_get(content, "claim");
    const json_t *conditions = json_object_get(content, "conditions");
    const json_t *attacks = json_object_get(content, "attacks");
    for (size_t i = 0; i < json_array_size(conditions); i++) {
        out.is_fair &=
            json_is_true(json_object_get(json_array_get(conditions, i), "holds"));
    }
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        out.n_tests += is_tested(json_array_get(attacks, i));
    }
    out.has_coins = strcmp(aud_text(content, "inclusion"), "coins") == 0;
    out.has_claim = json_is_object(claim);
    out.epsilon = aud_real(claim, "epsilon", 0);
    out.delta = aud_real(claim, "delta", 0);
    return out;
}

/* What figures say of a limit that one of them may be past. */
enum side { BELOW, AT, ABOVE };

static enum side side_of(double value, double limit)
{
    return value < limit - PRINTED * limit   ? BELOW
           : value > limit + PRINTED * limit ? ABOVE
                                             : AT;
}

/* How the bound on epsilon, at the level of all attacks, lies to what is claimed. */
static enum side bound_side(const json_t *attack, const struct setting *setting)
{
    const json_t *bound = json_object_get(attack, "epsilon");
    if (!setting->has_claim) {
        return ABOVE;
    }
    if (!json_is_object(bound)) {
        return BELOW;
    }
    const struct aud_guesses guesses = {
        .hits = (uint64_t)aud_real(bound, "hits", 0),
        .positives = (uint64_t)aud_real(bound, "positives", 0),
        .alarms = (uint64_t)aud_real(bound, "alarms", 0),
        .negatives = (uint64_t)aud_real(bound, "negatives", 0)};
    double least = aud_epsilon_lower(&guesses, setting->delta,
                                     AUD_ACCUSES / (double)setting->n_tests);
    return least > 0 ? side_of(least, setting->epsilon) : BELOW;
}

/* By coins it takes more than the claim to be refuted. */
static bool may_be_refuted(const json_t *attack, const struct setting *setting)
{
    double coins = aud_real(json_object_get(attack, "epsilon"), "by_coins", -1);
    return setting->has_coins && setting->has_claim &&
           side_of(coins, setting->epsilon) != BELOW;
}

static bool follows(const json_t *attack, const struct setting *setting)
{
    const char *verdict = aud_text(attack, "verdict");
    if (!setting->is_fair) {
        return strcmp(verdict, "inconclusive") == 0;
    }
    if (!is_tested(attack)) {
        return strcmp(verdict, "not-examined") == 0;
    }
    if (strcmp(verdict, "refuted") == 0) {
        return may_be_refuted(attack, setting);
    }
    enum side p = side_of(aud_real(attack, "p_adjusted", 1), AUD_ACCUSES);
    enum side bound = bound_side(attack, setting);
    return strcmp(verdict, "exposed") == 0       ? p != ABOVE && bound != BELOW
           : strcmp(verdict, "not-refuted") == 0 ? p != BELOW || bound != ABOVE
                                                 : false;
}

/* p-values of all attacks together: Holm's are functions of the others. */
static bool are_adjusted(const json_t *attacks)
{
    double p[AUD_RESULTS_MAX];
    size_t n = 0;
    bool are = true;
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        const json_t *attack = json_array_get(attacks, i);
        are = are && is_tested(attack) ==
                         json_is_number(json_object_get(attack, "p_adjusted"));
        if (is_tested(attack) && n < AUD_RESULTS_MAX) {
            p[n++] = aud_real(attack, "p", 1);
        }
    }
    aud_holm(p, n);
    for (size_t i = 0, k = 0; are && i < json_array_size(attacks) && k < n; i++) {
        const json_t *attack = json_array_get(attacks, i);
        are = !is_tested(attack) ||
              side_of(aud_real(attack, "p_adjusted", 1), p[k++]) == AT;
    }
    return are;
}

sil_status aud_check_judgements(const json_t *content, struct sil_error *err)
{
    const struct setting setting = setting_of(content);
    const json_t *attacks = json_object_get(content, "attacks");
    if (!are_adjusted(attacks)) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "its adjusted p-values do not follow from its p-values: it was "
                        "changed or is damaged");
    }
    for (size_t i = 0; i < json_array_size(attacks); i++) {
        const json_t *attack = json_array_get(attacks, i);
        if (!follows(attack, &setting)) {
            return sil_fail(
                err, SIL_ERR_INPUT,
                "of the attack %.40s it says %.20s, and its own figures say "
                "otherwise: it was changed or is damaged",
                aud_text(attack, "name"), aud_text(attack, "verdict"));
        }
    }
    return SIL_OK;
}
