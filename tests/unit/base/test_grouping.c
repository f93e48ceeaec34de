// SPDX-License-Identifier: Apache-2.0
#include "base/grouping.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

enum { ATTRS_MAX = 4, WIDE = 5000 };

/* A fixed sequence of numbers below `n`: these tests need variety, not randomness. */
static uint32_t below(uint64_t *state, uint32_t n)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 33) % n;
}

/* A partition of `n` values into 1 to `n` groups, numbered in no order. */
static struct sil_grouping some_grouping(uint64_t *state, uint32_t *group, uint32_t n)
{
    uint32_t n_groups = 1 + below(state, n);
    uint32_t first = below(state, n_groups);
    for (uint32_t v = 0; v < n; v++) {
        group[v] = v < n_groups ? (v + first) % n_groups : below(state, n_groups);
    }
    return (struct sil_grouping){.n_values = n, .n_groups = n_groups, .group = group};
}

/* The grouped cell of an ungrouped one, by division. */
static uint64_t divided(uint64_t cell, const struct sil_grouping *of, uint32_t n)
{
    uint64_t grouped = 0;
    uint64_t stride = 1;
    for (uint32_t k = n; k-- > 0;) {
        uint32_t value = (uint32_t)(cell % of[k].n_values);
        cell /= of[k].n_values;
        grouped += stride * (of[k].group == NULL ? value : of[k].group[value]);
        stride *= of[k].n_groups;
    }
    return grouped;
}

/* Index and the three sums, all against division. */
static void expect_sums(const struct sil_grouping *of, uint32_t n, size_t cells,
                        uint64_t *state)
{
    size_t grouped = (size_t)sil_grouped_cells(of, n);
    uint32_t *index = calloc(cells, sizeof *index);
    double *in = calloc(cells, sizeof *in);
    int64_t *in_i64 = calloc(cells, sizeof *in_i64);
    uint32_t *in_u32 = calloc(cells, sizeof *in_u32);
    double *want = calloc(grouped, sizeof *want);
    int64_t *want_i64 = calloc(grouped, sizeof *want_i64);
    double *out = malloc(grouped * sizeof *out);
    int64_t *out_i64 = malloc(grouped * sizeof *out_i64);
    uint32_t *out_u32 = malloc(grouped * sizeof *out_u32);
    memset(out, 7, grouped * sizeof *out);
    memset(out_i64, 7, grouped * sizeof *out_i64);
    memset(out_u32, 7, grouped * sizeof *out_u32);
    for (size_t i = 0; i < cells; i++) {
        in_u32[i] = below(state, 1000);
        in_i64[i] = (int64_t)in_u32[i];
        in[i] = (double)in_u32[i] / 3;
        want[divided(i, of, n)] += in[i];
        want_i64[divided(i, of, n)] += in_i64[i];
    }

    sil_grouped_index(index, of, n);
    sil_grouped_sum(out, in, of, n);
    sil_grouped_sum_i64(out_i64, in_i64, of, n);
    sil_grouped_sum_u32(out_u32, in_u32, of, n);

    size_t n_wrong = 0;
    for (size_t i = 0; i < cells; i++) {
        n_wrong += index[i] != divided(i, of, n);
    }
    for (size_t g = 0; g < grouped; g++) {
        n_wrong += want_i64[g] != out_i64[g] || want_i64[g] != (int64_t)out_u32[g];
    }
    cr_expect(zero(sz, n_wrong));
    cr_expect(zero(int, memcmp(want, out, grouped * sizeof *out)), "to the last bit");
    free(index);
    free(in);
    free(in_i64);
    free(in_u32);
    free(want);
    free(want_i64);
    free(out);
    free(out_i64);
    free(out_u32);
}

Test(grouping, sums_and_indices_agree_with_division)
{
    static uint32_t group[ATTRS_MAX][WIDE];
    /* How many, and the values of each. */
    static const uint32_t SHAPES[][ATTRS_MAX + 1] = {
        {0, 1,    1,    1,  1},
        {1, 1,    1,    1,  1},
        {1, 7,    1,    1,  1},
        {1, 5000, 1,    1,  1},
        {2, 3,    5,    1,  1},
        {2, 1,    4,    1,  1},
        {2, 40,   60,   1,  1},
        {2, 5000, 3,    1,  1},
        {2, 3,    5000, 1,  1},
        {3, 4,    5,    6,  1},
        {3, 1,    1,    9,  1},
        {3, 9,    1,    1,  1},
        {3, 30,   40,   50, 1},
        {3, 2,    1500, 1,  1},
        {4, 3,    2,    4,  5},
        {4, 5,    40,   33, 2},
    };
    uint64_t state = 20261122;
    for (size_t s = 0; s < sizeof SHAPES / sizeof SHAPES[0]; s++) {
        uint32_t n = SHAPES[s][0];
        for (uint32_t mask = 0; mask < 1U << n; mask++) {
            struct sil_grouping of[ATTRS_MAX];
            size_t cells = 1;
            for (uint32_t k = 0; k < n; k++) {
                uint32_t size = SHAPES[s][k + 1];
                of[k] = mask >> k & 1 ? some_grouping(&state, group[k], size)
                                      : sil_grouping_identity(size);
                cells *= size;
            }
            expect_sums(of, n, cells, &state);
        }
    }
}

Test(grouping, cells_are_the_product_of_groups_or_do_not_fit)
{
    static uint32_t group[4];
    struct sil_grouping of[3] = {
        {.n_values = 4, .n_groups = 2, .group = group},
        {.n_values = 3,             .n_groups = 3             },
        {.n_values = 5,             .n_groups = 5},
    };
    cr_expect(eq(u64, sil_grouped_cells(of, 3), 30));
    cr_expect(eq(u64, sil_grouped_cells(of, 0), 1));
    for (size_t k = 0; k < 3; k++) {
        of[k] = sil_grouping_identity(UINT32_MAX);
    }
    cr_expect(eq(u64, sil_grouped_cells(of, 2), (uint64_t)UINT32_MAX * UINT32_MAX));
    cr_expect(eq(u64, sil_grouped_cells(of, 3), UINT64_MAX));
}

/* All maps of up to four values into up to five groups, against the definition. */
Test(grouping, partitions_are_maps_onto_their_groups)
{
    size_t n_partitions = 0;
    for (uint32_t n = 1; n <= 4; n++) {
        for (uint32_t code = 0; code < 5U * 5 * 5 * 5; code++) {
            uint32_t group[4] = {code % 5, code / 5 % 5, code / 25 % 5, code / 125};
            for (uint32_t n_groups = 0; n_groups <= 5; n_groups++) {
                struct sil_grouping of = {n, n_groups, group};
                uint32_t hit = 0;
                for (uint32_t v = 0; v < n; v++) {
                    hit |= 1U << group[v];
                }
                bool want = n_groups > 0 && hit == (1U << n_groups) - 1;
                n_partitions += want;
                cr_expect(eq(int, sil_grouping_is_partition(&of), want));
            }
        }
    }
    /* Surjections: 1; 1 + 2; 1 + 6 + 6; 1 + 14 + 36 + 24; the rest of the code is free. */
    cr_expect(eq(sz, n_partitions, 125 + 3 * 25 + 13 * 5 + 75));
}

Test(grouping, identity_has_as_many_groups_as_values)
{
    struct sil_grouping of = sil_grouping_identity(3);
    cr_expect(sil_grouping_is_partition(&of));
    cr_expect(sil_grouping_is_identity(&of));
    of.n_groups = 2;
    cr_expect(not(sil_grouping_is_partition(&of)));
    cr_expect(not(sil_grouping_is_identity(&of)));
    of = sil_grouping_identity(0);
    cr_expect(not(sil_grouping_is_partition(&of)), "no values, no groups");

    const uint32_t spelled[] = {0, 1, 2};
    const uint32_t swapped[] = {0, 2, 1};
    cr_expect(sil_grouping_is_identity(&(struct sil_grouping){3, 3, spelled}));
    cr_expect(not(sil_grouping_is_identity(&(struct sil_grouping){3, 3, swapped})));
}

/* More groups than are looked at in one pass. */
Test(grouping, partitions_of_many_groups_have_none_empty)
{
    static uint32_t group[WIDE];
    struct sil_grouping of = {WIDE, 4999, group};
    for (uint32_t v = 0; v < WIDE; v++) {
        group[v] = v % 4999;
    }
    cr_expect(sil_grouping_is_partition(&of));
    cr_expect(
        not(sil_grouping_is_partition(&(struct sil_grouping){WIDE, 4998, group})));
    for (uint32_t empty = 1; empty < 4999; empty += 119) {
        group[empty] = 0;
        cr_expect(not(sil_grouping_is_partition(&of)), "group %u", empty);
        group[empty] = empty;
    }
    cr_expect(sil_grouping_refines(&of, &(struct sil_grouping){WIDE, 4999, group}));
    static uint32_t parity[WIDE];
    for (uint32_t v = 0; v < WIDE; v++) {
        parity[v] = v % 4999 % 2;
    }
    cr_expect(sil_grouping_refines(&of, &(struct sil_grouping){WIDE, 2, parity}));
    parity[4999] = 1;
    cr_expect(not(sil_grouping_refines(&of, &(struct sil_grouping){WIDE, 2, parity})));
}

/* Every pair of maps of four values to three groups, against the definition. */
Test(grouping, refines_when_groups_lie_inside_groups)
{
    enum { MAPS = 81 };

    for (uint32_t x = 0; x < MAPS; x++) {
        for (uint32_t y = 0; y < MAPS; y++) {
            uint32_t a[] = {x % 3, x / 3 % 3, x / 9 % 3, x / 27};
            uint32_t b[] = {y % 3, y / 3 % 3, y / 9 % 3, y / 27};
            struct sil_grouping fine = {4, 3, a};
            struct sil_grouping coarse = {4, 3, b};
            bool want = true;
            for (uint32_t v = 0; v < 4; v++) {
                for (uint32_t w = 0; w < v; w++) {
                    want = want && (a[v] != a[w] || b[v] == b[w]);
                }
            }
            cr_expect(eq(int, sil_grouping_refines(&fine, &coarse), want));
        }
    }
    const uint32_t pairs[] = {0, 0, 1};
    struct sil_grouping grouped = {3, 2, pairs};
    struct sil_grouping identity = sil_grouping_identity(3);
    cr_expect(sil_grouping_refines(&identity, &grouped));
    cr_expect(not(sil_grouping_refines(&grouped, &identity)));
    cr_expect(sil_grouping_refines(&identity, &identity));
}

Test(grouping, copies_own_their_arrays)
{
    uint32_t group[] = {1, 0, 1};
    const struct sil_grouping of[] = {
        {.n_values = 3, .n_groups = 2, .group = group},
        {.n_values = 5,             .n_groups = 5             },
    };
    cr_expect(eq(sz, sil_groupings_size(of, 2), 2 * sizeof of[0] + sizeof group));
    struct sil_grouping *copy = malloc(sil_groupings_size(of, 2));
    cr_assert(ne(ptr, copy, NULL));
    sil_groupings_copy(copy, of, 2);
    group[0] = 0;
    cr_expect(eq(u32, copy[0].n_groups, 2));
    cr_expect(eq(u32, copy[0].group[0], 1));
    cr_expect(eq(u32, copy[0].group[2], 1));
    cr_expect(copy[1].group == NULL);
    cr_expect(eq(u32, copy[1].n_values, 5));
    free(copy);
}
