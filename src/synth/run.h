// SPDX-License-Identifier: Apache-2.0
/// What the mechanisms share: a source, the counts behind it, the measurements made, and
/// the model that follows from them.
#ifndef SIL_SYNTH_RUN_H
#define SIL_SYNTH_RUN_H

#include "model/graphical_model.h"
#include "synth/explanation.h"
#include "synth/kept.h"
#include "synth/measurements.h"
#include "synth/mosaic.h"
#include "synth/source.h"
#include "synth/terms.h"
#include "synth/zeros.h"
#include "table/table.h"

struct sil_run {
    const struct sil_terms *terms;
    const struct sil_schema *schema;
    struct sil_rule_zeros *zeros;        ///< of the schema's rules; NULL: it has none
    struct sil_domain domain;            ///< with them
    struct sil_source source;            ///< of what is released
    struct sil_explanation *explanation; ///< is told of decisions; NULL: nobody asks
    const struct sil_progress *progress;
    unsigned n_threads;

    /// Tables that may be measured: column a on its own at index a, then the candidates of
    /// two columns and more in their order.
    struct sil_clique *clique;
    struct sil_counts **counts;
    size_t n_tables;

    struct sil_measurements measurements;
    const struct sil_kept_list *kept; ///< NULL: nothing
    struct sil_graphical_model *gm; ///< fits `measurements`; NULL before the first fit

    /// Under mosaic, after the last round, what is published; whoever takes it leaves NULL.
    struct sil_mosaic *mosaic;
};

/// Count every table that the terms' candidates need, in one pass. The schema is borrowed,
/// the table no longer needed; before anything is measured the caller sets the source.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_run_open(struct sil_run *out, const struct sil_terms *terms,
                                     const struct sil_table *table,
                                     const struct sil_schema *schema,
                                     unsigned n_threads,
                                     const struct sil_progress *progress,
                                     struct sil_error *err);

/// The same with tables that nobody is in, for a run that is told again. They tell their
/// marginals, groups and numbers of cells, all of it public.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_run_open_empty(struct sil_run *out,
                                           const struct sil_terms *terms,
                                           const struct sil_schema *schema,
                                           unsigned n_threads, struct sil_error *err);

void sil_run_close(struct sil_run *run);

/// The table of candidate `i` of the workload.
size_t sil_run_table(const struct sil_run *run, size_t i);

/// Measure a table by the source, at a cost or at a variance.
SIL_MUST_USE sil_status sil_run_measure(struct sil_run *run, size_t table,
                                        const struct sil_sigma2 *sigma2,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_run_measure_at_cost(struct sil_run *run, size_t table,
                                                const struct sil_rho *cost,
                                                struct sil_error *err);

/// Fit the model to all measurements, starting from the model as it is.
SIL_MUST_USE sil_status sil_run_fit(struct sil_run *run, struct sil_error *err);

/// Model marginals of several tables, frozen to integers for the gate: in units of
/// 2^-SIL_SCORE_BITS counts, from 0 to 2^45, one array a table within one block.
struct sil_frozen {
    void *block;
    int64_t **table; ///< n pointers into the block
    size_t n;
};

SIL_MUST_USE sil_status sil_run_freeze(struct sil_frozen *out,
                                       const struct sil_run *run, const size_t *tables,
                                       size_t n, struct sil_error *err);
void sil_frozen_clear(struct sil_frozen *frozen);

/// clamp(round(value 2^SIL_SCORE_BITS), 0, 2^45); not a number gives 0.
int64_t sil_freeze(double value);

/// The most cells that a table may have for its score to have a chance of being above 0
/// at this noise: the L1 distance of two tables of N rows is at most 2 N, and the expected
/// noise on the cells is taken off. 0 when fewer than one row is estimated.
uint64_t sil_run_worthwhile_cells(const struct sil_run *run,
                                  const struct sil_sigma2 *sigma2);

/// Report how much of the budget is spent.
void sil_run_report(const struct sil_run *run);

#endif
