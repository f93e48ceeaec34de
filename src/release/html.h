// SPDX-License-Identifier: Apache-2.0
/// Writing HTML in which no text can be taken for a tag.
#ifndef SIL_RELEASE_HTML_H
#define SIL_RELEASE_HTML_H

#include "base/bytes.h"

/// Append `format` as it stands, and in the place of each conversion its argument: of %s
/// escaped, with control characters as U+FFFD. Conversions: %s %u %d %zu %lu %% only, for
/// const char *, unsigned, int, size_t and unsigned long.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_html(struct sil_bytes *out, struct sil_error *err,
                                 const char *format, ...) SIL_PRINTF(3, 4);

/// Append `text`, escaped for an element or a quoted attribute.
SIL_MUST_USE sil_status sil_html_text(struct sil_bytes *out, const char *text,
                                      size_t length, struct sil_error *err);

/// Append `text`, escaped, cut to `most` characters (the last one is then an ellipsis).
SIL_MUST_USE sil_status sil_html_short(struct sil_bytes *out, const char *text,
                                       size_t most, struct sil_error *err);

#endif
