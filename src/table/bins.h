// SPDX-License-Identifier: Apache-2.0
/// Bins: an interval of scaled integers cut into cells, half-open, the last one closed.
///
/// Bin i of n equal ones starts at first + ceil(i (last - first) / n): the declared edge,
/// rounded up to the resolution of the field, which changes nothing for values of that
/// resolution. Values are drawn on a lattice anchor + k step; every bin holds a point.
#ifndef SIL_TABLE_BINS_H
#define SIL_TABLE_BINS_H

#include "table/decimal.h"

#include <stdbool.h>
#include <stdint.h>

/// Bins that were learnt have parts of different weight.
struct sil_parts {
    uint32_t
        *first; ///< of each bin its first part, and behind the last one their number
    sil_i128
        *from; ///< of each part its first lattice point, as sil_lattice counts them,
               ///< and behind the last one the point where it ends
    uint64_t *below; ///< of each part the weight of all before it, and of all
};

struct sil_bins {
    uint32_t n;
    sil_i128 *edges; ///< n + 1 of them, ascending; NULL: equal widths
    sil_i128 first;
    sil_i128 last;
    sil_i128 anchor;
    sil_i128 step;
    unsigned places;        ///< values are floor(value * 10^places)
    unsigned written;       ///< decimal places that values are written with
    bool is_narrow;         ///< every step of finding and drawing fits 64 bits
    struct sil_parts parts; ///< NULL: there are none
    int32_t *slope;         ///< of each bin, in SIL_SLOPE_ONE; NULL: all are flat
};

/// Decide `is_narrow`: for when the rest is declared.
void sil_bins_seal(struct sil_bins *bins);

/// The first number of a bin.
sil_i128 sil_bins_start(const struct sil_bins *bins, uint32_t bin);

/// The lattice points of a bin: point k is anchor + (from + k) step, 0 <= k < n.
struct sil_lattice {
    sil_i128 from;
    sil_i128 n; ///< at most 0 when there is none
};

struct sil_lattice sil_bins_points(const struct sil_bins *bins, uint32_t bin);

/// The bin of a value between first and last, both included.
uint32_t sil_bins_find(const struct sil_bins *bins, sil_i128 value);

/// A point of the bin. In a flat bin uniform when `word` is: point floor(word n / 2^64). In
/// a bin with parts that have weight, a part by its weight, and a uniform point of it; in
/// any other bin with a slope point sil_slope_pick. Never falls when `word` rises.
sil_i128 sil_bins_draw(const struct sil_bins *bins, uint32_t bin, uint64_t word);

/// A slope of one: the density rises by the mean density of the bin from end to end.
#define SIL_SLOPE_ONE ((int32_t)1 << 24)

/// Let the values of each bin lean towards the higher of the bins beside it, given what all
/// bins weigh: docs/within-bins.md. The mass of every bin stays as it is. Again is allowed.
/// @param mass   of each bin, at most 2^32.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_bins_set_slopes(struct sil_bins *bins, const uint64_t *mass,
                                            struct sil_error *err);

/// Has some bin more than one point?
bool sil_bins_are_wide(const struct sil_bins *bins);

/// The point of `n` (at most 2^62) that a uniform word stands for under a density that is a
/// straight line of this slope, of a size below 2: with x in units of 2^-64 and
/// F(x) = x - slope x (1 - x) / 2, point floor(x n) of the last x with F(x) <= word.
uint64_t sil_slope_pick(int32_t slope, uint64_t word, uint64_t n);

/// The first bin without a lattice point, or UINT32_MAX.
uint32_t sil_bins_first_empty(const struct sil_bins *bins);

void sil_bins_clear(struct sil_bins *bins);

#endif
