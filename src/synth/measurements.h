// SPDX-License-Identifier: Apache-2.0
/// From releases to what the model is fitted to: post-processing.
#ifndef SIL_SYNTH_MEASUREMENTS_H
#define SIL_SYNTH_MEASUREMENTS_H

#include "model/graphical_model.h"
#include "privacy/gate.h"

/// Measurements with their values. `{0}` is an empty list.
struct sil_measurements {
    struct sil_measurement *item;
    double **owned; ///< the values that the items point to, in order of measurement
    size_t n;
    size_t capacity;
    size_t owned_capacity;
};

/// Append a release of kind SIL_RELEASE_MEASURE. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_measurements_add(struct sil_measurements *list,
                                             const struct sil_release *release,
                                             struct sil_error *err);

void sil_measurements_clear(struct sil_measurements *list);

/// Order by clique, then by order of measurement: what a cold fit is a function of.
SIL_MUST_USE sil_status sil_measurements_sort(struct sil_measurements *list,
                                              struct sil_error *err);

/// The inverse-variance estimate of the number of rows; it may be negative. Every
/// measurement tells the total: the sum of its cells, with the variance of one cell times
/// their number. 0 when nothing was measured. Depends on the order of the list in its last
/// bits: the estimate that is published is that of the sorted list.
double sil_measurements_rows(const struct sil_measurements *list,
                             const struct sil_domain *domain);

/// The total that a model is fitted at: the estimate, at least 1.
double sil_measurements_total(const struct sil_measurements *list,
                              const struct sil_domain *domain);

struct sil_known;

/// The published model: a cold fit of all measurements in canonical order, and of what is
/// known besides (synth/kept.h; NULL: before replay 3). A function of the domain and these
/// alone; it belongs to the replay number of each mechanism that it publishes for.
SIL_MUST_USE sil_status sil_publish(struct sil_graphical_model **out,
                                    const struct sil_domain *domain,
                                    struct sil_measurements *list,
                                    const struct sil_known *known, unsigned n_threads,
                                    struct sil_error *err);

#endif
