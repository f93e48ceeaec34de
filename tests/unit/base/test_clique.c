// SPDX-License-Identifier: Apache-2.0
#include "base/clique.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct sil_clique of_mask(uint32_t mask)
{
    struct sil_clique c = {0};
    for (uint32_t a = 0; a < 32; a++) {
        if (mask >> a & 1) {
            c.attr[c.n++] = a;
        }
    }
    return c;
}

static uint32_t to_mask(const struct sil_clique *c)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        mask |= 1U << c->attr[i];
    }
    return mask;
}

/* Every pair of subsets of six attributes, against bit masks. */
Test(clique, set_operations_agree_with_bit_masks)
{
    for (uint32_t x = 0; x < 64; x++) {
        for (uint32_t y = 0; y < 64; y++) {
            struct sil_clique a = of_mask(x);
            struct sil_clique b = of_mask(y);
            struct sil_clique both;
            struct sil_clique common = sil_clique_intersect(&a, &b);
            struct sil_clique rest = sil_clique_subtract(&a, &b);
            cr_expect(sil_clique_unite(&both, &a, &b));
            cr_expect(eq(u32, to_mask(&both), x | y));
            cr_expect(eq(int, sil_clique_compare(&both, &(struct sil_clique){0}) != 0,
                         (x | y) != 0));
            cr_expect(eq(u32, to_mask(&common), x & y));
            cr_expect(eq(u32, to_mask(&rest), x & ~y));
            cr_expect(eq(int, sil_clique_contains(&a, &b), (x & y) == y));
            cr_expect(eq(int, sil_clique_compare(&a, &b) == 0, x == y));
            cr_expect(eq(int, sil_clique_compare(&a, &b), -sil_clique_compare(&b, &a)));
        }
    }
}

Test(clique, union_refuses_more_attributes_than_fit)
{
    struct sil_clique all = of_mask(UINT32_MAX);
    struct sil_clique more = sil_clique_single(40);
    struct sil_clique out = sil_clique_single(5);
    cr_expect(not(sil_clique_unite(&out, &all, &more)));
    cr_expect(eq(u32, out.n, 1), "untouched");
    cr_expect(sil_clique_unite(&out, &all, &all));
    cr_expect(eq(u32, out.n, 32));
}

Test(clique, order_is_by_size_then_lexicographic)
{
    struct sil_clique ab = of_mask(3);
    struct sil_clique ac = of_mask(5);
    struct sil_clique d = of_mask(8);
    cr_expect(eq(int, sil_clique_compare(&d, &ab), -1));
    cr_expect(eq(int, sil_clique_compare(&ab, &ac), -1));
}

Test(clique, cells_saturate)
{
    const uint32_t sizes[3] = {UINT32_MAX, UINT32_MAX, 3};
    struct sil_domain domain = {3, sizes, NULL};
    struct sil_clique pair = of_mask(3);
    struct sil_clique triple = of_mask(7);
    struct sil_clique none = of_mask(0);
    cr_expect(
        eq(u64, sil_clique_cells(&domain, &pair), (uint64_t)UINT32_MAX * UINT32_MAX));
    cr_expect(eq(u64, sil_clique_cells(&domain, &triple), UINT64_MAX));
    cr_expect(eq(u64, sil_clique_cells(&domain, &none), 1));
}
