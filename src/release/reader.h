// SPDX-License-Identifier: Apache-2.0
/// A bundle as somebody hands it over: a folder or a tar file, read in place.
///
/// Whoever made it may wish us ill. So names come from a closed set, everything is a regular
/// file below one folder that was opened once (no symbolic link is followed), sizes are
/// limited before a byte is read, at most SIL_BUNDLE_FILES_MAX files are listed, and
/// nothing is written, unpacked or run. docs/verify.md gives the limits.
#ifndef SIL_RELEASE_READER_H
#define SIL_RELEASE_READER_H

#include "base/bytes.h"
#include "crypto/stream.h"
#include "release/tar.h"

#include "silhouette/progress.h"
#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIL_BUNDLE_NAME_MAX  SIL_TAR_NAME_MAX
#define SIL_BUNDLE_FILES_MAX 4096

/// May a bundle hold a file of this name? `*limit` is then the most bytes that it may have.
/// Which of the ledger's tiles and of the keys a certain bundle holds depends on its
/// ledger: here any that could be is allowed.
bool sil_bundle_allows(const char *name, uint64_t *limit);

/// The files that every bundle has, by number from 0; NULL behind the last.
const char *sil_bundle_fixed_name(size_t i);

struct sil_bundle_file {
    char name[SIL_BUNDLE_NAME_MAX + 1];
    uint64_t size;
    uint64_t offset; ///< of its bytes in the tar file
};

struct sil_reader;

/// List what is there, which it is to be: a folder or a tar file of the form of tar.h; "-"
/// is a tar file that the standard input has been redirected from.
/// Errors   SIL_ERR_CHECK [S1], with the name: a file that does not belong there, that is
///          listed twice, is no regular file or too large; too many files. SIL_ERR_INPUT:
///          neither a folder nor such a tar file, or one that is damaged. SIL_ERR_IO.
///          SIL_ERR_INTERNAL (memory). `out` is NULL.
SIL_MUST_USE sil_status sil_reader_open(struct sil_reader **out, const char *path,
                                        struct sil_error *err);

/// The same from a tar file in memory (borrowed), whose name in sentences is `path`.
SIL_MUST_USE sil_status sil_reader_open_memory(struct sil_reader **out,
                                               const uint8_t *data, size_t length,
                                               const char *path, struct sil_error *err);

/// NULL is allowed.
void sil_reader_close(struct sil_reader *reader);

/// The files, ascending by name (bytes).
size_t sil_reader_n_files(const struct sil_reader *reader);
const struct sil_bundle_file *sil_reader_file(const struct sil_reader *reader,
                                              size_t i);

/// The file of this name, or NULL.
const struct sil_bundle_file *sil_reader_find(const struct sil_reader *reader,
                                              const char *name);

/// The bytes of a file. `out` is initialised here and always to be cleared.
/// Errors   SIL_ERR_CHECK [S1]: it is not what was listed a moment ago. SIL_ERR_IO.
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_reader_read(struct sil_bytes *out,
                                        const struct sil_reader *reader,
                                        const struct sil_bundle_file *file,
                                        struct sil_error *err);

/// Its digests, piece by piece: for files that do not fit into memory. `progress` may be
/// NULL. Errors  as sil_reader_read.
SIL_MUST_USE sil_status sil_reader_digest(struct sil_stream_digests *out,
                                          const struct sil_reader *reader,
                                          const struct sil_bundle_file *file,
                                          const struct sil_progress *progress,
                                          struct sil_error *err);

#endif
