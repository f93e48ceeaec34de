// SPDX-License-Identifier: Apache-2.0
/// What the texts for people share: the claim, `inspect` and `plan`.
#ifndef SIL_SYNTH_REPORT_H
#define SIL_SYNTH_REPORT_H

#include "base/bytes.h"
#include "base/clique.h"
#include "synth/model_object.h"

#include <gmp.h>

#include <jansson.h>

/// An epsilon, a delta or a rho as a decimal of six digits, rounded up.
SIL_MUST_USE sil_status sil_print_epsilon(struct sil_bytes *out, const mpq_t value,
                                          struct sil_error *err);

/// The names of a marginal's columns with " x " between them.
SIL_MUST_USE sil_status sil_print_marginal(struct sil_bytes *out,
                                           const struct sil_schema *schema,
                                           const struct sil_clique *clique,
                                           struct sil_error *err);

/// Expected total variation between a marginal and its measurement because of the noise
/// alone: sqrt(2/pi) sigma cells / (2 rows).
double sil_noise_error(const struct sil_sigma2 *sigma2, uint64_t cells, double rows);

/// JSON values of rationals: "p/q", and a decimal of six digits rounded up. NULL when
/// there is no memory.
json_t *sil_json_rational(const mpq_t value);

/// A unit of privacy as it is typed.
json_t *sil_json_unit(const struct sil_privacy_unit *unit);
json_t *sil_json_rounded(const mpq_t value);
json_t *sil_json_columns(const struct sil_schema *schema,
                         const struct sil_clique *clique);

/// Dump and release `value`, whose building failed when `failed` is not 0 or it is NULL,
/// as terminated text to be freed with free().
/// Errors   SIL_ERR_INTERNAL (memory); `text` is NULL.
SIL_MUST_USE sil_status sil_json_finish(char **text, json_t *value, int failed,
                                        struct sil_error *err);

/// Terminate `bytes` and hand their memory over as a string; `bytes` is empty after.
SIL_MUST_USE sil_status sil_bytes_to_text(char **text, struct sil_bytes *bytes,
                                          struct sil_error *err);

#endif
