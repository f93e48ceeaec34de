// SPDX-License-Identifier: Apache-2.0
/// statement.dsse.json: the statement, signed for tools that know in-toto. Source  DSSE 1.0.
#ifndef SIL_RELEASE_ENVELOPE_H
#define SIL_RELEASE_ENVELOPE_H

#include "base/bytes.h"
#include "crypto/sign.h"
#include "ledger/body.h"

#define SIL_ENVELOPE_TYPE      "application/vnd.in-toto+json"
#define SIL_ENVELOPE_BYTES_MAX ((size_t)2 << 20)

/// Append what is signed: "DSSEv1 LEN TYPE LEN STATEMENT".
SIL_MUST_USE sil_status sil_envelope_message(struct sil_bytes *out,
                                             const struct sil_bytes *statement,
                                             struct sil_error *err);

/// Append the envelope of a statement: payload, its type, one signature and the id of the
/// key that made it (a hint that nobody signed).
SIL_MUST_USE sil_status sil_envelope_print(struct sil_bytes *out,
                                           const struct sil_bytes *statement,
                                           const struct sil_id *key,
                                           const uint8_t signature[SIL_SIGNATURE_BYTES],
                                           struct sil_error *err);

/// Sign and print. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_envelope_sign(struct sil_bytes *out,
                                          const struct sil_bytes *statement,
                                          const struct sil_secret_key *key,
                                          struct sil_error *err);

struct sil_envelope {
    struct sil_bytes statement; ///< the payload, decoded; owned
    struct sil_id key;          ///< as the hint says
    uint8_t signature[SIL_SIGNATURE_BYTES];
};

void sil_envelope_clear(struct sil_envelope *envelope);

/// Read an envelope that sil_envelope_print could have written, byte for byte: one
/// signature, the members in this order.
/// Errors   SIL_ERR_INPUT. SIL_ERR_INTERNAL (memory). `out` is always to be cleared.
SIL_MUST_USE sil_status sil_envelope_parse(struct sil_envelope *out, const char *text,
                                           size_t length, struct sil_error *err);

/// Does the signature hold, by this key?
SIL_MUST_USE sil_status sil_envelope_verify(bool *holds,
                                            const struct sil_envelope *envelope,
                                            const uint8_t key[SIL_PUBLIC_KEY_BYTES],
                                            struct sil_error *err);

#endif
