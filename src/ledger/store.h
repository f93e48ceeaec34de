// SPDX-License-Identifier: Apache-2.0
/// The ledger's directory: immutable numbered files, each published whole by link(2).
///
/// Knows files, not their meaning. A file that was published is never overwritten but by
/// sil_store_rewrite with the same bytes. After the first error of a write the store is
/// spent: every later call is refused, since a failed fsync cannot be repeated.
///
/// Refused, at open or when the file is read (SIL_ERR_INPUT, with the name): a directory
/// that is not ours or that others may write to, symbolic links, files with surplus links,
/// other modes than those of docs/ledger-format.md, foreign names, files above
/// SIL_ENTRY_BYTES_MAX, a file system that does not keep its word (NFS, SMB, FUSE, 9p).
/// Every file is looked at after it was opened, through its descriptor.
#ifndef SIL_LEDGER_STORE_H
#define SIL_LEDGER_STORE_H

#include "base/bytes.h"
#include "ledger/fs.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stdint.h>

struct sil_store;

enum sil_store_kind {
    SIL_STORE_ENTRY = 0,      ///< entries/N, N from 0
    SIL_STORE_CHECKPOINT = 1, ///< checkpoints/N, N from 1
    SIL_STORE_COSIGNED = 2    ///< cosigned/N, N from 1
};

/// Make an empty ledger directory (0700, `format`, `lock`, the folders), durable, and open
/// it. One that a killed earlier call left without an entry is taken over.
/// Errors   SIL_ERR_IO, SIL_ERR_USAGE: it exists and has entries.
SIL_MUST_USE sil_status sil_store_create(struct sil_store **out,
                                         const struct sil_fs *fs, const char *path,
                                         struct sil_error *err);

/// Open an existing one. Errors  SIL_ERR_INPUT (hardening), SIL_ERR_IO,
/// SIL_ERR_UNSUPPORTED: another `format`.
SIL_MUST_USE sil_status sil_store_open(struct sil_store **out, const struct sil_fs *fs,
                                       const char *path, struct sil_error *err);

/// Open one that is only looked at: a copy, whose files may have any mode under which
/// nobody else may write. Everything else is as strict. Errors  as sil_store_open.
SIL_MUST_USE sil_status sil_store_open_copy(struct sil_store **out,
                                            const struct sil_fs *fs, const char *path,
                                            struct sil_error *err);

void sil_store_close(struct sil_store *store);

/// Is it on a file system that forgets (a warning for the operator)?
bool sil_store_is_volatile(const struct sil_store *store);

/// Take the lock, waiting at most `seconds`. Errors  SIL_ERR_IO: held by another for too
/// long.
SIL_MUST_USE sil_status sil_store_lock(struct sil_store *store, unsigned seconds,
                                       struct sil_error *err);
void sil_store_unlock(struct sil_store *store);

/// The numbers present, ascending; freed with free(). Errors  SIL_ERR_INPUT: a foreign
/// name. SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_store_numbers(uint64_t **numbers, size_t *n,
                                          struct sil_store *store,
                                          enum sil_store_kind kind,
                                          struct sil_error *err);

SIL_MUST_USE sil_status sil_store_read(struct sil_bytes *out, struct sil_store *store,
                                       enum sil_store_kind kind, uint64_t number,
                                       struct sil_error *err);

/// Read files `number` (n of them) into out[0 .. n - 1], on all cores when they are many.
/// The error is that of the first that cannot be read, whatever the number of cores.
/// @param[out] out   n buffers, all to be cleared by the caller, also after an error.
SIL_MUST_USE sil_status sil_store_read_all(struct sil_bytes *out,
                                           struct sil_store *store,
                                           enum sil_store_kind kind,
                                           const uint64_t *number, size_t n,
                                           struct sil_error *err);

/// Publish: temporary file, write, mode 0444, fsync, link, fsync of the directory, unlink
/// of the temporary name. `*existed`: another file holds the number already, its name is
/// durable now, nothing was published, and the store is not spent. Pre  locked.
SIL_MUST_USE sil_status sil_store_publish(bool *existed, struct sil_store *store,
                                          enum sil_store_kind kind, uint64_t number,
                                          const struct sil_bytes *data,
                                          struct sil_error *err);

/// The file `checkpoint`; `*present` false: there is none.
SIL_MUST_USE sil_status sil_store_head(struct sil_bytes *out, bool *present,
                                       struct sil_store *store, struct sil_error *err);

/// Write the same bytes again under the same name (rename over it), durable: after a crash
/// the copy in memory may be all there is. Cosigned notes alone may grow by lines this way.
/// Pre  locked.
SIL_MUST_USE sil_status sil_store_rewrite(struct sil_store *store,
                                          enum sil_store_kind kind, uint64_t number,
                                          const struct sil_bytes *data,
                                          struct sil_error *err);

/// The file `checkpoint`, a copy of the newest for other people's tools. Pre  locked.
SIL_MUST_USE sil_status sil_store_set_head(struct sil_store *store,
                                           const struct sil_bytes *data,
                                           struct sil_error *err);

/// Remove what is left in tmp/. Pre  locked.
SIL_MUST_USE sil_status sil_store_clean(struct sil_store *store, struct sil_error *err);

/// Move a file to quarantine/, durable. Pre  locked.
SIL_MUST_USE sil_status sil_store_quarantine(struct sil_store *store,
                                             enum sil_store_kind kind, uint64_t number,
                                             struct sil_error *err);

/// The watermark of a ledger, kept in another directory (`state`, made if it is missing):
/// the last checkpoint that was ever acknowledged. `*present` false: there is none. The
/// directory may be on another host.
/// Errors   SIL_ERR_INPUT: directory or file is not safe to use. SIL_ERR_IO,
///          SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_watermark_read(struct sil_bytes *out, bool *present,
                                           const struct sil_fs *fs, const char *state,
                                           const uint8_t ledger[16],
                                           struct sil_error *err);
SIL_MUST_USE sil_status sil_watermark_write(const struct sil_fs *fs, const char *state,
                                            const uint8_t ledger[16],
                                            const struct sil_bytes *data,
                                            struct sil_error *err);

#endif
