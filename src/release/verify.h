// SPDX-License-Identifier: Apache-2.0
/// The inside of a verification: the table, and what the checks hand to each other.
///
/// Each check is a function that returns how its thing stands; sil_verify_judge turns that
/// into a line of the table. A check that rests on another's result is not made without it.
#ifndef SIL_RELEASE_VERIFY_H
#define SIL_RELEASE_VERIFY_H

#include "ledger/chain.h"
#include "release/export.h"
#include "release/reader.h"
#include "release/statement.h"
#include "synth/check_ledger.h"
#include "synth/transcript.h"

#include "silhouette/release.h"

/// The lines of the table, in its order.
enum sil_verify_step {
    SIL_STEP_FILES,        ///< S1
    SIL_STEP_SUMS,         ///< S2
    SIL_STEP_RULES,        ///< L1
    SIL_STEP_CHECKPOINT,   ///< L2
    SIL_STEP_EXPORT,       ///< L3
    SIL_STEP_LEDGER_ID,    ///< F6
    SIL_STEP_PINNED,       ///< W2
    SIL_STEP_ENTRY,        ///< R6
    SIL_STEP_WITHDRAWN,    ///< N1
    SIL_STEP_ARTIFACTS,    ///< R1
    SIL_STEP_STATEMENT,    ///< R2
    SIL_STEP_ENVELOPE,     ///< R3
    SIL_STEP_SIGNATURES,   ///< R4
    SIL_STEP_PROOF,        ///< R5
    SIL_STEP_TRANSCRIPT,   ///< T1
    SIL_STEP_RUN,          ///< R7
    SIL_STEP_REPLAY,       ///< V1
    SIL_STEP_SCHEMA,       ///< C1
    SIL_STEP_SHEET_JSON,   ///< C2
    SIL_STEP_SHEET_HTML,   ///< C3
    SIL_STEP_PACKAGE,      ///< C4
    SIL_STEP_INSTRUCTIONS, ///< C5
    SIL_STEP_WORDS,        ///< C6
    SIL_N_STEPS
};

struct sil_verification {
    struct sil_verify_line {
        enum sil_verify_result result; ///< 0: not yet
        char *detail;                  ///< owned
    } line[SIL_N_STEPS];

    char *bundle;              ///< as it was named; owned
    char *withdrawn;           ///< why, when a notice says so; owned
    char ledger[SIL_ID_TEXT];  ///< "": not known
    char release[SIL_ID_TEXT]; ///< "": not known
    char *data_label;          ///< owned; NULL: not known
    bool has_entry;
    uint64_t entry;     ///< of the release
    uint64_t size;      ///< of the ledger
    uint64_t memory_mb; ///< that is allowed
    bool told_id;       ///< the reader knew the ledger's id
    bool told_size;     ///< the reader had kept a checkpoint
};

const char *sil_verify_id(enum sil_verify_step step);
const char *sil_verify_proves(enum sil_verify_step step);

/// Enter a result. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_verify_enter(struct sil_verification *verification,
                                         enum sil_verify_step step,
                                         enum sil_verify_result result,
                                         const char *detail, struct sil_error *err);

/// Enter how a check came out. SIL_ERR_IO is no result and is returned; what memory did not
/// suffice for (SIL_ERR_INTERNAL) is inconclusive; SIL_ERR_UNSUPPORTED is a result of its
/// own, and everything else is a failure.
SIL_MUST_USE sil_status sil_verify_judge(struct sil_verification *verification,
                                         enum sil_verify_step step, sil_status outcome,
                                         struct sil_error *err);

/// Is there a result, and is it good?
bool sil_verify_holds(const struct sil_verification *verification,
                      enum sil_verify_step step);

/// Enter "not checked" for a check without a result yet, because of `needs`.
SIL_MUST_USE sil_status sil_verify_skip(struct sil_verification *verification,
                                        enum sil_verify_step step,
                                        enum sil_verify_step needs,
                                        struct sil_error *err);

/* ---- what the checks work on ---- */

/// A file of the bundle that is held in memory: all but data.csv.
struct sil_verify_file {
    const struct sil_bundle_file *file;
    struct sil_bytes bytes;
    uint8_t sha256[SIL_HASH_BYTES];
    bool is_due; ///< the ledger asks for it
};

struct sil_verify {
    const struct sil_verify_options *options;
    struct sil_verification *out;
    struct sil_reader *reader;
    struct sil_verify_file *file; ///< as the reader lists them
    size_t n_files;
    struct sil_stream_digests data;

    struct sil_export exported;
    struct sil_chain chain;          ///< of all entries
    const struct sil_chain_key *key; ///< of the release; NULL: key_status says why
    sil_status key_status;
    struct sil_error key_error;

    sil_status statement_status;
    struct sil_error statement_error;
    struct sil_statement statement; ///< when the status is SIL_OK
    struct sil_entry entry;         ///< of the release, when out->has_entry

    struct sil_transcript transcript;
};

/// A file that is there: sil_verify_files has seen to it.
const struct sil_verify_file *sil_verify_file(const struct sil_verify *verify,
                                              const char *name);

/// "NAME differs from what follows ..., in line N": compare a file with what it ought to be.
/// Errors   SIL_ERR_CHECK.
SIL_MUST_USE sil_status sil_verify_same(const struct sil_verify_file *file,
                                        const void *data, size_t length,
                                        struct sil_error *err);

/* ---- the checks, in groups; each fails with SIL_ERR_IO, SIL_ERR_INTERNAL, SIL_ERR_INPUT ---- */

/// S1, S2. Reads everything.
SIL_MUST_USE sil_status sil_verify_files(struct sil_verify *verify,
                                         struct sil_error *err);
/// L1, L2, F6, W2.
SIL_MUST_USE sil_status sil_verify_ledger(struct sil_verify *verify,
                                          struct sil_error *err);
/// R6, N1, R1, R2.
SIL_MUST_USE sil_status sil_verify_entry(struct sil_verify *verify,
                                         struct sil_error *err);
/// R3, R4, R5, L3.
SIL_MUST_USE sil_status sil_verify_signatures(struct sil_verify *verify,
                                              struct sil_error *err);
/// T1, R7, V1, C1 to C6.
SIL_MUST_USE sil_status sil_verify_replay(struct sil_verify *verify,
                                          struct sil_error *err);

#endif
