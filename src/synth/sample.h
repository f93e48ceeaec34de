// SPDX-License-Identifier: Apache-2.0
/// Rows of a model: how many can be drawn at once, drawing them, writing them.
#ifndef SIL_SYNTH_SAMPLE_H
#define SIL_SYNTH_SAMPLE_H

#include "base/clique.h"
#include "base/codes.h"
#include "base/file.h"

#include "silhouette/model.h"
#include "silhouette/status.h"

/// Can a model of this mechanism draw so many rows of this domain at once, in the memory of
/// this machine, as far as their codes and what is drawn beside them tell? A machine that
/// lends what it does not have would only notice when it kills. Mosaic draws groups, opens
/// them and searches in a copy, of fewer than 2^31 rows.
/// Errors   SIL_ERR_USAGE: it cannot.
SIL_MUST_USE sil_status sil_rows_fit(const struct sil_domain *domain,
                                     enum sil_mechanism mechanism, uint64_t n_rows,
                                     struct sil_error *err);

/// Bytes that a row takes at most while rows are drawn.
size_t sil_row_bytes(const struct sil_domain *domain, enum sil_mechanism mechanism);

/// The same of rows made to order by conditions on and shares of so many columns; `row` is
/// what a row takes otherwise.
size_t sil_made_row_bytes(size_t row, size_t n_columns);

/// What rows made to order have beside their codes: the parts of bins that some of their
/// values lie in. NULL: rows of the model as it is.
struct sil_parts;
void sil_parts_free(struct sil_parts *parts);

/// The rows that these options stand for: a function of the model's transcript and, of the
/// options, number, seed and what is asked for alone.
/// @param[out] codes   initialised by this call; freed with sil_codes_clear.
/// @param[out] parts   freed with sil_parts_free; NULL: not wanted, the rows are not written.
/// Errors   as sil_model_sample.
SIL_MUST_USE sil_status sil_rows_draw(struct sil_codes *codes, struct sil_parts **parts,
                                      const struct sil_model *model,
                                      const struct sil_sample_options *options,
                                      struct sil_error *err);

/// Are they worth writing? Rows made to order of which not one keeps the schema's rules, or
/// has a value of a column whose shares were all 0, are not. Whoever verifies rows that are
/// out does not ask.
/// @param options   that they were drawn with.
/// Errors   SIL_ERR_INPUT with the rule that most of them break; SIL_ERR_USAGE with the place.
SIL_MUST_USE sil_status sil_rows_judge(const struct sil_parts *parts,
                                       const struct sil_sample_options *options,
                                       struct sil_error *err);

/// Write them as CSV; which number stands for a bin follows from the seed.
/// @param parts   that they were drawn with.
/// Errors   those of the output; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_rows_write(struct sil_output *output,
                                       const struct sil_codes *codes,
                                       const struct sil_parts *parts,
                                       const struct sil_model *model,
                                       const struct sil_sample_options *options,
                                       struct sil_error *err);

#endif
