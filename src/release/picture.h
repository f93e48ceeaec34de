// SPDX-License-Identifier: Apache-2.0
/// What a reader can see at a glance of the rows of a release: how often each column takes
/// its values, and how strongly columns go together.
///
/// Privacy  Post-processing: functions of schema and synthetic rows alone.
#ifndef SIL_RELEASE_PICTURE_H
#define SIL_RELEASE_PICTURE_H

#include "base/codes.h"
#include "release/record.h"

#define SIL_BARS_MAX 24 ///< of one picture

/// How many columns and rows the association is computed of: the first ones, of columns
/// those with two cells and more.
#define SIL_ASSOCIATED_MAX      24
#define SIL_ASSOCIATED_ROWS_MAX ((size_t)100000)

struct sil_bar {
    char *label; ///< owned; the value, or the first and the last of several
    uint64_t count;
    uint32_t n_cells; ///< that it stands for
    uint32_t first;   ///< of them, and the last
    uint32_t last;
    bool is_apart; ///< neither a value nor a run of neighbours: null, other, the rest
};

struct sil_picture {
    struct sil_bar *bar; ///< owned
    uint32_t n_bars;
    uint32_t n_cells; ///< of the column
    bool is_ordered;  ///< bars of values stand in their order; else of many values the
                      ///< most frequent have bars of their own
    uint8_t *bar_of;  ///< owned; of each cell
};

/// Count the rows. Errors  SIL_ERR_INTERNAL (memory). `out` may be cleared all the same.
SIL_MUST_USE sil_status sil_picture_make(struct sil_picture *out,
                                         const struct sil_record *record, uint32_t attr,
                                         struct sil_error *err);
void sil_picture_clear(struct sil_picture *picture);

/// Cramer's V between bars of pairs of columns, corrected for chance (Bergsma 2013).
struct sil_association {
    uint32_t n; ///< columns
    uint32_t attr[SIL_ASSOCIATED_MAX];
    uint8_t percent[SIL_ASSOCIATED_MAX][SIL_ASSOCIATED_MAX]; ///< symmetric; 100 inside
    size_t n_rows;
};

/// `picture` has one element a column. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_association_find(struct sil_association *out,
                                             const struct sil_record *record,
                                             const struct sil_picture *picture,
                                             struct sil_error *err);

/// V of one table of counts, row-major, rounded to a hundredth and at most 100.
uint8_t sil_association_of(const uint32_t *count, uint32_t n_rows, uint32_t n_columns);

#endif
