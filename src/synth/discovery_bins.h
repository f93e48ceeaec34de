// SPDX-License-Identifier: Apache-2.0
/// The bins of numbers and dates that are to be learnt: paid for, measured, settled.
///
/// A twentieth of the cap, shared evenly by the fields and by the levels of a field's tree
/// (synth/learning.h), pays for the noise. Each level is a measurement through the gate. What
/// was measured decides the bins; in the estimation it is not used a second time, because
/// the bins were cut where its noise happened to be large or small.
#ifndef SIL_SYNTH_DISCOVERY_BINS_H
#define SIL_SYNTH_DISCOVERY_BINS_H

#include "codec/msgpack.h"
#include "privacy/gate.h"
#include "synth/terms.h"
#include "table/table.h"

/// How many fields have bins to be learnt, and how many levels their trees have together.
uint32_t sil_terms_n_learnt(const struct sil_terms *terms);
size_t sil_terms_n_levels(const struct sil_terms *terms);

/// What all levels cost of a cap; and one of a tree of `levels`. Both initialised.
void sil_learning_costs(mpq_t out, const struct sil_terms *terms,
                        const struct sil_rho *cap);
void sil_level_cost(struct sil_rho *out, const struct sil_terms *terms,
                    const struct sil_rho *cap, unsigned levels);

/// Can the noise of every level be had?
/// Errors   SIL_ERR_BUDGET: it would be too large.
SIL_MUST_USE sil_status sil_learning_check_noise(const struct sil_terms *terms,
                                                 struct sil_error *err);

/// Learn the bins of every field of `schema` that asks for it, in its order, and settle
/// schema and table. Pre  open fields are settled.
/// Errors   as sil_gate_measure; SIL_ERR_INPUT: too many cells; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_learn_bins(struct sil_gate *gate, struct sil_table *table,
                                       struct sil_schema *schema,
                                       const struct sil_terms *terms,
                                       unsigned n_threads, struct sil_error *err);

/// A line of a transcript: ["gaussian-tree", [column], D^2, sigma^2, rho, delta (0), shift,
/// noisy].
SIL_MUST_USE sil_status sil_put_level(struct sil_bytes *out,
                                      const struct sil_release *level,
                                      struct sil_error *err);

#endif
