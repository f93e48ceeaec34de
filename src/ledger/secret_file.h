// SPDX-License-Identifier: Apache-2.0
/// Files that hold secrets, for the files of this layer that deal in keys.
#ifndef SIL_LEDGER_SECRET_FILE_H
#define SIL_LEDGER_SECRET_FILE_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <sys/types.h>

/// Read a file of at most `limit` bytes that is regular, ours, of one name, and that nobody
/// else may read or write; no symbolic link is followed. All is asked of the open file.
/// @param[out] out   wiped by the caller (sil_secret_bytes_clear).
/// Errors   SIL_ERR_INPUT: which of these it fails, and what to type. SIL_ERR_IO: not
///          there. SIL_ERR_INTERNAL. `out` is empty.
SIL_MUST_USE sil_status sil_secret_file_read(struct sil_bytes *out, const char *path,
                                             size_t limit, struct sil_error *err);

/// Make a new file with these bytes, durable: nothing is replaced, and after an error
/// nothing is left. Errors  SIL_ERR_USAGE: there is such a file. SIL_ERR_IO.
SIL_MUST_USE sil_status sil_secret_file_create(const char *path,
                                               const struct sil_bytes *data,
                                               mode_t mode, struct sil_error *err);

/// Make what happened to the names in the directory of `path` durable. Errors  SIL_ERR_IO.
SIL_MUST_USE sil_status sil_directory_sync(const char *path, struct sil_error *err);

/// Wipe, then free.
void sil_secret_bytes_clear(struct sil_bytes *bytes);

#endif
