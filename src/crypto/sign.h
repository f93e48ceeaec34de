// SPDX-License-Identifier: Apache-2.0
/// Ed25519 signatures. Secret keys live in guarded memory, are wiped, and are locked so
/// that they never reach the swap. Where the system refuses the lock (RLIMIT_MEMLOCK, often
/// 64 KiB or nothing in a container) a key works all the same: a release must not fail for
/// it, and who runs the program is told (sil_secret_key_is_locked).
///
/// What is signed always begins with a prefix that no other family of messages has, so
/// that a signature made for one use is none for another.
/// Source   RFC 8032; verification is libsodium's crypto_sign_verify_detached, never batch.
#ifndef SIL_CRYPTO_SIGN_H
#define SIL_CRYPTO_SIGN_H

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIL_PUBLIC_KEY_BYTES 32
#define SIL_SIGNATURE_BYTES  64
#define SIL_KEYNUM_BYTES     8
#define SIL_KEY_SEED_BYTES   32

/// A secret key, its public key, and its key number (minisign's, a name and no secret).
struct sil_secret_key;

/// A fresh key from the operating system's generator; its number is the first 8 bytes of
/// its key id (ledger/keys.h computes the same).
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_secret_key_new(struct sil_secret_key **out,
                                           struct sil_error *err);

/// The key that a seed stands for: for published test vectors and imported keys.
/// Errors   as sil_secret_key_new.
SIL_MUST_USE sil_status sil_secret_key_of_seed(struct sil_secret_key **out,
                                               const uint8_t seed[SIL_KEY_SEED_BYTES],
                                               const uint8_t keynum[SIL_KEYNUM_BYTES],
                                               struct sil_error *err);

/// Wipe and free; NULL is allowed.
void sil_secret_key_free(struct sil_secret_key *key);

/// False when the system would not lock the key's memory: it may reach the swap, which the
/// caller tells the operator.
bool sil_secret_key_is_locked(const struct sil_secret_key *key);

void sil_secret_key_public(uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                           const struct sil_secret_key *key);
void sil_secret_key_keynum(uint8_t keynum[SIL_KEYNUM_BYTES],
                           const struct sil_secret_key *key);

/// SHA-256("silhouette/key/v1\n" | public key), the first 16 bytes: the key id (KID).
#define SIL_KEY_ID_BYTES 16
void sil_key_id(uint8_t id[SIL_KEY_ID_BYTES],
                const uint8_t public_key[SIL_PUBLIC_KEY_BYTES]);

/// Sign `length` bytes. Deterministic; cannot fail.
void sil_sign(uint8_t signature[SIL_SIGNATURE_BYTES], const struct sil_secret_key *key,
              const void *message, size_t length);

/// False as well for what RFC 8032 leaves to the verifier and libsodium refuses: a public
/// key or an R of small order or in a second encoding, an S that is not reduced.
bool sil_verify(const uint8_t signature[SIL_SIGNATURE_BYTES],
                const uint8_t public_key[SIL_PUBLIC_KEY_BYTES], const void *message,
                size_t length);

/// Keep this process's memory out of core files and away from other processes of the same
/// user (no core dump, not dumpable). Called once, before the first secret is read. Best
/// effort: where the system has no such thing, nothing is said. A debugger or a tracer that
/// is there already stays; later ones need the right to trace any process.
void sil_secrets_harden(void);

#endif
