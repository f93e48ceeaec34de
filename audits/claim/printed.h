// SPDX-License-Identifier: Apache-2.0
/// Exact values as the documents of a release write them: docs/bundle-format.md.
#ifndef AUDIT_CLAIM_PRINTED_H
#define AUDIT_CLAIM_PRINTED_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <gmp.h>

/// Append p/q in lowest terms. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_print_rational(struct sil_bytes *out, const mpq_t value,
                                           struct sil_error *err);

/// Append a decimal of six significant digits, rounded up, without trailing zeros; below
/// 1e-4 and from 1e15 on as "1.5e-9". Pre  value >= 0. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_print_decimal(struct sil_bytes *out, const mpq_t value,
                                          struct sil_error *err);

#endif
