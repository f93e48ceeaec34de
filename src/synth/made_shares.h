// SPDX-License-Identifier: Apache-2.0
/// The probability of boxes, and the weights that give columns the shares asked for.
#ifndef SIL_SYNTH_MADE_SHARES_H
#define SIL_SYNTH_MADE_SHARES_H

#include "synth/made.h"

/// Fill `tilt`, `part` and `probability` of `made`, of which all else is in place.
/// Errors   as sil_made_new.
SIL_MUST_USE sil_status sil_made_weigh(struct sil_made *made,
                                       const struct sil_sample_options *options,
                                       struct sil_sample_fault *fault,
                                       struct sil_error *err);

#endif
