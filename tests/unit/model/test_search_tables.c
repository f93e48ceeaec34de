// SPDX-License-Identifier: Apache-2.0
#include "model/search_tables.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { N_ATTRS = 4 };

static const uint32_t SIZES[N_ATTRS] = {3, 5, 2, 3};
static const struct sil_domain DOMAIN = {N_ATTRS, SIZES, NULL};

static void fill(struct sil_codes *rows, size_t n, struct random *r)
{
    cr_assert_eq(sil_codes_init(rows, &DOMAIN, n, NULL), SIL_OK);
    for (size_t row = 0; row < n; row++) {
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            sil_codes_set(rows, a, row, (uint32_t)random_below(r, SIZES[a]));
        }
    }
}

static void init(struct sil_search *s, struct sil_codes *rows,
                 const struct sil_target *targets, size_t n)
{
    const struct sil_search_targets all = {targets, n};
    struct sil_error err = {""};
    cr_assert_eq(sil_search_init(s, rows, &DOMAIN, &all, 2, &err), SIL_OK, "%s",
                 err.text);
    cr_expect_eq(s->stride * sizeof *s->rows, sil_search_row_bytes(s->n_columns));
}

/* The cell of a row as its first column's face number `f` sees it. */
static const struct sil_search_cell *cell_seen(const struct sil_search *s, size_t f,
                                               const uint32_t *row)
{
    const struct sil_face *face = &s->faces[s->first_face[0] + f];
    return &s->cells[face->first + row[0] * face->step +
                     row[face->column[0]] * face->other_step[0] +
                     row[face->column[1]] * face->other_step[1]];
}

/* Every cell of targets of one, two and three attributes, from the definition. */
Test(search_tables, hold_rounded_differences_and_weights)
{
    enum { ROWS = 1000 };

    struct random r = random_start("cells", 101);
    struct sil_codes rows;
    struct sil_search s;
    struct sil_clique cliques[3];
    double tables[3][32];
    struct sil_target targets[3];
    cr_assert_eq(parse_cliques(cliques, "0;0,1;0,1,2"), 3);
    for (size_t t = 0; t < 3; t++) {
        for (size_t i = 0; i < 30; i++) {
            tables[t][i] = i % 7 == 3 ? 0 : 90 * random_unit(&r) * random_unit(&r);
        }
        targets[t] = (struct sil_target){cliques[t], tables[t], (uint32_t)(1 + 9 * t)};
    }
    fill(&rows, ROWS, &r);

    init(&s, &rows, targets, 3);

    cr_assert_eq(s.n_columns, 3);
    cr_expect_eq(s.unit_bits, 8);
    cr_expect_eq(s.weight_bits, 20);
    for (size_t t = 0; t < 3; t++) {
        size_t n = sil_clique_cells(&DOMAIN, &cliques[t]);
        double total = 0;
        for (size_t i = 0; i < n; i++) {
            total += tables[t][i];
        }
        for (uint32_t i = 0; i < 30; i++) {
            uint32_t row[3] = {i / 10, i / 2 % 5, i % 2};
            size_t at = t == 0 ? row[0] : t == 1 ? row[0] * 5 + row[1] : i;
            int64_t h = 0;
            for (size_t k = 0; k < ROWS; k++) {
                h += sil_codes_get(&rows, 0, k) == row[0] &&
                     (t < 1 || sil_codes_get(&rows, 1, k) == row[1]) &&
                     (t < 2 || sil_codes_get(&rows, 2, k) == row[2]);
            }
            double scaled = tables[t][at] / total * ROWS;
            const struct sil_search_cell *cell = cell_seen(&s, t, row);
            double weight = round(0x1p20 * targets[t].weight / (scaled + 1));
            cr_expect_eq(cell->diff, 256 * h - (int64_t)round(256 * scaled),
                         "target %zu, cell %zu", t, at);
            cr_expect_eq(cell->weight & ~SIL_NO_ROWS, (uint32_t)weight,
                         "target %zu, cell %zu", t, at);
            cr_expect_eq((cell->weight & SIL_NO_ROWS) != 0, tables[t][at] <= 0);
        }
    }
    sil_search_clear(&s);
    sil_codes_clear(&rows);
}

/* With 2^23 rows, all of them in one cell, 256 a row would not fit in 31 bits; and a sum
 * of weights of 1100 leaves 19 bits for each. */
Test(search_tables, count_in_smaller_units_when_there_are_many_rows)
{
    enum { ROWS = 1 << 23, MANY = 11 };

    struct sil_codes rows;
    struct sil_search s;
    static const double TABLE[2] = {3, 1};
    struct sil_target targets[MANY];
    for (size_t t = 0; t < MANY; t++) {
        targets[t] = (struct sil_target){sil_clique_single(2), TABLE, 100};
    }
    cr_assert_eq(sil_codes_init(&rows, &DOMAIN, ROWS, NULL), SIL_OK);

    init(&s, &rows, targets, MANY);
    cr_expect_eq(s.unit_bits, 7);
    cr_expect_eq(s.weight_bits, 19);
    cr_expect_eq(s.cells[1].diff, (ROWS / 4) << 7);
    cr_expect_eq(s.cells[2].diff, -((ROWS / 4) << 7));
    sil_search_clear(&s);

    rows.n_rows = ROWS - 1;
    init(&s, &rows, targets, MANY - 1);
    cr_expect_eq(s.unit_bits, 8);
    cr_expect_eq(s.weight_bits, 19);
    sil_search_clear(&s);
    sil_codes_clear(&rows);
}

Test(search_tables, refuse_more_rows_than_their_integers_count)
{
    struct sil_codes rows;
    struct sil_search s;
    struct sil_error err = {""};
    static const double TABLE[2] = {3, 1};
    const struct sil_target target = {sil_clique_single(2), TABLE, 1};
    const struct sil_search_targets all = {&target, 1};
    cr_assert_eq(sil_codes_init(&rows, &DOMAIN, 1, NULL), SIL_OK);
    rows.n_rows = (size_t)INT32_MAX + 1;

    cr_expect_eq(sil_search_init(&s, &rows, &DOMAIN, &all, 1, &err), SIL_ERR_USAGE);
    cr_expect(strstr(err.text, "rows") != NULL, "%s", err.text);

    sil_search_clear(&s);
    rows.n_rows = 1;
    sil_codes_clear(&rows);
}
