// SPDX-License-Identifier: Apache-2.0
/* Zeros over groups of values: classes of values that rules treat alike, levels that keep them
 * apart, cells of groups, and rows of groups whose values are where no row may be. */
#include "crypto/row_words.h"
#include "model/columns.h"
#include "support/property.h"
#include "synth/zeros.h"

#include <criterion/criterion.h>

#include <string.h>

enum { A = 6, B = 5, N = 400 };

static const uint32_t SIZES[] = {A, B, 3};

/* Rows of 0 and 1 may be where both are low or both are high; 2 goes with neither. */
struct scene {
    uint8_t allowed[A * B];
    struct sil_zero_table table;
    struct sil_zeros zeros;
    struct sil_domain domain;
};

static bool is_high_a(uint32_t v)
{
    return v >= 2;
}

static bool is_high_b(uint32_t v)
{
    return v == 1 || v == 3;
}

static void open_scene(struct scene *s)
{
    for (uint32_t a = 0; a < A; a++) {
        for (uint32_t b = 0; b < B; b++) {
            s->allowed[a * B + b] = is_high_a(a) == is_high_b(b);
        }
    }
    s->table = (struct sil_zero_table){
        {2, {0, 1}},
        s->allowed
    };
    s->zeros = (struct sil_zeros){&s->table, 1};
    s->domain = (struct sil_domain){3, SIZES, &s->zeros};
}

Test(zeros, classes_are_values_that_are_excluded_alike)
{
    struct scene s;
    uint32_t class[A];
    uint32_t n = 0;
    open_scene(&s);
    cr_assert_eq(sil_zero_classes(class, &n, &s.domain, 0, NULL), SIL_OK);
    cr_expect_eq(n, 2);
    for (uint32_t v = 0; v < A; v++) {
        cr_expect_eq(class[v] == class[0], is_high_a(v) == is_high_a(0));
    }
    cr_assert_eq(sil_zero_classes(class, &n, &s.domain, 1, NULL), SIL_OK);
    cr_expect_eq(n, 2);
    for (uint32_t v = 0; v < B; v++) {
        cr_expect_eq(class[v] == class[0], is_high_b(v) == is_high_b(0));
    }
    cr_assert_eq(sil_zero_classes(class, &n, &s.domain, 2, NULL), SIL_OK);
    cr_expect_eq(n, 1);
}

/* An order tells every value apart from every other: too many to be kept apart. */
Test(zeros, tables_that_tell_too_many_classes_apart_tell_none)
{
    enum { MANY = SIL_ZERO_CLASSES + 1 };

    static const uint32_t TWO[] = {MANY, MANY};
    uint8_t allowed[MANY * MANY];
    uint32_t class[MANY];
    uint32_t n = 0;
    for (uint32_t i = 0; i < MANY * MANY; i++) {
        allowed[i] = i / MANY <= i % MANY;
    }
    struct sil_zero_table table = {
        {2, {0, 1}},
        allowed
    };
    const struct sil_zeros zeros = {&table, 1};
    const struct sil_domain domain = {2, TWO, &zeros};
    cr_assert_eq(sil_zero_classes(class, &n, &domain, 1, NULL), SIL_OK);
    cr_expect_eq(n, 1);
    for (uint32_t v = 0; v < MANY; v++) {
        cr_expect_eq(class[v], 0);
    }
}

Test(zeros, split_levels_are_nested_and_keep_classes_apart)
{
    static const uint32_t PARTS[] = {24, 12, 6, 3, 2};
    struct test_random random = {.state = 3};
    for (int round = 0; round < 300; round++) {
        int64_t mass[20];
        uint32_t class[20];
        struct sil_levels levels;
        const struct sil_column column = {
            .n_values = 20, .n_ordered = (uint32_t)test_below(&random, 21)};
        for (size_t v = 0; v < 20; v++) {
            mass[v] = (int64_t)test_below(&random, 100);
            class[v] = (uint32_t)test_below(&random, 3);
        }
        cr_assert_eq(sil_levels_init(&levels, mass, &column, PARTS, 5, NULL), SIL_OK);
        cr_assert_eq(sil_levels_split(&levels, class, 3, NULL), SIL_OK);
        for (uint32_t l = 1; l < levels.n; l++) {
            const struct sil_grouping *fine = &levels.level[l - 1];
            const struct sil_grouping *coarse = &levels.level[l];
            uint32_t seen = 0;
            cr_assert_lt(coarse->n_groups, fine->n_groups);
            for (uint32_t v = 0; v < 20; v++) {
                uint32_t g = sil_group_of(coarse, v);
                cr_assert_leq(g, seen, "numbered by their lowest value");
                seen += g == seen;
                for (uint32_t u = 0; u < v; u++) {
                    bool together = sil_group_of(coarse, u) == g;
                    cr_assert(!together || class[u] == class[v]);
                    cr_assert(sil_group_of(fine, u) != sil_group_of(fine, v) ||
                              together);
                }
            }
            cr_assert_eq(seen, coarse->n_groups);
        }
        sil_levels_clear(&levels);
    }
}

/* Groups that do not follow the classes: every cell of groups holds allowed values. */
static const uint32_t GROUPS_A[] = {0, 0, 0, 1, 1, 1};
static const uint32_t GROUPS_B[] = {0, 0, 1, 1, 1};

static const struct sil_grouping OF[] = {
    {A, 2, GROUPS_A},
    {B, 2, GROUPS_B},
    {3, 3, NULL    },
};

Test(zeros, a_cell_of_groups_is_allowed_when_a_cell_of_values_is)
{
    struct scene s;
    struct sil_zeros groups;
    open_scene(&s);
    cr_assert_eq(sil_group_zeros_new(&groups, &s.domain, NULL), SIL_OK);
    for (int round = 0; round < 2; round++) { /* filled again, the same */
        sil_group_zeros_fill(&groups, &s.domain, OF);
        for (uint32_t i = 0; i < 2; i++) {
            for (uint32_t j = 0; j < 2; j++) {
                bool want = false;
                for (uint32_t cell = 0; cell < A * B; cell++) {
                    want = want || (s.allowed[cell] != 0 && GROUPS_A[cell / B] == i &&
                                    GROUPS_B[cell % B] == j);
                }
                cr_expect_eq(groups.table[0].allowed[i * 2 + j], want);
            }
        }
    }
    sil_zeros_clear(&groups);
}

static const uint8_t SEED[SIL_SEED_BYTES] = {5};

Test(zeros, rows_leave_them_within_their_groups)
{
    struct scene s;
    struct sil_codes codes;
    struct test_random random = {.state = 8};
    const struct sil_words words = {.draw = sil_row_words, .key = SEED};
    static const double COLUMN[] = {1, 2, 3, 4, 5, 6};
    static const double *const COLUMNS[] = {COLUMN, COLUMN, COLUMN};
    uint32_t before[N][3];
    open_scene(&s);
    cr_assert_eq(sil_codes_init(&codes, &s.domain, N, NULL), SIL_OK);
    for (size_t row = 0; row < N; row++) {
        for (uint32_t a = 0; a < 3; a++) {
            before[row][a] = (uint32_t)test_below(&random, SIZES[a]);
            sil_codes_set(&codes, a, row, before[row][a]);
        }
    }
    cr_assert_eq(sil_leave_zeros(&codes, &s.domain, OF, COLUMNS, words, NULL), SIL_OK);
    for (size_t row = 0; row < N; row++) {
        uint32_t a = sil_codes_get(&codes, 0, row);
        uint32_t b = sil_codes_get(&codes, 1, row);
        bool was_allowed = s.allowed[before[row][0] * B + before[row][1]] != 0;
        cr_expect(s.allowed[a * B + b] != 0);
        cr_expect_eq(sil_codes_get(&codes, 2, row), before[row][2]);
        cr_expect_eq(GROUPS_A[a], GROUPS_A[before[row][0]]);
        cr_expect_eq(GROUPS_B[b], GROUPS_B[before[row][1]]);
        cr_expect(!was_allowed || (a == before[row][0] && b == before[row][1]));
    }
    sil_codes_clear(&codes);
}

/* ---- rows that cannot leave ---- */

static uint64_t n_words;

static void count_words(const void *key, uint64_t stream, uint64_t first, uint64_t *out,
                        size_t n)
{
    n_words += n;
    sil_row_words(key, stream, first, out, n);
}

/* A row has 512 tries of two words and more; all rows together have 64 a row and 2^17. */
Test(zeros, tries_of_all_rows_together_are_bounded)
{
    enum { ROWS = 4096, WORDS_A_TRY = 4 };

    struct scene s;
    struct sil_codes codes;
    const struct sil_words words = {.draw = count_words, .key = SEED};
    static const double COLUMN[] = {1, 2, 3, 4, 5, 6};
    static const double *const COLUMNS[] = {COLUMN, COLUMN, COLUMN};
    open_scene(&s);
    (void)memset(s.allowed, 0, sizeof s.allowed);
    cr_assert_eq(sil_codes_init(&codes, &s.domain, ROWS, NULL), SIL_OK);
    cr_assert_eq(sil_leave_zeros(&codes, &s.domain, OF, COLUMNS, words, NULL), SIL_OK);
    cr_expect_leq(n_words, WORDS_A_TRY * (64 * ROWS + (1 << 17) + 512));
    cr_expect_geq(n_words, 2 * 64 * ROWS);
    for (size_t row = 0; row < ROWS; row++) {
        cr_expect_eq(sil_codes_get(&codes, 0, row), 0);
        cr_expect_eq(sil_codes_get(&codes, 1, row), 0);
    }
    sil_codes_clear(&codes);
}
