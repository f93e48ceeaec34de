// SPDX-License-Identifier: Apache-2.0
/// A finished bundle as one file, in the form of tar.h.
#ifndef SIL_RELEASE_BUNDLE_TAR_H
#define SIL_RELEASE_BUNDLE_TAR_H

#include "base/folder.h"
#include "release/sums.h"

/// What the tar file is called in its folder until it takes its own name.
#define SIL_BUNDLE_TAR "bundle.tar"

/// Add SIL_BUNDLE_TAR to the folder: the files that `sums` lists and SHA256SUMS, ascending
/// by name. Adds the latter to `sums`.
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_bundle_tar(struct sil_folder *folder, struct sil_sums *sums,
                                       struct sil_error *err);

#endif
