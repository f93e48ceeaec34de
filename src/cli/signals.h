// SPDX-License-Identifier: Apache-2.0
/// How the process starts and how it dies: standard streams, threads, signals.
#ifndef SIL_CLI_SIGNALS_H
#define SIL_CLI_SIGNALS_H

#include "silhouette/status.h"

/// Make descriptors 0, 1 and 2 exist. One that the parent closed would otherwise be given
/// to the next file opened, and a message would end up in it. A closed standard output
/// becomes one that refuses every write.
SIL_MUST_USE sil_status sil_cli_hold_streams(struct sil_error *err);

/// Can the process have `n` threads (0: as many as it would take)? The OpenMP library ends
/// the process where one cannot be started: found out before a budget is spent.
/// Errors   SIL_ERR_INTERNAL: too few, or no memory.
SIL_MUST_USE sil_status sil_cli_try_threads(unsigned n, struct sil_error *err);

/// On SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT and SIGXCPU remove the temporary files and
/// die by the signal. A signal that the parent ignores stays ignored. Exceeding a file size limit
/// becomes an ordinary write error. Whoever calls exit leaves no temporary file either.
void sil_cli_catch_signals(void);

#endif
