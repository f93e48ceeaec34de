// SPDX-License-Identifier: Apache-2.0
#include "release/guard.h"

#include "base/bytes.h"
#include "base/fail.h"
#include "base/internal_marker.h"

#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char INTERNAL_NAME[] = "internal";

static bool has_marker(const char *folder)
{
    char marker[PATH_MAX + sizeof "/" SIL_INTERNAL_MARKER];
    (void)snprintf(marker, sizeof marker, "%s/%s", folder, SIL_INTERNAL_MARKER);
    return access(marker, F_OK) == 0;
}

/* The folder or one that it is in; `folder` becomes it. */
static bool find_marked(char folder[PATH_MAX])
{
    for (;;) {
        if (has_marker(folder)) {
            return true;
        }
        char *last = strrchr(folder, '/');
        if (last == NULL || folder[1] == '\0') {
            return false;
        }
        *(last == folder ? last + 1 : last) = '\0';
    }
}

/* The folder that `path` is in, links followed; false when there is none. */
static bool find_folder(char folder[PATH_MAX], const char *path)
{
    char copy[PATH_MAX];
    (void)snprintf(copy, sizeof copy, "%s", path);
    return realpath(dirname(copy), folder) != NULL; // NOLINT(concurrency-mt-unsafe)
}

static sil_status check_folder(const char *path, const char *what,
                               struct sil_error *err)
{
    char folder[PATH_MAX];
    if (strcmp(path, "-") == 0 || !find_folder(folder, path) || !find_marked(folder)) {
        return SIL_OK;
    }
    return sil_fail(
        err, SIL_ERR_USAGE,
        "%s is in %.300s, a folder of figures that were computed on private "
        "rows: nothing in it is released",
        what, folder);
}

sil_status sil_release_guard(const char *model, const char *bundle,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    char copy[PATH_MAX];
    (void)snprintf(copy, sizeof copy, "%s", bundle);
    if (strcmp(basename(copy), INTERNAL_NAME) == 0) { // NOLINT(concurrency-mt-unsafe)
        return sil_fail(err, SIL_ERR_USAGE,
                        "a bundle is not called %s: that name is for reports that stay "
                        "in the house; choose another for --out",
                        INTERNAL_NAME);
    }
    SIL_TRY(check_folder(model, "the model", err));
    SIL_TRY(check_folder(bundle, "--out", err));

cleanup:
    return status;
}
