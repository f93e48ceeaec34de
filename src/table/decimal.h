// SPDX-License-Identifier: Apache-2.0
/// Decimal text as scaled integers: exact, without binary floating point.
///
/// A value is held as floor(value * 10^places) and the word whether anything was cut off.
/// Comparing the floor with an integer bound decides `value < bound` exactly, whatever the
/// number of digits in the text.
#ifndef SIL_TABLE_DECIMAL_H
#define SIL_TABLE_DECIMAL_H

#include "base/bytes.h"
#include "base/int128.h"

#include <stdbool.h>
#include <stddef.h>

/// Declared numbers stay below this; texts of data saturate at ten times it, so that they
/// keep their order against everything declared.
#define SIL_SCALED_MAX ((sil_i128)1000000000 * 1000000000 * 1000000000)

/// Decimal places that a declared number may have.
#define SIL_PLACES_MAX 18

struct sil_scaled {
    sil_i128 floor;  ///< saturated at +-10 * SIL_SCALED_MAX
    bool is_inexact; ///< value * 10^places is not an integer
};

/// Read "[+-]digits[point digits][e[+-]digits]", with at least one digit, either side of
/// the point may be empty; blanks and tabs around it are skipped. False for anything else.
bool sil_scaled_parse(struct sil_scaled *out, const char *text, size_t length,
                      unsigned places, char point);

/// The decimal places that a number is written with ("1.50": 2, "5e-3": 3, "1e3": 0).
/// @param point   its decimal point.
/// False when it is not a number, has more than SIL_PLACES_MAX, or is not below
/// SIL_SCALED_MAX when scaled by them.
bool sil_scaled_places(unsigned *places, const char *text, size_t length, char point);

/// 10^n, n <= 27.
sil_i128 sil_power_of_ten(unsigned n);

/// floor(a / b) and ceil(a / b), b > 0.
sil_i128 sil_floor_div(sil_i128 a, sil_i128 b);
sil_i128 sil_ceil_div(sil_i128 a, sil_i128 b);

/// Bytes that sil_scaled_put writes at most.
#define SIL_SCALED_BYTES 48

/// Write value / 10^places with exactly `written` decimal places, where written <= places
/// and the value is a multiple of 10^(places - written), and return the end.
char *sil_scaled_put(char *out, sil_i128 value, unsigned places, unsigned written,
                     char point);

/// Append the same.
SIL_MUST_USE sil_status sil_scaled_print(struct sil_bytes *out, sil_i128 value,
                                         unsigned places, unsigned written, char point,
                                         struct sil_error *err);

#endif
