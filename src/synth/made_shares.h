// SPDX-License-Identifier: Apache-2.0
/// The probability of boxes, and the weights that give columns the shares asked for and make
/// an outcome independent of a group.
#ifndef SIL_SYNTH_MADE_SHARES_H
#define SIL_SYNTH_MADE_SHARES_H

#include "model/tilt.h"
#include "synth/made.h"

struct sil_weigher {
    struct sil_made *made;
    struct sil_tilt *tilt;
    uint32_t **group_of; ///< of each shares and class: its group; n is the rest
    double **fine;       ///< of each column, in the box at hand
    double **coarse;
    double *log_mass; ///< of each box
    double *marginal; ///< of the column at hand, on the tree's values
    double *mass;     ///< of each box and class of the column at hand
    double *total;    ///< of each class, all boxes
    size_t sweep;     ///< through all shares: what is empty in the first was so before
    size_t sweeps;    ///< at most
    struct sil_sample_fault *fault;
    const struct sil_sample_options *options;
    struct sil_error *err;
};

/// Fill `tilt`, `part`, `probability` and `fair_log` of `made`, of which all else is in place,
/// if that and drawing the rows is no more work than an order may ask for.
/// Errors   as sil_made_new.
SIL_MUST_USE sil_status sil_made_weigh(struct sil_made *made,
                                       const struct sil_sample_options *options,
                                       struct sil_sample_fault *fault,
                                       struct sil_error *err);

/// Calibrate the tilted model for a box; as sil_tilt_set.
double sil_weigh_box(struct sil_weigher *w, size_t box);

/// Read options->fair: OUTCOME|GROUP or OUTCOME|GROUP:ADMISSIBLE,...
/// Errors   SIL_ERR_USAGE with the place.
SIL_MUST_USE sil_status sil_fair_parse(struct sil_fair *out, const char *text,
                                       const struct sil_model *model, size_t *column,
                                       struct sil_error *err);

/// Make the outcome independent of the group given the rest, with the weights so far.
/// @param[in,out] gap   raised to how far it was from that.
/// Errors   SIL_ERR_INPUT: it cannot be. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_fair_fit(struct sil_weigher *w, double *gap);

/// The marginal of the columns of `fair`, over all boxes, into out[cells], summing to 1.
SIL_MUST_USE sil_status sil_fair_marginal(double *out, struct sil_weigher *w);

#endif
