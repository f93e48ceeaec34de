// SPDX-License-Identifier: Apache-2.0
/// Canaries' scores against the claim: the findings that every way of looking at them shares.
#ifndef AUDIT_GAME_JUDGE_H
#define AUDIT_GAME_JUDGE_H

#include "audits/game/game.h"
#include "audits/game/tally.h"

/// What is judged, and where it is noted.
struct aud_evidence {
    struct aud_game *game;
    struct aud_tally tally;
    const char *id;    ///< of the findings
    const char *where; ///< "transcripts", "rows"
    double part;       ///< of --runs that are judged; from the others it is learnt
};

/// With nothing assumed, by betting over runs.
void aud_judge_claim(struct aud_evidence *evidence);

/// All runs taken as one; and with noise independent between canaries.
void aud_judge_bounds(struct aud_evidence *evidence);

/// Is the claim refuted by the bet already?
bool aud_is_decided(const struct aud_evidence *evidence);

/// The level of one check.
double aud_check_level(const struct aud_game *game);

/// At this level bounds are told; verdicts are at the level of a check.
#define AUD_BOUND_LEVEL 0.05

/// A figure of this evidence.
void aud_evidence_figure(const struct aud_evidence *evidence, const char *name,
                         double value);

#endif
