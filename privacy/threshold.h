// SPDX-License-Identifier: Apache-2.0
/// The threshold below which a discovered value is not released.
///
/// A value that only the rows of one person have is counted at most K times, and there are
/// at most K such values. With T such that K P[K + Y >= T] <= delta, Y the noise, none of
/// them is released but with probability delta. Proof: docs/privacy.md, theorem 4b.
#ifndef SIL_PRIVACY_THRESHOLD_H
#define SIL_PRIVACY_THRESHOLD_H

#include "privacy/units.h"

#include "silhouette/status.h"

#include <stdint.h>

/// The smallest T = out / 2^s with rows P[rows + Y >= T] <= delta, Y rounded Gaussian noise
/// of variance sigma2 on its grid of 2^-s (sil_gauss_shift_of). The tail is rounded up, with
/// 256 bits: the condition holds of the T that is found, always.
/// Errors   SIL_ERR_USAGE: delta not in (0, 1/2), rows not in 1 .. SIL_MAX_ROWS_PER_UNIT, or
///          a delta so small that no T below 2^44 / 2^s will do. Pre  sigma2 > 0.
SIL_MUST_USE sil_status sil_threshold_of_delta(int64_t *out,
                                               const struct sil_sigma2 *sigma2,
                                               uint32_t rows,
                                               const struct sil_delta *delta,
                                               struct sil_error *err);

#endif
