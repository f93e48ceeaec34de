// SPDX-License-Identifier: Apache-2.0
/// The words of conditions and of shares.
#ifndef SIL_TABLE_CONDITION_LEXER_H
#define SIL_TABLE_CONDITION_LEXER_H

#include "table/condition.h"

enum sil_word_kind {
    SIL_WORD_END,
    SIL_WORD_NAME,   ///< letters, digits, _ - . and whatever is not ASCII
    SIL_WORD_NUMBER, ///< a number or a date, as it stands
    SIL_WORD_QUOTED, ///< the text between quotes, doubled ones read as one
    SIL_WORD_SIGN
};

/// Reads a text word by word.
struct sil_condition_lexer {
    const char *text;
    const char *name;  ///< of the text, for errors
    const char *at;    ///< behind the word
    const char *start; ///< of the word
    enum sil_word_kind kind;
    size_t length;                    ///< of the word
    char word[SIL_CONDITION_MAX + 1]; ///< terminated
    size_t *column;                   ///< of the fault
    struct sil_error *err;
};

/// Begin: the first word is read. Refuses what is longer than SIL_CONDITION_MAX bytes, or
/// not UTF-8, or has control characters.
/// Errors   SIL_ERR_USAGE with the column, as all below.
SIL_MUST_USE sil_status sil_condition_begin(struct sil_condition_lexer *lexer,
                                            const char *text, const char *name,
                                            size_t *column, struct sil_error *err);

/// Read the next word.
SIL_MUST_USE sil_status sil_condition_advance(struct sil_condition_lexer *lexer);

/// Is the word this sign, or this keyword in any case of letters?
bool sil_condition_is(const struct sil_condition_lexer *lexer, const char *word);

/// Fail at the word.
SIL_MUST_USE sil_status sil_condition_refuse(const struct sil_condition_lexer *lexer,
                                             const char *reason);

/// The place of the word in front of what a callee wrote; returns `status`. What is no
/// refusal (memory) has no place.
sil_status sil_condition_blame(const struct sil_condition_lexer *lexer,
                               sil_status status, const char *start);

#endif
