// SPDX-License-Identifier: Apache-2.0
/// What AIM's choices say of pairs that it did not measure.
///
/// Source   McKenna, Mullins, Sheldon, Miklau 2022, "AIM", the confidence bound
///          for unsupported marginals, with a union over rounds and a triangle to the rows:
///          derived in docs/error-bounds.md.
#ifndef SIL_RELEASE_ERROR_THEOREM_H
#define SIL_RELEASE_ERROR_THEOREM_H

#include "release/error_measured.h"

/// Rounds are told again, from the first, until their fits have taken so many steps through
/// tables; of the unmeasured pairs those that fit into so many cells, in canonical order.
#define SIL_ERROR_STEPS_MAX UINT64_C(15000000)
#define SIL_ERROR_ASKED_MAX ((size_t)1 << 21)

/// A pair that no measurement contains.
struct sil_error_unmeasured {
    struct sil_clique clique;
    size_t n_cells;
    const double *rows; ///< in each cell, scaled to an estimate of the true number
    bool is_bounded;
    double distance; ///< then the L1 distance of those from the truth is at most this
};

/// Bound the distances, all at once with a probability of at least 1 -
/// SIL_ERROR_NOISE_PART, of a model of AIM, from the rounds that had them as candidates.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_error_theorem(struct sil_error_unmeasured *pairs, size_t n,
                                          const struct sil_model *model,
                                          struct sil_error *err);

#endif
