// SPDX-License-Identifier: Apache-2.0
/// Which build of the inner loops runs. It changes the speed and no bit of any result.
#ifndef SIL_MODEL_ISA_H
#define SIL_MODEL_ISA_H

#include "silhouette/status.h"

/// Choose "scalar", "avx2" or "avx512"; NULL or "": the best that this machine has, which
/// is also what runs when nothing was chosen. Not to be called while a model is in use.
/// Errors   SIL_ERR_USAGE: a name that is not known, or that this machine does not have;
///          the choice is then unchanged.
SIL_MUST_USE sil_status sil_isa_select(const char *name, struct sil_error *err);

/// The name of what runs.
const char *sil_isa_name(void);

#endif
