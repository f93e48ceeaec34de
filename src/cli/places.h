// SPDX-License-Identifier: Apache-2.0
/// Files named on the command line, before anything is read or spent.
#ifndef SIL_CLI_PLACES_H
#define SIL_CLI_PLACES_H

#include "silhouette/status.h"

#include <stddef.h>

/// A file and the option that named it; a NULL path is skipped.
struct sil_cli_place {
    const char *option;
    const char *path;
};

/// Refuse an output that is also an input or another output, and the standard input or
/// output used twice. Errors  SIL_ERR_USAGE.
SIL_MUST_USE sil_status sil_cli_places_differ(const struct sil_cli_place *inputs,
                                              size_t n_inputs,
                                              const struct sil_cli_place *outputs,
                                              size_t n_outputs, struct sil_error *err);

/// Write a block beside the target and remove it again, so that a place that takes no file
/// or a disk that is full is found out before any budget is spent.
/// Errors   SIL_ERR_IO.
SIL_MUST_USE sil_status sil_cli_place_try(const char *path, struct sil_error *err);

#endif
