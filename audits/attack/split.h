// SPDX-License-Identifier: Apache-2.0
/// A table split by coins: for every record one fair toss decides whether the generator gets
/// it. Then what an attack guesses right of the tosses bounds epsilon from below, in one run
/// and whatever the generator is. The secret that makes the tosses is fixed before the
/// generator runs, and committed to.
///
/// The folder of a split: train.csv (heads: for the generator), holdout.csv (tails: stays),
/// commitment.json (may be shown to anybody, before the generator runs), secret.json (stays
/// with the auditor until the attack).
#ifndef AUDIT_ATTACK_SPLIT_H
#define AUDIT_ATTACK_SPLIT_H

#include "silhouette/status.h"

#include <stdint.h>

struct aud_split {
    uint64_t train, holdout; ///< records
    char commitment[65];     ///< hexadecimal
};

/// Split the records of a CSV file; `folder` must not exist.
/// Errors   SIL_ERR_INPUT: no table. SIL_ERR_USAGE: the folder exists. SIL_ERR_IO,
///          SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_split_make(struct aud_split *out, const char *data,
                                       char delimiter, const char *folder,
                                       struct sil_error *err);

/// Are these the two files of that split? Its secret has to open its commitment, and the two
/// files, put together again as its coins fall, have to be the data that were committed to:
/// what else secret.json says proves nothing.
/// Errors   SIL_ERR_INPUT: no. SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_split_check(const char *folder, const char *train,
                                        const char *holdout, char delimiter,
                                        struct sil_error *err);

#endif
