// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sil_status reserve(struct sil_bytes *bytes, size_t more, struct sil_error *err)
{
    size_t need;
    if (!sil_add_size(&need, bytes->length, more)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a buffer of bytes");
    }
    return sil_grow(&bytes->data, &bytes->capacity, need, 1, "a buffer of bytes", err);
}

sil_status sil_bytes_append(struct sil_bytes *bytes, const void *data, size_t length,
                            struct sil_error *err)
{
    sil_status status = reserve(bytes, length, err);
    if (status == SIL_OK && length > 0) {
        (void)memcpy(bytes->data + bytes->length, data, length);
        bytes->length += length;
    }
    return status;
}

sil_status sil_bytes_printf(struct sil_bytes *bytes, struct sil_error *err,
                            const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        return sil_fail(err, SIL_ERR_INTERNAL, "text cannot be formatted");
    }

    /* One byte more than the text: vsnprintf wants to write its terminator. */
    sil_status status = reserve(bytes, (size_t)length + 1, err);
    if (status == SIL_OK) {
        va_start(args, format);
        (void)vsnprintf((char *)bytes->data + bytes->length, (size_t)length + 1, format,
                        args);
        va_end(args);
        bytes->length += (size_t)length;
    }
    return status;
}

void sil_bytes_clear(struct sil_bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct sil_bytes){0};
}
