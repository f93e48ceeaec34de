// SPDX-License-Identifier: Apache-2.0
/// Bins that were learnt: do they follow from counts that the budget paid for?
///
/// Every level of a field's tree counts a partition of its leaves (and `other` and null), so
/// each is a marginal and costs what one costs. What the levels counted, and which bins
/// follow, is told again here from docs/model-format.md, "Bins that are learnt".
#ifndef AUDIT_CLAIM_LEARNT_H
#define AUDIT_CLAIM_LEARNT_H

#include "audits/claim/workload.h"
#include "audits/table/field.h"

enum { AUD_TREE_LEVELS = 3 };

struct aud_learnt {
    size_t n_levels;
    const struct aud_level *level[AUD_TREE_LEVELS]; ///< borrowed
    uint32_t
        *first[AUD_TREE_LEVELS]; ///< owned: the first leaf of each interval counted
    size_t n[AUD_TREE_LEVELS];
    uint32_t *bin; ///< owned: the first leaf of each bin
    size_t n_bins;
};

/// Follow the tree of a field that is not settled.
/// Errors   SIL_ERR_CHECK [M5]: levels are missing, or have other cells than the field's.
///          SIL_ERR_INTERNAL (memory). Always to be cleared.
SIL_MUST_USE sil_status aud_learnt_find(struct aud_learnt *out,
                                        const struct aud_transcript *transcript,
                                        size_t attr, const struct aud_field *field,
                                        struct sil_error *err);
void aud_learnt_clear(struct aud_learnt *learnt);

/// [M5] of every level: one tree for each field that asks for private bins, in their order;
/// sensitivity, cost and grid as the plan gives them; cells as the levels before give them.
/// Errors   SIL_ERR_CHECK, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_learnt_check(const struct aud_transcript *transcript,
                                         const struct aud_workload *workload,
                                         struct sil_error *err);

#endif
