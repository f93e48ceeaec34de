// SPDX-License-Identifier: Apache-2.0
#include "audits/verify/folder.h"

#include "base/fail.h"
#include "base/memory.h"

#include <sodium.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 16, NAME_MAX_BYTES = 256, DEPTH_MAX = 8 };

/* No file of a release is as large. */
static const off_t LARGEST = (off_t)8 << 30;

sil_status aud_folder_open(struct aud_folder *out, const char *path,
                           struct sil_error *err)
{
    out->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (out->fd < 0 && errno == ENOTDIR) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is not a folder", path);
    }
    return out->fd >= 0 ? SIL_OK : sil_fail_errno(err, "cannot open %s", path);
}

void aud_folder_close(struct aud_folder *folder)
{
    if (folder->fd >= 0) {
        (void)close(folder->fd);
    }
    folder->fd = -1;
}

/* One step down a path that has been cut at its slashes; closes `at`, but for the first. */
static int step(const struct aud_folder *folder, int at, const char *name, bool is_last)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    int next = openat(at, name, is_last ? flags : flags | O_DIRECTORY);
    int saved = errno;
    if (at != folder->fd) {
        (void)close(at);
    }
    errno = saved;
    return next;
}

/* No empty part of a path, none of dots alone. */
static bool stays_below(const char *name)
{
    for (const char *part = name;; part += strcspn(part, "/") + 1) {
        size_t n = strcspn(part, "/");
        if (n == 0 || strspn(part, ".") == n) {
            return false;
        }
        if (part[n] == '\0') {
            return true;
        }
    }
}

static sil_status open_file(int *out, const struct aud_folder *folder, const char *name,
                            struct sil_error *err)
{
    char path[NAME_MAX_BYTES];
    struct stat info;
    int at = folder->fd;
    *out = -1;
    if (strlen(name) >= sizeof path) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: too long a name", name);
    }
    (void)strcpy(path, name);
    if (!stays_below(name)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: not the name of a file below", name);
    }
    for (char *from = path; at >= 0 && from != NULL;) {
        char *slash = strchr(from, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
        at = step(folder, at, from, slash == NULL);
        from = slash == NULL ? NULL : slash + 1;
    }
    if (at < 0) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: %s", name,
                        errno == ENOENT ? "it is missing" : "it cannot be read");
    }
    if (fstat(at, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > LARGEST) {
        (void)close(at);
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s: not a regular file, or larger than any of a release",
                        name);
    }
    *out = at;
    return SIL_OK;
}

/* Up to `size` bytes; fewer at the end. */
static sil_status read_piece(size_t *n, uint8_t *data, size_t size, int fd,
                             const char *name, struct sil_error *err)
{
    *n = 0;
    while (*n < size) {
        ssize_t got = read(fd, data + *n, size - *n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return sil_fail_errno(err, "cannot read %s", name);
        }
        if (got == 0) {
            break;
        }
        *n += (size_t)got;
    }
    return SIL_OK;
}

sil_status aud_folder_read(struct sil_bytes *out, const struct aud_folder *folder,
                           const char *name, size_t limit, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *piece = NULL;
    size_t n = PIECE;
    int fd = -1;
    *out = (struct sil_bytes){0};
    SIL_TRY(open_file(&fd, folder, name, err));
    SIL_TRY(sil_alloc(&piece, PIECE, 1, "a file", err));
    while (n == PIECE) {
        SIL_TRY(read_piece(&n, piece, PIECE, fd, name, err));
        if (n > limit - out->length) {
            status =
                sil_fail(err, SIL_ERR_INPUT, "%s: more than %zu bytes", name, limit);
            goto cleanup;
        }
        SIL_TRY(sil_bytes_append(out, piece, n, err));
    }

cleanup:
    if (status != SIL_OK) {
        sil_bytes_clear(out);
    }
    free(piece);
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

/* Takes `fd`. */
static void count_below(size_t *n, int fd, int depth)
{
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry = NULL;
    if (list == NULL) {
        *n = AUD_COUNT_MAX + 1;
        return;
    }
    while (*n <= AUD_COUNT_MAX && (entry = readdir(list)) != NULL) { // NOLINT
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        bool is_folder =
            fstatat(dirfd(list), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISDIR(info.st_mode) && depth < DEPTH_MAX;
        if (is_folder) {
            int inner = openat(dirfd(list), entry->d_name,
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            count_below(n, inner, depth + 1);
        } else {
            (*n)++;
        }
    }
    (void)closedir(list);
}

size_t aud_folder_count(const struct aud_folder *folder)
{
    size_t n = 0;
    count_below(&n, openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
    return n;
}

sil_status aud_folder_size(uint64_t *out, const struct aud_folder *folder,
                           const char *name, struct sil_error *err)
{
    struct stat info;
    int fd = -1;
    sil_status status = open_file(&fd, folder, name, err);
    if (status != SIL_OK) {
        return status;
    }
    if (fstat(fd, &info) != 0) {
        status = sil_fail_errno(err, "cannot look at %s", name);
    }
    *out = status == SIL_OK ? (uint64_t)info.st_size : 0;
    (void)close(fd);
    return status;
}

sil_status aud_folder_digest(uint8_t sha256[32], uint8_t blake2b[64],
                             const struct aud_folder *folder, const char *name,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    crypto_hash_sha256_state sha;
    crypto_generichash_state blake;
    uint8_t *piece = NULL;
    size_t n = PIECE;
    int fd = -1;
    SIL_TRY(open_file(&fd, folder, name, err));
    SIL_TRY(sil_alloc(&piece, PIECE, 1, "a file", err));
    (void)crypto_hash_sha256_init(&sha);
    (void)crypto_generichash_init(&blake, NULL, 0, 64);
    while (n == PIECE) {
        SIL_TRY(read_piece(&n, piece, PIECE, fd, name, err));
        (void)crypto_hash_sha256_update(&sha, piece, n);
        (void)crypto_generichash_update(&blake, piece, n);
    }
    (void)crypto_hash_sha256_final(&sha, sha256);
    (void)crypto_generichash_final(&blake, blake2b, 64);

cleanup:
    free(piece);
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}
