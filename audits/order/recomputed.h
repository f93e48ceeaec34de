// SPDX-License-Identifier: Apache-2.0
/// The columns of a schema that follow from others of their row (docs/schema.md), read a
/// second time and worked out from texts, with nothing of the program that wrote them.
#ifndef AUDIT_ORDER_RECOMPUTED_H
#define AUDIT_ORDER_RECOMPUTED_H

#include "audits/order/sum.h"

struct aud_recomputed {
    size_t to; ///< a column of the table
    bool is_sum;
    struct aud_sum sum; ///< else of a map or ranges:
    size_t from;
    mpq_t *cut; ///< owned, ascending; none: listed values
    size_t n_cuts;
    uint32_t
        *cell; ///< owned: of `to`, for each listed value, or each range between cuts
    size_t n_cells;
    uint32_t null_cell, other_cell, default_cell;
};

struct aud_recomputing {
    struct aud_recomputed *item; ///< owned
    size_t n;
    struct aud_shown shown; ///< of a text; initialised, as below
    mpq_t value;
};

/// How many columns it comes from, and the k-th of them.
size_t aud_recomputed_n_from(const struct aud_recomputed *item);
size_t aud_recomputed_from(const struct aud_recomputed *item, size_t k);

/// Read what a schema's text has recomputed over the table's fields; none is no error.
/// Errors   SIL_ERR_CHECK: it cannot be read. SIL_ERR_INTERNAL (memory). Always to be
///          cleared.
SIL_MUST_USE sil_status aud_recomputing_read(struct aud_recomputing *out,
                                             const char *schema, size_t length,
                                             const struct aud_table *table,
                                             struct sil_error *err);
void aud_recomputing_clear(struct aud_recomputing *recomputing);

/// Does the text of the n-th column follow from those it comes from, from[k] of the k-th?
/// Texts that are no values follow from nothing. Keeps nothing of them.
bool aud_recomputed_follows(struct aud_recomputing *recomputing, size_t n,
                            const struct aud_table *table, const struct aud_text *from,
                            const struct aud_text *to);

#endif
