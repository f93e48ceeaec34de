// SPDX-License-Identifier: Apache-2.0
/// Rounded Gaussian noise, exactly.
///
///   Z = round(2^s N(0, sigma2)),   P[|Z| <= k] = erf( (2k + 1) / (2^s sqrt(8 sigma2)) )
///
/// a numerator over 2^s. For an integer count c, c + Z / 2^s = round(2^s (c + N)) / 2^s:
/// the release is the continuous Gaussian mechanism, rounded.
///
/// Privacy   Post-processing of the Gaussian mechanism of variance sigma2: its guarantee
///           holds to the last digit, relative to uniform bits from the generator.
/// Source    Lazy inversion of the distribution function: docs/privacy-samplers.md,
///           "Lazy inversion"; tested in tests/statistical/test_noise_laws.c.
#ifndef SIL_PRIVACY_GAUSS_H
#define SIL_PRIVACY_GAUSS_H

#include "privacy/rng.h"
#include "privacy/units.h"

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

struct sil_gauss;

/// A sampler for one variance; freed with sil_gauss_free. Not shared between threads.
/// @param n_draws   about how many values will be drawn: it sets how much is prepared for
///                  them, and no value.
/// Cost      Memory at most 17 MB for any sigma; evaluations of erf: here at most
///           4 n_draws + 200 and at most 4,300, later at most about three a draw.
/// Errors    SIL_ERR_USAGE: sigma2 not in [2^-40, 10^12]. SIL_ERR_INTERNAL: no memory.
///           `out` is NULL.
SIL_MUST_USE sil_status sil_gauss_new(struct sil_gauss **out,
                                      const struct sil_sigma2 *sigma2, size_t n_draws,
                                      struct sil_error *err);

/// s = max(0, min(16, 6 - floor(log2 sigma))): a function of sigma2 alone, hence public.
unsigned sil_gauss_shift_of(const struct sil_sigma2 *sigma2);
unsigned sil_gauss_shift(const struct sil_gauss *gauss);

/// Draw `n` independent numerators into `out`. |out[i]| stays below 2^25 but for an event
/// of probability below 2^-60; no value is ever cut off.
/// Timing    Draw before touching a count, in batches: the time of one call depends on
///           all its values together (docs/privacy-samplers.md, "What time reveals").
void sil_gauss_draw(struct sil_gauss *gauss, struct sil_rng *rng, int64_t *out,
                    size_t n);

/// Wipe and free; NULL is allowed.
void sil_gauss_free(struct sil_gauss *gauss);

#endif
