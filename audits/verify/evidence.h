// SPDX-License-Identifier: Apache-2.0
/// A bundle as the auditor holds it: what was loaded, and the checks on it.
///
/// Each check notes findings and, where it loads something, leaves it here for the next.
/// A check whose evidence is missing notes nothing: what made it missing was noted.
#ifndef AUDIT_VERIFY_EVIDENCE_H
#define AUDIT_VERIFY_EVIDENCE_H

#include "audits/ledger/checkpoint.h"
#include "audits/ledger/ledger.h"
#include "audits/ledger/transcript.h"
#include "audits/verify/findings.h"
#include "audits/verify/folder.h"

#include <jansson.h>

enum { AUD_AGAINST_MAX = 16 };

struct aud_case {
    struct aud_folder folder;
    struct aud_findings findings;
    const char *expected_id; ///< of the ledger, 32 hex digits; NULL: not known
    const char *pinned;      ///< a file with a checkpoint kept from earlier; NULL
    const char *policy;      ///< a file that says whose cosignatures count; NULL
    const char *against[AUD_AGAINST_MAX]; ///< other bundles whose noise must be other
    size_t n_against;
    const char *generator;  ///< path of the program to replay with; NULL
    const char *data;       ///< a file with the data; NULL: the auditor has none
    const char *disclosure; ///< of the key of the data commitment; NULL
    char delimiter;         ///< of that file
    unsigned seconds;       ///< that it may take

    bool has_ledger;
    struct aud_ledger ledger;
    struct aud_hash *leaf; ///< owned, of every entry
    struct sil_bytes checkpoint;
    bool has_transcript;
    const struct aud_reserve *run; ///< of the ledger, whose it is; NULL: none
    struct sil_bytes transcript_bytes;
    struct aud_transcript transcript;
    json_t *statement; ///< owned
    struct sil_bytes statement_bytes;
    const struct aud_release *release; ///< of the statement; NULL: not found
};

void aud_case_init(struct aud_case *item);
void aud_case_clear(struct aud_case *item);

/// All checks without the data, in order; all with them.
/// Errors   SIL_ERR_INTERNAL, SIL_ERR_IO; of what the auditor brings (data, a checkpoint that
///          was kept) SIL_ERR_INPUT; all else is a finding.
SIL_MUST_USE sil_status aud_verify(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_conform(struct aud_case *item, struct sil_error *err);

/// The parts of it, by file. Errors  as above.
SIL_MUST_USE sil_status aud_check_ledger(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_checkpoint(struct aud_case *item,
                                             const struct aud_checkpoint *checkpoint,
                                             struct sil_error *err);
SIL_MUST_USE sil_status aud_check_release(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_transcript(struct aud_case *item,
                                             struct sil_error *err);
SIL_MUST_USE sil_status aud_check_schedule(struct aud_case *item,
                                           struct sil_error *err);
SIL_MUST_USE sil_status aud_check_statement(struct aud_case *item,
                                            struct sil_error *err);
SIL_MUST_USE sil_status aud_check_order(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_rules(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_recomputed(struct aud_case *item,
                                             struct sil_error *err);
SIL_MUST_USE sil_status aud_check_inputs(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_claim(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_noise(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_twice(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_data(struct aud_case *item, struct sil_error *err);
SIL_MUST_USE sil_status aud_check_replay(struct aud_case *item, struct sil_error *err);

/// Settle the open fields of the table by what the transcript found; then hold what was
/// found against its rows.
/// Errors   SIL_ERR_CHECK: "[D1] sentence": that cannot be. SIL_ERR_INTERNAL.
struct aud_table;
SIL_MUST_USE sil_status aud_settle_found(struct aud_table *table,
                                         const struct aud_transcript *transcript,
                                         struct sil_error *err);
SIL_MUST_USE sil_status aud_check_found(struct aud_case *item,
                                        const struct aud_table *table,
                                        struct sil_error *err);

/// Leave what the bundle is and claims among the findings' lists, as "subject". Errors
/// SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_note_subject(struct aud_case *item, struct sil_error *err);

/// The same of what `refit --explain` printed. *is_one: it can be read as an account.
SIL_MUST_USE sil_status aud_check_account(bool *is_one, struct aud_case *item,
                                          const struct sil_bytes *text,
                                          struct sil_error *err);

/// What was reserved in the entries that the statement is about: all before its own.
void aud_reserved_before(mpq_t sum, const struct aud_case *item);

/// Is it an error of this program or of the system, and no finding?
bool aud_is_fault(sil_status status);

/// Has what the rows were made for the form of a condition, shares of at most 16 columns and
/// parity: texts, one at least? What they say is not looked at.
bool aud_is_order(const json_t *order);

/// The member at a path of keys in the statement; NULL: there is none.
const json_t *aud_statement_at(const struct aud_case *item, const char *path);
const char *aud_statement_text(const struct aud_case *item, const char *path);

#endif
