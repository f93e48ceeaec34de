// SPDX-License-Identifier: Apache-2.0
/// A checkpoint: a signed note of three lines. Source  C2SP tlog-checkpoint.
#ifndef AUDIT_LEDGER_CHECKPOINT_H
#define AUDIT_LEDGER_CHECKPOINT_H

#include "audits/ledger/ledger.h"
#include "crypto/note.h"

struct aud_checkpoint {
    char origin[SIL_NOTE_NAME_MAX + 1];
    uint64_t size;
    struct aud_hash root;
    struct sil_note note; ///< points into the bytes that were parsed
};

/// Origin, size, root, and nothing else. False: no checkpoint.
bool aud_checkpoint_parse(struct aud_checkpoint *out, const struct sil_bytes *bytes);

/// Is it of this ledger's log: the origin is, and a log key signed that counts once the
/// entries do?
bool aud_checkpoint_is_of(const struct aud_checkpoint *checkpoint,
                          const struct aud_ledger *ledger);

#endif
