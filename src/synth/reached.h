// SPDX-License-Identifier: Apache-2.0
/// Which of the shares that were asked for the rows do not have.
///
/// Rows are whole, so a share is met by rounding (docs/rounding.md); rules of the schema, and
/// tables that Mosaic's rows must leave, change rows afterwards. Whatever the cause, what is
/// counted here is what is written.
#ifndef SIL_SYNTH_REACHED_H
#define SIL_SYNTH_REACHED_H

#include "base/bytes.h"
#include "base/codes.h"
#include "base/words.h"
#include "synth/made.h"

/// Do n of so many rows miss a share (in units of 10^-9) by more than rounding? By more than a
/// row and twice the standard deviation of independent draws, 2 sqrt(rows share (1 - share)).
bool sil_share_is_missed(uint64_t n, uint64_t share, uint64_t n_rows);

/// Note the shares that the rows miss in `out`, whose n_rows is told.
/// @param words     that the rows are written with.
/// @param options   that `made` was made of; `out` borrows from both.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_made_compare(struct sil_sample_report *out,
                                         const struct sil_made *made,
                                         const struct sil_codes *codes,
                                         struct sil_words words,
                                         const struct sil_sample_options *options,
                                         struct sil_error *err);

/// Do shares add up to 0 and name every value of their column, so that missing values, or those
/// of `other`, are all that its rows can have? @param s   of made->shares.
bool sil_shares_leave_none(const struct sil_made *made, size_t s);

/// "sex=F: asked 0.5, reached 0.431 (431 of 1000 rows)".
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_missed_say(struct sil_bytes *out,
                                       const struct sil_share_missed *missed,
                                       uint64_t n_rows, struct sil_error *err);

#endif
