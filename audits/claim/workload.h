// SPDX-License-Identifier: Apache-2.0
/// What a run was to get right: how much each column weighs, and so each candidate.
///
/// The candidates are the marginals of the workload and their parts. One weighs the sum,
/// over the marginals, of weight times the columns that both have: so the sum, over its
/// columns, of what the marginals with that column weigh. Source  docs/workload.md.
#ifndef AUDIT_CLAIM_WORKLOAD_H
#define AUDIT_CLAIM_WORKLOAD_H

#include "audits/ledger/transcript.h"

struct aud_workload {
    size_t n;          ///< columns
    uint64_t *cells;   ///< owned: of each
    uint64_t *of_attr; ///< owned: weight of the marginals that have the column
    uint64_t divisor;  ///< common to them all; 0: there is no marginal
    uint64_t largest;  ///< weight of the heaviest candidate, divided
};

/// Columns and their cells come from the transcript's schema. Errors  SIL_ERR_CHECK [M1]:
/// a schema or a plan that no run has; SIL_ERR_UNSUPPORTED: more marginals than this looks
/// at; SIL_ERR_INTERNAL (memory). Always to be cleared.
SIL_MUST_USE sil_status aud_workload_find(struct aud_workload *out,
                                          const struct aud_transcript *transcript,
                                          struct sil_error *err);
void aud_workload_clear(struct aud_workload *workload);

/// The weight of a candidate, at least 1.
uint64_t aud_weight(const struct aud_workload *workload, const uint32_t *attr,
                    size_t n);

/// Cells of a marginal, not grouped; UINT64_MAX when they do not fit.
uint64_t aud_cells(const struct aud_workload *workload, const uint32_t *attr, size_t n);

#endif
