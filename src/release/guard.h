// SPDX-License-Identifier: Apache-2.0
/// What must not leave the house by accident.
#ifndef SIL_RELEASE_GUARD_H
#define SIL_RELEASE_GUARD_H

#include "silhouette/status.h"

/// Refuse a model that lies in a folder of internal reports (base/internal_marker.h), at
/// whatever depth, and a bundle that would: what stands there was computed on private rows.
/// Refuse as well to call a bundle `internal`.
/// @param model   "-": the standard input.
/// Errors   SIL_ERR_USAGE, with the folder. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_release_guard(const char *model, const char *bundle,
                                          struct sil_error *err);

#endif
