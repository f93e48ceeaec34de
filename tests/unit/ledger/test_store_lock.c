// SPDX-License-Identifier: Apache-2.0
/* The lock between processes, and what holds when there is none. */
#include "ledger/store.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scratch room;
static char at[64];

static void start(void)
{
    struct sil_store *store;
    room = scratch_new();
    (void)snprintf(at, sizeof at, "%s/book", room.path);
    cr_assert(eq(int, sil_store_create(&store, &SIL_FS_POSIX, at, NULL), SIL_OK));
    sil_store_close(store);
}

static void stop(void)
{
    scratch_remove(&room);
}

TestSuite(store_lock, .init = start, .fini = stop);

static struct sil_store *open_store(const struct sil_fs *fs)
{
    struct sil_store *store = NULL;
    struct sil_error err = {{0}};
    if (sil_store_open(&store, fs, at, &err) != SIL_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
    }
    return store;
}

/* What another process gets that asks for the lock and waits for none. */
static sil_status ask_elsewhere(void)
{
    pid_t child = fork();
    if (child == 0) {
        struct sil_store *store = open_store(&SIL_FS_POSIX);
        _exit(store == NULL ? 99 : (int)sil_store_lock(store, 0, NULL));
    }
    int result = -1;
    cr_assert(eq(int, waitpid(child, &result, 0), child));
    cr_assert(ne(int, WIFEXITED(result), 0));
    return (sil_status)WEXITSTATUS(result);
}

Test(store_lock, keeps_a_second_process_out_until_it_is_released)
{
    struct sil_store *store = open_store(&SIL_FS_POSIX);
    cr_assert(eq(int, sil_store_lock(store, 0, NULL), SIL_OK));
    cr_expect(eq(int, ask_elsewhere(), SIL_ERR_IO));

    sil_store_unlock(store);

    cr_expect(eq(int, ask_elsewhere(), SIL_OK));
    sil_store_close(store);
}

Test(store_lock, is_not_dropped_when_another_descriptor_is_closed)
{
    struct sil_store *store = open_store(&SIL_FS_POSIX);
    cr_assert(eq(int, sil_store_lock(store, 0, NULL), SIL_OK));

    int other = open(scratch_path(&room, "book/lock"), O_RDONLY);
    cr_assert(ge(int, other, 0));
    (void)close(other);

    cr_expect(eq(int, ask_elsewhere(), SIL_ERR_IO));
    sil_store_close(store);
}

Test(store_lock, dies_with_its_process)
{
    int ready[2];
    cr_assert(zero(int, pipe(ready)));
    pid_t child = fork();
    if (child == 0) {
        struct sil_store *store = open_store(&SIL_FS_POSIX);
        char locked = store != NULL && sil_store_lock(store, 0, NULL) == SIL_OK;
        (void)!write(ready[1], &locked, 1);
        for (;;) {
            (void)pause();
        }
    }
    char locked = 0;
    cr_assert(eq(long, read(ready[0], &locked, 1), 1));
    cr_assert(eq(int, locked, 1));
    cr_assert(eq(int, ask_elsewhere(), SIL_ERR_IO));

    cr_assert(zero(int, kill(child, SIGKILL)));
    cr_assert(eq(int, waitpid(child, NULL, 0), child));

    cr_expect(eq(int, ask_elsewhere(), SIL_OK));
}

/* ---- waiting: a table whose waits are counted, and do something ---- */

static unsigned waited;

static void count_wait(void *self, unsigned milliseconds)
{
    (void)self;
    waited += milliseconds;
}

Test(store_lock, waits_as_long_as_it_was_told)
{
    struct sil_fs fs = SIL_FS_POSIX;
    struct sil_error err;
    fs.wait = count_wait;
    struct sil_store *first = open_store(&SIL_FS_POSIX);
    struct sil_store *second = open_store(&fs);
    cr_assert(eq(int, sil_store_lock(first, 0, NULL), SIL_OK));

    cr_expect(eq(int, sil_store_lock(second, 3, &err), SIL_ERR_IO));

    cr_expect(eq(u32, waited, 3000));
    cr_expect(ne(ptr, strstr(err.text, "locked by another process"), NULL), "%s",
              err.text);
    sil_store_close(first);
    sil_store_close(second);
}

/* Somebody puts a new lock file in the place of the one that is held. */
static int replace_then_lock(void *self, int file)
{
    static bool done;
    int result = SIL_FS_POSIX.lock(self, file);
    if (!done) {
        done = true;
        scratch_write(scratch_path(&room, "book/lock"), "", 0, 0600);
    }
    return result;
}

Test(store_lock, is_taken_anew_when_the_file_was_replaced_meanwhile)
{
    struct sil_fs fs = SIL_FS_POSIX;
    fs.lock = replace_then_lock;
    fs.wait = count_wait;
    waited = 0;
    struct sil_store *store = open_store(&fs);

    cr_assert(eq(int, sil_store_lock(store, 1, NULL), SIL_OK));

    cr_expect(gt(u32, waited, 0), "the first lock was on a file without a name");
    cr_expect(eq(int, ask_elsewhere(), SIL_ERR_IO), "the second is on the named one");
    sil_store_close(store);
}

/* ---- no lock at all: link(2) decides ---- */

enum { RACERS = 16, ROUNDS = 25 };

static int no_lock(void *self, int file)
{
    (void)self;
    (void)file;
    return 0;
}

/* One racer: waits for the start, publishes its own words, says whether it won. */
static void race(int go, uint64_t number, int me)
{
    struct sil_fs fs = SIL_FS_POSIX;
    char words[32];
    char token;
    bool existed = true;
    fs.lock = no_lock;
    struct sil_store *store = open_store(&fs);
    int n = snprintf(words, sizeof words, "racer %d", me);
    struct sil_bytes data = {.data = (uint8_t *)words, .length = (size_t)n};
    bool good = store != NULL && sil_store_lock(store, 0, NULL) == SIL_OK &&
                read(go, &token, 1) == 0 &&
                sil_store_publish(&existed, store, SIL_STORE_ENTRY, number, &data,
                                  NULL) == SIL_OK;
    _exit(!good ? 2 : existed ? 1 : 0);
}

static int run_round(uint64_t number, int *winner)
{
    int go[2];
    pid_t child[RACERS];
    int winners = 0;
    cr_assert(zero(int, pipe(go)));
    for (int i = 0; i < RACERS; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            (void)close(go[1]);
            race(go[0], number, i);
        }
    }
    (void)close(go[0]);
    (void)close(go[1]); /* the end of the pipe is the start of the race */
    for (int i = 0; i < RACERS; i++) {
        int result = -1;
        cr_assert(eq(int, waitpid(child[i], &result, 0), child[i]));
        cr_assert(ne(int, WIFEXITED(result), 0));
        cr_assert(ne(int, WEXITSTATUS(result), 2));
        if (WEXITSTATUS(result) == 0) {
            winners++;
            *winner = i;
        }
    }
    return winners;
}

Test(store_lock, without_one_a_number_is_published_by_exactly_one_process)
{
    for (uint64_t round = 0; round < ROUNDS; round++) {
        int winner = -1;
        char path[48];
        char words[32];
        size_t length;

        cr_assert(eq(int, run_round(round, &winner), 1), "round %d", (int)round);

        (void)snprintf(path, sizeof path, "book/entries/%012d", (int)round);
        unsigned char *data = scratch_read(scratch_path(&room, path), &length);
        int n = snprintf(words, sizeof words, "racer %d", winner);
        cr_expect(eq(sz, length, (size_t)n));
        cr_expect(zero(int, memcmp(data, words, (size_t)n)), "the winner's bytes");
        free(data);
    }
    cr_expect(zero(sz, scratch_count(scratch_path(&room, "book/tmp"))));
}
