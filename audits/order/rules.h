// SPDX-License-Identifier: Apache-2.0
/// The rules between columns of a schema (docs/schema.md), read a second time and held
/// against rows of texts, with nothing of the program that made them.
#ifndef AUDIT_ORDER_RULES_H
#define AUDIT_ORDER_RULES_H

#include "audits/order/order.h"

enum { AUD_RULES_MAX = 256 };

/// Broken where `when` is true and `then` is false; or where the value of the second
/// column comes before that of the first.
struct aud_rule {
    bool has_then;
    bool is_order;
    bool is_strict;
    size_t field[2];           ///< of an order
    struct aud_condition when; ///< without steps: true
    struct aud_condition then;

    /// What a row of the private table that breaks it meets: it is dropped, or its cell of a
    /// field becomes another.
    enum { AUD_BROKEN_DROP, AUD_BROKEN_OTHER, AUD_BROKEN_NULL } broken;

    size_t blamed; ///< that field
};

struct aud_rules {
    struct aud_rule *rule; ///< owned
    size_t n, room;
    size_t most_steps; ///< of a condition
};

/// Read the rules of a schema's text; none is no error.
/// Errors   SIL_ERR_CHECK: a rule that cannot be read. SIL_ERR_INTERNAL (memory). Always to
///          be cleared.
SIL_MUST_USE sil_status aud_rules_read(struct aud_rules *out, const char *schema,
                                       size_t length, const struct aud_table *table,
                                       struct sil_error *err);
void aud_rules_clear(struct aud_rules *rules);

/// Does a row break a rule? shown[f] is what it shows in field f of those that the rule
/// names; `work` has room for most_steps.
bool aud_rule_breaks(const struct aud_rule *rule, const struct aud_shown *shown,
                     uint8_t *work);

#endif
