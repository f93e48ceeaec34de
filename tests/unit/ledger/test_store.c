// SPDX-License-Identifier: Apache-2.0
#include "ledger/store.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch room;
static char at[64];

static void start(void)
{
    room = scratch_new();
    (void)snprintf(at, sizeof at, "%s/book", room.path);
}

static void stop(void)
{
    scratch_remove(&room);
}

TestSuite(store, .init = start, .fini = stop);

static struct sil_bytes text(const char *words)
{
    return (struct sil_bytes){.data = (uint8_t *)(uintptr_t)words,
                              .length = strlen(words)};
}

static void publish(struct sil_store *store, enum sil_store_kind kind, uint64_t number,
                    const char *words)
{
    bool existed;
    struct sil_bytes data = text(words);
    cr_assert(
        eq(int, sil_store_publish(&existed, store, kind, number, &data, NULL), SIL_OK));
    cr_assert(not(existed));
}

/* A directory with one entry, one checkpoint and the copy of it. */
static void make(void)
{
    struct sil_store *store;
    struct sil_error err;
    struct sil_bytes head = text("note");
    cr_assert(eq(int, sil_store_create(&store, &SIL_FS_POSIX, at, &err), SIL_OK), "%s",
              err.text);
    cr_assert(eq(int, sil_store_lock(store, 1, &err), SIL_OK), "%s", err.text);
    publish(store, SIL_STORE_ENTRY, 0, "zero");
    publish(store, SIL_STORE_CHECKPOINT, 1, "note");
    cr_assert(eq(int, sil_store_set_head(store, &head, &err), SIL_OK), "%s", err.text);
    sil_store_close(store);
}

/* Open and read all that is in it: the status of the first refusal. */
static sil_status read_everything(struct sil_error *err)
{
    static const enum sil_store_kind KINDS[] = {SIL_STORE_ENTRY, SIL_STORE_CHECKPOINT,
                                                SIL_STORE_COSIGNED};
    struct sil_store *store;
    struct sil_bytes data = {0};
    bool present;
    sil_status status = sil_store_open(&store, &SIL_FS_POSIX, at, err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t k = 0; k < 3 && status == SIL_OK; k++) {
        uint64_t *number = NULL;
        size_t n = 0;
        status = sil_store_numbers(&number, &n, store, KINDS[k], err);
        for (size_t i = 0; i < n && status == SIL_OK; i++) {
            status = sil_store_read(&data, store, KINDS[k], number[i], err);
            sil_bytes_clear(&data);
        }
        free(number);
    }
    if (status == SIL_OK) {
        status = sil_store_head(&data, &present, store, err);
        sil_bytes_clear(&data);
    }
    sil_store_close(store);
    return status;
}

Test(store, gives_back_what_was_published)
{
    struct sil_store *store;
    struct sil_bytes data;
    uint64_t *number;
    size_t n;
    make();

    cr_assert(eq(int, sil_store_open(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));
    cr_assert(
        eq(int, sil_store_numbers(&number, &n, store, SIL_STORE_ENTRY, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_read(&data, store, SIL_STORE_ENTRY, 0, NULL), SIL_OK));

    cr_expect(eq(sz, n, 1));
    cr_expect(eq(u64, number[0], 0));
    cr_expect(eq(sz, data.length, 4));
    cr_expect(zero(int, memcmp(data.data, "zero", 4)));
    cr_expect(zero(sz, scratch_count(scratch_path(&room, "book/tmp"))));
    sil_bytes_clear(&data);
    free(number);
    sil_store_close(store);
}

/* More than one thread reads when they are many; the first that cannot be read is named,
 * whoever came to it first. */
Test(store, reads_many_and_names_the_first_that_it_cannot)
{
    enum { MANY = 300 };

    struct sil_store *store;
    struct sil_bytes data[MANY] = {{0}};
    uint64_t number[MANY] = {0};
    struct sil_error err = {""};
    make();
    cr_assert(eq(int, sil_store_open(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));
    for (uint64_t i = 1; i < MANY; i++) {
        number[i] = i;
        publish(store, SIL_STORE_ENTRY, i, i % 2 == 0 ? "even" : "odd");
    }

    sil_status status =
        sil_store_read_all(data, store, SIL_STORE_ENTRY, number, MANY, &err);

    cr_expect(eq(int, status, SIL_OK), "%s", err.text);
    for (size_t i = 0; i < MANY; i++) {
        cr_expect(eq(sz, data[i].length, i % 2 == 0 ? 4 : 3), "%zu", i);
        sil_bytes_clear(&data[i]);
    }
    cr_assert(zero(int, chmod(scratch_path(&room, "book/entries/000000000171"), 0644)));
    cr_assert(zero(int, unlink(scratch_path(&room, "book/entries/000000000299"))));
    status = sil_store_read_all(data, store, SIL_STORE_ENTRY, number, MANY, &err);
    cr_expect(eq(int, status, SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(err.text, "000000000171 has mode 0644"), NULL), "%s",
              err.text);
    for (size_t i = 0; i < MANY; i++) {
        sil_bytes_clear(&data[i]);
    }
    sil_store_close(store);
}

/* Copies and archives keep times: two entries must not tell how long a run took. */
Test(store, gives_what_stays_a_time_as_coarse_as_the_hour)
{
    static const char *const NAMES[] = {"book/format", "book/entries/000000000000",
                                        "book/checkpoints/000000000001"};
    struct stat info;
    make();

    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        cr_assert(zero(int, stat(scratch_path(&room, NAMES[i]), &info)), "%s",
                  NAMES[i]);
        cr_expect(zero(i64, info.st_mtim.tv_sec % 3600), "%s", NAMES[i]);
        cr_expect(zero(i64, info.st_mtim.tv_nsec), "%s", NAMES[i]);
    }
}

Test(store, never_publishes_over_a_file)
{
    struct sil_store *store;
    struct sil_bytes other = text("other");
    struct sil_bytes data;
    bool existed = false;
    make();
    cr_assert(eq(int, sil_store_open(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));

    sil_status status =
        sil_store_publish(&existed, store, SIL_STORE_ENTRY, 0, &other, NULL);

    cr_expect(eq(int, status, SIL_OK));
    cr_expect(existed);
    cr_assert(eq(int, sil_store_read(&data, store, SIL_STORE_ENTRY, 0, NULL), SIL_OK));
    cr_expect(zero(int, memcmp(data.data, "zero", 4)));
    cr_expect(zero(sz, scratch_count(scratch_path(&room, "book/tmp"))));
    sil_bytes_clear(&data);
    sil_store_close(store);
}

/* ---- hardening: one row a way to spoil a directory ---- */

/* The path of something in the ledger; "" is the ledger. */
static const char *inside(const char *name)
{
    static char path[160];
    (void)snprintf(path, sizeof path, "%s%s%s", at, name[0] == '\0' ? "" : "/", name);
    return path;
}

static void use_symlink(const char *name)
{
    const char *path = inside(name);
    cr_assert(zero(int, rename(path, scratch_path(&room, "elsewhere"))));
    cr_assert(zero(int, symlink(scratch_path(&room, "elsewhere"), path)));
}

static void use_fifo(const char *name)
{
    struct stat info;
    const char *path = inside(name);
    cr_assert(zero(int, stat(path, &info)));
    cr_assert(zero(int, unlink(path)));
    cr_assert(zero(int, mkfifo(path, 0600)));
    cr_assert(zero(int, chmod(path, info.st_mode & 07777)));
}

static void use_hard_link(const char *name)
{
    const char *path = inside(name);
    cr_assert(zero(int, link(path, scratch_path(&room, "twin"))));
}

static void use_0666(const char *name)
{
    const char *path = inside(name);
    cr_assert(zero(int, chmod(path, 0666)));
}

static void use_0777(const char *name)
{
    const char *path = inside(name);
    cr_assert(zero(int, chmod(path, 0777)));
}

static void add_file(const char *name)
{
    const char *path = inside(name);
    scratch_write(path, "x", 1, 0444);
}

static void make_large(const char *name)
{
    static const char zeros[65536];
    const char *path = inside(name);
    scratch_write(path, zeros, sizeof zeros, 0444);
}

static void use_version_2(const char *name)
{
    const char *path = inside(name);
    scratch_write(path, "silhouette-ledger 2\n", 20, 0444);
}

static void give_away(const char *name)
{
    const char *path = inside(name);
    if (chown(path, 12345, 12345) != 0) {
        cr_skip_test("only root can give a file away");
    }
}

static void take_away(const char *name)
{
    const char *path = inside(name);
    cr_assert(zero(int, remove(path)));
}

#define ENTRY      "entries/000000000000"
#define CHECKPOINT "checkpoints/000000000001"

static const struct spoiling {
    const char *name;
    void (*spoil)(const char *name);
    const char *file; ///< what is spoilt
    const char *word; ///< what the error must name
    sil_status status;
} SPOILINGS[] = {
    {"an entry is a symbolic link",     use_symlink,   ENTRY,                      ENTRY,              SIL_ERR_INPUT      },
    {"a checkpoint is one",             use_symlink,   CHECKPOINT,                 CHECKPOINT,         SIL_ERR_INPUT      },
    {"the lock is one",                 use_symlink,   "lock",                     "lock",             SIL_ERR_INPUT      },
    {"the copy is one",                 use_symlink,   "checkpoint",               "book/checkpoint",  SIL_ERR_INPUT      },
    {"the format is one",               use_symlink,   "format",                   "format",           SIL_ERR_INPUT      },
    {"a folder is one",                 use_symlink,   "entries",                  "entries",          SIL_ERR_INPUT      },
    {"the directory is one",            use_symlink,   "",                         "book",             SIL_ERR_INPUT      },
    {"an entry is a FIFO",              use_fifo,      ENTRY,                      ENTRY,              SIL_ERR_INPUT      },
    {"a checkpoint is one",             use_fifo,      CHECKPOINT,                 CHECKPOINT,         SIL_ERR_INPUT      },
    {"the lock is one",                 use_fifo,      "lock",                     "lock",             SIL_ERR_INPUT      },
    {"an entry has a second name",      use_hard_link, ENTRY,                      ENTRY,              SIL_ERR_INPUT      },
    {"a checkpoint has one",            use_hard_link, CHECKPOINT,                 CHECKPOINT,         SIL_ERR_INPUT      },
    {"the lock has one",                use_hard_link, "lock",                     "lock",             SIL_ERR_INPUT      },
    {"the format has one",              use_hard_link, "format",                   "format",           SIL_ERR_INPUT      },
    {"the copy has one",                use_hard_link, "checkpoint",               "book/checkpoint",  SIL_ERR_INPUT      },
    {"an entry can be written to",      use_0666,      ENTRY,                      ENTRY,              SIL_ERR_INPUT      },
    {"a checkpoint can",                use_0666,      CHECKPOINT,                 CHECKPOINT,         SIL_ERR_INPUT      },
    {"the lock can",                    use_0666,      "lock",                     "lock",             SIL_ERR_INPUT      },
    {"the copy can",                    use_0666,      "checkpoint",               "book/checkpoint",  SIL_ERR_INPUT      },
    {"others may write to the folder",  use_0777,      "entries",                  "entries",          SIL_ERR_INPUT      },
    {"others may write to the ledger",  use_0777,      "",                         "book",             SIL_ERR_INPUT      },
    {"a foreign file",                  add_file,      "notes.txt",                "notes.txt",        SIL_ERR_INPUT      },
    {"a foreign entry",                 add_file,      "entries/00000000000a",     "00000000000a",
     SIL_ERR_INPUT                                                                                                        },
    {"a number with too few digits",    add_file,      "entries/00000000001",      "00000000001",
     SIL_ERR_INPUT                                                                                                        },
    {"a checkpoint of nothing",         add_file,      "checkpoints/000000000000", "000000000000",
     SIL_ERR_INPUT                                                                                                        },
    {"an entry of 64 KiB",              make_large,    ENTRY,                      ENTRY,              SIL_ERR_INPUT      },
    {"another version",                 use_version_2, "format",                   "format",           SIL_ERR_UNSUPPORTED},
    {"the format is missing",           take_away,     "format",                   "not a ledger",     SIL_ERR_INPUT      },
    {"the lock is missing",             take_away,     "lock",                     "lock is missing",  SIL_ERR_INPUT      },
    {"a folder is missing",             take_away,     "cosigned",                 "cosigned is miss", SIL_ERR_INPUT      },
    {"an entry is someone else's",      give_away,     ENTRY,                      ENTRY,              SIL_ERR_INPUT      },
    {"the directory is someone else's", give_away,     "",                         "book",             SIL_ERR_INPUT      },
};

Test(store, refuses_what_is_not_safe_and_names_it)
{
    for (size_t i = 0; i < sizeof SPOILINGS / sizeof SPOILINGS[0]; i++) {
        const struct spoiling *row = &SPOILINGS[i];
        struct sil_error err = {{0}};
        make();
        cr_assert(eq(int, read_everything(&err), SIL_OK), "%s", err.text);

        row->spoil(row->file);

        cr_expect(eq(int, read_everything(&err), row->status), "%s, %s: %s", row->name,
                  row->file, err.text);
        cr_expect(ne(ptr, strstr(err.text, row->word), NULL), "%s, %s: %s", row->name,
                  row->file, err.text);
        scratch_remove(&room);
        start();
    }
}

Test(store, reads_a_directory_with_a_slash_behind_it_and_no_link_even_so)
{
    struct sil_store *store;
    make();
    (void)strcat(at, "///");
    cr_assert(eq(int, sil_store_open(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));
    sil_store_close(store);
    at[strlen(at) - 3] = '\0';
    use_symlink("");

    (void)strcat(at, "/");

    cr_expect(eq(int, sil_store_open(&store, &SIL_FS_POSIX, at, NULL), SIL_ERR_INPUT));
}

Test(store, allows_the_second_name_that_a_crash_left_in_tmp)
{
    struct sil_store *store;
    struct sil_error err;
    make();
    cr_assert(zero(int, link(scratch_path(&room, "book/" ENTRY),
                             scratch_path(&room, "book/tmp/left"))));

    cr_expect(eq(int, read_everything(&err), SIL_OK), "%s", err.text);

    cr_assert(eq(int, sil_store_open(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_clean(store, NULL), SIL_OK));
    cr_expect(zero(sz, scratch_count(scratch_path(&room, "book/tmp"))));
    sil_store_close(store);
}

/* ---- making ---- */

Test(store, takes_over_what_a_killed_call_left_without_an_entry)
{
    struct sil_store *store;
    cr_assert(zero(int, mkdir(at, 0700)));
    cr_assert(zero(int, mkdir(scratch_path(&room, "book/entries"), 0700)));
    cr_assert(zero(int, mkdir(scratch_path(&room, "book/tmp"), 0700)));
    scratch_write(scratch_path(&room, "book/tmp/half"), "silh", 4, 0600);

    cr_expect(eq(int, sil_store_create(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));

    sil_store_close(store);
}

Test(store, is_not_made_over_a_ledger)
{
    struct sil_store *store;
    make();

    cr_expect(
        eq(int, sil_store_create(&store, &SIL_FS_POSIX, at, NULL), SIL_ERR_USAGE));
    cr_expect(zero(ptr, store));
}

Test(store, is_not_made_in_a_directory_of_other_things)
{
    struct sil_store *store;
    cr_assert(zero(int, mkdir(at, 0700)));
    scratch_write(scratch_path(&room, "book/thesis.txt"), "x", 1, 0600);

    cr_expect(
        eq(int, sil_store_create(&store, &SIL_FS_POSIX, at, NULL), SIL_ERR_INPUT));
    cr_expect(eq(sz, scratch_count(at), 1));
}

/* ---- kinds of file systems, and errors, by a table that tells something else ---- */

static int say_remote(void *self, int directory, enum sil_fs_kind *out)
{
    (void)self;
    (void)directory;
    *out = SIL_FS_REMOTE;
    return 0;
}

static int say_volatile(void *self, int directory, enum sil_fs_kind *out)
{
    (void)self;
    (void)directory;
    *out = SIL_FS_VOLATILE;
    return 0;
}

Test(store, is_refused_on_a_network_file_system)
{
    struct sil_store *store;
    struct sil_fs fs = SIL_FS_POSIX;
    make();

    fs.kind = say_remote;
    cr_expect(eq(int, sil_store_open(&store, &fs, at, NULL), SIL_ERR_INPUT));

    fs.kind = say_volatile;
    cr_assert(eq(int, sil_store_open(&store, &fs, at, NULL), SIL_OK));
    cr_expect(sil_store_is_volatile(store));
    sil_store_close(store);
}

static int fail_at;
static int calls;

static int fail_sync(void *self, int file)
{
    if (calls++ == fail_at) {
        errno = EIO;
        return -1;
    }
    return SIL_FS_POSIX.sync(self, file);
}

Test(store, is_spent_after_a_failed_fsync_and_repeats_none)
{
    for (fail_at = 0; fail_at < 2; fail_at++) {
        struct sil_store *store;
        struct sil_fs fs = SIL_FS_POSIX;
        struct sil_bytes one = text("one");
        struct sil_bytes data;
        bool existed;
        make();
        fs.sync = fail_sync;
        calls = 0;
        cr_assert(eq(int, sil_store_open(&store, &fs, at, NULL), SIL_OK));
        cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));

        cr_expect(eq(int,
                     sil_store_publish(&existed, store, SIL_STORE_ENTRY, 1, &one, NULL),
                     SIL_ERR_IO));

        cr_expect(eq(int, calls, fail_at + 1), "one call, and none after it failed");
        cr_expect(eq(int,
                     sil_store_publish(&existed, store, SIL_STORE_ENTRY, 1, &one, NULL),
                     SIL_ERR_IO));
        cr_expect(eq(int, sil_store_read(&data, store, SIL_STORE_ENTRY, 0, NULL),
                     SIL_ERR_IO));
        cr_expect(eq(int, calls, fail_at + 1));
        /* Before the link nothing is to be seen; after it the entry is there. */
        cr_expect(eq(int,
                     scratch_exists(scratch_path(&room, "book/entries/000000000001")),
                     fail_at == 1));
        sil_store_close(store);
        scratch_remove(&room);
        start();
    }
}

static ssize_t write_a_little(void *self, int file, const void *data, size_t length)
{
    if (calls++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return SIL_FS_POSIX.write(self, file, data, length > 3 ? 3 : length);
}

static ssize_t read_a_little(void *self, int file, void *data, size_t length)
{
    if (calls++ % 2 == 0) {
        errno = EINTR;
        return -1;
    }
    return SIL_FS_POSIX.read(self, file, data, length > 3 ? 3 : length);
}

Test(store, completes_short_and_interrupted_writes_and_reads)
{
    struct sil_store *store;
    struct sil_fs fs = SIL_FS_POSIX;
    struct sil_bytes one = text("one two three four");
    struct sil_bytes data;
    bool existed;
    make();
    fs.write = write_a_little;
    fs.read = read_a_little;
    cr_assert(eq(int, sil_store_open(&store, &fs, at, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));

    cr_assert(eq(int,
                 sil_store_publish(&existed, store, SIL_STORE_ENTRY, 1, &one, NULL),
                 SIL_OK));

    cr_assert(eq(int, sil_store_read(&data, store, SIL_STORE_ENTRY, 1, NULL), SIL_OK));
    cr_assert(eq(sz, data.length, one.length));
    cr_expect(zero(int, memcmp(data.data, one.data, one.length)));
    sil_bytes_clear(&data);
    sil_store_close(store);
}

static int no_space(void *self, int from, const char *name, int to,
                    const char *new_name)
{
    (void)self;
    (void)from;
    (void)name;
    (void)to;
    (void)new_name;
    errno = ENOSPC;
    return -1;
}

Test(store, leaves_nothing_behind_on_a_full_disk)
{
    struct sil_store *store;
    struct sil_fs fs = SIL_FS_POSIX;
    struct sil_bytes one = text("one");
    bool existed;
    make();
    fs.link = no_space;
    cr_assert(eq(int, sil_store_open(&store, &fs, at, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));

    cr_expect(eq(int,
                 sil_store_publish(&existed, store, SIL_STORE_ENTRY, 1, &one, NULL),
                 SIL_ERR_IO));

    cr_expect(zero(sz, scratch_count(scratch_path(&room, "book/tmp"))));
    cr_expect(eq(sz, scratch_count(scratch_path(&room, "book/entries")), 1));
    sil_store_close(store);
}

/* ---- rewriting, quarantine ---- */

Test(store, rewrites_the_same_bytes_under_the_same_name)
{
    struct sil_store *store;
    struct sil_bytes zero = text("zero");
    struct stat before;
    struct stat after;
    make();
    cr_assert(zero(int, stat(scratch_path(&room, "book/" ENTRY), &before)));
    cr_assert(eq(int, sil_store_open(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));

    cr_assert(
        eq(int, sil_store_rewrite(store, SIL_STORE_ENTRY, 0, &zero, NULL), SIL_OK));

    cr_assert(zero(int, stat(scratch_path(&room, "book/" ENTRY), &after)));
    cr_expect(ne(u64, before.st_ino, after.st_ino), "another file, that was synced");
    cr_expect(eq(u32, after.st_mode & 07777, 0444));
    sil_store_close(store);
    cr_expect(eq(int, read_everything(NULL), SIL_OK));
}

Test(store, moves_a_file_to_quarantine)
{
    struct sil_store *store;
    make();
    cr_assert(eq(int, sil_store_open(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));
    cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));

    cr_assert(eq(int, sil_store_quarantine(store, SIL_STORE_ENTRY, 0, NULL), SIL_OK));

    cr_expect(not(scratch_exists(scratch_path(&room, "book/" ENTRY))));
    cr_expect(eq(sz, scratch_count(scratch_path(&room, "book/quarantine")), 1));
    sil_store_close(store);
}
