// SPDX-License-Identifier: Apache-2.0
/// The shape of JSON that may come from anywhere: what is not checked here by kind and bound
/// is not read later either.
#ifndef AUDIT_REPORT_SHAPE_H
#define AUDIT_REPORT_SHAPE_H

#include "audits/report/input.h"

enum aud_shape_kind {
    AUD_TEXT,
    AUD_COUNT, ///< a whole number, not negative
    AUD_RATE,  ///< 0 to 1
    AUD_REAL,
    AUD_PAIR, ///< of numbers
    AUD_YES_NO,
    AUD_LIST,
    AUD_OBJECT
};

struct aud_member {
    const char *key;
    enum aud_shape_kind kind;
    bool may_be_null; ///< and may be missing
    size_t most;      ///< of a list
};

/// Has an object these members? `place` names it. Errors  SIL_ERR_INPUT.
SIL_MUST_USE sil_status aud_check_members(const json_t *object,
                                          const struct aud_member *member, size_t n,
                                          const char *place, struct sil_error *err);

#define AUD_CHECK(object, members, place, err) \
    aud_check_members(object, members, sizeof(members) / sizeof(members)[0], place, err)

/// A check of each element of a list; of no list nothing is checked.
SIL_MUST_USE sil_status aud_check_each(const json_t *list,
                                       sil_status (*check)(const json_t *,
                                                           struct sil_error *),
                                       struct sil_error *err);

bool aud_is_number(const json_t *value, double least, double most);

/// The place of a member's text among words; n: it is none of them.
size_t aud_word_of(const json_t *object, const char *key, const char *const *words,
                   size_t n);

/// The verdict of the whole must be the one that its parts give. Errors  SIL_ERR_INPUT.
SIL_MUST_USE sil_status aud_check_verdict(enum aud_word *out, const json_t *content,
                                          enum aud_word expected,
                                          struct sil_error *err);

/// Is epsilon a number that can be promised, not below 0? Errors  SIL_ERR_INPUT.
SIL_MUST_USE sil_status aud_check_promise(const json_t *claim, struct sil_error *err);

/// Do the verdicts of attacks, whose members were checked, follow from their figures?
/// Errors   SIL_ERR_INPUT.
SIL_MUST_USE sil_status aud_check_judgements(const json_t *content,
                                             struct sil_error *err);

/// attack's part of aud_check_content.
SIL_MUST_USE sil_status aud_check_attacks(enum aud_word *word, const json_t *content,
                                          struct sil_error *err);

#endif
