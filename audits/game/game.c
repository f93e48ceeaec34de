// SPDX-License-Identifier: Apache-2.0
#include "audits/game/game.h"

#include "base/fail.h"
#include "codec/json.h"
#include "crypto/hash.h"

#include <sodium.h>

#include <math.h>
#include <stdio.h>
#include <sys/prctl.h>

sil_status aud_game_begin(struct aud_game *game, const uint8_t *seed,
                          struct sil_error *err)
{
    uint8_t own[SIL_SEED_BYTES];
    sil_status status = sil_crypto_start(err);
    if (status != SIL_OK) {
        return status;
    }
    if (seed == NULL) {
        randombytes_buf(own, sizeof own);
    }
    aud_dice_begin(&game->dice, seed == NULL ? own : seed);
    (void)clock_gettime(CLOCK_MONOTONIC, &game->began);
    /* What is examined must not read the coins out of this process. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    game->figures = json_object();
    return game->figures != NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: figures");
}

void aud_game_clear(struct aud_game *game)
{
    (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    aud_words_clear(&game->generator.command);
    json_decref(game->figures);
    game->figures = NULL;
}

bool aud_game_has_time(const struct aud_game *game)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return game->seconds == 0 ||
           now.tv_sec - game->began.tv_sec < (time_t)game->seconds;
}

sil_status aud_game_generate(struct aud_output *out, struct aud_game *game,
                             const struct sil_bytes *data,
                             const struct sil_bytes *schema, uint64_t rows,
                             struct sil_error *err)
{
    game->n_runs++;
    return aud_generate(out, &game->generator, data, schema, rows, err);
}

void aud_game_figure(struct aud_game *game, const char *check, const char *name,
                     double value)
{
    json_t *of = json_object_get(game->figures, check);
    if (of == NULL) {
        of = json_object();
        (void)json_object_set_new(game->figures, check, of);
    }
    /* Not every bound is a number: what is infinite is told as none. */
    (void)json_object_set_new(of, name,
                              isfinite(value) ? json_real(value) : json_null());
}

sil_status aud_game_play(struct aud_game *game, struct sil_error *err)
{
    static sil_status (*const PLAY[AUD_N_GAME_PARTS])(struct aud_game *,
                                                      struct sil_error *) = {
        aud_game_metadata, aud_game_randomness, aud_game_canaries, aud_game_selection};
    sil_status status = SIL_OK;
    for (int i = 0; i < AUD_N_GAME_PARTS; i++) {
        if ((game->parts >> i & 1) != 0) {
            SIL_TRY(PLAY[i](game, err));
        }
    }

cleanup:
    return status;
}

sil_status aud_game_print(struct sil_bytes *out, const struct aud_game *game,
                          struct sil_error *err)
{
    char seed[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(seed, game->dice.seed);
    sil_status status = aud_findings_print(out, &game->findings, err);
    return status != SIL_OK
               ? status
               : sil_bytes_printf(out, err,
                                  "\nclaim %s,%s; level %g; %u runs of the generator; "
                                  "the auditor's dice %s\n",
                                  game->generator.epsilon, game->generator.delta,
                                  game->level, game->n_runs, seed);
}

sil_status aud_game_json(struct sil_bytes *out, const struct aud_game *game,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes text = {0};
    json_t *all = NULL;
    char seed[2 * SIL_HASH_BYTES + 1];
    sil_hash_hex(seed, game->dice.seed);
    SIL_TRY(aud_findings_json(&text, &game->findings, err));
    all = json_loadb((const char *)text.data, text.length, 0, NULL);
    if (all == NULL) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: findings");
        goto cleanup;
    }
    (void)json_object_set_new(all, "epsilon", json_real(game->epsilon));
    (void)json_object_set_new(all, "delta", json_real(game->delta));
    (void)json_object_set_new(all, "level", json_real(game->level));
    (void)json_object_set_new(all, "runs", json_integer(game->n_runs));
    (void)json_object_set_new(all, "seed", json_string(seed));
    (void)json_object_set(all, "figures", game->figures);
    status = sil_json_dump(out, all, err);

cleanup:
    sil_bytes_clear(&text);
    json_decref(all);
    return status;
}
