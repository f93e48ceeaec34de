// SPDX-License-Identifier: Apache-2.0
/// An exhibit is shown: its generator releases something in a folder of its own, the
/// auditor's own program is run on that, and what it finds is compared with what it must.
///
/// Generators and auditor are run as programs that nobody trusts (audits/run/child.h), so a
/// defect of either ends one showing and not this program.
#ifndef AUDIT_SELFTEST_SHOW_H
#define AUDIT_SELFTEST_SHOW_H

#include "audits/selftest/exhibit.h"

enum aud_result {
    AUD_CAUGHT,  ///< a broken one, refuted by the check that must
    AUD_MISSED,  ///< a broken one, not refuted so, or with too little evidence
    AUD_CLEARED, ///< a right one, and the verdict is the declared one
    AUD_ACCUSED, ///< a right one, refuted
    AUD_UNSHOWN, ///< it could not be run or audited; a right one: the verdict is another
    AUD_LACKING, ///< there is no check for it
    AUD_N_RESULTS
};

/// What a broken one must be refuted with, unless it is by a rule.
#define AUD_SELFTEST_LEVEL 1e-6

struct aud_showing {
    enum aud_result result;
    bool is_rule;     ///< the evidence follows from a rule, and has no p
    double p;         ///< of the evidence
    double least_p;   ///< of all findings that can refute; 1 when none has one
    char rule[16];    ///< the finding: its id,
    char says[96];    ///< what it is about,
    char detail[400]; ///< and what was seen; why it was not shown
};

/// @param auditor   path of silhouette-audit.
/// Errors   SIL_ERR_INPUT: a scene that is none; SIL_ERR_IO, SIL_ERR_INTERNAL. What
///          generator and auditor do is no error.
SIL_MUST_USE sil_status aud_show(struct aud_showing *out, const struct aud_zoo *zoo,
                                 const struct aud_exhibit *exhibit, const char *auditor,
                                 struct sil_error *err);

#endif
