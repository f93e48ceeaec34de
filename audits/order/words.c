// SPDX-License-Identifier: Apache-2.0
#include "audits/order/words.h"

#include <string.h>
#include <strings.h>

static const char DIGITS[] = "0123456789";
static const char SIGNS[] = "=<>!(),:|";

static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_-.", c) != NULL) || (unsigned char)c >= 0x80;
}

/* Up to what does not belong to it; `more` may, beside what names are made of. */
static void take(struct aud_words *words, enum aud_word_kind kind, const char *more)
{
    const char *end = words->at;
    size_t n = 0;
    while (is_of_name(*end) || (*end != '\0' && strchr(more, *end) != NULL)) {
        words->text[n++] = *end++;
    }
    words->text[n] = '\0';
    words->at = end;
    words->kind = kind;
}

static void take_quoted(struct aud_words *words)
{
    const char quote = *words->at++;
    size_t n = 0;
    for (; *words->at != '\0'; words->at++) {
        if (*words->at == quote && *++words->at != quote) {
            words->kind = AUD_WORD_QUOTED;
            words->text[n] = '\0';
            return;
        }
        words->text[n++] = *words->at;
    }
    words->kind = AUD_WORD_NONE;
}

static void take_sign(struct aud_words *words)
{
    static const char *const TWO[] = {"<=", ">=", "!=", "<>", "=="};
    size_t n = 1;
    for (size_t i = 0; i < sizeof TWO / sizeof TWO[0]; i++) {
        n = strncmp(words->at, TWO[i], 2) == 0 ? 2 : n;
    }
    bool is = strchr(SIGNS, *words->at) != NULL && (*words->at != '!' || n == 2);
    (void)memcpy(words->text, words->at, n);
    words->text[n] = '\0';
    words->at += n;
    words->kind = is ? AUD_WORD_SIGN : AUD_WORD_NONE;
}

static bool begins_number(const char *text)
{
    text += *text == '-' || *text == '+';
    text += *text == '.';
    return *text != '\0' && strchr(DIGITS, *text) != NULL;
}

void aud_words_next(struct aud_words *words)
{
    words->at += strspn(words->at, " ");
    words->text[0] = '\0';
    if (*words->at == '\0') {
        words->kind = AUD_WORD_END;
    } else if (strchr("'\"`", *words->at) != NULL) {
        take_quoted(words);
    } else if (begins_number(words->at)) {
        take(words, AUD_WORD_NUMBER, ":+");
    } else if (is_of_name(*words->at)) {
        take(words, AUD_WORD_NAME, "");
    } else {
        take_sign(words);
    }
}

bool aud_words_begin(struct aud_words *words, const char *text)
{
    *words = (struct aud_words){.at = text};
    if (strnlen(text, AUD_ORDER_BYTES + 1) > AUD_ORDER_BYTES) {
        return false;
    }
    aud_words_next(words);
    return true;
}

bool aud_words_are(const struct aud_words *words, const char *word)
{
    return (words->kind == AUD_WORD_SIGN || words->kind == AUD_WORD_NAME) &&
           strcasecmp(words->text, word) == 0;
}
