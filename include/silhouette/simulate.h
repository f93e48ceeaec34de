// SPDX-License-Identifier: Apache-2.0
/// A population made up from a specification: no data, no privacy cost.
#ifndef SILHOUETTE_SIMULATE_H
#define SILHOUETTE_SIMULATE_H

#include "silhouette/progress.h"
#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

/// Draw `n_rows` rows from the specification (JSON text; docs/simulate.md) and write them
/// as CSV to `path`, whole or not at all. A function of (specification, n_rows, seed).
/// Errors   SIL_ERR_INPUT: the specification, with the place. SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_API SIL_MUST_USE sil_status sil_simulate(const char *spec_json, size_t length,
                                             uint64_t n_rows, uint64_t seed,
                                             const char *path,
                                             const struct sil_progress *progress,
                                             struct sil_error *err);

#endif
