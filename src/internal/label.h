// SPDX-License-Identifier: Apache-2.0
/// What a cell of a column stands for, in words.
#ifndef SIL_INTERNAL_LABEL_H
#define SIL_INTERNAL_LABEL_H

#include "base/bytes.h"
#include "internal/comparison.h"

/// Append the value, or the first and the last value of a bin ("20 to 29"). Of the null
/// cell: nothing, and `is_null` says so.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cell_label(struct sil_bytes *out, bool *is_null,
                                       const struct sil_schema *schema, uint32_t column,
                                       uint32_t code, struct sil_error *err);

/// The codes of a cell of a marginal, in the order of its columns.
void sil_cell_codes(uint32_t *code, uint32_t cell, const struct sil_domain *domain,
                    const struct sil_clique *clique);

#endif
