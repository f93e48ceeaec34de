// SPDX-License-Identifier: Apache-2.0
#include "audits/report/page.h"

#include "base/fail.h"
#include "base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define STRANGE "\xef\xbf\xbd" /* U+FFFD */

enum { NUMBER_BYTES = 400, SPECIFIER_BYTES = 12 };

static void append(struct aud_page *page, const char *data, size_t length)
{
    if (page->status == SIL_OK) {
        page->status = sil_bytes_append(&page->out, data, length, page->err);
    }
}

void aud_page_markup(struct aud_page *page, const char *html)
{
    append(page, html, strlen(html));
}

/* ---- texts of strangers ---- */

/* Control characters, and those that are not seen. */
static bool is_strange(uint32_t c)
{
    return sil_is_control(c) || c == 0xad || (c >= 0x200b && c <= 0x200d) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c >= 0xe0000;
}

static void put_character(struct aud_page *page, const char *text, size_t length,
                          uint32_t c)
{
    switch (c) {
    case '&': append(page, "&amp;", 5); break;
    case '<': append(page, "&lt;", 4); break;
    case '>': append(page, "&gt;", 4); break;
    case '"': append(page, "&quot;", 6); break;
    case '\'': append(page, "&#39;", 5); break;
    default:
        if (length == 0 || is_strange(c)) {
            append(page, STRANGE, 3);
        } else {
            append(page, text, length);
        }
    }
}

void aud_page_text(struct aud_page *page, const char *text, size_t most)
{
    size_t n = 0;
    for (size_t left = strlen(text); left > 0;) {
        uint32_t c = 0;
        size_t length = sil_utf8_next(&c, text, left);
        if (n++ == most) {
            append(page, "\xe2\x80\xa6", 3);
            return;
        }
        put_character(page, text, length, c);
        length += length == 0;
        text += length;
        left -= length;
    }
}

/* ---- formats ---- */

/* A number, by its own specifier, of which `kind` is the last letter. */
static void put_number(struct aud_page *page, const char *specifier, char kind,
                       va_list *arguments)
{
    char text[NUMBER_BYTES];
    int length = 0;
    switch ((int)kind) {
    case 'd':
        length = snprintf(text, sizeof text, "%d", va_arg(*arguments, int));
        break;
    case 'u':
        length = strchr(specifier, 'z') != NULL
                     ? snprintf(text, sizeof text, "%zu", va_arg(*arguments, size_t))
                     : snprintf(text, sizeof text, "%u", va_arg(*arguments, unsigned));
        break;
    default:
        SIL_REQUIRE(kind == 'f' || kind == 'g');
        int digits = specifier[1] == '.' ? specifier[2] - '0' : 6;
        length = kind == 'f' ? snprintf(text, sizeof text, "%.*f", digits,
                                        va_arg(*arguments, double))
                             : snprintf(text, sizeof text, "%.*g", digits,
                                        va_arg(*arguments, double));
    }
    SIL_REQUIRE(length >= 0 && (size_t)length < sizeof text);
    append(page, text, (size_t)length);
}

/* One conversion, which begins at `at`; where it ends. */
static const char *put_conversion(struct aud_page *page, const char *at,
                                  va_list *arguments)
{
    size_t length = 1 + strcspn(at + 1, "%smdufg");
    char specifier[SPECIFIER_BYTES] = "";
    SIL_REQUIRE(length < sizeof specifier - 1 && at[length] != '\0');
    (void)memcpy(specifier, at, length + 1);
    switch (at[length]) {
    case '%': append(page, "%", 1); break;
    case 's':
        aud_page_text(page, va_arg(*arguments, const char *), AUD_PAGE_TEXT_MAX);
        break;
    case 'm': aud_page_markup(page, va_arg(*arguments, const char *)); break;
    default: put_number(page, specifier, at[length], arguments);
    }
    return at + length + 1;
}

void aud_page(struct aud_page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (const char *at = format; *at != '\0';) {
        size_t plain = strcspn(at, "%");
        append(page, at, plain);
        at += plain;
        if (*at == '%') {
            at = put_conversion(page, at, &arguments);
        }
    }
    va_end(arguments);
}

/* ---- parts ---- */

bool aud_page_has_room(const struct aud_page *page)
{
    return page->out.length < AUD_PAGE_ROOM;
}

void aud_page_left_out(struct aud_page *page, size_t n)
{
    if (n > 0) {
        aud_page(page,
                 "<p class=\"aside\">%zu more are in the JSON beside this page.</p>\n",
                 n);
    }
}

void aud_page_section(struct aud_page *page, const char *id, const char *title)
{
    aud_page(page, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%m</h2>\n", id, id,
             title);
}

void aud_page_end_section(struct aud_page *page)
{
    aud_page_markup(page, "</section>\n");
}

void aud_page_table(struct aud_page *page, const char *id, const char *caption,
                    const char *heads)
{
    aud_page(page,
             "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
             "aria-labelledby=\"%s\"><table>\n<caption id=\"%s\">%m</caption>\n"
             "<thead><tr>%m</tr></thead>\n<tbody>\n",
             id, id, caption, heads);
}

void aud_page_end_table(struct aud_page *page)
{
    aud_page_markup(page, "</tbody></table></div>\n");
}

struct aud_percent aud_percent(double share)
{
    struct aud_percent out;
    double percent = 100 * share;
    int digits = fabs(percent) > 0 && fabs(percent) < 0.95 ? 2 : 1;
    (void)snprintf(out.text, sizeof out.text, "%.*f\xc2\xa0%%", digits,
                   fabs(percent) < 1e6 ? percent : 0);
    return out;
}
