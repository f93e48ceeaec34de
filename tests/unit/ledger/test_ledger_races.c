// SPDX-License-Identifier: Apache-2.0
/* pipe2 */
#define _GNU_SOURCE
/* Several processes on one ledger, with the lock, without it, and with one of them stopped
 * or killed in the middle of a commit. */
#include "book_kit.h"
#include "ledger/ledger.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct book *book;
static struct sil_error err;

#define MUST(call) cr_assert(eq(int, (call), SIL_OK), "%s", err.text)

/* A grant of 1/2: four runs of 1/8. */
static void start(void)
{
    book = book_new();
    struct sil_ledger *ledger = book_found(book, NULL);
    (void)book_grant(ledger, "1/2");
    sil_ledger_close(ledger);
}

static void stop(void)
{
    book_free(book);
}

TestSuite(ledger_races, .init = start, .fini = stop);

static int no_lock(void *self, int file)
{
    (void)self;
    (void)file;
    return 0;
}

static int give_no_lock(void *self, int file)
{
    (void)self;
    (void)file;
    errno = EAGAIN;
    return -1;
}

/* A process that wants 1/8: its exit code is the status, and it has a token on 0. */
static pid_t spend_elsewhere(int go)
{
    pid_t child = fork();
    if (child != 0) {
        return child;
    }
    struct sil_ledger *ledger;
    struct sil_token *token = NULL;
    struct sil_error why = {{0}};
    char nothing;
    if (go >= 0) {
        (void)!read(go, &nothing, 1);
    }
    sil_status status = book_open(&ledger, book, SIL_LEDGER_WRITE, &why);
    if (status == SIL_OK) {
        status = book_spend(&token, ledger, "1/8", &why);
    }
    if (status != SIL_OK && status != SIL_ERR_BUDGET && status != SIL_ERR_IO) {
        (void)fprintf(stderr, "%s\n", why.text);
    }
    _exit((status == SIL_OK) != (token != NULL) ? 99 : (int)status);
}

static int status_of(pid_t child)
{
    int result = -1;
    cr_assert(eq(int, waitpid(child, &result, 0), child));
    return WIFEXITED(result) ? WEXITSTATUS(result) : -WTERMSIG(result);
}

/* `n` processes at once: how many had a token; all others must have been told that the
 * budget is short. */
static int race(int n)
{
    int go[2];
    pid_t child[64];
    int tokens = 0;
    cr_assert(zero(int, pipe2(go, O_CLOEXEC)));
    for (int i = 0; i < n; i++) {
        child[i] = spend_elsewhere(go[0]);
    }
    for (int i = 0; i < n; i++) {
        cr_assert(eq(long, write(go[1], "x", 1), 1));
    }
    for (int i = 0; i < n; i++) {
        int status = status_of(child[i]);
        cr_expect(status == SIL_OK || status == SIL_ERR_BUDGET, "process %d: %d", i,
                  status);
        tokens += status == SIL_OK;
    }
    (void)close(go[0]);
    (void)close(go[1]);
    return tokens;
}

/* How many eighths the ledger says are reserved, read by the rules. */
static int eighths(void)
{
    struct sil_ledger *ledger;
    mpq_t n;
    mpq_init(n);
    MUST(book_open(&ledger, book, SIL_LEDGER_READ, &err));
    mpq_set_ui(n, 8, 1);
    mpq_mul(n, n, sil_ledger_chain(ledger)->reserved.v);
    int count = (int)mpz_get_ui(mpq_numref(n));
    mpq_clear(n);
    sil_ledger_close(ledger);
    return count;
}

/* R1 */
Test(ledger_races, two_processes_share_no_last_eighth)
{
    struct sil_ledger *ledger;
    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
    MUST(book_spend(NULL, ledger, "3/8", &err));
    sil_ledger_close(ledger);
    book->place.lock_seconds = 60;

    cr_expect(eq(int, race(2), 1));

    cr_expect(eq(int, eighths(), 4));
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 4),
              "one entry, not two");
}

Test(ledger_races, eight_processes_get_four_tokens_of_four_eighths)
{
    book->place.lock_seconds = 60;

    cr_expect(eq(int, race(8), 4));

    cr_expect(eq(int, eighths(), 4));
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 6));
}

/* R3 */
Test(ledger_races, without_any_lock_the_links_still_count_right)
{
    book->fs.lock = no_lock;

    cr_expect(eq(int, race(8), 4));

    book->fs.lock = SIL_FS_POSIX.lock;
    cr_expect(eq(int, eighths(), 4));
    struct sil_ledger *ledger;
    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
    cr_expect(zero(sz, scratch_count(book_path(book, "tmp"))));
    sil_ledger_close(ledger);
}

Test(ledger_races, a_lock_that_is_never_given_is_an_error_and_no_entry)
{
    book->fs.lock = give_no_lock;
    book->place.lock_seconds = 0;

    cr_expect(eq(int, book_open(NULL, book, SIL_LEDGER_WRITE, &err), SIL_ERR_IO));

    MUST(book_open(NULL, book, SIL_LEDGER_READ, &err));
}

/* R2: somebody removes the lock that a process holds, and makes another. */
static int replace_lock_and_link(void *self, int from, const char *name, int to,
                                 const char *new_name)
{
    static bool done;
    if (!done) {
        done = true;
        scratch_write(book_path(book, "lock"), "", 0, 0600);
        cr_assert(eq(int, status_of(spend_elsewhere(-1)), SIL_OK));
    }
    return SIL_FS_POSIX.link(self, from, name, to, new_name);
}

Test(ledger_races, a_lock_that_was_replaced_lets_nobody_spend_twice)
{
    struct sil_ledger *ledger;
    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
    MUST(book_spend(NULL, ledger, "3/8", &err));
    book->fs.link = replace_lock_and_link;

    /* The other process, under the new lock, takes the last eighth while this one is about
     * to publish: its entry has the number. */
    cr_expect(eq(int, book_spend(NULL, ledger, "1/8", &err), SIL_ERR_BUDGET), "%s",
              err.text);

    book->fs.link = SIL_FS_POSIX.link;
    cr_expect(eq(int, eighths(), 4));
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 4));
    sil_ledger_close(ledger);
}

/* ---- stopped or killed behind the link of the entry ---- */

static int signal_after_link;
static int links;

static int link_and_signal(void *self, int from, const char *name, int to,
                           const char *new_name)
{
    int result = SIL_FS_POSIX.link(self, from, name, to, new_name);
    if (links++ == 0) {
        (void)raise(signal_after_link);
    }
    return result;
}

static pid_t spend_with_signal(int number)
{
    struct sil_fs fs = book->fs;
    signal_after_link = number;
    links = 0;
    book->fs.link = link_and_signal;
    pid_t child = spend_elsewhere(-1);
    book->fs = fs;
    return child;
}

/* C2 */
Test(ledger_races, a_commit_that_is_killed_behind_its_link_is_charged_and_finished)
{
    struct sil_ledger *ledger;
    cr_assert(eq(int, status_of(spend_with_signal(SIGKILL)), -SIGKILL));
    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), 2));
    cr_expect(eq(int, eighths(), 1), "a reader counts it already");

    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));

    cr_expect(eq(sz, scratch_count(book_path(book, "checkpoints")), 3));
    cr_expect(eq(int, eighths(), 1));
    cr_expect(zero(sz, scratch_count(book_path(book, "tmp"))));
    sil_ledger_close(ledger);
}

/* R6: the lock does not hold, one process sleeps between entry and checkpoint. */
Test(ledger_races, a_sleeper_is_helped_and_wakes_up_to_its_own_token)
{
    int result = -1;
    book->fs.lock = no_lock;
    pid_t sleeper = spend_with_signal(SIGSTOP);
    cr_assert(eq(int, waitpid(sleeper, &result, WUNTRACED), sleeper));
    cr_assert(ne(int, WIFSTOPPED(result), 0));

    /* The others finish its commit and go on: three eighths are left. */
    cr_expect(eq(int, race(4), 3));
    cr_expect(eq(int, eighths(), 4));

    cr_assert(zero(int, kill(sleeper, SIGCONT)));
    cr_expect(eq(int, status_of(sleeper), SIL_OK), "the same checkpoint is no fork");
    cr_expect(eq(int, eighths(), 4));
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 6));
    MUST(book_open(NULL, book, SIL_LEDGER_WRITE, &err));
}

/* R5: the lock holds; a sleeper keeps the others waiting, and nothing else. */
Test(ledger_races, a_sleeper_with_the_lock_keeps_others_out)
{
    int result = -1;
    pid_t sleeper = spend_with_signal(SIGSTOP);
    cr_assert(eq(int, waitpid(sleeper, &result, WUNTRACED), sleeper));
    book->place.lock_seconds = 0;

    cr_expect(eq(int, status_of(spend_elsewhere(-1)), SIL_ERR_IO));
    cr_expect(eq(int, eighths(), 1), "reading needs no lock");

    cr_assert(zero(int, kill(sleeper, SIGCONT)));
    cr_expect(eq(int, status_of(sleeper), SIL_OK));
    cr_expect(eq(int, status_of(spend_elsewhere(-1)), SIL_OK));
    cr_expect(eq(int, eighths(), 2));
}

/* ---- reading while others write ---- */

Test(ledger_races, a_reader_is_never_told_of_damage_that_is_only_haste)
{
    pid_t writer = fork();
    if (writer == 0) {
        struct sil_ledger *ledger;
        sil_status status = book_open(&ledger, book, SIL_LEDGER_WRITE, NULL);
        for (int i = 0; i < 40 && status == SIL_OK; i++) {
            status = book_spend(NULL, ledger, "1/1000", NULL);
        }
        _exit((int)status);
    }
    int result = -1;
    int looks = 0;
    while (waitpid(writer, &result, WNOHANG) == 0) {
        cr_assert(eq(int, book_open(NULL, book, SIL_LEDGER_READ, &err), SIL_OK), "%s",
                  err.text);
        looks++;
    }
    cr_expect(zero(int, result));
    cr_expect(gt(int, looks, 0));
    cr_expect(eq(sz, scratch_count(book_path(book, "entries")), 42));
}

/* ---- a disk that fails ---- */

static int failing_sync; /* the one that fails, counted from 0 */
static int syncs;

static int fail_one_sync(void *self, int file)
{
    if (syncs++ == failing_sync) {
        errno = EIO;
        return -1;
    }
    return SIL_FS_POSIX.sync(self, file);
}

/* C5, C6: wherever an fsync fails there is no token, the handle takes nothing more, and the
 * next process finds a ledger in order. */
Test(ledger_races, no_failed_fsync_gives_a_token)
{
    int charged = 0;
    for (failing_sync = 0;; failing_sync++) {
        struct sil_ledger *ledger;
        struct sil_token *token;
        MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
        syncs = 0;
        book->fs.sync = fail_one_sync;
        sil_status status = book_spend(&token, ledger, "1/100", &err);
        int n = syncs;
        book->fs.sync = SIL_FS_POSIX.sync;
        if (status == SIL_OK) {
            sil_token_free(token);
            sil_ledger_close(ledger);
            cr_expect(le(int, n, failing_sync), "no fsync failed at last");
            charged++;
            break;
        }
        cr_expect(eq(int, status, SIL_ERR_IO));
        cr_expect(zero(ptr, token));
        cr_expect(eq(int, n, failing_sync + 1), "and none was repeated");
        cr_expect(eq(int, book_spend(&token, ledger, "1/100", &err), SIL_ERR_IO));
        sil_ledger_close(ledger);
        charged += failing_sync > 0; /* the first is before the link */
    }
    cr_expect(ge(int, failing_sync, 5), "entry, checkpoint, copy, watermark");
    struct sil_ledger *ledger;
    MUST(book_open(&ledger, book, SIL_LEDGER_WRITE, &err));
    cr_expect(zero(int, mpq_cmp_ui(sil_ledger_chain(ledger)->reserved.v,
                                   (unsigned long)charged, 100)));
    sil_ledger_close(ledger);
}
