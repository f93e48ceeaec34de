// SPDX-License-Identifier: Apache-2.0
/// The mechanisms: what to measure, and with how much of the budget.
///
/// A mechanism sees private counts only through the source of its run, which in a fit is the
/// gate; every decision it takes is a function of the terms and of what was released before.
#ifndef SIL_SYNTH_MECHANISM_H
#define SIL_SYNTH_MECHANISM_H

#include "synth/run.h"
#include "synth/terms.h"

/// Run the mechanism that the terms name, until the budget is spent or nothing is left
/// that is worth its noise; what it measured is in the gate's log.
/// Errors   SIL_ERR_BUDGET: the gate refused. SIL_ERR_CHECK: a run that is told again differs.
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mechanism_run(struct sil_run *run, struct sil_error *err);

/// What the terms leave it after discovery (`rest`) is the cap that a mechanism cuts.

/// Every column on its own: the whole remaining budget, more to columns of more cells.
SIL_MUST_USE sil_status sil_independent(struct sil_run *run, struct sil_error *err);

/// A spanning forest of pairs. Source  McKenna, Miklau, Sheldon 2021, "Winning the NIST
/// Contest: A scalable and general approach to differentially private synthetic data".
SIL_MUST_USE sil_status sil_mst(struct sil_run *run, struct sil_error *err);

/// Adaptive and iterative. Source  McKenna, Mullins, Sheldon, Miklau 2022, "AIM: An
/// Adaptive and Iterative Mechanism for Differentially Private Synthetic Data".
SIL_MUST_USE sil_status sil_aim(struct sil_run *run, struct sil_error *err);

/// Coarse to fine, then past the tree: synth/mosaic.h, docs/mosaic.md.
SIL_MUST_USE sil_status sil_mosaic(struct sil_run *run, struct sil_error *err);

/// The least that any measurement or round of the mechanism will be charged, whatever is
/// released; when the gate accepts this, it accepts every step.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_least_cost(struct sil_rho *out,
                                       const struct sil_terms *terms,
                                       const struct sil_domain *domain,
                                       struct sil_error *err);

/// The cost of a round of AIM at the start, and of measuring one column.
void sil_aim_round_cost(struct sil_rho *out, const struct sil_rho *cap,
                        uint32_t n_attrs);
void sil_aim_column_cost(struct sil_rho *out, const struct sil_rho *cap,
                         uint32_t n_attrs);
void sil_mst_column_cost(struct sil_rho *out, const struct sil_rho *cap,
                         uint32_t n_attrs);

/// What the selection of a pair may cost in MST, and the least that measuring it costs: a
/// tree of the columns of two cells and more takes this for each of its edges.
void sil_mst_pair_cost(struct sil_rho *out, const struct sil_rho *cap,
                       const struct sil_domain *domain);

/// A bound from below for what Mosaic spends on a column at a time, whatever sizes between
/// `least` and `most` the columns have, and weights from 1 to `most_weight`.
void sil_mosaic_least_column(struct sil_rho *out, const struct sil_terms *terms,
                             const struct sil_domain *least,
                             const struct sil_domain *most, uint32_t most_weight);

/// The cheapest column or round of a run of Mosaic, whatever its rows. `terms` have their
/// candidates. Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_least_cost(struct sil_rho *out,
                                              const struct sil_terms *terms,
                                              const struct sil_domain *domain,
                                              struct sil_error *err);

/// The costs of all columns at first in Mosaic, and of a round at the start of phase 2 and in
/// phase 3 (0: there is none) where columns tell of so many rows; 0 rows: of more than are few.
/// `terms` have their candidates and their epsilon; `cost` has an initialised element for each
/// attribute.
void sil_mosaic_column_costs(struct sil_rho *cost, const struct sil_terms *terms,
                             const struct sil_rho *cap,
                             const struct sil_domain *domain);
void sil_mosaic_round_costs(struct sil_rho *first, struct sil_rho *late,
                            const struct sil_terms *terms, uint32_t n_attrs,
                            double rows);

/// The costs of all columns when the independent mechanism has `budget` to spend; their
/// sum is at most that. `cost` has an initialised element for each attribute.
void sil_independent_costs(struct sil_rho *cost, const struct sil_rho *budget,
                           const struct sil_domain *domain);

/// An array of initialised costs, freed with sil_costs_free (NULL is allowed).
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_costs_new(struct sil_rho **out, uint32_t n,
                                      struct sil_error *err);
void sil_costs_free(struct sil_rho *cost, uint32_t n);

/// What the first measurement of each column costs under a cap, for a plan.
void sil_first_costs(struct sil_rho *cost, const struct sil_terms *terms,
                     const struct sil_rho *cap, const struct sil_domain *domain);

#endif
