// SPDX-License-Identifier: Apache-2.0
/// What each mechanism costs under zCDP, and the sensitivities behind it: exact.
///
/// Neighbours differ by the rows of one unit of privacy, at most K of them. Each row is
/// in exactly one cell of every marginal. Proofs: docs/privacy.md, theorems 2 to 5.
#ifndef SIL_PRIVACY_COST_H
#define SIL_PRIVACY_COST_H

#include "privacy/units.h"

#include "silhouette/claim.h"

#include <stdint.h>

/// The most rows a unit of privacy may have; keeps every sensitivity within 64 bits.
#define SIL_MAX_ROWS_PER_UNIT 1048576U

/// D^2, the squared L2 sensitivity of one whole marginal, in squared counts: K^2
/// (add-remove: K rows may share a cell) or 2 K^2 (replace-one: K leave one cell and K
/// enter another). Pre  1 <= K <= SIL_MAX_ROWS_PER_UNIT.
uint64_t sil_marginal_sensitivity_squared(enum sil_neighbours neighbours,
                                          uint32_t rows_per_unit);

/// The L1 sensitivity of one whole marginal, in counts: K or 2 K.
uint64_t sil_marginal_sensitivity(enum sil_neighbours neighbours,
                                  uint32_t rows_per_unit);

/// The rounded Gaussian on a marginal: rho = D^2 / (2 sigma2).
/// Source   Bun and Steinke 2016, proposition 1.6, and post-processing.
void sil_cost_of_noise(struct sil_rho *out, uint64_t sensitivity_squared,
                       const struct sil_sigma2 *sigma2);

/// The exponential mechanism exp(epsilon score / (2 Delta)): rho = epsilon^2 / 8.
/// Source   Cesar and Rogers 2021, "Bounding, Concentrating, and Truncating", by
///          bounded range.
void sil_cost_of_choice(struct sil_rho *out, const struct sil_epsilon *epsilon);

#endif
