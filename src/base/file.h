// SPDX-License-Identifier: Apache-2.0
/// Files that appear whole or not at all.
#ifndef SIL_BASE_FILE_H
#define SIL_BASE_FILE_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// Read a whole regular file or, for "-", the standard input, of at most `limit` bytes.
/// Errors   SIL_ERR_IO: cannot be opened or read. SIL_ERR_INPUT: larger than `limit`, or
///          a directory. SIL_ERR_INTERNAL: memory. `out` is then empty.
SIL_MUST_USE sil_status sil_file_read(struct sil_bytes *out, const char *path,
                                      size_t limit, struct sil_error *err);

/// The same of a file that is open, from where it stands; `path` is what messages call it.
/// It stays open. Errors as for sil_file_read.
SIL_MUST_USE sil_status sil_file_read_open(struct sil_bytes *out, int fd,
                                           const char *path, size_t limit,
                                           struct sil_error *err);

/// An output on its way: bytes go to a temporary file beside the target (or straight to
/// the standard output for "-") and take the target's name in one step at commit.
struct sil_output;

/// Start an output. The directory must exist, be writable and readable (its own sync needs
/// that), and the target, if there is one, a regular file that is none of the standard
/// streams: found out here, before any work is done or any budget spent.
/// @param mode   permission bits, 0600 for what is private to the operator, else 0644.
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_output_open(struct sil_output **out, const char *path,
                                        mode_t mode, struct sil_error *err);

/// Takes what is written to an output, piece by piece.
typedef sil_status sil_sink(void *context, const void *data, size_t length,
                            struct sil_error *err);

/// An output that goes to a function instead of a file: to hash what would be written, or
/// to keep it in memory. Commit hands over the last piece.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_output_to(struct sil_output **out, sil_sink *sink,
                                      void *context, struct sil_error *err);

/// Append bytes; buffered. Errors  SIL_ERR_IO (a full disk, a closed pipe), those of a sink.
SIL_MUST_USE sil_status sil_output_write(struct sil_output *output, const void *data,
                                         size_t length, struct sil_error *err);

/// Flush and make durable what was written so far, still without the file's name: of several
/// files that belong together each is settled before the first is committed.
/// Errors   SIL_ERR_IO.
SIL_MUST_USE sil_status sil_output_settle(struct sil_output *output,
                                          struct sil_error *err);

/// Flush, make durable (fsync of file and directory), give the file its name, and free
/// the handle. An existing target is replaced; a symbolic link is, not what it leads to.
/// Errors   SIL_ERR_IO: the target is then as it was before, unless the sentence says that
///          it is written and only its name is not durable; the handle is freed too.
SIL_MUST_USE sil_status sil_output_commit(struct sil_output *output,
                                          struct sil_error *err);

/// Forget the output: nothing is left behind. NULL is allowed.
void sil_output_abandon(struct sil_output *output);

/// Remove the temporary files of outputs that are open in this process; safe in a signal
/// handler (it only calls unlink).
void sil_output_abandon_all(void);

/// True when both paths lead to the same existing file.
bool sil_file_same(const char *a, const char *b);

#endif
