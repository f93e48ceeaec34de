// SPDX-License-Identifier: Apache-2.0
/// Writing digits into memory that is large enough.
#ifndef SIL_TABLE_DIGITS_H
#define SIL_TABLE_DIGITS_H

#include <stdint.h>

/// Write the last `n` digits of a value, zeros in front, and return the end.
static inline char *sil_digits_put(char *out, uint64_t value, unsigned n)
{
    for (unsigned i = n; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + n;
}

#endif
