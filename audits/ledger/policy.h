// SPDX-License-Identifier: Apache-2.0
/// Whom an auditor believes as witnesses: the text of C2SP tlog-policy, judged as it is
/// read. Source  docs/ledger-format.md, Checkpoints and cosignatures.
#ifndef AUDIT_LEDGER_POLICY_H
#define AUDIT_LEDGER_POLICY_H

#include "base/bytes.h"
#include "crypto/note.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aud_policy_verdict {
    bool has_log;       ///< a log that is listed has signed the note
    bool has_quorum;    ///< the witnesses that it asks for have, too
    size_t n_witnesses; ///< of those listed, how many have
    size_t n_early;     ///< of those, how many with a time to come, by more than a day
    bool is_spoilt;     ///< a line by a key that is listed does not verify
};

/// Judge a note of the log `origin` at the time `now`. A cosignature from the future counts:
/// it is a warning, no more.
/// Errors   SIL_ERR_INPUT: not a policy, with the line. SIL_ERR_UNSUPPORTED: a key of an
///          algorithm that this program lacks. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_policy_judge(struct aud_policy_verdict *out,
                                         const struct sil_bytes *text,
                                         const struct sil_note *note,
                                         const char *origin, uint64_t now,
                                         struct sil_error *err);

#endif
