// SPDX-License-Identifier: Apache-2.0
/// White box: canaries against the transcripts that runs leave in their model files.
#include "audits/claim/residuals.h"
#include "audits/game/game.h"
#include "audits/game/score.h"
#include "audits/stats/special.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* Residuals of so many cells are enough for the battery. */
enum { RESIDUALS = 200000 };

static const double CONFIDENCE = 0.05;

struct play {
    struct aud_game *game;
    struct aud_tally all;
    struct aud_residuals residuals;
    uint32_t line;
    double ratio; ///< standard deviation of the noise over the claimed one
    double limit; ///< the share of right guesses that the claim allows
    const char *id;
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

/* ---- residuals ---- */

static sil_status add_residuals(struct play *play,
                                const struct aud_transcript *transcript,
                                const struct aud_world *world, const uint8_t *coin,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < transcript->n_left && play->residuals.n < RESIDUALS; i++) {
        const struct aud_left *left = &transcript->left[i];
        uint64_t *count = NULL;
        int64_t *step = NULL;
        if (left->is_choice) {
            continue;
        }
        SIL_TRY(aud_true_counts(&count, left, world, coin, err));
        status = sil_alloc(&step, left->n_cells, sizeof *step, "residuals", err);
        for (size_t c = 0; c < left->n_cells && status == SIL_OK; c++) {
            if (__builtin_sub_overflow(left->noisy[c],
                                       (int64_t)(count[c] << left->shift), &step[c])) {
                step[c] = INT64_MIN; /* nothing honest comes near to it */
            }
        }
        double sigma = sqrt(mpq_get_d(left->parameter)) * ldexp(1, (int)left->shift);
        if (status == SIL_OK) {
            status = aud_residuals_add(&play->residuals, play->line++, step, count,
                                       left->n_cells, sigma, err);
        }
        free(count);
        free(step);
        SIL_TRY(status);
    }

cleanup:
    return status;
}

static sil_status judge_residuals(struct play *play, struct sil_error *err)
{
    struct aud_battery battery;
    struct aud_game *game = play->game;
    int worst = -1;
    sil_status status = aud_battery_run(&battery, &play->residuals, err);
    if (status != SIL_OK) {
        return status;
    }
    for (int test = 0; test < AUD_N_TESTS; test++) {
        bool is_worse = worst < 0 || battery.adjusted[test] < battery.adjusted[worst];
        worst = battery.has_run[test] && is_worse ? test : worst;
    }
    play->ratio = worst < 0 || battery.ratio <= 0 ? 1 : battery.ratio;
    if (worst < 0) {
        aud_find(&game->findings, play->id, "noise of the claimed law in every cell",
                 AUD_NOT_EXAMINED, "too few cells");
        return SIL_OK;
    }
    aud_find(
        &game->findings, play->id, "noise of the claimed law in every cell",
        battery.adjusted[worst] <= game->level / AUD_GAME_CHECKS ? AUD_REFUTED
                                                                 : AUD_HOLDS,
        "%zu cells, %.4f times the claimed standard deviation; the worst of the tests "
        "of conform is \"%s\", p = %.3g; %.3f times too little would have been seen",
        battery.n, battery.ratio, aud_test_name(worst), battery.adjusted[worst],
        battery.seen);
    aud_find_p(&game->findings, battery.adjusted[worst]);
    aud_game_figure(game, play->id, "noise_ratio", battery.ratio);
    return SIL_OK;
}

/* ---- one run ---- */

static sil_status add_run(struct play *play, const struct aud_world *world,
                          const struct aud_transcript *transcript, const uint8_t *coin,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_scores scores = {0};
    struct aud_game *game = play->game;
    SIL_TRY(aud_scores_make(&scores, world, transcript, coin, err));
    const struct aud_run_scores run = {.n = scores.n,
                                       .z = scores.z,
                                       .blind = scores.blind,
                                       .mu = scores.mu,
                                       .coin = coin,
                                       .tie = aud_dice_coin(&game->dice)};
    SIL_TRY(aud_tally_add(&play->all, &run, err));
    SIL_TRY(add_residuals(play, transcript, world, coin, err));

cleanup:
    aud_scores_clear(&scores);
    return status;
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
    struct aud_transcript transcript = {0};
    uint8_t *coin = NULL;
    bool has_transcript = false;
    SIL_TRY(aud_world_make(&world, &game->shape, &game->dice, err));
    SIL_TRY(toss(&coin, &world, &game->dice, err));
    SIL_TRY(aud_world_schema(&schema, &world, err));
    SIL_TRY(aud_world_table(&data, &world, coin, &game->dice, err));
    SIL_TRY(aud_game_generate(&output, game, &data, &schema, game->shape.rows, err));
    if (!aud_output_is_good(&output) || output.model.length == 0) {
        status = sil_fail(err, SIL_ERR_UNSUPPORTED, "a run failed, or left no {model}");
        goto cleanup;
    }
    has_transcript = true;
    SIL_TRY(aud_game_transcript(&transcript, &output.model, err));
    SIL_TRY(add_run(play, &world, &transcript, coin, err));

cleanup:
    if (has_transcript) {
        aud_transcript_clear(&transcript);
    }
    free(coin);
    sil_bytes_clear(&data);
    sil_bytes_clear(&schema);
    aud_output_clear(&output);
    aud_world_clear(&world);
    return status;
}

/* ---- what it comes to ---- */

/* Under the transcript's own words the two means lie `implied` apart, in units of the noise
 * that it claims. */
static void judge_estimate(struct play *play)
{
    struct aud_game *game = play->game;
    const struct aud_estimate e = aud_tally_estimate(&play->all);
    const double level = game->level / AUD_GAME_CHECKS;
    double z = e.error > 0 ? (e.apart - e.implied) / e.error : 0;
    double p = aud_normal_cdf(-z);
    double seen =
        e.implied + e.error * (aud_normal_quantile(0.99) - aud_normal_quantile(level));
    aud_find(
        &game->findings, play->id, "canaries move what the transcript says they do",
        p <= level ? AUD_REFUTED : AUD_HOLDS,
        "mu %.4f, one standard error %.4f, of %zu canaries in %zu runs; the transcript "
        "implies %.4f (%+.2f standard errors): p = %.3g; above %.4f it would have been "
        "seen",
        e.apart / play->ratio, e.error / play->ratio, play->all.n, play->all.n_runs,
        e.implied, z, p, seen);
    aud_find_p(&game->findings, p);
    aud_game_figure(game, play->id, "mu", e.apart / play->ratio);
    aud_game_figure(game, play->id, "mu_error", e.error / play->ratio);
    aud_game_figure(game, play->id, "mu_implied", e.implied);
    aud_game_figure(game, play->id, "rho_implied", e.implied * e.implied / 2);
}

/* Nothing assumed: whoever bets against the claim. */
static void judge_claim(struct play *play)
{
    struct aud_game *game = play->game;
    const struct aud_tally *tally = &play->all;
    double wealth = aud_mean_wealth(tally->share, tally->n_runs, play->limit);
    double share = aud_mean_lower(tally->share, tally->n_runs, CONFIDENCE);
    double epsilon = aud_share_epsilon(share, game->delta);
    double mu = aud_share_mu(share);
    double ceiling = pow(CONFIDENCE, 1.0 / (double)tally->n_runs);
    aud_find(
        &game->findings, play->id, "the claim, with nothing assumed",
        wealth >= AUD_GAME_CHECKS / game->level ? AUD_REFUTED : AUD_HOLDS,
        "more than %.4f of guesses are right (95 %%): epsilon at least %.4f (ceiling "
        "%.2f) of %.4g; mu at least %.4f, rho %.4g; by mu epsilon at least %.4f",
        share, epsilon, aud_share_epsilon(ceiling, game->delta), game->epsilon, mu,
        mu * mu / 2, aud_gdp_epsilon(mu, game->delta));
    aud_find_p(&game->findings, fmin(1, 1 / wealth));
    aud_game_figure(game, play->id, "share_lower", share);
    aud_game_figure(game, play->id, "epsilon_lower", epsilon);
    aud_game_figure(game, play->id, "mu_lower", mu);
    aud_game_figure(game, play->id, "wealth", wealth);
}

/* The bounds of a single run, all runs taken as one, and the one that counts every canary. */
static void judge_bounds(struct play *play)
{
    struct aud_game *game = play->game;
    struct aud_guesses guesses = aud_tally_guesses(&play->all);
    double mu = aud_mu_lower(&guesses, CONFIDENCE);
    struct aud_one_run extremes = aud_tally_extremes(&play->all);
    double p = aud_one_run_p(&extremes, game->epsilon, game->delta);
    double one_run = aud_one_run_epsilon(&extremes, game->delta, CONFIDENCE);
    double one_mu = aud_one_run_mu(&extremes, CONFIDENCE);
    aud_find(
        &game->findings, play->id, "the claim, all runs taken as one",
        p <= game->level / AUD_GAME_CHECKS ? AUD_REFUTED : AUD_HOLDS,
        "%llu of %llu guesses right: p = %.3g; epsilon at least %.4f, mu %.4f (95 %%); "
        "if noise is independent between canaries, mu at least %.4f, epsilon %.4f",
        (unsigned long long)extremes.right, (unsigned long long)extremes.guesses, p,
        one_run, one_mu, mu, aud_gdp_epsilon(fmax(mu, 0), game->delta));
    aud_find_p(&game->findings, p);
    aud_game_figure(game, play->id, "epsilon_one_run", one_run);
    aud_game_figure(game, play->id, "mu_one_run", one_mu);
    aud_game_figure(game, play->id, "mu_independent", mu);
}

static sil_status judge(struct play *play, struct sil_error *err)
{
    if (play->all.n < 4) {
        aud_find(&play->game->findings, play->id, "canaries in transcripts",
                 AUD_INCONCLUSIVE, "there was no time for a run");
        return SIL_OK;
    }
    sil_status status = judge_residuals(play, err);
    if (status == SIL_OK) {
        judge_estimate(play);
        judge_claim(play);
        judge_bounds(play);
    }
    return status;
}

static void name_play(struct play *play)
{
    const struct aud_shape *shape = &play->game->shape;
    double decay = exp(-play->game->epsilon);
    play->id = shape->is_pair ? "G5" : shape->person != NULL ? "G6" : "G3";
    play->limit = (1 + play->game->delta * decay) / (1 + decay);
}

/* It may stop as soon as the claim is refuted: the bet allows it. */
static bool goes_on(const struct play *play)
{
    const struct aud_game *game = play->game;
    const struct aud_tally *tally = &play->all;
    return tally->n_runs < game->runs && aud_game_has_time(game) &&
           (tally->n_runs == 0 ||
            aud_mean_wealth(tally->share, tally->n_runs, play->limit) <
                AUD_GAME_CHECKS / game->level);
}

sil_status aud_game_transcripts(struct aud_game *game, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct play play = {.game = game};
    name_play(&play);
    if (!game->is_white_box) {
        aud_find(&game->findings, play.id, "canaries in transcripts", AUD_NOT_EXAMINED,
                 "with --white-box, where {model} is a model file of Silhouette");
        return SIL_OK;
    }
    while (status == SIL_OK && goes_on(&play)) {
        status = play_once(&play, err);
    }
    if (status == SIL_ERR_INTERNAL || status == SIL_ERR_IO) {
        goto cleanup;
    }
    if (status != SIL_OK) {
        aud_find_status(&game->findings, play.id, "canaries in transcripts", status,
                        err);
        status = SIL_OK;
        goto cleanup;
    }
    SIL_TRY(judge(&play, err));

cleanup:
    aud_tally_clear(&play.all);
    aud_residuals_clear(&play.residuals);
    return status;
}
