// SPDX-License-Identifier: Apache-2.0
/// How much work rows made to order are, told from sizes before any of it is done: a text of
/// a hundred bytes, signed by somebody, can ask for hours.
#ifndef SIL_SYNTH_MADE_WORK_H
#define SIL_SYNTH_MADE_WORK_H

#include "synth/made.h"

/// Steps that an order may take. A step is what is done once to a cell of the model's tree, to
/// a value of a potential, or to a code or part of a column that the order names: some 15
/// nanoseconds, so that all are a few minutes of one thread.
#define SIL_MADE_STEPS_MAX (UINT64_C(1) << 34)

/// Joint cells of outcome, group and admissible columns, of which a dozen tables are made.
#define SIL_FAIR_CELLS_MAX (UINT64_C(1) << 20)

/// Sweeps through all shares that an order must have room for, and may have.
enum { SIL_MADE_SWEEPS_MIN = 8, SIL_MADE_SWEEPS_MAX = 1 << 13 };

/// Is an order, of which all is in place but its weights, no more work than that? Nothing is
/// allocated by size, and nothing computed, to tell.
/// @param[out] sweeps   that there is room for.
/// @param[out] fault    which text asks for too much.
/// Errors   SIL_ERR_USAGE: it is more. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_made_limit(size_t *sweeps, const struct sil_made *made,
                                       const struct sil_sample_options *options,
                                       struct sil_sample_fault *fault,
                                       struct sil_error *err);

#endif
