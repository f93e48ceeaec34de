// SPDX-License-Identifier: Apache-2.0
/* A walk ends as soon as a limit is exceeded, so nothing that lies in the folder can make it
 * long. */
#define _GNU_SOURCE /* O_PATH, SHM_INFO */
#include "audits/run/watch.h"

#include "audits/run/entries.h"
#include "audits/run/family.h"
#include "audits/run/held.h"
#include "audits/run/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, BLOCK = 512, LOOKS_GREEDY = 3 };

struct load {
    const struct aud_limits *limits;
    uint64_t bytes, files;
    int depth;
    bool is_hidden; ///< too deep, or behind a folder that lets nobody look
};

static bool is_over(const struct load *load)
{
    return load->bytes > load->limits->folder_bytes ||
           load->files > load->limits->folder_files || load->is_hidden;
}

static aud_visitor visit_file;

/* One that cannot be opened may hold anything, unless it is gone or was never a folder. */
static void visit_folder(struct load *load, int at, const char *name)
{
    int folder = aud_entries_open(at, name);
    bool is_gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    if (folder < 0 && !is_gone) {
        load->is_hidden = true;
    }
    aud_entries_visit(folder, visit_file, load);
}

static bool visit_file(void *context, int folder, const char *name)
{
    struct load *load = context;
    struct stat info;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return true; /* it is gone */
    }
    load->files++;
    load->bytes += (uint64_t)info.st_blocks * BLOCK;
    if (S_ISDIR(info.st_mode) && load->depth == DEPTH_MAX) {
        load->is_hidden = true;
    } else if (S_ISDIR(info.st_mode)) {
        load->depth++;
        visit_folder(load, folder, name);
        load->depth--;
    }
    return !is_over(load);
}

/* The folder's path without links, as /proc gives those of files in it; empty: it is gone. */
static void find_path(char path[PATH_MAX], const char *folder)
{
    char link[40];
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = fd < 0 ? 0 : readlink(link, path, PATH_MAX - 1);
    path[n > 0 ? n : 0] = '\0';
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* Bytes of System V memory in this namespace. */
static uint64_t segments(void)
{
    struct shm_info info = {0};
    const long page = sysconf(_SC_PAGESIZE);
    return shmctl(0, SHM_INFO, (void *)&info) < 0
               ? 0
               : (uint64_t)(info.shm_rss + info.shm_swp) * (uint64_t)page;
}

/* Three looks: for a moment a process that starts another is seen twice. */
static bool is_greedy(struct aud_watch *watch, uint64_t shared)
{
    const uint64_t most = watch->limits->memory - shared;
    watch->greedy = aud_memory_count(most) > most ? watch->greedy + 1 : 0;
    return watch->greedy >= LOOKS_GREEDY;
}

enum aud_ending aud_watch_look(struct aud_watch *watch)
{
    static char path[PATH_MAX];
    const struct aud_limits *limits = watch->limits;
    struct load load = {.limits = limits};
    struct aud_held held;
    if (aud_family_find(limits->processes) > limits->processes) {
        return AUD_CROWDED;
    }
    visit_folder(&load, AT_FDCWD, watch->folder);
    find_path(path, watch->folder);
    aud_held_count(&held, path, limits);
    watch->is_unseen = watch->is_unseen || held.is_unseen;
    load.bytes += held.bytes;
    load.files += held.files;
    held.shared += watch->has_segments ? segments() : 0;
    if (is_over(&load) || held.is_hidden) {
        return AUD_OVERFULL;
    }
    return held.shared > limits->memory || is_greedy(watch, held.shared) ? AUD_GREEDY
                                                                         : AUD_EXITED;
}
