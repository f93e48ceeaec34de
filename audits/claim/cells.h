// SPDX-License-Identifier: Apache-2.0
/// Where the rows of a table lie in a measured marginal.
#ifndef AUDIT_CLAIM_CELLS_H
#define AUDIT_CLAIM_CELLS_H

#include "audits/ledger/transcript.h"
#include "audits/table/table.h"

struct aud_axes {
    const struct aud_left *left; ///< borrowed
    size_t size[AUD_CLIQUE_MAX];
};

/// Errors   SIL_ERR_CHECK: "[D1] sentence", the marginal has other cells than the fields of
///          the table give.
SIL_MUST_USE sil_status aud_axes_find(struct aud_axes *out, const struct aud_left *left,
                                      const struct aud_table *table,
                                      struct sil_error *err);

/// The cell of a row, in groups where the marginal is grouped; below left->n_cells when the
/// table is settled.
size_t aud_axes_cell(const struct aud_axes *axes, const struct aud_table *table,
                     size_t row);

/// Whose rows a run protects, and which of them count.
struct aud_whose aud_whose_privacy(const struct aud_transcript *transcript);

#endif
