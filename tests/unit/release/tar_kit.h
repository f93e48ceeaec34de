// SPDX-License-Identifier: Apache-2.0
/// Tar files put together block by block, good and bad.
#ifndef TESTS_UNIT_RELEASE_TAR_KIT_H
#define TESTS_UNIT_RELEASE_TAR_KIT_H

#include "base/bytes.h"
#include "release/tar.h"

/// A file: header, bytes, zeros.
void tar_kit_add(struct sil_bytes *tar, const char *name, const void *data,
                 size_t length);

/// So many zeros: SIL_TAR_END ends a tar file.
void tar_kit_zeros(struct sil_bytes *tar, size_t n);

/// Put the sum of the header at `at` right again, after it was changed.
void tar_kit_seal(struct sil_bytes *tar, size_t at);

#endif
