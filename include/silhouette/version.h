// SPDX-License-Identifier: Apache-2.0
/// The version of the library, at compile time and at run time.
#ifndef SILHOUETTE_VERSION_H
#define SILHOUETTE_VERSION_H

#include "silhouette/status.h"

#define SIL_VERSION "0.1.0"

/// The version of the library that is running, as "MAJOR.MINOR.PATCH"; static storage.
SIL_API const char *sil_version(void);

#endif
