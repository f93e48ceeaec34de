// SPDX-License-Identifier: Apache-2.0
/// Checkpoints: what the log signs, and witnesses cosign. Source  C2SP tlog-checkpoint,
/// tlog-cosignature, tlog-proof v1.
#ifndef SIL_LEDGER_CHECKPOINT_H
#define SIL_LEDGER_CHECKPOINT_H

#include "crypto/note.h"
#include "ledger/merkle.h"

#define SIL_ORIGIN_MAX SIL_NOTE_NAME_MAX

struct sil_checkpoint {
    char origin[SIL_ORIGIN_MAX + 1];
    uint64_t size;
    struct sil_root root;
};

/// prefix "/silhouette/" LID. Errors  SIL_ERR_USAGE: too long.
SIL_MUST_USE sil_status sil_checkpoint_origin(char origin[SIL_ORIGIN_MAX + 1],
                                              const char *prefix,
                                              const uint8_t ledger[16],
                                              struct sil_error *err);

/// Append the three lines. Errors  SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_checkpoint_text(struct sil_bytes *out,
                                            const struct sil_checkpoint *checkpoint,
                                            struct sil_error *err);

/// Append the three lines, the blank line, and the log's signature: a whole file.
SIL_MUST_USE sil_status sil_checkpoint_sign(struct sil_bytes *out,
                                            const struct sil_checkpoint *checkpoint,
                                            const struct sil_secret_key *log,
                                            struct sil_error *err);

/// Read the text of a note as a checkpoint (exactly three lines, canonical decimal and
/// base64). No signature is checked. Errors  SIL_ERR_CHECK [E-CORRUPT].
SIL_MUST_USE sil_status sil_checkpoint_parse(struct sil_checkpoint *out,
                                             const struct sil_note *note,
                                             struct sil_error *err);

/// A proof that entry `index` is in a checkpoint, for a stranger: the file of
/// `c2sp.org/tlog-proof@v1`.
struct sil_tlog_proof {
    uint64_t index;
    struct sil_merkle_proof path;
    const char *checkpoint; ///< the signed note; borrowed
    size_t checkpoint_length;
};

SIL_MUST_USE sil_status sil_tlog_proof_print(struct sil_bytes *out,
                                             const struct sil_tlog_proof *proof,
                                             struct sil_error *err);
/// Errors   SIL_ERR_INPUT. The checkpoint points into `text`.
SIL_MUST_USE sil_status sil_tlog_proof_parse(struct sil_tlog_proof *out,
                                             const char *text, size_t length,
                                             struct sil_error *err);

#endif
