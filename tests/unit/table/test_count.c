// SPDX-License-Identifier: Apache-2.0
/* Counting against adding up row by row, on random domains, cliques and numbers of
 * threads. */
#include "base/memory.h"
#include "privacy/counts_internal.h"
#include "support/property.h"
#include "table/table_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 12, MAX_CLIQUES = 60 };

/* Small, at the borders of the code widths, and large. */
static const uint32_t SIZES[] = {1,   2,   3,   7,    16,    100,
                                 255, 256, 257, 1000, 65536, 65537};

static void random_codes(struct sil_codes *codes, const struct sil_domain *domain,
                         size_t n_rows, struct test_random *random)
{
    cr_assert(zero(int, sil_codes_init(codes, domain, n_rows, NULL)));
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        bool skewed = test_below(random, 2) == 0;
        for (size_t r = 0; r < n_rows; r++) {
            bool common = skewed && test_below(random, 4) > 0;
            uint64_t code =
                common ? domain->sizes[a] - 1 : test_below(random, domain->sizes[a]);
            sil_codes_set(codes, a, r, (uint32_t)code);
        }
    }
}

/* A clique of any arity of which the cells can be kept; now and then the empty one. */
static struct sil_clique random_clique(const struct sil_domain *domain,
                                       struct test_random *random)
{
    enum { MAX_CELLS = 300000 };
    struct sil_clique clique = {0};
    uint64_t wanted = test_below(random, 6);
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        struct sil_clique larger = clique;
        larger.attr[larger.n++] = a;
        if (clique.n < wanted && test_below(random, 2) == 0 &&
            sil_clique_cells(domain, &larger) <= MAX_CELLS) {
            clique = larger;
        }
    }
    return clique;
}

static bool counted_right(const struct sil_counts *counts,
                          const struct sil_domain *domain,
                          const struct sil_clique *clique,
                          const struct sil_codes *codes)
{
    size_t n_cells = (size_t)sil_clique_cells(domain, clique);
    uint32_t *want = calloc(n_cells, sizeof *want);
    for (size_t r = 0; r < codes->n_rows; r++) {
        size_t cell = 0;
        for (uint32_t i = 0; i < clique->n; i++) {
            uint32_t attr = clique->attr[i];
            cell = cell * domain->sizes[attr] + sil_codes_get(codes, attr, r);
        }
        want[cell]++;
    }
    bool right = counts->n_cells == n_cells &&
                 sil_clique_compare(&counts->clique, clique) == 0 &&
                 memcmp(counts->cell, want, n_cells * sizeof *want) == 0;
    free(want);
    return right;
}

static bool counts_as_adding_up(struct test_random *random, void *context)
{
    (void)context;
    uint32_t sizes[MAX_COLUMNS];
    struct sil_domain domain = {.sizes = sizes};
    domain.n_attrs = 1 + (uint32_t)test_below(random, MAX_COLUMNS);
    for (uint32_t a = 0; a < domain.n_attrs; a++) {
        sizes[a] = SIZES[test_below(random, sizeof SIZES / sizeof SIZES[0])];
    }
    static const size_t ROWS[] = {0, 1, 3, 17, 4095, 4096, 4097, 70001};
    size_t n_rows = ROWS[test_below(random, sizeof ROWS / sizeof ROWS[0])];
    struct sil_codes codes;
    struct sil_table *table;
    struct sil_clique cliques[MAX_CLIQUES];
    struct sil_counts *counts[MAX_CLIQUES];
    size_t n = test_below(random, MAX_CLIQUES + 1);
    random_codes(&codes, &domain, n_rows, random);
    cr_assert(zero(int, sil_table_from_codes(&table, &codes, &domain, NULL)));
    for (size_t i = 0; i < n; i++) {
        cliques[i] = random_clique(&domain, random);
    }

    unsigned n_threads = (unsigned)test_below(random, 6);
    cr_assert(zero(int, sil_table_count(counts, table, cliques, n, n_threads, NULL)));

    bool right = true;
    for (size_t i = 0; i < n; i++) {
        right = right && counted_right(counts[i], &domain, &cliques[i], &codes);
        sil_counts_free(counts[i]);
    }
    sil_table_free(table);
    sil_codes_clear(&codes);
    return right;
}

Test(count, counts_as_adding_up_row_by_row)
{
    cr_expect(test_forall("count", test_cases(150), counts_as_adding_up, NULL));
}

/* Ten thousand columns: short chunks, and every column is found again. */
Test(count, counts_a_very_wide_table)
{
    enum { COLUMNS = 10000, ROWS = 700 };

    uint32_t *sizes = calloc(COLUMNS, sizeof *sizes);
    uint32_t *row = calloc(COLUMNS, sizeof *row);
    for (uint32_t a = 0; a < COLUMNS; a++) {
        sizes[a] = 3;
    }
    struct sil_domain domain = {.n_attrs = COLUMNS, .sizes = sizes};
    struct sil_table *table;
    cr_assert(zero(int, sil_table_new(&table, &domain, NULL)));
    for (uint32_t r = 0; r < ROWS; r++) {
        for (uint32_t a = 0; a < COLUMNS; a++) {
            row[a] = (r + a) % 3;
        }
        cr_assert(zero(int, sil_table_add_row(table, row, NULL)));
    }
    struct sil_clique pair = {
        .n = 2, .attr = {1, COLUMNS - 1}
    };
    struct sil_counts *counts;

    cr_assert(zero(int, sil_table_count(&counts, table, &pair, 1, 1, NULL)));

    static const uint32_t WANT[9] = {0, 0, 233, 234, 0, 0, 0, 233, 0};
    for (size_t c = 0; c < 9; c++) {
        cr_expect(eq(u32, counts->cell[c], WANT[c]), "cell %zu", c);
    }
    sil_counts_free(counts);
    sil_table_free(table);
    free(sizes);
    free(row);
}

Test(count, refuses_a_marginal_of_too_many_cells)
{
    uint32_t sizes[] = {65536, 65536, 2};
    struct sil_domain domain = {.n_attrs = 3, .sizes = sizes};
    struct sil_clique cliques[] = {
        {.n = 1, .attr = {2}   },
        {.n = 2, .attr = {0, 1}}
    };
    struct sil_counts *counts[2];
    struct sil_table *table;
    cr_assert(zero(int, sil_table_new(&table, &domain, NULL)));

    cr_expect(
        eq(int, sil_table_count(counts, table, cliques, 2, 1, NULL), SIL_ERR_INTERNAL));

    cr_expect(eq(ptr, counts[0], NULL));
    cr_expect(eq(ptr, counts[1], NULL));
    sil_table_free(table);
}
