// SPDX-License-Identifier: Apache-2.0
#include "model/search.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

#include <math.h>

enum { N_ATTRS = 3 };

static const uint32_t SIZES[N_ATTRS] = {6, 4, 5};
static const uint32_t GROUP_SIZES[N_ATTRS] = {3, 4, 1};
static const uint32_t FIRST_GROUP[6] = {2, 0, 1, 1, 2, 2};
static const uint32_t LAST_GROUP[5] = {0, 0, 0, 0, 0};
static const double FIRST_COLUMN[6] = {1, 5, 0.3, 7, 2.2, 1};
static const double LAST_COLUMN[5] = {10, 1, 100, 0.01, 4};
static const struct sil_domain DOMAIN = {N_ATTRS, SIZES, NULL};
static const struct sil_domain GROUPS = {N_ATTRS, GROUP_SIZES, NULL};
static const struct sil_grouping OF[N_ATTRS] = {
    {6, 3, FIRST_GROUP},
    {4, 4, NULL       },
    {5, 1, LAST_GROUP },
};
static const double *const COLUMNS[N_ATTRS] = {FIRST_COLUMN, NULL, LAST_COLUMN};

static void random_groups(struct sil_codes *out, size_t n, struct random *r)
{
    cr_assert_eq(sil_codes_init(out, &GROUPS, n, NULL), SIL_OK);
    for (size_t row = 0; row < n; row++) {
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            sil_codes_set(out, a, row, (uint32_t)random_below(r, GROUP_SIZES[a]));
        }
    }
}

static const enum sil_row_rounding ROUNDINGS[] = {SIL_ROWS_SYSTEMATIC,
                                                  SIL_ROWS_PAIRWISE};

enum { N_ROUNDINGS = sizeof ROUNDINGS / sizeof ROUNDINGS[0] };

static void open_groups(struct sil_codes *out, const struct sil_codes *groups,
                        enum sil_row_rounding rounding, uint64_t key)
{
    const struct sil_draw draw = {
        .words = {test_words, &key},
          .rounding = rounding
    };
    struct sil_error err = {""};
    cr_assert_eq(sil_open_groups(out, groups, &DOMAIN, OF, COLUMNS, &draw, &err),
                 SIL_OK, "%s", err.text);
}

Test(open_groups, stays_within_the_groups)
{
    struct random r = random_start("within", 91);
    struct sil_codes groups;
    struct sil_codes rows;
    random_groups(&groups, 1000, &r);

    open_groups(&rows, &groups, SIL_ROWS_PAIRWISE, 1);

    cr_assert_eq(rows.n_rows, 1000);
    cr_assert_eq(rows.n_attrs, N_ATTRS);
    for (uint32_t a = 0; a < N_ATTRS; a++) {
        for (size_t row = 0; row < rows.n_rows; row++) {
            uint32_t value = sil_codes_get(&rows, a, row);
            cr_assert_lt(value, SIZES[a]);
            cr_assert_eq(sil_group_of(&OF[a], value), sil_codes_get(&groups, a, row));
        }
    }
    sil_codes_clear(&groups);
    sil_codes_clear(&rows);
}

/* Every value gets the whole part of what it expects, or one more. */
static void expect_shares(enum sil_row_rounding rounding)
{
    struct random r = random_start("shares", 92);
    for (size_t n = 1; n < 3000; n = 2 * n + 1) {
        struct sil_codes groups;
        struct sil_codes rows;
        uint32_t of_group[3] = {0};
        uint32_t of_value[6] = {0};
        double mass[3] = {0};
        random_groups(&groups, n, &r);

        open_groups(&rows, &groups, rounding, n);

        for (size_t row = 0; row < n; row++) {
            of_group[sil_codes_get(&groups, 0, row)]++;
            of_value[sil_codes_get(&rows, 0, row)]++;
        }
        for (uint32_t v = 0; v < 6; v++) {
            mass[FIRST_GROUP[v]] += FIRST_COLUMN[v];
        }
        for (uint32_t v = 0; v < 6; v++) {
            uint32_t g = FIRST_GROUP[v];
            double expected = of_group[g] * FIRST_COLUMN[v] / mass[g];
            cr_expect_lt(fabs(of_value[v] - expected), 1, "%zu rows, value %u: %u, %g",
                         n, v, of_value[v], expected);
        }
        sil_codes_clear(&groups);
        sil_codes_clear(&rows);
    }
}

Test(open_groups, gives_every_value_its_share)
{
    for (size_t i = 0; i < N_ROUNDINGS; i++) {
        expect_shares(ROUNDINGS[i]);
    }
}

/* With too few rows for all values, each has its share over many keys, in every row. */
static void expect_no_favour(enum sil_row_rounding rounding)
{
    enum { DRAWS = 20000, FEW = 3 };

    struct random r = random_start("no favour", 93);
    struct sil_codes groups;
    double got[FEW][5] = {0};
    random_groups(&groups, FEW, &r);
    for (uint64_t key = 0; key < DRAWS; key++) {
        struct sil_codes rows;
        open_groups(&rows, &groups, rounding, key);
        for (size_t row = 0; row < FEW; row++) {
            got[row][sil_codes_get(&rows, 2, row)]++;
        }
        sil_codes_clear(&rows);
    }
    for (size_t row = 0; row < FEW; row++) {
        for (uint32_t v = 0; v < 5; v++) {
            double p = LAST_COLUMN[v] / 115.01;
            cr_expect_leq(fabs(got[row][v] / DRAWS - p), 5 * sqrt(p / DRAWS) + 1e-4,
                          "row %zu, value %u: %g, %g", row, v, got[row][v] / DRAWS, p);
        }
    }
    sil_codes_clear(&groups);
}

Test(open_groups, favours_no_value_and_no_row)
{
    for (size_t i = 0; i < N_ROUNDINGS; i++) {
        expect_no_favour(ROUNDINGS[i]);
    }
}

static uint64_t hash_of_rows(enum sil_row_rounding rounding)
{
    struct random r = {94};
    struct sil_codes groups;
    struct sil_codes rows;
    uint64_t hash = 0;
    random_groups(&groups, 500, &r);

    open_groups(&rows, &groups, rounding, 7);

    for (size_t row = 0; row < rows.n_rows; row++) {
        for (uint32_t a = 0; a < N_ATTRS; a++) {
            hash = mix(hash + sil_codes_get(&rows, a, row) + 1);
        }
    }
    sil_codes_clear(&groups);
    sil_codes_clear(&rows);
    return hash;
}

/* Part of what replay numbers promise. */
Test(open_groups, gives_the_rows_it_always_gave)
{
    static const uint64_t HASH[N_ROUNDINGS] = {0x1c79d0a152e8695e, 0x5be4bb1f674f3a0c};
    for (size_t i = 0; i < N_ROUNDINGS; i++) {
        uint64_t hash = hash_of_rows(ROUNDINGS[i]);
        cr_expect_eq(hash, HASH[i], "%llx", (unsigned long long)hash);
    }
}

Test(open_groups, opens_no_rows)
{
    struct random r = random_start("no rows", 95);
    struct sil_codes groups;
    struct sil_codes rows;
    random_groups(&groups, 0, &r);

    open_groups(&rows, &groups, SIL_ROWS_PAIRWISE, 1);

    cr_expect_eq(rows.n_rows, 0);
    cr_expect_eq(rows.n_attrs, N_ATTRS);
    sil_codes_clear(&groups);
    sil_codes_clear(&rows);
}
