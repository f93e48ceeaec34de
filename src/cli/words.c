// SPDX-License-Identifier: Apache-2.0
#include "cli/words.h"

#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 79 };

void sil_cli_blunt(char *text, size_t length, bool keep_lines)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        unsigned char next = i + 1 < length ? (unsigned char)text[i + 1] : 0;
        bool is_c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0; /* in UTF-8 */
        bool is_kept = byte == '\n' && keep_lines;
        if ((byte < 0x20 && !is_kept) || byte == 0x7f || is_c1) {
            text[i] = '?';
        }
        if (is_c1) {
            text[i + 1] = '?';
        }
    }
}

/* Where the further lines of a folded line begin. */
static size_t hanging_indent(const char *line, size_t length)
{
    size_t lead = 0;
    while (lead < length && line[lead] == ' ') {
        lead++;
    }
    if (lead > 0) {
        return lead < LINE_WIDTH / 2 ? lead + 2 : 2;
    }
    size_t label = 0;
    while (label < length && line[label] != ' ') {
        label++;
    }
    size_t text = label;
    while (text < length && line[text] == ' ') {
        text++;
    }
    return text > label + 1 && text < LINE_WIDTH / 2 ? text : 0;
}

/* Bytes that do not continue a character of UTF-8 begin a column. */
static bool is_column(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* How many of the bytes from `text` to `end` go on a line of `width` columns: up to a
 * blank behind `lead`; a word that is too long for any line stays whole. */
static size_t fitting(const char *text, const char *end, size_t lead, size_t width)
{
    const size_t length = (size_t)(end - text);
    size_t columns = 0;
    size_t blank = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == ' ' && i > lead) {
            blank = i;
        }
        columns += is_column(text[i]) ? 1 : 0;
        if (columns > width && blank > 0) {
            return blank;
        }
    }
    return length;
}

static sil_status wrap_line(struct sil_bytes *out, const char *line, size_t length,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const size_t indent = hanging_indent(line, length);
    size_t lead = indent;
    size_t width = LINE_WIDTH;
    size_t at = 0;

    for (;;) {
        size_t n = fitting(line + at, line + length, lead, width);
        SIL_TRY(sil_bytes_append(out, line + at, n, err));
        at += n;
        while (at < length && line[at] == ' ') {
            at++;
        }
        if (at == length) {
            break;
        }
        SIL_TRY(sil_bytes_printf(out, err, "\n%*s", (int)indent, ""));
        lead = 0;
        width = LINE_WIDTH > indent ? LINE_WIDTH - indent : 1;
    }
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));

cleanup:
    return status;
}

sil_status sil_cli_wrap(struct sil_bytes *out, const char *text, size_t length,
                        struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t at = 0; at < length && status == SIL_OK;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t n = end == NULL ? length - at : (size_t)(end - (text + at));
        status = wrap_line(out, text + at, n, err);
        at += n + 1;
    }
    return status;
}

static void say(bool wrapped, const char *format, va_list args) SIL_PRINTF(2, 0);

static void say(bool wrapped, const char *format, va_list args)
{
    struct sil_bytes lines = {0};
    char *text = NULL;
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length >= 0) {
        text = malloc((size_t)length + 1);
    }
    if (text == NULL) {
        return;
    }
    (void)vsnprintf(text, (size_t)length + 1, format, args);
    sil_cli_blunt(text, (size_t)length, false);
    if (wrapped && sil_cli_wrap(&lines, text, (size_t)length, NULL) == SIL_OK) {
        (void)fwrite(lines.data, 1, lines.length, stderr);
    } else {
        (void)fprintf(stderr, "%s\n", text);
    }
    sil_bytes_clear(&lines);
    free(text);
}

void sil_cli_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(false, format, args);
    va_end(args);
}

void sil_cli_say_wrapped(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(true, format, args);
    va_end(args);
}
