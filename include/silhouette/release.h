// SPDX-License-Identifier: Apache-2.0
/// A release: a bundle that a stranger can verify and replay.
///
/// docs/bundle-format.md says what is in a bundle, docs/verify.md what verifying proves.
#ifndef SILHOUETTE_RELEASE_H
#define SILHOUETTE_RELEASE_H

#include "silhouette/progress.h"
#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- verifying ---- */

/// How to verify a bundle. Start from sil_verify_defaults().
struct sil_verify_options {
    size_t struct_size;
    const char
        *ledger_id;     ///< 32 hex digits that the publisher announced; NULL: unknown
    const char *pinned; ///< file of a checkpoint that was kept; NULL: none
    uint64_t memory_mb; ///< the most to use, in units of 2^20 bytes, 64 and more
    unsigned n_threads; ///< 0: all
    struct sil_progress progress;
};

/// No id, no checkpoint, 1024 MB, all threads.
SIL_API struct sil_verify_options sil_verify_defaults(void);

enum sil_verify_result {
    SIL_VERIFY_OK = 1,
    SIL_VERIFY_FAILED,
    SIL_VERIFY_UNSUPPORTED,  ///< made by a newer program
    SIL_VERIFY_INCONCLUSIVE, ///< the limits that were given do not suffice
    SIL_VERIFY_NOT_CHECKED   ///< not asked for, or it rests on a check without result
};

/// A line of the table. Everything in it is borrowed from the verification.
struct sil_verify_check {
    const char *id;     ///< stable: docs/verify.md
    const char *proves; ///< what holds when the result is OK
    enum sil_verify_result result;
    const char *detail; ///< why, in a sentence; "" for OK
};

struct sil_verification;

/// Verify the bundle in a folder or a tar file ("-": the standard input, redirected from
/// one). It is read in place: nothing is written, unpacked or run.
/// @param[out] out   freed with sil_verification_free.
/// Errors   SIL_OK: there is a table, whatever it says. SIL_ERR_INPUT: not a bundle at all,
///          or `pinned` is no checkpoint. SIL_ERR_USAGE: the options. SIL_ERR_IO.
///          SIL_ERR_INTERNAL (memory). `out` is NULL.
SIL_API SIL_MUST_USE sil_status
sil_release_verify(struct sil_verification **out, const char *bundle,
                   const struct sil_verify_options *options, struct sil_error *err);

/// NULL is allowed.
SIL_API void sil_verification_free(struct sil_verification *verification);

/// SIL_OK: every check that was made holds. SIL_ERR_CHECK: one failed; the sentence is that
/// of the first. SIL_ERR_UNSUPPORTED: none failed, but one has no result.
SIL_API SIL_MUST_USE sil_status sil_verification_verdict(
    const struct sil_verification *verification, struct sil_error *err);

/// The table.
SIL_API size_t sil_verification_n_checks(const struct sil_verification *verification);
SIL_API struct sil_verify_check sil_verification_check(
    const struct sil_verification *verification, size_t i);

/// The table, what it is about, and what it does not prove: for people, or as JSON
/// (docs/verify.schema.json).
/// @param[out] text   freed with free(). Errors  SIL_ERR_INTERNAL (memory).
SIL_API SIL_MUST_USE sil_status
sil_verification_report(char **text, const struct sil_verification *verification,
                        bool as_json, struct sil_error *err);

#endif
