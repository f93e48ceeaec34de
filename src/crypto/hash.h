// SPDX-License-Identifier: Apache-2.0
/// BLAKE2b-256 and SHA-256, a thin skin over libsodium.
#ifndef SIL_CRYPTO_HASH_H
#define SIL_CRYPTO_HASH_H

#include "silhouette/status.h"

#include <stddef.h>
#include <stdint.h>

#define SIL_HASH_BYTES 32

/// One part of a message to hash; the parts are hashed one after the other, so the caller
/// must make their boundaries unambiguous (a label that ends in "\n", fixed lengths).
struct sil_part {
    const void *data;
    size_t length;
};

/// Start libsodium; called by every entry point, cheap when repeated.
/// Errors   SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_crypto_start(struct sil_error *err);

void sil_hash(uint8_t out[SIL_HASH_BYTES], const struct sil_part *parts, size_t n);

/// SHA-256, for the formats that ask for it (the ledger's tree, file digests).
void sil_sha256(uint8_t out[SIL_HASH_BYTES], const struct sil_part *parts, size_t n);

/// 64 lower-case hex digits and a terminator.
void sil_hash_hex(char out[2 * SIL_HASH_BYTES + 1], const uint8_t hash[SIL_HASH_BYTES]);

#endif
