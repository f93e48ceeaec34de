// SPDX-License-Identifier: Apache-2.0
/* The simulated disk itself: what a power cut may leave, and what not. */
#include "support/sim_disk.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static struct sim_disk *disk;
static const struct sil_fs *fs;
static int top;

static void start(void)
{
    disk = sim_disk_new(0);
    fs = sim_disk_fs(disk);
    top = fs->open_directory(fs->self, AT_FDCWD, "/");
}

static void stop(void)
{
    (void)fs->close(fs->self, top);
    sim_disk_free(disk);
}

TestSuite(sim_disk, .init = start, .fini = stop);

static void put(const char *name, const char *text, size_t length, bool is_synced)
{
    int file = fs->create_file(fs->self, top, name, 0600);
    cr_assert(ge(int, file, 0));
    cr_assert(eq(sz, (size_t)fs->write(fs->self, file, text, length), length));
    cr_assert(eq(int, fs->set_mode(fs->self, file, 0444), 0));
    if (is_synced) {
        (void)fs->sync(fs->self, file);
    }
    cr_assert(eq(int, fs->close(fs->self, file), 0));
}

/* How many states have the name, and how many of them a file of this mode and length. */
struct seen {
    const char *name;
    mode_t mode;
    uint64_t length;
    size_t n_states, n_named, n_whole;
};

static void look(void *context, const struct sim_disk *state)
{
    struct seen *seen = context;
    struct sim_disk *own = sim_disk_clone(state);
    const struct sil_fs *its = sim_disk_fs(own);
    struct sil_fs_facts facts;
    seen->n_states++;
    if (its->facts_at(its->self, AT_FDCWD, seen->name, &facts) == 0) {
        seen->n_named++;
        seen->n_whole +=
            (facts.mode & 07777) == seen->mode && facts.size == seen->length;
    }
    sim_disk_free(own);
}

static struct seen cut(const char *name, mode_t mode, uint64_t length)
{
    struct seen seen = {.name = name, .mode = mode, .length = length};
    cr_expect(eq(sz, sim_disk_crash(disk, look, &seen), seen.n_states));
    return seen;
}

Test(sim_disk, keeps_what_was_synced_and_nothing_else_is_sure)
{
    put("a", "text", 4, true);
    struct seen seen = cut("a", 0444, 4);
    cr_expect(eq(sz, seen.n_states, 2), "a name that is not safe");
    cr_expect(eq(sz, seen.n_named, 1));
    cr_expect(eq(sz, seen.n_whole, 1));

    cr_assert(eq(int, fs->sync(fs->self, top), 0));
    seen = cut("a", 0444, 4);
    cr_expect(eq(sz, seen.n_states, 1));
    cr_expect(eq(sz, seen.n_whole, 1));
}

Test(sim_disk, tears_bytes_that_were_not_synced)
{
    put("a", "text", 4, false);
    cr_assert(eq(int, fs->sync(fs->self, top), 0));

    struct seen seen = cut("a", 0444, 4);

    cr_expect(eq(sz, seen.n_named, seen.n_states), "the name is safe");
    cr_expect(eq(sz, seen.n_states, 10), "none, all, half, and zeros; two modes");
    cr_expect(eq(sz, seen.n_whole, 3), "all, and zeros before and behind");
}

Test(sim_disk, renames_within_a_directory_wholly_or_not_at_all)
{
    put("a", "text", 4, true);
    cr_assert(eq(int, fs->sync(fs->self, top), 0));
    cr_assert(eq(int, fs->rename(fs->self, top, "a", top, "b"), 0));

    cr_expect(eq(sz, cut("a", 0444, 4).n_named, 1));
    cr_expect(eq(sz, cut("b", 0444, 4).n_named, 1));
    cr_expect(eq(sz, cut("b", 0444, 4).n_states, 2));
}

Test(sim_disk, forgets_what_an_fsync_failed_to_make_safe)
{
    put("a", "text", 4, true);
    sim_disk_fail(disk, &(struct sim_fault){.code = EIO, .effect = SIM_NOTHING});
    cr_assert(eq(int, fs->sync(fs->self, top), -1));
    cr_expect(eq(int, errno, EIO));

    cr_assert(eq(int, fs->sync(fs->self, top), 0), "it says");

    cr_expect(eq(sz, cut("a", 0444, 4).n_states, 2));
    cr_expect(eq(sz, cut("a", 0444, 4).n_named, 1));
}

Test(sim_disk, is_the_same_to_a_process_whatever_is_safe)
{
    put("a", "text", 4, false);
    struct sim_disk *other = sim_disk_clone(disk);
    sim_disk_settle(other);

    cr_expect(eq(u64, sim_disk_hash(disk), sim_disk_hash(other)));
    cr_expect(eq(sz, sim_disk_count(disk, "/"), 1));
    sim_disk_free(other);
}
