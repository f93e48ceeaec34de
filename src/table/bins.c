// SPDX-License-Identifier: Apache-2.0
#include "table/bins.h"

#include <stdlib.h>

static sil_i128 start_of(const struct sil_bins *bins, uint32_t bin)
{
    if (bins->edges != NULL) {
        return bins->edges[bin];
    }
    return bins->first + sil_ceil_div((bins->last - bins->first) * bin, bins->n);
}

struct sil_lattice sil_bins_points(const struct sil_bins *bins, uint32_t bin)
{
    sil_i128 low = start_of(bins, bin);
    sil_i128 high = bin + 1 == bins->n ? bins->last : start_of(bins, bin + 1) - 1;
    sil_i128 from = sil_ceil_div(low - bins->anchor, bins->step);
    sil_i128 to = sil_floor_div(high - bins->anchor, bins->step);
    return (struct sil_lattice){.from = from, .n = to - from + 1};
}

/* The last bin whose edge is not above the value. */
static uint32_t search(const struct sil_bins *bins, sil_i128 value)
{
    uint32_t low = 0;
    uint32_t high = bins->n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (bins->edges[middle] <= value) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t sil_bins_find(const struct sil_bins *bins, sil_i128 value)
{
    if (bins->edges != NULL) {
        return search(bins, value);
    }
    if (value == bins->last) {
        return bins->n - 1;
    }
    /* ceil(i R / n) <= x exactly when i <= x n / R. */
    return (uint32_t)((value - bins->first) * bins->n / (bins->last - bins->first));
}

sil_i128 sil_bins_draw(const struct sil_bins *bins, uint32_t bin, uint64_t word)
{
    struct sil_lattice points = sil_bins_points(bins, bin);
    sil_u128 k = ((sil_u128)word * (uint64_t)points.n) >> 64;
    return bins->anchor + (points.from + (sil_i128)k) * bins->step;
}

uint32_t sil_bins_first_empty(const struct sil_bins *bins)
{
    /* An interval as wide as a step always holds a point. */
    bool is_wide = bins->edges == NULL &&
                   bins->last - bins->first >= bins->step * (sil_i128)bins->n;
    for (uint32_t bin = 0; !is_wide && bin < bins->n; bin++) {
        if (sil_bins_points(bins, bin).n < 1) {
            return bin;
        }
    }
    return UINT32_MAX;
}

void sil_bins_clear(struct sil_bins *bins)
{
    free(bins->edges);
    *bins = (struct sil_bins){0};
}
