// SPDX-License-Identifier: Apache-2.0
/// What the folder of an internal report holds.
#ifndef SIL_INTERNAL_FOLDER_H
#define SIL_INTERNAL_FOLDER_H

#include "base/folder.h"
#include "internal/comparison.h"

/// Add the marker (base/internal_marker.h), report.json and report.html. The modes are those
/// of a folder for everybody: set the umask before.
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_report_folder_fill(struct sil_folder *folder,
                                               const struct sil_comparison *comparison,
                                               struct sil_error *err);

#endif
