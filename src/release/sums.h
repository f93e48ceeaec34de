// SPDX-License-Identifier: Apache-2.0
/// SHA256SUMS: the digest of every other file of a bundle, as `sha256sum -c` reads it.
#ifndef SIL_RELEASE_SUMS_H
#define SIL_RELEASE_SUMS_H

#include "base/bytes.h"
#include "crypto/hash.h"

struct sil_sum {
    char *name; ///< owned
    uint8_t sha256[SIL_HASH_BYTES];
};

struct sil_sums {
    struct sil_sum *item; ///< owned
    size_t n;
    size_t capacity;
};

void sil_sums_clear(struct sil_sums *sums);

/// Note a file. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_sums_add(struct sil_sums *sums, const char *name,
                                     const uint8_t sha256[SIL_HASH_BYTES],
                                     struct sil_error *err);

/// Sort by the bytes of the names.
void sil_sums_sort(struct sil_sums *sums);

/// Append the lines "HEX  NAME\n", as they stand.
SIL_MUST_USE sil_status sil_sums_print(struct sil_bytes *out,
                                       const struct sil_sums *sums,
                                       struct sil_error *err);

#endif
