// SPDX-License-Identifier: Apache-2.0
#include "base/codes.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(codes, width_is_the_narrowest_that_holds_them)
{
    cr_expect(eq(u8, sil_codes_width(1), 1));
    cr_expect(eq(u8, sil_codes_width(256), 1));
    cr_expect(eq(u8, sil_codes_width(257), 2));
    cr_expect(eq(u8, sil_codes_width(65536), 2));
    cr_expect(eq(u8, sil_codes_width(65537), 4));
}

Test(codes, what_is_set_is_what_is_read)
{
    const uint32_t sizes[3] = {256, 65536, 70000};
    struct sil_domain domain = {3, sizes, NULL};
    struct sil_codes codes;
    cr_assert(zero(int, sil_codes_init(&codes, &domain, 10, NULL)));
    for (uint32_t a = 0; a < 3; a++) {
        for (uint32_t r = 0; r < 10; r++) {
            cr_expect(zero(u32, sil_codes_get(&codes, a, r)));
            sil_codes_set(&codes, a, r, sizes[a] - 1 - r);
        }
    }
    for (uint32_t a = 0; a < 3; a++) {
        for (uint32_t r = 0; r < 10; r++) {
            cr_expect(eq(u32, sil_codes_get(&codes, a, r), sizes[a] - 1 - r));
        }
    }
    sil_codes_clear(&codes);
    sil_codes_clear(&codes);
}

Test(codes, an_impossible_size_leaves_nothing)
{
    const uint32_t sizes[2] = {2, 2};
    struct sil_domain domain = {2, sizes, NULL};
    struct sil_codes codes;
    struct sil_error err;
    cr_expect(
        eq(int, sil_codes_init(&codes, &domain, SIZE_MAX / 2, &err), SIL_ERR_INTERNAL));
    cr_expect(eq(ptr, codes.column, NULL));
}
