// SPDX-License-Identifier: Apache-2.0
/// The order in which this layer numbers attributes: by size, smallest first.
///
/// Inside, an attribute goes by its rank, so that in every table the largest attribute
/// runs fastest and the vector loops are long; ascending order then means the same for all
/// tables. Caller's tables are turned at the border.
#ifndef SIL_MODEL_AXES_H
#define SIL_MODEL_AXES_H

#include "base/clique.h"

#include "silhouette/status.h"

struct sil_axes {
    struct sil_domain outer; ///< the caller's: attributes by number; with its zeros
    struct sil_domain inner; ///< attributes by rank
    uint32_t *rank_of;       ///< of each attribute
    uint32_t *attr_of;       ///< of each rank
    uint32_t *sizes;         ///< all attributes' sizes by number, then by rank; owned
};

/// Copies the sizes. Freed with sil_axes_clear.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_axes_init(struct sil_axes *axes,
                                      const struct sil_domain *domain,
                                      struct sil_error *err);
void sil_axes_clear(struct sil_axes *axes);

/// The same attributes by rank, and back.
struct sil_clique sil_axes_inward(const struct sil_axes *axes,
                                  const struct sil_clique *outer);
struct sil_clique sil_axes_outward(const struct sil_axes *axes,
                                   const struct sil_clique *inner);

/// Turn the caller's table over `outer` into ours, and ours into the caller's.
void sil_axes_turn_in(double *ours, const struct sil_axes *axes,
                      const struct sil_clique *outer, const double *theirs);
void sil_axes_turn_out(double *theirs, const struct sil_axes *axes,
                       const struct sil_clique *outer, const double *ours);

#endif
