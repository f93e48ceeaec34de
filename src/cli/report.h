// SPDX-License-Identifier: Apache-2.0
/// What the operator reads on the standard error: errors, warnings, the summary.
///
/// With --json each is one JSON object on one line of the standard error:
///   error    {"schema":1,"ok":false,"command":C,"status":64,"code":"USAGE","message":M}
///   warning  {"schema":1,"ok":true,"command":C,"warning":M}
///   summary  {"schema":1,"ok":true,"command":C,...}
/// Results go to the standard output or to --out, in both forms.
#ifndef SIL_CLI_REPORT_H
#define SIL_CLI_REPORT_H

#include "base/bytes.h"

#include "silhouette/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/// How the rest of the process reports: set once, before anything is reported.
void sil_cli_report_style(const char *command, bool json);

void sil_cli_report_error(sil_status status, const struct sil_error *err);

/// The next error is about this text of the command line, at this byte of it, from 1: shown
/// with a caret beneath, or as members "text" and "column". NULL or 0: no place is shown.
/// Borrowed.
void sil_cli_report_place(const char *text, size_t column);

void sil_cli_report_warning(const char *text);

/// Is everything JSON?
bool sil_cli_report_is_json(void);

/// Print {"schema":1,"ok":true,"command":C} with the members of `members`, which is taken
/// over; NULL stands for an object that there was no memory for.
void sil_cli_report_object(json_t *members);

/// A JSON string; bytes that are not UTF-8 (of a file's name) become question marks.
json_t *sil_cli_report_text(const char *text);

/// Write a text, whole, to `path` (NULL or "-": the standard output).
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cli_write_text(const char *path, const char *text,
                                           size_t length, struct sil_error *err);

/// The same for a text that people read: control bytes in `words` become '?'.
SIL_MUST_USE sil_status sil_cli_write_words(const char *path, struct sil_bytes *words,
                                            struct sil_error *err);

/// The same, with long lines folded.
SIL_MUST_USE sil_status sil_cli_write_folded(const char *path, char *text,
                                             struct sil_error *err);

/// The same for a text that may hold values of rows: a file for its owner alone.
SIL_MUST_USE sil_status sil_cli_write_internal(const char *path, const char *text,
                                               size_t length, struct sil_error *err);

#endif
