// SPDX-License-Identifier: Apache-2.0
#include "internal/page.h"

#include "base/fail.h"
#include "internal/documents.h"
#include "internal/label.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_BYTES = 2048, NAME_CHARACTERS = 60, LABEL_CHARACTERS = 48 };

static void append(struct sil_page *page, const char *data, size_t length)
{
    if (page->status == SIL_OK) {
        page->status = sil_bytes_append(page->out, data, length, page->err);
    }
}

void sil_page_markup(struct sil_page *page, const char *html)
{
    append(page, html, strlen(html));
}

void sil_page_put(struct sil_page *page, const char *format, ...)
{
    char piece[PIECE_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    SIL_REQUIRE(length >= 0 && (size_t)length < sizeof piece);
    append(page, piece, (size_t)length);
}

/* What stands for a byte that must not stand as it is; NULL: it may. */
static const char *instead_of(unsigned char byte)
{
    switch (byte) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return byte < 0x20 || byte == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

void sil_page_text(struct sil_page *page, const char *text, size_t length, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool begins = (byte & 0xc0) != 0x80; /* not inside of a character */
        n += begins;
        if (begins && n > most) {
            append(page, "\xe2\x80\xa6", 3);
            return;
        }
        const char *instead = instead_of(byte);
        append(page, instead != NULL ? instead : &text[i],
               instead != NULL ? strlen(instead) : 1);
    }
}

void sil_page_column(struct sil_page *page, const struct sil_comparison *comparison,
                     uint32_t column)
{
    const char *name = sil_schema_field_name(comparison->schema, column);
    sil_page_text(page, name, strlen(name), NAME_CHARACTERS);
}

void sil_page_label(struct sil_page *page, const struct sil_comparison *comparison,
                    uint32_t column, uint32_t code)
{
    struct sil_bytes text = {0};
    bool is_null = false;
    if (page->status == SIL_OK) {
        page->status = sil_cell_label(&text, &is_null, comparison->schema, column, code,
                                      page->err);
    }
    if (is_null) {
        sil_page_put(page, "<i>null</i>");
    } else {
        sil_page_text(page, (const char *)text.data, text.length, LABEL_CHARACTERS);
    }
    sil_bytes_clear(&text);
}

void sil_page_clique(struct sil_page *page, const struct sil_comparison *comparison,
                     const struct sil_clique *clique)
{
    for (uint32_t i = 0; i < clique->n; i++) {
        sil_page_put(page, "%s", i == 0 ? "" : " \xc3\x97 ");
        sil_page_column(page, comparison, clique->attr[i]);
    }
}

void sil_page_section(struct sil_page *page, const char *id, const char *title)
{
    sil_page_put(page,
                 "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n"
                 "<p class=\"notice\">" SIL_REPORT_NOTICE "</p>\n",
                 id, id, title);
}

void sil_page_section_end(struct sil_page *page)
{
    sil_page_put(page, "</section>\n");
}

void sil_page_table(struct sil_page *page, const char *kind, size_t number)
{
    sil_page_put(page,
                 "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
                 "aria-labelledby=\"%s-%zu\"><table>\n<caption id=\"%s-%zu\">",
                 kind, number, kind, number);
}

void sil_page_table_heads(struct sil_page *page, const char *heads)
{
    sil_page_put(page, "</caption>\n<thead><tr>%s</tr></thead>\n<tbody>\n", heads);
}

void sil_page_table_of(struct sil_page *page, const struct sil_page_words *words)
{
    sil_page_table(page, words->kind, 0);
    sil_page_put(page, "%s", words->caption);
    sil_page_table_heads(page, words->heads);
}

void sil_page_table_end(struct sil_page *page)
{
    sil_page_put(page, "</tbody></table></div>\n");
}

void sil_page_distance(struct sil_page *page, double value)
{
    if (isnan(value)) {
        sil_page_put(page, "<td>\xe2\x80\x93</td>");
    } else {
        sil_page_put(page, "<td>%.4f</td>", value);
    }
}

void sil_page_figure(struct sil_page *page, const struct sil_figure *figure)
{
    sil_page_distance(page, figure->value);
    sil_page_distance(page, figure->reference);
}

void sil_page_share(struct sil_page *page, double value, bool with_sign)
{
    /* Whole hundredths: none of them is printed as a zero with a minus. */
    double percent = 100 * value;
    bool is_nothing = percent > -0.005 && percent < 0.005;
    sil_page_put(page,
                 with_sign && !is_nothing ? "<td>%+.2f %%</td>" : "<td>%.2f %%</td>",
                 is_nothing ? 0 : percent);
}

void sil_page_count(struct sil_page *page, uint64_t n)
{
    sil_page_put(page, "<td>%" PRIu64 "</td>", n);
}
