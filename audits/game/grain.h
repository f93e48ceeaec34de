// SPDX-License-Identifier: Apache-2.0
/// The last digits of noisy counts.
///
/// Noise of floating point keeps the grid of the number that it was added to: near 0, 1 + x is
/// always a multiple of 2^-53, and 0 + x nearly never. So a value between -1/2 and 1/2 that is no
/// such multiple was made from a count of 0, never of 1 (Source: Mironov 2012, "On significance
/// of the least significant bits for differential privacy"). Noisy counts are looked for in
/// the text of {model}: a number behind a value's label, or a list of as many numbers as a column
/// has values behind its name.
#ifndef AUDIT_GAME_GRAIN_H
#define AUDIT_GAME_GRAIN_H

#include "audits/game/judge.h"
#include "audits/game/world.h"

struct aud_grain {
    /* Of canaries whose values no other row has: fine digits are the guess "out". */
    struct aud_guesses guesses;
    uint64_t numbers; ///< that stand for their cells
};

/// Add a run. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_grain_add(struct aud_grain *grain,
                                      const struct aud_world *world,
                                      const uint8_t *coin,
                                      const struct sil_bytes *model,
                                      struct sil_error *err);

/// Note the finding.
void aud_grain_judge(const struct aud_grain *grain, struct aud_game *game);

/// Is it a value that a count of 0 can have and a count of 1 cannot?
bool aud_is_fine(double value);

#endif
