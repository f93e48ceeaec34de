// SPDX-License-Identifier: Apache-2.0
#include "table/bins.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* Points of the lattice in a bin, one by one: bin i holds x when i R / n <= x < (i + 1) R / n,
 * the last one R as well. */
static unsigned count_points(const struct sil_bins *bins, uint32_t bin)
{
    int range = (int)(bins->last - bins->first);
    int n = (int)bins->n;
    unsigned points = 0;
    for (int x = 0; x <= range; x++) {
        bool is_of_lattice = (bins->first + x - bins->anchor) % bins->step == 0;
        bool is_above = (int)bin * range <= x * n;
        bool is_below =
            x * n < ((int)bin + 1) * range || (bin + 1 == bins->n && x == range);
        points += is_of_lattice && is_above && is_below;
    }
    return points;
}

static uint32_t first_without(const struct sil_bins *bins)
{
    for (uint32_t bin = 0; bin < bins->n; bin++) {
        if (count_points(bins, bin) == 0) {
            return bin;
        }
    }
    return UINT32_MAX;
}

Test(bins, the_first_without_a_point_is_found)
{
    for (int range = 1; range <= 24; range++) {
        for (uint32_t n = 1; n <= 26; n++) {
            for (int step = 1; step <= 4; step++) {
                for (int anchor = 0; anchor < step; anchor++) {
                    struct sil_bins bins = {.n = n,
                                            .first = -5,
                                            .last = -5 + range,
                                            .anchor = anchor,
                                            .step = step};
                    cr_assert(
                        eq(u32, sil_bins_first_empty(&bins), first_without(&bins)),
                        "range %d, %u bins, steps of %d from %d", range, n, step,
                        anchor);
                }
            }
        }
    }
}
