// SPDX-License-Identifier: Apache-2.0
/// The game: run a generator on tables that the auditor makes, and see what its output gives
/// away of what he put in. By docs/audit-game.md.
#ifndef AUDIT_GAME_GAME_H
#define AUDIT_GAME_GAME_H

#include "audits/game/dice.h"
#include "audits/game/generator.h"
#include "audits/game/tally.h"
#include "audits/game/world.h"
#include "audits/verify/findings.h"

#include <jansson.h>
#include <time.h>

enum aud_game_part {
    AUD_METADATA,
    AUD_RANDOMNESS,
    AUD_CANARIES,
    AUD_SELECTION,
    AUD_N_GAME_PARTS
};

struct aud_game {
    /* what is asked */
    struct aud_generator generator;
    double epsilon, delta;  ///< the claim
    double level;           ///< the chance at which an honest generator may be refuted
    unsigned runs;          ///< of any one check, at most
    unsigned seconds;       ///< after which no check begins another run; 0: no limit
    bool is_white_box;      ///< the model file holds a transcript
    bool is_replace;        ///< neighbours have as many rows
    unsigned parts;         ///< which checks: bits of enum aud_game_part
    struct aud_shape shape; ///< of the tables with canaries

    /* what is used and found */
    struct aud_dice dice;
    struct aud_findings findings;
    json_t *figures; ///< owned: an object of numbers, by check
    struct timespec began;
    unsigned n_runs; ///< of the generator, so far
};

/// Begin a game of which the first part is filled in. `seed`: NULL for one of the system's.
/// Errors   SIL_ERR_INTERNAL. Cleared with aud_game_clear.
SIL_MUST_USE sil_status aud_game_begin(struct aud_game *game, const uint8_t *seed,
                                       struct sil_error *err);
void aud_game_clear(struct aud_game *game);

/// All checks, in order. Errors  SIL_ERR_INTERNAL, SIL_ERR_IO; all else is a finding.
SIL_MUST_USE sil_status aud_game_play(struct aud_game *game, struct sil_error *err);

/// The findings as a table for people; with the figures as one JSON object.
/// Errors   SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_game_print(struct sil_bytes *out,
                                       const struct aud_game *game,
                                       struct sil_error *err);
SIL_MUST_USE sil_status aud_game_json(struct sil_bytes *out,
                                      const struct aud_game *game,
                                      struct sil_error *err);

/// The checks, by file.
SIL_MUST_USE sil_status aud_game_metadata(struct aud_game *game, struct sil_error *err);
SIL_MUST_USE sil_status aud_game_randomness(struct aud_game *game,
                                            struct sil_error *err);
SIL_MUST_USE sil_status aud_game_canaries(struct aud_game *game, struct sil_error *err);

SIL_MUST_USE sil_status aud_game_selection(struct aud_game *game,
                                           struct sil_error *err);

/// Among so many checks the level is divided.
enum { AUD_GAME_CHECKS = 12 };

/* ---- what they share ---- */

/// May another run begin?
bool aud_game_has_time(const struct aud_game *game);

/// Run the generator once, and count it.
SIL_MUST_USE sil_status aud_game_generate(struct aud_output *out, struct aud_game *game,
                                          const struct sil_bytes *data,
                                          const struct sil_bytes *schema, uint64_t rows,
                                          struct sil_error *err);

/// A number among the figures: `check`.`name`.
void aud_game_figure(struct aud_game *game, const char *check, const char *name,
                     double value);

#endif
