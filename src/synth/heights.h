// SPDX-License-Identifier: Apache-2.0
/// How heavy the bins are that values are drawn from.
#ifndef SIL_SYNTH_HEIGHTS_H
#define SIL_SYNTH_HEIGHTS_H

#include "synth/model_object.h"

/// Once the model is fitted: let values within bins of its schema follow what the model says
/// that the bins weigh, where its replay number wants that. Post-processing: a function of
/// the transcript alone. Why the model's marginals: docs/within-bins.md.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_model_set_heights(struct sil_model *model,
                                              struct sil_error *err);

#endif
