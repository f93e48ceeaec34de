// SPDX-License-Identifier: Apache-2.0
/// Many canaries in one run, and tests that may stop at any time.
#ifndef AUDIT_STATS_ONE_RUN_H
#define AUDIT_STATS_ONE_RUN_H

#include <stdbool.h>
#include <stdint.h>

/// m canaries, each put in by the toss of a fair coin of its own; of `guesses` answers (how
/// many are given is fixed before anything is seen) `right` were right.
struct aud_one_run {
    uint64_t canaries;
    uint64_t guesses;
    uint64_t right;
};

/// How likely is that under (epsilon, delta)-DP, at most?
///     beta + 2 m delta max over i of P[right > B >= right - i] / i,
/// beta = P[B >= right], B ~ Binomial(guesses, e^epsilon / (1 + e^epsilon)).
/// Source   Steinke, Nasr, Jagielski 2023, "Privacy Auditing with One (1) Training Run",
///          theorem 5.2.
double aud_one_run_p(const struct aud_one_run *run, double epsilon, double delta);

/// The largest epsilon that is refused at level alpha; 0 when none is.
double aud_one_run_epsilon(const struct aud_one_run *run, double delta, double alpha);

/// The same against mu-GDP: is the claim refused at level alpha, and the largest mu that is.
/// Source   Mahloujifar, Melis, Chaudhuri 2024, "Auditing f-Differential Privacy in One
///          Run", algorithm 3.
bool aud_one_run_refutes_mu(const struct aud_one_run *run, double mu, double alpha);
double aud_one_run_mu(const struct aud_one_run *run, double alpha);

/// A test by betting: one fair coin a trial decides which of two neighbouring tables is
/// used, and the attacker guesses which. Under (epsilon, delta)-DP a guess is right with
/// probability at most q = (e^epsilon + delta) / (1 + e^epsilon), whatever came before; so
/// the wealth of whoever bets on "right" at those odds is a supermartingale, and exceeds
/// 1 / alpha ever with probability at most alpha (Ville 1939). It may be looked at after
/// every trial, stopped and continued.
struct aud_wager {
    double q;
    double wealth[16]; ///< of as many players, each with a stake of its own
};

void aud_wager_begin(struct aud_wager *wager, double epsilon, double delta);
void aud_wager_trial(struct aud_wager *wager, bool is_right);

/// The mean of all players' wealth: 1 / p, at any time.
double aud_wager_wealth(const struct aud_wager *wager);

#endif
