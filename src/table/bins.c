// SPDX-License-Identifier: Apache-2.0
#include "table/bins.h"

#include <stdlib.h>

/* Between the limits, sums and differences of any two numbers fit 64 bits with a sign. */
void sil_bins_seal(struct sil_bins *bins)
{
    const sil_i128 limit = (sil_i128)1 << 61;
    bins->is_narrow = bins->first > -limit && bins->last < limit &&
                      bins->step < limit && bins->anchor > -limit &&
                      bins->anchor < limit &&
                      (bins->last - bins->first) * bins->n < limit;
}

sil_i128 sil_bins_start(const struct sil_bins *bins, uint32_t bin)
{
    if (bins->edges != NULL) {
        return bins->edges[bin];
    }
    return bins->first + sil_ceil_div((bins->last - bins->first) * bin, bins->n);
}

struct sil_lattice sil_bins_points(const struct sil_bins *bins, uint32_t bin)
{
    sil_i128 low = sil_bins_start(bins, bin);
    sil_i128 high = bin + 1 == bins->n ? bins->last : sil_bins_start(bins, bin + 1) - 1;
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
    if (bins->is_narrow) {
        int64_t first = (int64_t)bins->first;
        int64_t range = (int64_t)bins->last - first;
        return (uint32_t)(((int64_t)value - first) * bins->n / range);
    }
    return (uint32_t)((value - bins->first) * bins->n / (bins->last - bins->first));
}

/* ---- The same in 64 bits, where `is_narrow` says that they do. ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int64_t narrow_start_of(const struct sil_bins *bins, uint32_t bin)
{
    if (bins->edges != NULL) {
        return (int64_t)bins->edges[bin];
    }
    int64_t first = (int64_t)bins->first;
    int64_t range = (int64_t)bins->last - first;
    return first + (range * bin + bins->n - 1) / bins->n;
}

/* A point of n, of a bin without parts. */
static uint64_t pick(const struct sil_bins *bins, uint32_t bin, uint64_t word,
                     uint64_t n)
{
    int32_t slope = bins->slope != NULL ? bins->slope[bin] : 0;
    return slope != 0 ? sil_slope_pick(slope, word, n)
                      : (uint64_t)((sil_u128)word * n >> 64);
}

static int64_t narrow_draw(const struct sil_bins *bins, uint32_t bin, uint64_t word)
{
    int64_t step = (int64_t)bins->step;
    int64_t anchor = (int64_t)bins->anchor;
    int64_t low = narrow_start_of(bins, bin);
    int64_t high =
        bin + 1 == bins->n ? (int64_t)bins->last : narrow_start_of(bins, bin + 1) - 1;
    int64_t from = low - anchor;
    int64_t to = high - anchor;
    if (step > 1) {
        from = -floor_div(-from, step);
        to = floor_div(to, step);
    }
    uint64_t k = pick(bins, bin, word, (uint64_t)(to - from + 1));
    return anchor + (from + (int64_t)k) * step;
}

/* The last part of a bin that no more than `weight` lies below. */
static uint32_t find_part(const struct sil_parts *parts, uint32_t bin, uint64_t weight)
{
    uint32_t low = parts->first[bin];
    uint32_t high = parts->first[bin + 1];
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (parts->below[middle] <= weight) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* What of the word's range falls to a part is stretched to the whole range again. */
static sil_i128 draw_from_parts(const struct sil_bins *bins, uint32_t bin,
                                uint64_t word)
{
    const struct sil_parts *parts = &bins->parts;
    uint64_t before = parts->below[parts->first[bin]];
    sil_u128 at = (sil_u128)word * (parts->below[parts->first[bin + 1]] - before) +
                  ((sil_u128)before << 64);
    uint32_t part = find_part(parts, bin, (uint64_t)(at >> 64));
    uint64_t weight = parts->below[part + 1] - parts->below[part];
    sil_u128 within = (at - ((sil_u128)parts->below[part] << 64)) / weight;
    sil_u128 n = (sil_u128)(parts->from[part + 1] - parts->from[part]);
    return bins->anchor +
           (parts->from[part] + (sil_i128)(within * n >> 64)) * bins->step;
}

static bool has_weight(const struct sil_bins *bins, uint32_t bin)
{
    const struct sil_parts *parts = &bins->parts;
    return parts->first != NULL &&
           parts->below[parts->first[bin]] < parts->below[parts->first[bin + 1]];
}

sil_i128 sil_bins_draw(const struct sil_bins *bins, uint32_t bin, uint64_t word)
{
    if (has_weight(bins, bin)) {
        return draw_from_parts(bins, bin, word);
    }
    if (bins->is_narrow) {
        return narrow_draw(bins, bin, word);
    }
    struct sil_lattice points = sil_bins_points(bins, bin);
    uint64_t k = pick(bins, bin, word, (uint64_t)points.n);
    return bins->anchor + (points.from + (sil_i128)k) * bins->step;
}

uint32_t sil_bins_first_empty(const struct sil_bins *bins)
{
    /* An interval as wide as a step always holds a point; and with steps of one, bins as
     * many as there are points have one each: ceil(i (n - 1) / n) = i. */
    sil_i128 range = bins->last - bins->first + (bins->step == 1);
    bool is_wide = bins->edges == NULL && range >= bins->step * (sil_i128)bins->n;
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
    free(bins->parts.first);
    free(bins->parts.from);
    free(bins->parts.below);
    free(bins->slope);
    *bins = (struct sil_bins){0};
}
