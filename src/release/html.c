// SPDX-License-Identifier: Apache-2.0
#include "release/html.h"

#include "base/fail.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* What stands for a byte that means something in HTML; NULL: the byte itself. */
static const char *entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\n': return " ";
    default: break;
    }
    return (unsigned char)c < 0x20 || c == 0x7f ? "\xef\xbf\xbd" : NULL;
}

sil_status sil_html_text(struct sil_bytes *out, const char *text, size_t length,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t from = 0;
    for (size_t i = 0; i < length; i++) {
        const char *word = entity(text[i]);
        if (word != NULL) {
            SIL_TRY(sil_bytes_append(out, text + from, i - from, err));
            SIL_TRY(sil_bytes_append(out, word, strlen(word), err));
            from = i + 1;
        }
    }
    SIL_TRY(sil_bytes_append(out, text + from, length - from, err));
cleanup:
    return status;
}

/* Does a character of UTF-8 begin here? */
static bool begins(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

sil_status sil_html_short(struct sil_bytes *out, const char *text, size_t most,
                          struct sil_error *err)
{
    size_t length = strlen(text);
    size_t n = 0;
    size_t cut = length;
    for (size_t i = 0; i < length; i++) {
        if (begins(text[i]) && ++n == most) {
            cut = i;
        }
    }
    if (n <= most) {
        return sil_html_text(out, text, length, err);
    }
    sil_status status = sil_html_text(out, text, cut, err);
    return status == SIL_OK ? sil_bytes_printf(out, err, "\xe2\x80\xa6") : status;
}

/* One conversion; `*at` is behind the '%' and moves past it. */
static sil_status put_conversion(struct sil_bytes *out, const char **at,
                                 va_list *arguments, struct sil_error *err)
{
    const char *text = NULL;
    char c = *(*at)++;
    switch (c) {
    case '%': return sil_bytes_append(out, "%", 1, err);
    case 'u': return sil_bytes_printf(out, err, "%u", va_arg(*arguments, unsigned));
    case 'd': return sil_bytes_printf(out, err, "%d", va_arg(*arguments, int));
    case 's':
        text = va_arg(*arguments, const char *);
        return sil_html_text(out, text, strlen(text), err);
    default: break;
    }
    SIL_REQUIRE((c == 'z' || c == 'l') && *(*at)++ == 'u');
    return c == 'z'
               ? sil_bytes_printf(out, err, "%zu", va_arg(*arguments, size_t))
               : sil_bytes_printf(out, err, "%lu", va_arg(*arguments, unsigned long));
}

static sil_status put_all(struct sil_bytes *out, const char *format, va_list *arguments,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (const char *at = format; *at != '\0';) {
        size_t plain = strcspn(at, "%");
        SIL_TRY(sil_bytes_append(out, at, plain, err));
        at += plain;
        if (*at == '%') {
            at++;
            SIL_TRY(put_conversion(out, &at, arguments, err));
        }
    }
cleanup:
    return status;
}

sil_status sil_html(struct sil_bytes *out, struct sil_error *err, const char *format,
                    ...)
{
    va_list arguments;
    va_start(arguments, format);
    sil_status status = put_all(out, format, &arguments, err);
    va_end(arguments);
    return status;
}
