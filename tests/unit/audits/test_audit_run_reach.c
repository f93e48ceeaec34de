// SPDX-License-Identifier: Apache-2.0
/* What a program cannot reach: those who look at it, what it has no business with, and
 * whatever it has put in the way of the auditor who clears up after it. With and without the
 * help of the system, which is refused here as some containers refuse it. */
#define _GNU_SOURCE /* unshare */
#include "unit/audits/running.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const long NO_WORLDS[] = {SYS_unshare};
static const long NO_HELP[] = {SYS_unshare, SYS_landlock_create_ruleset};
static const long NO_MOUNTS[] = {SYS_mount};
static const long NO_HANDLES[] = {SYS_unshare, SYS_pidfd_open};

static void put(const char *folder, const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(ge(int, fd, 0));
    (void)close(fd);
}

static bool is_there(const char *folder, const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static struct aud_scratch make(void)
{
    struct aud_scratch scratch;
    struct sil_error err = {""};
    cr_assert(eq(int, aud_scratch_make(&scratch, &err), SIL_OK));
    return scratch;
}

/* ---- those who look ---- */

/* Of orphans in sessions of their own, whose numbers are written where they stay. */
static void expect_none_left(const char *text, const struct aud_limits *limits,
                             enum aud_ending ending)
{
    struct aud_scratch kept = make();
    char script[800];
    char path[200];
    char how[SAID_MAX];
    long number = 0;
    (void)snprintf(path, sizeof path, "%s/number", kept.path);
    (void)snprintf(script, sizeof script,
                   "(setsid sh -c 'echo $$ > %s; exec sleep 55' &); "
                   "while ! [ -s %s ]; do sleep 0.1; done; %s",
                   path, path, text);
    struct aud_outcome outcome = run(script, limits);
    aud_outcome_say(how, sizeof how, &outcome);
    cr_expect(eq(int, outcome.ending, ending), "%s: %s", text, how);
    FILE *file = fopen(path, "re");
    cr_assert(file != NULL && fscanf(file, "%ld", &number) == 1 && number > 1);
    (void)fclose(file);
    cr_expect(kill((pid_t)number, 0) != 0, "%ld goes on after: %s", number, text);
    aud_scratch_remove(&kept);
}

/* SIGTERM is how the auditor asks for an end; a program that sends it is nobody. */
Test(audit_run_reach, a_program_cannot_ask_for_its_end)
{
    expect_ending("kill -TERM $PPID; sleep 0.5; exit 7", AUD_EXITED);
    refuse_calls(NO_HELP, 2);
    expect_ending("kill -TERM $PPID; sleep 0.5; exit 7", AUD_EXITED);
}

Test(audit_run_reach, who_ends_the_watch_is_ended)
{
    refuse_calls(NO_HELP, 2);
    struct aud_outcome plain = run("exit 7", &LIMITS);
    cr_expect(eq(uint, plain.gaps & AUD_GAP_SIGNALS, AUD_GAP_SIGNALS));
    expect_none_left("kill -KILL $PPID; sleep 50", &LIMITS, AUD_LOST);
}

Test(audit_run_reach, who_stops_the_watch_is_ended)
{
    struct aud_limits limits = LIMITS;
    limits.seconds = 1;
    (void)alarm(100); /* an auditor that waits for ever must not */
    refuse_calls(NO_HELP, 2);
    expect_none_left("kill -STOP $PPID; sleep 50", &limits, AUD_LOST);
}

/* The process between the two is waited for by the auditor alone. */
Test(audit_run_reach, who_stops_the_outer_one_holds_up_nobody)
{
    refuse_calls(NO_HELP, 2);
    expect_none_left("read a b c outer e < /proc/$PPID/stat; kill -STOP $outer; exit 7",
                     &LIMITS, AUD_EXITED);
    expect_none_left("read a b c outer e < /proc/$PPID/stat; kill -KILL $outer; "
                     "sleep 50",
                     &LIMITS, AUD_LOST);
}

Test(audit_run_reach, a_lock_keeps_the_watch_out_of_reach)
{
    refuse_calls(NO_WORLDS, 1);
    struct aud_outcome outcome =
        run("kill -KILL $PPID && exit 1; kill -STOP $PPID && exit 2; exit 7", &LIMITS);
    if ((outcome.gaps & AUD_GAP_SIGNALS) != 0) {
        cr_skip_test("no Landlock that keeps signals");
    }
    cr_expect(eq(int, outcome.ending, AUD_EXITED));
    cr_expect(eq(int, outcome.code, 7));
}

Test(audit_run_reach, without_handles_they_are_ended_by_their_numbers)
{
    refuse_calls(NO_HANDLES, 2);
    expect_none_left("exit 7", &LIMITS, AUD_EXITED);
}

/* ---- files elsewhere ---- */

static void expect_closed(void)
{
    struct aud_limits limits = LIMITS;
    struct aud_scratch other = make();
    char script[400];
    limits.is_closed = true;
    put(other.path, "kept");
    (void)snprintf(
        script, sizeof script,
        "cd %s; echo x > /dev/null || exit 1; (: > new) && exit 2; rm -f kept "
        "&& exit 3; (echo x >> kept) && exit 4; mv kept moved && exit 5; "
        "cd \"$OLDPWD\"; : > new && mkdir a && mv new a && rm -r a || exit 6; "
        "exit 7",
        other.path);
    struct aud_outcome outcome = run(script, &limits);
    bool is_kept = is_there(other.path, "kept") && !is_there(other.path, "new");
    aud_scratch_remove(&other);
    if ((outcome.gaps & AUD_GAP_FILES) != 0) {
        cr_skip_test("nothing keeps files");
    }
    cr_expect(eq(int, outcome.code, 7));
    cr_expect(is_kept);
}

/* Of field 41 of each: how it is given its turns. */
Test(audit_run_reach, who_looks_comes_first_where_that_may_be)
{
    const struct sched_param first = {.sched_priority = 1};
    const struct sched_param usual = {.sched_priority = 0};
    const bool may = sched_setscheduler(0, SCHED_RR, &first) == 0;
    cr_assert(eq(int, sched_setscheduler(0, SCHED_OTHER, &usual), 0));
    struct aud_outcome outcome = run("exit $(( $(cut -d' ' -f41 /proc/1/stat) + "
                                     "10 * $(cut -d' ' -f41 /proc/self/stat) ))",
                                     &LIMITS);
    if (outcome.gaps != 0) {
        cr_skip_test("the system gives no namespace, in which who looks is the first");
    }
    cr_expect(eq(int, outcome.code, may ? SCHED_RR : SCHED_OTHER));
}

/* In worlds of its own it could mount memory, or have segments, that nobody sees. */
Test(audit_run_reach, a_program_makes_no_worlds_of_its_own)
{
    struct aud_outcome outcome = run("unshare -U true && exit 1; exit 7", &LIMITS);
    if (outcome.gaps != 0) {
        cr_skip_test("the system gives no namespace");
    }
    cr_expect(eq(int, outcome.code, 7));
}

Test(audit_run_reach, other_folders_are_closed)
{
    expect_closed();
}

Test(audit_run_reach, other_folders_are_closed_by_a_lock)
{
    refuse_calls(NO_WORLDS, 1);
    expect_closed();
}

Test(audit_run_reach, what_the_system_does_not_do_is_said)
{
    struct aud_limits limits = LIMITS;
    char gaps[SAID_MAX];
    limits.is_closed = true;
    refuse_calls(NO_HELP, 2);
    struct aud_outcome outcome = run("exit 7", &limits);
    cr_expect(
        eq(uint, outcome.gaps, AUD_GAP_NETWORK | AUD_GAP_FILES | AUD_GAP_SIGNALS));
    aud_gaps_say(gaps, sizeof gaps, outcome.gaps);
    cr_expect(strcmp(gaps, "the system would not take the network away; the system "
                           "would not take other folders away; the system would not "
                           "keep it from stopping the auditor") == 0,
              "%s", gaps);
}

/* ---- in a world of our own, where nobody else sees what is mounted ---- */

enum { GOOD, NO_WORLD, BAD };

/* In a process of one thread, as namespaces want it; its exit code. Expectations do not come
 * out of it, so the body says what is wrong to standard error. */
static void in_own_world(bool (*body)(const char *folder))
{
    struct aud_scratch folder = make();
    int how = 0;
    pid_t child = fork();
    if (child == 0) {
        bool has_world = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
                         mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
        _exit(!has_world ? NO_WORLD : body(folder.path) ? GOOD : BAD);
    }
    cr_assert(eq(int, waitpid(child, &how, 0), child));
    aud_scratch_remove(&folder);
    if (WIFEXITED(how) && WEXITSTATUS(how) == NO_WORLD) {
        cr_skip_test("the system gives no namespace");
    }
    cr_expect(eq(int, how, GOOD));
}

static bool demand(bool is, const char *what)
{
    if (!is) {
        (void)fprintf(stderr, "not so: %s\n", what);
    }
    return is;
}

/* The orphan's number is another world's, so it is its file that tells: it grows no more. */
static bool ends_all(const char *folder)
{
    char script[600];
    char path[200];
    struct stat before = {0};
    struct stat after = {0};
    (void)snprintf(path, sizeof path, "%s/life", folder);
    (void)unlink(path);
    (void)snprintf(script, sizeof script,
                   "(setsid sh -c 'while echo x >> %s; do sleep 0.1; done' &); "
                   "while ! [ -s %s ]; do sleep 0.1; done; exit 7",
                   path, path);
    struct aud_outcome outcome = run(script, &LIMITS);
    (void)stat(path, &before);
    (void)usleep(500000);
    (void)stat(path, &after);
    return demand(outcome.ending == AUD_EXITED && outcome.code == 7, "exit code 7") &&
           demand((outcome.gaps & AUD_GAP_SIGHT) != 0, "it is said") &&
           demand(before.st_size > 0 && before.st_size == after.st_size, "all end");
}

static bool goes_without_proc(const char *folder)
{
    bool is_hidden = mount("none", "/proc", "tmpfs", 0, NULL) == 0;
    refuse_calls(NO_MOUNTS, 1);
    bool with_help = demand(is_hidden, "/proc is hidden") && ends_all(folder);
    refuse_calls(NO_HELP, 2);
    return with_help && ends_all(folder);
}

Test(audit_run_reach, without_proc_it_is_said_and_all_are_ended)
{
    in_own_world(goes_without_proc);
}

/* Also of the same file system, where no number tells. */
static bool spares_mounts(const char *folder)
{
    struct aud_scratch scratch = make();
    char path[200];
    put(folder, "kept");
    (void)snprintf(path, sizeof path, "%s/x", scratch.path);
    bool is_made =
        mkdir(path, 0700) == 0 && mount(folder, path, NULL, MS_BIND, NULL) == 0;
    (void)snprintf(path, sizeof path, "%s/y", scratch.path);
    is_made = is_made && mkdir(path, 0700) == 0;
    (void)snprintf(path, sizeof path, "%s/y/z", scratch.path);
    is_made = is_made && mkdir(path, 0700) == 0 &&
              mount(folder, path, NULL, MS_BIND, NULL) == 0;
    struct aud_scratch again = scratch;
    const struct aud_scratch gone = scratch;
    aud_scratch_remove(&scratch);
    bool is_spared = demand(is_made, "it is made") &&
                     demand(is_there(folder, "kept"), "it is kept") &&
                     demand(access(gone.path, F_OK) == 0, "it stays");
    (void)snprintf(path, sizeof path, "%s/x", again.path);
    (void)umount2(path, MNT_DETACH);
    (void)snprintf(path, sizeof path, "%s/y/z", again.path);
    (void)umount2(path, MNT_DETACH);
    aud_scratch_remove(&again);
    return is_spared && demand(access(gone.path, F_OK) != 0, "the rest goes");
}

Test(audit_run_reach, what_is_mounted_in_the_folder_is_not_emptied)
{
    in_own_world(spares_mounts);
}

/* ---- removal ---- */

Test(audit_run_reach, a_folder_that_took_its_place_is_not_removed)
{
    struct aud_scratch scratch = make();
    char path[120];
    char moved[200];
    (void)snprintf(path, sizeof path, "%s", scratch.path);
    (void)snprintf(moved, sizeof moved, "%s-moved", scratch.path);
    cr_assert(eq(int, rename(path, moved), 0));
    cr_assert(eq(int, mkdir(path, 0700), 0));
    put(path, "kept");
    aud_scratch_remove(&scratch);
    cr_expect(is_there(path, "kept"));
    (void)rmdir(moved);
    (void)snprintf(moved, sizeof moved, "%s/kept", path);
    (void)unlink(moved);
    (void)rmdir(path);
}
