// SPDX-License-Identifier: Apache-2.0
/// The lines that minisign's files are made of.
#ifndef SIL_CRYPTO_MINISIGN_LINES_H
#define SIL_CRYPTO_MINISIGN_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define SIL_MINISIGN_LINES_MAX 4
#define SIL_UNTRUSTED          "untrusted comment: "
#define SIL_TRUSTED            "trusted comment: "

struct sil_line {
    const char *text; ///< without its newline
    size_t length;
};

/// Cut a text of exactly `n` lines, each ended by LF, the last one too.
bool sil_lines_cut(struct sil_line *line, size_t n, const char *text, size_t length);

/// Take `prefix` from the front of the line; false when it does not begin so.
bool sil_line_skip(struct sil_line *line, const char *prefix);

/// Bytes 0x20 to 0x7e only.
bool sil_is_printable(const char *text, size_t length);

/// A comment that nobody vouches for, with its prefix: anything but control characters,
/// as they could steer the terminal that shows the file, and CR.
bool sil_line_is_untrusted(struct sil_line line);

#endif
