// SPDX-License-Identifier: Apache-2.0
/// The documents of a bundle, each a function of the record and, where it lists other
/// files, of their digests. All append to `out`; the bytes are the same on every machine.
#ifndef SIL_RELEASE_DOCUMENTS_H
#define SIL_RELEASE_DOCUMENTS_H

#include "base/bytes.h"
#include "release/artifact.h"
#include "release/record.h"

/// datasheet.json: the whole claim sheet, for programs. docs/datasheet.schema.json.
/// Errors   SIL_ERR_INTERNAL (memory), and so for all below.
SIL_MUST_USE sil_status sil_datasheet_json(struct sil_bytes *out,
                                           const struct sil_record *record,
                                           struct sil_error *err);

/// datasheet.html: the same for people; one file, no script, nothing loaded.
SIL_MUST_USE sil_status sil_datasheet_html(struct sil_bytes *out,
                                           const struct sil_record *record,
                                           struct sil_error *err);

/// datapackage.json: a Data Package v2 with the claim. Uses the digests of data.csv and
/// schema.json.
SIL_MUST_USE sil_status sil_datapackage_json(struct sil_bytes *out,
                                             const struct sil_record *record,
                                             const struct sil_digests *digests,
                                             struct sil_error *err);

/// VERIFY.txt: how to check the bundle with stock tools, step by step.
SIL_MUST_USE sil_status sil_instructions(struct sil_bytes *out,
                                         const struct sil_record *record,
                                         struct sil_error *err);

/// statement.json: an in-toto Statement v1 over all artifacts.
SIL_MUST_USE sil_status sil_statement_json(struct sil_bytes *out,
                                           const struct sil_record *record,
                                           const struct sil_digests *digests,
                                           struct sil_error *err);

#endif
