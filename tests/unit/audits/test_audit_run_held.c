// SPDX-License-Identifier: Apache-2.0
/* What a program holds without a name in any folder counts, each once; and how it ended is
 * said as it was. */
#include "unit/audits/running.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <signal.h>
#include <string.h>

static struct aud_outcome run_stranger(const char *way)
{
    const char *const words[] = {AUDIT_STRANGER, way, NULL};
    return run_words(words, &LIMITS);
}

static void expect_overfull(const char *way)
{
    struct aud_outcome outcome = run_stranger(way);
    char how[SAID_MAX];
    aud_outcome_say(how, sizeof how, &outcome);
    cr_expect(eq(int, outcome.ending, AUD_OVERFULL), "%s: %s", way, how);
    cr_expect(outcome.has_signal && !outcome.is_late, "%s: %s", way, how);
}

Test(audit_run_held, a_removed_file_that_is_mapped_counts)
{
    expect_overfull("map");
}

Test(audit_run_held, a_removed_file_in_a_socket_counts)
{
    expect_overfull("socket");
}

Test(audit_run_held, what_only_a_thread_has_open_counts)
{
    expect_overfull("thread");
}

/* A hundred megabytes, where as many of files are allowed and of memory fewer. */
static struct aud_outcome run_with_little_memory(const char *way)
{
    const char *const words[] = {AUDIT_STRANGER, way, NULL};
    struct aud_limits limits = LIMITS;
    limits.memory = 64 * MEGABYTE;
    limits.folder_bytes = 200 * MEGABYTE;
    struct aud_outcome outcome = run_words(words, &limits);
    if ((outcome.gaps & AUD_GAP_SIGHT) != 0) {
        cr_skip_test("the system does not show what processes hold, which is said");
    }
    return outcome;
}

Test(audit_run_held, memory_in_common_counts)
{
    cr_expect(eq(int, run_with_little_memory("shared").ending, AUD_GREEDY));
}

/* Where it is known whose it is. */
Test(audit_run_held, memory_that_nobody_has_any_more_counts)
{
    if (run("exit 7", &LIMITS).gaps != 0) {
        cr_skip_test("the system gives no namespace");
    }
    cr_expect(eq(int, run_with_little_memory("segments").ending, AUD_GREEDY));
}

Test(audit_run_held, memory_of_all_processes_counts_together)
{
    struct aud_outcome outcome = run_with_little_memory("together");
    char how[SAID_MAX];
    aud_outcome_say(how, sizeof how, &outcome);
    cr_expect(strcmp(how, "stopped for more memory than it may have, signal 9") == 0,
              "%s", how);
}

Test(audit_run_held, memory_of_a_thread_that_outlives_the_first_counts)
{
    cr_expect(eq(int, run_with_little_memory("orphans").ending, AUD_GREEDY));
}

Test(audit_run_held, memory_that_nobody_wrote_since_a_fork_counts_once)
{
    struct aud_outcome outcome = run_with_little_memory("copies");
    cr_expect(eq(int, outcome.ending, AUD_EXITED));
    cr_expect(eq(int, outcome.code, 7));
}

Test(audit_run_held, what_many_hold_counts_once)
{
    struct aud_outcome outcome = run_stranger("share");
    cr_expect(eq(int, outcome.ending, AUD_EXITED));
    cr_expect(eq(int, outcome.code, 7));
}

/* Who hides is seen nevertheless, or it is said that he was not. */
Test(audit_run_held, who_lets_nobody_look_is_told_of)
{
    struct aud_outcome outcome = run_stranger("unseen");
    cr_expect(outcome.ending == AUD_OVERFULL || (outcome.gaps & AUD_GAP_SIGHT) != 0);
}

/* Who ends and was not waited for yet hides nothing. */
Test(audit_run_held, the_dead_hide_nothing)
{
    struct aud_outcome plain = run("exit 7", &LIMITS);
    struct aud_outcome outcome = run("true & exec sleep 1", &LIMITS);
    cr_expect(eq(int, outcome.ending, AUD_EXITED));
    cr_expect(eq(uint, outcome.gaps, plain.gaps));
}

/* ---- how it ended ---- */

static void expect_said(const char *text, const char *expected)
{
    struct aud_outcome outcome = run(text, &LIMITS);
    char how[SAID_MAX];
    aud_outcome_say(how, sizeof how, &outcome);
    cr_expect(strcmp(how, expected) == 0, "%s: %s", text, how);
}

Test(audit_run_held, who_ended_by_himself_was_not_stopped)
{
    expect_said("exit 7", "exit code 7");
    expect_said("kill -SEGV $$", "killed by signal 11");
    expect_said("head -c 9000000 /dev/zero > f; exit 3",
                "exit code 3, with more files in its folder, or more in them, than it "
                "may have");
    expect_said("head -c 9000000 /dev/zero > f; kill -SEGV $$",
                "killed by signal 11, with more files in its folder, or more in them, "
                "than it may have");
    expect_said("head -c 9000000 /dev/zero > f; exec sleep 50",
                "stopped for more files in its folder, or more in them, than it may "
                "have, signal 9");
}

/* As a service may that never waits for its children. */
Test(audit_run_held, an_auditor_that_ignores_its_children_learns_how_they_end)
{
    struct aud_limits limits = LIMITS;
    limits.seconds = 3;
    (void)signal(SIGCHLD, SIG_IGN);
    struct aud_outcome outcome = run("exit 7", &limits);
    cr_expect(eq(int, outcome.ending, AUD_EXITED));
    cr_expect(eq(int, outcome.code, 7));
}
