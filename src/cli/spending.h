// SPDX-License-Identifier: Apache-2.0
/// Which ledger a fit spends from.
///
/// Beside the table there may be none yet. It is then made by the fit itself, as late as
/// can be: a run whose schema, table or options are refused leaves no ledger behind whose
/// budget would be that run's.
#ifndef SIL_CLI_SPENDING_H
#define SIL_CLI_SPENDING_H

#include "cli/command.h"
#include "ledger/ledger.h"

#include "silhouette/model.h"

struct sil_cli_spending {
    struct sil_ledger *ledger;       ///< NULL: --no-ledger, or not made yet
    char *directory;                 ///< of the ledger; owned
    char grant[33];                  ///< the whole id of --grant; "": not given
    bool has_open;                   ///< the schema has a field to be discovered
    const struct sil_cli_args *args; ///< of the ledger that is to be made; borrowed
};

/// Options that contradict each other, before anything is opened.
/// Errors   SIL_ERR_USAGE.
SIL_MUST_USE sil_status sil_cli_spending_check(const struct sil_cli_args *args,
                                               struct sil_error *err);

/// Open the ledger of --ledger, or CSV.ledger beside the table. With --no-ledger, and when
/// there is none beside it yet, nothing is opened. `args` must outlive `out`.
/// @param has_open   the schema has a field to be discovered.
/// Errors   those of sil_ledger_open; SIL_ERR_USAGE. SIL_ERR_IO: there is no such ledger, with
///          the command for one that has the budget of this call.
SIL_MUST_USE sil_status sil_cli_spending_open(struct sil_cli_spending *out,
                                              const struct sil_cli_args *args,
                                              bool has_open, struct sil_error *err);

/// Tell a fit what to spend from: the ledger that is open and its grant, or how to make one
/// beside the table with exactly the budget of this call. `spending` must outlive the fit.
void sil_cli_spending_tell(struct sil_fit_options *options,
                           struct sil_cli_spending *spending);

/// Put behind the sentence of a refused budget what can be done, as a command to type, and
/// behind the question which grant is meant those that there are. Other errors stay.
/// @param status   of the error. Without a ledger nothing is put.
void sil_cli_spending_advise(const struct sil_cli_spending *spending, sil_status status,
                             struct sil_error *err);

void sil_cli_spending_close(struct sil_cli_spending *spending);

#endif
