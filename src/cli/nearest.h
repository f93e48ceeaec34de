// SPDX-License-Identifier: Apache-2.0
/// "Did you mean ...?"
#ifndef SIL_CLI_NEAREST_H
#define SIL_CLI_NEAREST_H

#include <stddef.h>

/// Keeps the candidate that is closest to `word`, as long as it is close enough to be a
/// slip of the fingers. Start from {.word = ...}.
struct sil_cli_nearest {
    const char *word;
    const char *best; ///< NULL: nothing close
    size_t distance;
};

void sil_cli_nearest_try(struct sil_cli_nearest *nearest, const char *candidate);

#endif
