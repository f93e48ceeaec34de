// SPDX-License-Identifier: Apache-2.0
/// What a claim means for one person, as a share of right guesses.
#ifndef AUDIT_CLAIM_GUESS_H
#define AUDIT_CLAIM_GUESS_H

/// Somebody knows everything but which of two neighbouring tables was used, of which a fair
/// coin chose one, sees what a rho-zCDP mechanism gave, and guesses: he is right with this
/// probability at most. rho >= 0.
/// Source   Pinsker 1964; Kairouz, Oh, Viswanath 2015; Canonne, Kamath, Steinke 2020.
double aud_guess_of_rho(double rho);

/// The same of (epsilon, delta)-DP.
double aud_guess_of_epsilon(double epsilon, double delta);

#endif
