// SPDX-License-Identifier: Apache-2.0
/// What a program left in its folder besides the files that it was asked for.
#ifndef AUDIT_GAME_LEAVINGS_H
#define AUDIT_GAME_LEAVINGS_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aud_leavings {
    struct sil_bytes
        text;          ///< names, what links point to and contents, one after another
    uint64_t names;    ///< a digest of all names, in whatever order
    uint64_t contents; ///< a digest of all contents, in whatever order
    bool is_cut;       ///< there is more, or something that cannot be read
};

/// Read what is below an open folder: regular files, and folders in it, nothing followed.
/// Regular files of the names `known` (a NULL ends them) in the folder itself are left out.
/// What is too much or cannot be read is `is_cut`. Errors  SIL_ERR_INTERNAL (memory).
/// Cleared with aud_leavings_clear whatever the outcome.
SIL_MUST_USE sil_status aud_leavings_read(struct aud_leavings *out, int folder,
                                          const char *const *known,
                                          struct sil_error *err);
void aud_leavings_clear(struct aud_leavings *leavings);

/// Eight bytes of a hash.
uint64_t aud_short_digest(const void *data, size_t length);

#endif
