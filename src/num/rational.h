// SPDX-License-Identifier: Apache-2.0
/// Exact rationals from and to text. No binary floating point on the way.
#ifndef SIL_NUM_RATIONAL_H
#define SIL_NUM_RATIONAL_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <gmp.h>

/// Parse a decimal ("1", "-0.5", "1e-9", "2.5E3") or, when `allow_fraction`, "p/q" into a
/// canonical rational (initialised by the caller). ASCII only, no blanks, no hex, no
/// "inf", no "nan"; a sign in front may be + or -, a digit may lack on one side of the
/// point; at most 400 digits (on either side of "/"), exponent within +-10,000.
/// @param what   names the value in the error ("epsilon").
/// Errors   SIL_ERR_INPUT; `out` is then 0.
SIL_MUST_USE sil_status sil_rational_parse(mpq_t out, const char *text,
                                           int allow_fraction, const char *what,
                                           struct sil_error *err);

/// Append "p/q" in lowest terms, the form of the ledger ("1/2", "3/1", "0/1").
SIL_MUST_USE sil_status sil_rational_print(struct sil_bytes *out, const mpq_t value,
                                           struct sil_error *err);

/// Append a decimal with `digits` significant digits, rounded up (towards +infinity) or
/// down, for people: an epsilon is printed up, a rho down. Trailing zeros are left out;
/// below 1e-4 and from 1e15 on as "1.5e-9".
/// Errors   SIL_ERR_USAGE: digits not in 1 .. 400. SIL_ERR_INTERNAL (memory).
enum sil_rounding { SIL_ROUND_DOWN = -1, SIL_ROUND_UP = 1 };

SIL_MUST_USE sil_status sil_rational_print_decimal(struct sil_bytes *out,
                                                   const mpq_t value, unsigned digits,
                                                   enum sil_rounding rounding,
                                                   struct sil_error *err);

/// floor(sqrt(value) 2^bits) / 2^bits into `out`; value >= 0. `out` may be `value`.
void sil_rational_sqrt_down(mpq_t out, const mpq_t value, unsigned bits);

/// The smallest multiple of 2^-bits that is >= value.
void sil_rational_ceil(mpq_t out, const mpq_t value, unsigned bits);

#endif
