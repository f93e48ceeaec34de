// SPDX-License-Identifier: Apache-2.0
/// Is a table one that the ledger commits to? By docs/ledger-format.md, "The data
/// commitment".
#ifndef AUDIT_TABLE_COMMITMENT_H
#define AUDIT_TABLE_COMMITMENT_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stdint.h>

/// BLAKE2b-256, keyed, of the digest of the canonical table: every column and record of the
/// file, in its order, written in one way.
/// Errors   SIL_ERR_INPUT: a record that is none. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status aud_commitment(uint8_t out[32], const struct sil_bytes *csv,
                                       char delimiter, const uint8_t key[32],
                                       struct sil_error *err);

#endif
