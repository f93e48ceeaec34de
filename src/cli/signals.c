// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.h"

#include "base/fail.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

static void die_clean(int signal_number)
{
    /* The default action is back already (SA_RESETHAND): the second signal kills at
     * once, and so does this one when it is raised again. */
    sil_output_abandon_all();
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

    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&ignore.sa_mask);
    (void)sigaction(SIGXFSZ, &ignore, NULL);
}
