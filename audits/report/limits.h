// SPDX-License-Identifier: Apache-2.0
/// Limits that whoever runs a pipeline sets on what is found.
#ifndef AUDIT_REPORT_LIMITS_H
#define AUDIT_REPORT_LIMITS_H

#include "audits/report/input.h"

enum { AUD_LIMITS_MAX = 32 };

enum aud_limit_kind {
    AUD_BY_WORD,       ///< a verdict
    AUD_BY_LACK,       ///< a layer that is not examined
    AUD_BY_AUC,        ///< of a membership attack
    AUD_BY_DIFFERENCE, ///< of rates of members and non-members
    AUD_BY_EPSILON,    ///< a lower bound of attack
    AUD_BY_IDENTICAL   ///< share of synthetic rows that are training rows
};

enum aud_limit_result {
    AUD_LIMIT_KEPT,
    AUD_LIMIT_BROKEN,
    AUD_LIMIT_UNKNOWN ///< there is no such figure in the report
};

struct aud_limit {
    enum aud_limit_kind kind;
    enum aud_word word;   ///< by word
    enum aud_layer layer; ///< by lack
    double most;          ///< by figure
    char text[40];        ///< as it was given
};

struct aud_limits_set {
    struct aud_limit item[AUD_LIMITS_MAX];
    size_t n;
};

/// Add limits from words with commas between them. False: one is none, or they are too many.
SIL_MUST_USE bool aud_limits_parse(struct aud_limits_set *limits, const char *text);

/// How a limit fares; of a figure the worst one, NaN when there is none.
enum aud_limit_result aud_limit_check(double *worst, const struct aud_limit *limit,
                                      const struct aud_inputs *inputs);

/// What a pipeline is told: SIL_ERR_CHECK when something is refuted, when a verdict that a
/// limit names occurs (without any: when something is exposed), or when another limit is
/// broken; SIL_ERR_UNSUPPORTED when something is inconclusive, nothing was examined, or the
/// figure of a limit is not there; else SIL_OK.
sil_status aud_limits_status(const struct aud_limits_set *limits,
                             const struct aud_inputs *inputs);

#endif
