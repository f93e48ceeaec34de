// SPDX-License-Identifier: Apache-2.0
/// Bodies written value by value, without the program's own writer of bodies: any of them
/// may be wrong.
#ifndef TESTS_UNIT_LEDGER_BODY_MAKER_H
#define TESTS_UNIT_LEDGER_BODY_MAKER_H

#include "base/bytes.h"

#include <stddef.h>

/// Append values, one for each letter of `form`, to `out`:
///   [    an array of n elements, those that follow (int)
///   u    an integer (uint64_t)            s    a string (const char *)
///   h    32 times one byte (int)          i    16 times one byte (int)
///   b    n times one byte (size_t, int)   x    bytes given as hex (const char *)
void make_values(struct sil_bytes *out, const char *form, ...);

#endif
