// SPDX-License-Identifier: Apache-2.0
#include "support/sim_disk.h"

#include "support/sim_disk_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RANDOM_DIGITS = 32 };

void sim_must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "simulated disk: %s\n", what);
        abort();
    }
}

/* ---- contents and names ---- */

uint64_t sim_mix(uint64_t hash, const void *data, size_t length)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

size_t sim_length(const struct sim_content *content)
{
    return content->bytes == NULL ? 0 : content->bytes->length;
}

void sim_drop_content(struct sim_content *content)
{
    if (content->bytes != NULL && --content->bytes->uses == 0) {
        free(content->bytes);
    }
    content->bytes = NULL;
}

void sim_copy_content(struct sim_content *to, const struct sim_content *from)
{
    const struct sim_content copy = *from;
    if (copy.bytes != NULL) {
        copy.bytes->uses++;
    }
    sim_drop_content(to);
    *to = copy;
}

/* The first `kept` bytes, and `n` more. */
static void replace(struct sim_content *content, size_t kept, const void *more,
                    size_t n)
{
    struct sim_bytes *bytes = calloc(1, sizeof *bytes + kept + n);
    sim_must(bytes != NULL, "memory");
    bytes->uses = 1;
    bytes->length = kept + n;
    if (kept > 0) {
        memcpy(bytes->data, content->bytes->data, kept);
    }
    if (more != NULL && n > 0) {
        memcpy(bytes->data + kept, more, n);
    }
    bytes->hash = sim_mix(SIM_HASH, bytes->data, bytes->length);
    sim_drop_content(content);
    content->bytes = bytes;
}

void sim_append(struct sim_content *content, const void *more, size_t n)
{
    replace(content, sim_length(content), more, n);
}

void sim_cut(struct sim_content *content, size_t n)
{
    replace(content, n, NULL, 0);
}

bool sim_same_content(const struct sim_content *a, const struct sim_content *b)
{
    const size_t length = sim_length(a);
    return a->mode == b->mode && length == sim_length(b) &&
           (length == 0 || memcmp(a->bytes->data, b->bytes->data, length) == 0);
}

struct sim_name *sim_find_name(const struct sim_names *names, const char *text)
{
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp(names->name[i].text, text) == 0) {
            return &names->name[i];
        }
    }
    return NULL;
}

void sim_set_name(struct sim_names *names, const char *text, int node)
{
    struct sim_name *found = sim_find_name(names, text);
    if (node == SIM_GONE) {
        if (found != NULL) {
            *found = names->name[--names->n];
        }
        return;
    }
    if (found == NULL) {
        names->name = realloc(names->name, (names->n + 1) * sizeof *names->name);
        sim_must(names->name != NULL, "memory");
        found = &names->name[names->n++];
    }
    (void)snprintf(found->text, sizeof found->text, "%s", text);
    found->node = node;
}

void sim_copy_names(struct sim_names *to, const struct sim_names *from)
{
    struct sim_name *name = malloc((from->n + 1) * sizeof *name);
    sim_must(name != NULL, "memory");
    if (from->n > 0) {
        memcpy(name, from->name, from->n * sizeof *name);
    }
    free(to->name);
    *to = (struct sim_names){name, from->n};
}

int sim_add_node(struct sim_disk *disk, bool is_directory, mode_t mode)
{
    disk->node = realloc(disk->node, (disk->n_nodes + 1) * sizeof *disk->node);
    sim_must(disk->node != NULL, "memory");
    struct sim_node *node = &disk->node[disk->n_nodes];
    *node = (struct sim_node){.is_directory = is_directory, .locked_by = SIM_GONE};
    node->seen.mode = mode | (is_directory ? S_IFDIR : S_IFREG);
    node->safe.mode = node->seen.mode;
    return (int)disk->n_nodes++;
}

uint64_t *sim_count_links(const struct sim_disk *disk)
{
    uint64_t *links = calloc(disk->n_nodes, sizeof *links);
    sim_must(links != NULL, "memory");
    for (size_t i = 0; i < disk->n_nodes; i++) {
        for (size_t j = 0; j < disk->node[i].now.n; j++) {
            links[disk->node[i].now.name[j].node]++;
        }
    }
    return links;
}

/* ---- making safe ---- */

/* A name is safe as of now: what was forgotten of it before is of no account. */
static void drop_forgotten(struct sim_disk *disk, int directory, const char *name,
                           size_t before)
{
    for (size_t i = 0; i < before; i++) {
        struct sim_change *change = &disk->change[i];
        for (size_t j = change->n; change->directory == directory && j-- > 0;) {
            if (strcmp(change->part[j].name, name) == 0) {
                change->part[j] = change->part[--change->n];
            }
        }
    }
}

void sim_keep_names(struct sim_disk *disk, int directory)
{
    struct sim_names *kept = &disk->node[directory].kept;
    size_t left = 0;
    for (size_t i = 0; i < disk->n_changes; i++) {
        struct sim_change *change = &disk->change[i];
        if (change->directory != directory || change->is_forgotten) {
            continue;
        }
        for (size_t j = 0; j < change->n; j++) {
            sim_set_name(kept, change->part[j].name, change->part[j].node);
            drop_forgotten(disk, directory, change->part[j].name, i);
        }
        change->n = 0;
    }
    for (size_t i = 0; i < disk->n_changes; i++) {
        if (disk->change[i].n > 0) {
            disk->change[left++] = disk->change[i];
        }
    }
    disk->n_changes = left;
}

/* The system tells once that it could not write, and believes it has written. */
void sim_forget(struct sim_disk *disk, int number)
{
    struct sim_node *node = &disk->node[number];
    node->is_forgotten =
        !node->is_directory && !sim_same_content(&node->seen, &node->safe);
    for (size_t i = 0; i < disk->n_changes; i++) {
        struct sim_change *change = &disk->change[i];
        change->is_forgotten = change->is_forgotten || change->directory == number;
    }
}

/* ---- disks ---- */

struct sim_disk *sim_disk_blank(uint64_t now)
{
    struct sim_disk *disk = calloc(1, sizeof *disk);
    sim_must(disk != NULL, "memory");
    for (size_t i = 0; i < SIM_FILES_MAX; i++) {
        disk->file[i].node = SIM_GONE;
    }
    disk->now = now;
    sim_fill_table(disk);
    return disk;
}

struct sim_disk *sim_disk_new(uint64_t now)
{
    struct sim_disk *disk = sim_disk_blank(now);
    (void)sim_add_node(disk, true, S_IRWXU);
    return disk;
}

void sim_disk_free(struct sim_disk *disk)
{
    for (size_t i = 0; disk != NULL && i < disk->n_nodes; i++) {
        sim_drop_content(&disk->node[i].seen);
        sim_drop_content(&disk->node[i].safe);
        free(disk->node[i].now.name);
        free(disk->node[i].kept.name);
    }
    if (disk != NULL) {
        free(disk->node);
        free(disk->change);
    }
    free(disk);
}

struct sim_disk *sim_disk_clone(const struct sim_disk *disk)
{
    struct sim_disk *clone = sim_disk_blank(disk->now);
    clone->node = calloc(disk->n_nodes, sizeof *clone->node);
    clone->change = calloc(disk->n_changes + 1, sizeof *clone->change);
    sim_must(clone->node != NULL && clone->change != NULL, "memory");
    clone->n_nodes = disk->n_nodes;
    clone->n_changes = disk->n_changes;
    if (disk->n_changes > 0) {
        memcpy(clone->change, disk->change, disk->n_changes * sizeof *disk->change);
    }
    for (size_t i = 0; i < disk->n_nodes; i++) {
        const struct sim_node *from = &disk->node[i];
        struct sim_node *to = &clone->node[i];
        *to = (struct sim_node){.is_directory = from->is_directory,
                                .is_tmp = from->is_tmp,
                                .is_forgotten = from->is_forgotten,
                                .locked_by = SIM_GONE};
        sim_copy_content(&to->seen, &from->seen);
        sim_copy_content(&to->safe, &from->safe);
        sim_copy_names(&to->now, &from->now);
        sim_copy_names(&to->kept, &from->kept);
    }
    return clone;
}

void sim_disk_settle(struct sim_disk *disk)
{
    for (size_t i = 0; i < disk->n_nodes; i++) {
        struct sim_node *node = &disk->node[i];
        node->is_forgotten = false;
        sim_copy_content(&node->safe, &node->seen);
        sim_copy_names(&node->kept, &node->now);
    }
    disk->n_changes = 0;
}

void sim_disk_lose(struct sim_disk *disk, const char *path)
{
    const char *name = path + strspn(path, "/");
    sim_must(strchr(name, '/') == NULL && disk->n_changes == 0,
             "only a name in the root of a settled disk can be lost");
    sim_set_name(&disk->node[SIM_ROOT].now, name, SIM_GONE);
    sim_set_name(&disk->node[SIM_ROOT].kept, name, SIM_GONE);
}

const struct sil_fs *sim_disk_fs(struct sim_disk *disk)
{
    return &disk->fs;
}

void sim_disk_on_change(struct sim_disk *disk, sim_disk_fn *each, void *context)
{
    disk->each = each;
    disk->context = context;
}

/* ---- faults ---- */

void sim_disk_fail(struct sim_disk *disk, const struct sim_fault *fault)
{
    disk->fault = *fault;
    disk->fault.at += disk->n_operations;
    disk->is_armed = true;
    disk->failed = NULL;
}

const char *sim_disk_failed(const struct sim_disk *disk)
{
    return disk->failed;
}

bool sim_disk_failed_writing(const struct sim_disk *disk)
{
    return disk->failed != NULL && disk->failed_writing;
}

size_t sim_disk_n_operations(const struct sim_disk *disk)
{
    return disk->n_operations;
}

/* ---- telling states apart ---- */

/* A temporary file, by its place or by 32 random digits behind a dot. */
static bool is_temporary(const struct sim_node *directory, const char *text)
{
    const char *dot = strrchr(text, '.');
    return directory->is_tmp ||
           (dot != NULL && strspn(dot + 1, "0123456789abcdef") == RANDOM_DIGITS);
}

/* The order of names does not matter: what is below each is summed. */
static uint64_t hash_node(const struct sim_disk *disk, const uint64_t *links,
                          int number)
{
    const struct sim_node *node = &disk->node[number];
    const uint64_t parts[] = {node->seen.mode, node->is_directory ? 0 : links[number],
                              node->seen.bytes == NULL ? SIM_HASH
                                                       : node->seen.bytes->hash};
    uint64_t hash = sim_mix(SIM_HASH, parts, sizeof parts);
    uint64_t sum = 0;
    for (size_t i = 0; i < node->now.n; i++) {
        const struct sim_name *name = &node->now.name[i];
        if (is_temporary(node, name->text)) {
            sum += sim_mix(SIM_HASH, &links[name->node], sizeof *links);
        } else {
            uint64_t below = hash_node(disk, links, name->node);
            sum += sim_mix(below, name->text, strlen(name->text));
        }
    }
    return sim_mix(hash, &sum, sizeof sum);
}

uint64_t sim_disk_hash(const struct sim_disk *disk)
{
    uint64_t *links = sim_count_links(disk);
    uint64_t hash = hash_node(disk, links, SIM_ROOT);
    free(links);
    return hash;
}
