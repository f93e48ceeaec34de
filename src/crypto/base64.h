// SPDX-License-Identifier: Apache-2.0
/// Base64 of RFC 4648, with padding, in one form only: text that would not come back byte
/// for byte from the bytes it stands for is refused (blanks, missing or surplus padding,
/// bits behind the end).
#ifndef SIL_CRYPTO_BASE64_H
#define SIL_CRYPTO_BASE64_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>

/// Append the text of `length` bytes. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_base64_print(struct sil_bytes *out, const void *data,
                                         size_t length, struct sil_error *err);

/// Decode exactly `n` bytes; false when the text is not the one encoding of n bytes.
SIL_MUST_USE bool sil_base64_parse(void *out, size_t n, const char *text,
                                   size_t length);

#endif
