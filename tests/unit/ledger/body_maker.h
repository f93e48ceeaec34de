// SPDX-License-Identifier: Apache-2.0
/// Bodies written value by value, without the program's own writer of bodies: any of them
/// may be wrong.
#ifndef TESTS_UNIT_LEDGER_BODY_MAKER_H
#define TESTS_UNIT_LEDGER_BODY_MAKER_H

#include "ledger/body.h"

#include <stdint.h>

/// Append values, one for each letter of `form`, to `out`:
///   [    an array of n elements, those that follow (int)
///   u    an integer (uint64_t)            s    a string (const char *)
///   h    32 times one byte (int)          i    16 times one byte (int)
///   b    n times one byte (size_t, int)   x    bytes given as hex (const char *)
void make_values(struct sil_bytes *out, const char *form, ...);

/// A genesis of this prefix, unit, id column and neighbours, rows per person, and at most
/// two invariants (NULL: none); all else is right.
void make_genesis(struct sil_bytes *bytes, const char *prefix,
                  const char *const people[3], uint64_t rows,
                  const char *const invariants[2]);

/// Decode what must be good, and clear the bytes.
void read_body(struct sil_body *body, struct sil_bytes *bytes);

#endif
