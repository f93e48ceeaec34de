// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

/* Bytes of the sequence that `first` begins; its payload bits in `code`; 0 for none. */
static size_t sequence(uint32_t *code, uint8_t first)
{
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    if (first >= 0xc2 && first < 0xe0) {
        *code = first & 0x1f;
        return 2;
    }
    if (first >= 0xe0 && first < 0xf0) {
        *code = first & 0x0f;
        return 3;
    }
    if (first >= 0xf0 && first < 0xf5) {
        *code = first & 0x07;
        return 4;
    }
    return 0;
}

size_t sil_utf8_next(uint32_t *out, const char *text, size_t length)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};

    uint32_t code;
    size_t n = length > 0 ? sequence(&code, (uint8_t)text[0]) : 0;
    if (n == 0 || n > length) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (byte >> 6 != 2) {
            return 0;
        }
        code = code << 6 | (byte & 0x3f);
    }
    if (code < LEAST[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        return 0;
    }
    *out = code;
    return n;
}

bool sil_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
           code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

bool sil_utf8_is_text(const char *text, size_t length)
{
    uint32_t code = 0;
    while (length > 0) {
        size_t n = sil_utf8_next(&code, text, length);
        if (n == 0 || sil_is_control(code)) {
            return false;
        }
        text += n;
        length -= n;
    }
    return true;
}

bool sil_is_blank(uint32_t code)
{
    return (code >= 0x09 && code <= 0x0d) || code == 0x20 || code == 0x85 ||
           code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
           code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x205f ||
           code == 0x3000;
}
