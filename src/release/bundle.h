// SPDX-License-Identifier: Apache-2.0
/// A release, written: rows drawn, documents made from one record, the entry in the ledger,
/// the bundle in its place. docs/bundle-format.md.
///
/// The order breaks the circle of who cites whom: documents, statement over them, envelope;
/// then the release's entry, which hashes all of these; then what proves the entry
/// (checkpoint, proof, tiles, signatures that name it). The bundle takes its name last, so
/// a crash leaves a whole bundle or none; an entry without a bundle may stay in the ledger,
/// costs nothing, and running again makes another release.
#ifndef SIL_RELEASE_BUNDLE_H
#define SIL_RELEASE_BUNDLE_H

#include "ledger/ledger.h"
#include "release/record.h"

#include "silhouette/model.h"
#include "silhouette/progress.h"

/// The model that a file holds, fitted anew from its transcript: what is drawn from it
/// follows from the transcript alone, as a stranger will find.
/// Errors   as sil_model_read; SIL_ERR_USAGE: it is UNLEDGERED. SIL_ERR_INPUT: the file's
///          model is not the one that its transcript gives. `out` is NULL.
SIL_MUST_USE sil_status sil_release_model(struct sil_model **out, const char *path,
                                          unsigned n_threads, struct sil_error *err);

struct sil_bundle {
    struct sil_ledger *ledger;        ///< open for writing
    const struct sil_model *model;    ///< of sil_release_model
    const struct sil_secret_key *key; ///< the release key
    struct sil_choices choices;       ///< n_rows is set here when it was not chosen
    const char *path;                 ///< what appears
    bool is_tar;                      ///< one file instead of a folder
    unsigned n_threads;
    struct sil_progress progress;
    struct sil_sample_fault *fault;  ///< of the choices' texts; NULL: not wanted
    struct sil_sample_report report; ///< [out] of the rows
    struct sil_id id;                ///< [out] of the release
    uint64_t seq;                    ///< [out] of its entry
    uint64_t n_files;                ///< [out]
    uint64_t n_bytes;                ///< [out] of all files
};

/// Errors   SIL_ERR_USAGE: the key is not a live release key of the ledger; there is
///          something at `path`; too many rows, or bytes of rows.
///          SIL_ERR_CHECK: the ledger does not bear out the model. Those of
///          sil_ledger_append, sil_rows_draw, sil_folder_commit. An error behind the entry
///          says that it is in the ledger.
SIL_MUST_USE sil_status sil_bundle_write(struct sil_bundle *bundle,
                                         struct sil_error *err);

#endif
