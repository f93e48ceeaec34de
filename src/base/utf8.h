// SPDX-License-Identifier: Apache-2.0
/// UTF-8, read strictly.
#ifndef SIL_BASE_UTF8_H
#define SIL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Take one code point from the front: its length in bytes, or 0 when the text is empty or
/// does not begin with the shortest form of a code point (surrogates are none).
size_t sil_utf8_next(uint32_t *out, const char *text, size_t length);

/// A control character, a separator of lines or paragraphs, or one that turns the direction
/// of the text around it. (Characters that are not seen, such as joiners, are none.)
bool sil_is_control(uint32_t code);

/// UTF-8 without any of these? The empty text is.
bool sil_utf8_is_text(const char *text, size_t length);

/// A blank of any kind: Unicode's property White_Space.
bool sil_is_blank(uint32_t code);

#endif
