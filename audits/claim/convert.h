// SPDX-License-Identifier: Apache-2.0
/// From rho to epsilon, by the auditor's own way.
///
/// Whatever is rho-zCDP has Renyi divergence at most alpha rho at every order alpha > 1, and
/// by Canonne, Kamath and Steinke 2020, proposition 12, is then (epsilon, delta)-DP for
///     epsilon = alpha rho + ln(1 - 1/alpha) - (ln delta + ln alpha) / (alpha - 1).
/// The filter bounds the sum of all rho by the cap, so this holds at each order for the
/// whole ledger, however its runs were chosen.
///
/// Here every value is an enclosure [low, high]: the claim must not lie below the least
/// `low` over the orders, and is certainly good when it reaches the least `high`.
#ifndef AUDIT_CLAIM_CONVERT_H
#define AUDIT_CLAIM_CONVERT_H

#include <gmp.h>

#include <mpfr.h>

/// The least epsilon over a grid of orders, refined around the best, enclosed: `high` is
/// proved; below `low` no order that was tried gives the claim. Both initialised by the
/// caller, with at least 128 bits. Pre  rho > 0, 0 < delta < 1.
void aud_epsilon_of_rho(mpfr_t low, mpfr_t high, const mpq_t rho, const mpq_t delta);

/// What a claim of `epsilon` is against `low` of its rho and delta.
enum aud_conversion {
    AUD_CONVERTS,    ///< not below what the orders give
    AUD_FALLS_SHORT, ///< below what any order gives
};

enum aud_conversion aud_check_epsilon(const mpq_t epsilon, const mpfr_t low);

#endif
