// SPDX-License-Identifier: Apache-2.0
#include "model/columns.h"
#include "unit/model/oracle.h"

#include <criterion/criterion.h>

enum { MOST = 40 };

static void make(struct sil_levels *levels, const int64_t *mass,
                 const struct sil_column *column, const uint32_t *parts, uint32_t n)
{
    struct sil_error err = {""};
    cr_assert_eq(sil_levels_init(levels, mass, column, parts, n, &err), SIL_OK, "%s",
                 err.text);
}

/* ---- a slow version: every value carries the lowest value of its group ---- */

struct slow {
    uint32_t n;
    uint32_t n_ordered;
    const int64_t *mass;
    uint32_t lowest[MOST];
};

static int64_t mass_of(const struct slow *s, uint32_t group)
{
    int64_t mass = 0;
    for (uint32_t v = 0; v < s->n; v++) {
        mass += s->lowest[v] == group ? s->mass[v] : 0;
    }
    return mass;
}

static bool stands(const struct slow *s, uint32_t group)
{
    return s->lowest[group] == group;
}

static uint32_t count(const struct slow *s, uint32_t from, uint32_t to)
{
    uint32_t n = 0;
    for (uint32_t v = from; v < to; v++) {
        n += stands(s, v);
    }
    return n;
}

/* The lightest group among those that may be merged, but for `but`; n: there is none. */
static uint32_t lightest(const struct slow *s, uint32_t from, uint32_t to, uint32_t but)
{
    uint32_t least = s->n;
    for (uint32_t g = from; g < to; g++) {
        if (stands(s, g) && g != but &&
            (least == s->n || mass_of(s, g) < mass_of(s, least))) {
            least = g;
        }
    }
    return least;
}

static uint32_t lighter_neighbour(const struct slow *s, uint32_t group)
{
    uint32_t left = s->n;
    uint32_t right = s->n;
    for (uint32_t g = 0; g < s->n_ordered; g++) {
        if (stands(s, g) && g < group) {
            left = g;
        }
        if (stands(s, g) && g > group && right == s->n) {
            right = g;
        }
    }
    if (left == s->n || right == s->n) {
        return left == s->n ? right : left;
    }
    return mass_of(s, right) < mass_of(s, left) ? right : left;
}

/* One merge, unless every group that may be merged has total / parts. */
static bool merge_once(struct slow *s, int64_t total, uint32_t parts)
{
    bool is_run = count(s, 0, s->n_ordered) >= 2;
    uint32_t first_free = is_run ? s->n_ordered : 0;
    bool is_free = count(s, first_free, s->n) >= 2;
    uint32_t least = lightest(s, is_run ? 0 : first_free,
                              is_free || !is_run ? s->n : s->n_ordered, s->n);
    if ((!is_run && !is_free) || mass_of(s, least) * parts >= total) {
        return false;
    }
    uint32_t other = is_run && least < s->n_ordered
                         ? lighter_neighbour(s, least)
                         : lightest(s, first_free, s->n, least);
    uint32_t low = least < other ? least : other;
    uint32_t high = least < other ? other : least;
    for (uint32_t v = 0; v < s->n; v++) {
        s->lowest[v] = s->lowest[v] == high ? low : s->lowest[v];
    }
    return true;
}

/* ---- */

struct random_case {
    struct sil_column column;
    int64_t mass[MOST];
    uint32_t parts[SIL_LEVELS_MAX];
    uint32_t n_parts;
};

/* Light masses, so that ties are frequent. */
static void random_case(struct random_case *c, struct random *r)
{
    uint32_t n = 1 + (uint32_t)random_below(r, MOST);
    uint64_t range = UINT64_C(1) << random_below(r, 12);
    uint32_t part = 2 + (uint32_t)random_below(r, 100);
    c->column = (struct sil_column){n, (uint32_t)random_below(r, n + 1), 1, false};
    for (uint32_t v = 0; v < n; v++) {
        c->mass[v] = (int64_t)random_below(r, range + 1);
    }
    c->n_parts = 0;
    while (c->n_parts < SIL_LEVELS_MAX - 1 && part > 0) {
        c->parts[c->n_parts++] = part;
        part = part > 2 ? part - 1 - (uint32_t)random_below(r, part / 2) : part - 1;
    }
}

Test(model_levels, agree_with_a_slow_version)
{
    struct random r = random_start("slow", 411);
    for (int i = 0; i < 1500; i++) {
        struct random_case c;
        struct sil_levels levels;
        random_case(&c, &r);
        struct slow s = {c.column.n_values, c.column.n_ordered, c.mass, {0}};
        int64_t total = 0;
        for (uint32_t v = 0; v < s.n; v++) {
            s.lowest[v] = v;
            total += c.mass[v];
        }

        make(&levels, c.mass, &c.column, c.parts, c.n_parts);

        uint32_t at = 0;
        for (uint32_t k = 0; k < c.n_parts; k++) {
            uint32_t before = levels.level[at].n_groups;
            while (merge_once(&s, total, c.parts[k])) {
            }
            uint32_t n_groups = count(&s, 0, s.n);
            if (n_groups == before || n_groups == 1) {
                continue;
            }
            cr_assert_lt(++at, levels.n, "case %d, parts %u", i, c.parts[k]);
            cr_assert_eq(levels.level[at].n_groups, n_groups, "case %d", i);
            for (uint32_t v = 0; v < s.n; v++) {
                uint32_t want = count(&s, 0, s.lowest[v]);
                cr_assert_eq(sil_group_of(&levels.level[at], v), want,
                             "case %d, level %u, value %u", i, at, v);
            }
        }
        cr_assert_eq(levels.n, at + 1, "case %d", i);
        sil_levels_clear(&levels);
    }
}

/* Ordered values of one group have all ordered values between them in it. */
static bool keeps_order(const struct sil_grouping *level, uint32_t n_ordered)
{
    for (uint32_t a = 0; a < n_ordered; a++) {
        for (uint32_t b = a + 1; b < n_ordered; b++) {
            uint32_t g = sil_group_of(level, a);
            if (g == sil_group_of(level, b) && g != sil_group_of(level, b - 1)) {
                return false;
            }
        }
    }
    return true;
}

/* Each value's group is at most one more than the groups seen before it. */
static bool is_numbered_by_lowest(const struct sil_grouping *level)
{
    uint32_t next = 0;
    for (uint32_t v = 0; v < level->n_values; v++) {
        uint32_t g = sil_group_of(level, v);
        if (g > next) {
            return false;
        }
        next += g == next;
    }
    return true;
}

Test(model_levels, are_nested_partitions_that_keep_the_order)
{
    struct random r = random_start("nested", 412);
    for (int i = 0; i < 1500; i++) {
        struct random_case c;
        struct sil_levels levels;
        random_case(&c, &r);

        make(&levels, c.mass, &c.column, c.parts, c.n_parts);

        cr_assert_eq(levels.level[0].n_groups, c.column.n_values);
        cr_assert_null(levels.level[0].group);
        for (uint32_t k = 1; k < levels.n; k++) {
            const struct sil_grouping *level = &levels.level[k];
            cr_assert(sil_grouping_is_partition(level), "case %d", i);
            cr_assert(sil_grouping_refines(&levels.level[k - 1], level), "case %d", i);
            cr_assert_lt(level->n_groups, levels.level[k - 1].n_groups, "case %d", i);
            cr_assert_gt(level->n_groups, 1, "case %d", i);
            cr_assert(keeps_order(level, c.column.n_ordered), "case %d", i);
            cr_assert(is_numbered_by_lowest(level), "case %d", i);
        }
        sil_levels_clear(&levels);
    }
}

/* `groups` has a digit for each value and a space between levels. */
static const struct level_case {
    const char *name;
    uint32_t n;
    uint32_t n_ordered;
    int64_t mass[8];
    uint32_t parts[3];
    const char *groups;
} LEVEL_CASES[] = {
    {"one value",                         1, 1, {5},               {3, 2, 1},    "0"          },
    {"two light halves are no level",     2, 2, {1, 1},            {3, 2, 1},    "01"         },
    {"more parts than values",            4, 4, {1, 1, 1, 1},      {99, 98, 97}, "0123"       },
    {"no mass at all",                    4, 2, {0, 0, 0, 0},      {9, 8, 7},    "0123"       },
    {"one heavy value",                   5, 0, {0, 0, 100, 0, 0}, {9, 8, 7},    "01234"      },
    {"a heavy value stands alone",        4, 0, {30, 100, 30, 40}, {2, 1, 0},    "0123 0100"  },
    {"exactly enough is enough",          4, 4, {2, 2, 2, 2},      {4, 3, 2},    "0123 0011"  },
    {"ties: lowest first, to the left",
     5,                                      5,
     {4, 1, 4, 1, 4},
     {5, 4, 3},
     "01234 00112 00111"                                                                      },
    {"the lighter neighbour",             4, 4, {5, 1, 2, 4},      {6, 5, 4},    "0123 0112"  },
    {"equal levels are one",              4, 4, {2, 2, 2, 2},      {3, 2, 1},    "0123 0011"  },
    {"the next lightest, far away",
     5,                                      0,
     {1, 9, 9, 9, 2},
     {10, 9, 8},
     "01234 01230 00120"                                                                      },
    {"runs do not take unordered values",
     5,                                      3,
     {9, 9, 1, 1, 8},
     {9, 8, 7},
     "01234 01122"                                                                            },
    {"a lone unordered value waits",      5, 4, {4, 4, 4, 4, 1},   {4, 3, 2},    "01234 00112"},
    {"a last run counts as unordered",    4, 2, {1, 1, 3, 9},      {5, 4, 3},    "0123 0001"  },
    {"a lone ordered value is unordered", 4, 1, {1, 2, 9, 9},      {9, 8, 7},    "0123 0012"  },
};

Test(model_levels, hold_at_the_boundaries)
{
    for (size_t i = 0; i < sizeof LEVEL_CASES / sizeof LEVEL_CASES[0]; i++) {
        const struct level_case *c = &LEVEL_CASES[i];
        struct sil_column column = {c->n, c->n_ordered, 1, false};
        struct sil_levels levels;
        char got[SIL_LEVELS_MAX * 9 + 1] = "";
        size_t length = 0;

        make(&levels, c->mass, &column, c->parts, 3);

        for (uint32_t k = 0; k < levels.n; k++) {
            for (uint32_t v = 0; v < c->n; v++) {
                got[length++] = (char)('0' + sil_group_of(&levels.level[k], v));
            }
            got[length++] = ' ';
        }
        got[length - 1] = '\0';
        cr_expect_str_eq(got, c->groups, "%s: %s", c->name, got);
        sil_levels_clear(&levels);
    }
}

Test(model_levels, of_no_parts_are_the_values)
{
    struct sil_column column = {3, 0, 1, false};
    struct sil_levels levels;
    make(&levels, (int64_t[]){1, 2, 3}, &column, NULL, 0);
    cr_expect_eq(levels.n, 1);
    cr_expect_eq(levels.level[0].n_groups, 3);
    sil_levels_clear(&levels);
}

/* Of masses near the largest. */
Test(model_levels, hold_for_very_many_values)
{
    enum { N = 1 << 18 };

    static const uint32_t PARTS[] = {1 << 17, 96, 3};
    int64_t *mass = calloc(N, sizeof *mass);
    for (uint32_t v = 0; v < N; v++) {
        mass[v] = INT64_MAX / N;
    }
    for (uint32_t n_ordered = 0; n_ordered <= N; n_ordered += N / 2) {
        struct sil_column column = {N, n_ordered, 1, false};
        struct sil_levels levels;
        make(&levels, mass, &column, PARTS, 3);
        cr_expect_eq(levels.n, 4);
        cr_expect_eq(levels.level[1].n_groups, N / 2);
        cr_expect_eq(levels.level[2].n_groups, 64);
        cr_expect_eq(levels.level[3].n_groups, 2);
        sil_levels_clear(&levels);
    }
    free(mass);
}

Test(model_levels, clear_twice)
{
    struct sil_levels levels;
    make(&levels, (int64_t[]){1, 2}, &(struct sil_column){2, 2, 1, false}, NULL, 0);
    sil_levels_clear(&levels);
    sil_levels_clear(&levels);
    cr_expect_null(levels.memory);
}
