// SPDX-License-Identifier: Apache-2.0
/// What sampling alone does: random parts of the true table, with a fixed seed.
#ifndef SIL_INTERNAL_RESAMPLE_H
#define SIL_INTERNAL_RESAMPLE_H

#include "base/words.h"

#include "silhouette/status.h"

/// Streams of the words that sil_report_words gives.
enum {
    SIL_REPORT_STREAM_ORDER = 0,
    SIL_REPORT_STREAM_MARGINALS = 1, ///< plus the number of columns
    SIL_REPORT_STREAM_RESAMPLE = 8   ///< plus the number of the resample
};

/// Words of the report's own: a fixed seed that no rows are drawn with.
struct sil_word_reader sil_report_words(uint64_t stream);

/// Resamples that every figure is held against; their mean is the reference.
enum { SIL_RESAMPLES = 4 };

/// For each resample and each of `n` rows, how often the row is in it.
struct sil_resamples {
    uint32_t *weight[SIL_RESAMPLES];
    size_t n;
};

/// Each resample is `n_drawn` rows, drawn from the `n` with replacement.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is empty.
SIL_MUST_USE sil_status sil_resamples_draw(struct sil_resamples *out, size_t n,
                                           size_t n_drawn, struct sil_error *err);

/// Wipe and free; an empty one is accepted.
void sil_resamples_clear(struct sil_resamples *resamples);

/// The numbers 0 .. n - 1 in random order: its first m are a sample without replacement.
/// @param[out] order   freed with free(). n is below 2^32.
/// Errors   SIL_ERR_INTERNAL (memory); `order` is NULL.
SIL_MUST_USE sil_status sil_rows_shuffle(uint32_t **order, size_t n,
                                         struct sil_error *err);

#endif
