// SPDX-License-Identifier: Apache-2.0
/// Shared by the two ways to make a workload.
#ifndef SIL_SYNTH_WORKLOAD_INTERNAL_H
#define SIL_SYNTH_WORKLOAD_INTERNAL_H

#include "synth/workload.h"

#define SIL_WEIGHT_MAX        (1U << 20)
#define SIL_WORKLOAD_FILE_MAX ((size_t)1 << 24)

/// Marginals of a file: people write it, and repeats are found by comparing all pairs.
enum { SIL_WORKLOAD_FILE_MARGINALS = 10000 };

/// Sort the marginals, build the closure and its weights; checks the number of cells
/// before it does. Pre  the marginals have 1 to 8 attributes, each of two cells or more.
SIL_MUST_USE sil_status sil_workload_close(struct sil_workload *workload,
                                           const struct sil_domain *domain,
                                           struct sil_error *err);

#endif
