// SPDX-License-Identifier: Apache-2.0
/// The documents of a bundle, each a function of the record and, where it lists other
/// files, of their digests. All append to `out`; the bytes are the same on every machine.
#ifndef SIL_RELEASE_DOCUMENTS_H
#define SIL_RELEASE_DOCUMENTS_H

#include "base/bytes.h"
#include "release/artifact.h"
#include "release/claim_sheet.h"
#include "release/picture.h"
#include "release/record.h"

/// What both datasheets say: found once, as it takes a pass over the rows for every pair of
/// columns.
struct sil_datasheet {
    const struct sil_record *record; ///< borrowed
    struct sil_claim_sheet claim;
    struct sil_picture *picture; ///< owned; one a column
    uint32_t n_columns;
    struct sil_association association;
};

/// Errors   SIL_ERR_INTERNAL (memory), and so for all below. `out` may be cleared all the
///          same.
SIL_MUST_USE sil_status sil_datasheet_make(struct sil_datasheet *out,
                                           const struct sil_record *record,
                                           struct sil_error *err);
void sil_datasheet_clear(struct sil_datasheet *sheet);

/// datasheet.json: the whole claim sheet, for programs. docs/datasheet.schema.json.
SIL_MUST_USE sil_status sil_datasheet_json(struct sil_bytes *out,
                                           const struct sil_datasheet *sheet,
                                           struct sil_error *err);

/// datasheet.html: the same for people; one file, no script, nothing loaded.
SIL_MUST_USE sil_status sil_datasheet_html(struct sil_bytes *out,
                                           const struct sil_datasheet *sheet,
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
