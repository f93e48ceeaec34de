// SPDX-License-Identifier: Apache-2.0
/// What the tests of the ledger's formats share: files of the published vectors, bytes from
/// hex, keys of the published seeds.
#ifndef TESTS_UNIT_LEDGER_FORMAT_KIT_H
#define TESTS_UNIT_LEDGER_FORMAT_KIT_H

#include "ledger/entry.h"

#include <jansson.h>

#define MUST(call) cr_assert_eq((call), SIL_OK)

/// Seeds of the published keys: 32 times one byte.
enum {
    SEED_AUTHORITY = 0x11,
    SEED_RELEASE = 0x22,
    SEED_CURATOR = 0x33,
    SEED_LOG = 0x44,
    SEED_WITNESS = 0x55
};

/// The key of a seed, with the first bytes of its id as its number; freed by the caller.
struct sil_secret_key *kit_key(int seed);

/// A file below tests/vectors/ledger/data; aborts the test when it is not there.
struct sil_bytes kit_file(const char *name);

/// The published list of ledgers, good and bad; freed with json_decref.
json_t *kit_vectors(void);

/// Exactly `n` bytes of hex text into `out`.
void kit_hex(void *out, size_t n, const char *hex);

/// `n` times one byte.
void kit_fill(void *out, size_t n, int byte);

/// SHA-256 of a text.
void kit_sha256(uint8_t out[SIL_HASH_BYTES], const char *text);

/// Does the sentence begin with "[id] "?
bool kit_refused(const struct sil_error *err, const char *id);

#endif
