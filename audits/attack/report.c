// SPDX-License-Identifier: Apache-2.0
/* What was found, as JSON and as a table for people. */
#include "audits/attack/steps.h"
#include "base/fail.h"
#include "codec/json.h"
#include "crypto/hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char CONFIDENTIAL[] =
    "These findings are computed on private data and are not differentially private: keep "
    "them as the tables, and choose no generator by them.";

static const char *const FILES[AUD_WHICH] = {"train", "holdout", "synthetic"};

static const char *const JUDGEMENTS[] = {"not-refuted", "exposed", "refuted",
                                         "inconclusive", "not-examined"};

static const char *conclusion(const struct aud_attack *attack)
{
    bool is_refuted = false;
    for (size_t i = 0; i < attack->n_results; i++) {
        is_refuted |= attack->result[i].judgement == AUD_CONTRADICT;
    }
    sil_status status = aud_attack_status(attack);
    if (status == SIL_ERR_CHECK) {
        return is_refuted ? "REFUTED" : "EXPOSED";
    }
    return status == SIL_OK ? "NOT REFUTED" : "INCONCLUSIVE";
}

/* ---- JSON ---- */

static json_t *pair(double low, double high)
{
    return json_pack("[f, f]", low, high);
}

static json_t *rate(uint64_t k, uint64_t n)
{
    return n == 0 ? json_null() : json_real((double)k / (double)n);
}

static json_t *say_at(const struct aud_attack *attack, const struct aud_result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < AUD_AT; i++) {
        const struct aud_at *at = &result->at[i];
        double fpr = (double)at->alarms / (double)result->non_members;
        json_t *ceiling =
            attack->claim.is_given
                ? json_real(aud_ceiling_tpr(&attack->claim, at->fpr_asked))
                : json_null();
        (void)json_array_append_new(
            list,
            json_pack("{s:f, s:f, s:o, s:o, s:o}", "fpr", at->fpr_asked, "fpr_reached",
                      fpr, "tpr", rate(at->hits, result->members), "interval",
                      pair(at->interval.low, at->interval.high), "ceiling", ceiling));
    }
    return list;
}

static json_t *say_curve(const struct aud_result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < result->n_roc; i++) {
        (void)json_array_append_new(list, pair(result->roc[i][0], result->roc[i][1]));
    }
    return list;
}

static json_t *say_rates(const struct aud_result *result)
{
    json_t *baseline = result->baseline < 0 ? json_null() : json_real(result->baseline);
    return json_pack("{s:o, s:o, s:o, s:f, s:o}", "members",
                     rate(result->hits, result->members), "non_members",
                     rate(result->alarms, result->non_members), "baseline", baseline,
                     "difference",
                     (double)result->hits / fmax(1, (double)result->members) -
                         (double)result->alarms / fmax(1, (double)result->non_members),
                     "interval", pair(result->difference.low, result->difference.high));
}

static json_t *say_worst(const struct aud_slice *slice)
{
    return slice->what[0] == '\0'
               ? json_null()
               : json_pack("{s:s, s:I, s:I, s:f, s:f, s:f}", "where", slice->what,
                           "members", (json_int_t)slice->members, "non_members",
                           (json_int_t)slice->non_members, "member_mean",
                           slice->member_mean, "non_member_mean",
                           slice->non_member_mean, "p", slice->p);
}

/* What the claim allows, and what was reached of it. */
static json_t *say_bound(const struct aud_attack *attack,
                         const struct aud_result *result)
{
    if (!result->is_bounded) {
        return json_null();
    }
    /* Rates have no half on which the number of guesses could have been fixed. */
    bool is_by_coins = attack->has_coins && result->is_scored;
    json_t *coins = is_by_coins ? json_real(result->epsilon_coins) : json_null();
    return json_pack(
        "{s:f, s:I, s:I, s:I, s:I, s:f, s:o}", "lower", result->epsilon, "hits",
        (json_int_t)result->fresh.hits, "positives",
        (json_int_t)result->fresh.positives, "alarms", (json_int_t)result->fresh.alarms,
        "negatives", (json_int_t)result->fresh.negatives, "most_provable",
        aud_epsilon_ceiling(result->fresh.positives < result->fresh.negatives
                                ? result->fresh.positives
                                : result->fresh.negatives,
                            AUD_WITHIN),
        "by_coins", coins);
}

static json_t *say_ceiling(const struct aud_attack *attack)
{
    return attack->claim.is_given
               ? json_pack("{s:f, s:f}", "auc", aud_ceiling_auc(&attack->claim),
                           "epsilon", attack->claim.epsilon)
               : json_null();
}

static json_t *say_result(const struct aud_attack *attack,
                          const struct aud_result *result)
{
    const bool is_scored = result->is_scored;
    const struct aud_interval *interval = &result->auc.interval;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:s}",
        "name", result->name, "family", result->family, "targets", result->targets,
        "detail", result->detail, "members", (json_int_t)result->members, "non_members",
        (json_int_t)result->non_members, "auc",
        is_scored ? json_real(result->auc.auc) : json_null(), "auc_interval",
        is_scored ? pair(interval->low, interval->high) : json_null(), "tpr_at_fpr",
        is_scored ? say_at(attack, result) : json_null(), "roc",
        is_scored ? say_curve(result) : json_null(), "rates",
        result->is_rated ? say_rates(result) : json_null(), "worst_subgroup",
        say_worst(&result->worst), "p",
        result->is_tested ? json_real(result->p) : json_null(), "p_adjusted",
        result->is_tested ? json_real(result->p_adjusted) : json_null(), "epsilon",
        say_bound(attack, result), "ceiling", say_ceiling(attack), "verdict",
        JUDGEMENTS[result->judgement]);
}

static json_t *say_conditions(const struct aud_attack *attack)
{
    json_t *list = json_array();
    for (size_t i = 0; i < attack->n_conditions; i++) {
        const struct aud_condition *condition = &attack->condition[i];
        (void)json_array_append_new(list, json_pack("{s:s, s:b, s:f, s:s}", "what",
                                                    condition->what, "holds",
                                                    condition->holds, "p", condition->p,
                                                    "detail", condition->detail));
    }
    return list;
}

static json_t *say_rows(const struct aud_attack *attack)
{
    const struct aud_tables *tables = &attack->tables;
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "train",
                     (json_int_t)tables->rows[AUD_TRAIN].n, "holdout",
                     (json_int_t)tables->rows[AUD_HOLDOUT].n, "synthetic",
                     (json_int_t)tables->rows[AUD_SYNTHETIC].n, "columns",
                     (json_int_t)tables->n_columns, "columns_left_out",
                     (json_int_t)tables->n_ignored);
}

static json_t *say_files(const struct aud_attack *attack)
{
    json_t *files = json_object();
    for (int t = 0; t < AUD_WHICH; t++) {
        char text[2 * SIL_HASH_BYTES + 1];
        sil_hash_hex(text, attack->tables.sha256[t]);
        (void)json_object_set_new(files, FILES[t], json_string(text));
    }
    return files;
}

sil_status aud_attack_json(struct sil_bytes *out, const struct aud_attack *attack,
                           struct sil_error *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < attack->n_results; i++) {
        (void)json_array_append_new(list, say_result(attack, &attack->result[i]));
    }
    const struct aud_claim *claim = &attack->claim;
    json_t *claimed = claim->is_given ? json_pack("{s:f, s:f}", "epsilon",
                                                  claim->epsilon, "delta", claim->delta)
                                      : json_null();
    json_t *distances =
        attack->distances != NULL ? json_incref(attack->distances) : json_null();
    json_t *all = json_pack(
        "{s:i, s:s, s:s, s:o, s:s, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "version", 1,
        "verdict", conclusion(attack), "confidential", CONFIDENTIAL, "claim", claimed,
        "inclusion", attack->has_coins ? "coins" : "unknown", "person",
        attack->person[0] != '\0' ? json_string(attack->person) : json_null(), "seed",
        (json_int_t)attack->seed, "files", say_files(attack), "rows", say_rows(attack),
        "conditions", say_conditions(attack), "attacks", list, "distances", distances);
    sil_status status =
        all != NULL ? sil_json_dump(out, all, err)
                    : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: findings");
    json_decref(all);
    return status;
}

/* ---- for people ---- */

static sil_status print_conditions(struct sil_bytes *out,
                                   const struct aud_attack *attack,
                                   struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < attack->n_conditions; i++) {
        const struct aud_condition *condition = &attack->condition[i];
        SIL_TRY(sil_bytes_printf(out, err, "%-42s %-13s p %.3g; %s\n", condition->what,
                                 condition->holds ? "holds" : "DOES NOT HOLD",
                                 condition->p, condition->detail));
    }

cleanup:
    return status;
}

static sil_status print_result(struct sil_bytes *out, const struct aud_result *result,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_bytes_printf(out, err, "%-34s %-11s", result->name, result->targets));
    if (result->is_scored) {
        const struct aud_at *at = &result->at[1];
        SIL_TRY(sil_bytes_printf(
            out, err, " AUC %.3f [%.3f, %.3f]  finds %5.2f %% at 1 %% false alarms ",
            result->auc.auc, result->auc.interval.low, result->auc.interval.high,
            100 * (double)at->hits / (double)result->members));
    } else if (result->is_rated) {
        SIL_TRY(sil_bytes_printf(
            out, err,
            " members %6.2f %%, non-members %6.2f %%, difference [%.3f, %.3f]",
            100 * (double)result->hits / fmax(1, (double)result->members),
            100 * (double)result->alarms / fmax(1, (double)result->non_members),
            result->difference.low, result->difference.high));
    } else {
        SIL_TRY(sil_bytes_printf(out, err, " %s", result->detail));
    }
    SIL_TRY(sil_bytes_printf(out, err, "  %s\n",
                             result->judgement == AUD_EXPOSED      ? "EXPOSED"
                             : result->judgement == AUD_CONTRADICT ? "REFUTED"
                                                                   : ""));

cleanup:
    return status;
}

static sil_status print_conclusion(struct sil_bytes *out,
                                   const struct aud_attack *attack,
                                   struct sil_error *err)
{
    static const struct {
        const char *word, *meaning;
    } MEANINGS[] = {
        {"NOT REFUTED",
         "members were not told from non-members more often than chance (or the claim) "
         "allows by these attacks, which are not all that there are"  },
        {"EXPOSED",
         "some attack does better on members than on non-members, and better than the "
         "claim (if there is one) allows"                             },
        {"REFUTED",
         "the records were members by the toss of a coin, and an attack does "
         "better than the claim allows"                               },
        {"INCONCLUSIVE",
         "what must hold for these attacks to mean something does not"}
    };

    const char *word = conclusion(attack);
    size_t i = 0;
    while (strcmp(MEANINGS[i].word, word) != 0) {
        i++;
    }
    return sil_bytes_printf(out, err, "\n%s: %s.\n%s\n", word, MEANINGS[i].meaning,
                            CONFIDENTIAL);
}

sil_status aud_attack_print(struct sil_bytes *out, const struct aud_attack *attack,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(print_conditions(out, attack, err));
    SIL_TRY(sil_bytes_printf(out, err, "\n"));
    for (size_t i = 0; i < attack->n_results; i++) {
        SIL_TRY(print_result(out, &attack->result[i], err));
    }
    SIL_TRY(print_conclusion(out, attack, err));

cleanup:
    return status;
}
