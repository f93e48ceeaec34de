// SPDX-License-Identifier: Apache-2.0
/// Writing a page in which no text of a stranger's can be taken for markup, or for more than
/// it is worth.
#ifndef AUDIT_REPORT_PAGE_H
#define AUDIT_REPORT_PAGE_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>

/// Bytes of the whole page; from AUD_PAGE_ROOM on nothing is written whose length somebody
/// else decides: it is counted, and stands in the JSON alone.
enum { AUD_PAGE_MAX = 1000000, AUD_PAGE_ROOM = 800000, AUD_PAGE_TEXT_MAX = 320 };

/// The first failure stays, and what comes after it does nothing: looked at once, at the end.
struct aud_page {
    struct sil_bytes out;
    struct sil_error *err;
    sil_status status;
};

/// Append `format` as it stands, and in the place of each conversion its argument. %s is
/// escaped for an element or a quoted attribute and cut after AUD_PAGE_TEXT_MAX characters,
/// %m is markup of the program's own (const char *). Else %d %u %zu %% and %f %g with a
/// precision.
void aud_page(struct aud_page *page, const char *format, ...);

/// Append markup of the program's own, of any length.
void aud_page_markup(struct aud_page *page, const char *html);

/// Append a text of somebody else's: what HTML takes for markup escaped; control characters,
/// those that turn the direction of what follows, and bytes that are no UTF-8 as U+FFFD; at
/// most `most` characters with an ellipsis behind.
void aud_page_text(struct aud_page *page, const char *text, size_t most);

/// May another row, picture or part be written?
bool aud_page_has_room(const struct aud_page *page);

/// Say that `n` rows or parts stand in the JSON alone; nothing of 0.
void aud_page_left_out(struct aud_page *page, size_t n);

/// A section, with its heading (own markup), and its end.
void aud_page_section(struct aud_page *page, const char *id, const char *title);
void aud_page_end_section(struct aud_page *page);

/// A table that scrolls when it is wide: its caption and heads (own markup), and its end.
void aud_page_table(struct aud_page *page, const char *id, const char *caption,
                    const char *heads);
void aud_page_end_table(struct aud_page *page);

/// A share in percent: "12.3 %", with more digits where it is small.
struct aud_percent {
    char text[16];
};

struct aud_percent aud_percent(double share);

#endif
