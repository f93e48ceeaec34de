// SPDX-License-Identifier: Apache-2.0
#include "privacy/counts.h"
#include "privacy/counts_internal.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

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

static const uint32_t HALVES[] = {0, 1, 1, 0};

/* Counts 1 to 12 of attributes of 3 and 4 values. */
static struct sil_counts *twelve(void)
{
    const struct sil_clique clique = {
        .n = 2, .attr = {0, 1}
    };
    struct sil_counts *counts;
    cr_assert(eq(int, sil_counts_new(&counts, &DOMAIN, &clique, NULL), SIL_OK));
    for (uint32_t i = 0; i < 12; i++) {
        counts->cell[i] = i + 1;
    }
    return counts;
}

Test(counts, of_groups_are_sums_over_them)
{
    struct sil_counts *fine = twelve();
    struct sil_counts *counts;
    uint32_t halves[4];
    memcpy(halves, HALVES, sizeof halves);
    const struct sil_grouping of[] = {
        {3, 3, NULL  },
        {4, 2, halves}
    };

    cr_assert(eq(int, sil_counts_group(&counts, fine, of, NULL), SIL_OK));
    memset(halves, 9, sizeof halves);

    static const uint32_t WANT[] = {5, 5, 13, 13, 21, 21};
    cr_assert(eq(sz, sil_counts_cells(counts), 6));
    for (size_t i = 0; i < 6; i++) {
        cr_expect(eq(u32, counts->cell[i], WANT[i]));
    }
    cr_expect(zero(
        int, sil_clique_compare(sil_counts_clique(counts), sil_counts_clique(fine))));
    const struct sil_grouping *kept = sil_counts_groupings(counts);
    cr_assert(kept != NULL);
    cr_expect(kept[0].group == NULL);
    cr_expect(eq(u32, kept[1].n_groups, 2));
    cr_expect(zero(int, memcmp(kept[1].group, HALVES, sizeof HALVES)), "a copy");
    cr_expect(sil_counts_groupings(fine) == NULL);
    sil_counts_free(counts);
    sil_counts_free(fine);
}

Test(counts, grouped_by_single_values_are_not_grouped)
{
    static const uint32_t SPELLED[] = {0, 1, 2, 3};
    const struct sil_grouping of[] = {
        {3, 3, NULL   },
        {4, 4, SPELLED}
    };
    struct sil_counts *fine = twelve();
    struct sil_counts *counts;

    cr_assert(eq(int, sil_counts_group(&counts, fine, of, NULL), SIL_OK));

    cr_expect(sil_counts_groupings(counts) == NULL);
    cr_expect(zero(int, memcmp(counts->cell, fine->cell, 12 * sizeof *fine->cell)));
    sil_counts_free(counts);
    sil_counts_free(fine);
}

static const uint32_t BEYOND[] = {0, 1, 2, 0};
static const uint32_t GAP[] = {0, 2, 2, 0};
static const uint32_t LONG[] = {0, 1, 1, 0, 1};

static const struct {
    const char *name;
    struct sil_grouping of;
} NO_PARTITIONS[] = {
    {"a value in a group that there is not", {4, 2, BEYOND}      },
    {"a value in a group far beyond",        {4, 1, BEYOND}      },
    {"an empty group",                       {4, 3, GAP}         },
    {"an empty last group",                  {4, 3, HALVES}      },
    {"fewer values than the column has",     {3, 2, HALVES}      },
    {"more values than the column has",      {5, 2, LONG}        },
    {"no groups",                            {4, 0, HALVES}      },
    {"more groups than values",              {4, 5, NULL}        },
    {"fewer groups than single values",      {4, 3, NULL}        },
    {"more groups than any",                 {4, UINT32_MAX, GAP}},
};

Test(counts, refuse_maps_that_are_no_partitions_of_the_column)
{
    struct sil_counts *fine = twelve();
    for (size_t i = 0; i < sizeof NO_PARTITIONS / sizeof NO_PARTITIONS[0]; i++) {
        const struct sil_grouping of[] = {sil_grouping_identity(3),
                                          NO_PARTITIONS[i].of};
        struct sil_counts *counts = fine;
        struct sil_error err = {{0}};
        cr_expect(eq(int, sil_counts_group(&counts, fine, of, &err), SIL_ERR_INTERNAL),
                  "%s", NO_PARTITIONS[i].name);
        cr_expect(zero(ptr, counts));
        cr_expect(ne(ptr, strstr(err.text, "partition"), NULL), "%s", err.text);
    }
    sil_counts_free(fine);
}

Test(counts, are_grouped_once)
{
    const struct sil_grouping of[] = {
        {3, 3, NULL  },
        {4, 2, HALVES}
    };
    struct sil_counts *fine = twelve();
    struct sil_counts *counts;
    struct sil_counts *again;
    cr_assert(eq(int, sil_counts_group(&counts, fine, of, NULL), SIL_OK));
    cr_expect(eq(int, sil_counts_group(&again, counts, of, NULL), SIL_ERR_INTERNAL));
    cr_expect(zero(ptr, again));
    sil_counts_free(counts);
    sil_counts_free(fine);
}

/* More could not be written down. */
Test(counts, are_grouped_into_as_many_groups_as_two_bytes_tell_apart)
{
    enum { VALUES = SIL_GROUPS_MAX + 2 };

    static uint32_t group[VALUES];
    const uint32_t size = VALUES;
    const struct sil_domain domain = {.n_attrs = 1, .sizes = &size};
    const struct sil_clique clique = sil_clique_single(0);
    struct sil_counts *fine;
    cr_assert(eq(int, sil_counts_new(&fine, &domain, &clique, NULL), SIL_OK));
    for (uint32_t n_groups = SIL_GROUPS_MAX; n_groups <= SIL_GROUPS_MAX + 1;
         n_groups++) {
        const struct sil_grouping of = {VALUES, n_groups, group};
        struct sil_counts *counts;
        for (uint32_t v = 0; v < VALUES; v++) {
            group[v] = v % n_groups;
        }
        cr_expect(eq(int, sil_counts_group(&counts, fine, &of, NULL),
                     n_groups == SIL_GROUPS_MAX ? SIL_OK : SIL_ERR_INTERNAL));
        sil_counts_free(counts);
    }
    sil_counts_free(fine);
}
