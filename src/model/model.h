// SPDX-License-Identifier: Apache-2.0
/// The inside of a graphical model.
#ifndef SIL_MODEL_MODEL_H
#define SIL_MODEL_MODEL_H

#include "model/graphical_model.h"
#include "model/oracle.h"

/// The potentials of a model with the oracle that is calibrated for them.
struct sil_state {
    size_t n;                   ///< potentials
    struct sil_clique *cliques; ///< the caller's numbering, canonical order, not empty
    double *theta;              ///< in the layout of the oracle
    double *values;             ///< the same, the caller's cell order, back to back
    struct sil_oracle oracle;
};

struct sil_graphical_model {
    struct sil_axes axes;
    double total;
    struct sil_state state;
};

/// A state over `cliques` (distinct, sorted, not empty) with potentials 0, not calibrated.
/// Errors   SIL_ERR_INTERNAL (memory); SIL_ERR_USAGE: a tree node of too many attributes.
SIL_MUST_USE sil_status sil_state_init(struct sil_state *state,
                                       const struct sil_axes *axes,
                                       const struct sil_clique *cliques, size_t n,
                                       unsigned n_threads, struct sil_error *err);
void sil_state_clear(struct sil_state *state);

/// Write `values` from `theta`.
void sil_state_export(struct sil_state *state);

/// `n_threads` with 0 resolved: what OpenMP would use.
unsigned sil_threads(unsigned n_threads);

#endif
