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

#include "cli/command.h"

#include "silhouette/model.h"

/// How the rest of the process reports: set once, before anything is reported.
void sil_cli_report_style(const char *command, bool json);

void sil_cli_report_error(sil_status status, const struct sil_error *err);

void sil_cli_report_warning(const char *text);

/// What a run of synth or fit has done.
struct sil_cli_done {
    const struct sil_model *model;
    uint64_t n_rows;       ///< written; 0: none
    const char *rows_path; ///< NULL: none
    const char *model_path;
};

/// Print the warnings of the model and, unless `quiet`, a summary of a dozen lines.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cli_report_done(const struct sil_cli_done *done, bool quiet,
                                            struct sil_error *err);

/// Write a text, whole, to `path` (NULL or "-": the standard output).
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cli_write_text(const char *path, const char *text,
                                           size_t length, struct sil_error *err);

#endif
