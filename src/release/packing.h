// SPDX-License-Identifier: Apache-2.0
/// A bundle on its way. The inside of bundle.c and packing.c.
#ifndef SIL_RELEASE_PACKING_H
#define SIL_RELEASE_PACKING_H

#include "base/bytes.h"
#include "base/codes.h"
#include "base/folder.h"
#include "crypto/stream.h"
#include "release/bundle.h"
#include "release/documents.h"
#include "release/sums.h"
#include "synth/sample.h"

struct packing {
    struct sil_bundle *bundle;
    struct sil_folder *folder;
    struct sil_stream *stream;
    struct sil_sums sums;
    struct sil_codes rows;   ///< drawn before the artifacts are made
    struct sil_parts *parts; ///< the same; NULL: none
    bool is_late; ///< another process wrote to the ledger before the entry did
    bool has_record;
    struct sil_record record;
    struct sil_datasheet sheet; ///< of the record
    struct sil_digests digests;
    struct sil_stream_digests data; ///< of data.csv
    struct sil_bytes statement;
};

void sil_packing_clear(struct packing *packing);

/// A file, whole: a sil_bundle_sink whose context is the packing. Its digest goes to the
/// sums.
SIL_MUST_USE sil_status sil_packing_take(void *context, const char *name,
                                         const void *data, size_t length,
                                         struct sil_error *err);

/// Write every artifact and note its digest. Errors  those of the folder; SIL_ERR_USAGE:
/// too large for a bundle.
SIL_MUST_USE sil_status sil_packing_artifacts(struct packing *packing,
                                              struct sil_error *err);

/// Write the statement over them, and its envelope.
SIL_MUST_USE sil_status sil_packing_statement(struct packing *packing,
                                              struct sil_error *err);

#endif
