// SPDX-License-Identifier: Apache-2.0
/// Which ledger a fit spends from.
#ifndef SIL_CLI_SPENDING_H
#define SIL_CLI_SPENDING_H

#include "cli/command.h"
#include "ledger/ledger.h"

struct sil_cli_spending {
    struct sil_ledger *ledger; ///< NULL: --no-ledger
    char *directory;           ///< of the ledger; owned
    char grant[33];            ///< the whole id of --grant; "": not given
};

/// Options that contradict each other, before anything is opened.
/// Errors   SIL_ERR_USAGE.
SIL_MUST_USE sil_status sil_cli_spending_check(const struct sil_cli_args *args,
                                               struct sil_error *err);

/// Open the ledger of --ledger, or CSV.ledger beside the table; when there is none beside
/// it, make one with exactly the budget that this call asks for. Nothing with --no-ledger.
/// Errors   those of sil_ledger_open and sil_ledger_quickstart; SIL_ERR_USAGE.
SIL_MUST_USE sil_status sil_cli_spending_open(struct sil_cli_spending *out,
                                              const struct sil_cli_args *args,
                                              struct sil_error *err);

/// Put behind the sentence of a refused budget what can be done, as a command to type, and
/// behind the question which grant is meant those that there are. Other errors stay.
/// @param status   of the error.
void sil_cli_spending_advise(const struct sil_cli_spending *spending, sil_status status,
                             struct sil_error *err);

void sil_cli_spending_close(struct sil_cli_spending *spending);

#endif
