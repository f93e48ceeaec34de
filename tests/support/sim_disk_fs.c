// SPDX-License-Identifier: Apache-2.0
/* The operations on a simulated disk. */
#include "support/sim_disk_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(int code)
{
    errno = code;
    return -1;
}

/* ---- faults ---- */

/* Count an operation; true: this is the one that fails, without doing anything. */
static bool fails(struct sim_disk *disk, const char *operation, bool is_writing)
{
    const size_t number = disk->n_operations++;
    const struct sim_fault *fault = &disk->fault;
    disk->fails_after = false;
    if (!disk->is_armed || number != fault->at ||
        (fault->effect == SIM_SHORT && strcmp(operation, "write") != 0)) {
        return false;
    }
    disk->is_armed = false;
    disk->failed = operation;
    disk->failed_writing = is_writing;
    disk->fails_after = is_writing && fault->effect != SIM_NOTHING;
    errno = fault->code;
    return !disk->fails_after;
}

static bool reads(struct sim_disk *disk, const char *operation)
{
    return !fails(disk, operation, false);
}

static bool writes(struct sim_disk *disk, const char *operation)
{
    return !fails(disk, operation, true);
}

static void changed(const struct sim_disk *disk)
{
    if (disk->each != NULL) {
        disk->each(disk->context, disk);
    }
}

/* What was done is seen; what is said of it is another matter. */
static int done(const struct sim_disk *disk)
{
    changed(disk);
    return disk->fails_after ? refuse(disk->fault.code) : 0;
}

/* ---- finding ---- */

static int node_of(const struct sim_disk *disk, int file)
{
    if (file == AT_FDCWD) {
        return SIM_ROOT;
    }
    size_t i = (size_t)(file - SIM_FIRST_FILE);
    sim_must(file >= SIM_FIRST_FILE && i < SIM_FILES_MAX &&
                 disk->file[i].node != SIM_GONE,
             "not an open file");
    return disk->file[i].node;
}

static int open_node(struct sim_disk *disk, int node)
{
    for (size_t i = 0; i < SIM_FILES_MAX; i++) {
        if (disk->file[i].node == SIM_GONE) {
            disk->file[i].node = node;
            disk->file[i].position = 0;
            return SIM_FIRST_FILE + (int)i;
        }
    }
    return refuse(EMFILE);
}

static const char *skip_slashes(const char *path)
{
    return path + strspn(path, "/");
}

/* The directory that the last part of a path is in, and that part. */
static int walk(const struct sim_disk *disk, int at, const char *path,
                char last[SIM_NAME_BYTES])
{
    int node = node_of(disk, at);
    path = skip_slashes(path);
    for (;;) {
        size_t length = strcspn(path, "/");
        sim_must(length < SIM_NAME_BYTES, "a name is too long");
        (void)snprintf(last, SIM_NAME_BYTES, "%.*s", (int)length, path);
        path = skip_slashes(path + length);
        if (*path == '\0') {
            return node;
        }
        const struct sim_name *name = sim_find_name(&disk->node[node].now, last);
        if (strcmp(last, ".") != 0 && name == NULL) {
            return refuse(ENOENT);
        }
        node = name == NULL ? node : name->node;
    }
}

static int find(const struct sim_disk *disk, int at, const char *path)
{
    char last[SIM_NAME_BYTES];
    int directory = walk(disk, at, path, last);
    if (directory < 0 || last[0] == '\0' || strcmp(last, ".") == 0) {
        return directory;
    }
    const struct sim_name *name = sim_find_name(&disk->node[directory].now, last);
    return name == NULL ? refuse(ENOENT) : name->node;
}

size_t sim_disk_count(struct sim_disk *disk, const char *path)
{
    int node = find(disk, AT_FDCWD, path);
    return node < 0 ? 0 : disk->node[node].now.n;
}

/* ---- changing names ---- */

static void set_part(struct sim_change *change, const char *name, int node)
{
    (void)snprintf(change->part[change->n].name, SIM_NAME_BYTES, "%s", name);
    change->part[change->n++].node = node;
}

static void add_change(struct sim_disk *disk, const struct sim_change *change)
{
    disk->change = realloc(disk->change, (disk->n_changes + 1) * sizeof *disk->change);
    sim_must(disk->change != NULL, "memory");
    disk->change[disk->n_changes++] = *change;
    for (size_t i = 0; i < change->n; i++) {
        sim_set_name(&disk->node[change->directory].now, change->part[i].name,
                     change->part[i].node);
    }
}

static void change_name(struct sim_disk *disk, int directory, const char *name,
                        int node)
{
    struct sim_change change = {.directory = directory};
    set_part(&change, name, node);
    add_change(disk, &change);
}

static bool has_name(const struct sim_disk *disk, int directory, const char *name)
{
    return sim_find_name(&disk->node[directory].now, name) != NULL;
}

/* ---- directories and files ---- */

static int open_directory(void *self, int at, const char *path)
{
    struct sim_disk *disk = self;
    if (!reads(disk, "open_directory")) {
        return -1;
    }
    int node = find(disk, at, path);
    if (node < 0) {
        return -1;
    }
    return disk->node[node].is_directory ? open_node(disk, node) : refuse(ENOTDIR);
}

/* A new node under a new name; SIM_GONE and errno. */
static int make_node(struct sim_disk *disk, int at, const char *path, bool is_directory,
                     mode_t mode)
{
    char last[SIM_NAME_BYTES];
    int directory = walk(disk, at, path, last);
    if (directory < 0) {
        return SIM_GONE;
    }
    if (has_name(disk, directory, last)) {
        return refuse(EEXIST);
    }
    int node = sim_add_node(disk, is_directory, mode);
    disk->node[node].is_tmp = is_directory && strcmp(last, "tmp") == 0;
    change_name(disk, directory, last, node);
    return node;
}

static int make_directory(void *self, int at, const char *path, mode_t mode)
{
    struct sim_disk *disk = self;
    if (!writes(disk, "make_directory") ||
        make_node(disk, at, path, true, mode) == SIM_GONE) {
        return -1;
    }
    return done(disk);
}

static int open_file(void *self, int at, const char *path, int flags)
{
    struct sim_disk *disk = self;
    (void)flags;
    if (!reads(disk, "open_file")) {
        return -1;
    }
    int node = find(disk, at, path);
    return node < 0 ? -1 : open_node(disk, node);
}

static int create_file(void *self, int at, const char *path, mode_t mode)
{
    struct sim_disk *disk = self;
    if (!writes(disk, "create_file")) {
        return -1;
    }
    int node = make_node(disk, at, path, false, mode);
    if (node == SIM_GONE || done(disk) != 0) {
        return -1;
    }
    return open_node(disk, node);
}

static int close_file(void *self, int file)
{
    struct sim_disk *disk = self;
    struct sim_node *node = &disk->node[node_of(disk, file)];
    bool is_good = reads(disk, "close");
    /* Closed it is, whatever is said. */
    if (node->locked_by == file) {
        node->locked_by = SIM_GONE;
    }
    disk->file[file - SIM_FIRST_FILE].node = SIM_GONE;
    return is_good ? 0 : -1;
}

static ssize_t read_file(void *self, int file, void *data, size_t length)
{
    struct sim_disk *disk = self;
    if (!reads(disk, "read")) {
        return -1;
    }
    const struct sim_content *content = &disk->node[node_of(disk, file)].seen;
    size_t *position = &disk->file[file - SIM_FIRST_FILE].position;
    size_t left = sim_length(content) - *position;
    size_t n = length < left ? length : left;
    if (n > 0) {
        memcpy(data, content->bytes->data + *position, n);
    }
    *position += n;
    return (ssize_t)n;
}

static ssize_t write_file(void *self, int file, const void *data, size_t length)
{
    struct sim_disk *disk = self;
    if (!writes(disk, "write")) {
        return -1;
    }
    bool is_short = disk->fails_after && disk->fault.effect == SIM_SHORT;
    struct sim_node *node = &disk->node[node_of(disk, file)];
    sim_must(!node->is_forgotten, "a file is written to whose fsync failed");
    length = is_short && length > 1 ? 1 : length;
    sim_append(&node->seen, data, length);
    disk->fails_after = disk->fails_after && !is_short;
    return done(disk) == 0 ? (ssize_t)length : -1;
}

static int set_mode(void *self, int file, mode_t mode)
{
    struct sim_disk *disk = self;
    if (!writes(disk, "set_mode")) {
        return -1;
    }
    struct sim_content *seen = &disk->node[node_of(disk, file)].seen;
    seen->mode = (seen->mode & (mode_t)S_IFMT) | mode;
    return done(disk);
}

/* ---- making safe ---- */

static int sync_file(void *self, int file)
{
    struct sim_disk *disk = self;
    int number = node_of(disk, file);
    if (!writes(disk, "sync")) {
        int code = errno;
        sim_forget(disk, number);
        return refuse(code);
    }
    struct sim_node *node = &disk->node[number];
    if (node->is_directory) {
        sim_keep_names(disk, number);
    } else if (!node->is_forgotten) {
        sim_copy_content(&node->safe, &node->seen);
    }
    return done(disk);
}

/* ---- names of files ---- */

static int link_file(void *self, int from, const char *name, int to,
                     const char *new_name)
{
    struct sim_disk *disk = self;
    if (!writes(disk, "link")) {
        return -1;
    }
    int node = find(disk, from, name);
    int directory = node_of(disk, to);
    if (node < 0) {
        return -1;
    }
    if (has_name(disk, directory, new_name)) {
        return refuse(EEXIST);
    }
    change_name(disk, directory, new_name, node);
    return done(disk);
}

static int rename_file(void *self, int from, const char *name, int to,
                       const char *new_name)
{
    struct sim_disk *disk = self;
    if (!writes(disk, "rename")) {
        return -1;
    }
    int node = find(disk, from, name);
    int old = node_of(disk, from);
    int new = node_of(disk, to);
    if (node < 0) {
        return -1;
    }
    const struct sim_name *there = sim_find_name(&disk->node[new].now, new_name);
    if (there != NULL && there->node == node) {
        return done(disk); /* two names of one file: nothing happens */
    }
    if (old == new) {
        struct sim_change change = {.directory = old};
        set_part(&change, name, SIM_GONE);
        set_part(&change, new_name, node);
        add_change(disk, &change);
    } else {
        change_name(disk, new, new_name, node);
        change_name(disk, old, name, SIM_GONE);
    }
    return done(disk);
}

static int unlink_file(void *self, int at, const char *name)
{
    struct sim_disk *disk = self;
    if (!writes(disk, "unlink")) {
        return -1;
    }
    int directory = node_of(disk, at);
    if (!has_name(disk, directory, name)) {
        return refuse(ENOENT);
    }
    change_name(disk, directory, name, SIM_GONE);
    return done(disk);
}

/* ---- looking ---- */

static int look_at(const struct sim_disk *disk, int number, struct sil_fs_facts *out)
{
    const struct sim_node *node = &disk->node[number];
    uint64_t *links = sim_count_links(disk);
    *out = (struct sil_fs_facts){.mode = node->seen.mode,
                                 .owner = geteuid(),
                                 .links = links[number],
                                 .size = sim_length(&node->seen),
                                 .device = 1,
                                 .inode = (uint64_t)number + 1};
    free(links);
    return 0;
}

static int facts(void *self, int file, struct sil_fs_facts *out)
{
    struct sim_disk *disk = self;
    return reads(disk, "facts") ? look_at(disk, node_of(disk, file), out) : -1;
}

static int facts_at(void *self, int at, const char *name, struct sil_fs_facts *out)
{
    struct sim_disk *disk = self;
    if (!reads(disk, "facts_at")) {
        return -1;
    }
    int node = find(disk, at, name);
    return node < 0 ? -1 : look_at(disk, node, out);
}

static int list(void *self, int file, sil_fs_name_fn *each, void *context)
{
    struct sim_disk *disk = self;
    struct sim_names names = {0};
    if (!reads(disk, "list")) {
        return -1;
    }
    /* A copy: the caller may remove what it is told of. */
    sim_copy_names(&names, &disk->node[node_of(disk, file)].now);
    for (size_t i = 0; i < names.n && each(context, names.name[i].text) == 0; i++) {
    }
    free(names.name);
    return 0;
}

static int lock(void *self, int file)
{
    struct sim_disk *disk = self;
    if (!reads(disk, "lock")) {
        return -1;
    }
    struct sim_node *node = &disk->node[node_of(disk, file)];
    if (node->locked_by != SIM_GONE && node->locked_by != file) {
        return refuse(EAGAIN);
    }
    node->locked_by = file;
    return 0;
}

static int kind(void *self, int directory, enum sil_fs_kind *out)
{
    (void)directory;
    *out = SIL_FS_LOCAL;
    return reads(self, "kind") ? 0 : -1;
}

static uid_t user(void *self)
{
    (void)self;
    return geteuid();
}

static uint64_t now(void *self)
{
    return ((const struct sim_disk *)self)->now;
}

static void wait_a_while(void *self, unsigned milliseconds)
{
    struct sim_disk *disk = self;
    disk->now += milliseconds / 1000 + 1;
}

void sim_fill_table(struct sim_disk *disk)
{
    disk->fs = (struct sil_fs){.self = disk,
                               .open_directory = open_directory,
                               .make_directory = make_directory,
                               .open_file = open_file,
                               .create_file = create_file,
                               .read = read_file,
                               .write = write_file,
                               .set_mode = set_mode,
                               .sync = sync_file,
                               .close = close_file,
                               .link = link_file,
                               .rename = rename_file,
                               .unlink = unlink_file,
                               .facts = facts,
                               .facts_at = facts_at,
                               .list = list,
                               .lock = lock,
                               .kind = kind,
                               .user = user,
                               .now = now,
                               .wait = wait_a_while};
}
