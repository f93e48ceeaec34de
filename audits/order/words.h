// SPDX-License-Identifier: Apache-2.0
/// The words of an order (docs/made-to-order.md), read a second time.
#ifndef AUDIT_ORDER_WORDS_H
#define AUDIT_ORDER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { AUD_ORDER_BYTES = 4096 };

enum aud_word_kind {
    AUD_WORD_END,
    AUD_WORD_NAME,
    AUD_WORD_NUMBER, ///< or a date: what begins with a digit, or a sign and a digit
    AUD_WORD_QUOTED,
    AUD_WORD_SIGN,
    AUD_WORD_NONE ///< nothing that an order can have
};

struct aud_words {
    const char *at; ///< behind the word
    enum aud_word_kind kind;
    char text[AUD_ORDER_BYTES + 1]; ///< without quotes; terminated
};

/// Go to the first word of a text. False: it is longer than an order may be.
bool aud_words_begin(struct aud_words *words, const char *text);
void aud_words_next(struct aud_words *words);

/// Is the word this sign, or this keyword in any case?
bool aud_words_are(const struct aud_words *words, const char *word);

#endif
