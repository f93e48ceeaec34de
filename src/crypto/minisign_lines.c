// SPDX-License-Identifier: Apache-2.0
#include "crypto/minisign_lines.h"

#include <string.h>

bool sil_lines_cut(struct sil_line *line, size_t n, const char *text, size_t length)
{
    for (size_t i = 0; i < n; i++) {
        const char *end = length > 0 ? memchr(text, '\n', length) : NULL;
        if (end == NULL) {
            return false;
        }
        line[i] = (struct sil_line){text, (size_t)(end - text)};
        length -= line[i].length + 1;
        text = end + 1;
    }
    return length == 0;
}

bool sil_line_skip(struct sil_line *line, const char *prefix)
{
    size_t n = strlen(prefix);
    if (line->length < n || memcmp(line->text, prefix, n) != 0) {
        return false;
    }
    line->text += n;
    line->length -= n;
    return true;
}

bool sil_is_printable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

bool sil_line_is_untrusted(struct sil_line line)
{
    if (!sil_line_skip(&line, SIL_UNTRUSTED)) {
        return false;
    }
    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)line.text[i];
        if (byte < 0x20 || byte == 0x7f) {
            return false;
        }
    }
    return true;
}
