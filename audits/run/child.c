// SPDX-License-Identifier: Apache-2.0
/* Between this program and the other stand two processes: the outer one gives up what the
 * system lets it give up, the inner one (the first of its own process namespace, where there
 * is one) starts the other program, waits for it, and ends all that it has left. */
#define _GNU_SOURCE /* unshare, pipe2 */
#include "audits/run/child.h"

#include "audits/run/watch.h"
#include "audits/run/world.h"
#include "base/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NOT_STARTED = 125, OPEN_FILES = 64, WATCH_NANOSECONDS = 100000000 };

/* What the inner process tells at the end. */
struct report {
    bool has_started;
    enum aud_ending ended; ///< by this process, or AUD_EXITED: by itself
    int how;               ///< as waitpid gives it
    struct aud_world world;
};

/* _Fork and not fork: handlers of libraries (that of clang's OpenMP for one) would run in the
 * child, look for themselves in /proc, which is another world's at first, and abort. */

/* ---- the other program, between fork and exec ---- */

static bool limit(int what, uint64_t most)
{
    const struct rlimit limits = {.rlim_cur = most, .rlim_max = most};
    return setrlimit((__rlimit_resource_t)what, &limits) == 0;
}

static bool take_stream(int stream, const char *name, int flags)
{
    int fd = open(name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd >= 0 && dup2(fd, stream) == stream;
}

/* How many processes its user has counts in a namespace of users only those in it. */
static bool limit_processes(const struct aud_world *world, uint64_t most)
{
    return !world->has_users || limit(RLIMIT_NPROC, most);
}

/* Anything that fails here ends the child: it must not run with more than was meant. */
static _Noreturn void become(const struct aud_scratch *scratch,
                             const char *const *words, const struct aud_limits *limits,
                             const struct aud_world *world, int tells)
{
    static char *const environment[] = {NULL};
    char *argument[AUD_WORDS_MAX + 1] = {NULL};
    sigset_t none;
    for (size_t i = 0; i < AUD_WORDS_MAX && words[i] != NULL; i++) {
        argument[i] = strdup(words[i]); /* execve wants them writable */
    }
    bool is_ready =
        setsid() >= 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && sigemptyset(&none) == 0 &&
        sigprocmask(SIG_SETMASK, &none, NULL) == 0 && chdir(scratch->path) == 0 &&
        take_stream(STDIN_FILENO, "/dev/null", O_RDONLY) &&
        take_stream(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC) &&
        take_stream(STDERR_FILENO, "err", O_WRONLY | O_CREAT | O_TRUNC) &&
        limit(RLIMIT_FSIZE, limits->file_bytes) && limit(RLIMIT_DATA, limits->memory) &&
        limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, OPEN_FILES) &&
        limit_processes(world, limits->processes) &&
        limit(RLIMIT_CPU, (uint64_t)limits->seconds * 64);
    if (is_ready) {
        (void)execve(argument[0], argument, environment);
    }
    (void)!write(tells, "x", 1);
    _exit(NOT_STARTED);
}

/* ---- the inner process ---- */

/* Why the other program is to be ended; AUD_EXITED: it is not. */
static enum aud_ending look(const struct aud_scratch *scratch,
                            const struct aud_limits *limits, time_t end)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > end ? AUD_TIMED_OUT : aud_watch(scratch->path, limits);
}

/* Has it ended? Others that ended and came to this process are let go, too. */
static bool has_ended(struct report *report, pid_t child)
{
    int how = 0;
    bool is = false;
    for (pid_t one = 1; one > 0 && !is;) {
        one = waitpid(-1, &how, WNOHANG);
        is = one == child;
        report->how = is ? how : report->how;
    }
    return is;
}

/* Until it ends, until it is over a limit, or until this process is asked to stop. What it
 * left in its folder is looked at in the end, too. */
static void wait_for(struct report *report, pid_t child,
                     const struct aud_scratch *scratch, const struct aud_limits *limits,
                     const sigset_t *signals)
{
    const struct timespec while_waiting = {.tv_nsec = WATCH_NANOSECONDS};
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    const time_t end = now.tv_sec + (time_t)limits->seconds;
    bool is_over = has_ended(report, child);
    while (!is_over && report->ended == AUD_EXITED) {
        bool is_asked = sigtimedwait(signals, NULL, &while_waiting) == SIGTERM;
        is_over = has_ended(report, child);
        report->ended = is_asked  ? AUD_TIMED_OUT
                        : is_over ? AUD_EXITED
                                  : look(scratch, limits, end);
    }
    if (report->world.has_processes) {
        (void)kill(-1, SIGKILL); /* all of them at once: none can start another */
    }
    (void)kill(-child, SIGKILL);
    if (!is_over) {
        (void)kill(child, SIGKILL);
        (void)waitpid(child, &report->how, 0);
    }
    if (report->ended == AUD_EXITED) {
        report->ended = aud_watch(scratch->path, limits);
    }
}

/* All that is left comes to this process when its parents die, and is ended here; in a
 * namespace of its own the system does that, too, as soon as this process ends. */
static void end_the_rest(const struct aud_world *world)
{
    if (!world->has_processes) {
        aud_end_family();
    }
    while (waitpid(-1, NULL, world->has_processes ? 0 : WNOHANG) > 0) {
    }
}

static _Noreturn void attend(const struct aud_scratch *scratch,
                             const char *const *words, const struct aud_limits *limits,
                             const struct aud_world *world, int reports)
{
    struct report report = {.world = *world};
    int tells[2];
    char unstarted = '\0';
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigaddset(&signals, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &signals, NULL) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ||
        pipe2(tells, O_CLOEXEC) != 0) {
        _exit(NOT_STARTED);
    }
    aud_world_enter(world);
    pid_t child = _Fork();
    if (child == 0) {
        become(scratch, words, limits, world, tells[1]);
    }
    (void)close(tells[1]);
    /* The other end closes when the program takes over; a word says that it does not. */
    report.has_started = child > 0 && read(tells[0], &unstarted, 1) == 0;
    if (child > 0) {
        wait_for(&report, child, scratch, limits, &signals);
        end_the_rest(world);
    }
    (void)!write(reports, &report, sizeof report);
    _exit(0);
}

/* ---- the outer process ---- */

static _Noreturn void leave(const struct aud_scratch *scratch, const char *const *words,
                            const struct aud_limits *limits, int reports)
{
    struct aud_world world;
    (void)signal(SIGTERM, SIG_IGN); /* the inner one answers it */
    (void)setsid();
    aud_world_leave(&world, scratch->path, limits->is_closed);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* leaving may have cleared it */
    pid_t child = _Fork();
    if (child == 0) {
        (void)signal(SIGTERM, SIG_DFL);
        attend(scratch, words, limits, &world, reports);
    }
    (void)close(reports);
    (void)waitpid(child, NULL, 0);
    _exit(0);
}

/* ---- this program ---- */

const char *aud_ending_name(enum aud_ending ending)
{
    static const char *const HOW[] = {
        "exit code", "killed by signal", "stopped after too long, signal",
        "stopped for more files in its folder, or more in them, than it may have, signal",
        "stopped for more processes than it may have, signal"};
    return HOW[ending];
}

/* Its report; false: there is none. A signal that waits here ends the other program. */
static bool take_report(struct report *out, int reports, pid_t child)
{
    size_t n = 0;
    while (n < sizeof *out) {
        ssize_t got = read(reports, (char *)out + n, sizeof *out - n);
        if (got < 0 && errno == EINTR) {
            if (aud_is_interrupted()) {
                (void)kill(-child, SIGTERM);
            }
            continue;
        }
        if (got <= 0) {
            return false;
        }
        n += (size_t)got;
    }
    return true;
}

static void read_report(struct aud_outcome *out, const struct report *report,
                        const struct aud_limits *limits)
{
    out->had_network = !report->world.has_network;
    out->had_files = limits->is_closed && !report->world.has_files;
    out->ending = report->ended == AUD_EXITED && WIFSIGNALED(report->how)
                      ? AUD_KILLED
                      : report->ended;
    out->code =
        WIFSIGNALED(report->how) ? WTERMSIG(report->how) : WEXITSTATUS(report->how);
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

sil_status aud_run(struct aud_outcome *out, const struct aud_scratch *scratch,
                   const char *const *words, const struct aud_limits *limits,
                   struct sil_error *err)
{
    int reports[2];
    char program[PATH_MAX];
    const char *again[AUD_WORDS_MAX + 1] = {NULL};
    struct report report = {0};
    *out = (struct aud_outcome){0};
    sil_status status = find_program(program, again, words, err);
    if (status != SIL_OK) {
        return status;
    }
    if (pipe2(reports, O_CLOEXEC) != 0) {
        return sil_fail_errno(err, "cannot make a pipe");
    }
    pid_t child = _Fork();
    if (child == 0) {
        leave(scratch, again, limits, reports[1]);
    }
    (void)close(reports[1]);
    bool has_report = child > 0 && take_report(&report, reports[0], child);
    (void)close(reports[0]);
    if (child > 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (aud_is_interrupted()) {
        return sil_fail(err, SIL_ERR_IO, "interrupted");
    }
    if (!has_report || !report.has_started) {
        return sil_fail(err, SIL_ERR_IO, "%s could not be started", words[0]);
    }
    read_report(out, &report, limits);
    return SIL_OK;
}
