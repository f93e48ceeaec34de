// SPDX-License-Identifier: Apache-2.0
/// From words on the command line to struct sil_cli_args, by the tables of a command.
#ifndef SIL_CLI_PARSE_H
#define SIL_CLI_PARSE_H

#include "cli/command.h"

/// Parse the words after the name of the command (argv[0] is not looked at; the words may
/// be reordered). Stops early, with SIL_OK, at --help and --version.
/// Errors   SIL_ERR_USAGE: an unknown option (the nearest one is named), a value missing,
///          superfluous or out of its range, a required option absent.
SIL_MUST_USE sil_status sil_cli_parse(struct sil_cli_args *args,
                                      const struct sil_cli_command *command, int argc,
                                      char **argv, struct sil_error *err);

/// Print the help text of a command to the standard output.
/// Errors   SIL_ERR_IO: it cannot be written.
SIL_MUST_USE sil_status sil_cli_help(const struct sil_cli_command *command,
                                     struct sil_error *err);

#endif
