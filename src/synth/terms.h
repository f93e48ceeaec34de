// SPDX-License-Identifier: Apache-2.0
/// The terms of a run: everything that is fixed before a private value is read.
///
/// Terms are public. They follow from the options and the schema alone, but for a salt that
/// is drawn, and the transcript repeats them.
#ifndef SIL_SYNTH_TERMS_H
#define SIL_SYNTH_TERMS_H

#include "ledger/body.h"
#include "privacy/privacy_unit.h"
#include "privacy/units.h"
#include "synth/learning.h"
#include "synth/workload.h"

#include "silhouette/model.h"

/// Written in place of the path of a workload file: paths stay with the operator.
#define SIL_WORKLOAD_IS_FILE "file"

/// What a refusal for want of delta for discovery tells to type: the sentence is whole.
#define SIL_NEW_LEDGER "silhouette ledger quickstart NEW"

struct sil_terms {
    enum sil_mechanism mechanism;
    uint32_t replay; ///< number of the mechanism's recipe
    struct sil_privacy_unit unit;
    bool drops_missing_ids; ///< rows without an id are none; else each its own person
    struct sil_id people_salt; ///< random, for the choice of a person's rows; zeros
                               ///< where the unit is a row
    enum sil_neighbours neighbours;
    char workload_name[8]; ///< "1" to "8", or SIL_WORKLOAD_IS_FILE
    struct sil_workload workload;
    uint64_t max_cells;
    uint64_t max_model_mb;
    struct sil_epsilon epsilon; ///< asked for
    struct sil_delta delta;     ///< asked for, in total
    uint32_t n_open;            ///< fields whose values are to be discovered
    struct sil_delta discovery; ///< the part of delta that is for them; 0: none
    struct sil_rho cap;         ///< the most that may be spent
    uint32_t n_learnt[SIL_TREE_LEVELS_MAX + 1]; ///< fields whose bins are to be learnt,
                                                ///< by the levels of their trees
    uint64_t most_cells; ///< where there are such: of candidates and columns, with as
                         ///< many bins as can be learnt; else 0
    struct sil_rho rest; ///< of the cap, what discovery leaves the mechanism
    struct sil_epsilon
        certified; ///< cap-zCDP implies (certified, delta - discovery)-DP
};

/// Empty terms, to be cleared; rationals are 0.
void sil_terms_init(struct sil_terms *terms);
void sil_terms_clear(struct sil_terms *terms);

/// Everything that can be refused without looking at data is refused here: ranges of the
/// options, the workload, sizes, a budget too small for the first measurements.
/// Errors   SIL_ERR_USAGE, SIL_ERR_INPUT (a decimal, the workload file), SIL_ERR_IO,
///          SIL_ERR_BUDGET, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_terms_of_options(struct sil_terms *terms,
                                             const struct sil_schema *schema,
                                             const struct sil_fit_options *options,
                                             struct sil_error *err);

/// Terms that were read and not made here: could sil_terms_of_options have given them, as
/// far as their ranges tell?
/// Errors   SIL_ERR_INPUT.
SIL_MUST_USE sil_status sil_terms_check(const struct sil_terms *terms,
                                        struct sil_error *err);

/// Terms that were read have no candidates: find them, as sil_terms_of_options did.
/// Errors   SIL_ERR_INPUT: the workload cannot be. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_terms_find_candidates(struct sil_terms *terms,
                                                  const struct sil_domain *domain,
                                                  struct sil_error *err);

/// D^2 of a marginal, and D1, for the terms' unit and neighbours: privacy/cost.h.
uint64_t sil_terms_sensitivity_squared(const struct sil_terms *terms);
uint64_t sil_terms_sensitivity(const struct sil_terms *terms);

/// The delta at which the cap is converted: delta without the part for discovery.
void sil_terms_zcdp_delta(struct sil_delta *out, const struct sil_terms *terms);

/// Note which fields are open, and of which the bins are to be learnt.
void sil_terms_note_fields(struct sil_terms *terms, const struct sil_schema *schema);

/// Is anything to be found out before the marginals can be counted?
bool sil_terms_discover(const struct sil_terms *terms);

/// What of a cap each discovery costs, and what they and the learning of bins leave; both
/// initialised.
void sil_terms_split_cap(struct sil_rho *each, struct sil_rho *rest,
                         const struct sil_terms *terms, const struct sil_rho *cap);

/// Do the columns fit into the model, and the budget to the mechanism's least measurement?
/// Errors   SIL_ERR_USAGE, SIL_ERR_BUDGET, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_terms_check_domain(const struct sil_terms *terms,
                                               const struct sil_domain *domain,
                                               struct sil_error *err);

/// Does the model hold the columns? Errors  SIL_ERR_USAGE.
SIL_MUST_USE sil_status sil_terms_check_columns(const struct sil_terms *terms,
                                                const struct sil_domain *domain,
                                                struct sil_error *err);

/// The neighbours that options mean: those of the ledger, when there is one; those said; or
/// add-remove.
enum sil_neighbours sil_neighbours_meant(const struct sil_fit_options *options);

/// The certified epsilon of (cap, delta): an upper bound, on a grid of 2^-60, and not
/// above `asked` when that is a bound too (NULL: nothing was asked for).
SIL_MUST_USE sil_status sil_certify(struct sil_epsilon *out, const struct sil_rho *cap,
                                    const struct sil_delta *delta,
                                    const struct sil_epsilon *asked,
                                    struct sil_error *err);

/// "aim", "mst", "independent", "mosaic", and back; 0 when there is no such mechanism.
const char *sil_mechanism_name(enum sil_mechanism mechanism);
enum sil_mechanism sil_mechanism_named(const char *name, size_t length);

/// The newest replay number of a mechanism: the recipe from what was released to the next
/// decision, to model and rows, by which this version works. It reads those from 1 to it. A
/// change of any constant of that way needs a new number.
uint32_t sil_mechanism_replay(enum sil_mechanism mechanism);

/// "add-remove", "replace-one".
const char *sil_neighbours_name(enum sil_neighbours neighbours);

/// Cells of all columns on their own, and the cells that max_model_mb stands for.
uint64_t sil_column_cells(const struct sil_domain *domain);
uint64_t sil_model_cells_max(const struct sil_terms *terms);

#endif
