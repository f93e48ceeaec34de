// SPDX-License-Identifier: Apache-2.0
/// A folder, or the tar file of one, that somebody else has made: read below one descriptor,
/// nothing followed, nothing unpacked.
#ifndef AUDIT_VERIFY_FOLDER_H
#define AUDIT_VERIFY_FOLDER_H

#include "audits/verify/tar.h"
#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aud_folder {
    int fd;
    bool is_tar;
    struct aud_tar tar;
};

/// Errors   SIL_ERR_INPUT: neither a folder nor a tar file. SIL_ERR_CHECK: [S1] a tar file
///          that no release is. SIL_ERR_IO. Closed with aud_folder_close in any case.
SIL_MUST_USE sil_status aud_folder_open(struct aud_folder *out, const char *path,
                                        struct sil_error *err);
void aud_folder_close(struct aud_folder *folder);

/// A whole file of at most `limit` bytes; `name` may have folders in it. Neither they nor
/// the file may be symbolic links, and the file must be a regular one.
/// Errors   SIL_ERR_INPUT with the name; SIL_ERR_IO; SIL_ERR_INTERNAL. `out` is then empty.
SIL_MUST_USE sil_status aud_folder_read(struct sil_bytes *out,
                                        const struct aud_folder *folder,
                                        const char *name, size_t limit,
                                        struct sil_error *err);

/// How many things other than folders are in it and its folders; of more than AUD_COUNT_MAX
/// no more are counted, and so where one cannot be listed.
enum { AUD_COUNT_MAX = 100000 };

size_t aud_folder_count(const struct aud_folder *folder);

/// How large a file is. Errors  as aud_folder_read.
SIL_MUST_USE sil_status aud_folder_size(uint64_t *out, const struct aud_folder *folder,
                                        const char *name, struct sil_error *err);

/// SHA-256 and BLAKE2b-512 of a file of any size, in pieces. Errors  as aud_folder_read.
SIL_MUST_USE sil_status aud_folder_digest(uint8_t sha256[32], uint8_t blake2b[64],
                                          const struct aud_folder *folder,
                                          const char *name, struct sil_error *err);

/// How many records a CSV file has: ends of lines outside quotes, and what follows the last
/// of them. Errors  as aud_folder_read.
SIL_MUST_USE sil_status aud_folder_records(uint64_t *out,
                                           const struct aud_folder *folder,
                                           const char *name, struct sil_error *err);

#endif
