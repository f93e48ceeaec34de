// SPDX-License-Identifier: Apache-2.0
/// Fixed-point arithmetic of the simulator: 64-bit integers in millionths.
///
/// A simulated table is a function of (specification, rows, seed) to the byte on any
/// machine, so no floating point and no libm: integer operations, and tables of ours.
/// Results that do not fit stop at the end of the range, +-SIL_MICRO_MAX.
#ifndef SIL_SYNTH_SIMULATE_FIXED_H
#define SIL_SYNTH_SIMULATE_FIXED_H

#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// One, in millionths.
#define SIL_MICRO     INT64_C(1000000)
#define SIL_MICRO_MAX INT64_C(4000000000000000000)

int64_t sil_micro_add(int64_t a, int64_t b);

/// a * b and a / b, to the nearest millionth, halves away from zero; a / 0 is 0.
int64_t sil_micro_mul(int64_t a, int64_t b);
int64_t sil_micro_div(int64_t a, int64_t b);

/// The nearest multiple of `quantum` > 0, halves away from zero; the one not above.
int64_t sil_micro_round(int64_t a, int64_t quantum);
int64_t sil_micro_floor(int64_t a, int64_t quantum);

/// a * e^x to within a relative 2^-50 and half a millionth; x within +-30.
int64_t sil_micro_mul_exp(int64_t a, int64_t x);

/// A standard normal, nearly: the sum of twelve uniforms less six (mean 0, variance 1,
/// within +-6), in millionths.
int64_t sil_micro_normal(struct sil_word_reader *reader);

/// True with probability p (in millionths, below 0 is 0, above 1 is 1); always reads one
/// number.
bool sil_micro_chance(struct sil_word_reader *reader, int64_t p);

/// Failures before the first success when their mean is `mean` >= 0, in millionths:
/// exactly geometric.
uint64_t sil_micro_geometric(struct sil_word_reader *reader, int64_t mean);

/// Poisson by inversion, within 2^-50 of each probability; mean >= 0 in millionths.
uint64_t sil_micro_poisson(struct sil_word_reader *reader, int64_t mean);

/// The largest mean that the two above accept, in whole units.
#define SIL_MICRO_MEAN_MAX 10000

/// Whole days of a date in millionths, kept within SIL_DAYS_MIN and SIL_DAYS_MAX.
int32_t sil_days_of_micro(int64_t date);

/// Days of 0001-01-01 and of 9999-12-31.
#define SIL_DAYS_MIN (-719162)
#define SIL_DAYS_MAX 2932896

/// Year and month, 1 to 12, of a day.
void sil_month_of_days(int32_t days, int *year, int *month);

#endif
