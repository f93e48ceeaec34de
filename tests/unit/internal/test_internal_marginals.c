// SPDX-License-Identifier: Apache-2.0
/* Which marginals are compared: all in order, or a sample that the domain alone decides. */
#include "internal/marginals.h"

#include <criterion/criterion.h>

#include <string.h>

static struct sil_error error;

static void choose(struct sil_marginals *out, uint32_t n_attrs, uint32_t size,
                   uint32_t k, size_t most)
{
    static uint32_t sizes[100];
    for (uint32_t a = 0; a < n_attrs; a++) {
        sizes[a] = size;
    }
    const struct sil_domain domain = {n_attrs, sizes, NULL};
    cr_assert_eq(sil_marginals_choose(out, &domain, k, most, &error), SIL_OK);
}

static void expect_ascending(const struct sil_marginals *marginals, uint32_t k)
{
    for (size_t i = 0; i < marginals->n; i++) {
        const struct sil_clique *clique = &marginals->clique[i];
        cr_expect_eq(clique->n, k);
        for (uint32_t j = 1; j < k; j++) {
            cr_expect_lt(clique->attr[j - 1], clique->attr[j]);
        }
        cr_expect(i == 0 || sil_clique_compare(&clique[-1], clique) < 0, "place %zu",
                  i);
    }
}

Test(internal_marginals, are_all_in_canonical_order)
{
    static const size_t EXPECTED[] = {6, 15, 20};
    for (uint32_t k = 1; k <= 3; k++) {
        struct sil_marginals marginals;
        choose(&marginals, 6, 4, k, 100);
        cr_expect_eq(marginals.n, EXPECTED[k - 1]);
        cr_expect_eq(marginals.n_all, EXPECTED[k - 1]);
        cr_expect_eq(marginals.n_too_large, 0U);
        cr_expect_not(marginals.is_sample);
        expect_ascending(&marginals, k);
        cr_expect_eq(marginals.clique[marginals.n - 1].attr[k - 1], 5U);
        sil_marginals_clear(&marginals);
    }
}

Test(internal_marginals, of_more_columns_than_there_are_are_none)
{
    struct sil_marginals marginals;
    choose(&marginals, 2, 4, 3, 100);
    cr_expect_eq(marginals.n, 0U);
    cr_expect_eq(marginals.n_all, 0U);
    sil_marginals_clear(&marginals);
    choose(&marginals, 1, 4, 2, 100);
    cr_expect_eq(marginals.n, 0U);
    sil_marginals_clear(&marginals);
}

Test(internal_marginals, that_are_too_many_are_sampled_without_repetition)
{
    struct sil_marginals marginals;
    struct sil_marginals again;
    choose(&marginals, 100, 3, 3, 2048);
    cr_expect(marginals.is_sample);
    cr_expect_eq(marginals.n_all, 161700U);
    cr_expect_eq(marginals.n, 2048U);
    expect_ascending(&marginals, 3);
    choose(&again, 100, 3, 3, 2048);
    cr_expect_eq(memcmp(again.clique, marginals.clique, again.n * sizeof *again.clique),
                 0);
    sil_marginals_clear(&marginals);
    sil_marginals_clear(&again);
}

/* The hardest sample: all but one. */
Test(internal_marginals, a_sample_of_nearly_all_ends)
{
    struct sil_marginals marginals;
    choose(&marginals, 6, 3, 3, 19);
    cr_expect(marginals.is_sample);
    cr_expect_eq(marginals.n, 19U);
    expect_ascending(&marginals, 3);
    sil_marginals_clear(&marginals);
}

Test(internal_marginals, every_column_has_its_part_in_a_sample)
{
    struct sil_marginals marginals;
    size_t n[100] = {0};
    choose(&marginals, 100, 3, 3, 2048);
    for (size_t i = 0; i < marginals.n; i++) {
        for (uint32_t k = 0; k < 3; k++) {
            n[marginals.clique[i].attr[k]]++;
        }
    }
    for (size_t a = 0; a < 100; a++) { /* 61 +- 6 standard deviations */
        cr_expect_gt(n[a], 15U);
        cr_expect_lt(n[a], 110U);
    }
    sil_marginals_clear(&marginals);
}

Test(internal_marginals, that_are_too_large_are_left_out_and_counted)
{
    struct sil_marginals marginals;
    choose(&marginals, 4, 2048, 2, 100); /* 2^22 cells: just small enough */
    cr_expect_eq(marginals.n, 6U);
    sil_marginals_clear(&marginals);
    choose(&marginals, 4, 2049, 2, 100);
    cr_expect_eq(marginals.n, 0U);
    cr_expect_eq(marginals.n_too_large, 6U);
    cr_expect_eq(marginals.n_all, 6U);
    sil_marginals_clear(&marginals);
    choose(&marginals, 4, UINT32_MAX, 3, 100); /* cells beyond 64 bits */
    cr_expect_eq(marginals.n_too_large, 4U);
    sil_marginals_clear(&marginals);
}
