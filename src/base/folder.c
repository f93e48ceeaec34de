// SPDX-License-Identifier: Apache-2.0
/* renameat2 is Linux. */
#define _GNU_SOURCE // NOLINT(readability-identifier-naming)
#include "base/folder.h"

#include "base/fail.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_MAX_FOLDERS = 4, FILE_MODE = 0644, FOLDER_MODE = 0755, TRIALS = 100 };

/* What was made, the last first: removed in this order, files go before their folders. */
struct made {
    struct made *before;
    bool is_folder;
    char path[]; ///< from the current directory
};

struct sil_folder {
    char *target;
    char *temporary;
    char *file; ///< the name of the open file; NULL: none
    int fd;     ///< of it
    int parent; ///< of the target, to make its name durable
    int slot;   ///< in open_folders
    _Atomic(struct made *) made;
};

/* What a signal's handler finds. Whoever takes a folder out of its slot removes it: the
 * handler, or the process that goes on. */
static _Atomic(struct sil_folder *) open_folders[OPEN_MAX_FOLDERS];

/* ---- names ---- */

static sil_status out_of_memory(struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a folder's name");
}

static sil_status copy_target(struct sil_folder *folder, const char *path,
                              struct sil_error *err)
{
    folder->target = strdup(path);
    if (folder->target == NULL) {
        return out_of_memory(err);
    }
    size_t length = strlen(folder->target);
    while (length > 1 && folder->target[length - 1] == '/') {
        folder->target[--length] = '\0';
    }
    return SIL_OK;
}

static sil_status is_taken(const char *target, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_USAGE,
                    "%s is there already, and nothing is replaced: choose another "
                    "name, or move it away",
                    target);
}

static sil_status check_free(const char *target, struct sil_error *err)
{
    struct stat info;
    if (lstat(target, &info) == 0) {
        return is_taken(target, err);
    }
    return errno == ENOENT ? SIL_OK : sil_fail_errno(err, "cannot make %s", target);
}

/* ---- what was made ---- */

static sil_status note_made(struct sil_folder *folder, const char *path, bool is_folder,
                            struct sil_error *err)
{
    struct made *made = malloc(sizeof *made + strlen(path) + 1);
    if (made == NULL) {
        return out_of_memory(err);
    }
    made->is_folder = is_folder;
    (void)memcpy(made->path, path, strlen(path) + 1);
    made->before = atomic_load(&folder->made);
    atomic_store(&folder->made, made);
    return SIL_OK;
}

/* Safe in a signal's handler. */
static void remove_made(const struct sil_folder *folder)
{
    for (struct made *made = atomic_load(&folder->made); made != NULL;
         made = made->before) {
        (void)(made->is_folder ? rmdir(made->path) : unlink(made->path));
    }
}

static void remember(struct sil_folder *folder)
{
    for (int i = 0; i < OPEN_MAX_FOLDERS && folder->slot < 0; i++) {
        struct sil_folder *none = NULL;
        if (atomic_compare_exchange_strong(&open_folders[i], &none, folder)) {
            folder->slot = i;
        }
    }
}

/* False: a signal's handler is at it, and the process is about to end. */
static bool take_back(struct sil_folder *folder)
{
    bool is_ours = folder->slot < 0 ||
                   atomic_exchange(&open_folders[folder->slot], NULL) == folder;
    folder->slot = -1;
    return is_ours;
}

void sil_folder_abandon_all(void)
{
    for (int i = 0; i < OPEN_MAX_FOLDERS; i++) {
        struct sil_folder *folder = atomic_exchange(&open_folders[i], NULL);
        if (folder != NULL) {
            remove_made(folder);
        }
    }
}

/* ---- opening ---- */

static sil_status open_parent(struct sil_folder *folder, struct sil_error *err)
{
    char *copy = strdup(folder->target);
    if (copy == NULL) {
        return out_of_memory(err);
    }
    const char *parent = dirname(copy); // NOLINT(concurrency-mt-unsafe): a copy
    folder->parent = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sil_status status =
        folder->parent >= 0
            ? SIL_OK
            : sil_fail_errno(err, "cannot make %s: the folder it is to be in",
                             folder->target);
    free(copy);
    return status;
}

static void choose_name(char letters[6])
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t byte[6];
    if (getentropy(byte, sizeof byte) != 0) {
        (void)memset(byte, getpid() & 0xff, sizeof byte);
    }
    for (size_t i = 0; i < sizeof byte; i++) {
        letters[i] = LETTERS[byte[i] % (sizeof LETTERS - 1)];
    }
}

/* Noted before it is made: no signal finds a folder that nobody would remove. */
static sil_status make_temporary(struct sil_folder *folder, struct sil_error *err)
{
    static const char TAIL[] = ".partial-XXXXXX";
    size_t length = strlen(folder->target) + sizeof TAIL;
    folder->temporary = malloc(length);
    if (folder->temporary == NULL) {
        return out_of_memory(err);
    }
    (void)snprintf(folder->temporary, length, "%s%s", folder->target, TAIL);
    for (int i = 0; i < TRIALS; i++) {
        choose_name(folder->temporary + length - sizeof "XXXXXX");
        struct stat info;
        if (lstat(folder->temporary, &info) == 0) {
            continue;
        }
        sil_status status = note_made(folder, folder->temporary, true, err);
        if (status != SIL_OK || mkdir(folder->temporary, S_IRWXU) == 0) {
            return status;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return sil_fail_errno(err, "cannot make %s", folder->target);
}

sil_status sil_folder_open(struct sil_folder **out, const char *path,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_folder *folder = NULL;

    *out = NULL;
    SIL_TRY(sil_alloc(&folder, 1, sizeof *folder, "a folder", err));
    folder->fd = -1;
    folder->parent = -1;
    folder->slot = -1;
    remember(folder);
    SIL_TRY(copy_target(folder, path, err));
    SIL_TRY(check_free(folder->target, err));
    SIL_TRY(open_parent(folder, err));
    SIL_TRY(make_temporary(folder, err));
    *out = folder;
    folder = NULL;

cleanup:
    sil_folder_abandon(folder);
    return status;
}

/* ---- files ---- */

static sil_status make_path(char **out, const struct sil_folder *folder,
                            const char *name, struct sil_error *err)
{
    size_t length = strlen(folder->temporary) + 1 + strlen(name) + 1;
    *out = malloc(length);
    if (*out == NULL) {
        return out_of_memory(err);
    }
    (void)snprintf(*out, length, "%s/%s", folder->temporary, name);
    return SIL_OK;
}

static sil_status make_folder(struct sil_folder *folder, const char *path,
                              struct sil_error *err)
{
    sil_status status = note_made(folder, path, true, err);
    return status != SIL_OK || mkdir(path, FOLDER_MODE) == 0
               ? status
               : sil_fail_errno(err, "cannot make %s", path);
}

/* The folders in a path below the temporary one, from the outermost on. */
static sil_status make_folders(struct sil_folder *folder, char *path,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *at = path + strlen(folder->temporary) + 1;
    while (status == SIL_OK && (at = strchr(at, '/')) != NULL) {
        *at = '\0';
        status = access(path, F_OK) == 0 ? SIL_OK : make_folder(folder, path, err);
        *at++ = '/';
    }
    return status;
}

sil_status sil_folder_begin(struct sil_folder *folder, const char *name,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(make_path(&folder->file, folder, name, err));
    SIL_TRY(make_folders(folder, folder->file, err));
    SIL_TRY(note_made(folder, folder->file, false, err));
    folder->fd = open(folder->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (folder->fd < 0) {
        status = sil_fail_errno(err, "cannot write %s", folder->file);
    }

cleanup:
    return status;
}

sil_status sil_folder_write(struct sil_folder *folder, const void *data, size_t length,
                            struct sil_error *err)
{
    const char *bytes = data;
    while (length > 0) {
        ssize_t n = write(folder->fd, bytes, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return sil_fail_errno(err, "cannot write %s", folder->file);
        }
        bytes += n;
        length -= (size_t)n;
    }
    return SIL_OK;
}

sil_status sil_folder_end(struct sil_folder *folder, struct sil_error *err)
{
    sil_status status = SIL_OK;
    int fd = folder->fd;
    if (fsync(fd) != 0) {
        status = sil_fail_errno(err, "cannot make %s durable", folder->file);
    }
    folder->fd = -1;
    if (close(fd) != 0 && status == SIL_OK) {
        status = sil_fail_errno(err, "cannot close %s", folder->file);
    }
    free(folder->file);
    folder->file = NULL;
    return status;
}

sil_status sil_folder_add(struct sil_folder *folder, const char *name, const void *data,
                          size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_folder_begin(folder, name, err));
    SIL_TRY(sil_folder_write(folder, data, length, err));
    SIL_TRY(sil_folder_end(folder, err));

cleanup:
    return status;
}

sil_status sil_folder_reserve(struct sil_folder *folder, const char *name,
                              uint64_t bytes, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_folder_begin(folder, name, err));
    if (fallocate(folder->fd, 0, 0, (off_t)bytes) != 0 && errno != EOPNOTSUPP &&
        errno != ENOSYS) {
        status = sil_fail_errno(err, "no room for %s", folder->target);
    }
    (void)close(folder->fd); /* nothing is in it */
    folder->fd = -1;
    free(folder->file);
    folder->file = NULL;

cleanup:
    return status;
}

/* The name stays noted: removing what is not there does no harm. */
sil_status sil_folder_release(struct sil_folder *folder, const char *name,
                              struct sil_error *err)
{
    char *path = NULL;
    sil_status status = make_path(&path, folder, name, err);
    if (status == SIL_OK && unlink(path) != 0) {
        status = sil_fail_errno(err, "cannot remove %s", path);
    }
    free(path);
    return status;
}

sil_status sil_folder_read(int *fd, const struct sil_folder *folder, const char *name,
                           struct sil_error *err)
{
    char *path = NULL;
    sil_status status = make_path(&path, folder, name, err);
    if (status == SIL_OK) {
        *fd = open(path, O_RDONLY | O_CLOEXEC);
        status = *fd >= 0 ? SIL_OK : sil_fail_errno(err, "cannot read %s", path);
    }
    free(path);
    return status;
}

/* ---- the end ---- */

/* The lock goes with the descriptor of the parent. */
sil_status sil_folder_claim(const struct sil_folder *folder, struct sil_error *err)
{
    while (flock(folder->parent, LOCK_EX) != 0) {
        if (errno != EINTR) {
            break; /* a file system without locks: looking has to do */
        }
    }
    return check_free(folder->target, err);
}

/* Some file systems cannot sync a folder (EINVAL). */
static sil_status sync_folder(const char *path, struct sil_error *err)
{
    sil_status status = SIL_OK;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL)) {
        status = sil_fail_errno(err, "cannot make %s durable", path);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

static sil_status sync_folders(const struct sil_folder *folder, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (struct made *made = atomic_load(&folder->made);
         made != NULL && status == SIL_OK; made = made->before) {
        status = made->is_folder ? sync_folder(made->path, err) : SIL_OK;
    }
    return status;
}

/* Where the file system cannot refuse to replace, a folder still replaces nothing but an
 * empty folder, and who asked has looked before. */
static int rename_new(const char *from, const char *to)
{
    int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (result == 0 || (errno != EINVAL && errno != ENOSYS)) {
        return result;
    }
    struct stat info;
    if (lstat(to, &info) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

static sil_status give_name(const struct sil_folder *folder, const char *from,
                            struct sil_error *err)
{
    if (rename_new(from, folder->target) == 0) {
        return SIL_OK;
    }
    return errno == EEXIST || errno == ENOTEMPTY
               ? is_taken(folder->target, err)
               : sil_fail_errno(err, "cannot give %s its name", folder->target);
}

static sil_status sync_name(const struct sil_folder *folder, struct sil_error *err)
{
    if (fsync(folder->parent) != 0 && errno != EINVAL) {
        return sil_fail_errno(err, "%s is written, but its name is not durable",
                              folder->target);
    }
    return SIL_OK;
}

static sil_status set_mode(const char *path, struct sil_error *err)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    return chmod(path, FOLDER_MODE & ~mask) == 0
               ? SIL_OK
               : sil_fail_errno(err, "cannot set the mode of %s", path);
}

sil_status sil_folder_commit(struct sil_folder *folder, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(set_mode(folder->temporary, err));
    SIL_TRY(sync_folders(folder, err));
    SIL_TRY(give_name(folder, folder->temporary, err));
    /* From here on nothing is at the names that would be removed. */
    SIL_TRY(sync_name(folder, err));

cleanup:
    sil_folder_abandon(folder);
    return status;
}

sil_status sil_folder_commit_file(struct sil_folder *folder, const char *name,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *path = NULL;
    SIL_TRY(make_path(&path, folder, name, err));
    SIL_TRY(give_name(folder, path, err));
    SIL_TRY(sync_name(folder, err));

cleanup:
    free(path);
    sil_folder_abandon(folder);
    return status;
}

static void free_made(struct made *made)
{
    while (made != NULL) {
        struct made *before = made->before;
        free(made);
        made = before;
    }
}

void sil_folder_abandon(struct sil_folder *folder)
{
    if (folder == NULL) {
        return;
    }
    /* Before it is taken back: a signal meanwhile removes the same. */
    remove_made(folder);
    if (!take_back(folder)) {
        return;
    }
    if (folder->fd >= 0) {
        (void)close(folder->fd);
    }
    if (folder->parent >= 0) {
        (void)close(folder->parent);
    }
    free_made(atomic_load(&folder->made));
    free(folder->file);
    free(folder->temporary);
    free(folder->target);
    free(folder);
}
