// SPDX-License-Identifier: Apache-2.0
/// Whole files and checked directories over the table of operations: what the store and
/// the watermarks share.
#ifndef SIL_LEDGER_FS_FILE_H
#define SIL_LEDGER_FS_FILE_H

#include "base/bytes.h"
#include "ledger/fs.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>

/// 32 hex digits of fresh random bytes: the name of a temporary file.
#define SIL_FS_NAME 33
void sil_fs_random_name(char name[SIL_FS_NAME]);

/// A directory that is safe to write to: ours, and nobody else may write to it.
/// @param label   names it in the error.
/// @param[out] directory   the descriptor; -1 on error, with errno ENOENT when there is
///                         none (SIL_ERR_IO).
/// Errors   SIL_ERR_INPUT: no directory, a symbolic link, not ours, open to others.
///          SIL_ERR_IO.
SIL_MUST_USE sil_status sil_fs_enter(int *directory, const struct sil_fs *fs, int at,
                                     const char *name, const char *label,
                                     struct sil_error *err);

/// Make a directory (0700) unless it exists, and its name in `path`'s parent durable. One
/// that exists in a parent that cannot be read or synced is taken as it is.
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_fs_make_directory(const struct sil_fs *fs, const char *path,
                                              struct sil_error *err);

/// The same for every directory of the path, each durable before the next.
SIL_MUST_USE sil_status sil_fs_make_path(const struct sil_fs *fs, const char *path,
                                         struct sil_error *err);

/// A name in an open directory, and what errors call it.
struct sil_fs_name {
    const struct sil_fs *fs;
    int directory;
    const char *name;
    const char *label;
};

/// An open file, looked at after it was opened.
struct sil_fs_open {
    int file;
    struct sil_fs_facts facts;
};

/// Any mode under which nobody else may write: of a copy that is only read.
#define SIL_FS_ANY_MODE ((mode_t)-1)

/// Open a regular file of ours with this mode (permission bits). Links are the caller's to
/// judge. Errors  SIL_ERR_INPUT (a symbolic link, a FIFO, another mode or owner),
/// SIL_ERR_IO; `file` is then -1 and errno ENOENT when there is none.
SIL_MUST_USE sil_status sil_fs_open_checked(struct sil_fs_open *out,
                                            const struct sil_fs_name *name, int flags,
                                            mode_t mode, struct sil_error *err);

/// Read it to its end, at most `limit` bytes. Errors  SIL_ERR_INPUT: larger. SIL_ERR_IO,
/// SIL_ERR_INTERNAL; `out` is then empty.
SIL_MUST_USE sil_status sil_fs_read_all(struct sil_bytes *out,
                                        const struct sil_fs_name *name,
                                        const struct sil_fs_open *open, size_t limit,
                                        struct sil_error *err);

/// Create a file with these bytes and this mode; its bytes are durable, its name is not.
/// After an error what was begun is removed. Errors  SIL_ERR_IO.
SIL_MUST_USE sil_status sil_fs_put(const struct sil_fs_name *name, mode_t mode,
                                   const struct sil_bytes *data, struct sil_error *err);

#endif
