// SPDX-License-Identifier: Apache-2.0
/// The scores of a selection: exact integers, and how far one person can move them.
///
/// For the gate alone: a score is as private as the counts it is made of.
#ifndef SIL_PRIVACY_SCORE_H
#define SIL_PRIVACY_SCORE_H

#include "base/int128.h"
#include "privacy/gate.h"

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

/// Are there candidates, and are their public parts (weight, penalty, every model value)
/// within the ranges that gate.h states? Reads no count.
/// Errors   SIL_ERR_USAGE.
SIL_MUST_USE sil_status sil_candidates_check(const struct sil_candidate *candidates,
                                             size_t n, struct sil_error *err);

/// Delta, how far any score moves between neighbours: 2^b D1 max weight, where D1 is the
/// L1 sensitivity of a marginal in counts. Pre  the candidates were checked.
/// Proof    docs/privacy.md, theorem 3: | |x + d - m| - |x - m| | <= |d|, cell by cell.
uint64_t sil_score_sensitivity(const struct sil_candidate *candidates, size_t n,
                               uint64_t marginal_sensitivity);

/// weight * ( sum over cells of |2^b count - model| - penalty ), exactly.
/// Pre      the candidate was checked; then |score| < 2^98.
/// Timing   Depends on the number of cells alone.
sil_i128 sil_candidate_score(const struct sil_candidate *candidate);

#endif
