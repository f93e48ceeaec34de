// SPDX-License-Identifier: Apache-2.0
/// A folder of files that appears whole or not at all.
///
/// Its files go to a new folder beside the target, PATH.partial-XXXXXX, each made durable
/// when it is complete; at commit that folder takes the target's name in one step that
/// replaces nothing. What a killed process leaves is such a partial folder, which stands in
/// nobody's way and may be deleted.
#ifndef SIL_BASE_FOLDER_H
#define SIL_BASE_FOLDER_H

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

struct sil_folder;

/// Start a folder that will be `path` (slashes at its end are passed over).
/// Errors   SIL_ERR_USAGE: there is something at `path` already. SIL_ERR_IO: no folder can
///          be made there. SIL_ERR_INTERNAL (memory). `out` is NULL.
SIL_MUST_USE sil_status sil_folder_open(struct sil_folder **out, const char *path,
                                        struct sil_error *err);

/// Start a file; folders in its name ("keys/log.vkey") are made. One at a time.
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_folder_begin(struct sil_folder *folder, const char *name,
                                         struct sil_error *err);

/// Append to the file. Errors  SIL_ERR_IO (a full disk).
SIL_MUST_USE sil_status sil_folder_write(struct sil_folder *folder, const void *data,
                                         size_t length, struct sil_error *err);

/// The file is complete: make it durable. Errors  SIL_ERR_IO.
SIL_MUST_USE sil_status sil_folder_end(struct sil_folder *folder,
                                       struct sil_error *err);

/// All three: a whole file.
SIL_MUST_USE sil_status sil_folder_add(struct sil_folder *folder, const char *name,
                                       const void *data, size_t length,
                                       struct sil_error *err);

/// Take room on the disk for so many bytes, as a file of this name, where the file system
/// can; sil_folder_release gives it back, for what is written next.
/// Errors   SIL_ERR_IO (a full disk), SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_folder_reserve(struct sil_folder *folder, const char *name,
                                           uint64_t bytes, struct sil_error *err);
SIL_MUST_USE sil_status sil_folder_release(struct sil_folder *folder, const char *name,
                                           struct sil_error *err);

/// Read a file of the folder from its beginning; the descriptor is the caller's to close.
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_folder_read(int *fd, const struct sil_folder *folder,
                                        const char *name, struct sil_error *err);

/// Nobody else who uses these functions takes the target's name from here on until the handle
/// is freed: waits for those who are about to (a lock on the folder that it is to be in,
/// where the file system has locks), and looks again.
/// Errors   SIL_ERR_USAGE: something is at the target meanwhile. SIL_ERR_IO.
SIL_MUST_USE sil_status sil_folder_claim(const struct sil_folder *folder,
                                         struct sil_error *err);

/// Make the folders durable, give the target its name, and free the handle.
/// Errors   SIL_ERR_USAGE: something is at the target meanwhile. SIL_ERR_IO: nothing is
///          there, unless the sentence says that only the name is not durable. The handle is
///          freed too.
SIL_MUST_USE sil_status sil_folder_commit(struct sil_folder *folder,
                                          struct sil_error *err);

/// The same for one file of it, which becomes the target; the others are removed.
SIL_MUST_USE sil_status sil_folder_commit_file(struct sil_folder *folder,
                                               const char *name, struct sil_error *err);

/// Forget the folder: nothing is left behind. NULL is allowed.
void sil_folder_abandon(struct sil_folder *folder);

/// Remove the folders that are open in this process; safe in a signal handler (it only
/// calls unlink and rmdir).
void sil_folder_abandon_all(void);

#endif
