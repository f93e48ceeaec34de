// SPDX-License-Identifier: Apache-2.0
/// What the measurements of a transcript say of one marginal of one column or two.
#ifndef SIL_RELEASE_ERROR_MEASURED_H
#define SIL_RELEASE_ERROR_MEASURED_H

#include "base/grouping.h"
#include "synth/model_object.h"

/// Which lines measure each column.
struct sil_error_lines {
    const struct sil_transcript *transcript; ///< borrowed
    size_t *first; ///< of each column, in `line`; one more at the end
    size_t *line;  ///< numbers of lines, ascending within a column
    /// The number of rows as the first lines tell it, each the measurement of one column:
    /// the truth plus Gaussian noise of this variance, which does not depend on the data.
    double total;
    double total_variance; ///< 0: there is no such line
    double total_rounding; ///< the most by which the gate's grid moves it
};

/// Errors   SIL_ERR_INTERNAL (memory); cleared all the same.
SIL_MUST_USE sil_status sil_error_lines_init(struct sil_error_lines *out,
                                             const struct sil_model *model,
                                             struct sil_error *err);
void sil_error_lines_clear(struct sil_error_lines *lines);

/// A marginal at the finest groups at which it was measured.
struct sil_error_support {
    bool is_measured;
    bool is_grouped; ///< in groups of values only
    size_t best;     ///< line: of the finest groups the one with the least noise
    struct sil_grouping of[2]; ///< into the table's cells; borrowed from the transcript
    size_t n_cells;
};

void sil_error_support_find(struct sil_error_support *out,
                            const struct sil_error_lines *lines,
                            const struct sil_domain *domain,
                            const struct sil_clique *clique);

/// One measurement that contains the marginal, added up to its cells.
struct sil_error_reading {
    size_t line;
    double *y;       ///< room for n_cells; in counts
    double variance; ///< of each
    double cells;    ///< of the measurement that each of them is the sum of
    double rounding; ///< the most by which rounding on the gate's grid moves them all
};

/// Call `each` with every measurement that tells this table, in the order of the lines;
/// its `y` is lost afterwards.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_error_read(const struct sil_error_lines *lines,
                                       const struct sil_error_support *support,
                                       const struct sil_clique *clique,
                                       void (*each)(void *context,
                                                    const struct sil_error_reading *),
                                       void *context, struct sil_error *err);

#endif
