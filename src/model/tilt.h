// SPDX-License-Identifier: Apache-2.0
/// A model with a weight on every value of some attributes: p'(x) proportional to p(x) times
/// the weights of x. Weights of 0 and 1 condition on evidence; positive ones shift what an
/// attribute's values share, and leave the rest given the attribute as it is.
///
/// Exact: the weights are factors of single attributes, which every junction tree of the
/// model has room for. One calibration for each set of weights.
#ifndef SIL_MODEL_TILT_H
#define SIL_MODEL_TILT_H

#include "model/graphical_model.h"

struct sil_tilt;

/// A tilt of `n` distinct attributes of a model, by number; weights are all 1 at first. The
/// model is copied. Freed with sil_tilt_free.
/// @param joint   attributes of two values or more that have weights together as well, for
///                which the tree is made anew; NULL: none.
/// Errors   SIL_ERR_USAGE: with `joint` the tree would need a node of more than
///          SIL_CLIQUE_MAX attributes, or more than SIL_TILT_CELLS_MAX cells.
///          SIL_ERR_INTERNAL (memory).
#define SIL_TILT_CELLS_MAX (UINT64_C(1) << 24)
SIL_MUST_USE sil_status sil_tilt_new(struct sil_tilt **out,
                                     const struct sil_graphical_model *model,
                                     const uint32_t *attrs, size_t n,
                                     const struct sil_clique *joint, unsigned n_threads,
                                     struct sil_error *err);
void sil_tilt_free(struct sil_tilt *tilt);

/// Set the weights, weight[i][code] >= 0 and finite for attribute attrs[i], and `joint`, the
/// logarithms of those of the joint cells (finite; NULL: all 0), and calibrate.
/// Gives the logarithm of the expected weight of a row of the model, which under evidence is
/// the logarithm of its probability; minus infinity when that is 0, or so small that it
/// cannot be told from 0, and the tilted model is then not to be used.
double sil_tilt_set(struct sil_tilt *tilt, const double *const *weight,
                    const double *joint);

/// The tilted model, scaled to the total of the model: for marginals and for drawing rows.
/// Its potentials are those of the model that it was made from. Valid while the tilt lives.
const struct sil_graphical_model *sil_tilt_model(const struct sil_tilt *tilt);

/// Parts in a mixture, from logarithms of masses, of which one is finite at least: part[i] is
/// proportional to e^log_mass[i], and their sum is 1. Gives the sum of the masses.
double sil_tilt_mix(double *part, const double *log_mass, size_t n);

#endif
