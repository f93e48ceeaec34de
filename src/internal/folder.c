// SPDX-License-Identifier: Apache-2.0
#include "internal/folder.h"

#include "base/fail.h"
#include "base/internal_marker.h"
#include "internal/documents.h"

static const char MARKER[] = SIL_REPORT_NOTICE
    ".\n"
    "\n"
    "The files of this folder hold figures of private rows without any noise. No\n"
    "guarantee covers them. Do not publish, send or archive them with a release;\n"
    "`silhouette release' refuses to pack a folder that holds this file.\n";

sil_status sil_report_folder_fill(struct sil_folder *folder,
                                  const struct sil_comparison *comparison,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes json = {0};
    struct sil_bytes html = {0};

    SIL_TRY(sil_report_json(&json, comparison, err));
    SIL_TRY(sil_report_html(&html, comparison, err));
    /* The marker first: whatever else is there, it says what it is. */
    SIL_TRY(
        sil_folder_add(folder, SIL_INTERNAL_MARKER, MARKER, sizeof MARKER - 1, err));
    SIL_TRY(sil_folder_add(folder, "report.json", json.data, json.length, err));
    SIL_TRY(sil_folder_add(folder, "report.html", html.data, html.length, err));

cleanup:
    sil_bytes_clear(&json);
    sil_bytes_clear(&html);
    return status;
}
