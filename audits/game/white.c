// SPDX-License-Identifier: Apache-2.0
#include "audits/game/white.h"

#include "audits/game/score.h"
#include "audits/stats/special.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* Residuals of so many cells are enough for the battery. */
enum { RESIDUALS = 200000 };

void aud_white_clear(struct aud_white *white)
{
    aud_tally_clear(&white->evidence.tally);
    aud_residuals_clear(&white->residuals);
}

/* ---- a run ---- */

static sil_status add_line(struct aud_white *white, const struct aud_left *left,
                           const struct aud_world *world, const uint8_t *coin,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t *count = NULL;
    int64_t *step = NULL;
    SIL_TRY(aud_true_counts(&count, left, world, coin, err));
    SIL_TRY(sil_alloc(&step, left->n_cells, sizeof *step, "residuals", err));
    for (size_t i = 0; i < left->n_cells; i++) {
        if (__builtin_sub_overflow(left->noisy[i], (int64_t)(count[i] << left->shift),
                                   &step[i])) {
            step[i] = INT64_MIN; /* a noisy count that nothing honest comes near to */
        }
    }
    double sigma = sqrt(mpq_get_d(left->parameter)) * ldexp(1, (int)left->shift);
    status = aud_residuals_add(&white->residuals, white->line++, step, count,
                               left->n_cells, sigma, err);

cleanup:
    free(count);
    free(step);
    return status;
}

static sil_status add_scores(struct aud_white *white, const struct aud_world *world,
                             const uint8_t *coin,
                             const struct aud_transcript *transcript,
                             struct sil_error *err)
{
    struct aud_scores scores = {0};
    sil_status status = aud_scores_make(&scores, world, transcript, coin, err);
    if (status == SIL_OK) {
        const struct aud_run_scores run = {
            .n = scores.n,
            .z = scores.z,
            .blind = scores.blind,
            .mu = scores.mu,
            .coin = coin,
            .tie = aud_dice_coin(&white->evidence.game->dice)};
        status = aud_tally_add(&white->evidence.tally, &run, err);
    }
    aud_scores_clear(&scores);
    return status;
}

sil_status aud_white_add(struct aud_white *white, const struct aud_world *world,
                         const uint8_t *coin, const struct sil_bytes *model,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_transcript transcript;
    SIL_TRY(aud_game_transcript(&transcript, model, err));
    white->epsilon = fmax(white->epsilon, mpq_get_d(transcript.epsilon.v));
    white->delta = fmax(white->delta, mpq_get_d(transcript.delta.v));
    SIL_TRY(add_scores(white, world, coin, &transcript, err));
    for (size_t i = 0; i < transcript.n_left && white->residuals.n < RESIDUALS; i++) {
        if (!transcript.left[i].is_choice) {
            SIL_TRY(add_line(white, &transcript.left[i], world, coin, err));
        }
    }

cleanup:
    aud_transcript_clear(&transcript);
    return status;
}

/* ---- what it comes to ---- */

static sil_status judge_noise(struct aud_white *white, struct sil_error *err)
{
    struct aud_battery battery;
    struct aud_evidence *evidence = &white->evidence;
    struct aud_game *game = evidence->game;
    int worst = -1;
    sil_status status = aud_battery_run(&battery, &white->residuals, err);
    if (status != SIL_OK) {
        return status;
    }
    for (int test = 0; test < AUD_N_TESTS; test++) {
        bool is_worse = worst < 0 || battery.adjusted[test] < battery.adjusted[worst];
        worst = battery.has_run[test] && is_worse ? test : worst;
    }
    white->ratio = worst < 0 || !(battery.ratio > 0) ? 1 : battery.ratio;
    if (worst < 0) {
        aud_find(&game->findings, evidence->id,
                 "noise of the claimed law in every cell", AUD_NOT_EXAMINED,
                 "too few cells");
        return SIL_OK;
    }
    aud_find(
        &game->findings, evidence->id, "noise of the claimed law in every cell",
        battery.adjusted[worst] <= aud_check_level(game) ? AUD_REFUTED : AUD_HOLDS,
        "%zu cells, %.4f times the claimed standard deviation; the worst of the tests "
        "of conform is \"%s\", p = %.3g; %.3f times too little would have been seen",
        battery.n, battery.ratio, aud_test_name(worst), battery.adjusted[worst],
        battery.seen);
    aud_find_p(&game->findings, battery.adjusted[worst]);
    aud_evidence_figure(evidence, "noise_ratio", battery.ratio);
    return SIL_OK;
}

/* Under the transcript's own words the two means lie `implied` apart, in units of the noise
 * that it claims. */
static void judge_distance(struct aud_white *white)
{
    struct aud_evidence *evidence = &white->evidence;
    struct aud_game *game = evidence->game;
    const struct aud_estimate e = aud_tally_estimate(&evidence->tally);
    const double level = aud_check_level(game);
    double z = e.error > 0 ? (e.apart - e.implied) / e.error : 0;
    double p = aud_normal_cdf(-z);
    double seen =
        e.implied + e.error * (aud_normal_quantile(0.99) - aud_normal_quantile(level));
    aud_find(
        &game->findings, evidence->id, "canaries move what the transcript says they do",
        p <= level ? AUD_REFUTED : AUD_HOLDS,
        "mu %.4f, one standard error %.4f, of %zu canaries in %zu runs; the transcript "
        "implies %.4f (%+.2f standard errors): p = %.3g; above %.4f it would have been "
        "seen",
        e.apart / white->ratio, e.error / white->ratio, evidence->tally.n,
        evidence->tally.n_runs, e.implied, z, p, seen);
    aud_find_p(&game->findings, p);
    aud_evidence_figure(evidence, "mu", e.apart / white->ratio);
    aud_evidence_figure(evidence, "mu_error", e.error / white->ratio);
    aud_evidence_figure(evidence, "mu_implied", e.implied);
    aud_evidence_figure(evidence, "rho_implied", e.implied * e.implied / 2);
}

/* What was claimed is at least what the transcripts say themselves. */
static void judge_words(const struct aud_white *white)
{
    struct aud_game *game = white->evidence.game;
    const double slack = 1 + 1e-9; /* of the decimals of --claim */
    bool is_more =
        white->epsilon > game->epsilon * slack || white->delta > game->delta * slack;
    aud_find(&game->findings, white->evidence.id,
             "transcripts claim no more than is claimed",
             is_more ? AUD_REFUTED : AUD_HOLDS, "epsilon %.6g, delta %.6g",
             white->epsilon, white->delta);
}

sil_status aud_white_judge(struct aud_white *white, struct sil_error *err)
{
    sil_status status = judge_noise(white, err);
    if (status == SIL_OK) {
        judge_words(white);
        judge_distance(white);
        aud_judge_claim(&white->evidence);
        aud_judge_bounds(&white->evidence);
    }
    return status;
}
