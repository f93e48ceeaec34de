// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

sil_status sil_cli_hold_streams(struct sil_error *err)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) {
            continue;
        }
        /* The wrong direction on purpose: reading from a closed standard input and
         * writing to a closed standard output must fail, not vanish. */
        int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (open("/dev/null", flags) != fd) {
            return sil_fail_errno(err, "cannot open /dev/null for a closed stream");
        }
    }
    return SIL_OK;
}

/* A thread of the trial lives until all have been started. */
static void *wait_for_all(void *gate)
{
    (void)pthread_mutex_lock(gate);
    (void)pthread_mutex_unlock(gate);
    return NULL;
}

sil_status sil_cli_try_threads(unsigned n, struct sil_error *err)
{
    sil_status status = SIL_OK;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *thread = NULL;
    unsigned n_started = 0;
    int code = 0;

    n = n > 0 ? n : (unsigned)omp_get_max_threads();
    SIL_TRY(sil_alloc(&thread, n, sizeof *thread, "threads", err));
    (void)pthread_mutex_lock(&gate);
    while (n_started + 1 < n && code == 0) { /* this one is the first */
        code = pthread_create(&thread[n_started], NULL, wait_for_all, &gate);
        n_started += code == 0;
    }
    (void)pthread_mutex_unlock(&gate);
    for (unsigned i = 0; i < n_started; i++) {
        (void)pthread_join(thread[i], NULL);
    }
    if (code != 0) {
        status =
            sil_fail(err, SIL_ERR_INTERNAL,
                     "this system lets the program start %u of %u threads: ask for "
                     "fewer with --threads",
                     n_started + 1, n);
    }

cleanup:
    free(thread);
    return status;
}

static void die_clean(int signal_number)
{
    /* The default action is back already (SA_RESETHAND): the second signal kills at
     * once, and so does this one when it is raised again. */
    sil_output_abandon_all();
    sil_folder_abandon_all();
    (void)raise(signal_number);
}

void sil_cli_catch_signals(void)
{
    static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGXCPU};
    struct sigaction action = {.sa_handler = die_clean,
                               .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++) {
        struct sigaction before;
        if (sigaction(SIGNALS[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            (void)sigaction(SIGNALS[i], &action, NULL);
        }
    }

    /* A library that gives up calls exit. */
    (void)atexit(sil_output_abandon_all);
    (void)atexit(sil_folder_abandon_all);

    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGXFSZ, &ignore, NULL);
}
