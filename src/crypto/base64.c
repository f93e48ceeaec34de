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

bool sil_base64_parse(void *out, size_t n, const char *text, size_t length)
{
    /* libsodium refuses wrong padding, foreign characters and bits behind the end; with
     * the length fixed as well, only one text is left for each value. It looks at no byte
     * through a table, so it is fit for secret keys. */
    size_t decoded = 0;
    return length % 4 == 0 && length / 4 == n / 3 + (n % 3 != 0) &&
           sodium_base642bin(out, n, text, length, NULL, &decoded, NULL, VARIANT) ==
               0 &&
           decoded == n;
}
