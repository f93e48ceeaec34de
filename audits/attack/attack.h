// SPDX-License-Identifier: Apache-2.0
/// What could an attacker learn from synthetic rows? Attacks on records that the generator
/// was given (members) and on records of the same population that it was not (non-members).
///
/// The pool is all real rows: those of the training table, then those of the holdout. An
/// attacker knows the pool and the synthetic rows, and not which of the pool were members;
/// no score may depend on that. Then, if the synthetic rows say nothing about membership,
/// every way to split the pool is as likely as the true one, and the tests are exact.
#ifndef AUDIT_ATTACK_ATTACK_H
#define AUDIT_ATTACK_ATTACK_H

#include "audits/attack/nearest.h"
#include "audits/attack/split.h"
#include "audits/attack/tables.h"
#include "audits/run/child.h"
#include "audits/stats/bounds.h"
#include "audits/stats/compare.h"
#include "base/bytes.h"

#include <jansson.h>

enum { AUD_AT = 3, AUD_ROC = 64, AUD_RESULTS_MAX = 96, AUD_CONDITIONS_MAX = 16 };

/// Values of so many columns are guessed.
enum { AUD_GUESSED_MAX = 12 };

/// Real tables of fewer rows are not attacked.
enum { AUD_ROWS_MIN = 20 };

/// Level of accusations, over all attacks together; of intervals; of preconditions.
#define AUD_ACCUSES 0.01
#define AUD_WITHIN  0.05
#define AUD_DRIFTS  0.01

enum aud_judgement {
    AUD_UNSEEN,     ///< it does no better on members, as far as can be seen
    AUD_EXPOSED,    ///< it does, by more than the claim (where there is one) allows
    AUD_CONTRADICT, ///< and they were members by the toss of a coin: the claim is false
    AUD_UNDECIDED,  ///< a precondition does not hold
    AUD_UNTRIED     ///< too few records, or the reason that is given
};

/// How an attack does when it accuses so few non-members.
struct aud_at {
    double fpr_asked;
    uint64_t hits, alarms;
    struct aud_interval interval; ///< of the true positive rate, Clopper-Pearson
};

/// What a subgroup of the records looks like that differs most.
struct aud_slice {
    char what[96]; ///< "column = value"; empty: none is large enough
    uint64_t members, non_members;
    double member_mean, non_member_mean; ///< of scores or of successes
    double p;                            ///< times the number of subgroups
};

struct aud_result {
    char name[40];
    char family[24];
    char targets[16]; ///< "all", "random", "vulnerable"
    char detail[320];
    uint64_t members, non_members;

    bool is_scored; ///< a score for every target
    struct aud_auc auc;
    struct aud_at at[AUD_AT];
    double roc[AUD_ROC][2]; ///< false, true positive rate
    size_t n_roc;

    bool is_rated; ///< every target or try a success or a failure
    uint64_t hits, alarms;
    double baseline; ///< rate of a guess without the synthetic rows; below 0: none
    struct aud_interval difference;

    struct aud_slice worst;
    bool is_tested;
    double p, p_adjusted;
    bool is_bounded; ///< a threshold was picked on one half, and these are of the other
    struct aud_guesses fresh;
    double epsilon; ///< lower bound of those, as if of independent runs
    double p_claim; ///< of the claim, by coins; 2: not tested
    double epsilon_coins;
    enum aud_judgement judgement;
};

struct aud_condition {
    char what[64];
    bool holds;
    double p;
    char detail[200];
};

struct aud_claim {
    bool is_given;
    double epsilon, delta;
    char epsilon_text[32], delta_text[32]; ///< as a generator is told; else empty
};

struct aud_attack {
    struct aud_sources sources;
    const char *out;
    const char *transcript; ///< NULL: none
    const char *generator;  ///< NULL: none
    const char *split;      ///< a folder of `split`; NULL: none
    const char *const *sensitive;
    size_t n_sensitive;
    const char *const *aux;
    size_t n_aux;
    struct aud_claim claim;
    uint64_t seed;
    unsigned threads;
    unsigned shadows;         ///< runs of the generator
    struct aud_limits limits; ///< of each
    aud_progress *progress;
    void *context;

    struct aud_tables tables;
    uint32_t columns[AUD_COLUMNS_MAX]; ///< 0, 1, ...
    char id_column[AUD_ID_MAX + 1];    ///< where the split or the transcript names it
    char person[AUD_ID_MAX + 1]; ///< what the id is called in findings; empty: none
    size_t n_members, n_pool;
    bool has_coins;
    struct aud_near *near; ///< owned: the nearest synthetic row of each of the pool
    uint32_t *vulnerable, *random; ///< owned: of the pool
    size_t n_vulnerable;

    struct aud_result result[AUD_RESULTS_MAX];
    size_t n_results;
    struct aud_condition condition[AUD_CONDITIONS_MAX];
    size_t n_conditions;
    json_t *distances; ///< owned
};

/// Read the tables, check what has to hold, attack, judge.
/// Errors   as aud_tables_read; SIL_ERR_INPUT: a column that there is not.
SIL_MUST_USE sil_status aud_attack_run(struct aud_attack *attack,
                                       struct sil_error *err);
void aud_attack_clear(struct aud_attack *attack);

/// SIL_ERR_CHECK: exposed or refuted. SIL_ERR_UNSUPPORTED: inconclusive. Else SIL_OK.
sil_status aud_attack_status(const struct aud_attack *attack);

/// All that was found, as docs/attack.schema.json says; and a summary for people.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_attack_json(struct sil_bytes *out,
                                        const struct aud_attack *attack,
                                        struct sil_error *err);
SIL_MUST_USE sil_status aud_attack_print(struct sil_bytes *out,
                                         const struct aud_attack *attack,
                                         struct sil_error *err);

#endif
