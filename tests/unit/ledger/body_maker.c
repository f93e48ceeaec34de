// SPDX-License-Identifier: Apache-2.0
#include "body_maker.h"

#include "codec/msgpack.h"
#include "format_kit.h"

#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void put_repeated(struct sil_bytes *out, size_t n, int byte)
{
    uint8_t *data = malloc(n + 1);
    kit_fill(data, n, byte);
    MUST(sil_mp_put_bin(out, data, n, NULL));
    free(data);
}

static void put_raw(struct sil_bytes *out, const char *hex)
{
    size_t n = strlen(hex) / 2;
    uint8_t *data = malloc(n + 1);
    kit_hex(data, n, hex);
    MUST(sil_bytes_append(out, data, n, NULL));
    free(data);
}

void make_values(struct sil_bytes *out, const char *form, ...)
{
    va_list args;
    va_start(args, form);
    for (; *form != '\0'; form++) {
        size_t n = 0;
        switch (*form) {
        case '[': MUST(sil_mp_put_array(out, (size_t)va_arg(args, int), NULL)); break;
        case 'u': MUST(sil_mp_put_uint(out, va_arg(args, uint64_t), NULL)); break;
        case 's': MUST(sil_mp_put_str(out, va_arg(args, const char *), NULL)); break;
        case 'h': put_repeated(out, 32, va_arg(args, int)); break;
        case 'i': put_repeated(out, 16, va_arg(args, int)); break;
        case 'b':
            n = va_arg(args, size_t);
            put_repeated(out, n, va_arg(args, int));
            break;
        case 'x': put_raw(out, va_arg(args, const char *)); break;
        default: cr_assert_fail("no value '%c'", *form);
        }
    }
    va_end(args);
}
