// SPDX-License-Identifier: Apache-2.0
/// Tests of numbers that are said to be independent and standard normal, and the dice that
/// turn a value on a grid into a point within its step.
#ifndef AUDIT_CLAIM_SCORES_H
#define AUDIT_CLAIM_SCORES_H

#include <stddef.h>
#include <stdint.h>

/// What a test gives that has too little to look at; no p-value.
#define AUD_TOO_FEW 2.0

/// Uniform on (0, 1), and the same in every audit.
double aud_die(uint64_t i);

/// Of both tails of a statistic.
double aud_two_sided(double below, double above);

/// The sum of squares of n numbers, two-sided.
double aud_p_of_squares(const double *z, size_t n);

/// The same of every stretch of one line; the least, times their number.
double aud_p_of_oddest(const double *z, const uint32_t *line, size_t n);

/// The sum, two-sided. Pre  n > 0.
double aud_p_of_mean(const double *z, size_t n);

#endif
