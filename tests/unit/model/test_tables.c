// SPDX-License-Identifier: Apache-2.0
#include "model/tables.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

static double *take(struct sil_tables *tables, size_t cells)
{
    double *table;
    cr_assert_eq(sil_tables_take(&table, tables, cells), SIL_OK);
    cr_assert_eq((uintptr_t)table % 64, 0, "%zu cells: not aligned", cells);
    return table;
}

/* Every cell is written while all tables are out: a sanitizer sees a block that is too
 * small, the marks see one that is lent twice. */
Test(model_tables, are_large_enough_and_lent_once)
{
    enum { N_OUT = 24, N_ROUNDS = 400 };

    struct random r = random_start("tables", 611);
    struct sil_tables tables = {0};
    double *out[N_OUT] = {NULL};
    size_t cells[N_OUT] = {0};
    for (int round = 0; round < N_ROUNDS; round++) {
        size_t i = random_below(&r, N_OUT);
        for (size_t k = 0; k < cells[i]; k++) {
            cr_assert_eq(out[i][k], (double)i, "table %zu was lent to another", i);
        }
        sil_tables_give(&tables, out[i]);
        cells[i] = random_below(&r, (uint64_t)1 << random_below(&r, 16));
        out[i] = take(&tables, cells[i]);
        for (size_t k = 0; k < cells[i]; k++) {
            out[i][k] = (double)i;
        }
    }
    for (size_t i = 0; i < N_OUT; i++) {
        sil_tables_give(&tables, out[i]);
    }
    sil_tables_clear(&tables);
}

Test(model_tables, given_back_are_lent_again)
{
    struct sil_tables tables = {0};
    double *first = take(&tables, 1000);
    sil_tables_give(&tables, first);
    double *second = take(&tables, 1000);
    cr_assert_eq(second, first);
    sil_tables_give(&tables, second);
    sil_tables_clear(&tables);
    cr_assert_eq(tables.idle_bytes, 0);
}

Test(model_tables, that_nobody_wants_go_back_to_the_system)
{
    enum { LARGE = 5 << 20, N_LARGE = 4 };

    struct sil_tables tables = {0};
    double *out[N_LARGE];
    for (size_t i = 0; i < N_LARGE; i++) {
        out[i] = take(&tables, LARGE);
    }
    for (size_t i = 0; i < N_LARGE; i++) {
        sil_tables_give(&tables, out[i]);
    }
    cr_assert_geq(tables.idle_bytes, (size_t)N_LARGE * LARGE * sizeof(double));
    double *small = take(&tables, 100);
    cr_assert_eq(tables.idle_bytes, 0, "160 MB are kept for a table of 100 cells");
    sil_tables_give(&tables, small);
    sil_tables_clear(&tables);
}

Test(model_tables, of_no_cells_and_of_too_many)
{
    struct sil_tables tables = {0};
    double *table = take(&tables, 0);
    sil_tables_give(&tables, table);
    sil_tables_give(&tables, NULL);
    cr_assert_eq(sil_tables_take(&table, &tables, SIZE_MAX), SIL_ERR_INTERNAL);
    cr_assert_null(table);
    cr_assert_eq(sil_tables_take(&table, &tables, SIZE_MAX / 8), SIL_ERR_INTERNAL);
    sil_tables_clear(&tables);
}
