// SPDX-License-Identifier: Apache-2.0
/// An order for rows, as a statement has it: a condition that every row meets, and shares of
/// columns. Read, and held against rows, with nothing of the program that made them.
#ifndef AUDIT_ORDER_ORDER_H
#define AUDIT_ORDER_ORDER_H

#include "audits/order/asked.h"
#include "audits/table/table.h"

enum { AUD_REBALANCED_MAX = 16, AUD_CONDITION_DEPTH = 48 };

enum aud_step_kind { AUD_STEP_ASK, AUD_STEP_AND, AUD_STEP_OR, AUD_STEP_NOT };

/// Operands before what joins them.
struct aud_step {
    enum aud_step_kind kind;
    size_t asked; ///< of AUD_STEP_ASK
};

struct aud_condition {
    struct aud_asked *asked; ///< owned
    size_t n_asked, asked_room;
    struct aud_step *step; ///< owned; none: true
    size_t n_steps, step_room;
};

/// Some values of a column, and how many of the rows shall have one of them.
struct aud_portion {
    struct aud_asked asked[2]; ///< both hold
    size_t n_asked;
    mpq_t share; ///< initialised
    uint64_t n;  ///< rows that have one
};

struct aud_portions {
    size_t field;
    struct aud_portion *portion; ///< owned
    size_t n, room;
    uint64_t n_rest; ///< rows with none of them
};

/// Errors   SIL_ERR_CHECK: it is no condition, or are no shares, on these fields.
///          SIL_ERR_INTERNAL (memory). Always to be cleared.
SIL_MUST_USE sil_status aud_condition_read(struct aud_condition *out, const char *text,
                                           const struct aud_table *table,
                                           struct sil_error *err);
SIL_MUST_USE sil_status aud_portions_read(struct aud_portions *out, const char *text,
                                          const struct aud_table *table,
                                          struct sil_error *err);
void aud_condition_clear(struct aud_condition *condition);
void aud_portions_clear(struct aud_portions *portions);

/// What is it of a row? As below; without steps it is true.
enum aud_truth aud_condition_truth(const struct aud_condition *condition,
                                   const struct aud_shown *shown, uint8_t *work);

/// Is it true of a row? shown[f] is what the row shows in field f of those asked about; `work`
/// has room for as many truths as there are steps.
bool aud_condition_holds(const struct aud_condition *condition,
                         const struct aud_shown *shown, uint8_t *work);

/// Count a row, which shows this in the column.
void aud_portions_count(struct aud_portions *portions, const struct aud_shown *shown);

/// The column of a name, those that are recomputed behind the others; the number of columns:
/// there is none.
size_t aud_order_field(const struct aud_table *table, const char *name);

#endif
