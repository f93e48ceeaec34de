// SPDX-License-Identifier: Apache-2.0
/// Sums of columns, "discharge - admission", read and added up a second time.
#ifndef AUDIT_ORDER_SUM_H
#define AUDIT_ORDER_SUM_H

#include "audits/order/order.h"

enum { AUD_SUM_MAX = 8 };

struct aud_sum {
    size_t field[AUD_SUM_MAX];
    mpq_t factor[AUD_SUM_MAX]; ///< n of them initialised
    size_t n;
    mpq_t constant; ///< initialised
};

/// Read a sum of columns of the table that are measured. Always to be cleared.
/// Errors   SIL_ERR_CHECK: it is none.
SIL_MUST_USE sil_status aud_sum_read(struct aud_sum *out, const char *text,
                                     const struct aud_table *table,
                                     struct sil_error *err);
void aud_sum_clear(struct aud_sum *sum);

/// Does the text of `to` follow from those of the sum's columns, text[k] of field[k]? One
/// outside the bounds of `to` meets its policy. Texts that are no values give nothing.
/// `shown` and `value` are initialised, and free to use.
bool aud_sum_follows(const struct aud_sum *sum, const struct aud_table *table,
                     const struct aud_text *text, const struct aud_field *to,
                     const struct aud_text *shows, struct aud_shown *shown,
                     mpq_t value);

#endif
