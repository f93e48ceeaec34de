// SPDX-License-Identifier: Apache-2.0
/// A run told again from its transcript: a source that answers with what was released, and
/// refuses to answer another question than the one that was asked then.
///
/// It holds no counts, no randomness and no token, and the tables of a run told again are
/// empty: a mechanism that decides the same has decided it from what is public.
#ifndef SIL_SYNTH_REPLAY_H
#define SIL_SYNTH_REPLAY_H

#include "synth/explanation.h"
#include "synth/source.h"
#include "synth/transcript.h"

struct sil_replay {
    const struct sil_transcript *transcript;
    struct sil_explanation *explanation; ///< is told each line; NULL: nobody is
    size_t next;                         ///< line to be answered with
    struct sil_rho spent;                ///< by the lines before it
};

/// Nothing told yet; both are borrowed. Cleared with sil_replay_clear.
void sil_replay_init(struct sil_replay *out, const struct sil_transcript *transcript,
                     struct sil_explanation *explanation);
void sil_replay_clear(struct sil_replay *replay);

/// The lines as a source. A measurement must have the marginal, the groups and the sigma
/// squared of the next line; a choice its epsilon, number of candidates, sensitivity, and
/// at the place chosen its marginal, groups and, where the line has them, weight and penalty.
/// Errors   of measure and select: SIL_ERR_CHECK with the line and what differs.
struct sil_source sil_source_of_replay(struct sil_replay *replay);

/// The mechanism has ended: so must the lines. Errors  SIL_ERR_CHECK.
SIL_MUST_USE sil_status sil_replay_end(const struct sil_replay *replay,
                                       struct sil_error *err);

#endif
