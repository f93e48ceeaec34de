// SPDX-License-Identifier: Apache-2.0
/// The names of a bundle's files, besides those of the artifacts. docs/bundle-format.md.
///
/// A bundle holds the artifacts (artifact.h), the files named here, those of sil_key_files
/// and of sil_export_tiles, and nothing else.
#ifndef SIL_RELEASE_NAMES_H
#define SIL_RELEASE_NAMES_H

#include "silhouette/status.h"

#include <stddef.h>

#define SIL_BUNDLE_STATEMENT           "statement.json"
#define SIL_BUNDLE_ENVELOPE            "statement.dsse.json"
#define SIL_BUNDLE_STATEMENT_SIGNATURE "statement.json.minisig"
#define SIL_BUNDLE_DATA_SIGNATURE      "data.csv.minisig"
#define SIL_BUNDLE_PROOF               "release.tlog-proof"
#define SIL_BUNDLE_RELEASE_KEY         "keys/release.pub"
#define SIL_BUNDLE_CHECKPOINT          "ledger/checkpoint"
#define SIL_BUNDLE_SUMS                "SHA256SUMS"

/// Takes a whole file of a bundle under its name. What a bundle must hold is handed out
/// this way both to who writes one and to who compares one.
typedef sil_status sil_bundle_sink(void *context, const char *name, const void *data,
                                   size_t length, struct sil_error *err);

#endif
