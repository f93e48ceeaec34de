// SPDX-License-Identifier: Apache-2.0
/// The two balances, and the sentence that says why something does not fit.
#ifndef SIL_LEDGER_CHAIN_BALANCE_H
#define SIL_LEDGER_CHAIN_BALANCE_H

#include "ledger/chain.h"

/// What a reserve asks of a grant.
struct sil_request {
    const struct sil_rho *rho;
    const struct sil_delta *delta;
    uint64_t time; ///< of the entry
};

/// May a grant be added under the cap (B7, B1)?
/// @param[out] rule   the id of the rule that is in the way.
/// Errors   SIL_ERR_BUDGET, with the sentence. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_balance_of_grant(const char **rule,
                                             const struct sil_chain *chain,
                                             const struct sil_rho *rho,
                                             const struct sil_delta *delta,
                                             struct sil_error *err);

/// May a reserve cite a grant (B7, B8, B2)? As above.
SIL_MUST_USE sil_status sil_balance_of_reserve(const char **rule,
                                               const struct sil_chain *chain,
                                               const struct sil_chain_grant *grant,
                                               const struct sil_request *request,
                                               struct sil_error *err);

#endif
