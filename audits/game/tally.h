// SPDX-License-Identifier: Apache-2.0
/// From scores of canaries, whose coins are known, to bounds.
///
/// Three assumptions, from none to much. (a) None: the expected share of right guesses
/// in a run, even of somebody who knows all other coins, is at most Phi(mu / 2) under mu-GDP and (e^epsilon + delta) / (1 + e^epsilon) under
/// (epsilon, delta)-DP, however the canaries of a run depend on each other; runs are
/// independent, so whoever bets on "more" at these odds owns a supermartingale. (b) One run alone:
/// the bounds of audits/stats/one_run.h; the runs together are one mechanism, in which every
/// canary touches one part. (c) Noise independent between canaries: every one is a trial.
#ifndef AUDIT_GAME_TALLY_H
#define AUDIT_GAME_TALLY_H

#include "audits/stats/bounds.h"
#include "audits/stats/one_run.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aud_trial {
    float score; ///< above 0: "in"
    float blind; ///< the same by whoever knows no other coin
    bool is_in;
};

struct aud_tally {
    struct aud_trial *trial; ///< owned
    size_t n, room;
    double *share; ///< owned: of right guesses, by run
    size_t n_runs, run_room;
    double mu_sum; ///< of what was implied, over trials
};

/// Add a run: the scores, what mu is implied for each (NULL: unknown), the coins. A score of
/// exactly 0 is guessed by the coin `tie`. Errors  SIL_ERR_INTERNAL (memory).
struct aud_run_scores {
    size_t n;
    const double *z;
    const double *blind;
    const double *mu;
    const uint8_t *coin;
    bool tie;
};

SIL_MUST_USE sil_status aud_tally_add(struct aud_tally *tally,
                                      const struct aud_run_scores *run,
                                      struct sil_error *err);
void aud_tally_clear(struct aud_tally *tally);

struct aud_estimate {
    double apart; ///< distance of the two means of the scores
    double
        error; ///< of it, one standard deviation: coins are independent of the noise, so it
               ///< holds however scores depend on each other
    double implied; ///< mean of what was implied
};

struct aud_estimate aud_tally_estimate(const struct aud_tally *tally);

/// Guesses at threshold 0.
struct aud_guesses aud_tally_guesses(const struct aud_tally *tally);

/// The tenth of all canaries with the most extreme blind scores, half of them on either side.
/// (What is proved of a single run is proved of guesses that are made of its output alone.)
struct aud_one_run aud_tally_extremes(struct aud_tally *tally);

/// The wealth of whoever bets that the mean of numbers in [0, 1] is above `mean`: exceeds
/// 1 / alpha, after any of them, with probability at most alpha if it is not. The mean over
/// four stakes. Source  Waudby-Smith and Ramdas 2024, "Estimating means of bounded random
/// variables by betting".
double aud_mean_wealth(const double *x, size_t n, double mean);

/// The largest mean that is refused at level alpha by the most that the wealth ever was; 0:
/// none.
double aud_mean_lower(const double *x, size_t n, double alpha);

/// The mu, and the epsilon at delta, that a share of right guesses cannot exceed.
double aud_share_mu(double share);
double aud_share_epsilon(double share, double delta);

#endif
