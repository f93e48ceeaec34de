// SPDX-License-Identifier: Apache-2.0
/// Values that nobody listed: were they found by a threshold that their delta pays for?
///
/// A value that only one person's rows have may be released with probability delta' at most,
/// for all of that person's values together: with K rows of a person, c open fields and D2
/// of the delta for them, K P[K + Y >= T] <= D2 / c, Y the noise on a count. Told again here,
/// from docs/privacy.md, 4b and 6d, with a tail of this program's own.
#ifndef AUDIT_CLAIM_DISCOVERY_H
#define AUDIT_CLAIM_DISCOVERY_H

#include "audits/claim/workload.h"
#include "audits/table/table.h"

/// [M4] of every discovery: one for each open field of the schema, in its order; costs, delta
/// and noise as the plan gives them; the threshold the smallest that will do; values in
/// ascending order, each once, none of them listed, none below the threshold.
/// Errors   SIL_ERR_CHECK, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_discovery_check(const struct aud_transcript *transcript,
                                            const struct aud_workload *workload,
                                            struct sil_error *err);

/// What was found stands for itself in synthetic rows, and no longer for `other`: the fields
/// of a table are told. The transcript may be anybody's.
void aud_discovery_tell(struct aud_table *table,
                        const struct aud_transcript *transcript);

#endif
