// SPDX-License-Identifier: Apache-2.0
#include "ledger/unledgered.h"

#include "privacy/token_internal.h"

sil_status sil_token_unledgered(struct sil_token **out, const struct sil_rho *cap,
                                const struct sil_delta *discovery,
                                enum sil_neighbours neighbours, uint32_t rows_per_unit,
                                struct sil_error *err)
{
    sil_status status = sil_token_new(out, cap, neighbours, rows_per_unit, false, err);
    if (status == SIL_OK && discovery != NULL) {
        sil_token_allow_discovery(*out, discovery);
    }
    return status;
}
