// SPDX-License-Identifier: Apache-2.0
/// Many canaries in every run, each put in by a coin of its own: whose coins can be told from
/// what the generator leaves?
#include "audits/game/black.h"
#include "audits/game/grain.h"
#include "audits/game/white.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>

/* Rows that are asked for, over realistic ones; and which part of the runs teaches. */
enum { ROWS_TIMES = 100, LEARN_PART = 5 };

struct play {
    struct aud_game *game;
    struct aud_white white;
    struct aud_black black;
    struct aud_grain grain;
    size_t learn;
    unsigned n_runs;
    bool has_rows;
};

static sil_status toss(uint8_t **coin, const struct aud_world *world,
                       struct aud_dice *dice, struct sil_error *err)
{
    sil_status status = sil_alloc(coin, world->n_canaries, 1, "coins", err);
    for (size_t i = 0; i < world->n_canaries && status == SIL_OK; i++) {
        (*coin)[i] = aud_dice_coin(dice) ? 1 : 0;
    }
    return status;
}

/* What the command is expected to leave and did not; NULL: nothing lacks. */
static const char *lacking(const struct aud_game *game, const struct aud_output *output)
{
    bool makes_rows = aud_makes_rows(&game->generator);
    if (output->model.length == 0 && (game->is_white_box || !makes_rows)) {
        return "{model}";
    }
    return output->rows.length == 0 && makes_rows ? "rows" : NULL;
}

static sil_status look(struct play *play, const struct aud_world *world,
                       const uint8_t *coin, const struct aud_output *output,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool needs_model = play->game->is_white_box;
    const char *lacks = lacking(play->game, output);
    if (!aud_output_is_good(output) || lacks != NULL) {
        char ending[256];
        aud_output_complaint(ending, sizeof ending, output);
        return sil_fail(err, SIL_ERR_UNSUPPORTED, "a run %s%s: %s",
                        aud_output_is_good(output) ? "that left no " : "failed",
                        aud_output_is_good(output) ? lacks : "", ending);
    }
    if (needs_model) {
        SIL_TRY(aud_white_add(&play->white, world, coin, &output->model, err));
    }
    if (!needs_model && !world->shape.is_pair && world->shape.copies == 1) {
        SIL_TRY(aud_grain_add(&play->grain, world, coin, &output->model, err));
    }
    if (output->rows.length > 0) {
        play->has_rows = true;
        SIL_TRY(
            aud_black_add(&play->black, world, coin, &output->rows, play->learn, err));
    }

cleanup:
    /* Rows that cannot be read are no evidence against a claim. */
    return status == SIL_ERR_INPUT ? SIL_ERR_UNSUPPORTED : status;
}

/* A new world each time: nothing can be learnt from one run about the next. */
static sil_status play_once(struct play *play, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_game *game = play->game;
    struct aud_world world = {0};
    struct sil_bytes data = {0};
    struct sil_bytes schema = {0};
    struct aud_output output = {0};
    uint8_t *coin = NULL;
    SIL_TRY(aud_world_make(&world, &game->shape, &game->dice, err));
    SIL_TRY(toss(&coin, &world, &game->dice, err));
    SIL_TRY(aud_world_schema(&schema, &world, err));
    SIL_TRY(aud_world_table(&data, &world, coin, &game->dice, err));
    SIL_TRY(aud_game_generate(&output, game, &data, &schema,
                              (uint64_t)ROWS_TIMES * game->shape.rows, err));
    play->n_runs++;
    SIL_TRY(look(play, &world, coin, &output, err));

cleanup:
    free(coin);
    sil_bytes_clear(&data);
    sil_bytes_clear(&schema);
    aud_output_clear(&output);
    aud_world_clear(&world);
    return status;
}

/* It may stop as soon as the claim is refuted: the bet allows it. */
static bool goes_on(const struct play *play)
{
    const struct aud_game *game = play->game;
    return play->n_runs < game->runs && aud_game_has_time(game) &&
           !aud_is_decided(&play->white.evidence) &&
           !aud_is_decided(&play->black.evidence);
}

static sil_status judge(struct play *play, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_findings *findings = &play->game->findings;
    const char *id = play->white.evidence.id;
    if (play->n_runs == 0) {
        aud_find(findings, id, "canaries", AUD_INCONCLUSIVE,
                 "there was no time for a run");
        return SIL_OK;
    }
    /* After a run that failed, those before it still count. */
    if (play->white.evidence.tally.n_runs > 0) {
        SIL_TRY(aud_white_judge(&play->white, err));
    } else if (!play->game->is_white_box) {
        aud_find(findings, id, "canaries in transcripts", AUD_NOT_EXAMINED,
                 "with --white-box, where {model} is a model file of Silhouette");
    }
    if (play->has_rows) {
        aud_black_judge(&play->black);
    } else if (!aud_makes_rows(&play->game->generator)) {
        aud_find(findings, play->black.evidence.id, "canaries in rows",
                 AUD_NOT_EXAMINED, "the command makes no rows");
    } else {
        aud_find(findings, play->black.evidence.id, "canaries in rows",
                 AUD_INCONCLUSIVE, "no run left rows that can be read");
    }
    aud_grain_judge(&play->grain, play->game);

cleanup:
    return status;
}

/* What this game cannot ask, and how it could be asked. */
static void note_others(struct aud_game *game)
{
    if (!game->shape.is_pair) {
        aud_find(&game->findings, "G5", "pairs of rows, one of them in the table",
                 AUD_NOT_EXAMINED, "for a claim about --neighbours replace-one");
    }
    if (game->shape.person == NULL) {
        aud_find(&game->findings, "G6", "persons with many rows", AUD_NOT_EXAMINED,
                 "for a claim about persons: --person COLUMN:K");
    }
}

sil_status aud_game_canaries(struct aud_game *game, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct aud_shape *shape = &game->shape;
    const char *id = shape->is_pair ? "G5" : shape->person != NULL ? "G6" : NULL;
    struct play play = {
        .game = game,
        .white.evidence = {.game = game,
                           .id = id != NULL ? id : "G3",
                           .where = "transcripts",
                           .part = 1                   },
        .black.evidence = {.game = game,
                           .id = id != NULL ? id : "G4",
                           .where = "rows",
                           .part = 1 - 1.0 / LEARN_PART},
        .learn = 1 + game->runs / LEARN_PART
    };
    while (status == SIL_OK && goes_on(&play)) {
        status = play_once(&play, err);
    }
    if (status == SIL_ERR_INTERNAL || status == SIL_ERR_IO) {
        goto cleanup;
    }
    if (status != SIL_OK) {
        aud_find_status(&game->findings, play.white.evidence.id, "canaries", status,
                        err);
    }
    SIL_TRY(judge(&play, err));
    note_others(game);

cleanup:
    aud_white_clear(&play.white);
    aud_black_clear(&play.black);
    return status;
}
