// SPDX-License-Identifier: Apache-2.0
#include "audits/verify/folder.h"

#include "base/fail.h"
#include "base/memory.h"

#include <sodium.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 16, DEPTH_MAX = 8 };

/* No file of a release is as large. */
static const uint64_t LARGEST = (uint64_t)8 << 30;

static sil_status open_tar(struct aud_folder *out, const struct stat *info,
                           const char *path, struct sil_error *err)
{
    if (!S_ISREG(info->st_mode)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is neither a folder nor a tar file",
                        path);
    }
    out->is_tar = true;
    sil_status status = aud_tar_index(&out->tar, out->fd, (uint64_t)info->st_size, err);
    return status == SIL_ERR_INPUT ? sil_fail_within(err, status, "%s", path) : status;
}

sil_status aud_folder_open(struct aud_folder *out, const char *path,
                           struct sil_error *err)
{
    struct stat info;
    *out = (struct aud_folder){.fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    if (out->fd < 0 && errno == ENXIO) {
        return sil_fail(err, SIL_ERR_INPUT, "%s is neither a folder nor a tar file",
                        path);
    }
    if (out->fd < 0 || fstat(out->fd, &info) != 0) {
        return sil_fail_errno(err, "cannot open %s", path);
    }
    return S_ISDIR(info.st_mode) ? SIL_OK : open_tar(out, &info, path, err);
}

void aud_folder_close(struct aud_folder *folder)
{
    if (folder->fd >= 0) {
        (void)close(folder->fd);
    }
    aud_tar_clear(&folder->tar);
    *folder = (struct aud_folder){.fd = -1};
}

/* ---- a file of it ---- */

/* Bytes that are still to be read, in a file that is this one's or the tar's. */
struct source {
    int fd;
    bool is_own;
    uint64_t at, left;
    const char *name;
};

static void source_close(struct source *source)
{
    if (source->is_own) {
        (void)close(source->fd);
    }
    *source = (struct source){.fd = -1};
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

/* The descriptor of a regular file; negative: errno says why not. */
static int walk_down(const struct aud_folder *folder, const char *name)
{
    char path[AUD_NAME_ROOM];
    int at = folder->fd;
    (void)strcpy(path, name);
    for (char *from = path; at >= 0 && from != NULL;) {
        char *slash = strchr(from, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
        at = step(folder, at, from, slash == NULL);
        from = slash == NULL ? NULL : slash + 1;
    }
    return at;
}

static sil_status open_below(struct source *out, const struct aud_folder *folder,
                             const char *name, struct sil_error *err)
{
    struct stat info;
    int fd = walk_down(folder, name);
    if (fd < 0) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: %s", name,
                        errno == ENOENT ? "it is missing" : "it cannot be read");
    }
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        (void)close(fd);
        return sil_fail(err, SIL_ERR_INPUT, "%s: not a regular file", name);
    }
    *out = (struct source){fd, true, 0, (uint64_t)info.st_size, name};
    return SIL_OK;
}

static sil_status open_source(struct source *out, const struct aud_folder *folder,
                              const char *name, struct sil_error *err)
{
    *out = (struct source){.fd = -1};
    if (strlen(name) >= AUD_NAME_ROOM || !aud_stays_below(name)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: not the name of a file below", name);
    }
    if (!folder->is_tar) {
        sil_status status = open_below(out, folder, name, err);
        if (status != SIL_OK) {
            return status;
        }
    } else {
        const struct aud_member *member = aud_tar_find(&folder->tar, name);
        if (member == NULL) {
            return sil_fail(err, SIL_ERR_INPUT, "%s: it is missing", name);
        }
        *out = (struct source){folder->fd, false, member->at, member->length, name};
    }
    if (out->left > LARGEST) {
        source_close(out);
        return sil_fail(err, SIL_ERR_INPUT, "%s: larger than any file of a release",
                        name);
    }
    return SIL_OK;
}

/* The next PIECE bytes, or what is left. */
static sil_status read_piece(size_t *n, uint8_t data[PIECE], struct source *source,
                             struct sil_error *err)
{
    size_t wanted = source->left < PIECE ? (size_t)source->left : PIECE;
    *n = 0;
    while (*n < wanted) {
        ssize_t got =
            pread(source->fd, data + *n, wanted - *n, (off_t)(source->at + *n));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return sil_fail_errno(err, "cannot read %s", source->name);
        }
        if (got == 0) {
            source->left = *n; /* somebody has cut it meanwhile */
            break;
        }
        *n += (size_t)got;
    }
    source->at += *n;
    source->left -= *n;
    return SIL_OK;
}

typedef sil_status visit_function(void *context, const uint8_t *data, size_t n,
                                  struct sil_error *err);

static sil_status visit(const struct aud_folder *folder, const char *name,
                        visit_function *function, void *context, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t *piece = NULL;
    struct source source;
    SIL_TRY(open_source(&source, folder, name, err));
    SIL_TRY(sil_alloc(&piece, PIECE, 1, "a file", err));
    while (source.left > 0) {
        size_t n = 0;
        SIL_TRY(read_piece(&n, piece, &source, err));
        SIL_TRY(function(context, piece, n, err));
    }

cleanup:
    source_close(&source);
    free(piece);
    return status;
}

/* ---- what is done with it ---- */

struct reading {
    struct sil_bytes *out;
    const char *name;
    size_t limit;
};

static sil_status append(void *context, const uint8_t *data, size_t n,
                         struct sil_error *err)
{
    const struct reading *reading = context;
    if (n > reading->limit - reading->out->length) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: more than %zu bytes", reading->name,
                        reading->limit);
    }
    return sil_bytes_append(reading->out, data, n, err);
}

sil_status aud_folder_read(struct sil_bytes *out, const struct aud_folder *folder,
                           const char *name, size_t limit, struct sil_error *err)
{
    struct reading reading = {out, name, limit};
    *out = (struct sil_bytes){0};
    sil_status status = visit(folder, name, append, &reading, err);
    if (status != SIL_OK) {
        sil_bytes_clear(out);
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
    if (folder->is_tar) {
        return folder->tar.n;
    }
    count_below(&n, openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
    return n;
}

sil_status aud_folder_size(uint64_t *out, const struct aud_folder *folder,
                           const char *name, struct sil_error *err)
{
    struct source source;
    sil_status status = open_source(&source, folder, name, err);
    *out = status == SIL_OK ? source.left : 0;
    source_close(&source);
    return status;
}

struct digest {
    crypto_hash_sha256_state sha;
    crypto_generichash_state blake;
};

static sil_status digest(void *context, const uint8_t *data, size_t n,
                         struct sil_error *err)
{
    struct digest *state = context;
    (void)err;
    (void)crypto_hash_sha256_update(&state->sha, data, n);
    (void)crypto_generichash_update(&state->blake, data, n);
    return SIL_OK;
}

sil_status aud_folder_digest(uint8_t sha256[32], uint8_t blake2b[64],
                             const struct aud_folder *folder, const char *name,
                             struct sil_error *err)
{
    struct digest state;
    (void)crypto_hash_sha256_init(&state.sha);
    (void)crypto_generichash_init(&state.blake, NULL, 0, 64);
    sil_status status = visit(folder, name, digest, &state, err);
    (void)crypto_hash_sha256_final(&state.sha, sha256);
    (void)crypto_generichash_final(&state.blake, blake2b, 64);
    return status;
}

struct records {
    uint64_t n;
    bool is_quoted;
    uint8_t last;
};

static sil_status count_records(void *context, const uint8_t *data, size_t n,
                                struct sil_error *err)
{
    struct records *records = context;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        records->is_quoted ^= data[i] == '"';
        records->n += data[i] == '\n' && !records->is_quoted;
    }
    records->last = n > 0 ? data[n - 1] : records->last;
    return SIL_OK;
}

sil_status aud_folder_records(uint64_t *out, const struct aud_folder *folder,
                              const char *name, struct sil_error *err)
{
    struct records records = {.last = '\n'};
    sil_status status = visit(folder, name, count_records, &records, err);
    *out = status == SIL_OK ? records.n + (records.last != '\n') : 0;
    return status;
}
