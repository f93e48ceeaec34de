// SPDX-License-Identifier: Apache-2.0
/// Certified conversion between rho-zCDP and (epsilon, delta).
///
///   epsilon(rho, delta) = min over alpha > 1 of
///       alpha rho + ( ln(1/delta) + (alpha - 1) ln(1 - 1/alpha) - ln alpha ) / (alpha - 1)
///
/// Any alpha > 1 gives a valid bound, so the search may be approximate; the value at the
/// alpha found is computed in MPFR with every operation rounded outward, and is therefore
/// never below the truth. Proof: docs/privacy.md, theorem 7.
/// Source   Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential
///          Privacy", proposition 12; tested against vectors of 32 digits.
#ifndef SIL_PRIVACY_CONVERT_H
#define SIL_PRIVACY_CONVERT_H

#include "privacy/units.h"

#include "silhouette/status.h"

/// An epsilon such that rho-zCDP implies (epsilon, delta)-DP: an upper bound, above the
/// minimum by a relative 1e-9 at most. rho = 0 gives 0.
/// Errors   SIL_ERR_USAGE: rho < 0, or delta not in (0, 1).
SIL_MUST_USE sil_status sil_epsilon_of_rho(struct sil_epsilon *out,
                                           const struct sil_rho *rho,
                                           const struct sil_delta *delta,
                                           struct sil_error *err);

/// A rho, as large as the 2^-60 grid allows, such that rho-zCDP implies
/// (epsilon, delta)-DP: verified by the conversion above before it is returned.
/// Errors   SIL_ERR_USAGE: epsilon <= 0, or delta not in (0, 1). SIL_ERR_BUDGET: the
///          largest such rho is 0 on the grid.
SIL_MUST_USE sil_status sil_rho_of_epsilon(struct sil_rho *out,
                                           const struct sil_epsilon *epsilon,
                                           const struct sil_delta *delta,
                                           struct sil_error *err);

/// An upper bound, at most 1, of the delta at which rho-zCDP implies (epsilon, delta)-DP.
/// rho = 0 gives 0; a truth below 2^-16384 gives 2^-16384; rho above 2^51 gives 1.
/// Errors   SIL_ERR_USAGE: rho < 0 or epsilon < 0.
SIL_MUST_USE sil_status sil_delta_of_rho(struct sil_delta *out,
                                         const struct sil_rho *rho,
                                         const struct sil_epsilon *epsilon,
                                         struct sil_error *err);

#endif
