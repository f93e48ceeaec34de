// SPDX-License-Identifier: Apache-2.0
/// The memory of a quasi-Newton method: the last steps, and how each changed the gradient.
///
/// Source   Nocedal 1980, "Updating quasi-Newton matrices with limited storage".
#ifndef SIL_MODEL_NEWTON_H
#define SIL_MODEL_NEWTON_H

#include "silhouette/status.h"

#include <stddef.h>

#define SIL_PAIRS_MAX 12

struct sil_pair {
    double *step;
    double *change; ///< of the gradient
    double inner;   ///< their product
};

struct sil_newton {
    size_t length; ///< of all vectors
    unsigned capacity;
    unsigned n_pairs;
    struct sil_pair pairs[SIL_PAIRS_MAX]; ///< the newest last, then the one being made
    double *scratch;
    double *vectors; ///< owned
};

/// Keep up to `capacity` pairs, at most SIL_PAIRS_MAX. Freed with sil_newton_clear.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_newton_init(struct sil_newton *newton, size_t length,
                                        unsigned capacity, struct sil_error *err);
void sil_newton_clear(struct sil_newton *newton);

/// Forget all pairs.
void sil_newton_forget(struct sil_newton *newton);

/// direction = - H gradient, H the inverse Hessian that the pairs tell of; where they tell
/// nothing, the diagonal `metric`, stretched as the newest pair asks.
void sil_newton_direct(double *direction, const struct sil_newton *newton,
                       const double *gradient, const double *metric);

/// A step in two halves: say where it starts, and then where it ended. The oldest pair
/// leaves when there is no room; the new one is kept unless it hardly curves.
void sil_newton_depart(struct sil_newton *newton, const double *point,
                       const double *gradient);
void sil_newton_arrive(struct sil_newton *newton, const double *point,
                       const double *gradient);

#endif
