// SPDX-License-Identifier: Apache-2.0
#include "ledger/secret_file.h"

#include "base/fail.h"
#include "base/memory.h"

#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void sil_secret_bytes_clear(struct sil_bytes *bytes)
{
    if (bytes->data != NULL) {
        sodium_memzero(bytes->data, bytes->capacity);
    }
    sil_bytes_clear(bytes);
}

/* ---- reading ---- */

static sil_status check_facts(const struct stat *facts, const char *path, size_t limit,
                              struct sil_error *err)
{
    if (!S_ISREG(facts->st_mode)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is not a regular file", path);
    }
    if (facts->st_uid != geteuid()) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s holds a secret and belongs to another user; make a copy of "
                        "your own, readable by you alone",
                        path);
    }
    if ((facts->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s holds a secret and is open to others; if nobody has read "
                        "it, type: chmod 600 %s",
                        path, path);
    }
    if (facts->st_nlink != 1) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s holds a secret and has a second name (a hard link); remove "
                        "the other, or make a copy: cp -p %s COPY",
                        path, path);
    }
    if (facts->st_size < 0 || (size_t)facts->st_size > limit) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is too large for what it should hold",
                        path);
    }
    return SIL_OK;
}

/* O_NONBLOCK: a FIFO in the file's place must not hang us before it is refused. */
static int open_secret(const char *path)
{
    int fd;
    do {
        fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static sil_status read_all(struct sil_bytes *out, int fd, const char *path,
                           size_t limit, struct sil_error *err)
{
    sil_status status = SIL_OK;
    /* Room for all at once: growing would leave copies behind in freed memory. */
    SIL_TRY(sil_alloc(&out->data, limit + 1, 1, "a secret file", err));
    out->capacity = limit + 1;
    for (;;) {
        ssize_t n = read(fd, out->data + out->length, out->capacity - out->length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            status = sil_fail_errno(err, "cannot read %s", path);
            goto cleanup;
        }
        out->length += (size_t)n;
        if (n == 0 || out->length > limit) {
            break;
        }
    }
    if (out->length > limit) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s grew while it was read", path);
    }

cleanup:
    return status;
}

sil_status sil_secret_file_read(struct sil_bytes *out, const char *path, size_t limit,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct stat facts;
    int fd = open_secret(path);

    *out = (struct sil_bytes){0};
    if (fd < 0 && errno == ELOOP) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s is a symbolic link; name the file that it leads to", path);
    }
    if (fd < 0) {
        return sil_fail_errno(err, "cannot open %s", path);
    }
    if (fstat(fd, &facts) != 0) {
        status = sil_fail_errno(err, "cannot look at %s", path);
        goto cleanup;
    }
    SIL_TRY(check_facts(&facts, path, limit, err));
    SIL_TRY(read_all(out, fd, path, limit, err));

cleanup:
    (void)close(fd);
    if (status != SIL_OK) {
        sil_secret_bytes_clear(out);
    }
    return status;
}

/* ---- writing ---- */

static bool write_all(int fd, const struct sil_bytes *data)
{
    for (size_t done = 0; done < data->length;) {
        ssize_t n = write(fd, data->data + done, data->length - done);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* The directory that a path's last name is in, open. */
static int open_parent(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    slash[slash == path] = '\0'; /* of "/name": "/" */
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

sil_status sil_directory_sync(const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *copy = strdup(path);
    if (copy == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a path");
    }
    int fd = open_parent(copy);
    if (fd < 0 || fsync(fd) != 0) {
        status = sil_fail_errno(err, "cannot make %s durable", path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    free(copy);
    return status;
}

sil_status sil_secret_file_create(const char *path, const struct sil_bytes *data,
                                  mode_t mode, struct sil_error *err)
{
    sil_status status = SIL_OK;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "%s exists already, and what may be a key is never replaced",
                        path);
    }
    if (fd < 0) {
        return sil_fail_errno(err, "cannot make %s", path);
    }
    bool good = fchmod(fd, mode) == 0 && write_all(fd, data) && fsync(fd) == 0;
    if (!good) {
        status = sil_fail_errno(err, "cannot write %s", path);
    }
    if (close(fd) != 0 && good) {
        status = sil_fail_errno(err, "cannot write %s", path);
    }
    SIL_TRY(status);
    SIL_TRY(sil_directory_sync(path, err));

cleanup:
    if (status != SIL_OK) {
        (void)unlink(path);
    }
    return status;
}
