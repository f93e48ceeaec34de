// SPDX-License-Identifier: Apache-2.0
/// The inside of struct sim_disk: sim_disk.c (disks), sim_disk_fs.c (the operations),
/// sim_disk_crash.c (what a power cut leaves).
#ifndef TESTS_SUPPORT_SIM_DISK_INTERNAL_H
#define TESTS_SUPPORT_SIM_DISK_INTERNAL_H

#include "support/sim_disk.h"

enum {
    SIM_NAME_BYTES = 96,
    SIM_FILES_MAX = 32,
    SIM_FIRST_FILE = 100000, ///< no descriptor of the operating system's
    SIM_GONE = -1,           ///< where the number of a node could stand
    SIM_ROOT = 0
};

/// Bytes that never change, of as many files and disks as use them.
struct sim_bytes {
    size_t uses;
    size_t length;
    uint64_t hash;
    uint8_t data[];
};

struct sim_content {
    struct sim_bytes *bytes; ///< NULL: none
    mode_t mode;
};

struct sim_name {
    char text[SIM_NAME_BYTES];
    int node;
};

struct sim_names {
    struct sim_name *name;
    size_t n;
};

struct sim_node {
    bool is_directory;
    bool is_tmp;
    bool is_forgotten; ///< an fsync failed: no later one writes anything
    struct sim_content seen, safe;
    struct sim_names now, kept; ///< of a directory: the names seen, the names safe
    int locked_by;              ///< an open file; SIM_GONE: none
};

/// What happened to names of one directory and is not safe.
struct sim_change {
    int directory;
    bool is_forgotten;
    size_t n; ///< 2: a rename within the directory

    struct {
        char name[SIM_NAME_BYTES];
        int node; ///< SIM_GONE: removed
    } part[2];
};

struct sim_disk {
    struct sil_fs fs;
    uint64_t now;
    struct sim_node *node;
    size_t n_nodes;
    struct sim_change *change; ///< in the order in which they were made
    size_t n_changes;

    struct {
        int node; ///< SIM_GONE: closed
        size_t position;
    } file[SIM_FILES_MAX];

    sim_disk_fn *each;
    void *context;
    size_t n_operations;
    struct sim_fault fault; ///< `at` counted from the first operation
    bool is_armed;
    bool fails_after; ///< the operation that is going on
    const char *failed;
    bool failed_writing;
};

/// Abort with a sentence unless it holds.
void sim_must(bool holds, const char *what);

/// Mixed into a hash of 64 bits; begin with SIM_HASH.
#define SIM_HASH UINT64_C(0xcbf29ce484222325)
uint64_t sim_mix(uint64_t hash, const void *data, size_t length);

size_t sim_length(const struct sim_content *content);

/// The old bytes (which may be the content's own) and more, or zeros where `more` is NULL.
void sim_append(struct sim_content *content, const void *more, size_t n);

/// The first n of them, none of which is more than there are.
void sim_cut(struct sim_content *content, size_t n);

void sim_copy_content(struct sim_content *to, const struct sim_content *from);
void sim_drop_content(struct sim_content *content);
bool sim_same_content(const struct sim_content *a, const struct sim_content *b);

struct sim_name *sim_find_name(const struct sim_names *names, const char *text);

/// Give a name a node, or remove it (SIM_GONE).
void sim_set_name(struct sim_names *names, const char *text, int node);
void sim_copy_names(struct sim_names *to, const struct sim_names *from);

/// A disk with a clock, its table, and nothing in it, not even a root.
struct sim_disk *sim_disk_blank(uint64_t now);

/// A new node; pointers to nodes are void afterwards.
int sim_add_node(struct sim_disk *disk, bool is_directory, mode_t mode);

/// How many names each node has, as it is seen; freed with free().
uint64_t *sim_count_links(const struct sim_disk *disk);

/// An fsync of a directory: its names are safe.
void sim_keep_names(struct sim_disk *disk, int directory);

/// An fsync that failed, of a file or a directory.
void sim_forget(struct sim_disk *disk, int number);

/// The table of operations, for disk->fs.
void sim_fill_table(struct sim_disk *disk);

#endif
