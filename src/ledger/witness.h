// SPDX-License-Identifier: Apache-2.0
/// A witness, by files: it cosigns a checkpoint only when the ledger has grown from the
/// one that it cosigned before. Source  C2SP tlog-witness (add-checkpoint), offline.
#ifndef SIL_LEDGER_WITNESS_H
#define SIL_LEDGER_WITNESS_H

#include "base/bytes.h"
#include "ledger/fs.h"
#include "ledger/ledger.h"
#include "ledger/policy.h"

/// Append the request to cosign the newest checkpoint of `ledger`, for a witness that last
/// saw `old` entries (0: none): "old N", the consistency proof, the checkpoint.
/// Errors   SIL_ERR_USAGE: `old` above the size.
SIL_MUST_USE sil_status sil_witness_request(struct sil_bytes *out,
                                            const struct sil_ledger *ledger,
                                            uint64_t old, struct sil_error *err);

/// Be the witness: check the request against what was seen last of its origin (one file an
/// origin in `state`, made if it is missing), make the new checkpoint durable there, and
/// only then append the cosignature line. Comparing and storing is one step under a lock.
/// @param logs   the origins and keys it knows.
/// @param key    its own name and key; `secret` belongs to it.
/// @param now    POSIX seconds.
/// Errors   SIL_ERR_CHECK with the ids of the protocol: [404] an unknown origin, [403] the
///          log's signature, [409] another size was seen last (the sentence gives it),
///          [422] not consistent with it. SIL_ERR_INPUT: not a request. SIL_ERR_IO.
SIL_MUST_USE sil_status sil_witness_cosign(struct sil_bytes *out, const char *request,
                                           size_t length, const struct sil_policy *logs,
                                           const struct sil_note_key *key,
                                           const struct sil_secret_key *secret,
                                           const char *state, uint64_t now,
                                           struct sil_error *err);

/// Keep cosignature lines: cosigned/N becomes the checkpoint of size N and the lines of
/// the policy's witnesses that verify; lines that were there stay.
/// Errors   SIL_ERR_CHECK [W1]: a line that no witness of the policy made over a
///          checkpoint of this ledger. SIL_ERR_IO.
SIL_MUST_USE sil_status sil_witness_keep(struct sil_ledger *ledger,
                                         const struct sil_policy *policy,
                                         const char *lines, size_t length,
                                         uint64_t size, struct sil_error *err);

/// The cosigned note of the largest size that has one; `*size` 0: none. Appends.
/// Errors   SIL_ERR_CHECK [E-FORK]: it is not the checkpoint of that size with lines
///          behind it. SIL_ERR_IO.
SIL_MUST_USE sil_status sil_witness_newest(struct sil_bytes *out, uint64_t *size,
                                           const struct sil_ledger *ledger,
                                           struct sil_error *err);

#endif
