// SPDX-License-Identifier: Apache-2.0
/// How a ledger is refused: the id of the rule, the entry, a sentence.
///
/// Ids (docs/ledger-format.md lists them): F1 F2 F3 F4 F5 F6 F7 of the form of entries, K1
/// to K6 of keys, B1 to B9 of the budget, R1 to R8 of releases, W1 to W3 of witnesses, P1
/// of what must not be there; E-ROLLBACK, E-FORK, E-LOST, E-TAMPER, E-CORRUPT of the
/// directory as a whole.
#ifndef SIL_LEDGER_REFUSE_H
#define SIL_LEDGER_REFUSE_H

#include "silhouette/status.h"

#include <stdint.h>

/// Write "[F4] entry 3: SENTENCE" and return SIL_ERR_CHECK.
sil_status sil_refuse(struct sil_error *err, const char *id, uint64_t entry,
                      const char *format, ...) SIL_PRINTF(4, 5);

/// The same without an entry: "[E-ROLLBACK] SENTENCE".
sil_status sil_refuse_ledger(struct sil_error *err, const char *id, const char *format,
                             ...) SIL_PRINTF(3, 4);

/// The id in a sentence that one of these wrote, or "" when there is none.
void sil_refusal_id(char id[16], const struct sil_error *err);

#endif
