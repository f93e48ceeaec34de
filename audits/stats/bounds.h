// SPDX-License-Identifier: Apache-2.0
/// From counts of right and wrong guesses to lower bounds on epsilon and mu.
///
/// Levels are one-sided unless said otherwise. "At level alpha" means: under a mechanism
/// that keeps its claim, the bound exceeds it with probability at most alpha.
#ifndef AUDIT_STATS_BOUNDS_H
#define AUDIT_STATS_BOUNDS_H

#include <stdint.h>

/// Clopper and Pearson 1934: bounds on a probability from k successes of n.
double aud_cp_lower(uint64_t k, uint64_t n, double alpha);
double aud_cp_upper(uint64_t k, uint64_t n, double alpha);

/// What an attacker did: of `positives` runs with the person he said "in" `hits` times, of
/// `negatives` runs without he said "in" `alarms` times.
struct aud_guesses {
    uint64_t hits;
    uint64_t positives;
    uint64_t alarms;
    uint64_t negatives;
};

/// A lower bound on epsilon of (epsilon, delta)-DP, at level alpha: both rates by
/// Clopper-Pearson at alpha / 2, the better of the two directions, never below 0.
/// Source   Jagielski, Ullman, Oprea 2020, "Auditing Differentially Private Machine
///          Learning".
double aud_epsilon_lower(const struct aud_guesses *guesses, double delta, double alpha);

/// The most that aud_epsilon_lower can give with n runs on either side.
double aud_epsilon_ceiling(uint64_t n, double alpha);

/// A lower bound on mu of mu-GDP at level alpha; may be negative. Against a claim that is
/// no mu-GDP it holds only if the mechanism's trade-off is Gaussian.
/// Source   Nasr et al. 2023, "Tight Auditing of Differentially Private Machine Learning";
///          Dong, Roth, Su 2022.
double aud_mu_lower(const struct aud_guesses *guesses, double alpha);

/// delta of mu-GDP at epsilon >= 0, and the epsilon at which it is delta (0 when it is less
/// at 0). Source  Dong, Roth, Su 2022, corollary 1.
double aud_gdp_delta(double mu, double epsilon);
double aud_gdp_epsilon(double mu, double delta);

/// The mu at which mu-GDP is (epsilon, delta)-DP, exactly.
double aud_gdp_mu(double epsilon, double delta);

/// The most by which an attacker's two rates can differ under (epsilon, delta)-DP.
double aud_advantage_cap(double epsilon, double delta);

/// Holm 1979: the adjusted p-values of n tests, in place.
void aud_holm(double *p, uint64_t n);

/// Fisher's exact test, one-sided: how likely are so many successes or more in the first
/// sample (a of n) when both (b of m) have one rate?
double aud_fisher(uint64_t a, uint64_t n, uint64_t b, uint64_t m);

#endif
