// SPDX-License-Identifier: Apache-2.0
/// Dates and times of the proleptic Gregorian calendar, years 1 to 9999, as integers.
#ifndef SIL_TABLE_CALENDAR_H
#define SIL_TABLE_CALENDAR_H

#include "base/bytes.h"
#include "table/decimal.h"

/// Days from 1970-01-01 of "YYYY-MM-DD"; blanks around it are skipped.
bool sil_date_parse(struct sil_scaled *out, const char *text, size_t length);

/// Seconds from 1970-01-01T00:00:00 of "YYYY-MM-DD", 'T' or a blank, "hh:mm:ss", then
/// nothing or a fraction (cut off: is_inexact), then nothing, "Z" or "+hh:mm"/"-hh:mm"
/// (carried over to UTC; a time without a zone is taken as it stands).
/// @param[out] has_zone   a zone was written; NULL allowed.
bool sil_datetime_parse(struct sil_scaled *out, bool *has_zone, const char *text,
                        size_t length);

/// Bytes that sil_date_put and sil_datetime_put write at most.
#define SIL_DATETIME_BYTES 20

/// Write "YYYY-MM-DD", or "YYYY-MM-DDThh:mm:ss" with "Z" behind it when `with_zone`, and
/// return the end. The value is one that parsing can give.
char *sil_date_put(char *out, int64_t days);
char *sil_datetime_put(char *out, int64_t seconds, bool with_zone);

/// Append the same.
SIL_MUST_USE sil_status sil_date_print(struct sil_bytes *out, int64_t days,
                                       struct sil_error *err);
SIL_MUST_USE sil_status sil_datetime_print(struct sil_bytes *out, int64_t seconds,
                                           bool with_zone, struct sil_error *err);

#endif
