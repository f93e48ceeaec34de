// SPDX-License-Identifier: Apache-2.0
/// The folder of an internal report: whole or not there.
#ifndef SIL_INTERNAL_FOLDER_H
#define SIL_INTERNAL_FOLDER_H

#include "base/bytes.h"

/// Is the name free? Found out before anything is read.
/// Errors   SIL_ERR_USAGE: something is there.
SIL_MUST_USE sil_status sil_report_folder_check(const char *folder,
                                                struct sil_error *err);

/// Write report.json and the marker into a new folder, 0700, files 0600, all
/// durable; it takes its name in one step when they are.
/// Pre      no signal ends the process meanwhile.
/// Errors   SIL_ERR_IO, SIL_ERR_USAGE: something is there by now; SIL_ERR_INTERNAL (memory).
///          Nothing is left behind, unless the sentence says that it is written.
SIL_MUST_USE sil_status sil_report_folder_write(const char *folder,
                                                const struct sil_bytes *json,
                                                struct sil_error *err);

#endif
