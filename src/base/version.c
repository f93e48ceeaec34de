// SPDX-License-Identifier: Apache-2.0
#include "silhouette/version.h"

const char *sil_version(void)
{
    return SIL_VERSION;
}
