// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "synth/simulate_expr_internal.h"
#include "synth/simulate_fixed.h"
#include "table/calendar.h"

#include <string.h>

enum { DATE_LENGTH = 10 };

sil_status sil_sim_refuse(const struct sil_sim_lexer *lexer, const char *reason)
{
    size_t column = (size_t)(lexer->token.start - lexer->text) + 1;
    return sil_fail(lexer->err, SIL_ERR_INPUT, "%s: column %zu of \"%.80s\": %s",
                    lexer->place, column, lexer->text, reason);
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_name_byte(char ch)
{
    return is_digit(ch) || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           ch == '_' || ((unsigned char)ch & 0x80) != 0;
}

/* Behind the digits and points of a number: its exponent, as JSON writes one. */
static const char *skip_exponent(const char *p)
{
    const char *digits = p + (*p == 'e' || *p == 'E');
    if (digits == p) {
        return p;
    }
    digits += *digits == '-' || *digits == '+';
    return is_digit(*digits) ? digits + strspn(digits, "0123456789") : p;
}

static sil_status read_number(struct sil_sim_lexer *lexer)
{
    const char *end = skip_exponent(lexer->at + strspn(lexer->at, "0123456789."));
    struct sil_scaled value;
    if (!sil_scaled_parse(&value, lexer->at, (size_t)(end - lexer->at), 6, '.') ||
        value.is_inexact || value.floor > SIL_MICRO_MAX) {
        return sil_sim_refuse(lexer,
                              "a number has at most six decimals and twelve digits");
    }
    lexer->token.kind = SIL_SIM_TOKEN_NUMBER;
    lexer->token.value = (int64_t)value.floor;
    lexer->at = end;
    return SIL_OK;
}

static bool read_date(struct sil_sim_lexer *lexer)
{
    struct sil_scaled days;
    if (strnlen(lexer->at, DATE_LENGTH) < DATE_LENGTH ||
        !sil_date_parse(&days, lexer->at, DATE_LENGTH)) {
        return false;
    }
    lexer->token.kind = SIL_SIM_TOKEN_DATE;
    lexer->token.value = (int64_t)days.floor * SIL_MICRO;
    lexer->at += DATE_LENGTH;
    return true;
}

static sil_status read_quoted(struct sil_sim_lexer *lexer, char quote,
                              enum sil_sim_token_kind kind)
{
    const char *end = strchr(lexer->at + 1, quote);
    if (end == NULL) {
        return sil_sim_refuse(lexer, "the closing quote is missing");
    }
    lexer->token.kind = kind;
    lexer->token.start = lexer->at + 1;
    lexer->token.length = (size_t)(end - lexer->token.start);
    lexer->at = end + 1;
    return SIL_OK;
}

static sil_status read_sign(struct sil_sim_lexer *lexer)
{
    size_t length = 1;
    if (strncmp(lexer->at, "<=", 2) == 0 || strncmp(lexer->at, ">=", 2) == 0 ||
        strncmp(lexer->at, "!=", 2) == 0) {
        length = 2;
    } else if (strchr("+-*/=<>(),.", *lexer->at) == NULL) {
        return sil_sim_refuse(lexer, "this character has no meaning here");
    }
    lexer->token.kind = SIL_SIM_TOKEN_SIGN;
    lexer->token.length = length;
    lexer->at += length;
    return SIL_OK;
}

sil_status sil_sim_advance(struct sil_sim_lexer *lexer)
{
    while (*lexer->at == ' ' || *lexer->at == '\t' || *lexer->at == '\n') {
        lexer->at++;
    }
    lexer->token =
        (struct sil_sim_token){.kind = SIL_SIM_TOKEN_END, .start = lexer->at};
    if (*lexer->at == '\0') {
        return SIL_OK;
    }
    if (is_digit(*lexer->at)) {
        return read_date(lexer) ? SIL_OK : read_number(lexer);
    }
    if (*lexer->at == '\'') {
        return read_quoted(lexer, '\'', SIL_SIM_TOKEN_TEXT);
    }
    if (*lexer->at == '`') {
        return read_quoted(lexer, '`', SIL_SIM_TOKEN_NAME);
    }
    if (!is_name_byte(*lexer->at)) {
        return read_sign(lexer);
    }
    lexer->token.kind = SIL_SIM_TOKEN_NAME;
    while (is_name_byte(*lexer->at)) {
        lexer->at++;
    }
    lexer->token.length = (size_t)(lexer->at - lexer->token.start);
    return SIL_OK;
}

bool sil_sim_is_word(const struct sil_sim_token *token, const char *word)
{
    return (token->kind == SIL_SIM_TOKEN_SIGN || token->kind == SIL_SIM_TOKEN_NAME) &&
           token->length == strlen(word) &&
           memcmp(token->start, word, token->length) == 0;
}
