// SPDX-License-Identifier: Apache-2.0
/// Shell completions, written from the tables of the commands.
#ifndef SIL_CLI_COMPLETION_H
#define SIL_CLI_COMPLETION_H

#include "cli/command.h"

/// Print the completion script of "bash" or "zsh" to the standard output.
/// Errors   SIL_ERR_USAGE: another shell. SIL_ERR_IO: it cannot be written.
SIL_MUST_USE sil_status
sil_cli_completion(const char *shell, const struct sil_cli_command *const *commands,
                   size_t n, struct sil_error *err);

#endif
