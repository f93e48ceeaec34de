// SPDX-License-Identifier: Apache-2.0
/// The inside of a reader of bundles: where the bytes are.
#ifndef SIL_RELEASE_READER_INTERNAL_H
#define SIL_RELEASE_READER_INTERNAL_H

#include "release/reader.h"

struct sil_reader {
    char *path; ///< as it was named, for sentences; owned
    int file;   ///< the folder or the tar file; -1: in memory
    bool is_tar;
    const uint8_t *bytes; ///< of a tar file in memory; borrowed
    uint64_t length;      ///< of the tar file
    struct sil_bundle_file *list;
    size_t n;
    size_t capacity;
};

/// Add a file to the list. Errors  SIL_ERR_CHECK [S1], SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_reader_add(struct sil_reader *reader,
                                       const struct sil_bundle_file *file,
                                       struct sil_error *err);

/// List a folder, or a tar file. Errors  those of sil_reader_open.
SIL_MUST_USE sil_status sil_reader_list_folder(struct sil_reader *reader,
                                               struct sil_error *err);
SIL_MUST_USE sil_status sil_reader_list_tar(struct sil_reader *reader,
                                            struct sil_error *err);

/// Open a listed file of a folder, component by component. `*out` is to be closed.
/// Errors   SIL_ERR_CHECK [S1]: it is no longer what was listed. SIL_ERR_IO.
SIL_MUST_USE sil_status sil_reader_open_listed(int *out,
                                               const struct sil_reader *reader,
                                               const struct sil_bundle_file *file,
                                               struct sil_error *err);

/// Read `length` bytes at `offset` of a tar file; fewer are there: `*got` says how many.
/// Errors   SIL_ERR_IO.
SIL_MUST_USE sil_status sil_reader_at(uint8_t *out, size_t length, size_t *got,
                                      const struct sil_reader *reader, uint64_t offset,
                                      struct sil_error *err);

#endif
