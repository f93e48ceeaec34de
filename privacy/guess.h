// SPDX-License-Identifier: Apache-2.0
/// What rho means for one person: how often the best possible attacker guesses right.
///
/// The attacker knows the program, all that was released, and every row of the table but
/// one, and has to say which of two neighbouring tables it was, each taken with probability
/// 1/2. Nobody is right more often than (1 + TV) / 2, where TV is the total variation
/// distance between what is released of the one and of the other.
#ifndef SIL_PRIVACY_GUESS_H
#define SIL_PRIVACY_GUESS_H

#include "privacy/units.h"

#include "silhouette/status.h"

/// An upper bound, at most 1, of the probability of a right guess when the release is
/// rho-zCDP except with probability `slack`: (1 + TV + slack) / 2, with TV at most
///     sqrt(rho / 2)                                 (Pinsker), and
///     (e^epsilon - 1 + 2 delta) / (e^epsilon + 1)   for every epsilon, and the delta that
///                                                   zCDP certifies for it.
/// Both follow from the zCDP curve alone: a selection has no Gaussian curve. Never above
/// the value of a larger rho. rho = 0 and slack = 0 give 1/2.
/// Errors   SIL_ERR_USAGE: rho < 0, or slack not in [0, 1].
/// Source   docs/privacy.md, theorem 7b.
SIL_MUST_USE sil_status sil_guess_of_rho(struct sil_guess *out,
                                         const struct sil_rho *rho,
                                         const struct sil_delta *slack,
                                         struct sil_error *err);

#endif
