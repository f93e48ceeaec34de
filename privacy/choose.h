// SPDX-License-Identifier: Apache-2.0
/// The exponential mechanism's choice, exactly.
///
///   P[i] = exp(scale score_i) / sum over j of exp(scale score_j)
///
/// with integer scores and a rational scale; epsilon / (2 Delta) makes it epsilon-bounded
/// range. Gaps between scores may be of any size: no candidate is ever impossible.
///
/// Source    McSherry and Talwar 2007; sampled by lazy inversion from certified
///           enclosures: docs/privacy-samplers.md, "The exponential mechanism". Not
///           permute-and-flip, which is not bounded range: tests/statistical/test_choose_law.c
///           rejects it.
#ifndef SIL_PRIVACY_CHOOSE_H
#define SIL_PRIVACY_CHOOSE_H

#include "base/int128.h"
#include "privacy/rng.h"

#include "silhouette/status.h"

#include <gmp.h>

#include <stddef.h>

/// Choose one of `n` candidates.
/// @param[out] chosen  its index, 0 .. n - 1; untouched on error.
/// @param      score   n scores, any values.
/// @param      scale   epsilon / (2 Delta), canonical, greater than 0.
/// Cost      One exponential a candidate, whichever wins; memory about 50 n bytes.
/// Errors    SIL_ERR_USAGE: n = 0, or scale <= 0. SIL_ERR_INTERNAL: no memory. No
///           randomness is used then.
SIL_MUST_USE sil_status sil_choose(size_t *chosen, const sil_i128 *score, size_t n,
                                   const mpq_t scale, struct sil_rng *rng,
                                   struct sil_error *err);

#endif
