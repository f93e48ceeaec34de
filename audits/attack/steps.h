// SPDX-License-Identifier: Apache-2.0
/// The steps of an attack, one file each, and what they share.
#ifndef AUDIT_ATTACK_STEPS_H
#define AUDIT_ATTACK_STEPS_H

#include "audits/attack/attack.h"
#include "audits/attack/lots.h"

/// What must hold before a difference between members and non-members means anything.
SIL_MUST_USE sil_status aud_step_conditions(struct aud_attack *attack,
                                            struct sil_error *err);
/// Identical rows, and distances to closest records.
SIL_MUST_USE sil_status aud_step_distances(struct aud_attack *attack,
                                           struct sil_error *err);
/// Which records are alone, and a sample of all.
SIL_MUST_USE sil_status aud_step_targets(struct aud_attack *attack,
                                         struct sil_error *err);
/// Membership by distance.
SIL_MUST_USE sil_status aud_step_closeness(struct aud_attack *attack,
                                           struct sil_error *err);
/// Membership by marginals.
SIL_MUST_USE sil_status aud_step_cliques(struct aud_attack *attack,
                                         struct sil_error *err);

/// Membership by the noisy counts of a transcript; nothing without one.
SIL_MUST_USE sil_status aud_step_counts(struct aud_attack *attack,
                                        struct sil_error *err);

/// Membership by marginals, calibrated by runs of the generator; nothing without one.
SIL_MUST_USE sil_status aud_step_shadows(struct aud_attack *attack,
                                         struct sil_error *err);

/// Persons whom a predicate isolates; parts of records that are joined; values that are
/// guessed.
SIL_MUST_USE sil_status aud_step_singling(struct aud_attack *attack,
                                          struct sil_error *err);
SIL_MUST_USE sil_status aud_step_links(struct aud_attack *attack,
                                       struct sil_error *err);
SIL_MUST_USE sil_status aud_step_guesses(struct aud_attack *attack,
                                         struct sil_error *err);

/// What a use of lots is for: aud_lots(attack->seed, use).
enum aud_use {
    AUD_USE_DRIFT,
    AUD_USE_SHARE,
    AUD_USE_BASELINE,
    AUD_USE_EQUAL,
    AUD_USE_RANDOM,
    AUD_USE_ALONE,
    AUD_USE_FRESH,
    AUD_USE_CLIQUES,
    AUD_USE_PREDICATES,
    AUD_USE_LINKS,
    AUD_USE_GUESSES,
    AUD_USE_SHADOWS,
    AUD_USE_OVERLAP,
    AUD_USE_NEAREST,
    AUD_USE_NAMES
};

/// Note a condition.
void aud_note_condition(struct aud_attack *attack, const char *what, bool holds,
                        double p, const char *format, ...) SIL_PRINTF(5, 6);

/// A new result; the last one again when there are too many.
struct aud_result *aud_new_result(struct aud_attack *attack, const char *family,
                                  const char *name, const char *targets);

/// For each of the pool: 1 where a synthetic row is identical, else 0.
SIL_MUST_USE sil_status aud_find_identical(double *out, const struct aud_attack *attack,
                                           struct sil_error *err);

/// Judge scores of the whole pool (no NaN; more: rather a member) on all, on random and on
/// vulnerable targets. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_judge_scores(struct aud_attack *attack, const char *name,
                                         const double *score, const char *detail,
                                         struct sil_error *err);

/// Judge successes: one value, 0 or 1, for each of `n` records of the pool in `list`.
SIL_MUST_USE sil_status aud_judge_rates(struct aud_attack *attack,
                                        struct aud_result *result, const uint32_t *list,
                                        const double *success, size_t n,
                                        struct sil_error *err);

/// Judge a result whose members, non_members, hits and alarms are there: all but the worst
/// subgroup.
void aud_judge_tries(const struct aud_attack *attack, struct aud_result *result);

/// Which columns were said to be known. Errors  SIL_ERR_INPUT: there is no such column.
SIL_MUST_USE sil_status aud_known_columns(bool *is_known,
                                          const struct aud_attack *attack,
                                          struct sil_error *err);

/// Up to `most` members and as many non-members, at random; freed by the caller.
SIL_MUST_USE sil_status aud_pick_targets(uint32_t **list, size_t *n,
                                         const struct aud_attack *attack, size_t most,
                                         enum aud_use use, struct sil_error *err);

/// The subgroup, by one column of few names, in which the values of members and
/// non-members differ most.
SIL_MUST_USE sil_status aud_worst_slice(struct aud_slice *out,
                                        const struct aud_attack *attack,
                                        const uint32_t *list, const double *value,
                                        size_t n, struct sil_error *err);

/// Adjust the p-values of all results and decide.
void aud_judge_all(struct aud_attack *attack);

/// How large AUC and true positive rate can be under (epsilon, delta)-DP.
double aud_ceiling_auc(const struct aud_claim *claim);
double aud_ceiling_tpr(const struct aud_claim *claim, double fpr);

/// Ascending.
void aud_sort_doubles(double *list, size_t n);

/// A list 0 .. n - 1 in random order; freed by the caller.
SIL_MUST_USE sil_status aud_random_order(uint32_t **out, size_t n,
                                         struct aud_lots *lots, struct sil_error *err);

struct aud_search aud_search_of(const struct aud_attack *attack);

#endif
