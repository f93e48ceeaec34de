// SPDX-License-Identifier: Apache-2.0
/// A run of Mosaic told again from what it released: every choice of the run that is not
/// the gate's, found anew from the transcript beside a table without a single row.
#ifndef TESTS_UNIT_SYNTH_MOSAIC_KIT_H
#define TESTS_UNIT_SYNTH_MOSAIC_KIT_H

#include "synth/model_object.h"
#include "synth/mosaic_candidates.h"
#include "synth/run.h"

/// What is known between two rounds.
struct retold {
    const struct sil_model *model; ///< whose transcript it is; borrowed
    struct sil_run run;            ///< over an empty table
    struct sil_mosaic *mosaic;
    struct sil_mosaic_candidates list;
    size_t next;          ///< line
    struct sil_rho spent; ///< of the lines before that one
    struct sil_rho late;  ///< of the budget, for phase 3
    struct sil_rho cost;  ///< of the next round
    bool is_last;         ///< of phase 2: the next round
    bool is_late;         ///< phase 3
};

/// The columns have been measured. `out` is cleared by retold_clear.
void retold_begin(struct retold *out, const struct sil_model *model);
void retold_clear(struct retold *retold);

/// Find the cost of the next round, which candidates it may choose from, and what their
/// scores are made of. False: there is none.
bool retold_next(struct retold *retold);

/// The lines of that round.
const struct sil_release *retold_choice(const struct retold *retold);
const struct sil_release *retold_measured(const struct retold *retold);

/// The place in the list of the candidate that was chosen.
size_t retold_chosen(const struct retold *retold);

/// Learn what the round measured.
void retold_learn(struct retold *retold);

/// Half of the noise expected on a cell of the round's measurement, and what the local
/// tables expect in a candidate's cells: in units of 2^-10 counts, found without the
/// functions of src/synth/mosaic_candidates.c. The array is freed by the caller.
int64_t retold_unit(const struct retold *retold);
int64_t *retold_expected(const struct retold *retold,
                         const struct sil_mosaic_candidate *candidate);

/// The groupings of a candidate's levels.
void retold_groupings(struct sil_grouping of[SIL_MOSAIC_ATTRS],
                      const struct retold *retold,
                      const struct sil_mosaic_candidate *candidate);

/// Columns at the costs computed before the run; then pairs of a choice and its measurement,
/// of which the last cost, together and to the last digit, what phase 3 is due.
void mosaic_expect_phases(const struct sil_model *model);
void mosaic_expect_order(const struct sil_model *model);

#endif
