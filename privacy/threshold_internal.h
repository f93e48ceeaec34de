// SPDX-License-Identifier: Apache-2.0
/// Test hook of threshold.h.
#ifndef SIL_PRIVACY_THRESHOLD_INTERNAL_H
#define SIL_PRIVACY_THRESHOLD_INTERNAL_H

#include "privacy/threshold.h"

#include <mpfr.h>

/// sil_threshold_of_delta with so many bits: with few, a tail that is rounded the wrong way
/// gives a threshold that is too low.
SIL_MUST_USE sil_status sil_threshold_with_bits(
    int64_t *out, const struct sil_sigma2 *sigma2, uint32_t rows,
    const struct sil_delta *delta, mpfr_prec_t bits, struct sil_error *err);

#endif
