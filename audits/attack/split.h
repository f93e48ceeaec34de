// SPDX-License-Identifier: Apache-2.0
/// A table split by coins: for every record, or every person, one fair toss decides whether
/// the generator gets it. Then what an attack guesses right of the tosses bounds epsilon from below, in one run
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

/// Longest name of a column of ids, in bytes.
enum { AUD_ID_MAX = 512 };

struct aud_split {
    uint64_t train, holdout; ///< records
    char commitment[65];     ///< hexadecimal
};

/// Split a CSV file; `folder` must not exist. `id_column` says whose a record is, and the
/// coins are of persons; NULL: they are of records.
/// Errors   SIL_ERR_INPUT: no table; no such column, or a record without an id. SIL_ERR_USAGE:
///          the folder exists. SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_split_make(struct aud_split *out, const char *data,
                                       const char *id_column, char delimiter,
                                       const char *folder, struct sil_error *err);

/// The two files of a split.
struct aud_split_sides {
    const char *train, *holdout; ///< paths
    char delimiter;
};

/// Are these the two files of that split? Its secret has to open its commitment. Of records:
/// the two files, put together again as the coins fall, have to be the data that were
/// committed to. Of persons: they have to be the files that were committed to, and every
/// record where its person's coin fell. What else secret.json says proves nothing.
/// `id_column` becomes the column that says whose a record is, or empty.
/// Errors   SIL_ERR_INPUT: no. SIL_ERR_IO, SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status aud_split_check(char id_column[AUD_ID_MAX + 1],
                                        const char *folder,
                                        const struct aud_split_sides *sides,
                                        struct sil_error *err);

#endif
