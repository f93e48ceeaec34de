// SPDX-License-Identifier: Apache-2.0
/// Small schemas, tables and models for the tests of src/synth.
#ifndef TESTS_UNIT_SYNTH_KIT_H
#define TESTS_UNIT_SYNTH_KIT_H

#include "base/bytes.h"
#include "support/temp_file.h"

#include "silhouette/model.h"

#include <stddef.h>
#include <stdint.h>

/// A schema of `n` integer columns c0, c1, ... with the given numbers of cells (values 0
/// to cells - 1). Aborts the test when it does not parse.
struct sil_schema *kit_schema(const uint32_t *cells, uint32_t n);

/// The same in so many equal bins each, of more than one value where there are fewer; with 0
/// the column is open.
struct sil_schema *kit_binned_schema(const uint32_t *cells, const uint32_t *bins,
                                     uint32_t n);

/// A CSV file of `n_rows` rows over such columns: each column but the first repeats the
/// one before it in three rows of four. A function of the seed.
struct test_file kit_table(const uint32_t *cells, uint32_t n, size_t n_rows,
                           uint64_t seed);

/// sil_fit_defaults() with a budget and no ledger.
struct sil_fit_options kit_options(enum sil_mechanism mechanism, const char *epsilon);

/// A model of kit_table(cells, n, n_rows, seed), with noise from a seed.
struct sil_model *kit_model(const uint32_t *cells, uint32_t n, size_t n_rows,
                            uint64_t seed, const struct sil_fit_options *options);

/// The same of kit_binned_schema.
struct sil_model *kit_binned_model(const uint32_t *cells, const uint32_t *bins,
                                   uint32_t n, size_t n_rows, uint64_t seed,
                                   const struct sil_fit_options *options);

/// The bytes of the rows that a model gives; cleared by the caller.
struct sil_bytes kit_rows(const struct sil_model *model, uint64_t n_rows,
                          unsigned n_threads);

#endif
