// SPDX-License-Identifier: Apache-2.0
/// The inside of struct sil_counts, for privacy/ and for src/table, which fills it.
#ifndef SIL_PRIVACY_COUNTS_INTERNAL_H
#define SIL_PRIVACY_COUNTS_INTERNAL_H

#include "privacy/counts.h"

#include <stdint.h>

struct sil_counts {
    struct sil_clique clique;
    uint32_t size[SIL_CLIQUE_MAX]; ///< values of each of the clique's attributes
    struct sil_grouping *of; ///< one an attribute, in one block; NULL: not grouped
    size_t n_cells;
    uint32_t *cell; ///< n_cells counts; tables have fewer than 2^32 rows
};

#endif
