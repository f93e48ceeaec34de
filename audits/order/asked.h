// SPDX-License-Identifier: Apache-2.0
/// What an order asks of one field, and what a row shows in it.
#ifndef AUDIT_ORDER_ASKED_H
#define AUDIT_ORDER_ASKED_H

#include "audits/table/csv.h"
#include "audits/table/field.h"

/// In this order: AND is the smaller of two, OR the larger, NOT the difference from `true`.
enum aud_truth { AUD_FALSE, AUD_UNKNOWN, AUD_TRUE };

enum aud_relation {
    AUD_IS_NULL,
    AUD_IS_ONE_OF,
    AUD_BELOW,
    AUD_AT_MOST,
    AUD_ABOVE,
    AUD_AT_LEAST
};

/// A text as a value of a field.
struct aud_shown {
    enum {
        AUD_SHOWS_NOTHING, ///< it is no value of the field
        AUD_SHOWS_NULL,
        AUD_SHOWS_OTHER, ///< what was outside the domain and is not told
        AUD_SHOWS_TEXT,
        AUD_SHOWS_WORD, ///< of a boolean
        AUD_SHOWS_NUMBER
    } kind;

    const char *text; ///< borrowed
    size_t length;
    char *own; ///< of an order's value the text; else NULL
    bool word;
    mpq_t value; ///< initialised
};

struct aud_asked {
    size_t field;
    enum aud_relation relation;
    struct aud_shown *value; ///< owned, with their texts; more than one to be one of
    size_t n_values;
    size_t room;
    bool leaves_other_open; ///< of a rule: `other` may be a value that it names
};

/// What a text of a row is to a field. `out` is initialised, its value at least.
void aud_shown_read(struct aud_shown *out, const struct aud_field *field,
                    const char *text, size_t length);

/// Add a value, as an order has it: with a point before decimal places.
/// Errors   SIL_ERR_CHECK: the field has no such value, or, where the relation is one of
///          order, has none. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_asked_add(struct aud_asked *asked,
                                      const struct aud_field *field, const char *text,
                                      size_t length, struct sil_error *err);
void aud_asked_clear(struct aud_asked *asked);

enum aud_truth aud_asked_holds(const struct aud_asked *asked,
                               const struct aud_shown *shown);

#endif
