// SPDX-License-Identifier: Apache-2.0
/* Which columns go together. Floating point: sums in a fixed order, and a square root by
 * instruction; the same bits on every machine. */
#include "base/fail.h"
#include "base/memory.h"
#include "model/scalar.h"
#include "release/picture.h"

#include <stdlib.h>
#include <string.h>

struct margins {
    double row[SIL_BARS_MAX];
    double column[SIL_BARS_MAX];
    double total;
    double n_rows; /* that are not empty */
    double n_columns;
};

static void find_margins(struct margins *out, const uint32_t *count, uint32_t n_rows,
                         uint32_t n_columns)
{
    *out = (struct margins){0};
    for (uint32_t i = 0; i < n_rows; i++) {
        for (uint32_t j = 0; j < n_columns; j++) {
            double cell = count[i * n_columns + j];
            out->row[i] += cell;
            out->column[j] += cell;
            out->total += cell;
        }
    }
    for (uint32_t i = 0; i < n_rows; i++) {
        out->n_rows += out->row[i] > 0;
    }
    for (uint32_t j = 0; j < n_columns; j++) {
        out->n_columns += out->column[j] > 0;
    }
}

/* Chi squared over the total: the sum of cell^2 / (row column), less 1. */
static double phi_squared(const struct margins *margins, const uint32_t *count,
                          uint32_t n_rows, uint32_t n_columns)
{
    double sum = 0;
    for (uint32_t i = 0; i < n_rows; i++) {
        for (uint32_t j = 0; j < n_columns; j++) {
            double cell = count[i * n_columns + j];
            if (cell > 0) {
                sum += cell * cell / (margins->row[i] * margins->column[j]);
            }
        }
    }
    return sum - 1;
}

uint8_t sil_association_of(const uint32_t *count, uint32_t n_rows, uint32_t n_columns)
{
    struct margins m;
    find_margins(&m, count, n_rows, n_columns);
    if (m.n_rows < 2 || m.n_columns < 2 || m.total < 2) {
        return 0;
    }
    double r = m.n_rows - 1;
    double k = m.n_columns - 1;
    double chance = r * k / (m.total - 1);
    double excess = phi_squared(&m, count, n_rows, n_columns) - chance;
    double of_rows = r - r * r / (m.total - 1);
    double of_columns = k - k * k / (m.total - 1);
    double most = of_rows < of_columns ? of_rows : of_columns;
    if (excess <= 0 || most <= 0) {
        return 0;
    }
    double v = 100 * sil_sqrt(excess / most);
    if (v >= 100) {
        return 100;
    }
    uint8_t whole = (uint8_t)v;
    return v - whole < 0.5 ? whole : (uint8_t)(whole + 1);
}

static void choose_columns(struct sil_association *out, const struct sil_record *record,
                           const struct sil_picture *picture)
{
    for (uint32_t a = 0; a < record->rows->n_attrs && out->n < SIL_ASSOCIATED_MAX;
         a++) {
        if (picture[a].n_cells > 1) {
            out->attr[out->n++] = a;
        }
    }
}

/* The bar of each row's value: one byte a row, column after column. */
static void recode(uint8_t *bar, const struct sil_association *association,
                   const struct sil_record *record, const struct sil_picture *picture)
{
    size_t n_rows = association->n_rows;
    for (uint32_t i = 0; i < association->n; i++) {
        const uint32_t attr = association->attr[i];
        for (size_t row = 0; row < n_rows; row++) {
            bar[i * n_rows + row] =
                picture[attr].bar_of[sil_codes_get(record->rows, attr, row)];
        }
    }
}

/* Rows often fall where the one before fell, and one increment would wait for the other:
 * every other row is counted apart. */
static uint8_t associate(const uint8_t *a, const uint8_t *b, size_t n_rows,
                         uint32_t n_bars_a, uint32_t n_bars_b)
{
    enum { CELLS = SIL_BARS_MAX * SIL_BARS_MAX };

    uint32_t count[CELLS] = {0};
    uint32_t apart[CELLS] = {0};
    for (size_t row = 0; row + 1 < n_rows; row += 2) {
        count[a[row] * n_bars_b + b[row]]++;
        apart[a[row + 1] * n_bars_b + b[row + 1]]++;
    }
    if (n_rows % 2 != 0) {
        count[a[n_rows - 1] * n_bars_b + b[n_rows - 1]]++;
    }
    for (uint32_t i = 0; i < n_bars_a * n_bars_b; i++) {
        count[i] += apart[i];
    }
    return sil_association_of(count, n_bars_a, n_bars_b);
}

sil_status sil_association_find(struct sil_association *out,
                                const struct sil_record *record,
                                const struct sil_picture *picture,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *bar = NULL;
    const size_t n_rows = record->rows->n_rows < SIL_ASSOCIATED_ROWS_MAX
                              ? record->rows->n_rows
                              : SIL_ASSOCIATED_ROWS_MAX;
    *out = (struct sil_association){.n_rows = n_rows};
    choose_columns(out, record, picture);
    SIL_TRY(sil_alloc(&bar, (size_t)out->n * n_rows, 1, "associations", err));
    recode(bar, out, record, picture);
    for (uint32_t i = 0; i < out->n; i++) {
        out->percent[i][i] = 100;
        for (uint32_t j = 0; j < i; j++) {
            uint8_t percent =
                associate(&bar[i * n_rows], &bar[j * n_rows], n_rows,
                          picture[out->attr[i]].n_bars, picture[out->attr[j]].n_bars);
            out->percent[i][j] = percent;
            out->percent[j][i] = percent;
        }
    }
cleanup:
    free(bar);
    return status;
}
