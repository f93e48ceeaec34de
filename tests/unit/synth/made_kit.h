// SPDX-License-Identifier: Apache-2.0
/// A small table of every kind of column, models of it, and its law by brute force.
#ifndef TESTS_UNIT_SYNTH_MADE_KIT_H
#define TESTS_UNIT_SYNTH_MADE_KIT_H

#include "synth/made.h"

#include <stddef.h>

/// Columns: age (0 .. 20 in bins of 5, the last of 6), sex (F, M, missing), region (a, b, c
/// and z for any other), day (ten days from 2020-01-01 in three bins).
enum { AGE, SEX, REGION, DAY, N_COLUMNS };

enum {
    N_AGES = 21,
    N_SEXES = 3,
    N_REGIONS = 4,
    N_DAYS = 10,
    MADE_VALUES = N_AGES * N_SEXES * N_REGIONS * N_DAYS,
    MADE_CELLS = 4 * 3 * 4 * 3
};

/// A row of values: the age, the day, and the codes of the others.
struct made_row {
    int value[N_COLUMNS];
};

struct sil_schema *made_schema(void);

/// A model of 3,000 rows, with noise from a seed.
struct sil_model *made_model(enum sil_mechanism mechanism);

/// Row `i` of all MADE_VALUES, and the cell of the codes that it has.
struct made_row made_row_at(const struct sil_schema *schema, size_t i, size_t *cell);

/// The probability of each cell of codes, as the model draws them.
void made_joint(double out[MADE_CELLS], const struct sil_model *model,
                const struct sil_graphical_model *tree, const double *const *opening);

/// The probability of each row of values, as the model draws them.
void made_law(double out[MADE_VALUES], const struct sil_model *model);

/// What is asked for, worked out; it must be possible.
struct sil_made *made_make(const struct sil_model *model, const char *where,
                           const char *const *rebalance, size_t n, const char *fair);

/// The probability of each cell of codes in the rows to make.
void made_law_of(double out[MADE_CELLS], const struct sil_made *made);

#endif
