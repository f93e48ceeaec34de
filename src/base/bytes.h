// SPDX-License-Identifier: Apache-2.0
/// A growable buffer of bytes. `{0}` is an empty one.
#ifndef SIL_BASE_BYTES_H
#define SIL_BASE_BYTES_H

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

struct sil_bytes {
    uint8_t *data;
    size_t length;
    size_t capacity;
};

/// Append `length` bytes. Errors  SIL_ERR_INTERNAL (memory); the buffer is unchanged.
SIL_MUST_USE sil_status sil_bytes_append(struct sil_bytes *bytes, const void *data,
                                         size_t length, struct sil_error *err);

/// Append formatted text without its terminator. Errors as sil_bytes_append.
SIL_MUST_USE sil_status sil_bytes_printf(struct sil_bytes *bytes, struct sil_error *err,
                                         const char *format, ...) SIL_PRINTF(3, 4);

/// Free the memory and leave an empty buffer.
void sil_bytes_clear(struct sil_bytes *bytes);

#endif
