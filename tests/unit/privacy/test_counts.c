// SPDX-License-Identifier: Apache-2.0
#include "privacy/counts.h"
#include "privacy/counts_internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const uint32_t SIZES[] = {3, 4, 1, 65536, 65536};
static const struct sil_domain DOMAIN = {.n_attrs = 5, .sizes = SIZES};

Test(counts, start_at_zero_with_the_cells_of_their_clique)
{
    const struct sil_clique clique = {
        .n = 2, .attr = {0, 1}
    };
    struct sil_counts *counts;

    cr_assert(eq(int, sil_counts_new(&counts, &DOMAIN, &clique, NULL), SIL_OK));

    cr_expect(eq(sz, sil_counts_cells(counts), 12));
    cr_expect(zero(int, sil_clique_compare(sil_counts_clique(counts), &clique)));
    for (size_t i = 0; i < 12; i++) {
        cr_expect(zero(u32, counts->cell[i]));
    }
    sil_counts_free(counts);
}

Test(counts, of_no_attribute_are_one_cell)
{
    const struct sil_clique clique = {.n = 0};
    struct sil_counts *counts;

    cr_assert(eq(int, sil_counts_new(&counts, &DOMAIN, &clique, NULL), SIL_OK));

    cr_expect(eq(sz, sil_counts_cells(counts), 1));
    sil_counts_free(counts);
}

Test(counts, refuse_more_cells_than_32_bits_number)
{
    const struct sil_clique clique = {
        .n = 2, .attr = {3, 4}
    };
    struct sil_error err = {{0}};
    struct sil_counts *counts;

    sil_status status = sil_counts_new(&counts, &DOMAIN, &clique, &err);

    cr_expect(eq(int, status, SIL_ERR_INTERNAL));
    cr_expect(zero(ptr, counts));
}

Test(counts, may_be_freed_when_they_never_were)
{
    sil_counts_free(NULL);
}
