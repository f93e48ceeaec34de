// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "ledger/ledger_internal.h"

sil_status sil_ledger_salvage(struct sil_chain *chain,
                              const struct sil_ledger_place *place,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_ledger *ledger = NULL;
    struct sil_survey survey = {0};
    SIL_TRY(sil_ledger_new(&ledger, place, SIL_LEDGER_READ, NULL, err));
    SIL_TRY(sil_store_open(&ledger->store, ledger->place.fs, ledger->directory, err));
    SIL_TRY(sil_ledger_survey(&survey, ledger, err));
    sil_chain_clear(chain);
    *chain = survey.chain;
    survey.has_chain = false;

cleanup:
    sil_survey_clear(&survey);
    sil_ledger_close(ledger);
    return status;
}
