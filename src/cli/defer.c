// SPDX-License-Identifier: Apache-2.0
#include "cli/defer.h"

#include <stddef.h>

static const int SIGNALS[SIL_CLI_DEFERRED] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT,
                                              SIGXCPU};

static volatile sig_atomic_t came[SIL_CLI_DEFERRED];

/* A disposition holds for all threads; a mask would hold for one. */
static void note(int signal_number)
{
    for (size_t i = 0; i < SIL_CLI_DEFERRED; i++) {
        if (SIGNALS[i] == signal_number) {
            came[i] = 1;
        }
    }
}

void sil_cli_signals_defer(struct sil_cli_deferral *deferral)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    (void)sigfillset(&action.sa_mask);
    for (size_t i = 0; i < SIL_CLI_DEFERRED; i++) {
        came[i] = 0;
        (void)sigaction(SIGNALS[i], NULL, &deferral->before[i]);
        if (deferral->before[i].sa_handler != SIG_IGN) {
            (void)sigaction(SIGNALS[i], &action, NULL);
        }
    }
}

void sil_cli_signals_resume(const struct sil_cli_deferral *deferral)
{
    for (size_t i = 0; i < SIL_CLI_DEFERRED; i++) {
        (void)sigaction(SIGNALS[i], &deferral->before[i], NULL);
    }
    for (size_t i = 0; i < SIL_CLI_DEFERRED; i++) {
        if (came[i] != 0) {
            (void)raise(SIGNALS[i]);
        }
    }
}
