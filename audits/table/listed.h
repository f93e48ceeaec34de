// SPDX-License-Identifier: Apache-2.0
/// Values that a schema lists, each with its cell, found by halving: a file may hold as many
/// values as the schema lists, both made by somebody who wants an auditor to be busy.
#ifndef AUDIT_TABLE_LISTED_H
#define AUDIT_TABLE_LISTED_H

#include "audits/table/csv.h"

#include <gmp.h>

#include <stddef.h>
#include <stdint.h>

/// No cell at all.
#define AUD_NO_CELL (UINT32_MAX - 1)

/// Texts or numbers, ascending, none twice.
struct aud_listing {
    struct aud_listed {
        struct aud_text text; ///< borrowed, as is the value
        mpq_srcptr value;
        uint32_t cell;
    } * item; ///< owned

    size_t n;
};

/// The k-th value has cell[k], or k when there is no `cell`; of equal ones the least cell
/// counts. Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_listing_texts(struct aud_listing *out, char *const *text,
                                          size_t n, const uint32_t *cell,
                                          struct sil_error *err);
SIL_MUST_USE sil_status aud_listing_values(struct aud_listing *out, mpq_t *value,
                                           size_t n, struct sil_error *err);
void aud_listing_clear(struct aud_listing *listing);

/// Of a listing of texts, or of values; NULL: it is not there.
struct aud_listed *aud_listing_text(const struct aud_listing *listing, const char *text,
                                    size_t length);
struct aud_listed *aud_listing_value(const struct aud_listing *listing,
                                     mpq_srcptr value);

/// In the order of bytes: below 0, 0 or above.
int aud_text_order(const struct aud_text *a, const struct aud_text *b);

/// The last of edges that do not descend which is not above the value; 0 when all are.
size_t aud_edge_below(mpq_t *edge, size_t n, mpq_srcptr value);

#endif
