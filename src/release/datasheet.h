// SPDX-License-Identifier: Apache-2.0
/// The inside of both datasheets: names and figures as both print them.
#ifndef SIL_RELEASE_DATASHEET_H
#define SIL_RELEASE_DATASHEET_H

#include "release/documents.h"

/// The name of a column. Borrowed.
const char *sil_datasheet_column(const struct sil_datasheet *sheet, uint32_t attr);

/// "2026-11-22T12:00:00Z"; of a time behind the year 9999 its seconds.
#define SIL_TIME_BYTES 24
void sil_time_text(char out[SIL_TIME_BYTES], uint64_t seconds);

/// The bound of one column's marginal; NULL: there is none.
const struct sil_error_bound *sil_datasheet_bound(const struct sil_datasheet *sheet,
                                                  uint32_t attr);

/// "measured", "groups", "theorem", "none".
const char *sil_bound_name(enum sil_bound_kind kind);

/// Append sqrt(sigma2) with two decimals, rounded up.
SIL_MUST_USE sil_status sil_print_deviation(struct sil_bytes *out,
                                            const struct sil_sigma2 *sigma2,
                                            struct sil_error *err);

#endif
