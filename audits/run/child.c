// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* unshare */
#include "audits/run/child.h"

#include "base/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NOT_STARTED = 125, POLLS_A_SECOND = 100, OPEN_FILES = 64, DEPTH = 16 };

/* ---- a folder for it ---- */

sil_status aud_scratch_make(struct aud_scratch *out, struct sil_error *err)
{
    const char *below = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): one thread
    if (below == NULL || below[0] != '/' || strlen(below) > 32) {
        below = "/tmp";
    }
    (void)snprintf(out->path, sizeof out->path, "%s/silhouette-audit-XXXXXX", below);
    if (mkdtemp(out->path) == NULL) {
        sil_status status = sil_fail_errno(err, "cannot make a folder below %s", below);
        out->path[0] = '\0';
        return status;
    }
    return SIL_OK;
}

static int remove_one(const char *path, const struct stat *info, int type,
                      struct FTW *place)
{
    (void)info, (void)type, (void)place;
    (void)remove(path); /* what cannot be removed stays */
    return 0;
}

void aud_scratch_remove(struct aud_scratch *scratch)
{
    if (scratch->path[0] != '\0') {
        (void)nftw(scratch->path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
        scratch->path[0] = '\0';
    }
}

/* ---- in the child, between fork and exec ---- */

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

/* Anything that fails here ends the child: it must not run with more than was meant. */
static _Noreturn void become(const struct aud_scratch *scratch, const char *program,
                             const char *const *words, const struct aud_limits *limits,
                             int tells)
{
    static char *const environment[] = {NULL};
    char *argument[AUD_WORDS_MAX + 1] = {NULL};
    for (size_t i = 0; i < AUD_WORDS_MAX && words[i] != NULL; i++) {
        argument[i] = strdup(words[i]); /* execve wants them writable */
    }
    bool is_ready =
        setsid() >= 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && chdir(scratch->path) == 0 &&
        take_stream(STDIN_FILENO, "/dev/null", O_RDONLY) &&
        take_stream(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC) &&
        take_stream(STDERR_FILENO, "err", O_WRONLY | O_CREAT | O_TRUNC) &&
        limit(RLIMIT_FSIZE, limits->file_bytes) && limit(RLIMIT_DATA, limits->memory) &&
        limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, OPEN_FILES) &&
        limit(RLIMIT_CPU, (uint64_t)limits->seconds * 64);
    if (is_ready) {
        (void)execve(program, argument, environment);
    }
    (void)!write(tells, "x", 1);
    _exit(NOT_STARTED);
}

/* A network of its own, in which there is nothing. */
static bool leave_network(void)
{
    return unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

/* ---- in the parent ---- */

static void pause_shortly(void)
{
    const struct timespec pause = {.tv_nsec = 1000000000L / POLLS_A_SECOND};
    (void)nanosleep(&pause, NULL);
}

static sil_status wait_for(struct aud_outcome *out, pid_t child, unsigned seconds,
                           struct sil_error *err)
{
    int how = 0;
    unsigned long polls = (unsigned long)seconds * POLLS_A_SECOND;
    pid_t ended = 0;
    while (ended == 0 && polls-- > 0) {
        ended = waitpid(child, &how, WNOHANG);
        if (ended == 0) {
            pause_shortly();
        }
    }
    out->ending = ended == 0 ? AUD_TIMED_OUT : AUD_EXITED;
    (void)kill(-child,
               SIGKILL); /* and whatever it has left in its session's first group */
    (void)kill(child, SIGKILL);
    if (ended == 0) {
        ended = waitpid(child, &how, 0);
    }
    if (ended != child) {
        return sil_fail_errno(err, "cannot wait for a program");
    }
    if (out->ending == AUD_EXITED && WIFSIGNALED(how)) {
        out->ending = AUD_KILLED;
    }
    out->code = WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how);
    return SIL_OK;
}

sil_status aud_run(struct aud_outcome *out, const struct aud_scratch *scratch,
                   const char *const *words, const struct aud_limits *limits,
                   struct sil_error *err)
{
    int tells[2];
    char program[PATH_MAX];
    char has_left = 'n';
    *out = (struct aud_outcome){0};
    if (realpath(words[0], program) == NULL || access(program, X_OK) != 0) {
        return sil_fail_errno(err, "cannot run %s", words[0]);
    }
    if (pipe2(tells, O_CLOEXEC) != 0) {
        return sil_fail_errno(err, "cannot make a pipe");
    }
    pid_t child = fork();
    if (child == 0) {
        has_left = leave_network() ? 'y' : 'n';
        if (write(tells[1], &has_left, 1) != 1) {
            _exit(NOT_STARTED);
        }
        become(scratch, program, words, limits, tells[1]);
    }
    (void)close(tells[1]);
    ssize_t told = child < 0 ? 0 : read(tells[0], &has_left, 1);
    /* The other end closes when the program takes over; a second word says that it does not. */
    char unstarted = '\0';
    bool has_started = told == 1 && read(tells[0], &unstarted, 1) == 0;
    (void)close(tells[0]);
    if (child < 0) {
        return sil_fail_errno(err, "cannot start a program");
    }
    out->had_network = told != 1 || has_left != 'y';
    sil_status status = wait_for(out, child, limits->seconds, err);
    if (status == SIL_OK && !has_started) {
        status = sil_fail(err, SIL_ERR_IO, "%s could not be started", words[0]);
    }
    return status;
}
