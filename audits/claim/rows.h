// SPDX-License-Identifier: Apache-2.0
/// How many rows the measurements tell of.
#ifndef AUDIT_CLAIM_ROWS_H
#define AUDIT_CLAIM_ROWS_H

#include "audits/ledger/transcript.h"

/// Is `n` the estimate by inverse variance, rounded, at least 1? Every measurement has its
/// part in it; in Mosaic those of the columns do that come first, before any choice.
///
/// A sum in other arithmetic may round to the other side, so what lies within 10^-6 of a
/// half may be either.
bool aud_is_estimate(const struct aud_transcript *transcript, uint64_t n);

/// The estimate itself, exactly; false, and 0: nothing was measured, or by variances that no
/// run has. `out` initialised.
bool aud_estimate_rows(mpq_t out, const struct aud_transcript *transcript);

/// The same of the measurements among the first `n` lines.
bool aud_estimate_first(mpq_t out, const struct aud_transcript *transcript, size_t n);

#endif
