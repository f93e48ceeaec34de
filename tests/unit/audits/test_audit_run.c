// SPDX-License-Identifier: Apache-2.0
/* Programs that take more than they may are ended, and what they leave is removed, however
 * much and however deep it is. Nothing here needs a clock but to give up. */
#include "unit/audits/running.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEVELS = 3000, NAME_LENGTH = 200 };

Test(audit_run, who_stays_within_limits_ends_by_himself)
{
    struct aud_outcome outcome =
        run("mkdir -p a/b/c; i=0; while [ $i -lt 80 ]; do : > a/$i; i=$((i+1)); done; "
            "head -c 4000000 /dev/zero > large; head -c 3000000 /dev/zero > larger; "
            "for i in 1 2 3 4 5; do sleep 0.3 & done; wait; exit 7",
            &LIMITS);
    cr_expect(eq(int, outcome.ending, AUD_EXITED));
    cr_expect(eq(int, outcome.code, 7));
}

Test(audit_run, many_files_end_it)
{
    expect_ending(
        "i=0; while [ $i -lt 100000 ]; do : > f$i; i=$((i+1)); done; sleep 50",
        AUD_OVERFULL);
    /* Who was quick is found out in the end. */
    expect_ending("i=0; while [ $i -lt 101 ]; do : > f$i; i=$((i+1)); done",
                  AUD_OVERFULL);
    expect_ending(
        "mkdir a b; i=0; while [ $i -lt 50 ]; do mkdir a/$i b/$i; i=$((i+1)); done",
        AUD_OVERFULL);
}

Test(audit_run, many_bytes_end_it)
{
    expect_ending("i=0; while [ $i -lt 60 ]; do head -c 1000000 /dev/zero > f$i; "
                  "i=$((i+1)); done; sleep 50",
                  AUD_OVERFULL);
    expect_ending("head -c 9000000 /dev/zero > f", AUD_OVERFULL);
    /* A file with a hole takes nothing. */
    expect_ending("truncate -s 60M f", AUD_EXITED);
}

/* What lies in a folder that nobody may look into counts, or ends it at once. */
Test(audit_run, files_in_a_closed_folder_end_it)
{
    expect_ending("mkdir d; chmod 300 d; i=0; while [ $i -lt 101 ]; do : > d/$i; "
                  "i=$((i+1)); done; sleep 50",
                  AUD_OVERFULL);
    expect_ending(
        "chmod 300 .; i=0; while [ $i -lt 101 ]; do : > $i; i=$((i+1)); done; "
        "sleep 50",
        AUD_OVERFULL);
}

/* A file that is removed while it is open is on the disk and in no folder. */
Test(audit_run, files_that_no_folder_has_count)
{
    expect_ending("exec 3> f; rm f; head -c 20000000 /dev/zero >&3; sleep 50",
                  AUD_OVERFULL);
}

/* A user without privileges is refused the 21st process, one with them is ended. */
static void expect_crowd(const char *text)
{
    struct aud_outcome outcome = run(text, &LIMITS);
    bool is_refused = outcome.ending == AUD_EXITED && geteuid() != 0;
    char how[200];
    aud_outcome_say(how, sizeof how, &outcome);
    cr_expect(outcome.ending == AUD_CROWDED || is_refused, "%s: %s", text, how);
}

Test(audit_run, many_processes_end_it)
{
    expect_crowd("i=0; while [ $i -lt 60 ]; do sleep 20 & i=$((i+1)); done; wait");
    /* Those whose parents are gone, in sessions of their own, are no others'. */
    expect_crowd("i=0; while [ $i -lt 60 ]; do (setsid sleep 20 &); i=$((i+1)); done; "
                 "sleep 3");
}

/* Orphans that have ended do not add up. */
Test(audit_run, few_at_a_time_do_not_end_it)
{
    struct aud_limits limits = LIMITS;
    limits.processes = 60;
    struct aud_outcome outcome =
        run("i=0; while [ $i -lt 100 ]; do (true &); sleep 0.02; i=$((i+1)); done",
            &limits);
    cr_expect(eq(int, outcome.ending, AUD_EXITED));
}

Test(audit_run, deep_folders_end_it)
{
    expect_ending("i=0; while [ $i -lt 60 ]; do mkdir d && cd d || exit 1; "
                  "i=$((i+1)); done",
                  AUD_EXITED);
    expect_ending("i=0; while [ $i -lt 70 ]; do mkdir d && cd d || exit 1; "
                  "i=$((i+1)); done; sleep 50",
                  AUD_OVERFULL);
}

/* ---- removal ---- */

static void put(int at, const char *name)
{
    int fd = openat(at, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert(ge(int, fd, 0));
    (void)close(fd);
}

/* Folders in folders, a path of 600,000 characters; beside each a file, at some levels what
 * cannot be entered. */
static void nest(const char *path)
{
    char name[NAME_LENGTH + 1];
    (void)memset(name, 'n', NAME_LENGTH);
    name[NAME_LENGTH] = '\0';
    int at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < LEVELS; i++) {
        cr_assert(eq(int, mkdirat(at, name, 0700), 0));
        put(at, "file");
        int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cr_assert(ge(int, next, 0));
        if (i % 100 == 7) {
            cr_assert(eq(int, mkdirat(next, "closed", 0700), 0));
            cr_assert(eq(int, mkdirat(next, "closed/inside", 0700), 0));
            cr_assert(eq(int, fchmodat(next, "closed", 0, 0), 0));
            cr_assert(eq(int, fchmod(at, 0), 0));
        }
        (void)close(at);
        at = next;
    }
    (void)close(at);
}

Test(audit_run, what_is_deeper_than_any_path_is_removed)
{
    struct aud_scratch scratch;
    struct aud_scratch other;
    struct sil_error err = {""};
    char path[sizeof scratch.path + 8];
    cr_assert(eq(int, aud_scratch_make(&other, &err), SIL_OK));
    cr_assert(eq(int, aud_scratch_make(&scratch, &err), SIL_OK));
    int root = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int kept = open(other.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    put(kept, "kept");
    /* Names that the removal itself gives, and links to what is not ours. */
    cr_assert(eq(int, mkdirat(root, "0", 0700), 0));
    cr_assert(eq(int, mkdirat(root, "0/inside", 0700), 0));
    put(root, "1");
    cr_assert(eq(int, mkdirat(root, "2", 0700), 0));
    cr_assert(eq(int, symlinkat(other.path, root, "link"), 0));
    cr_assert(eq(int, symlinkat(other.path, root, "0/inside/link"), 0));
    nest(scratch.path);
    (void)close(root);
    (void)snprintf(path, sizeof path, "%s", scratch.path);
    aud_scratch_remove(&scratch);
    cr_expect(access(path, F_OK) != 0, "%s is still there", path);
    cr_expect(eq(int, faccessat(kept, "kept", F_OK, 0), 0), "a link was followed");
    (void)close(kept);
    aud_scratch_remove(&other);
}
