// SPDX-License-Identifier: Apache-2.0
/// Test hooks of choose.h.
#ifndef SIL_PRIVACY_CHOOSE_INTERNAL_H
#define SIL_PRIVACY_CHOOSE_INTERNAL_H

#include "privacy/choose.h"

/// What sil_choose chooses from. Borrowed.
struct sil_contest {
    const sil_i128 *score;
    size_t n;
    mpq_srcptr scale;
};

/// sil_choose with `width` bits (1 .. 64) of the first word: small widths make it ask for
/// more bits often. The law is the same.
SIL_MUST_USE sil_status sil_choose_from_width(size_t *chosen,
                                              const struct sil_contest *contest,
                                              struct sil_rng *rng, unsigned width,
                                              struct sil_error *err);

/// The same law by rejection: propose evenly, keep with probability exp of minus the gap
/// to the best, times scale. Integers only. Pre  n > 0, scale > 0.
size_t sil_choose_by_rejection(const struct sil_contest *contest, struct sil_rng *rng);

#endif
