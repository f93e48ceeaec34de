// SPDX-License-Identifier: Apache-2.0
/// Whose cosignatures a reader believes: the text file of C2SP tlog-policy.
///
///     log VKEY [URL]
///     witness NAME VKEY [URL]
///     group NAME K|any|all MEMBER...
///     quorum NAME|none
///
/// Lines of "#" and empty lines are skipped; a name is defined once and before it is used;
/// exactly one quorum line. Two witnesses with the same key are refused, also under
/// different names: they would be one vote counted twice.
#ifndef SIL_LEDGER_POLICY_H
#define SIL_LEDGER_POLICY_H

#include "crypto/note.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIL_POLICY_BYTES_MAX 65535

struct sil_policy;

/// Errors   SIL_ERR_INPUT with the line. SIL_ERR_UNSUPPORTED: a key's algorithm.
///          SIL_ERR_INTERNAL (memory). `out` is NULL.
SIL_MUST_USE sil_status sil_policy_parse(struct sil_policy **out, const char *text,
                                         size_t length, struct sil_error *err);
void sil_policy_free(struct sil_policy *policy);

/// The log's key for this origin, or NULL.
const struct sil_note_key *sil_policy_log(const struct sil_policy *policy,
                                          const char *origin);
size_t sil_policy_n_witnesses(const struct sil_policy *policy);
const struct sil_note_key *sil_policy_witness(const struct sil_policy *policy,
                                              size_t i);

struct sil_policy_verdict {
    size_t n_witnesses; ///< distinct witnesses of the policy that cosigned
    bool quorum;        ///< the quorum is reached (always, when it is "none")
    uint64_t newest;    ///< the latest time of a good cosignature; 0: none
};

/// Judge a cosigned checkpoint. Cosignatures of times later than `now` plus a day are
/// counted out (a clock that cannot be right).
/// Errors   SIL_ERR_CHECK [W1]: the policy has no log of this origin, its signature does
///          not verify, or a witness of the policy signed and it does not verify.
SIL_MUST_USE sil_status sil_policy_judge(struct sil_policy_verdict *out,
                                         const struct sil_policy *policy,
                                         const char *note, size_t length, uint64_t now,
                                         struct sil_error *err);

#endif
