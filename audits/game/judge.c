// SPDX-License-Identifier: Apache-2.0
#include "audits/game/judge.h"

#include "audits/stats/bounds.h"
#include "audits/stats/one_run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

double aud_check_level(const struct aud_game *game)
{
    return game->level / AUD_GAME_CHECKS;
}

void aud_evidence_figure(const struct aud_evidence *evidence, const char *name,
                         double value)
{
    aud_game_figure(evidence->game, evidence->where, name, value);
}

/* The most guesses that are right, on average, under the claim. */
static double limit_of(const struct aud_game *game)
{
    double decay = exp(-game->epsilon);
    return (1 + game->delta * decay) / (1 + decay);
}

static double wealth_of(const struct aud_evidence *evidence)
{
    const struct aud_tally *tally = &evidence->tally;
    return tally->n_runs == 0
               ? 1
               : aud_mean_wealth(tally->share, tally->n_runs, limit_of(evidence->game));
}

bool aud_is_decided(const struct aud_evidence *evidence)
{
    return wealth_of(evidence) >= 1 / aud_check_level(evidence->game);
}

/* The bound lies above the claim, at 95 %, yet not at the level of a refutation: how many runs
 * like these would be enough? `p` falls by about one factor a run. Nothing where it holds. */
static enum aud_verdict verdict_of(char *hint, size_t room,
                                   const struct aud_evidence *evidence, double p,
                                   double epsilon)
{
    const struct aud_game *game = evidence->game;
    const double level = aud_check_level(game);
    hint[0] = '\0';
    if (p <= level) {
        return AUD_REFUTED;
    }
    if (!(epsilon > game->epsilon)) {
        return AUD_HOLDS;
    }
    double times = log(level) / log(fmin(p, AUD_BOUND_LEVEL));
    double runs = times * (double)evidence->tally.n_runs / evidence->part;
    (void)snprintf(hint, room, "; it takes about --runs %.0f to be sure",
                   ceil(1.1 * runs) + 2);
    return AUD_INCONCLUSIVE;
}

void aud_judge_claim(struct aud_evidence *evidence)
{
    struct aud_game *game = evidence->game;
    const struct aud_tally *tally = &evidence->tally;
    char what[96], hint[64];
    double wealth = wealth_of(evidence);
    double share = aud_mean_lower(tally->share, tally->n_runs, AUD_BOUND_LEVEL);
    double epsilon = aud_share_epsilon(share, game->delta);
    double mu = aud_share_mu(share);
    enum aud_verdict verdict =
        verdict_of(hint, sizeof hint, evidence, 1 / wealth, epsilon);
    /* What the bound would be if every guess were right. */
    double ceiling = pow(AUD_BOUND_LEVEL, 1.0 / (double)tally->n_runs);
    (void)snprintf(what, sizeof what,
                   "the claim against canaries in %s, nothing assumed",
                   evidence->where);
    aud_find(
        &game->findings, evidence->id, what, verdict,
        "of %zu canaries in %zu runs more than %.4f were guessed (95 %%): epsilon at "
        "least %.4f of %.4g (ceiling of these runs %.2f); mu at least %.4f, rho %.4g, "
        "and if the law is Gaussian epsilon %.4f%s",
        tally->n, tally->n_runs, share, epsilon, game->epsilon,
        aud_share_epsilon(ceiling, game->delta), mu, mu * mu / 2,
        aud_gdp_epsilon(mu, game->delta), hint);
    aud_find_p(&game->findings, fmin(1, 1 / wealth));
    aud_evidence_figure(evidence, "canaries", (double)tally->n);
    aud_evidence_figure(evidence, "runs", (double)tally->n_runs);
    aud_evidence_figure(evidence, "share_lower", share);
    aud_evidence_figure(evidence, "epsilon_lower", epsilon);
    aud_evidence_figure(evidence, "mu_lower", mu);
    aud_evidence_figure(evidence, "wealth", wealth);
}

void aud_judge_bounds(struct aud_evidence *evidence)
{
    struct aud_game *game = evidence->game;
    char what[96], hint[64];
    const struct aud_guesses guesses = aud_tally_guesses(&evidence->tally);
    const struct aud_one_run extremes = aud_tally_extremes(&evidence->tally);
    double mu = fmax(0, aud_mu_lower(&guesses, AUD_BOUND_LEVEL));
    double p = aud_one_run_p(&extremes, game->epsilon, game->delta);
    double one_run = aud_one_run_epsilon(&extremes, game->delta, AUD_BOUND_LEVEL);
    double one_mu = aud_one_run_mu(&extremes, AUD_BOUND_LEVEL);
    enum aud_verdict verdict = verdict_of(hint, sizeof hint, evidence, p, one_run);
    (void)snprintf(what, sizeof what, "the claim against canaries in %s, as one run",
                   evidence->where);
    aud_find(
        &game->findings, evidence->id, what, verdict,
        "%" PRIu64 " of %" PRIu64 " guesses right, p = %.3g: epsilon at least %.4f, "
        "mu %.4f (95 %%); if noise is independent between canaries, mu at least %.4f, "
        "epsilon %.4f%s",
        extremes.right, extremes.guesses, p, one_run, one_mu, mu,
        aud_gdp_epsilon(mu, game->delta), hint);
    aud_find_p(&game->findings, p);
    aud_evidence_figure(evidence, "epsilon_one_run", one_run);
    aud_evidence_figure(evidence, "mu_one_run", one_mu);
    aud_evidence_figure(evidence, "mu_independent", mu);
}
