// SPDX-License-Identifier: Apache-2.0
#include "table/condition_lexer.h"

#include "base/fail.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

static size_t column_of(const struct sil_condition_lexer *lexer, const char *start)
{
    return (size_t)(start - lexer->text) + 1;
}

sil_status sil_condition_blame(const struct sil_condition_lexer *lexer,
                               sil_status status, const char *start)
{
    if (status != SIL_ERR_USAGE) {
        return status;
    }
    *lexer->column = column_of(lexer, start);
    return sil_fail_within(lexer->err, status, "%s: column %zu", lexer->name,
                           *lexer->column);
}

sil_status sil_condition_refuse(const struct sil_condition_lexer *lexer,
                                const char *reason)
{
    (void)sil_fail(lexer->err, SIL_ERR_USAGE, "%s", reason);
    return sil_condition_blame(lexer, SIL_ERR_USAGE, lexer->start);
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_name_byte(char ch)
{
    return is_digit(ch) || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           ch == '_' || ch == '-' || ch == '.' || ((unsigned char)ch & 0x80) != 0;
}

static bool begins_number(const char *text)
{
    text += *text == '-' || *text == '+';
    text += *text == '.';
    return is_digit(*text);
}

static void take(struct sil_condition_lexer *lexer, enum sil_word_kind kind,
                 size_t length)
{
    lexer->kind = kind;
    lexer->length = length;
    (void)memcpy(lexer->word, lexer->at, length);
    lexer->word[length] = '\0';
    lexer->at += length;
}

static sil_status take_quoted(struct sil_condition_lexer *lexer)
{
    const char quote = *lexer->at++;
    size_t n = 0;
    while (*lexer->at != quote || lexer->at[1] == quote) {
        if (*lexer->at == '\0') {
            return sil_condition_refuse(lexer, "the closing quote is missing");
        }
        lexer->at += *lexer->at == quote;
        lexer->word[n++] = *lexer->at++;
    }
    lexer->at++;
    lexer->kind = SIL_WORD_QUOTED;
    lexer->length = n;
    lexer->word[n] = '\0';
    return SIL_OK;
}

static sil_status take_sign(struct sil_condition_lexer *lexer)
{
    static const char *const LONG[] = {"<=", ">=", "!=", "<>", "=="};
    for (size_t i = 0; i < sizeof LONG / sizeof LONG[0]; i++) {
        if (strncmp(lexer->at, LONG[i], 2) == 0) {
            take(lexer, SIL_WORD_SIGN, 2);
            return SIL_OK;
        }
    }
    if (strchr("=<>(),:|", *lexer->at) == NULL) {
        return sil_condition_refuse(lexer, "this character has no meaning here");
    }
    take(lexer, SIL_WORD_SIGN, 1);
    return SIL_OK;
}

sil_status sil_condition_advance(struct sil_condition_lexer *lexer)
{
    lexer->at += strspn(lexer->at, " ");
    lexer->start = lexer->at;
    const char *p = lexer->at;
    if (*p == '\0') {
        take(lexer, SIL_WORD_END, 0);
        return SIL_OK;
    }
    if (*p == '\'' || *p == '"' || *p == '`') {
        return take_quoted(lexer);
    }
    if (begins_number(p)) {
        p += *p == '-' || *p == '+';
        while (is_name_byte(*p) || *p == ':' || *p == '+') {
            p++;
        }
        take(lexer, SIL_WORD_NUMBER, (size_t)(p - lexer->at));
        return SIL_OK;
    }
    if (!is_name_byte(*p)) {
        return take_sign(lexer);
    }
    while (is_name_byte(*p)) {
        p++;
    }
    take(lexer, SIL_WORD_NAME, (size_t)(p - lexer->at));
    return SIL_OK;
}

static sil_status check(struct sil_condition_lexer *lexer, size_t length)
{
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        size_t step = sil_utf8_next(&code, lexer->text + i, length - i);
        lexer->start = lexer->text + i;
        if (step == 0) {
            return sil_condition_refuse(lexer, "not UTF-8");
        }
        if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
            return sil_condition_refuse(lexer, "control characters have no meaning");
        }
        i += step;
    }
    return SIL_OK;
}

sil_status sil_condition_begin(struct sil_condition_lexer *lexer, const char *text,
                               const char *name, size_t *column, struct sil_error *err)
{
    size_t length = strnlen(text, SIL_CONDITION_MAX + 1);
    lexer->text = text;
    lexer->name = name;
    lexer->at = text;
    lexer->start = text;
    lexer->column = column;
    lexer->err = err;
    *column = 0;
    if (length > SIL_CONDITION_MAX) {
        lexer->start = text + SIL_CONDITION_MAX;
        return sil_condition_refuse(lexer, "longer than 4096 bytes");
    }
    sil_status status = check(lexer, length);
    return status == SIL_OK ? sil_condition_advance(lexer) : status;
}

bool sil_condition_is(const struct sil_condition_lexer *lexer, const char *word)
{
    return (lexer->kind == SIL_WORD_SIGN || lexer->kind == SIL_WORD_NAME) &&
           strcasecmp(lexer->word, word) == 0;
}
