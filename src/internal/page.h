// SPDX-License-Identifier: Apache-2.0
/// Writing a page of HTML: markup as it stands, texts of others escaped.
#ifndef SIL_INTERNAL_PAGE_H
#define SIL_INTERNAL_PAGE_H

#include "base/bytes.h"
#include "internal/comparison.h"

/// The first failure stays, and what comes after it does nothing: looked at once, at the
/// end.
struct sil_page {
    struct sil_bytes *out;
    struct sil_error *err;
    sil_status status;
};

/// Append markup of any length.
void sil_page_markup(struct sil_page *page, const char *html);

/// Append markup of at most 2 KB. Of arguments only numbers and texts of the program's own.
void sil_page_put(struct sil_page *page, const char *format, ...) SIL_PRINTF(2, 3);

/// Append a text of somebody else's, for an element or a quoted attribute: what HTML takes
/// for markup escaped, control characters as U+FFFD, at most `most` characters of it with
/// an ellipsis behind. The text is UTF-8.
void sil_page_text(struct sil_page *page, const char *text, size_t length, size_t most);

/// The name of a column; the label of a cell, or the word null marked up.
void sil_page_column(struct sil_page *page, const struct sil_comparison *comparison,
                     uint32_t column);
void sil_page_label(struct sil_page *page, const struct sil_comparison *comparison,
                    uint32_t column, uint32_t code);

/// The names of a marginal's columns with " × " between them.
void sil_page_clique(struct sil_page *page, const struct sil_comparison *comparison,
                     const struct sil_clique *clique);

/// A section with its heading and the notice; and its end. The title is HTML.
void sil_page_section(struct sil_page *page, const char *id, const char *title);
void sil_page_section_end(struct sil_page *page);

/// A table that scrolls when it is wide: up to the text of its caption, which the caller
/// writes; from there to its rows, with the heads as HTML; its end. `kind` and `number` make
/// its name on the page.
void sil_page_table(struct sil_page *page, const char *kind, size_t number);
void sil_page_table_heads(struct sil_page *page, const char *heads);
void sil_page_table_end(struct sil_page *page);

/// The same with a caption of the program's own, numbered 0.
struct sil_page_words {
    const char *kind;
    const char *caption;
    const char *heads;
};

void sil_page_table_of(struct sil_page *page, const struct sil_page_words *words);

/// A cell of a table with a distance, a dash where there is none; two cells with a figure
/// and its reference; a cell with a difference of shares in percent of the rows.
void sil_page_distance(struct sil_page *page, double value);
void sil_page_figure(struct sil_page *page, const struct sil_figure *figure);
void sil_page_share(struct sil_page *page, double value, bool with_sign);
void sil_page_count(struct sil_page *page, uint64_t n);

#endif
