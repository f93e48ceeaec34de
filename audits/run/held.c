// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* makedev */
#include "audits/run/held.h"

#include "audits/run/entries.h"
#include "audits/run/family.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { BLOCK = 512, SLOTS = 1 << 15, FACTS_MAX = 4096, NAME_MAX_HERE = 80 };

/* What no honest program comes near, and a look at it would take long. */
enum { THREADS_MAX = 1 << 15, LINES_MAX = 1 << 20, LINE_MAX_HERE = 1 << 17 };

/* Looks one after the other, ten a second, in which something lay in a socket; in which some
 * process let nobody look, as all do for a moment when they end. */
enum { LOOKS_IN_FLIGHT = 10, LOOKS_REFUSED = 2 };

struct look {
    struct aud_held *held;
    const struct aud_limits *limits;
    const char *folder;
    unsigned threads, lines;
    bool has_maps; ///< those of the process in hand were read
    bool has_flight, is_refused;
};

static bool goes_on(const struct look *look)
{
    const struct aud_held *held = look->held;
    return !held->is_hidden && held->bytes <= look->limits->folder_bytes &&
           held->files <= look->limits->folder_files &&
           held->shared <= look->limits->memory;
}

static void note_refusal(struct look *look)
{
    /* What is gone by now holds nothing. That nothing can be opened is no excuse. */
    look->is_refused |= errno == EACCES || errno == EPERM;
    look->held->is_hidden |= errno == EMFILE || errno == ENFILE;
}

/* ---- each once ---- */

struct thing {
    uint64_t device, inode, part;
};

static struct {
    struct thing thing;
    uint32_t look;
} seen[SLOTS];

static uint32_t n_looks;
static size_t n_seen;

static bool is_new(struct look *look, struct thing thing)
{
    uint64_t at = (thing.device * 31 + thing.inode) * 31 + thing.part;
    at = (at * 0x9e3779b97f4a7c15U) >> 32 & (SLOTS - 1);
    while (seen[at].look == n_looks) {
        if (memcmp(&seen[at].thing, &thing, sizeof thing) == 0) {
            return false;
        }
        at = (at + 1) & (SLOTS - 1);
    }
    if (++n_seen > SLOTS / 2) {
        look->held->is_hidden = true;
        return false;
    }
    seen[at].thing = thing;
    seen[at].look = n_looks;
    return true;
}

static void count_file(struct look *look, const struct stat *info)
{
    if (S_ISREG(info->st_mode) && info->st_nlink == 0 &&
        is_new(look, (struct thing){info->st_dev, info->st_ino, 0})) {
        look->held->bytes += (uint64_t)info->st_blocks * BLOCK;
        look->held->files++;
    }
}

/* ---- what is open ---- */

/* Descriptors that are on their way in a socket, or that a ring (io_uring) was given, are in
 * no process. */
static void look_for_flights(struct look *look, int folder, const char *name)
{
    char path[NAME_MAX_HERE];
    char facts[FACTS_MAX];
    (void)snprintf(path, sizeof path, "../fdinfo/%.20s", name);
    aud_entries_text(facts, sizeof facts, folder, path);
    look->has_flight |= aud_entries_fact(facts, "\nscm_fds: ") > 0 ||
                        aud_entries_fact(facts, "\nUserFiles:\t") > 0;
}

static bool visit_open(void *context, int folder, const char *name)
{
    struct look *look = context;
    struct stat info;
    if (fstatat(folder, name, &info, 0) != 0) {
        note_refusal(look);
        return goes_on(look);
    }
    count_file(look, &info);
    if (S_ISSOCK(info.st_mode) || (info.st_mode & S_IFMT) == 0) {
        look_for_flights(look, folder, name);
    }
    return goes_on(look);
}

/* ---- what is mapped ---- */

struct mapping {
    uint64_t start, end, offset, inode;
    dev_t device;
    const char *path;
};

/* "start-end rights offset major:minor inode path"; false: it is of no removed file. */
static bool read_mapping(struct mapping *out, char *line)
{
    static const char REMOVED[] = " (deleted)";
    const size_t length = strlen(line);
    const size_t end = sizeof REMOVED - 1;
    char *at = line;
    if (length < end || strcmp(line + length - end, REMOVED) != 0) {
        return false;
    }
    out->start = strtoull(at, &at, 16);
    out->end = strtoull(at + (*at == '-'), &at, 16);
    at = strchr(at + (*at == ' '), ' ');
    if (at == NULL) {
        return false;
    }
    out->offset = strtoull(at, &at, 16);
    unsigned major = (unsigned)strtoul(at, &at, 16);
    out->device = makedev(major, (unsigned)strtoul(at + (*at == ':'), &at, 16));
    out->inode = strtoull(at, &at, 10);
    out->path = at + strspn(at, " ");
    return true;
}

static bool is_below(const char *path, const char *folder)
{
    const size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

/* As much as was touched; memory is no file of the folder, though it may look like one. */
static void count_common(struct look *look, const struct stat *info)
{
    if (S_ISREG(info->st_mode) && info->st_nlink == 0 &&
        is_new(look, (struct thing){info->st_dev, info->st_ino, 0})) {
        look->held->shared += (uint64_t)info->st_blocks * BLOCK;
    }
}

/* Only to who is privileged the kernel shows the file itself. */
static void count_mapping(struct look *look, int tasks, const struct mapping *mapping)
{
    char name[NAME_MAX_HERE];
    struct stat info;
    const struct thing file = {mapping->device, mapping->inode, 0};
    const struct thing part = {mapping->device, mapping->inode, mapping->offset + 1};
    (void)snprintf(name, sizeof name, "../map_files/%" PRIx64 "-%" PRIx64,
                   mapping->start, mapping->end);
    const bool is_told = fstatat(tasks, name, &info, 0) == 0;
    const bool is_of_folder = is_below(mapping->path, look->folder);
    if (is_told && is_of_folder) {
        count_file(look, &info);
    } else if (is_told) {
        count_common(look, &info);
    } else if (is_of_folder) {
        if (is_new(look, file)) {
            look->held->bytes += look->limits->file_bytes;
            look->held->files++;
        }
    } else if (is_new(look, part)) {
        look->held->shared += mapping->end - mapping->start;
    }
}

/* How much of the text was lines; of the rest more is to be read. */
static size_t take_lines(struct look *look, int tasks, char *text)
{
    char *line = text;
    for (char *end = NULL; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        struct mapping mapping;
        *end = '\0';
        look->held->is_hidden |= ++look->lines > LINES_MAX;
        if (goes_on(look) && read_mapping(&mapping, line)) {
            count_mapping(look, tasks, &mapping);
        }
    }
    return (size_t)(line - text);
}

static void read_maps(struct look *look, int tasks, const char *name)
{
    static char text[LINE_MAX_HERE];
    char path[NAME_MAX_HERE];
    size_t n = 0;
    ssize_t got = 0;
    (void)snprintf(path, sizeof path, "%.20s/maps", name);
    int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        note_refusal(look);
        return;
    }
    while (goes_on(look) && (got = read(fd, text + n, sizeof text - 1 - n)) > 0) {
        look->has_maps = true;
        n += (size_t)got;
        text[n] = '\0';
        size_t done = take_lines(look, tasks, text);
        (void)memmove(text, text + done, n - done);
        n -= done;
        look->held->is_hidden |= n == sizeof text - 1;
    }
    (void)close(fd);
}

/* ---- who holds it ---- */

/* "number (name) state", and the name may hold anything. */
static bool is_dead(int tasks, const char *name)
{
    char path[NAME_MAX_HERE];
    char facts[FACTS_MAX];
    (void)snprintf(path, sizeof path, "%.20s/stat", name);
    aud_entries_text(facts, sizeof facts, tasks, path);
    const char *end = strrchr(facts, ')');
    return end == NULL || strncmp(end, ") Z", 3) == 0 || strncmp(end, ") X", 3) == 0;
}

/* A thread may have descriptors of its own, and the first may have ended. */
static bool visit_thread(void *context, int tasks, const char *name)
{
    struct look *look = context;
    char path[NAME_MAX_HERE];
    (void)snprintf(path, sizeof path, "%.20s/fd", name);
    if (!is_dead(tasks, name)) {
        int folder = aud_entries_open(tasks, path);
        if (folder < 0) {
            note_refusal(look);
        }
        aud_entries_visit(folder, visit_open, look);
        if (!look->has_maps && goes_on(look)) {
            read_maps(look, tasks, name);
        }
    }
    look->held->is_hidden |= ++look->threads > THREADS_MAX;
    return goes_on(look);
}

static bool visit_process(void *context, int proc, const char *name)
{
    struct look *look = context;
    char path[NAME_MAX_HERE];
    if (aud_family_has(strtol(name, NULL, 10))) {
        (void)snprintf(path, sizeof path, "%.20s/task", name);
        look->has_maps = false;
        int tasks = aud_entries_open(proc, path);
        if (tasks < 0) {
            note_refusal(look);
        }
        aud_entries_visit(tasks, visit_thread, look);
    }
    return goes_on(look);
}

void aud_held_count(struct aud_held *out, const char *folder,
                    const struct aud_limits *limits)
{
    static unsigned in_flight;
    static unsigned refused;
    struct look look = {.held = out, .limits = limits, .folder = folder};
    *out = (struct aud_held){0};
    n_looks++;
    n_seen = 0;
    aud_entries_visit(aud_entries_open(AT_FDCWD, "/proc"), visit_process, &look);
    refused = look.is_refused ? refused + 1 : 0;
    out->is_unseen = refused >= LOOKS_REFUSED;
    in_flight = look.has_flight ? in_flight + 1 : 0;
    out->is_hidden |= in_flight >= LOOKS_IN_FLIGHT;
}
