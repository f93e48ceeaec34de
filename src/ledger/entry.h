// SPDX-License-Identifier: Apache-2.0
/// An entry: a body in its place in the tree, signed by the curator, with the approvals
/// that the body needed.
#ifndef SIL_LEDGER_ENTRY_H
#define SIL_LEDGER_ENTRY_H

#include "ledger/body.h"

struct sil_approval {
    struct sil_id key;
    struct sil_minisig
        signature; ///< its comment is the one that sil_body_comment renders
};

#define SIL_APPROVALS_MAX 64

struct sil_entry {
    struct sil_id ledger;
    uint64_t seq;
    struct sil_root prev_root; ///< of the first `seq` entries
    uint64_t time;             ///< POSIX seconds, floored to the ledger's granularity
    enum sil_entry_type type;
    uint8_t salt[16];
    struct sil_id curator;          ///< KID that made the signature
    struct sil_approval *approvals; ///< ascending by key; owned
    size_t n_approvals;
    uint8_t signature[SIL_SIGNATURE_BYTES];

    struct sil_body body;

    /* Where things lie in the bytes that were parsed (borrowed). */
    const uint8_t *payload;
    size_t payload_length;
    const uint8_t *body_bytes;
    size_t body_length;
};

void sil_entry_clear(struct sil_entry *entry);

/// What the curator signs: "silhouette/entry/v1\n" | PAYLOAD. Appends.
SIL_MUST_USE sil_status sil_entry_message(struct sil_bytes *out, const uint8_t *payload,
                                          size_t length, struct sil_error *err);

/// Build and sign an entry from ledger, seq, prev_root, time, approvals of `head` (type,
/// salt, curator are filled in here; the salt is fresh) and the encoded body.
/// Errors   SIL_ERR_USAGE: larger than SIL_ENTRY_BYTES_MAX. SIL_ERR_INTERNAL.
SIL_MUST_USE sil_status sil_entry_build(struct sil_bytes *out,
                                        const struct sil_entry *head,
                                        const struct sil_bytes *body,
                                        const struct sil_secret_key *curator,
                                        struct sil_error *err);

/// The same from a given salt: for published vectors.
SIL_MUST_USE sil_status sil_entry_build_salted(struct sil_bytes *out,
                                               const struct sil_entry *head,
                                               const uint8_t salt[16],
                                               const struct sil_bytes *body,
                                               const struct sil_secret_key *curator,
                                               struct sil_error *err);

/// Take apart an entry file: form only. That the body is of the entry's type is checked;
/// its ledger, the entry's number and place, signatures and trusted comments are not.
/// `data` must outlive `out`, which is empty on error, but for one.
/// Errors   SIL_ERR_CHECK [F1] [F2] [P1] (`seq` names the file). SIL_ERR_UNSUPPORTED: a
///          version of payloads that this program lacks; or a type or a schema of bodies,
///          and then `out` has all but type and body, to be cleared: whether its curator
///          did sign it can be told, and must be (sil_step_check_unread).
SIL_MUST_USE sil_status sil_entry_parse(struct sil_entry *out, const uint8_t *data,
                                        size_t length, uint64_t seq,
                                        struct sil_error *err);

#endif
