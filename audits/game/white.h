// SPDX-License-Identifier: Apache-2.0
/// Canaries against the transcripts that runs leave in their model files.
#ifndef AUDIT_GAME_WHITE_H
#define AUDIT_GAME_WHITE_H

#include "audits/claim/residuals.h"
#include "audits/game/judge.h"
#include "audits/game/world.h"

struct aud_white {
    struct aud_evidence evidence;
    struct aud_residuals residuals;
    uint32_t line;
    double ratio;   ///< standard deviation of the noise over the claimed one
    double epsilon; ///< the largest that a transcript claims, and the largest delta
    double delta;
};

/// Add a run. Errors  as aud_transcript_read, SIL_ERR_CHECK: the transcript is refused;
/// SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_white_add(struct aud_white *white,
                                      const struct aud_world *world,
                                      const uint8_t *coin,
                                      const struct sil_bytes *model,
                                      struct sil_error *err);

/// Note the findings. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_white_judge(struct aud_white *white, struct sil_error *err);
void aud_white_clear(struct aud_white *white);

#endif
