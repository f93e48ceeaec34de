// SPDX-License-Identifier: Apache-2.0
/// One line of progress on a terminal; silence everywhere else.
#ifndef SIL_CLI_TERMINAL_H
#define SIL_CLI_TERMINAL_H

#include "silhouette/progress.h"

#include <stdbool.h>

/// A progress callback that rewrites one line of the standard error with what is done, the
/// rate where the stage counts bytes or rows, and the time left. It is silent when `quiet`, when the standard error is no
/// terminal, and on a terminal that cannot rewrite a line (TERM unset or "dumb"). No
/// colour and no escape sequence is ever written, whatever NO_COLOR says.
struct sil_progress sil_cli_progress(bool quiet);

/// Wipe the line, before anything else is printed and at the end.
void sil_cli_progress_clear(void);

#endif
