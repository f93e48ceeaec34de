// SPDX-License-Identifier: Apache-2.0
/// A small secret under a passphrase: argon2id, then one message of libsodium's
/// secretstream. Bytes in docs/ledger-format.md.
#ifndef SIL_CRYPTO_VAULT_H
#define SIL_CRYPTO_VAULT_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

#define SIL_VAULT_BYTES_MAX 65535

/// What the passphrase costs to try.
struct sil_vault_cost {
    uint64_t operations;
    uint64_t memory; ///< bytes
};

extern const struct sil_vault_cost SIL_VAULT_MODERATE; ///< 3 operations, 256 MiB
extern const struct sil_vault_cost
    SIL_VAULT_LEAST; ///< for a passphrase that is no secret

/// Seal `length` bytes; appended to `out`. Errors  SIL_ERR_USAGE: more than
/// SIL_VAULT_BYTES_MAX bytes, or a cost that would not be accepted again;
/// SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_vault_seal(struct sil_bytes *out, const void *data,
                                       size_t length, const char *passphrase,
                                       const struct sil_vault_cost *cost,
                                       struct sil_error *err);

/// Open; costs above libsodium's SENSITIVE are refused before anything is derived.
/// @param[out] out   cleared by the caller with sodium_memzero before sil_bytes_clear;
///                   appended to in one piece.
/// Errors   SIL_ERR_INPUT: damaged, foreign, or the passphrase is wrong.
///          SIL_ERR_INTERNAL (memory, up to 1 GiB for the derivation).
SIL_MUST_USE sil_status sil_vault_open(struct sil_bytes *out, const void *data,
                                       size_t length, const char *passphrase,
                                       struct sil_error *err);

#endif
