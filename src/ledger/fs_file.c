// SPDX-License-Identifier: Apache-2.0
#include "ledger/fs_file.h"

#include "base/fail.h"

#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PERMISSIONS = 07777 };

void sil_fs_random_name(char name[SIL_FS_NAME])
{
    uint8_t bytes[SIL_FS_NAME / 2];
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2hex(name, SIL_FS_NAME, bytes, sizeof bytes);
}

/* Fail with what errno says, and leave errno as it was for the caller to look at. */
static sil_status fail_io(struct sil_error *err, const char *verb, const char *label)
{
    int code = errno;
    sil_status status = sil_fail_errno(err, "cannot %s %s", verb, label);
    errno = code;
    return status;
}

static sil_status fail_open(struct sil_error *err, const char *label)
{
    if (errno == ELOOP) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is a symbolic link: refused", label);
    }
    return fail_io(err, "open", label);
}

static void close_quietly(const struct sil_fs *fs, int *file)
{
    if (*file >= 0) {
        (void)fs->close(fs->self, *file);
        *file = -1;
    }
}

static sil_status check_directory(const struct sil_fs *fs, int directory,
                                  const char *label, struct sil_error *err)
{
    struct sil_fs_facts facts;
    if (fs->facts(fs->self, directory, &facts) != 0) {
        return fail_io(err, "look at", label);
    }
    if (facts.owner != fs->user(fs->self)) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s belongs to another user: refused; use a copy of your own",
                        label);
    }
    if ((facts.mode & (S_IWGRP | S_IWOTH)) != 0) {
        return sil_fail(
            err, SIL_ERR_INPUT,
            "%s may be written to by others: refused; chmod go-w it after a "
            "look at who may have",
            label);
    }
    return SIL_OK;
}

sil_status sil_fs_enter(int *directory, const struct sil_fs *fs, int at,
                        const char *name, const char *label, struct sil_error *err)
{
    *directory = fs->open_directory(fs->self, at, name);
    if (*directory < 0) {
        /* O_DIRECTORY comes before O_NOFOLLOW: a symbolic link is ENOTDIR as well. */
        if (errno == ENOTDIR) {
            return sil_fail(
                err, SIL_ERR_INPUT,
                "%s is no directory (a symbolic link to one is none): refused", label);
        }
        return fail_open(err, label);
    }
    sil_status status = check_directory(fs, *directory, label, err);
    if (status != SIL_OK) {
        close_quietly(fs, directory);
        errno = 0;
    }
    return status;
}

/* The directory that `path` is in. The final "." lets the rest be a symbolic link. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    char *parent = malloc(length + 2);
    if (parent != NULL) {
        (void)memcpy(parent, path, length);
        (void)memcpy(parent + length, ".", 2);
    }
    return parent;
}

static sil_status sync_parent(const struct sil_fs *fs, const char *path,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *parent = parent_of(path);
    if (parent == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a path");
    }
    int directory = fs->open_directory(fs->self, AT_FDCWD, parent);
    if (directory < 0) {
        status = fail_io(err, "open", parent);
    } else if (fs->sync(fs->self, directory) != 0) {
        status = fail_io(err, "make durable what is in", parent);
    }
    close_quietly(fs, &directory);
    free(parent);
    return status;
}

/* A directory that may not be read, or that lies where nothing is ever written. */
static bool cannot_sync(int code)
{
    return code == EACCES || code == EINVAL || code == EROFS;
}

sil_status sil_fs_make_directory(const struct sil_fs *fs, const char *path,
                                 struct sil_error *err)
{
    const bool is_new = fs->make_directory(fs->self, AT_FDCWD, path, S_IRWXU) == 0;
    if (!is_new && errno != EEXIST) {
        return fail_io(err, "make the directory", path);
    }
    /* Also of one that exists: whoever made it may have been killed before this. */
    sil_status status = sync_parent(fs, path, err);
    bool is_settled = !is_new && status == SIL_ERR_IO && cannot_sync(errno);
    return is_settled ? SIL_OK : status;
}

/* All of the path's directories, each durable before the next. */
sil_status sil_fs_make_path(const struct sil_fs *fs, const char *path,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *prefix = strdup(path);
    if (prefix == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a path");
    }
    for (char *slash = strchr(prefix + (prefix[0] == '/' ? 1 : 0), '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        SIL_TRY(sil_fs_make_directory(fs, prefix, err));
        *slash = '/';
    }
    SIL_TRY(sil_fs_make_directory(fs, prefix, err));

cleanup:
    free(prefix);
    return status;
}

static sil_status check_file(const struct sil_fs *fs, const struct sil_fs_facts *facts,
                             mode_t mode, const char *label, struct sil_error *err)
{
    if (!S_ISREG(facts->mode)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is not a regular file: refused", label);
    }
    if (facts->owner != fs->user(fs->self)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s belongs to another user: refused",
                        label);
    }
    if (mode == SIL_FS_ANY_MODE) {
        return (facts->mode & (S_IWGRP | S_IWOTH)) == 0
                   ? SIL_OK
                   : sil_fail(err, SIL_ERR_INPUT,
                              "%s may be written to by others: refused; chmod go-w it "
                              "after a look at who may have",
                              label);
    }
    if ((facts->mode & PERMISSIONS) != mode) {
        return sil_fail(err, SIL_ERR_INPUT, "%s has mode %04o instead of %04o: refused",
                        label, (unsigned)(facts->mode & PERMISSIONS), (unsigned)mode);
    }
    return SIL_OK;
}

sil_status sil_fs_open_checked(struct sil_fs_open *out, const struct sil_fs_name *name,
                               int flags, mode_t mode, struct sil_error *err)
{
    const struct sil_fs *fs = name->fs;
    sil_status status;
    out->file = fs->open_file(fs->self, name->directory, name->name, flags);
    if (out->file < 0) {
        return fail_open(err, name->label);
    }
    if (fs->facts(fs->self, out->file, &out->facts) != 0) {
        status = fail_io(err, "look at", name->label);
    } else {
        status = check_file(fs, &out->facts, mode, name->label, err);
    }
    if (status != SIL_OK) {
        close_quietly(fs, &out->file);
        errno = 0;
    }
    return status;
}

/* The end is where a read gives nothing; and where one gave less than it was asked for and
 * the file has, with that, the length that it had when it was opened. */
sil_status sil_fs_read_all(struct sil_bytes *out, const struct sil_fs_name *name,
                           const struct sil_fs_open *open, size_t limit,
                           struct sil_error *err)
{
    enum { CHUNK = 1 << 14 };

    const struct sil_fs *fs = name->fs;
    sil_status status = SIL_OK;
    uint8_t chunk[CHUNK];
    *out = (struct sil_bytes){0};
    for (;;) {
        ssize_t n = fs->read(fs->self, open->file, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            status = fail_io(err, "read", name->label);
            goto cleanup;
        }
        if (n == 0) {
            return SIL_OK;
        }
        if ((size_t)n > limit - out->length) {
            status =
                sil_fail(err, SIL_ERR_INPUT, "%s is larger than %zu bytes: refused",
                         name->label, limit);
            goto cleanup;
        }
        SIL_TRY(sil_bytes_append(out, chunk, (size_t)n, err));
        if ((size_t)n < sizeof chunk && out->length == open->facts.size) {
            return SIL_OK;
        }
    }

cleanup:
    sil_bytes_clear(out);
    return status;
}

static sil_status write_all(const struct sil_fs_name *name, int file,
                            const struct sil_bytes *data, struct sil_error *err)
{
    const struct sil_fs *fs = name->fs;
    for (size_t done = 0; done < data->length;) {
        ssize_t n = fs->write(fs->self, file, data->data + done, data->length - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n == 0) {
            errno = EIO;
        }
        if (n <= 0) {
            return fail_io(err, "write", name->label);
        }
        done += (size_t)n;
    }
    return SIL_OK;
}

sil_status sil_fs_put(const struct sil_fs_name *name, mode_t mode,
                      const struct sil_bytes *data, struct sil_error *err)
{
    const struct sil_fs *fs = name->fs;
    sil_status status = SIL_OK;
    int file =
        fs->create_file(fs->self, name->directory, name->name, S_IRUSR | S_IWUSR);
    if (file < 0) {
        return fail_io(err, "write", name->label);
    }
    SIL_TRY(write_all(name, file, data, err));
    if (fs->set_mode(fs->self, file, mode) != 0) {
        status = fail_io(err, "set the mode of", name->label);
        goto cleanup;
    }
    /* A failed fsync is never repeated: the system may forget that it failed, and with it
     * the bytes. */
    if (fs->sync(fs->self, file) != 0) {
        status = fail_io(err, "make durable", name->label);
        goto cleanup;
    }
    int closed = fs->close(fs->self, file);
    file = -1;
    if (closed != 0) {
        status = fail_io(err, "close", name->label);
    }

cleanup:
    close_quietly(fs, &file);
    if (status != SIL_OK) {
        (void)fs->unlink(fs->self, name->directory, name->name);
    }
    return status;
}
