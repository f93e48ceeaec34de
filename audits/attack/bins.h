// SPDX-License-Identifier: Apache-2.0
/// Columns in few cells each, for marginals.
#ifndef AUDIT_ATTACK_BINS_H
#define AUDIT_ATTACK_BINS_H

#include "audits/attack/tables.h"

enum {
    AUD_NUMBER_BINS =
        20, ///< bins of an ordered column that hold about equally many rows
    AUD_NAME_BINS =
        96 ///< the most frequent names have one each; all others share the last
};

struct aud_bins {
    size_t n_columns;
    uint8_t *
        *of; ///< by column: the bin of every row of train, holdout and synthetic table
    uint32_t size[AUD_COLUMNS_MAX];
};

/// Cut all columns. What decides are train and holdout together, and among names that are
/// equally frequent there a lot: codes are numbered as they are met, members' first.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is then empty.
SIL_MUST_USE sil_status aud_bins_make(struct aud_bins *out,
                                      const struct aud_tables *tables, uint64_t seed,
                                      struct sil_error *err);
void aud_bins_clear(struct aud_bins *bins);

#endif
