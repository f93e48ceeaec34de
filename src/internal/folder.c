// SPDX-License-Identifier: Apache-2.0
#include "internal/folder.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/internal_marker.h"
#include "internal/documents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char MARKER[] = SIL_REPORT_NOTICE
    ".\n"
    "\n"
    "The files of this folder hold figures of private rows without any noise. No\n"
    "guarantee covers them. Do not publish, send or archive them with a release;\n"
    "`silhouette release' refuses to pack a folder that holds this file.\n";

struct content {
    const char *name;
    const void *data;
    size_t length;
};

enum { N_FILES = 2 };

static sil_status occupied(const char *folder, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_USAGE,
                    "%s is there already, and a report replaces nothing: give --out "
                    "another name, or move it away",
                    folder);
}

sil_status sil_report_folder_check(const char *folder, struct sil_error *err)
{
    struct stat info;
    return lstat(folder, &info) == 0 ? occupied(folder, err) : SIL_OK;
}

static sil_status join(struct sil_bytes *out, const char *folder, const char *name,
                       struct sil_error *err)
{
    out->length = 0;
    sil_status status = sil_bytes_printf(out, err, "%s/%s", folder, name);
    return status == SIL_OK ? sil_bytes_append(out, "", 1, err) : status;
}

static sil_status write_file(const char *folder, const struct content *content,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes path = {0};
    struct sil_output *output = NULL;

    SIL_TRY(join(&path, folder, content->name, err));
    SIL_TRY(sil_output_open(&output, (const char *)path.data, 0600, err));
    SIL_TRY(sil_output_write(output, content->data, content->length, err));
    struct sil_output *ready = output;
    output = NULL;
    SIL_TRY(sil_output_commit(ready, err));

cleanup:
    sil_output_abandon(output);
    sil_bytes_clear(&path);
    return status;
}

static void remove_made(const char *made, const struct content *files)
{
    struct sil_bytes path = {0};
    for (size_t i = 0; i < N_FILES; i++) {
        if (join(&path, made, files[i].name, NULL) == SIL_OK) {
            (void)unlink((const char *)path.data);
        }
    }
    sil_bytes_clear(&path);
    (void)rmdir(made);
}

/* The new name is durable when the folder that it stands in is. */
static sil_status sync_parent(const char *folder, struct sil_error *err)
{
    const char *slash = strrchr(folder, '/');
    size_t length = slash == NULL ? 1 : slash == folder ? 1 : (size_t)(slash - folder);
    char *parent = strndup(slash == NULL ? "." : folder, length);
    int fd = parent == NULL ? -1 : open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(parent);
    bool is_durable = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    sil_status status =
        is_durable
            ? SIL_OK
            : sil_fail_errno(err, "%s is written, but its name is not durable", folder);
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

static sil_status fill(const char *made, const struct content *files,
                       const char *folder, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < N_FILES; i++) {
        SIL_TRY(write_file(made, &files[i], err));
    }
    if (rename(made, folder) != 0) { /* over an empty folder, and over nothing else */
        bool is_there = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;
        status = is_there ? occupied(folder, err)
                          : sil_fail_errno(err, "cannot give %s its name", folder);
    }

cleanup:
    return status;
}

sil_status sil_report_folder_write(const char *folder, const struct sil_bytes *json, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes made = {0};
    /* The marker first: whatever else is there, it says what it is. */
    const struct content files[N_FILES] = {
        {SIL_INTERNAL_MARKER, MARKER,     sizeof MARKER - 1},
        {"report.json",       json->data, json->length     },
    };

    SIL_TRY(sil_report_folder_check(folder, err));
    SIL_TRY(sil_bytes_printf(&made, err, "%s.partial-XXXXXX", folder));
    SIL_TRY(sil_bytes_append(&made, "", 1, err));
    if (mkdtemp((char *)made.data) == NULL) {
        status = sil_fail_errno(err, "cannot make %s", folder);
        goto cleanup;
    }
    status = fill((const char *)made.data, files, folder, err);
    if (status != SIL_OK) {
        remove_made((const char *)made.data, files);
        goto cleanup;
    }
    SIL_TRY(sync_parent(folder, err));

cleanup:
    sil_bytes_clear(&made);
    return status;
}
