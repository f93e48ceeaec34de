// SPDX-License-Identifier: Apache-2.0
/// Small models and comparisons for the tests of src/internal.
#ifndef TESTS_UNIT_INTERNAL_KIT_H
#define TESTS_UNIT_INTERNAL_KIT_H

#include "internal/comparison.h"

/// Two columns of integers, c0 from 0 to 1 and c1 from 0 to 2, nothing missing.
extern const char KIT_TWO[];

/// Eight true rows and four synthetic ones of them.
extern const char KIT_TRUE[];
extern const char KIT_SYNTHETIC[];

/// A model of a table under this schema: of independent columns, unledgered.
struct sil_model *kit_model_of(const char *schema, const char *csv);

/// Compare two texts of CSV; aborts the test when that fails.
/// @param group   a column; NULL: none.
void kit_compare(struct sil_comparison *out, const struct sil_model *model,
                 const char *truth, const char *synthetic, const char *group,
                 unsigned n_threads);

#endif
