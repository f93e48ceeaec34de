// SPDX-License-Identifier: Apache-2.0
/// What a release says, in one record.
///
/// Every document of a bundle is a function of this record (and of the digests of the files
/// that it lists). Who publishes makes the record from the model, the ledger and his
/// choices; who verifies makes it from the bundle alone: the transcript, the ledger's
/// export, and the choices that the statement repeats. Then both write the same bytes, and
/// every copy of a figure can be compared by comparing files.
///
/// Privacy  Post-processing of the transcript: nothing here was computed from private rows
///          except through the gate.
#ifndef SIL_RELEASE_RECORD_H
#define SIL_RELEASE_RECORD_H

#include "base/codes.h"
#include "ledger/chain.h"
#include "ledger/checkpoint.h"
#include "ledger/claim.h"
#include "release/error_bounds.h"

#include "silhouette/model.h"

/// How the documents are written. A change that alters one byte of one of them for a record
/// that stays the same raises it; a verifier of another number says UNSUPPORTED.
#define SIL_DOCUMENTS_VERSION 1

/// The same of rows made to order, which a program that knows version 1 alone cannot draw.
#define SIL_DOCUMENTS_MADE 2

/// What the operator chose. All of it is printed as a choice.
struct sil_choices {
    bool has_rows;   ///< else n_rows is the private estimate
    uint64_t n_rows; ///< how many were drawn, either way
    bool has_seed;   ///< else the seed follows from the transcript
    uint64_t seed;
    const char *where;            ///< rows made to order; NULL: any row
    const char *const *rebalance; ///< the same; borrowed, as `where` is
    size_t n_rebalance;
    const char *fair; ///< the same; NULL: as it is
};

/// Are the rows made to order? Then they stand for no population: no error is bounded.
static inline bool sil_choices_are_made(const struct sil_choices *choices)
{
    return choices->where != NULL || choices->n_rebalance > 0 || choices->fair != NULL;
}

static inline int sil_documents_version(const struct sil_choices *choices)
{
    return sil_choices_are_made(choices) ? SIL_DOCUMENTS_MADE : SIL_DOCUMENTS_VERSION;
}

struct sil_record {
    const struct sil_model *model; ///< borrowed; not UNLEDGERED
    const struct sil_codes *rows;  ///< borrowed: what data.csv holds
    const struct sil_chain *chain; ///< borrowed: the ledger before the release's entry
    const struct sil_chain_reserve *reserve; ///< of the run, in `chain`
    struct sil_id id;                        ///< of the release
    struct sil_choices choices;
    struct sil_sample_report drawn;   ///< of the rows; what it says of rules is printed
    struct sil_cumulative cumulative; ///< of `chain`
    struct sil_rho before;            ///< reserved by all runs before this one
    struct sil_rho after;             ///< and with it: the stamp's
    uint64_t size;                    ///< entries in `chain`
    struct sil_root root;             ///< over them
    char origin[SIL_ORIGIN_MAX + 1];
    struct sil_error_bounds bounds; ///< how far the rows may be off; none of those made
                                    ///< to order
};

/// Make the record. `chain` must not change while the record is in use.
/// Errors   SIL_ERR_USAGE: the model is UNLEDGERED. SIL_ERR_CHECK: the ledger is another or
///          lacks the run. SIL_ERR_INTERNAL (memory). `out` may be cleared all the same.
SIL_MUST_USE sil_status
sil_record_make(struct sil_record *out, const struct sil_model *model,
                const struct sil_codes *rows, const struct sil_chain *chain,
                const struct sil_id *id, const struct sil_choices *choices,
                const struct sil_sample_report *drawn, struct sil_error *err);
void sil_record_clear(struct sil_record *record);

/// How sil_rows_draw and sil_rows_write are to be called for these choices.
struct sil_sample_options sil_choices_options(const struct sil_choices *choices);

#endif
