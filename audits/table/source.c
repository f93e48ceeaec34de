// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* O_PATH */
#include "audits/table/source.h"

#include "base/fail.h"
#include "base/file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

/* A pipe without a name lies on a file system of its own. */
static bool is_nameless(int fd)
{
    struct statfs about;
    return fstatfs(fd, &about) == 0 && about.f_type == PIPEFS_MAGIC;
}

static sil_status expect_readable(int fd, const char *path, struct sil_error *err)
{
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0) {
        return sil_fail_errno(err, "cannot open %s", path);
    }
    if (S_ISREG(about.st_mode) || (S_ISFIFO(about.st_mode) && is_nameless(fd))) {
        return SIL_OK;
    }
    const char *kind = S_ISDIR(about.st_mode)    ? "a folder"
                       : S_ISSOCK(about.st_mode) ? "a socket"
                       : S_ISFIFO(about.st_mode)
                           ? "a pipe with a name, to which nobody may ever write"
                           : "a device";
    return sil_fail(err, SIL_ERR_INPUT,
                    "%s is %s: give a file, or the output of a command as the shell's "
                    "<(COMMAND)",
                    path, kind);
}

/* Looked at before it is opened, since opening a device can do something; and after, since it
 * may be another by then. */
static sil_status open_source(int *out, const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    int looked = open(path, O_PATH | O_CLOEXEC);
    int fd = -1;
    SIL_TRY(expect_readable(looked, path, err));
    fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    SIL_TRY(expect_readable(fd, path, err));
    if (fcntl(fd, F_SETFL, O_RDONLY) != 0) {
        status = sil_fail_errno(err, "cannot read %s", path);
        goto cleanup;
    }
    *out = fd;
    fd = -1;

cleanup:
    if (looked >= 0) {
        (void)close(looked);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

sil_status aud_source_read(struct sil_bytes *out, const char *path, size_t limit,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    int fd = -1;
    *out = (struct sil_bytes){0};
    if (strcmp(path, "-") == 0) {
        return sil_file_read(out, path, limit, err);
    }
    SIL_TRY(open_source(&fd, path, err));
    status = sil_file_read_open(out, fd, path, limit, err);
    (void)close(fd);

cleanup:
    return status;
}
