// SPDX-License-Identifier: Apache-2.0
/* Folders are read through the kernel's own call: this runs behind a fork, where another
 * thread may have left the allocator locked. A walk ends as soon as a limit is exceeded, so
 * nothing that lies in the folder can make it long. */
#define _GNU_SOURCE /* getdents64 */
#include "audits/run/watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, PIECE = 4096, BLOCK = 512 };

struct load {
    const struct aud_limits *limits;
    uint64_t bytes, files, processes;
    bool is_deep;
};

static bool is_over(const struct load *load)
{
    return load->bytes > load->limits->folder_bytes ||
           load->files > load->limits->folder_files || load->is_deep ||
           load->processes > load->limits->processes;
}

/* What is done with an entry of an open folder. */
typedef void visitor(struct load *load, int folder, const char *name, int depth);

/* Takes `folder`, which may be none. */
static void visit_all(struct load *load, int folder, visitor *visit, int depth)
{
    _Alignas(struct dirent64) char piece[PIECE];
    ssize_t n = 0;
    while (folder >= 0 && !is_over(load) &&
           (n = getdents64(folder, piece, sizeof piece)) > 0) {
        for (ssize_t at = 0; at < n && !is_over(load);) {
            const struct dirent64 *entry = (const void *)(piece + at);
            at += entry->d_reclen;
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                visit(load, folder, entry->d_name, depth);
            }
        }
    }
    if (folder >= 0) {
        (void)close(folder);
    }
}

static int open_folder(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* ---- files ---- */

static void visit_file(struct load *load, int folder, const char *name, int depth)
{
    struct stat info;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return; /* it is gone */
    }
    load->files++;
    load->bytes += (uint64_t)info.st_blocks * BLOCK;
    if (S_ISDIR(info.st_mode) && depth == DEPTH_MAX) {
        load->is_deep = true;
    } else if (S_ISDIR(info.st_mode)) {
        visit_all(load, open_folder(folder, name), visit_file, depth + 1);
    }
}

/* ---- processes ---- */

/* A file that no folder has any more. Of one that several processes have open each counts:
 * that is too much, never too little. */
static void visit_open(struct load *load, int folder, const char *name, int depth)
{
    struct stat info;
    (void)depth;
    if (fstatat(folder, name, &info, 0) == 0 && S_ISREG(info.st_mode) &&
        info.st_nlink == 0) {
        load->bytes += (uint64_t)info.st_blocks * BLOCK;
    }
}

static void visit_process(struct load *load, int folder, const char *name, int depth)
{
    char path[32];
    if (name[0] < '0' || name[0] > '9' || strcmp(name, "1") == 0) {
        return; /* no process, or this one */
    }
    load->processes++;
    (void)snprintf(path, sizeof path, "%.20s/fd", name);
    visit_all(load, open_folder(folder, path), visit_open, depth);
}

enum aud_ending aud_watch(const char *folder, const struct aud_limits *limits,
                          bool has_processes)
{
    struct load load = {.limits = limits};
    visit_all(&load, open_folder(AT_FDCWD, folder), visit_file, 0);
    if (has_processes) {
        visit_all(&load, open_folder(AT_FDCWD, "/proc"), visit_process, 0);
    }
    return load.processes > limits->processes ? AUD_CROWDED
           : is_over(&load)                   ? AUD_OVERFULL
                                              : AUD_EXITED;
}
