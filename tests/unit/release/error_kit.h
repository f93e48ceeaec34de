// SPDX-License-Identifier: Apache-2.0
/// Models of the tables of synth_kit, with the rows they give and the true ones.
#ifndef TESTS_UNIT_RELEASE_ERROR_KIT_H
#define TESTS_UNIT_RELEASE_ERROR_KIT_H

#include "release/error_bounds.h"
#include "synth/model_object.h"

struct error_case {
    struct sil_model *model;
    struct sil_codes truth;
    struct sil_codes rows; ///< of the model, as many as it estimates
    struct sil_error_bounds bounds;
};

/// The table of kit_table(cells, n, n_rows, seed), fitted with noise from the seed. All of
/// it must succeed.
struct error_case error_case_new(const uint32_t *cells, uint32_t n, size_t n_rows,
                                 uint64_t seed, enum sil_mechanism mechanism,
                                 const char *epsilon);
struct error_case error_case_of(const uint32_t *cells, uint32_t n, size_t n_rows,
                                uint64_t seed, const struct sil_fit_options *options);
void error_case_clear(struct error_case *c);

/// The total variation distance between true and drawn rows that a bound speaks of.
double error_of(const struct error_case *c, const struct sil_error_bound *bound);

/// Give code 0 everywhere to the first `part` of every `whole` rows.
void error_spoil(struct sil_codes *rows, size_t part, size_t whole);

#endif
