// SPDX-License-Identifier: Apache-2.0
/* Folders are read through the kernel's own call: this runs behind a fork, where another
 * thread may have left the allocator locked. A walk ends as soon as a limit is exceeded, so
 * nothing that lies in the folder can make it long. */
#define _GNU_SOURCE /* getdents64 */
#include "audits/run/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, PIECE = 4096, BLOCK = 512 };

/* Linux numbers no process higher. Rounds of ending, every other of which ends. */
enum { PROCESSES_MAX = 1 << 22, ROUNDS = 10000, MOMENT = 1000000 };

static const struct aud_limits NO_LIMITS = {
    .folder_bytes = UINT64_MAX, .folder_files = UINT64_MAX, .processes = UINT64_MAX};

struct load {
    const struct aud_limits *limits;
    uint64_t bytes, files, processes;
    bool
        is_hidden; ///< something lies too deep, or behind a folder that lets nobody look
};

static bool is_over(const struct load *load)
{
    return load->bytes > load->limits->folder_bytes ||
           load->files > load->limits->folder_files || load->is_hidden ||
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

static visitor visit_file;

/* One that cannot be opened may hold anything, unless it is gone or was never a folder. */
static void visit_folder(struct load *load, int at, const char *name, int depth)
{
    int folder = open_folder(at, name);
    bool is_gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    if (folder < 0 && !is_gone) {
        load->is_hidden = true;
    }
    visit_all(load, folder, visit_file, depth);
}

static void visit_file(struct load *load, int folder, const char *name, int depth)
{
    struct stat info;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return; /* it is gone */
    }
    load->files++;
    load->bytes += (uint64_t)info.st_blocks * BLOCK;
    if (S_ISDIR(info.st_mode) && depth == DEPTH_MAX) {
        load->is_hidden = true;
    } else if (S_ISDIR(info.st_mode)) {
        visit_folder(load, folder, name, depth + 1);
    }
}

/* ---- processes ---- */

/* Which processes come from this one, a bit for each number that a process can have. */
static uint8_t is_of_family[PROCESSES_MAX / 8];

static bool is_marked(long number)
{
    return number > 0 && number < PROCESSES_MAX &&
           (is_of_family[number / 8] >> number % 8 & 1) != 0;
}

/* /proc may be another world's: then its numbers mean nothing here. */
static bool is_own_world(void)
{
    char text[16] = "";
    ssize_t n = readlink("/proc/self", text, sizeof text - 1);
    return n > 0 && strtol(text, NULL, 10) == (long)getpid();
}

/* The parent of a process; 0: it has ended, or cannot be read. */
static long parent_of(int proc, const char *name)
{
    char text[PIECE];
    (void)snprintf(text, sizeof text, "%.20s/stat", name);
    int fd = openat(proc, text, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0) {
        (void)close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    /* "number (name) state parent", and the name may hold anything. */
    const char *end = strrchr(text, ')');
    return end != NULL && strlen(end) > 4 ? strtol(end + 4, NULL, 10) : 0;
}

static void visit_relative(struct load *load, int proc, const char *name, int depth)
{
    (void)depth;
    const long number = strtol(name, NULL, 10);
    if (number > 0 && number < PROCESSES_MAX && !is_marked(number) &&
        is_marked(parent_of(proc, name))) {
        is_of_family[number / 8] |= (uint8_t)(1U << number % 8);
        load->processes++;
    }
}

static int open_proc(void)
{
    return open_folder(AT_FDCWD, "/proc");
}

/* Numbers ascend in /proc, and mostly from parent to child: few rounds find all. */
static void find_family(struct load *load)
{
    const long self = getpid();
    uint64_t before = 0;
    (void)memset(is_of_family, 0, sizeof is_of_family);
    if (self >= PROCESSES_MAX || !is_own_world()) {
        return;
    }
    is_of_family[self / 8] |= (uint8_t)(1U << self % 8);
    do {
        before = load->processes;
        visit_all(load, open_proc(), visit_relative, 0);
    } while (load->processes > before && !is_over(load));
    is_of_family[self / 8] &= (uint8_t) ~(1U << self % 8);
}

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

static void visit_process(struct load *load, int proc, const char *name, int depth)
{
    char path[32];
    if (is_marked(strtol(name, NULL, 10))) {
        (void)snprintf(path, sizeof path, "%.20s/fd", name);
        visit_all(load, open_folder(proc, path), visit_open, depth);
    }
}

enum aud_ending aud_watch(const char *folder, const struct aud_limits *limits)
{
    struct load load = {.limits = limits};
    find_family(&load);
    if (load.processes > limits->processes) {
        return AUD_CROWDED;
    }
    visit_folder(&load, AT_FDCWD, folder, 0);
    visit_all(&load, open_proc(), visit_process, 0);
    return is_over(&load) ? AUD_OVERFULL : AUD_EXITED;
}

/* ---- the end of them ---- */

static void signal_family(int number)
{
    for (size_t i = 0; i < sizeof is_of_family; i++) {
        for (unsigned bit = 0; is_of_family[i] >> bit != 0; bit++) {
            if ((is_of_family[i] >> bit & 1) != 0) {
                (void)kill((pid_t)(8 * i + bit), number);
            }
        }
    }
}

void aud_end_family(void)
{
    const struct timespec moment = {.tv_nsec = MOMENT};
    for (int round = 0; round < ROUNDS; round++) {
        struct load load = {.limits = &NO_LIMITS};
        find_family(&load);
        signal_family(SIGSTOP);
        if (load.processes == 0 || round % 2 == 1) {
            signal_family(SIGKILL);
        }
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
        if (load.processes == 0) {
            return;
        }
        (void)nanosleep(&moment, NULL);
    }
}
