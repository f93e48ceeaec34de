// SPDX-License-Identifier: Apache-2.0
/// 64-bit numbers as files hold them: eight bytes, the lowest first.
#ifndef SIL_CRYPTO_LE64_H
#define SIL_CRYPTO_LE64_H

#include <stdint.h>

static inline void sil_store_le64(uint8_t out[8], uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline uint64_t sil_load_le64(const uint8_t bytes[8])
{
    uint64_t value = 0;
    for (int i = 8; i-- > 0;) {
        value = value << 8 | bytes[i];
    }
    return value;
}

#endif
