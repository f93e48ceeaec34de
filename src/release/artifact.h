// SPDX-License-Identifier: Apache-2.0
/// The files of a bundle: which there are, and what is known of each.
#ifndef SIL_RELEASE_ARTIFACT_H
#define SIL_RELEASE_ARTIFACT_H

#include "crypto/hash.h"

#include <stdint.h>

/// What the statement lists and the release entry hashes, in this order.
enum sil_artifact_kind {
    SIL_ARTIFACT_DATA,         ///< data.csv
    SIL_ARTIFACT_SCHEMA,       ///< schema.json, byte for byte as in the transcript
    SIL_ARTIFACT_TRANSCRIPT,   ///< transcript.sil
    SIL_ARTIFACT_SHEET_JSON,   ///< datasheet.json
    SIL_ARTIFACT_SHEET_HTML,   ///< datasheet.html
    SIL_ARTIFACT_PACKAGE,      ///< datapackage.json
    SIL_ARTIFACT_INSTRUCTIONS, ///< VERIFY.txt
    SIL_N_ARTIFACTS
};

/// "data.csv", ...
const char *sil_artifact_name(enum sil_artifact_kind kind);

struct sil_digest {
    uint8_t sha256[SIL_HASH_BYTES];
    uint64_t bytes;
};

/// Of every artifact, by kind.
struct sil_digests {
    struct sil_digest of[SIL_N_ARTIFACTS];
};

#endif
