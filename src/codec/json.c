// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"

#include "base/fail.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNIFICANT_MAX = 15, EXPONENT_MAX = 100, WORD_MAX = 64 };

/* What jansson does not look at is checked in a pass of its own before it: depth (jansson
 * recurses) and the numbers that a double would change. Strings are skipped; whether the
 * text is JSON at all is left to jansson, so the pass only has to be right on JSON. */
struct scan {
    const char *text;
    size_t length;
    size_t at;
    size_t line_start;
    int line;
    int depth;
};

static sil_status refuse(const struct scan *scan, const char *what, const char *reason,
                         struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT, "%s, line %d, column %zu: %s", what, scan->line,
                    scan->at - scan->line_start + 1, reason);
}

static void skip_string(struct scan *scan)
{
    for (scan->at++; scan->at < scan->length && scan->text[scan->at] != '"';
         scan->at++) {
        if (scan->text[scan->at] == '\\') {
            scan->at++;
        }
    }
    scan->at++;
}

static bool is_number_byte(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' ||
           c == '-';
}

/* Digits from the first to the last that is not zero, point aside. */
static size_t significant_digits(const char *mantissa, size_t length)
{
    size_t significant = 0;
    size_t zeros = 0;
    for (size_t i = 0; i < length; i++) {
        if (mantissa[i] == '0') {
            zeros++;
        } else if (mantissa[i] >= '1' && mantissa[i] <= '9') {
            significant += (significant > 0 ? zeros : 0) + 1;
            zeros = 0;
        }
    }
    return significant;
}

static int exponent_size(const char *exponent, size_t length)
{
    int size = 0;
    for (size_t i = 0; i < length && size <= EXPONENT_MAX; i++) {
        if (exponent[i] >= '0' && exponent[i] <= '9') {
            size = size * 10 + (exponent[i] - '0');
        }
    }
    return size;
}

/* Why %.15g would not print the number back as the same decimal, or NULL when it does.
 * Integers are kept by jansson in 64 bits and always come back. */
static const char *why_inexact(const char *number, size_t length)
{
    size_t mantissa = 0;
    bool has_point = false;
    while (mantissa < length && number[mantissa] != 'e' && number[mantissa] != 'E') {
        has_point = has_point || number[mantissa] == '.';
        mantissa++;
    }
    if (mantissa == length && !has_point) {
        return NULL;
    }
    if (exponent_size(number + mantissa, length - mantissa) > EXPONENT_MAX) {
        return memchr(number + mantissa, '-', length - mantissa) == NULL
                   ? "the number is too large"
                   : "the number is too close to zero";
    }
    return length <= EXPONENT_MAX &&
                   significant_digits(number, mantissa) <= SIGNIFICANT_MAX
               ? NULL
               : "a number of more digits than are kept exactly; write it as a "
                 "string, \"...\"";
}

static sil_status scan_number(struct scan *scan, const char *what,
                              struct sil_error *err)
{
    size_t end = scan->at;
    while (end < scan->length && is_number_byte(scan->text[end])) {
        end++;
    }
    const char *reason = why_inexact(scan->text + scan->at, end - scan->at);
    if (reason != NULL) {
        return refuse(scan, what, reason, err);
    }
    scan->at = end;
    return SIL_OK;
}

static sil_status scan_next(struct scan *scan, const char *what, struct sil_error *err)
{
    char c = scan->text[scan->at];
    if (c == '"') {
        skip_string(scan);
        return SIL_OK;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return scan_number(scan, what, err);
    }
    if (c == '\n') {
        scan->line++;
        scan->line_start = scan->at + 1;
    } else if (c == '[' || c == '{') {
        scan->depth++;
    } else if (c == ']' || c == '}') {
        scan->depth--;
    }
    if (scan->depth > SIL_JSON_DEPTH_MAX) {
        return refuse(scan, what, "nested too deeply", err);
    }
    scan->at++;
    return SIL_OK;
}

/* A text without anything to parse has no line to point at. */
static bool is_blank(const char *text, size_t length)
{
    static const char blanks[] = {' ', '\t', '\r', '\n'};
    size_t at = 0;
    while (at < length && memchr(blanks, text[at], sizeof blanks) != NULL) {
        at++;
    }
    return at == length;
}

/* Some of jansson's sentences speak of its options, others are for programmers. */
static const char *sentence(const json_error_t *error)
{
    enum json_error_code code = json_error_code(error);
    if (code == json_error_null_character) {
        return "the character \\u0000 cannot be part of a text";
    }
    return code == json_error_null_byte_in_key
               ? "the character \\u0000 cannot be part of a name"
               : error->text;
}

sil_status sil_json_parse(json_t **out, const char *text, size_t length,
                          const char *what, struct sil_error *err)
{
    *out = NULL;
    if (length > SIL_JSON_BYTES_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is larger than %zu bytes", what,
                        SIL_JSON_BYTES_MAX);
    }
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        length -= 3;
    }
    if (is_blank(text, length)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is empty", what);
    }

    struct scan scan = {.text = text, .length = length, .line = 1};
    while (scan.at < scan.length) {
        sil_status status = scan_next(&scan, what, err);
        if (status != SIL_OK) {
            return status;
        }
    }

    json_error_t error;
    *out = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (*out == NULL && json_error_code(&error) == json_error_out_of_memory) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: %s", what);
    }
    if (*out == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s, line %d, column %d: %s", what,
                        error.line, error.column, sentence(&error));
    }
    return SIL_OK;
}

const char *sil_json_decimal(const json_t *value, char buffer[SIL_JSON_DECIMAL_BYTES])
{
    if (json_is_string(value)) {
        return json_string_value(value);
    }
    if (json_is_integer(value)) {
        (void)snprintf(buffer, SIL_JSON_DECIMAL_BYTES, "%" JSON_INTEGER_FORMAT,
                       json_integer_value(value));
        return buffer;
    }
    if (!json_is_real(value)) {
        return NULL;
    }

    /* A decimal of at most 15 digits survives the way through a double, and %.15g finds
     * it again. Whatever the locale takes for a decimal point becomes one. */
    char printed[SIL_JSON_DECIMAL_BYTES];
    (void)snprintf(printed, sizeof printed, "%.*g", (int)SIGNIFICANT_MAX,
                   json_real_value(value));
    size_t n = 0;
    for (const char *p = printed; *p != '\0'; p++) {
        if (is_number_byte(*p)) {
            buffer[n++] = *p;
        } else if (n > 0 && buffer[n - 1] != '.') {
            buffer[n++] = '.';
        }
    }
    buffer[n] = '\0';
    return buffer;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static bool is_same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Letters to change, add, leave out or swap with a neighbour to get from a to b. */
static size_t distance(const char *a, const char *b)
{
    size_t row[3][WORD_MAX + 1];
    size_t n = strlen(b);
    for (size_t j = 0; j <= n; j++) {
        row[0][j] = j;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t *now = row[i % 3];
        const size_t *before = row[(i + 2) % 3];
        const size_t *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= n; j++) {
            bool same = is_same_letter(a[i - 1], b[j - 1]);
            now[j] = min3(before[j] + 1, now[j - 1] + 1, before[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                earlier[j - 2] + 1 < now[j]) {
                now[j] = earlier[j - 2] + 1;
            }
        }
    }
    return row[strlen(a) % 3][n];
}

const char *sil_json_misspelt(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t best_distance = 3;
    if (strlen(word) > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, names[i]);
        if (strcmp(word, names[i]) == 0) {
            return NULL;
        }
        if (d < best_distance && 2 * d < strlen(names[i])) {
            best_distance = d;
            best = names[i];
        }
    }
    return best;
}

static bool is_listed(const char *key, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(key, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

sil_status sil_json_check_keys(json_t *object, const char *place,
                               const char *const *names, size_t n,
                               struct sil_error *err)
{
    for (void *it = json_object_iter(object); it != NULL;
         it = json_object_iter_next(object, it)) {
        const char *key = json_object_iter_key(it);
        if (is_listed(key, names, n)) {
            continue;
        }
        const char *meant = sil_json_misspelt(key, names, n);
        if (meant != NULL) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "%s: unknown property \"%.60s\"; did you mean \"%s\"?",
                            place, key, meant);
        }
        return sil_fail(err, SIL_ERR_INPUT, "%s: unknown property \"%.60s\"", place,
                        key);
    }
    return SIL_OK;
}

static int dump_piece(const char *buffer, size_t size, void *data)
{
    return sil_bytes_append(data, buffer, size, NULL) == SIL_OK ? 0 : -1;
}

sil_status sil_json_dump(struct sil_bytes *out, const json_t *value,
                         struct sil_error *err)
{
    size_t flags = JSON_INDENT(2) | JSON_ENCODE_ANY;
    if (json_dump_callback(value, dump_piece, out, flags) != 0) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: writing JSON");
    }
    return sil_bytes_append(out, "\n", 1, err);
}

sil_status sil_json_append_string(struct sil_bytes *out, const char *text,
                                  size_t length, struct sil_error *err)
{
    json_t *string = json_stringn(text, length);
    if (string == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "a text is not UTF-8");
    }
    int failed = json_dump_callback(string, dump_piece, out, JSON_ENCODE_ANY);
    json_decref(string);
    return failed != 0 ? sil_fail(err, SIL_ERR_INTERNAL, "out of memory: writing JSON")
                       : SIL_OK;
}
