// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

Test(memory, checked_sizes_refuse_what_does_not_fit)
{
    size_t out = 7;
    cr_expect(not(sil_mul_size(&out, SIZE_MAX, 2)));
    cr_expect(not(sil_add_size(&out, SIZE_MAX, 1)));
    cr_expect(eq(sz, out, 7));
    cr_expect(sil_mul_size(&out, 6, 7));
    cr_expect(eq(sz, out, 42));
    cr_expect(sil_add_size(&out, 6, 7));
    cr_expect(eq(sz, out, 13));
}

Test(memory, alloc_gives_zeros)
{
    uint64_t *words;
    cr_assert(zero(int, sil_alloc(&words, 1000, sizeof *words, "words", NULL)));
    for (int i = 0; i < 1000; i++) {
        cr_expect(zero(u64, words[i]));
    }
    free(words);
}

Test(memory, alloc_of_an_impossible_size_says_what_for)
{
    struct sil_error err;
    void *p = &err;
    cr_expect(
        eq(int, sil_alloc(&p, SIZE_MAX / 2, 8, "a table", &err), SIL_ERR_INTERNAL));
    cr_expect(eq(ptr, p, NULL));
    cr_expect(
        eq(str, err.text, "out of memory: a table (9223372036854775807 x 8 bytes)"));
    cr_expect(eq(int, sil_alloc_aligned(&p, SIZE_MAX / 2, 8, "a table", &err),
                 SIL_ERR_INTERNAL));
    cr_expect(eq(ptr, p, NULL));
}

Test(memory, aligned_memory_is_aligned_and_zero_for_any_size)
{
    for (size_t n = 0; n < 200; n++) {
        uint8_t *p;
        cr_assert(zero(int, sil_alloc_aligned(&p, n, 1, "bytes", NULL)));
        cr_expect(zero(sz, (uintptr_t)p % 64));
        for (size_t i = 0; i < n; i++) {
            cr_expect(zero(u8, p[i]));
        }
        free(p);
    }
}

Test(memory, grow_keeps_the_old_and_zeroes_the_new)
{
    uint32_t *a = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        cr_assert(
            zero(int, sil_grow(&a, &capacity, i + 1, sizeof *a, "numbers", NULL)));
        cr_expect(zero(u32, a[i]));
        a[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        cr_expect(eq(u32, a[i], i));
    }
    cr_expect(eq(int, sil_grow(&a, &capacity, SIZE_MAX, 4, "numbers", NULL),
                 SIL_ERR_INTERNAL));
    cr_expect(eq(u32, a[999], 999), "unchanged on error");
    free(a);
}
