// SPDX-License-Identifier: Apache-2.0
/// The inside of a secret key, for the files of this layer that read and write keys.
#ifndef SIL_CRYPTO_SECRET_KEY_H
#define SIL_CRYPTO_SECRET_KEY_H

#include "crypto/sign.h"

#define SIL_SECRET_BYTES 64

/// Lives in memory of sodium_malloc, read-only once it is filled. Bytes only: memory of
/// sodium_malloc is aligned to nothing.
struct sil_secret_key {
    uint8_t secret[SIL_SECRET_BYTES]; ///< seed | public key
    uint8_t keynum[SIL_KEYNUM_BYTES];
    bool is_locked;
};

/// A key of these secret bytes; they were checked by the caller.
/// Errors   as sil_secret_key_new.
SIL_MUST_USE sil_status sil_secret_key_of_bytes(struct sil_secret_key **out,
                                                const uint8_t secret[SIL_SECRET_BYTES],
                                                const uint8_t keynum[SIL_KEYNUM_BYTES],
                                                struct sil_error *err);

/// Guarded, zeroed memory that is wiped by sodium_free, and locked where the system allows it.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_secret_alloc(void *out, size_t size, struct sil_error *err);

#endif
