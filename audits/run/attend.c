// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* close_range, pipe2, _Fork */
#include "audits/run/attend.h"

#include "audits/run/family.h"
#include "audits/run/lock.h"
#include "audits/run/watch.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NOT_STARTED = 125, OPEN_FILES = 64, WATCH_NANOSECONDS = 100000000 };

/* What this process knows. */
struct post {
    const struct aud_errand *errand;
    const struct aud_world *world;
    struct aud_lock lock;
    struct aud_report report;
    struct aud_watch watch;
};

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

/* In a namespace of users only the processes in it count; elsewhere all of its user, which is
 * for where nobody else can count. */
static bool limit_processes(const struct post *post)
{
    return (!post->world->has_users && !post->watch.is_unseen) ||
           limit(RLIMIT_NPROC, post->errand->limits->processes);
}

static bool take_limits(const struct post *post)
{
    const struct aud_limits *limits = post->errand->limits;
    return limit(RLIMIT_FSIZE, limits->file_bytes) &&
           limit(RLIMIT_DATA, limits->memory) && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_NOFILE, OPEN_FILES) && limit_processes(post) &&
           limit(RLIMIT_CPU, (uint64_t)limits->seconds * 64);
}

/* As the auditor's own, and in no case as the watch's, which comes before all. */
static bool take_turns(const struct aud_errand *errand)
{
    const struct sched_param usual = {.sched_priority = 0};
    return sched_setscheduler(0, errand->policy, &errand->turns) == 0 ||
           sched_setscheduler(0, SCHED_OTHER, &usual) == 0;
}

/* Anything that fails here ends the child: it must not run with more than was meant. */
static _Noreturn void become(const struct post *post, int tells)
{
    static char *const environment[] = {NULL};
    const struct aud_errand *errand = post->errand;
    const bool is_to_close = errand->limits->is_closed && !post->world->has_files;
    char *argument[AUD_WORDS_MAX + 1] = {NULL};
    sigset_t none;
    for (size_t i = 0; i < AUD_WORDS_MAX && errand->words[i] != NULL; i++) {
        argument[i] = strdup(errand->words[i]); /* execve wants them writable */
    }
    bool is_ready = setsid() >= 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                    sigemptyset(&none) == 0 &&
                    sigprocmask(SIG_SETMASK, &none, NULL) == 0 &&
                    chdir(errand->scratch->path) == 0 &&
                    take_stream(STDIN_FILENO, "/dev/null", O_RDONLY) &&
                    take_stream(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC) &&
                    take_stream(STDERR_FILENO, "err", O_WRONLY | O_CREAT | O_TRUNC) &&
                    take_limits(post) && take_turns(errand) &&
                    aud_lock_turn(&post->lock, errand->scratch->path, is_to_close);
    if (is_ready) {
        aud_world_drop();
        (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
        (void)execve(argument[0], argument, environment);
    }
    (void)!write(tells, "x", 1);
    _exit(NOT_STARTED);
}

/* ---- this process ---- */

/* Why the other program is to be ended; AUD_EXITED: it is not. */
static enum aud_ending look(struct post *post, time_t end)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > end ? AUD_TIMED_OUT : aud_watch_look(&post->watch);
}

/* Has it ended? It is not waited for yet: until then its number, and that of its group, are
 * nobody else's. Others that ended and came to this process are let go. */
static bool has_ended(pid_t child)
{
    siginfo_t one = {0};
    while (waitid(P_ALL, 0, &one, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           one.si_pid != 0 && one.si_pid != child) {
        (void)waitpid(one.si_pid, NULL, 0);
        one.si_pid = 0;
    }
    return one.si_pid == child;
}

/* Asked by the auditor, that is, and by nobody else: the other program may signal, too. */
static bool is_asked(const struct post *post, const sigset_t *signals)
{
    const struct timespec while_waiting = {.tv_nsec = WATCH_NANOSECONDS};
    const pid_t auditor = post->world->has_processes ? 0 : post->errand->auditor;
    siginfo_t info = {0};
    return sigtimedwait(signals, &info, &while_waiting) == SIGTERM &&
           info.si_code == SI_USER && info.si_pid == auditor;
}

/* Until it ends, until it is over a limit, or until this process is asked to stop. What it
 * left in its folder is looked at in the end, too. */
static void wait_for(struct post *post, pid_t child, const sigset_t *signals)
{
    struct aud_report *report = &post->report;
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    const time_t end = now.tv_sec + (time_t)post->errand->limits->seconds;
    while (!has_ended(child) && report->ended == AUD_EXITED) {
        bool is_stopped = is_asked(post, signals);
        report->ended = is_stopped         ? AUD_TIMED_OUT
                        : has_ended(child) ? AUD_EXITED
                                           : look(post, end);
    }
    report->was_stopped = !has_ended(child);
    if (post->world->has_processes) {
        (void)kill(-1, SIGKILL); /* all of them at once: none can start another */
    }
    (void)kill(-child, SIGKILL);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &report->how, 0);
    if (report->ended == AUD_EXITED) {
        report->ended = aud_watch_look(&post->watch);
    }
}

/* All that is left comes to this process when its parents die, and is ended here; in a
 * namespace of its own the system does that, too, as soon as this process ends. */
static void end_the_rest(const struct aud_world *world)
{
    if (!world->has_processes) {
        aud_family_end();
    }
    while (waitpid(-1, NULL, world->has_processes ? 0 : WNOHANG) > 0) {
    }
}

static unsigned gaps_of(const struct post *post)
{
    const struct aud_world *world = post->world;
    const bool is_closed = post->errand->limits->is_closed;
    return (world->has_network ? 0 : AUD_GAP_NETWORK) |
           (!is_closed || world->has_files || post->lock.keeps_files ? 0
                                                                     : AUD_GAP_FILES) |
           (world->has_processes || post->lock.keeps_signals ? 0 : AUD_GAP_SIGNALS) |
           (post->watch.is_unseen ? AUD_GAP_SIGHT : 0);
}

static void tell(struct post *post, int reports)
{
    post->report.gaps = gaps_of(post);
    (void)!write(reports, &post->report, sizeof post->report);
}

/* Its memory and its descriptors are not for the other program, whoever runs it. */
static bool prepare(sigset_t *signals, int tells[2])
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGCHLD);
    (void)sigaddset(signals, SIGTERM);
    return sigprocmask(SIG_BLOCK, signals, NULL) == 0 &&
           prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 &&
           pipe2(tells, O_CLOEXEC) == 0;
}

_Noreturn void aud_attend(const struct aud_errand *errand,
                          const struct aud_world *world, int reports)
{
    struct post post = {.errand = errand, .world = world};
    post.watch = (struct aud_watch){.folder = errand->scratch->path,
                                    .limits = errand->limits,
                                    .has_segments = world->has_processes};
    int tells[2];
    char unstarted = '\0';
    sigset_t signals;
    if (!prepare(&signals, tells)) {
        _exit(NOT_STARTED);
    }
    aud_world_enter(world);
    aud_lock_find(&post.lock);
    post.watch.is_unseen = !aud_family_is_seen();
    post.report.has_started = true; /* who hears no more may take it that it has */
    tell(&post, reports);
    pid_t child = _Fork();
    if (child == 0) {
        become(&post, tells[1]);
    }
    (void)close(tells[1]);
    /* The other end closes when the program takes over; a word says that it does not. */
    post.report.has_started = child > 0 && read(tells[0], &unstarted, 1) == 0;
    if (child > 0) {
        wait_for(&post, child, &signals);
        end_the_rest(world);
    }
    post.report.is_last = true;
    tell(&post, reports);
    _exit(0);
}
