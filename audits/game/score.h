// SPDX-License-Identifier: Apache-2.0
/// What a transcript says of every canary: the optimal score against each.
///
/// With or without a canary, the noisy marginals differ in law in its cells only. Against the
/// claimed noise, of variance s_j^2 in marginal j, the logarithm of the likelihood ratio is the
/// sum over marginals of (noisy count - count without it) / s_j^2, up to a constant; divided by
/// its standard deviation it is normal with variance 1 and two means that lie mu apart, mu^2 =
/// sum of 1 / s_j^2 for one row, sum of 2 / s_j^2 for a pair. Where canaries share a cell (marginals
/// of groups of values), the others are known, or they are fair coins that add a quarter each to
/// the variance.
#ifndef AUDIT_GAME_SCORE_H
#define AUDIT_GAME_SCORE_H

#include "audits/game/world.h"
#include "audits/ledger/transcript.h"

struct aud_scores {
    size_t n;
    double *
        z; ///< owned, of each canary: variance 1, centred between the two means; by whoever
    ///< knows all coins but this one, as the neighbour of the definition does
    double *blind; ///< owned: the same by whoever knows no coin
    double
        *mu; ///< owned: how far the means of z may lie apart by the transcript, whose
             ///< squared sensitivities stand in the place of 1 and 2
};

/// The transcript inside a model file, or a transcript itself. Cleared with
/// aud_transcript_clear whatever the outcome. Errors  as aud_transcript_read, and
/// SIL_ERR_UNSUPPORTED for what is none [F1].
SIL_MUST_USE sil_status aud_game_transcript(struct aud_transcript *out,
                                            const struct sil_bytes *model,
                                            struct sil_error *err);

/// Score every canary. Errors  SIL_ERR_CHECK: marginals of other cells than the schema gives;
/// SIL_ERR_INTERNAL (memory). Cleared with aud_scores_clear.
SIL_MUST_USE sil_status aud_scores_make(struct aud_scores *out,
                                        const struct aud_world *world,
                                        const struct aud_transcript *transcript,
                                        const uint8_t *coin, struct sil_error *err);
void aud_scores_clear(struct aud_scores *scores);

/// What a measurement counted: realistic rows and the canaries that the coins chose, by cell.
/// Owned by the caller. Errors  as aud_scores_make.
SIL_MUST_USE sil_status aud_true_counts(uint64_t **out, const struct aud_left *left,
                                        const struct aud_world *world,
                                        const uint8_t *coin, struct sil_error *err);

#endif
