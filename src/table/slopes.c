// SPDX-License-Identifier: Apache-2.0
/* Values within a bin: a density that is a straight line, in integers. */
#include "base/memory.h"
#include "table/bins.h"

#include <string.h>

enum {
    SLOPE_BITS = 24,       ///< SIL_SLOPE_ONE is 2^24
    RATIO_BITS_MAX = 48,   ///< of a ratio in the same units: what is more is as good
    LEAST_DENSITY = 1 << 4 ///< no density below the mean of the bin over this
};

/* ---- drawing ---- */

/* F(x), which is x at both ends. It never falls: when x rises by one the part taken away
 * moves by less than two halves. */
static uint64_t below(int32_t slope, uint64_t x)
{
    uint64_t middle = (uint64_t)((sil_u128)x * (0 - x) >> 64); /* x (1 - x) */
    uint64_t size = slope < 0 ? 0 - (uint64_t)slope : (uint64_t)slope;
    uint64_t moved = (uint64_t)((sil_u128)size * middle >> (SLOPE_BITS + 1));
    return slope < 0 ? x + moved : x - moved;
}

static uint64_t point_at(uint64_t x, uint64_t n)
{
    return (uint64_t)((sil_u128)x * n >> 64);
}

uint64_t sil_slope_pick(int32_t slope, uint64_t word, uint64_t n)
{
    uint64_t low = 0;
    uint64_t high = UINT64_MAX;
    while (point_at(low, n) < point_at(high, n)) {
        uint64_t middle = high - (high - low) / 2;
        if (below(slope, middle) <= word) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return point_at(low, n);
}

/* ---- slopes ---- */

struct height {
    uint64_t mass;
    uint64_t n; ///< points that share it
};

/* By how much of its mean density a bin rises from its middle to its edge, towards the
 * neighbour: a straight line from middle to middle. A neighbour of one point is a value
 * that stands for itself. */
static sil_i128 rise(const struct height *own, const struct height *next)
{
    if (next->n < 2) {
        return 0;
    }
    sil_u128 of_next = (sil_u128)next->mass * own->n << SLOPE_BITS;
    sil_u128 ratio = of_next / ((sil_u128)own->mass * next->n);
    if (ratio >> RATIO_BITS_MAX > 0) {
        ratio = (sil_u128)1 << RATIO_BITS_MAX;
    }
    sil_i128 more = (sil_i128)ratio - SIL_SLOPE_ONE;
    return more * (sil_i128)own->n / (sil_i128)((sil_u128)own->n + next->n);
}

static int32_t slope_of(const struct height *own, const struct height *left,
                        const struct height *right)
{
    const sil_i128 most = 2 * (SIL_SLOPE_ONE - SIL_SLOPE_ONE / LEAST_DENSITY);
    if (own->n < 2 || own->mass == 0) {
        return 0;
    }
    sil_i128 slope = rise(own, right) - rise(own, left);
    return (int32_t)(slope > most ? most : slope < -most ? -most : slope);
}

/* Beyond the ends of the field nothing is known. */
static struct height height_of(const struct sil_bins *bins, const uint64_t *mass,
                               uint32_t bin)
{
    if (bin >= bins->n) {
        return (struct height){0};
    }
    return (struct height){mass[bin], (uint64_t)sil_bins_points(bins, bin).n};
}

sil_status sil_bins_set_slopes(struct sil_bins *bins, const uint64_t *mass,
                               struct sil_error *err)
{
    if (bins->slope == NULL) {
        sil_status status =
            sil_alloc(&bins->slope, bins->n, sizeof *bins->slope, "slopes", err);
        if (status != SIL_OK) {
            return status;
        }
    }
    struct height left = {0};
    struct height own = height_of(bins, mass, 0);
    for (uint32_t bin = 0; bin < bins->n; bin++) {
        struct height right = height_of(bins, mass, bin + 1);
        bins->slope[bin] = slope_of(&own, &left, &right);
        left = own;
        own = right;
    }
    return SIL_OK;
}

bool sil_bins_are_wide(const struct sil_bins *bins)
{
    for (uint32_t bin = 0; bin < bins->n; bin++) {
        if (sil_bins_points(bins, bin).n > 1) {
            return true;
        }
    }
    return false;
}
