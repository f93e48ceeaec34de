// SPDX-License-Identifier: Apache-2.0
/// Discovery: the values of open fields that the schema does not list, found before all
/// else of a run with a part of its budget.
///
/// A tenth of the cap, shared evenly by the open fields, pays for the noise; the delta of
/// discovery, shared evenly as well, for the values that might be one person's. What was
/// found completes the schema's domain; the noisy counts stand in the transcript, and tell
/// of the column by a truncated law (synth/kept.h). Each field is measured anew, `other`
/// included. Proof: docs/privacy.md, theorems 4b and 6d.
#ifndef SIL_SYNTH_DISCOVERY_H
#define SIL_SYNTH_DISCOVERY_H

#include "codec/msgpack.h"
#include "privacy/gate.h"
#include "synth/terms.h"
#include "table/table.h"

/// What each discovery of a run costs, and by which threshold; all of it follows from the
/// terms.
struct sil_discovery_plan {
    struct sil_rho cost;
    struct sil_sigma2 sigma2;
    struct sil_delta delta;
    unsigned shift;
    int64_t threshold; ///< a numerator over 2^shift
};

void sil_discovery_plan_init(struct sil_discovery_plan *plan);
void sil_discovery_plan_clear(struct sil_discovery_plan *plan);

/// Pre  the terms have open fields, their cap and the delta of discovery.
/// Errors   SIL_ERR_BUDGET: the noise would be too large. SIL_ERR_USAGE: no threshold.
SIL_MUST_USE sil_status sil_discovery_plan_find(struct sil_discovery_plan *out,
                                                const struct sil_terms *terms,
                                                struct sil_error *err);

/// The threshold of a discovery, in counts, into an initialised `out`.
void sil_threshold_value(mpq_t out, const struct sil_discovery *discovery);

/// Discover the values of every open field of `schema`, in its order, settle the schema and
/// then the table; learn the bins that are to be learnt (synth/discovery_bins.h); and find
/// the candidates of the terms anew.
/// Errors   as sil_gate_discover; SIL_ERR_INPUT: with the values found there are too many
///          cells; SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_discover(struct sil_gate *gate, struct sil_table *table,
                                     struct sil_schema *schema, struct sil_terms *terms,
                                     unsigned n_threads, struct sil_error *err);

/// A discovery held outside the gate. An empty one is cleared as well.
void sil_discovery_init(struct sil_discovery *discovery);
void sil_discovery_clear(struct sil_discovery *discovery);

/// Copy into an initialised one. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_discovery_copy(struct sil_discovery *to,
                                           const struct sil_discovery *from,
                                           struct sil_error *err);

/// A line of a transcript: ["gaussian-threshold", [column], D^2, sigma^2, rho, delta,
/// threshold, shift, values, noisy].
SIL_MUST_USE sil_status sil_put_discovery(struct sil_bytes *out,
                                          const struct sil_discovery *discovery,
                                          struct sil_error *err);

/// The next line, which must be of field `attr` and cost what the terms say; whether its
/// values can have been found is for sil_schema_settle to say.
/// Errors   SIL_ERR_INPUT, SIL_ERR_UNSUPPORTED, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_next_discovery(struct sil_discovery *out,
                                           struct sil_mp_array *array, uint32_t attr,
                                           const struct sil_terms *terms,
                                           struct sil_error *err);

#endif
