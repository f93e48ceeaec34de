// SPDX-License-Identifier: Apache-2.0
/// The parts of a survey that survey_checkpoints.c does for survey.c.
#ifndef SIL_LEDGER_SURVEY_INTERNAL_H
#define SIL_LEDGER_SURVEY_INTERNAL_H

#include "ledger/survey.h"

/// Read checkpoints `number` (n of them, ascending) and judge each against the chain.
SIL_MUST_USE sil_status sil_survey_checkpoints(struct sil_survey *survey,
                                               struct sil_store *store,
                                               const uint64_t *number, size_t n,
                                               struct sil_error *err);

/// Set `fork` to the first size at which a good checkpoint, the watermark, or `observed`
/// (may be NULL) has another root than the entries.
void sil_survey_find_fork(struct sil_survey *survey,
                          const struct sil_checkpoint *observed);

#endif
