// SPDX-License-Identifier: Apache-2.0
/// A token without a ledger, for --no-ledger and for tests. The gate passes the mark on
/// to the transcript, which says UNLEDGERED for as long as it exists.
#ifndef SIL_LEDGER_UNLEDGERED_H
#define SIL_LEDGER_UNLEDGERED_H

#include "privacy/token.h"
#include "privacy/units.h"

#include "silhouette/claim.h"
#include "silhouette/status.h"

#include <stdint.h>

/// @param discovery       what discoveries may add to delta; NULL: there are none.
/// @param rows_per_unit   K, 1 .. SIL_MAX_ROWS_PER_UNIT.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_token_unledgered(struct sil_token **out,
                                             const struct sil_rho *cap,
                                             const struct sil_delta *discovery,
                                             enum sil_neighbours neighbours,
                                             uint32_t rows_per_unit,
                                             struct sil_error *err);

#endif
