// SPDX-License-Identifier: Apache-2.0
/// Which pairs of columns get error bounds: a public rule (release/error_bounds.h).
#ifndef SIL_RELEASE_ERROR_PAIRS_H
#define SIL_RELEASE_ERROR_PAIRS_H

#include "synth/model_object.h"

struct sil_error_pairs_left {
    uint64_t n_large;    ///< of too many cells
    uint64_t n_left_out; ///< beyond the number of pairs
};

/// Call `add` with each pair, in canonical order, until it fails.
/// Errors   those of `add`; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_error_pairs(struct sil_error_pairs_left *left,
                                        const struct sil_model *model, size_t n_rows,
                                        sil_status (*add)(void *context,
                                                          const struct sil_clique *pair,
                                                          struct sil_error *err),
                                        void *context, struct sil_error *err);

#endif
