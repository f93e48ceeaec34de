// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

Test(bytes, append_and_print_build_one_text)
{
    struct sil_bytes b = {0};
    cr_assert(zero(int, sil_bytes_append(&b, "ab", 2, NULL)));
    cr_assert(zero(int, sil_bytes_printf(&b, NULL, "%d-%s", 12, "x")));
    cr_assert(zero(int, sil_bytes_append(&b, "", 0, NULL)));
    cr_expect(eq(sz, b.length, 6));
    cr_expect(zero(int, memcmp(b.data, "ab12-x", 6)));
    sil_bytes_clear(&b);
    cr_expect(eq(ptr, b.data, NULL));
    sil_bytes_clear(&b);
}

Test(bytes, print_of_a_long_text_fits)
{
    struct sil_bytes b = {0};
    for (int i = 1; i < 300; i++) {
        cr_assert(zero(int, sil_bytes_printf(&b, NULL, "%*d", i, 1)));
    }
    cr_expect(eq(sz, b.length, 299 * 300 / 2));
    sil_bytes_clear(&b);
}
