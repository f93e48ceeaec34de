// SPDX-License-Identifier: Apache-2.0
/// The value of one option: from text into struct sil_cli_args.
#ifndef SIL_CLI_VALUE_H
#define SIL_CLI_VALUE_H

#include "cli/command.h"

/// Store `text` (NULL for a flag) where the option says.
/// Errors   SIL_ERR_USAGE: not a value of its kind, or out of range.
SIL_MUST_USE sil_status sil_cli_value_store(struct sil_cli_args *args,
                                            const struct sil_cli_option *option,
                                            const char *text, struct sil_error *err);

bool sil_cli_value_given(const struct sil_cli_args *args,
                         const struct sil_cli_option *option);

#endif
