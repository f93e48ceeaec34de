// SPDX-License-Identifier: Apache-2.0
/// Test hooks of convert.h and guess.h: the same bounds with `precision` bits in every operation. At
/// the 512 bits of convert.h no vector can tell in which direction an operation was
/// rounded; at 16 bits a wrong one shows.
#ifndef SIL_PRIVACY_CONVERT_INTERNAL_H
#define SIL_PRIVACY_CONVERT_INTERNAL_H

#include "privacy/convert.h"

/// An upper bound of the least epsilon. Pre  rho > 0, 0 < delta < 1, precision >= 8.
void sil_epsilon_bound(mpq_t out, const struct sil_rho *rho,
                       const struct sil_delta *delta, unsigned precision);

/// A lower bound of the largest rho; it may be negative. Pre  epsilon > 0, 0 < delta < 1.
void sil_rho_bound(mpq_t out, const struct sil_epsilon *epsilon,
                   const struct sil_delta *delta, unsigned precision);

/// An upper bound of the least delta, at least 2^-16384. Pre  rho > 0.
void sil_delta_bound(mpq_t out, const struct sil_rho *rho,
                     const struct sil_epsilon *epsilon, unsigned precision);

/// An upper bound of the total variation distance; it may be above 1. Pre  rho >= 0.
void sil_distance_bound(mpq_t out, const struct sil_rho *rho, unsigned precision);

#endif
