// SPDX-License-Identifier: Apache-2.0
/// The parts of datasheet.html, in the order in which they stand in it. Each appends a
/// section. The file stays under SIL_HTML_MOST bytes: a part that shows one thing of many
/// stops at the limit it is given, and says how many there are.
#ifndef SIL_RELEASE_DATASHEET_HTML_H
#define SIL_RELEASE_DATASHEET_HTML_H

#include "release/datasheet.h"

#define SIL_HTML_MOST 1000000

/// How long the file may be when the next of many things is shown, part by part. What comes
/// after a part's last thing, and one thing more, fits below the next limit.
enum {
    SIL_HTML_KEYS = 100000,
    SIL_HTML_PICTURES = 550000,
    SIL_HTML_ERRORS = 800000,
    SIL_HTML_MEASURED = 900000,
    SIL_HTML_NAME = 60 ///< characters of a name that are shown
};

/// A part of the file.
typedef sil_status sil_html_part(struct sil_bytes *out,
                                 const struct sil_datasheet *sheet,
                                 struct sil_error *err);

sil_html_part sil_html_claim;      ///< the claim in plain words
sil_html_part sil_html_sheet;      ///< and line by line
sil_html_part sil_html_verify;     ///< how to check it
sil_html_part sil_html_provenance; ///< ledger and keys
sil_html_part sil_html_budget;     ///< what was reserved, run by run
sil_html_part sil_html_columns;    ///< a picture of each column
sil_html_part sil_html_heat_map;   ///< which columns go together
sil_html_part sil_html_accuracy;   ///< bounds of errors, noise
sil_html_part sil_html_limits;     ///< rules kept, warnings, limits

/// Append the style sheet, without its tags.
SIL_MUST_USE sil_status sil_html_style(struct sil_bytes *out, struct sil_error *err);

/// Append a column's name, cut, and apart from its neighbours in the direction of writing.
SIL_MUST_USE sil_status sil_html_name(struct sil_bytes *out, const char *name,
                                      struct sil_error *err);

/// Append "12.3 %" for `millionths` = 123,456: to the nearest tenth, or rounded up.
SIL_MUST_USE sil_status sil_html_percent(struct sil_bytes *out, uint64_t millionths,
                                         bool up, struct sil_error *err);

#endif
