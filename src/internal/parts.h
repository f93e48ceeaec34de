// SPDX-License-Identifier: Apache-2.0
/// The parts of a comparison, each filled by a file of its own once the rows are there.
#ifndef SIL_INTERNAL_PARTS_H
#define SIL_INTERNAL_PARTS_H

#include "internal/comparison.h"

/// All rows of the comparison against each other, without prefixes.
struct sil_versus sil_comparison_versus(const struct sil_comparison *comparison);

/// The ways, the columns, the score and the worst marginals.
/// Errors   SIL_ERR_INTERNAL (memory); so for all below.
SIL_MUST_USE sil_status sil_comparison_marginals(struct sil_comparison *comparison,
                                                 const struct sil_progress *progress,
                                                 struct sil_error *err);

/// The marginals that are furthest off, and in each the cells that are.
SIL_MUST_USE sil_status sil_off_list_find(struct sil_off_list *out,
                                          const struct sil_versus *versus,
                                          const struct sil_marginals *marginals,
                                          const struct sil_distances *distances,
                                          struct sil_error *err);

/// The percentages that parts are made of, and how many rows that is: into `score` and
/// into the prefixes of `versus`.
void sil_score_plan(struct sil_score *score, struct sil_versus *versus);

/// The score of marginals compared with the prefixes of that plan.
void sil_score_find(struct sil_score *score, const struct sil_distances *distances,
                    size_t n);

/// Find the columns of `names`, and look how many cells they have, before anything is read.
/// Errors   SIL_ERR_USAGE, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_groupings_name(struct sil_comparison *comparison,
                                           const char *const *names, size_t n,
                                           struct sil_error *err);

/// Compare within each group of each column named.
SIL_MUST_USE sil_status sil_groupings_compare(struct sil_comparison *comparison,
                                              const struct sil_progress *progress,
                                              struct sil_error *err);

/// Free them; none are accepted.
void sil_groupings_clear(struct sil_comparison *comparison);

#endif
