// SPDX-License-Identifier: Apache-2.0
/// Files of stock `minisign`: signatures, public keys, secret keys. Bytes in
/// docs/ledger-format.md.
///
/// Stricter than the stock program in what is accepted: prehashed signatures only ("ED"),
/// exactly four lines with LF ends, a printable ASCII trusted comment of at most
/// SIL_COMMENT_MAX bytes (so not the stock program's default, which has a tab), and no
/// control character in a comment that nobody signed.
#ifndef SIL_CRYPTO_MINISIGN_H
#define SIL_CRYPTO_MINISIGN_H

#include "base/bytes.h"
#include "crypto/sign.h"
#include "crypto/stream.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIL_COMMENT_MAX      512
#define SIL_MINISIG_FILE_MAX 4096
#define SIL_KEY_FILE_MAX     4096

struct sil_minisig {
    uint8_t keynum[SIL_KEYNUM_BYTES];
    uint8_t signature[SIL_SIGNATURE_BYTES]; ///< over BLAKE2b-512 of the file
    uint8_t global[SIL_SIGNATURE_BYTES];    ///< over signature | trusted comment
    char comment[SIL_COMMENT_MAX + 1];      ///< the trusted comment
};

/// Sign. Pre  `comment` is printable ASCII of at most SIL_COMMENT_MAX bytes; else the
/// process is aborted (SIL_REQUIRE).
void sil_minisign(struct sil_minisig *out, const struct sil_secret_key *key,
                  const void *data, size_t length, const char *comment);

/// The same for a file whose BLAKE2b-512 is known.
void sil_minisign_hashed(struct sil_minisig *out, const struct sil_secret_key *key,
                         const uint8_t blake512[SIL_BLAKE512_BYTES],
                         const char *comment);

/// Both signatures hold; the key number is a hint and not compared.
bool sil_minisig_verify(const struct sil_minisig *signature,
                        const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                        const void *data, size_t length);
bool sil_minisig_verify_hashed(const struct sil_minisig *signature,
                               const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                               const uint8_t blake512[SIL_BLAKE512_BYTES]);

/// Append the four lines, as `minisign -S -c UNTRUSTED` writes them. Pre  `untrusted` as
/// `comment` above.
SIL_MUST_USE sil_status sil_minisig_print(struct sil_bytes *out,
                                          const struct sil_minisig *signature,
                                          const char *untrusted, struct sil_error *err);

/// Errors   SIL_ERR_INPUT, with the line at fault.
SIL_MUST_USE sil_status sil_minisig_parse(struct sil_minisig *out, const char *text,
                                          size_t length, struct sil_error *err);

/// Append the two lines of a public key file.
SIL_MUST_USE sil_status sil_minisign_print_public(
    struct sil_bytes *out, const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
    const uint8_t keynum[SIL_KEYNUM_BYTES], struct sil_error *err);

/// Read a public key file, or its second line alone. Errors  SIL_ERR_INPUT.
SIL_MUST_USE sil_status sil_minisign_parse_public(
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES], uint8_t keynum[SIL_KEYNUM_BYTES],
    const char *text, size_t length, struct sil_error *err);

/// What the passphrase of a new key costs to try: scrypt (salsa208/sha256).
struct sil_kdf_cost {
    uint64_t operations;
    uint64_t memory; ///< bytes
};

/// What stock minisign writes: 2^25 operations, 1 GiB.
extern const struct sil_kdf_cost SIL_KDF_STOCK;

/// Append a secret key file. `passphrase` NULL: unencrypted, as `minisign -W` reads it, and
/// with the checksum that `minisign -G -W` leaves out; `cost` is then not looked at.
/// @param[out] out   an unencrypted key is wiped by the caller (sodium_memzero) before
///                   sil_bytes_clear; it was written in one piece and is nowhere else.
/// Errors   SIL_ERR_USAGE: a cost beyond the stock one, which would not be read again.
///          SIL_ERR_INTERNAL (memory for the derivation).
SIL_MUST_USE sil_status sil_minisign_print_secret(struct sil_bytes *out,
                                                  const struct sil_secret_key *key,
                                                  const char *passphrase,
                                                  const struct sil_kdf_cost *cost,
                                                  struct sil_error *err);

/// Does the file need a passphrase? Errors  SIL_ERR_INPUT: not a secret key;
/// SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_minisign_is_encrypted(bool *encrypted, const char *text,
                                                  size_t length, struct sil_error *err);

/// Read a secret key file. Costs beyond the stock ones are refused before anything is
/// derived; a public half that is not the key's own is refused, as signing with it would
/// give the key away. An unencrypted file may lack its checksum (`minisign -G -W`): nothing
/// then protects its key number. `passphrase` NULL: none; not looked at when not needed.
/// Errors   SIL_ERR_INPUT: damaged, foreign, or the passphrase is wrong or missing.
///          SIL_ERR_INTERNAL (memory, up to 1 GiB for the derivation). `out` is NULL.
SIL_MUST_USE sil_status sil_minisign_parse_secret(struct sil_secret_key **out,
                                                  const char *text, size_t length,
                                                  const char *passphrase,
                                                  struct sil_error *err);

#endif
