// SPDX-License-Identifier: Apache-2.0
/// A bundle in one file: docs/bundle-format.md, One file. It is read where it lies and
/// never unpacked. Source  POSIX.1-2017, pax, ustar interchange format.
#ifndef AUDIT_VERIFY_TAR_H
#define AUDIT_VERIFY_TAR_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AUD_NAME_ROOM = 257, AUD_MEMBERS_MAX = 100000 };

struct aud_member {
    char name[AUD_NAME_ROOM];
    uint64_t at; ///< where its bytes begin in the file
    uint64_t length;
};

struct aud_tar {
    struct aud_member *member; ///< owned; ascending by name
    size_t n, room;
};

/// Find the members of the file at `fd`, which has `size` bytes. Refused: anything but
/// regular files (links lead elsewhere), names that are not below or not ascending (so none
/// comes twice), fields that are not what the format says, bytes behind the end.
/// Errors   SIL_ERR_INPUT: not a tar file at all. SIL_ERR_CHECK: [S1] what is wrong with it.
///          SIL_ERR_IO; SIL_ERR_INTERNAL (memory). Cleared with aud_tar_clear in any case.
SIL_MUST_USE sil_status aud_tar_index(struct aud_tar *out, int fd, uint64_t size,
                                      struct sil_error *err);
void aud_tar_clear(struct aud_tar *tar);

/// NULL: there is none of that name.
const struct aud_member *aud_tar_find(const struct aud_tar *tar, const char *name);

/// Is it a name below: no part of it empty or of dots alone?
bool aud_stays_below(const char *name);

#endif
