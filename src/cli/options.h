// SPDX-License-Identifier: Apache-2.0
/// Groups of options that several commands share.
#ifndef SIL_CLI_OPTIONS_H
#define SIL_CLI_OPTIONS_H

#include "cli/command.h"

extern const struct sil_cli_group SIL_CLI_OPTIONS_TABLE;     ///< --data, --schema
extern const struct sil_cli_group SIL_CLI_OPTIONS_DATA;      ///< --data alone
extern const struct sil_cli_group SIL_CLI_OPTIONS_SCHEMA;    ///< --schema alone
extern const struct sil_cli_group SIL_CLI_OPTIONS_CSV;       ///< how a CSV file is read
extern const struct sil_cli_group SIL_CLI_OPTIONS_DELIMITER; ///< of CSV alone
extern const struct sil_cli_group SIL_CLI_OPTIONS_BUDGET;    ///< that is spent
extern const struct sil_cli_group SIL_CLI_OPTIONS_PLANNED;   ///< without a ledger
extern const struct sil_cli_group SIL_CLI_OPTIONS_LEDGER;
extern const struct sil_cli_group SIL_CLI_OPTIONS_MECHANISM;
extern const struct sil_cli_group SIL_CLI_OPTIONS_ROWS;
extern const struct sil_cli_group SIL_CLI_OPTIONS_MADE; ///< --where, --rebalance
extern const struct sil_cli_group SIL_CLI_OPTIONS_THREADS;
extern const struct sil_cli_group SIL_CLI_OPTIONS_TEXT_OUT; ///< --out for a text

#endif
