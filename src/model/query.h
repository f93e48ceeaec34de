// SPDX-License-Identifier: Apache-2.0
/// Marginals of a calibrated oracle over any sets of attributes.
///
/// A marginal that no tree node holds is gathered along the tree: at a hub, the belief of
/// a node is multiplied by tables P(attributes behind a separator | separator), each of
/// which is gathered the same way behind it. Many marginals want the same tables and the
/// same slices of the same nodes: each is computed once (model/query_plan.h).
#ifndef SIL_MODEL_QUERY_H
#define SIL_MODEL_QUERY_H

#include "model/oracle.h"

/// The marginal of `keep` (by rank; attributes of node j) into out, summing to the total.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_query_node(double *out, const struct sil_oracle *oracle,
                                       uint32_t j, const struct sil_clique *keep,
                                       unsigned n_threads, struct sil_error *err);

/// The marginals of `n` cliques (the caller's numbering and cell order) into out[0 .. n-1].
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_query(double *const *out, const struct sil_oracle *oracle,
                                  const struct sil_clique *cliques, size_t n,
                                  unsigned n_threads, struct sil_error *err);

#endif
