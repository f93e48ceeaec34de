// SPDX-License-Identifier: Apache-2.0
/// What a row of a cell may show: of a bin, values that stand for all that are written of it.
#ifndef AUDIT_ORDER_VALUES_H
#define AUDIT_ORDER_VALUES_H

#include "audits/order/asked.h"

/// Values of one cell: for every value that is written of it one of which all questions that
/// there are have the same answer, and of a bin the first and the last one.
struct aud_values {
    struct aud_shown *item; ///< owned
    size_t n, room;
    uint8_t *truth; ///< owned: of each, of each question
    size_t truth_room;
};

/// @param asked   questions about the field, of which there are n_asked.
/// @param steps   comparisons of two, which are added to.
/// Errors   SIL_ERR_CHECK: a bin without values. SIL_ERR_INTERNAL (memory). Always to be
///          cleared.
SIL_MUST_USE sil_status aud_values_find(struct aud_values *out,
                                        const struct aud_field *field, uint32_t cell,
                                        const struct aud_asked *const *asked,
                                        size_t n_asked, double *steps,
                                        struct sil_error *err);
void aud_values_clear(struct aud_values *values);

#endif
