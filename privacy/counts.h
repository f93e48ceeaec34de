// SPDX-License-Identifier: Apache-2.0
/// Exact counts of one marginal: private, and opaque outside privacy/.
///
/// src/table fills them (through counts_internal.h, which only src/table and privacy/ may
/// include); the gate alone reads them. No function of this header tells a count.
#ifndef SIL_PRIVACY_COUNTS_H
#define SIL_PRIVACY_COUNTS_H

#include "base/clique.h"
#include "base/grouping.h"

#include "silhouette/status.h"

struct sil_counts;

/// Zero counts for the marginal of `clique`; freed with sil_counts_free.
/// Errors   SIL_ERR_INTERNAL: no memory, or more than 2^32 - 1 cells.
SIL_MUST_USE sil_status sil_counts_new(struct sil_counts **out,
                                       const struct sil_domain *domain,
                                       const struct sil_clique *clique,
                                       struct sil_error *err);

/// The same people counted by groups: the marginal of `fine` under one grouping for each of
/// its attributes, in their order. Every person is in exactly one cell of the result, so
/// its sensitivities are those of `fine`.
/// Copies the groupings. Freed with sil_counts_free.
/// Errors   SIL_ERR_INTERNAL: a grouping that is not a partition of the attribute's values
///          (the privacy of every marginal of groups rests on it, so it is checked here and
///          nowhere else), or an array of more than SIL_GROUPS_MAX groups, or counts that
///          are grouped already, or memory.
/// Proof    docs/privacy.md, theorem 2b.
SIL_MUST_USE sil_status sil_counts_group(struct sil_counts **out,
                                         const struct sil_counts *fine,
                                         const struct sil_grouping *of,
                                         struct sil_error *err);

/// Wipe and free; NULL is allowed.
void sil_counts_free(struct sil_counts *counts);

/// The groupings of the marginal's attributes, in their order, each without an array where
/// every value is its own group; NULL when that is so of all of them: the marginal is not
/// grouped. Borrowed. Public.
const struct sil_grouping *sil_counts_groupings(const struct sil_counts *counts);

/// The marginal's attributes and number of cells: public, they come from the schema.
const struct sil_clique *sil_counts_clique(const struct sil_counts *counts);
size_t sil_counts_cells(const struct sil_counts *counts);

#endif
