// SPDX-License-Identifier: Apache-2.0
/* Values within a bin that lean towards its neighbours, against closed forms and by hand. */
#include "support/property.h"
#include "table/bins.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>

static const int32_t SLOPES[] = {1,
                                 -1,
                                 SIL_SLOPE_ONE / 3,
                                 -SIL_SLOPE_ONE / 3,
                                 SIL_SLOPE_ONE,
                                 -SIL_SLOPE_ONE,
                                 2 * SIL_SLOPE_ONE - SIL_SLOPE_ONE / 8,
                                 SIL_SLOPE_ONE / 8 - 2 * SIL_SLOPE_ONE};

enum { N_SLOPES = sizeof SLOPES / sizeof SLOPES[0] };

/* ---- drawing ---- */

/* The part of a bin's mass that lies in its first `x`. */
static long double mass_below(int32_t slope, long double x)
{
    return x - (long double)slope / SIL_SLOPE_ONE * x * (1 - x) / 2;
}

/* The first word that stands for point k or one behind it. */
static uint64_t first_word(int32_t slope, uint64_t k, uint64_t n)
{
    uint64_t low = 0;
    uint64_t high = UINT64_MAX;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (sil_slope_pick(slope, middle, n) >= k) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Words are fine beside 2^-50 of them. */
Test(slopes, each_point_has_the_mass_under_the_line)
{
    for (size_t i = 0; i < N_SLOPES; i++) {
        for (uint64_t n = 2; n <= 40; n++) {
            cr_assert(eq(u64, first_word(SLOPES[i], 0, n), 0));
            for (uint64_t k = 1; k < n; k++) {
                long double due = mass_below(SLOPES[i], (long double)k / n);
                long double is = (long double)first_word(SLOPES[i], k, n) * 0x1p-64L;
                cr_assert_lt(fabsl(is - due), 0x1p-50L, "slope %d, point %u of %u",
                             SLOPES[i], (unsigned)k, (unsigned)n);
            }
        }
    }
}

Test(slopes, masses_rise_with_the_line_and_never_are_nothing)
{
    for (size_t i = 0; i < N_SLOPES; i++) {
        const uint64_t n = 9;
        uint64_t before = 0;
        for (uint64_t k = 0; k < n; k++) {
            uint64_t end = k + 1 < n ? first_word(SLOPES[i], k + 1, n) - 1 : UINT64_MAX;
            uint64_t mass = end - first_word(SLOPES[i], k, n);
            cr_assert(gt(u64, mass, UINT64_MAX / 16 / n));
            cr_assert(k == 0 ||
                          (SLOPES[i] > 0 ? mass + 2 >= before : before + 2 >= mass),
                      "slope %d, point %u", SLOPES[i], (unsigned)k);
            before = mass;
        }
    }
}

/* All of a domain of 64-bit words that can be tried: by its ends, and in order. */
static bool draws_in_order(struct test_random *random, void *context)
{
    (void)context;
    int32_t most = 2 * SIL_SLOPE_ONE - SIL_SLOPE_ONE / 8;
    int32_t slope = (int32_t)test_below(random, 2 * (uint64_t)most + 1) - most;
    uint64_t n = 1 + test_edge_word(random) % ((uint64_t)1 << 62);
    uint64_t a = test_edge_word(random);
    uint64_t b = test_edge_word(random);
    uint64_t low = sil_slope_pick(slope, a < b ? a : b, n);
    uint64_t high = sil_slope_pick(slope, a < b ? b : a, n);
    bool are_ends = n >> 58 > 0 || (sil_slope_pick(slope, 0, n) == 0 &&
                                    sil_slope_pick(slope, UINT64_MAX, n) == n - 1);
    return low <= high && high < n && are_ends;
}

Test(slopes, draws_never_fall_and_reach_both_ends)
{
    cr_assert(test_forall("slopes", test_cases(20000), draws_in_order, NULL));
}

/* ---- slopes ---- */

static void expect_slopes(struct sil_bins *bins, const uint64_t *mass,
                          const int32_t *due)
{
    struct sil_error err = {{0}};
    sil_bins_seal(bins);
    cr_assert(eq(int, sil_bins_set_slopes(bins, mass, &err), SIL_OK));
    for (uint32_t bin = 0; bin < bins->n; bin++) {
        cr_expect(eq(i32, bins->slope[bin], due[bin]), "bin %u", bin);
    }
    free(bins->slope);
    bins->slope = NULL;
}

enum { ONE = 1 << 24 };

/* Ten values each; the line through a middle and the next one. */
Test(slopes, of_equal_bins_are_what_their_neighbours_weigh)
{
    struct sil_bins bins = {.n = 5, .first = 0, .last = 49, .step = 1};
    sil_i128 edges[] = {0, 10, 20, 30, 40, 49};
    bins.edges = edges;
    expect_slopes(&bins, (const uint64_t[]){4, 4, 8, 8, 4},
                  (const int32_t[]){0, ONE / 2, ONE / 4, -ONE / 4, -ONE / 2});
}

/* A bin of one value is not said to go on, and one without mass draws nothing. */
Test(slopes, end_where_a_neighbour_is_one_value_or_there_is_none)
{
    sil_i128 edges[] = {0, 1, 11, 21, 31, 31};
    struct sil_bins bins = {.n = 5, .edges = edges, .last = 31, .step = 1};
    expect_slopes(&bins, (const uint64_t[]){900, 2, 4, 0, 900},
                  (const int32_t[]){0, ONE / 2, -ONE / 4, 0, 0});
}

/* A neighbour of twice as many values and twice the mass is as high; one that is three
 * times as high raises the edge by 2 n / (n + its n). */
Test(slopes, go_by_heights_and_by_widths)
{
    sil_i128 edges[] = {0, 10, 30, 39};
    struct sil_bins bins = {.n = 3, .edges = edges, .last = 39, .step = 1};
    expect_slopes(
        &bins, (const uint64_t[]){5, 10, 15},
        (const int32_t[]){0, (int32_t)(ONE * 4.0 / 3), (int32_t)(ONE * 2.0 / 9)});
}

Test(slopes, leave_a_sixteenth_of_the_mean_at_least)
{
    const int32_t most = 2 * ONE - ONE / 8;
    sil_i128 edges[] = {0, 10, 20, 29};
    struct sil_bins bins = {.n = 3, .edges = edges, .last = 29, .step = 1};
    expect_slopes(&bins, (const uint64_t[]){0, 1, UINT64_C(1) << 32},
                  (const int32_t[]){0, most, ONE / 2});
    expect_slopes(&bins, (const uint64_t[]){UINT64_C(1) << 32, 1, 0},
                  (const int32_t[]){-ONE / 2, -most, 0});
}

/* ---- both ---- */

/* Any bins: a drawn value is in its bin, at its step, and they never fall. */
static bool stays_in_its_bin(struct test_random *random, void *context)
{
    (void)context;
    struct sil_error err = {{0}};
    uint64_t mass[8];
    uint64_t range = (uint64_t)1 << test_below(random, 61);
    struct sil_bins bins = {.n = 1 + (uint32_t)test_below(random, 8),
                            .first = -(sil_i128)test_below(random, range),
                            .anchor = (sil_i128)test_below(random, 9)};
    bins.step = 1 + (sil_i128)test_below(random, 1 + range / 64);
    bins.last = bins.first + (sil_i128)range;
    for (uint32_t bin = 0; bin < bins.n; bin++) {
        mass[bin] = test_edge_word(random) % ((UINT64_C(1) << 32) + 1);
    }
    if (sil_bins_first_empty(&bins) != UINT32_MAX) {
        return true;
    }
    if (test_below(random, 2) == 0) {
        sil_bins_seal(&bins);
    }
    bool is = sil_bins_set_slopes(&bins, mass, &err) == SIL_OK;
    sil_i128 before = bins.first;
    for (uint32_t bin = 0; bin < bins.n && is; bin++) {
        uint64_t words[] = {0, test_word(random) >> 1, UINT64_MAX};
        for (size_t i = 0; i < 3 && is; i++) {
            sil_i128 value = sil_bins_draw(&bins, bin, words[i]);
            is = value >= before && value <= bins.last &&
                 sil_bins_find(&bins, value) == bin &&
                 (value - bins.anchor) % bins.step == 0;
            before = value;
        }
    }
    sil_bins_clear(&bins);
    return is;
}

Test(slopes, values_stay_in_their_bins_at_their_step)
{
    cr_assert(test_forall("bins", test_cases(20000), stays_in_its_bin, NULL));
}

Test(slopes, bins_are_wide_when_one_has_two_values)
{
    sil_i128 edges[] = {0, 1, 3, 3};
    struct sil_bins bins = {.n = 3, .edges = edges, .last = 3, .step = 1};
    cr_assert(sil_bins_are_wide(&bins));
    bins.step = 2;
    edges[1] = 2;
    edges[2] = 4;
    edges[3] = 4;
    bins.last = 4;
    cr_assert(not(sil_bins_are_wide(&bins)));
}
