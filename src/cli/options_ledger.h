// SPDX-License-Identifier: Apache-2.0
/// Groups of options that the commands on ledgers share.
#ifndef SIL_CLI_OPTIONS_LEDGER_H
#define SIL_CLI_OPTIONS_LEDGER_H

#include "cli/command.h"

/// Behind enum sil_role: a witness has a key and no role in a ledger.
enum { SIL_CLI_ROLE_WITNESS = 16 };

extern const struct sil_cli_group SIL_CLI_OPTIONS_STATE;       ///< --state, --ledger-id
extern const struct sil_cli_group SIL_CLI_OPTIONS_STATE_ALONE; ///< --state
extern const struct sil_cli_group SIL_CLI_OPTIONS_SIGNERS;     ///< who writes
extern const struct sil_cli_group SIL_CLI_OPTIONS_WRITERS; ///< the same, no passphrase
extern const struct sil_cli_group SIL_CLI_OPTIONS_BODY;    ///< --body
extern const struct sil_cli_group SIL_CLI_OPTIONS_CAP;     ///< of a new ledger
extern const struct sil_cli_group SIL_CLI_OPTIONS_SPEND;   ///< --ledger, --grant, ...
extern const struct sil_cli_group SIL_CLI_OPTIONS_POLICY;  ///< --policy

#endif
