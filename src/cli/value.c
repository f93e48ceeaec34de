// SPDX-License-Identifier: Apache-2.0
#include "cli/value.h"

#include "base/fail.h"
#include "codec/json.h"
#include "num/rational.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CHOICES_MAX = 12 };

static sil_status parse_count(struct sil_cli_count *out,
                              const struct sil_cli_option *option, const char *text,
                              struct sil_error *err)
{
    uint64_t value = 0;
    bool fits = text[0] != '\0';
    for (const char *c = text; *c != '\0' && fits; c++) {
        unsigned digit = (unsigned)(unsigned char)*c - '0';
        fits = digit < 10 && !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_add_overflow(value, digit, &value);
    }
    if (!fits || value < option->least || value > option->most) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--%s: '%.40s' is not a whole number from %" PRIu64
                        " to %" PRIu64,
                        option->name, text, option->least, option->most);
    }
    *out = (struct sil_cli_count){.given = true, .value = value};
    return SIL_OK;
}

/* Kept as text: whoever needs the number parses it exactly. The range is theirs too. */
static sil_status parse_decimal(const char **out, const struct sil_cli_option *option,
                                const char *text, struct sil_error *err)
{
    mpq_t value;
    mpq_init(value);
    sil_status status = sil_rational_parse(value, text, 0, option->name, NULL);
    mpq_clear(value);
    if (status != SIL_OK) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--%s: '%.40s' is not a decimal number, such as 0.5 or 1e-9",
                        option->name, text);
    }
    *out = text;
    return SIL_OK;
}

static sil_status parse_choice(int *out, const struct sil_cli_option *option,
                               const char *text, struct sil_error *err)
{
    const char *names[CHOICES_MAX];
    char words[128] = "";
    size_t n = 0;
    for (const struct sil_cli_choice *c = option->choices; c->word != NULL; c++) {
        if (strcmp(c->word, text) == 0) {
            *out = c->value;
            return SIL_OK;
        }
        size_t used = strlen(words);
        (void)snprintf(words + used, sizeof words - used, "%s%s", used == 0 ? "" : ", ",
                       c->word);
        names[n++] = c->word;
    }
    const char *meant = sil_json_misspelt(text, names, n);
    return sil_fail(err, SIL_ERR_USAGE, "--%s: '%.40s' is none of: %s%s%s%s",
                    option->name, text, words, meant == NULL ? "" : "; did you mean '",
                    meant == NULL ? "" : meant, meant == NULL ? "" : "'?");
}

static sil_status parse_character(char *out, const struct sil_cli_option *option,
                                  const char *text, struct sil_error *err)
{
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0) {
        *out = '\t';
        return SIL_OK;
    }
    if (strlen(text) != 1) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "--%s: '%.40s' is neither one character nor the word tab",
                        option->name, text);
    }
    *out = text[0];
    return SIL_OK;
}

static sil_status add_to_list(struct sil_cli_list *list,
                              const struct sil_cli_option *option, const char *text,
                              struct sil_error *err)
{
    if (text[0] == '\0') {
        return sil_fail(err, SIL_ERR_USAGE, "--%s: the %s is empty", option->name,
                        option->kind == SIL_CLI_LIST ? "file name" : "value");
    }
    if (list->n == SIL_CLI_LIST_MAX) {
        return sil_fail(err, SIL_ERR_USAGE, "--%s: at most %d are taken", option->name,
                        SIL_CLI_LIST_MAX);
    }
    list->item[list->n++] = text;
    return SIL_OK;
}

sil_status sil_cli_value_store(struct sil_cli_args *args,
                               const struct sil_cli_option *option, const char *text,
                               struct sil_error *err)
{
    void *member = (char *)args + option->member;
    switch (option->kind) {
    case SIL_CLI_FLAG: *(bool *)member = true; return SIL_OK;
    case SIL_CLI_DECIMAL: return parse_decimal(member, option, text, err);
    case SIL_CLI_FILE:
        if (text[0] == '\0') {
            return sil_fail(err, SIL_ERR_USAGE, "--%s: the file name is empty",
                            option->name);
        }
        *(const char **)member = text;
        return SIL_OK;
    case SIL_CLI_TEXT:
        if (text[0] == '\0') {
            return sil_fail(err, SIL_ERR_USAGE, "--%s: the value is empty",
                            option->name);
        }
        *(const char **)member = text;
        return SIL_OK;
    case SIL_CLI_LIST:
    case SIL_CLI_TEXTS: return add_to_list(member, option, text, err);
    case SIL_CLI_COUNT: return parse_count(member, option, text, err);
    case SIL_CLI_CHOICE: return parse_choice(member, option, text, err);
    case SIL_CLI_CHARACTER: return parse_character(member, option, text, err);
    }
    return SIL_OK;
}

bool sil_cli_value_given(const struct sil_cli_args *args,
                         const struct sil_cli_option *option)
{
    const void *member = (const char *)args + option->member;
    switch (option->kind) {
    case SIL_CLI_FLAG: return *(const bool *)member;
    case SIL_CLI_DECIMAL:
    case SIL_CLI_TEXT:
    case SIL_CLI_FILE: return *(const char *const *)member != NULL;
    case SIL_CLI_LIST:
    case SIL_CLI_TEXTS: return ((const struct sil_cli_list *)member)->n > 0;
    case SIL_CLI_COUNT: return ((const struct sil_cli_count *)member)->given;
    case SIL_CLI_CHOICE: return *(const int *)member != 0;
    case SIL_CLI_CHARACTER: return *(const char *)member != '\0';
    }
    return false;
}
