// SPDX-License-Identifier: Apache-2.0
/// A signed ledger of the privacy budget.
///
/// A ledger belongs to the people in a table: it fixes the most that may ever be learned
/// about any of them (the cap), records every run before its noise exists, and is verified
/// by strangers with stock tools. docs/ledger.md is the guide, docs/ledger-format.md the
/// bytes.
#ifndef SILHOUETTE_LEDGER_H
#define SILHOUETTE_LEDGER_H

#include "silhouette/claim.h"
#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>

struct sil_ledger;

/// How to open a ledger to spend from it. Start from sil_ledger_defaults().
struct sil_ledger_options {
    size_t struct_size;
    const char *directory;
    const char *state; ///< where watermarks are kept; NULL: the default place
    const char
        *curator; ///< secret key files; NULL: DIRECTORY.keys/curator.key and so on
    const char *log;
    const char *vault;           ///< the key of the data commitment
    const char *passphrase_file; ///< NULL: asked on the terminal when it is needed
    unsigned lock_seconds;       ///< how long to wait for another process
    bool accept_clock; ///< the clock may be a day and more ahead of the last entry
};

SIL_API struct sil_ledger_options sil_ledger_defaults(void);

/// Open for spending: the whole ledger is verified, and what a crash left is recovered.
/// Errors   SIL_ERR_CHECK: refused, with the rule's id. SIL_ERR_INPUT: a key file, the
///          vault, or a directory that is not safe to use. SIL_ERR_UNSUPPORTED,
///          SIL_ERR_IO, SIL_ERR_USAGE, SIL_ERR_INTERNAL. `out` is NULL.
SIL_API SIL_MUST_USE sil_status
sil_ledger_open(struct sil_ledger **out, const struct sil_ledger_options *options,
                struct sil_error *err);

/// NULL is allowed.
SIL_API void sil_ledger_close(struct sil_ledger *ledger);

/// What the genesis fixes.
SIL_API enum sil_neighbours sil_ledger_neighbours(const struct sil_ledger *ledger);

/// The cumulative claim as it stands: unit, neighbours, rho as p/q, the certified epsilon
/// at the ledger's delta, witnessed by how many, and what is not counted.
/// @param[out] text   freed with free(). Errors  SIL_ERR_INTERNAL (memory).
SIL_API SIL_MUST_USE sil_status sil_ledger_claim(char **text,
                                                 const struct sil_ledger *ledger,
                                                 struct sil_error *err);

#endif
