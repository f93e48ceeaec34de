// SPDX-License-Identifier: Apache-2.0
/// The one form of tar files that a release is written in and read from: regular files of
/// ustar, ascending by name (bytes), and two blocks of zeros at the end, where the file ends.
///
/// A header is a function of a name and a size and nothing else (mode 0644, owner 0, time
/// 0), so that a reader can make it again and compare: extensions, links, folders and
/// other ways to say the same do not exist. Source  POSIX.1-2017, pax, "ustar Interchange
/// Format".
#ifndef SIL_RELEASE_TAR_H
#define SIL_RELEASE_TAR_H

#include <stdbool.h>
#include <stdint.h>

#define SIL_TAR_BLOCK    512
#define SIL_TAR_END      (2 * SIL_TAR_BLOCK)
#define SIL_TAR_NAME_MAX 99
#define SIL_TAR_SIZE_MAX ((UINT64_C(1) << 33) - 1) ///< eleven octal digits

/// The header of a file. Pre  1 to SIL_TAR_NAME_MAX bytes of name, size at most
/// SIL_TAR_SIZE_MAX.
void sil_tar_header(uint8_t block[SIL_TAR_BLOCK], const char *name, uint64_t size);

/// False when the block is not what sil_tar_header makes of some name and size; `name`
/// then is what stands in the place of one, made printable.
bool sil_tar_parse(char name[SIL_TAR_NAME_MAX + 1], uint64_t *size,
                   const uint8_t block[SIL_TAR_BLOCK]);

/// What stands at a header that sil_tar_parse does not take, in words; NULL: nothing of a
/// tar file.
const char *sil_tar_kind(const uint8_t block[SIL_TAR_BLOCK]);

/// Bytes of zeros that follow a file of this size, to the end of its block.
uint64_t sil_tar_padding(uint64_t size);

#endif
