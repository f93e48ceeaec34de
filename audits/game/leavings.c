// SPDX-License-Identifier: Apache-2.0
#include "audits/game/leavings.h"

#include "crypto/hash.h"
#include "crypto/le64.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 8, THINGS_MAX = 1000, PIECE = 1 << 14, BYTES_MAX = 64 << 20 };

struct walk {
    struct aud_leavings *out;
    const char *const *known;
    size_t n_things;
    int depth;
};

uint64_t aud_short_digest(const void *data, size_t length)
{
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part part = {data, length};
    sil_hash(hash, &part, 1);
    return sil_load_le64(hash);
}

void aud_leavings_clear(struct aud_leavings *leavings)
{
    sil_bytes_clear(&leavings->text);
}

/* Each ends with the end of a line: no two of them make a secret together. */
static sil_status add(struct aud_leavings *out, const void *data, size_t length,
                      struct sil_error *err)
{
    if (length >= BYTES_MAX - out->text.length) {
        out->is_cut = true;
        return SIL_OK;
    }
    sil_status status = sil_bytes_append(&out->text, data, length, err);
    return status == SIL_OK ? sil_bytes_append(&out->text, "\n", 1, err) : status;
}

static sil_status add_contents(struct walk *walk, int fd, struct sil_error *err)
{
    struct aud_leavings *out = walk->out;
    const size_t before = out->text.length;
    uint8_t piece[PIECE];
    ssize_t n = 0;
    sil_status status = SIL_OK;
    while (status == SIL_OK && (n = read(fd, piece, sizeof piece)) > 0) {
        if ((size_t)n >= BYTES_MAX - out->text.length) {
            out->is_cut = true;
            break;
        }
        status = sil_bytes_append(&out->text, piece, (size_t)n, err);
    }
    out->is_cut = out->is_cut || n < 0;
    if (status != SIL_OK || out->text.length == before) {
        return status;
    }
    out->contents +=
        aud_short_digest(out->text.data + before, out->text.length - before);
    return add(out, "", 0, err);
}

static sil_status walk_folder(struct walk *walk, int fd, struct sil_error *err);

static bool is_known(const struct walk *walk, const char *name)
{
    bool is = false;
    for (size_t i = 0; walk->known[i] != NULL && walk->depth == 0; i++) {
        is = is || strcmp(walk->known[i], name) == 0;
    }
    return is;
}

/* A regular file or a folder; whatever else it is, a fifo or a device, is not touched. */
static sil_status open_one(struct walk *walk, int at, const char *name, bool is_folder,
                           struct sil_error *err)
{
    struct stat info;
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = openat(at, name, is_folder ? flags | O_DIRECTORY : flags);
    if (fd < 0 || fstat(fd, &info) != 0 || (is_folder && walk->depth >= DEPTH_MAX)) {
        walk->out->is_cut = true;
    } else if (is_folder) {
        walk->depth++;
        sil_status status = walk_folder(walk, fd, err);
        walk->depth--;
        return status; /* which has closed it */
    } else if (info.st_size >= BYTES_MAX) {
        walk->out->is_cut = true; /* however sparse it is */
    } else if (S_ISREG(info.st_mode)) {
        sil_status status = add_contents(walk, fd, err);
        (void)close(fd);
        return status;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return SIL_OK;
}

static sil_status add_one(struct walk *walk, int at, const char *name,
                          struct sil_error *err)
{
    struct stat info;
    char target[PIECE];
    if (fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        walk->out->is_cut = true;
        return SIL_OK;
    }
    if (S_ISREG(info.st_mode) && is_known(walk, name)) {
        return SIL_OK;
    }
    if (++walk->n_things > THINGS_MAX) {
        walk->out->is_cut = true;
        return SIL_OK;
    }
    walk->out->names += aud_short_digest(name, strlen(name)) + (uint64_t)walk->depth;
    sil_status status = add(walk->out, name, strlen(name), err);
    if (status != SIL_OK) {
        return status;
    }
    if (S_ISLNK(info.st_mode)) {
        ssize_t n = readlinkat(at, name, target, sizeof target);
        return n > 0 ? add(walk->out, target, (size_t)n, err) : SIL_OK;
    }
    return S_ISDIR(info.st_mode) || S_ISREG(info.st_mode)
               ? open_one(walk, at, name, S_ISDIR(info.st_mode), err)
               : SIL_OK;
}

/* Takes `fd`. */
static sil_status walk_folder(struct walk *walk, int fd, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct dirent *entry = NULL;
    DIR *list = fdopendir(fd);
    if (list == NULL) {
        walk->out->is_cut = true;
        (void)close(fd);
        return SIL_OK;
    }
    while (status == SIL_OK && walk->n_things <= THINGS_MAX &&
           (entry = readdir(list)) != NULL) { // NOLINT(concurrency-mt-unsafe): own list
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            status = add_one(walk, dirfd(list), entry->d_name, err);
        }
    }
    (void)closedir(list);
    return status;
}

sil_status aud_leavings_read(struct aud_leavings *out, int folder,
                             const char *const *known, struct sil_error *err)
{
    struct walk walk = {.out = out, .known = known};
    *out = (struct aud_leavings){0};
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        out->is_cut = true;
        return SIL_OK;
    }
    return walk_folder(&walk, fd, err);
}
