// SPDX-License-Identifier: Apache-2.0
/// The two files of an internal report, written from one record.
#ifndef SIL_INTERNAL_DOCUMENTS_H
#define SIL_INTERNAL_DOCUMENTS_H

#include "base/bytes.h"
#include "internal/comparison.h"

/// The sentence that stands on every part of a report.
#define SIL_REPORT_NOTICE \
    "INTERNAL: computed on private data, not differentially private, must not leave"

/// Why nothing may be chosen by a report.
#define SIL_REPORT_WARNING                                                               \
    "choosing a seed, a model or a number of rows by what this report says tells about " \
    "the rows outside the guarantee: choose before you look, or choose by figures that " \
    "are public"

/// Append report.json. docs/report.schema.json.
/// Errors   SIL_ERR_INTERNAL (memory); so for the other.
SIL_MUST_USE sil_status sil_report_json(struct sil_bytes *out,
                                        const struct sil_comparison *comparison,
                                        struct sil_error *err);

/// Append report.html: one file, no script, nothing loaded, below a megabyte.
SIL_MUST_USE sil_status sil_report_html(struct sil_bytes *out,
                                        const struct sil_comparison *comparison,
                                        struct sil_error *err);

#endif
