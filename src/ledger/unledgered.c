// SPDX-License-Identifier: Apache-2.0
#include "ledger/unledgered.h"

#include "privacy/token_internal.h"

sil_status sil_token_unledgered(struct sil_token **out, const struct sil_rho *cap,
                                enum sil_neighbours neighbours, uint32_t rows_per_unit,
                                struct sil_error *err)
{
    return sil_token_new(out, cap, neighbours, rows_per_unit, false, err);
}
