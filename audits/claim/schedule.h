// SPDX-License-Identifier: Apache-2.0
/// Was the budget shared out as the mechanism's rules say?
///
/// How much each line costs is a function of the plan and of what left before; where a rule
/// asks the model (did a round teach more than its noise?), both answers are tried. Told
/// again here, to the last digit, from docs/mechanisms.md and docs/mosaic.md: what each
/// column gets, each choice and each round, when the last round has come, which pairs MST
/// may still choose, that a choice's sensitivity covers the weight of the one chosen, that
/// noise is drawn on the grid that its size asks for, that groupings are partitions of
/// which one refines the other.
#ifndef AUDIT_CLAIM_SCHEDULE_H
#define AUDIT_CLAIM_SCHEDULE_H

#include "audits/claim/workload.h"

/// Errors   SIL_ERR_CHECK: "[M1] line N: ..." (lines from 1); SIL_ERR_UNSUPPORTED;
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_schedule_check(const struct aud_transcript *transcript,
                                           const struct aud_workload *workload,
                                           struct sil_error *err);

/// [M2] of every line by itself: sensitivity, grid, cells. Errors  as above.
SIL_MUST_USE sil_status aud_lines_check(const struct aud_transcript *transcript,
                                        const struct aud_workload *workload,
                                        struct sil_error *err);

/// [M3] groupings: partitions in their one form, of each column one within the other.
SIL_MUST_USE sil_status aud_groups_check(const struct aud_transcript *transcript,
                                         const struct aud_workload *workload,
                                         struct sil_error *err);

#endif
