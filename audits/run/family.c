// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* syscall, waitid's P_ALL */
#include "audits/run/family.h"

#include "audits/run/entries.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Linux numbers no process higher. Rounds of ending, every other of which ends; and of asking
 * every number. */
enum {
    PROCESSES_MAX = 1 << 22,
    ROUNDS = 10000,
    ROUNDS_UNSEEN = 64,
    MOMENT = 1000000,
    STAT_MAX = 4096
};

/* ---- who they are ---- */

/* A bit for each number that a process can have. */
static uint8_t is_of_family[PROCESSES_MAX / 8];

bool aud_family_has(long number)
{
    return number > 0 && number < PROCESSES_MAX &&
           (is_of_family[number / 8] >> number % 8 & 1) != 0;
}

/* /proc may be another world's: then its numbers mean nothing here. */
static bool is_own_world(void)
{
    char text[16] = "";
    ssize_t n = readlink("/proc/self", text, sizeof text - 1);
    return n > 0 && strtol(text, NULL, 10) == (long)getpid();
}

bool aud_family_is_seen(void)
{
    return is_own_world() && access("/proc/1/stat", R_OK) == 0;
}

/* The parent of a process; 0: it has ended, or cannot be read. */
static long parent_of(long number)
{
    char name[32];
    char text[STAT_MAX];
    (void)snprintf(name, sizeof name, "/proc/%ld/stat", number);
    aud_entries_text(text, sizeof text, AT_FDCWD, name);
    /* "number (name) state parent", and the name may hold anything. */
    const char *end = strrchr(text, ')');
    return end != NULL && strlen(end) > 4 ? strtol(end + 4, NULL, 10) : 0;
}

struct search {
    uint64_t n, most;
};

static bool visit_relative(void *context, int proc, const char *name)
{
    struct search *search = context;
    const long number = strtol(name, NULL, 10);
    (void)proc;
    if (number > 0 && number < PROCESSES_MAX && !aud_family_has(number) &&
        aud_family_has(parent_of(number))) {
        is_of_family[number / 8] |= (uint8_t)(1U << number % 8);
        search->n++;
    }
    return search->n <= search->most;
}

/* Numbers ascend in /proc, and mostly from parent to child: few rounds find all. */
uint64_t aud_family_find(uint64_t most)
{
    const long self = getpid();
    struct search search = {.most = most};
    uint64_t before = 0;
    (void)memset(is_of_family, 0, sizeof is_of_family);
    if (self >= PROCESSES_MAX || !is_own_world()) {
        return 0;
    }
    is_of_family[self / 8] |= (uint8_t)(1U << self % 8);
    do {
        before = search.n;
        aud_entries_visit(aud_entries_open(AT_FDCWD, "/proc"), visit_relative, &search);
    } while (search.n > before && search.n <= most);
    is_of_family[self / 8] &= (uint8_t) ~(1U << self % 8);
    return search.n;
}

/* ---- handles: a number may be another's by the time that it is used ---- */

static int hold(long number)
{
    return (int)syscall(SYS_pidfd_open, (pid_t)number, 0);
}

static bool signal_held(int held, int number)
{
    return syscall(SYS_pidfd_send_signal, held, number, NULL, 0) == 0;
}

static void let_go(int held)
{
    if (held >= 0) {
        (void)close(held);
    }
}

/* Does the process that is held come from this one? A parent is what the number in /proc says
 * while both are held; who comes from this one never ceases to. */
static bool is_relative(int held, long number)
{
    const long self = getpid();
    int child = held;
    long parent = parent_of(number);
    bool is = parent > 0 && signal_held(held, 0);
    while (is && parent != self) {
        int above = hold(parent);
        is = above >= 0 && parent_of(number) == parent && signal_held(child, 0);
        number = parent;
        parent = is ? parent_of(number) : 0;
        is = is && parent > 0 && signal_held(above, 0);
        let_go(child == held ? -1 : child);
        child = above;
    }
    let_go(child == held ? -1 : child);
    return is;
}

static void signal_one(long number, int signal, bool has_handles)
{
    if (!has_handles) {
        (void)kill((pid_t)number, signal);
        return;
    }
    int held = hold(number);
    if (held >= 0 && is_relative(held, number)) {
        (void)signal_held(held, signal);
    }
    let_go(held);
}

static void signal_family(int signal, bool has_handles)
{
    for (long number = 1; number < PROCESSES_MAX; number++) {
        if (is_of_family[number / 8] == 0) {
            number |= 7; /* none of these eight */
        } else if (aud_family_has(number)) {
            signal_one(number, signal, has_handles);
        }
    }
}

/* ---- the end of them ---- */

static bool has_child(void)
{
    siginfo_t unused;
    return waitid(P_ALL, 0, &unused, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void reap(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

static void wait_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = MOMENT};
    (void)nanosleep(&moment, NULL);
}

/* The number of a child stays its own until it is waited for, here. */
static void end_unseen_children(void)
{
    siginfo_t unused;
    for (pid_t number = 2; number < PROCESSES_MAX && has_child(); number++) {
        if (waitid(P_PID, (id_t)number, &unused, WEXITED | WNOHANG | WNOWAIT) == 0) {
            (void)kill(number, SIGKILL);
            (void)waitpid(number, NULL, 0);
        }
    }
}

void aud_family_end(void)
{
    int self = hold(getpid());
    const bool has_handles = self >= 0;
    uint64_t n = 1;
    let_go(self);
    reap();
    for (int round = 0; round < ROUNDS && n > 0 && has_child(); round++) {
        n = aud_family_find(UINT64_MAX);
        signal_family(SIGSTOP, has_handles);
        if (round % 2 == 1) {
            signal_family(SIGKILL, has_handles);
        }
        reap();
        wait_a_moment();
    }
    for (int round = 0; round < ROUNDS_UNSEEN && has_child(); round++) {
        end_unseen_children();
    }
}
