// SPDX-License-Identifier: Apache-2.0
/// What the model is fitted to: the measurements, with those of single columns cleaned.
///
/// Noisy counts of a column know more than their values: they are counts, so not negative,
/// and they add up to the rows. Cleaning uses that before the fit does, because the fit
/// starts from the columns and stays near them where nothing else is known.
#ifndef SIL_SYNTH_EVIDENCE_H
#define SIL_SYNTH_EVIDENCE_H

#include "synth/kept.h"
#include "synth/measurements.h"

/// Evidence for a fit at `total` rows, a function of the list in its order; freed with
/// sil_measurements_clear. Measurements of two columns and more pass as they are; those of
/// one column are combined by inverse variance, and with what was kept of it, and cleaned:
/// by the mean over all ways to cut ordered cells into runs (model/columns.h). Before replay 3,
/// where `known` is NULL, by the best way to cut all of them, and the nearest vector without
/// negative cells whose sum is the total. Variances are enlarged by one factor, which sets
/// how much evidence it takes to leave independence.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_evidence_collect(struct sil_measurements *out,
                                             const struct sil_measurements *list,
                                             const struct sil_known *known,
                                             const struct sil_domain *domain,
                                             double total, struct sil_error *err);

/// Replace runs of neighbouring values by their means: the runs that minimise the squared
/// distance over `variance` plus a fixed cost a run. Long vectors stay as they are.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_pool_neighbours(double *y, size_t n, double variance,
                                            struct sil_error *err);

#endif
