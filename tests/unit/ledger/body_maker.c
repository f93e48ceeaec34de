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

void read_body(struct sil_body *body, struct sil_bytes *bytes)
{
    struct sil_error err = {{0}};
    cr_assert_eq(sil_body_decode(body, bytes->data, bytes->length, &err), SIL_OK, "%s",
                 err.text);
    sil_bytes_clear(bytes);
}

void make_genesis(struct sil_bytes *bytes, const char *prefix,
                  const char *const people[3], uint64_t rows,
                  const char *const invariants[2])
{
    make_values(bytes, "[ushss[[uuu", 13, UINT64_C(1), "genesis", 0x10, prefix, "label",
                0, 3, UINT64_C(1), UINT64_C(0), UINT64_C(3600));
    make_values(bytes, "[sssu", 4, people[0], people[1], people[2], rows);
    make_values(bytes, "[", (invariants[0] != NULL) + (invariants[1] != NULL));
    for (int i = 0; i < 2 && invariants[i] != NULL; i++) {
        make_values(bytes, "s", invariants[i]);
    }
    make_values(bytes, "[ssssh[[ss", 4, "zcdp", "1/1", "0/1", "1/9", 0x11, 0, 2, "t",
                "v");
}
