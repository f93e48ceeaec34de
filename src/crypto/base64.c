// SPDX-License-Identifier: Apache-2.0
#include "crypto/base64.h"

#include <sodium.h>

enum {
    VARIANT = sodium_base64_VARIANT_ORIGINAL,
    PIECE = 48, /* a multiple of 3: no padding before the end */
    PIECE_TEXT = PIECE / 3 * 4 + 1
};

sil_status sil_base64_print(struct sil_bytes *out, const void *data, size_t length,
                            struct sil_error *err)
{
    const uint8_t *bytes = data;
    char text[PIECE_TEXT];
    sil_status status = SIL_OK;
    for (size_t at = 0; at < length && status == SIL_OK; at += PIECE) {
        size_t n = length - at < PIECE ? length - at : PIECE;
        (void)sodium_bin2base64(text, sizeof text, bytes + at, n, VARIANT);
        status = sil_bytes_append(out, text, (n + 2) / 3 * 4, err);
    }
    sodium_memzero(text, sizeof text);
    return status;
}

/* Is this the text that printing gives? libsodium refuses wrong padding, bits behind the end
 * and blanks, but 1.0.18 takes a byte above 0x7f for a character of the alphabet. */
static bool is_printed(const char *text, const uint8_t *bytes, size_t n)
{
    char again[PIECE_TEXT];
    bool same = true;
    for (size_t at = 0; at < n; at += PIECE) {
        size_t length = n - at < PIECE ? n - at : PIECE;
        (void)sodium_bin2base64(again, sizeof again, bytes + at, length, VARIANT);
        same &= sodium_memcmp(again, text + at / 3 * 4, (length + 2) / 3 * 4) == 0;
    }
    sodium_memzero(again, sizeof again);
    return same;
}

/* No table is looked up on the way, so this is fit for secret keys. */
bool sil_base64_parse(void *out, size_t n, const char *text, size_t length)
{
    size_t decoded = 0;
    return length % 4 == 0 && length / 4 == n / 3 + (n % 3 != 0) &&
           sodium_base642bin(out, n, text, length, NULL, &decoded, NULL, VARIANT) ==
               0 &&
           decoded == n && is_printed(text, out, n);
}
