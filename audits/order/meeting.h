// SPDX-License-Identifier: Apache-2.0
/// What rows of the private table meet that break a rule of the schema (docs/schema.md): by
/// their cells, and by code of its own.
#ifndef AUDIT_ORDER_MEETING_H
#define AUDIT_ORDER_MEETING_H

#include "audits/order/rules.h"
#include "audits/order/values.h"

/// Comparisons of two that are made for one table at most.
#define AUD_MEETING_STEPS_MAX 0x1p33

struct aud_named; ///< the fields that a rule names

struct aud_meeting {
    const struct aud_table *table; ///< borrowed
    struct aud_rules rules;
    struct aud_named *named;   ///< owned: of each rule
    struct aud_named *asked;   ///< owned: of each field, its questions
    struct aud_values **value; ///< owned: of each field, of each cell that was met
    struct aud_shown *shown;   ///< owned: of each field, what is being tried
    size_t *place;             ///< owned: of each field, which value that is
    uint8_t *work;
    double steps;
    uint64_t n_rows, n_dropped, n_changed;
};

/// Read the rules of a schema's text, whose fields the table has.
/// Errors   SIL_ERR_CHECK: a rule that cannot be read. SIL_ERR_INTERNAL (memory). Always to
///          be cleared, before the table is.
SIL_MUST_USE sil_status aud_meeting_begin(struct aud_meeting *out, const char *schema,
                                          size_t length, const struct aud_table *table,
                                          struct sil_error *err);
void aud_meeting_clear(struct aud_meeting *meeting);

/// An aud_row_meets, whose context is the meeting: rules are met in their order, a row breaks
/// one when no values of its cells keep it, and one that still breaks any when all were met
/// is no row.
/// Errors   SIL_ERR_UNSUPPORTED: it takes too long. SIL_ERR_CHECK: a bin without values.
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_meeting_row(bool *is_row, uint32_t *cells, void *context,
                                        struct sil_error *err);

#endif
