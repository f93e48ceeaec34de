// SPDX-License-Identifier: Apache-2.0
/// What the statement of a release says that cannot be found out from the rest of the
/// bundle. Whoever has these makes the record, writes the statement again, and compares.
#ifndef SIL_RELEASE_STATEMENT_H
#define SIL_RELEASE_STATEMENT_H

#include "release/artifact.h"
#include "release/record.h"

/// Types of the statement and of what it says. The predicate's is a URI that nobody else
/// can have: a UUID drawn once, with no host behind it that could go away.
#define SIL_STATEMENT_TYPE      "https://in-toto.io/Statement/v1"
#define SIL_PREDICATE_URN       "urn:uuid:dd795cff-89fe-4e4a-8529-bc2e281a5ac2"
#define SIL_PREDICATE_TYPE      SIL_PREDICATE_URN "#silhouette-release/v1"

#define SIL_STATEMENT_BYTES_MAX ((size_t)1 << 20)

struct sil_statement {
    unsigned documents;         ///< version of its author
    unsigned replay;            ///< of the transcript
    struct sil_id release;      ///< id of the release
    struct sil_id ledger;       ///< LID
    uint64_t size;              ///< entries of the ledger that it is about; at least 1
    struct sil_choices choices; ///< n_rows is at least 1
    char **texts;               ///< owned: those of the choices
    size_t n_texts;
    struct sil_digests digests; ///< sha256 of every artifact as it says; `bytes` are 0
};

/// Read a statement, strictly as far as it is read: its types, the subjects (all artifacts,
/// in their order), and the members above. The rest is for the comparison.
/// Errors   SIL_ERR_INPUT: not a statement of a release, or damaged. SIL_ERR_UNSUPPORTED:
///          another predicate or another number of documents: `documents` and `replay` are
///          then set, as far as they could be read. SIL_ERR_INTERNAL (memory). In any case
///          cleared with sil_statement_clear.
SIL_MUST_USE sil_status sil_statement_parse(struct sil_statement *out, const char *text,
                                            size_t length, struct sil_error *err);
void sil_statement_clear(struct sil_statement *statement);

#endif
