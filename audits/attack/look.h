// SPDX-License-Identifier: Apache-2.0
/// A first look at the columns of three tables: what is in them, and so of what kind they
/// are; then a code for every value. For audits/attack/tables*.c alone.
#ifndef AUDIT_ATTACK_LOOK_H
#define AUDIT_ATTACK_LOOK_H

#include "audits/attack/tables.h"
#include "audits/table/csv.h"

/// Different values of a column, up to AUD_CODES, in the order in which they were met.
struct aud_look {
    struct aud_seen {
        uint64_t key; ///< 0: nobody
        uint32_t code;
        uint8_t tables; ///< one bit a table
        bool is_number;
    } * seen;

    size_t room, n;
    bool is_crowded;             ///< there are more
    uint32_t numbers[AUD_WHICH]; ///< different numbers, of the values that are kept
    uint32_t others[AUD_WHICH];  ///< and different texts that are none
    uint64_t special[AUD_SPECIALS];
    uint32_t n_specials; ///< in all tables; may be more than AUD_SPECIALS
    double low, high;    ///< of train and holdout; low > high: no number
    char *label[AUD_LABELS];
    const struct aud_field *field; ///< borrowed; NULL: no schema
};

/// What a text is: equal keys, equal values. "1.0" and "1" are one number, "01" is a text.
struct aud_value {
    uint64_t key;    ///< never 0
    uint16_t shared; ///< the code, where there are more values than codes
    bool is_number;
    double number;
};

struct aud_value aud_value_of(const struct aud_look *look, const struct aud_text *text,
                              const uint64_t secret[2]);

/// Take note of a value. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_look_note(struct aud_look *look, enum aud_which table,
                                      const struct aud_value *value,
                                      const struct aud_text *text,
                                      struct sil_error *err);
void aud_look_clear(struct aud_look *look);

/// Decide the kind of a column, whose name is there already, and take the labels over.
/// Errors   SIL_ERR_INPUT: one table has numbers where another has text.
SIL_MUST_USE sil_status aud_look_decide(struct aud_column *column,
                                        struct aud_look *look, struct sil_error *err);

/// The code of a value that was noted.
uint32_t aud_look_code(const struct aud_look *look, const struct aud_column *column,
                       const struct aud_value *value);

#endif
