// SPDX-License-Identifier: Apache-2.0
/// A checkpoint that a reader kept from earlier, against the ledger that he is shown now
/// (W2): without one, a history that was cut short or forked shows nowhere.
#ifndef SIL_LEDGER_PINNED_H
#define SIL_LEDGER_PINNED_H

#include "ledger/chain.h"
#include "ledger/checkpoint.h"

/// Read the note of a checkpoint of this ledger, signed by a log key live at its size.
/// @param name   of the file, for sentences.
/// Errors   SIL_ERR_INPUT: not a checkpoint. SIL_ERR_CHECK [W2]: of another ledger, or not
///          signed by its log.
SIL_MUST_USE sil_status sil_pinned_read(struct sil_checkpoint *out,
                                        const struct sil_bytes *note, const char *name,
                                        const struct sil_chain *chain,
                                        struct sil_error *err);

/// Has the ledger grown from it?
/// Errors   SIL_ERR_CHECK [E-ROLLBACK]: the ledger has fewer entries. [E-FORK]: others.
SIL_MUST_USE sil_status sil_pinned_check(const struct sil_checkpoint *pinned,
                                         const char *name,
                                         const struct sil_chain *chain,
                                         struct sil_error *err);

#endif
