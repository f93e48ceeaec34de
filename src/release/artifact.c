// SPDX-License-Identifier: Apache-2.0
#include "release/artifact.h"

const char *sil_artifact_name(enum sil_artifact_kind kind)
{
    static const char *const NAMES[SIL_N_ARTIFACTS] = {
        [SIL_ARTIFACT_DATA] = "data.csv",
        [SIL_ARTIFACT_SCHEMA] = "schema.json",
        [SIL_ARTIFACT_TRANSCRIPT] = "transcript.sil",
        [SIL_ARTIFACT_SHEET_JSON] = "datasheet.json",
        [SIL_ARTIFACT_SHEET_HTML] = "datasheet.html",
        [SIL_ARTIFACT_PACKAGE] = "datapackage.json",
        [SIL_ARTIFACT_INSTRUCTIONS] = "VERIFY.txt",
    };
    return NAMES[kind];
}
