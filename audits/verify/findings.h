// SPDX-License-Identifier: Apache-2.0
/// What was looked at, and what came of it.
#ifndef AUDIT_VERIFY_FINDINGS_H
#define AUDIT_VERIFY_FINDINGS_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum aud_verdict {
    AUD_HOLDS,
    AUD_REFUTED,
    AUD_INCONCLUSIVE,
    AUD_NOT_EXAMINED ///< for lack of something that the auditor can supply
};

struct aud_finding {
    char id[8]; ///< "R1", a rule of the ledger's, ...
    char what[96];
    enum aud_verdict verdict;
    char detail[400];
    double p; ///< of a statistic that can refute, adjusted; below 0: there is none
};

enum { AUD_FINDINGS_MAX = 64 };

struct aud_findings {
    const char *command; ///< which made them, for the JSON; NULL: it is not told
    struct aud_finding item[AUD_FINDINGS_MAX];
    size_t n;
    json_t *lists; ///< owned: what belongs to findings and is too long for them; NULL
};

void aud_findings_clear(struct aud_findings *findings);

/// Note a finding. Beyond AUD_FINDINGS_MAX nothing is noted: no check makes so many.
void aud_find(struct aud_findings *findings, const char *id, const char *what,
              enum aud_verdict verdict, const char *format, ...) SIL_PRINTF(5, 6);

/// The p-value of what was noted last.
void aud_find_p(struct aud_findings *findings, double p);

/// Keep a list that the JSON shall have under this name; takes it.
void aud_find_list(struct aud_findings *findings, const char *name, json_t *list);

/// Note what a call that refuses with a sentence gave: SIL_OK holds, SIL_ERR_UNSUPPORTED is
/// inconclusive, anything else refutes; the sentence's own [RULE] is taken as the id.
void aud_find_status(struct aud_findings *findings, const char *id, const char *what,
                     sil_status status, const struct sil_error *err);

/// SIL_ERR_CHECK: something is refuted. SIL_ERR_UNSUPPORTED: nothing is, and something is
/// inconclusive. Else SIL_OK.
sil_status aud_findings_status(const struct aud_findings *findings);

/// As a table for people, or one JSON object. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_findings_print(struct sil_bytes *out,
                                           const struct aud_findings *findings,
                                           struct sil_error *err);
SIL_MUST_USE sil_status aud_findings_json(struct sil_bytes *out,
                                          const struct aud_findings *findings,
                                          struct sil_error *err);

#endif
