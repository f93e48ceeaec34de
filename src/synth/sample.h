// SPDX-License-Identifier: Apache-2.0
/// How many rows can be drawn at once.
#ifndef SIL_SYNTH_SAMPLE_H
#define SIL_SYNTH_SAMPLE_H

#include "base/clique.h"

#include "silhouette/model.h"
#include "silhouette/status.h"

/// Can a model of this mechanism draw so many rows of this domain at once, in the memory of
/// this machine, as far as their codes and what is drawn beside them tell? A machine that
/// lends what it does not have would only notice when it kills. Mosaic draws groups, opens
/// them and searches in a copy, of fewer than 2^31 rows.
/// Errors   SIL_ERR_USAGE: it cannot.
SIL_MUST_USE sil_status sil_rows_fit(const struct sil_domain *domain,
                                     enum sil_mechanism mechanism, uint64_t n_rows,
                                     struct sil_error *err);

#endif
