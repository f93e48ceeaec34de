// SPDX-License-Identifier: Apache-2.0
/// How many rows can be drawn at once.
#ifndef SIL_SYNTH_SAMPLE_H
#define SIL_SYNTH_SAMPLE_H

#include "base/clique.h"

#include "silhouette/status.h"

/// Can so many rows of this domain be held in the memory of this machine, as far as their
/// codes tell? A machine that lends what it does not have would only notice when it kills.
/// Errors   SIL_ERR_USAGE: they cannot.
SIL_MUST_USE sil_status sil_rows_fit(const struct sil_domain *domain, uint64_t n_rows,
                                     struct sil_error *err);

#endif
