// SPDX-License-Identifier: Apache-2.0
/// Marginals of a calibrated oracle over any set of attributes.
#ifndef SIL_MODEL_QUERY_H
#define SIL_MODEL_QUERY_H

#include "model/oracle.h"

/// The marginal of `keep` (by rank; attributes of node j) into out, summing to the total.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_query_node(double *out, const struct sil_oracle *oracle,
                                       uint32_t j, const struct sil_clique *keep,
                                       unsigned n_threads, struct sil_error *err);

/// The marginal of any clique (by rank) into out, in our cell order: variable elimination
/// along the part of the forest that spans it.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_query(double *out, const struct sil_oracle *oracle,
                                  const struct sil_clique *clique, unsigned n_threads,
                                  struct sil_error *err);

#endif
