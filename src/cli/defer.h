// SPDX-License-Identifier: Apache-2.0
/// A few steps that no signal ends half-way: a folder of several files being put in place.
#ifndef SIL_CLI_DEFER_H
#define SIL_CLI_DEFER_H

#include <signal.h>

enum { SIL_CLI_DEFERRED = 5 };

/// What signals did before; not to be looked into.
struct sil_cli_deferral {
    struct sigaction before[SIL_CLI_DEFERRED];
};

/// From here on SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGXCPU wait, in every thread; one that
/// is ignored stays ignored. Keep it short: a person may be pressing Ctrl-C.
void sil_cli_signals_defer(struct sil_cli_deferral *deferral);

/// What came meanwhile comes now.
void sil_cli_signals_resume(const struct sil_cli_deferral *deferral);

#endif
