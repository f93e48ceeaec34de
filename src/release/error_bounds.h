// SPDX-License-Identifier: Apache-2.0
/// How far the rows of a release may be from the true table, marginal by marginal, from the
/// transcript and the rows alone: no private row is read and no budget spent.
///
/// The error of a marginal is the total variation distance between the shares that its
/// cells have of the synthetic rows and of the true rows. Shares, because the number of
/// true rows is private under add-remove. What is proved, what is calibrated and on which
/// runs: docs/error-bounds.md.
///
/// Privacy  Post-processing: a function of the transcript and of rows that follow from it.
#ifndef SIL_RELEASE_ERROR_BOUNDS_H
#define SIL_RELEASE_ERROR_BOUNDS_H

#include "base/codes.h"
#include "privacy/units.h"

#include "silhouette/model.h"

/// Figures are in millionths: 1,000,000 is the whole of a distribution. All are rounded up.
#define SIL_ERROR_UNIT 1000000

/// Pairs of more cells are not looked at; nor more pairs than the least of the second
/// number and 10^9 over the number of rows (but at least 256): those that a measurement
/// contains first, then the others, each in canonical order.
#define SIL_ERROR_CELLS_MAX 10000
#define SIL_ERROR_PAIRS_MAX 4096

enum sil_bound_kind {
    SIL_BOUND_SUPPORTED = 1, ///< a measurement contains the marginal, value for value
    SIL_BOUND_GROUPED, ///< measurements contain it in groups of values only (mosaic):
                       ///< all figures are of the marginal of groups
    SIL_BOUND_THEOREM, ///< not measured: bounded by what AIM chose in its place
    SIL_BOUND_NONE     ///< nothing that was released bounds it: "no bound"
};

struct sil_error_bound {
    struct sil_clique clique; ///< of one column or two
    enum sil_bound_kind kind;

    /* Supported and grouped: the best measurement, that with the finest groups and, among
     * these, the least noise. */
    size_t line;       ///< of the transcript, from 0
    uint32_t value[2]; ///< groups of each column (supported: values); 0 without a line
    struct sil_sigma2 sigma2; ///< of a cell of this marginal, added up from that line,
                              ///< exactly; else 0
    uint32_t noise;           ///< the distance that its noise alone makes on average

    /// Holds with a probability of 95 %. Supported, grouped: calibrated, or the proved one
    /// where that is less. Theorem: the proved one. None: the unit.
    uint32_t bound;
    uint32_t
        proved; ///< holds with a probability of at least 95 % by proof; or the unit
};

/// The columns, then pairs, in canonical order.
struct sil_error_bounds {
    struct sil_error_bound *item;
    size_t n;
    uint64_t n_large;    ///< pairs that are not among them: too many cells
    uint64_t n_left_out; ///< pairs that are not among them: too many pairs
};

/// Find the bounds of `rows`, drawn from `model` in any number and with any seed. To the bit
/// the same on every machine and any number of threads.
/// @param[out] out   freed with sil_error_bounds_clear, also on error.
/// Errors   SIL_ERR_USAGE: no rows, or not of the model's domain. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_error_bounds_find(struct sil_error_bounds *out,
                                              const struct sil_model *model,
                                              const struct sil_codes *rows,
                                              struct sil_error *err);
void sil_error_bounds_clear(struct sil_error_bounds *bounds);

#endif
