// SPDX-License-Identifier: Apache-2.0
#include "support/sim_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_BYTES = 96,
    NODES_MAX = 1024,
    NAMES_MAX = 512,
    CHANGES_MAX = 1024,
    FILES_MAX = 64,
    FIRST_FILE = 100000, /* no descriptor of the operating system's */
    NOTHING = -1,
    FREE_CHANGES_MAX = 10,
    NEWEST_TMP = 2,
    DIRTY_MAX = 4,
    FORMS = 3 /* of a file that is not durable: old, new, torn */
};

struct content {
    uint8_t *data;
    size_t length;
    mode_t mode;
};

struct name {
    char text[NAME_BYTES];
    int node;
};

struct directory {
    struct name *name;
    size_t n;
};

struct node {
    bool is_directory;
    bool is_tmp;
    bool is_dirty; /* seen and durable differ */
    struct content seen, durable;
    struct directory now, kept; /* of a directory: names seen, names durable */
    int locked_by;              /* a file; NOTHING: nobody */
};

/* What happened to names and is not durable: one name, or the two of a rename. */
struct change {
    size_t n;

    struct {
        int directory;
        char name[NAME_BYTES];
        int node; /* NOTHING: removed */
    } part[2];
};

struct sim_disk {
    struct sil_fs fs;
    uint64_t now;
    struct node *node;
    size_t n_nodes;
    struct change *change;
    size_t n_changes;

    struct {
        int node; /* NOTHING: closed */
        size_t position;
    } file[FILES_MAX];

    sim_disk_fn *each;
    void *context;
    size_t n_operations;
    size_t fail_at;
    bool fails;
    int fail_code;
    const char *failed;
};

static void must(bool condition, const char *what)
{
    if (!condition) {
        (void)fprintf(stderr, "simulated disk: %s\n", what);
        abort();
    }
}

/* ---- contents and names ---- */

static void copy_content(struct content *to, const struct content *from)
{
    uint8_t *data = malloc(from->length + 1);
    must(data != NULL, "memory");
    if (from->length > 0) {
        memcpy(data, from->data, from->length);
    }
    free(to->data);
    *to = (struct content){data, from->length, from->mode};
}

static struct name *find_name(const struct directory *directory, const char *text)
{
    for (size_t i = 0; i < directory->n; i++) {
        if (strcmp(directory->name[i].text, text) == 0) {
            return &directory->name[i];
        }
    }
    return NULL;
}

static void set_name(struct directory *directory, const char *text, int node)
{
    struct name *found = find_name(directory, text);
    if (node == NOTHING) {
        if (found != NULL) {
            *found = directory->name[--directory->n];
        }
        return;
    }
    if (found == NULL) {
        must(directory->n < NAMES_MAX, "too many names");
        directory->name =
            realloc(directory->name, (directory->n + 1) * sizeof *directory->name);
        must(directory->name != NULL, "memory");
        found = &directory->name[directory->n++];
    }
    (void)snprintf(found->text, sizeof found->text, "%s", text);
    found->node = node;
}

static void copy_names(struct directory *to, const struct directory *from)
{
    to->n = 0;
    for (size_t i = 0; i < from->n; i++) {
        set_name(to, from->name[i].text, from->name[i].node);
    }
}

static int add_node(struct sim_disk *disk, bool is_directory, mode_t mode)
{
    must(disk->n_nodes < NODES_MAX, "too many files");
    struct node *node = &disk->node[disk->n_nodes];
    *node = (struct node){.is_directory = is_directory, .locked_by = NOTHING};
    node->seen.mode = mode | (is_directory ? S_IFDIR : S_IFREG);
    node->durable.mode = node->seen.mode;
    return (int)disk->n_nodes++;
}

/* ---- the table ---- */

static int refuse(int code)
{
    errno = code;
    return -1;
}

/* Count an operation; true when this is the one that fails. */
static bool fails_now(struct sim_disk *disk, const char *operation)
{
    if (disk->fails && disk->n_operations++ == disk->fail_at) {
        disk->fails = false;
        disk->failed = operation;
        errno = disk->fail_code;
        return true;
    }
    disk->n_operations += disk->fails ? 0 : 1;
    return false;
}

static void changed(struct sim_disk *disk)
{
    if (disk->each != NULL) {
        disk->each(disk->context, disk);
    }
}

static int node_of(struct sim_disk *disk, int file)
{
    if (file == AT_FDCWD) {
        return 0;
    }
    size_t i = (size_t)(file - FIRST_FILE);
    must(file >= FIRST_FILE && i < FILES_MAX && disk->file[i].node != NOTHING,
         "not an open file");
    return disk->file[i].node;
}

static int open_node(struct sim_disk *disk, int node)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (disk->file[i].node == NOTHING) {
            disk->file[i].node = node;
            disk->file[i].position = 0;
            return FIRST_FILE + (int)i;
        }
    }
    return refuse(EMFILE);
}

/* The directory that the last part of a path is in, and that part. */
static int walk(struct sim_disk *disk, int at, const char *path, char last[NAME_BYTES])
{
    int node = node_of(disk, at);
    while (*path == '/') {
        path++;
    }
    for (;;) {
        size_t length = strcspn(path, "/");
        must(length < NAME_BYTES, "a name is too long");
        (void)snprintf(last, NAME_BYTES, "%.*s", (int)length, path);
        path += length;
        while (*path == '/') {
            path++;
        }
        if (*path == '\0') {
            return node;
        }
        const struct name *name = find_name(&disk->node[node].now, last);
        if (strcmp(last, ".") != 0 && name == NULL) {
            return refuse(ENOENT);
        }
        node = name == NULL ? node : name->node;
    }
}

static int find(struct sim_disk *disk, int at, const char *path)
{
    char last[NAME_BYTES];
    int directory = walk(disk, at, path, last);
    if (directory < 0 || last[0] == '\0' || strcmp(last, ".") == 0) {
        return directory;
    }
    const struct name *name = find_name(&disk->node[directory].now, last);
    return name == NULL ? refuse(ENOENT) : name->node;
}

static void note_change(struct sim_disk *disk, const struct change *change)
{
    must(disk->n_changes < CHANGES_MAX, "too many changes");
    for (size_t i = 0; i < change->n; i++) {
        set_name(&disk->node[change->part[i].directory].now, change->part[i].name,
                 change->part[i].node);
    }
    disk->change[disk->n_changes++] = *change;
    changed(disk);
}

static void change_name(struct sim_disk *disk, int directory, const char *name,
                        int node)
{
    struct change change = {.n = 1};
    change.part[0].directory = directory;
    change.part[0].node = node;
    (void)snprintf(change.part[0].name, NAME_BYTES, "%s", name);
    note_change(disk, &change);
}

static int open_directory(void *self, int at, const char *path)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "open_directory")) {
        return -1;
    }
    int node = find(disk, at, path);
    if (node < 0) {
        return -1;
    }
    return disk->node[node].is_directory ? open_node(disk, node) : refuse(ENOTDIR);
}

static int make_directory(void *self, int at, const char *path, mode_t mode)
{
    struct sim_disk *disk = self;
    char last[NAME_BYTES];
    if (fails_now(disk, "make_directory")) {
        return -1;
    }
    int directory = walk(disk, at, path, last);
    if (directory < 0) {
        return -1;
    }
    if (find_name(&disk->node[directory].now, last) != NULL) {
        return refuse(EEXIST);
    }
    int node = add_node(disk, true, mode);
    disk->node[node].is_tmp = strcmp(last, "tmp") == 0;
    change_name(disk, directory, last, node);
    return 0;
}

static int open_file(void *self, int at, const char *path, int flags)
{
    struct sim_disk *disk = self;
    (void)flags;
    if (fails_now(disk, "open_file")) {
        return -1;
    }
    int node = find(disk, at, path);
    return node < 0 ? -1 : open_node(disk, node);
}

static int create_file(void *self, int at, const char *path, mode_t mode)
{
    struct sim_disk *disk = self;
    char last[NAME_BYTES];
    if (fails_now(disk, "create_file")) {
        return -1;
    }
    int directory = walk(disk, at, path, last);
    if (directory < 0) {
        return -1;
    }
    if (find_name(&disk->node[directory].now, last) != NULL) {
        return refuse(EEXIST);
    }
    int node = add_node(disk, false, mode);
    change_name(disk, directory, last, node);
    return open_node(disk, node);
}

static ssize_t read_file(void *self, int file, void *data, size_t length)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "read")) {
        return -1;
    }
    const struct content *content = &disk->node[node_of(disk, file)].seen;
    size_t *position = &disk->file[file - FIRST_FILE].position;
    size_t left = content->length - *position;
    size_t n = length < left ? length : left;
    if (n > 0) {
        memcpy(data, content->data + *position, n);
    }
    *position += n;
    return (ssize_t)n;
}

static ssize_t write_file(void *self, int file, const void *data, size_t length)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "write")) {
        if (errno != 0) {
            return -1;
        }
        length = length < 1 ? length : 1;
    }
    struct node *node = &disk->node[node_of(disk, file)];
    struct content *content = &node->seen;
    content->data = realloc(content->data, content->length + length + 1);
    must(content->data != NULL, "memory");
    memcpy(content->data + content->length, data, length);
    content->length += length;
    node->is_dirty = true;
    changed(disk);
    return (ssize_t)length;
}

static int set_mode(void *self, int file, mode_t mode)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "set_mode")) {
        return -1;
    }
    struct node *node = &disk->node[node_of(disk, file)];
    node->seen.mode = (node->seen.mode & S_IFMT) | mode;
    node->is_dirty = true;
    changed(disk);
    return 0;
}

static bool touches(const struct change *change, int directory)
{
    return change->part[0].directory == directory ||
           (change->n == 2 && change->part[1].directory == directory);
}

static void keep(struct sim_disk *disk, const struct change *change)
{
    for (size_t i = 0; i < change->n; i++) {
        set_name(&disk->node[change->part[i].directory].kept, change->part[i].name,
                 change->part[i].node);
    }
}

static void sync_names(struct sim_disk *disk, int directory)
{
    size_t left = 0;
    for (size_t i = 0; i < disk->n_changes; i++) {
        if (touches(&disk->change[i], directory)) {
            keep(disk, &disk->change[i]);
        } else {
            disk->change[left++] = disk->change[i];
        }
    }
    disk->n_changes = left;
}

static int sync_file(void *self, int file)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "sync")) {
        return -1;
    }
    int number = node_of(disk, file);
    struct node *node = &disk->node[number];
    if (node->is_directory) {
        sync_names(disk, number);
    } else {
        copy_content(&node->durable, &node->seen);
        node->is_dirty = false;
    }
    changed(disk);
    return 0;
}

static int close_file(void *self, int file)
{
    struct sim_disk *disk = self;
    struct node *node = &disk->node[node_of(disk, file)];
    if (node->locked_by == file) {
        node->locked_by = NOTHING;
    }
    disk->file[file - FIRST_FILE].node = NOTHING;
    return 0;
}

static int link_file(void *self, int from, const char *name, int to,
                     const char *new_name)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "link")) {
        return -1;
    }
    int node = find(disk, from, name);
    int directory = node_of(disk, to);
    if (node < 0) {
        return -1;
    }
    if (find_name(&disk->node[directory].now, new_name) != NULL) {
        return refuse(EEXIST);
    }
    change_name(disk, directory, new_name, node);
    return 0;
}

static int rename_file(void *self, int from, const char *name, int to,
                       const char *new_name)
{
    struct sim_disk *disk = self;
    struct change change = {.n = 2};
    if (fails_now(disk, "rename")) {
        return -1;
    }
    int node = find(disk, from, name);
    if (node < 0) {
        return -1;
    }
    change.part[0].directory = node_of(disk, from);
    change.part[0].node = NOTHING;
    (void)snprintf(change.part[0].name, NAME_BYTES, "%s", name);
    change.part[1].directory = node_of(disk, to);
    change.part[1].node = node;
    (void)snprintf(change.part[1].name, NAME_BYTES, "%s", new_name);
    note_change(disk, &change);
    return 0;
}

static int unlink_file(void *self, int at, const char *name)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "unlink")) {
        return -1;
    }
    int directory = node_of(disk, at);
    if (find_name(&disk->node[directory].now, name) == NULL) {
        return refuse(ENOENT);
    }
    change_name(disk, directory, name, NOTHING);
    return 0;
}

static uint64_t n_links(const struct sim_disk *disk, int number)
{
    uint64_t n = 0;
    for (size_t i = 0; i < disk->n_nodes; i++) {
        for (size_t j = 0; j < disk->node[i].now.n; j++) {
            n += disk->node[i].now.name[j].node == number ? 1 : 0;
        }
    }
    return n;
}

static int look_at(const struct sim_disk *disk, int number, struct sil_fs_facts *out)
{
    const struct node *node = &disk->node[number];
    *out = (struct sil_fs_facts){.mode = node->seen.mode,
                                 .owner = geteuid(),
                                 .links = n_links(disk, number),
                                 .size = node->seen.length,
                                 .device = 1,
                                 .inode = (uint64_t)number + 1};
    return 0;
}

static int facts(void *self, int file, struct sil_fs_facts *out)
{
    struct sim_disk *disk = self;
    return fails_now(disk, "facts") ? -1 : look_at(disk, node_of(disk, file), out);
}

static int facts_at(void *self, int at, const char *name, struct sil_fs_facts *out)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "facts_at")) {
        return -1;
    }
    int node = find(disk, at, name);
    return node < 0 ? -1 : look_at(disk, node, out);
}

static int list(void *self, int file, sil_fs_name_fn *each, void *context)
{
    struct sim_disk *disk = self;
    struct directory names = {0};
    if (fails_now(disk, "list")) {
        return -1;
    }
    /* A copy: the caller may remove what it is told of. */
    copy_names(&names, &disk->node[node_of(disk, file)].now);
    for (size_t i = 0; i < names.n && each(context, names.name[i].text) == 0; i++) {
    }
    free(names.name);
    return 0;
}

static int lock(void *self, int file)
{
    struct sim_disk *disk = self;
    if (fails_now(disk, "lock")) {
        return -1;
    }
    struct node *node = &disk->node[node_of(disk, file)];
    if (node->locked_by != NOTHING && node->locked_by != file) {
        return refuse(EAGAIN);
    }
    node->locked_by = file;
    return 0;
}

static int kind(void *self, int directory, enum sil_fs_kind *out)
{
    (void)self;
    (void)directory;
    *out = SIL_FS_LOCAL;
    return 0;
}

static uid_t user(void *self)
{
    (void)self;
    return geteuid();
}

static uint64_t now(void *self)
{
    return ((struct sim_disk *)self)->now;
}

static void wait_a_while(void *self, unsigned milliseconds)
{
    struct sim_disk *disk = self;
    disk->now += milliseconds / 1000 + 1;
}

/* ---- disks ---- */

static struct sim_disk *new_disk(uint64_t time)
{
    struct sim_disk *disk = calloc(1, sizeof *disk);
    must(disk != NULL, "memory");
    disk->node = calloc(NODES_MAX, sizeof *disk->node);
    disk->change = calloc(CHANGES_MAX, sizeof *disk->change);
    must(disk->node != NULL && disk->change != NULL, "memory");
    for (size_t i = 0; i < FILES_MAX; i++) {
        disk->file[i].node = NOTHING;
    }
    disk->now = time;
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
    return disk;
}

struct sim_disk *sim_disk_new(uint64_t time)
{
    struct sim_disk *disk = new_disk(time);
    (void)add_node(disk, true, 0700);
    return disk;
}

void sim_disk_free(struct sim_disk *disk)
{
    for (size_t i = 0; disk != NULL && i < disk->n_nodes; i++) {
        free(disk->node[i].seen.data);
        free(disk->node[i].durable.data);
        free(disk->node[i].now.name);
        free(disk->node[i].kept.name);
    }
    if (disk != NULL) {
        free(disk->node);
        free(disk->change);
    }
    free(disk);
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

void sim_disk_fail(struct sim_disk *disk, size_t n, int code)
{
    disk->fails = true;
    disk->n_operations = 0;
    disk->fail_at = n;
    disk->fail_code = code;
    disk->failed = NULL;
}

size_t sim_disk_n_operations(const struct sim_disk *disk)
{
    return disk->n_operations;
}

const char *sim_disk_failed(const struct sim_disk *disk)
{
    return disk->failed;
}

/* ---- states after a crash ---- */

static struct sim_disk *image_of(const struct sim_disk *disk, bool from_durable)
{
    struct sim_disk *image = new_disk(disk->now);
    image->n_nodes = disk->n_nodes;
    for (size_t i = 0; i < disk->n_nodes; i++) {
        const struct node *from = &disk->node[i];
        struct node *to = &image->node[i];
        *to = (struct node){.is_directory = from->is_directory,
                            .is_tmp = from->is_tmp,
                            .locked_by = NOTHING};
        copy_content(&to->seen, from_durable ? &from->durable : &from->seen);
        copy_content(&to->durable, &to->seen);
        copy_names(&to->now, from_durable ? &from->kept : &from->now);
        copy_names(&to->kept, &to->now);
    }
    return image;
}

struct sim_disk *sim_disk_copy(const struct sim_disk *disk)
{
    return image_of(disk, false);
}

static void apply(struct sim_disk *image, const struct change *change)
{
    for (size_t i = 0; i < change->n; i++) {
        struct node *directory = &image->node[change->part[i].directory];
        set_name(&directory->now, change->part[i].name, change->part[i].node);
        set_name(&directory->kept, change->part[i].name, change->part[i].node);
    }
}

/* Form 0: as it was made durable last (set already); 1: all that was written; 2: half of
 * it, and zeros for the rest. */
static void shape(struct sim_disk *image, const struct sim_disk *disk, int number,
                  size_t form)
{
    struct node *to = &image->node[number];
    if (form > 0) {
        copy_content(&to->seen, &disk->node[number].seen);
    }
    if (form == 2) {
        memset(to->seen.data + to->seen.length / 2, 0,
               to->seen.length - to->seen.length / 2);
    }
    copy_content(&to->durable, &to->seen);
}

struct choices {
    size_t each[FREE_CHANGES_MAX]; /* changes that are taken or left one by one */
    size_t n_each;
    bool is_old_tmp[CHANGES_MAX]; /* changes that are taken or left together */
    bool has_old_tmp;
    int dirty[DIRTY_MAX];
    size_t n_dirty;
};

static bool is_tmp_only(const struct sim_disk *disk, const struct change *change)
{
    return change->n == 1 && disk->node[change->part[0].directory].is_tmp;
}

static void find_choices(struct choices *out, const struct sim_disk *disk)
{
    size_t n_tmp = 0;
    *out = (struct choices){0};
    for (size_t i = disk->n_changes; i-- > 0;) {
        bool is_tmp = is_tmp_only(disk, &disk->change[i]);
        if (is_tmp && ++n_tmp > NEWEST_TMP) {
            out->is_old_tmp[i] = true;
            out->has_old_tmp = true;
            continue;
        }
        must(out->n_each < FREE_CHANGES_MAX, "too many names at once are not durable");
        out->each[out->n_each++] = i;
    }
    for (size_t i = 0; i < disk->n_nodes; i++) {
        if (disk->node[i].is_dirty && n_links(disk, (int)i) > 0) {
            must(out->n_dirty < DIRTY_MAX, "too many files at once are not durable");
            out->dirty[out->n_dirty++] = (int)i;
        }
    }
}

static bool is_chosen(const struct choices *choices, size_t change, size_t mask)
{
    if (choices->is_old_tmp[change]) {
        return (mask >> choices->n_each & 1) != 0;
    }
    for (size_t i = 0; i < choices->n_each; i++) {
        if (choices->each[i] == change) {
            return (mask >> i & 1) != 0;
        }
    }
    return false;
}

size_t sim_disk_crash(const struct sim_disk *disk, sim_disk_fn *each, void *context)
{
    struct choices choices;
    size_t n_forms = 1;
    find_choices(&choices, disk);
    size_t n_masks = (size_t)1 << (choices.n_each + (choices.has_old_tmp ? 1 : 0));
    for (size_t i = 0; i < choices.n_dirty; i++) {
        n_forms *= FORMS;
    }
    for (size_t mask = 0; mask < n_masks; mask++) {
        for (size_t forms = 0; forms < n_forms; forms++) {
            struct sim_disk *image = image_of(disk, true);
            for (size_t i = 0; i < disk->n_changes; i++) {
                if (is_chosen(&choices, i, mask)) {
                    apply(image, &disk->change[i]);
                }
            }
            for (size_t i = 0, rest = forms; i < choices.n_dirty; i++, rest /= FORMS) {
                shape(image, disk, choices.dirty[i], rest % FORMS);
            }
            each(context, image);
            sim_disk_free(image);
        }
    }
    return n_masks * n_forms;
}

/* ---- telling states apart ---- */

static uint64_t mix(uint64_t hash, const void *data, size_t length)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* The order of names does not matter: what is below each is summed. */
static uint64_t hash_node(const struct sim_disk *disk, int number)
{
    const struct node *node = &disk->node[number];
    uint64_t hash =
        mix(UINT64_C(0xcbf29ce484222325), &node->seen.mode, sizeof node->seen.mode);
    hash = mix(hash, node->seen.data, node->seen.length);
    uint64_t sum = 0;
    for (size_t i = 0; i < node->now.n && !node->is_tmp; i++) {
        uint64_t below = hash_node(disk, node->now.name[i].node);
        sum += mix(below, node->now.name[i].text, strlen(node->now.name[i].text));
    }
    return mix(hash, &sum, sizeof sum);
}

uint64_t sim_disk_hash(const struct sim_disk *disk)
{
    return hash_node(disk, 0);
}
