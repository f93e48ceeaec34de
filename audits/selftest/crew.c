// SPDX-License-Identifier: Apache-2.0
#include "audits/selftest/crew.h"

#include "base/fail.h"
#include "base/memory.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS_MAX = 8 };

/* What one exhibit came to, in memory that all processes share. */
struct slot {
    atomic_bool is_done;
    sil_status status;
    struct sil_error err;
    struct aud_record record;
};

struct board {
    atomic_size_t next; /* exhibit that nobody has taken */
    atomic_bool is_over;
    size_t n;
    struct slot slot[];
};

static _Noreturn void work(struct board *board, const struct aud_crew *crew,
                           pid_t parent)
{
    /* When this program is ended, so is the showing, and its folder is removed. */
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) {
        _exit(1);
    }
    while (!atomic_load(&board->is_over)) {
        size_t i = atomic_fetch_add(&board->next, 1);
        if (i >= board->n) {
            break;
        }
        struct slot *slot = &board->slot[i];
        slot->status = aud_record_make(&slot->record, crew->zoo, &crew->zoo->item[i],
                                       crew->auditor, crew->is_long, &slot->err);
        atomic_store(&slot->is_done, true);
    }
    _exit(0);
}

static size_t how_many(size_t n_exhibits)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = n < 1 ? 1 : (size_t)n;
    workers = workers < WORKERS_MAX ? workers : WORKERS_MAX;
    return workers < n_exhibits ? workers : n_exhibits;
}

static sil_status start(pid_t *worker, size_t *n, struct board *board,
                        const struct aud_crew *crew, struct sil_error *err)
{
    const size_t most = how_many(board->n);
    const pid_t parent = getpid();
    while (*n < most) {
        pid_t child = fork();
        if (child == 0) {
            work(board, crew, parent);
        }
        if (child < 0) {
            return sil_fail_errno(err, "cannot start a process");
        }
        worker[(*n)++] = child;
    }
    return SIL_OK;
}

static bool is_any_left(pid_t *worker, size_t n)
{
    bool is = false;
    for (size_t i = 0; i < n; i++) {
        if (worker[i] > 0 && waitpid(worker[i], NULL, WNOHANG) != 0) {
            worker[i] = 0;
        }
        is = is || worker[i] > 0;
    }
    return is;
}

static sil_status wait_for(struct slot *slot, pid_t *worker, size_t n,
                           struct sil_error *err)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    bool is_any = true;
    while (!atomic_load(&slot->is_done) && is_any) {
        (void)nanosleep(&pause, NULL);
        is_any = is_any_left(worker, n);
    }
    if (!atomic_load(&slot->is_done)) {
        return sil_fail(err, SIL_ERR_INTERNAL, "a process of this program has died");
    }
    if (slot->status != SIL_OK && err != NULL) {
        *err = slot->err;
    }
    return slot->status;
}

static sil_status collect(struct aud_record *record, struct board *board,
                          const struct aud_crew *crew, pid_t *worker, size_t n,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < board->n && status == SIL_OK; i++) {
        status = wait_for(&board->slot[i], worker, n, err);
        if (status == SIL_OK) {
            record[i] = board->slot[i].record;
            status = crew->seen(crew->context, &record[i], err);
        }
    }
    return status;
}

/* Whoever is at work ends what he is at: scratch folders are removed. */
static void end(struct board *board, const pid_t *worker, size_t n)
{
    atomic_store(&board->is_over, true);
    for (size_t i = 0; i < n; i++) {
        while (worker[i] > 0 && waitpid(worker[i], NULL, 0) < 0 && errno == EINTR) {
        }
    }
}

sil_status aud_crew_show(struct aud_record *record, const struct aud_crew *crew,
                         struct sil_error *err)
{
    pid_t worker[WORKERS_MAX] = {0};
    size_t n = 0;
    size_t size = 0;
    if (!sil_mul_size(&size, crew->zoo->n, sizeof(struct slot)) ||
        !sil_add_size(&size, size, sizeof(struct board))) {
        return sil_fail(err, SIL_ERR_INTERNAL, "too many exhibits");
    }
    struct board *board =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: records");
    }
    board->n = crew->zoo->n;
    sil_status status = start(worker, &n, board, crew, err);
    if (status == SIL_OK) {
        status = collect(record, board, crew, worker, n, err);
    }
    end(board, worker, n);
    (void)munmap(board, size);
    return status;
}
