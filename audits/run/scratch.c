// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* O_PATH, syscall */
#include "audits/run/child.h"
#include "base/fail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* While there is a folder, a signal that would end this program is kept until the folder is
 * gone. */
static const int ENDING[] = {SIGINT, SIGTERM, SIGHUP};

enum { N_ENDING = sizeof ENDING / sizeof ENDING[0] };

static struct sigaction before[N_ENDING];
static unsigned n_folders;
static volatile sig_atomic_t kept;

static void keep_signal(int number)
{
    kept = number;
}

bool aud_is_interrupted(void)
{
    return kept != 0;
}

static void keep_signals(void)
{
    struct sigaction keep = {.sa_handler = keep_signal};
    if (n_folders++ > 0) {
        return;
    }
    kept = 0;
    for (int i = 0; i < N_ENDING; i++) {
        (void)sigaction(ENDING[i], &keep, &before[i]);
        if (before[i].sa_handler == SIG_IGN) {
            (void)sigaction(ENDING[i], &before[i], NULL);
        }
    }
}

static void release_signals(void)
{
    if (--n_folders > 0) {
        return;
    }
    for (int i = 0; i < N_ENDING; i++) {
        (void)sigaction(ENDING[i], &before[i], NULL);
    }
    if (kept != 0) {
        (void)raise(kept);
    }
}

sil_status aud_scratch_make(struct aud_scratch *out, struct sil_error *err)
{
    static const char NAME[] = "/silhouette-audit-XXXXXX";
    const char *below = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): one thread
    if (below == NULL || below[0] != '/' ||
        strlen(below) + sizeof NAME > sizeof out->path) {
        below = "/tmp";
    }
    (void)snprintf(out->path, sizeof out->path, "%s%s", below, NAME);
    keep_signals();
    struct stat info;
    if (mkdtemp(out->path) == NULL || lstat(out->path, &info) != 0) {
        sil_status status = sil_fail_errno(err, "cannot make a folder below %s", below);
        out->path[0] = '\0';
        release_signals();
        return status;
    }
    out->device = info.st_dev;
    out->inode = info.st_ino;
    return SIL_OK;
}

/* ---- removal ---- */

/* Folders may be nested deeper than any path is long, and than there are descriptors. So no
 * folder is entered but those right below the root: what is in such a one and is not empty
 * moves up, to a number of its own. Each moves once at most, and all of them end. Nothing
 * follows a link, and nothing enters what is mounted there: with its privileges a program may
 * have mounted anything, also of this file system. */

static bool is_other(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool is_of_device(int fd, dev_t device)
{
    struct stat info;
    return fstat(fd, &info) == 0 && info.st_dev == device;
}

/* A folder, not to be read yet; -1: it is none, or something is mounted on it. A kernel that
 * cannot tell what is mounted (before Linux 5.6) tells other file systems. */
static int find_folder(int at, const char *name)
{
    const struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                                 .resolve = RESOLVE_NO_XDEV};
    struct stat info;
    int fd = (int)syscall(SYS_openat2, at, name, &how, sizeof how);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) {
        return fd;
    }
    fd = fstat(at, &info) != 0 ? -1 : openat(at, name, (int)how.flags);
    if (fd >= 0 && !is_of_device(fd, info.st_dev)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

/* A folder that was closed by whoever made it, opened again. */
static int open_found(int fd)
{
    char path[40];
    if (fd < 0) {
        return -1;
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    (void)chmod(path, S_IRWXU);
    int opened = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)close(fd);
    return opened;
}

static int open_closed(int at, const char *name)
{
    return open_found(find_folder(at, name));
}

/* To the first number that nothing has that is in the way. */
static bool move_up(int root, int folder, const char *name, uint64_t *number)
{
    char free_name[24];
    int fd = open_closed(folder, name); /* what is closed cannot be moved */
    if (fd < 0) {
        return false;
    }
    (void)close(fd);
    bool has_moved = false;
    bool is_taken = true;
    while (is_taken && !has_moved) {
        (void)snprintf(free_name, sizeof free_name, "%" PRIu64, (*number)++);
        has_moved = renameat(folder, name, root, free_name) == 0;
        is_taken = !has_moved && (errno == EEXIST || errno == ENOTEMPTY ||
                                  errno == ENOTDIR || errno == EISDIR);
    }
    return has_moved;
}

/* How many things went away from a folder right below the root. */
static size_t empty_one(int root, const char *name, uint64_t *number)
{
    size_t n = 0;
    const struct dirent *entry = NULL;
    int fd = open_closed(root, name);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    while (list != NULL &&
           (entry = readdir(list)) != NULL) { // NOLINT(concurrency-mt-unsafe): own list
        if (is_other(entry->d_name)) {
            n += unlinkat(fd, entry->d_name, 0) == 0 ||
                 unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0 ||
                 move_up(root, fd, entry->d_name, number);
        }
    }
    if (list != NULL) {
        (void)closedir(list);
    } else if (fd >= 0) {
        (void)close(fd);
    }
    return n;
}

/* Passes over the root: no more than folders can be nested while a program runs, and an end
 * when something goes on to write. */
enum { PASSES = 1 << 20 };

/* One pass; how much of it is gone. What cannot be removed stays. */
static size_t empty_root(DIR *root, uint64_t *number)
{
    size_t n = 0;
    const struct dirent *entry = NULL;
    const int fd = dirfd(root);
    rewinddir(root);
    while ((entry = readdir(root)) != NULL) { // NOLINT(concurrency-mt-unsafe): own list
        if (!is_other(entry->d_name) || unlinkat(fd, entry->d_name, 0) == 0) {
            n += is_other(entry->d_name);
            continue;
        }
        n += empty_one(fd, entry->d_name, number);
        n += unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0;
    }
    return n;
}

/* The folder that was made, and no other that took its name. */
static int open_root(const struct aud_scratch *scratch)
{
    struct stat info;
    int fd = open(scratch->path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool is_ours = fd >= 0 && fstat(fd, &info) == 0 && info.st_dev == scratch->device &&
                   info.st_ino == scratch->inode;
    if (fd >= 0 && !is_ours) {
        (void)close(fd);
    }
    return is_ours ? open_found(fd) : -1;
}

void aud_scratch_remove(struct aud_scratch *scratch)
{
    uint64_t number = 0;
    if (scratch->path[0] == '\0') {
        return;
    }
    int fd = open_root(scratch);
    DIR *root = fd < 0 ? NULL : fdopendir(fd);
    for (size_t i = 0; root != NULL && i < PASSES && empty_root(root, &number) > 0;) {
        i++;
    }
    if (root != NULL) {
        (void)closedir(root);
    } else if (fd >= 0) {
        (void)close(fd);
    }
    if (fd >= 0) {
        (void)rmdir(scratch->path);
    }
    scratch->path[0] = '\0';
    release_signals();
}
