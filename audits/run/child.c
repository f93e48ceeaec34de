// SPDX-License-Identifier: Apache-2.0
/* Between this program and the other stand two processes: the outer one gives up what the
 * system lets it give up, the inner one (attend.h; the first of its own process namespace,
 * where there is one, and then out of the other program's reach) starts the other program,
 * waits for it, and ends all that it has left. Where the other program can reach the two, it
 * can stop or end them: this one waits no longer than it should take, and ends what is left. */
#define _GNU_SOURCE /* pipe2, _Fork */
#include "audits/run/child.h"

#include "audits/run/attend.h"
#include "audits/run/family.h"
#include "base/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* For the inner process to look, to end all and to tell, beyond the limit. */
enum { GRACE_SECONDS = 10, GRACE_SHARE = 4, A_SECOND = 1000 };

/* _Fork and not fork: handlers of libraries (that of clang's OpenMP for one) would run in the
 * child, look for themselves in /proc, which is another world's at first, and abort. */

/* ---- the outer process ---- */

/* A privileged user's processes are limited by nobody but who looks at them, whose turn would
 * come too late among thousands: so it comes first. Who is not privileged has no right to
 * that, and the system's limit. */
static void go_first(void)
{
    const struct sched_param turns = {.sched_priority = 1};
    (void)sched_setscheduler(0, SCHED_RR, &turns);
}

static _Noreturn void leave(const struct aud_errand *errand, int reports)
{
    struct aud_world world;
    (void)signal(SIGTERM, SIG_IGN); /* the inner one answers it */
    (void)signal(SIGCHLD, SIG_DFL); /* who ignores it never learns how a child ended */
    (void)setsid();
    go_first();
    aud_world_leave(&world, errand->scratch->path, errand->limits->is_closed);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* leaving may have cleared it */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    pid_t child = _Fork();
    if (child == 0) {
        (void)signal(SIGTERM, SIG_DFL);
        aud_attend(errand, &world, reports);
    }
    (void)close(reports);
    (void)waitpid(child, NULL, 0);
    _exit(0);
}

/* ---- for people ---- */

static const char *const BEYOND[] = {
    [AUD_TIMED_OUT] = "after too long",
    [AUD_OVERFULL] = "for more files in its folder, or more in them, than it may have",
    [AUD_GREEDY] = "for more memory than it may have",
    [AUD_CROWDED] = "for more processes than it may have",
    [AUD_LOST] = "after the process that looks at it was ended or did not answer"};

static const char *const BEYOND_LATE[] = {
    [AUD_TIMED_OUT] = ", when it was to be stopped after too long",
    [AUD_OVERFULL] =
        ", with more files in its folder, or more in them, than it may have",
    [AUD_GREEDY] = ", with more memory than it may have",
    [AUD_CROWDED] = ", with more processes than it may have"};

void aud_outcome_say(char *out, size_t room, const struct aud_outcome *outcome)
{
    if (outcome->ending > AUD_KILLED && !outcome->is_late) {
        (void)snprintf(out, room, "stopped %s, signal %d", BEYOND[outcome->ending],
                       outcome->code);
    } else {
        (void)snprintf(out, room, "%s %d%s",
                       outcome->has_signal ? "killed by signal" : "exit code",
                       outcome->code,
                       outcome->is_late ? BEYOND_LATE[outcome->ending] : "");
    }
}

void aud_gaps_say(char *out, size_t room, unsigned gaps)
{
    static const char *const GAPS[] = {
        "the system would not take the network away",
        "the system would not take other folders away",
        "the system would not keep it from stopping the auditor",
        "the system would not show all that its processes hold"};
    size_t used = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < sizeof GAPS / sizeof GAPS[0] && used < room; i++) {
        if ((gaps >> i & 1) != 0) {
            used += (size_t)snprintf(out + used, room - used, "%s%s",
                                     used > 0 ? "; " : "", GAPS[i]);
        }
    }
}

/* ---- this program ---- */

static time_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

/* What it tells is never cut: it is shorter than a pipe's piece. False: it has ended. */
static bool take_report(struct aud_report *out, int reports)
{
    struct aud_report report;
    ssize_t got = read(reports, &report, sizeof report);
    if (got == (ssize_t)sizeof report) {
        *out = report;
    }
    return got != 0;
}

/* Its last report, or what came before the time was over. A signal that waits here ends the
 * other program; that is asked for again as long as nobody answers. */
static void hear(struct aud_report *out, int reports, pid_t child, unsigned seconds)
{
    struct pollfd wait = {.fd = reports, .events = POLLIN};
    time_t end =
        now() + (time_t)seconds + (time_t)seconds / GRACE_SHARE + GRACE_SECONDS;
    bool is_asked = false;
    bool is_there = true;
    while (is_there && now() <= end) {
        if (aud_is_interrupted()) {
            (void)kill(-child, SIGTERM);
            end = is_asked ? end : now() + GRACE_SECONDS;
            is_asked = true;
        }
        is_there = poll(&wait, 1, A_SECOND) <= 0 || take_report(out, reports);
    }
}

/* The outer process goes, and the inner with it, if they have not gone yet; what they leave
 * comes to this one, if it has no other children among which it could not be told. */
static void clear_away(pid_t child, bool is_heir)
{
    (void)kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    if (is_heir) {
        aud_family_end();
    }
}

static void read_report(struct aud_outcome *out, const struct aud_report *report)
{
    out->gaps = report->gaps;
    if (!report->is_last) {
        *out = (struct aud_outcome){.ending = AUD_LOST,
                                    .has_signal = true,
                                    .code = SIGKILL,
                                    .gaps = report->gaps};
        return;
    }
    out->has_signal = WIFSIGNALED(report->how);
    out->code = out->has_signal ? WTERMSIG(report->how) : WEXITSTATUS(report->how);
    out->ending = report->ended != AUD_EXITED ? report->ended
                  : out->has_signal           ? AUD_KILLED
                                              : AUD_EXITED;
    out->is_late =
        report->ended != AUD_EXITED && !(report->was_stopped && out->has_signal);
}

/* The whole path of the program takes the place of the first word. */
static sil_status find_program(char program[PATH_MAX], const char **again,
                               const char *const *words, struct sil_error *err)
{
    if (realpath(words[0], program) == NULL || access(program, X_OK) != 0) {
        return sil_fail_errno(err, "cannot run %s", words[0]);
    }
    again[0] = program;
    for (size_t i = 1; i < AUD_WORDS_MAX && words[i] != NULL; i++) {
        again[i] = words[i];
    }
    return SIL_OK;
}

static sil_status run(struct aud_report *report, const struct aud_errand *errand,
                      struct sil_error *err)
{
    int reports[2];
    int was_heir = 0;
    siginfo_t unused;
    if (pipe2(reports, O_CLOEXEC) != 0) {
        return sil_fail_errno(err, "cannot make a pipe");
    }
    const bool is_heir = waitid(P_ALL, 0, &unused, WEXITED | WNOHANG | WNOWAIT) != 0 &&
                         prctl(PR_GET_CHILD_SUBREAPER, &was_heir, 0, 0, 0) == 0 &&
                         prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
    pid_t child = _Fork();
    if (child == 0) {
        leave(errand, reports[1]);
    }
    (void)close(reports[1]);
    if (child > 0) {
        hear(report, reports[0], child, errand->limits->seconds);
        clear_away(child, is_heir);
    }
    (void)close(reports[0]);
    if (is_heir) {
        (void)prctl(PR_SET_CHILD_SUBREAPER, was_heir, 0, 0, 0);
    }
    return SIL_OK;
}

sil_status aud_run(struct aud_outcome *out, const struct aud_scratch *scratch,
                   const char *const *words, const struct aud_limits *limits,
                   struct sil_error *err)
{
    char program[PATH_MAX];
    const char *again[AUD_WORDS_MAX + 1] = {NULL};
    struct aud_report report = {0};
    struct aud_errand errand = {.scratch = scratch,
                                .words = again,
                                .limits = limits,
                                .auditor = getpid(),
                                .policy = sched_getscheduler(0)};
    (void)sched_getparam(0, &errand.turns);
    *out = (struct aud_outcome){0};
    sil_status status = find_program(program, again, words, err);
    if (status == SIL_OK) {
        status = run(&report, &errand, err);
    }
    if (status != SIL_OK) {
        return status;
    }
    if (aud_is_interrupted()) {
        return sil_fail(err, SIL_ERR_IO, "interrupted");
    }
    if (!report.has_started) {
        return sil_fail(err, SIL_ERR_IO, "%s could not be started", words[0]);
    }
    read_report(out, &report);
    return SIL_OK;
}
