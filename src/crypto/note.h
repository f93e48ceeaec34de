// SPDX-License-Identifier: Apache-2.0
/// Signed notes: a text, a blank line, lines of signatures.
/// Source   C2SP signed-note v1.0.0; cosignatures of tlog-cosignature v1.
#ifndef SIL_CRYPTO_NOTE_H
#define SIL_CRYPTO_NOTE_H

#include "base/bytes.h"
#include "crypto/sign.h"

#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIL_NOTE_BYTES_MAX      65535
#define SIL_NOTE_NAME_MAX       255
#define SIL_NOTE_SIGNATURES_MAX 64

enum sil_note_algorithm {
    SIL_NOTE_ED25519 = 0x01,    ///< a log's key: signs the text
    SIL_NOTE_COSIGNATURE = 0x04 ///< a witness's key: signs a time and the text
};

/// Who may sign a note: `name+hash+base64(algorithm | key)` in text.
struct sil_note_key {
    char name[SIL_NOTE_NAME_MAX + 1]; ///< UTF-8 without blanks and "+"; ours are ASCII
    enum sil_note_algorithm algorithm;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t hash[4]; ///< SHA-256(name | "\n" | algorithm | key), its first 4 bytes
};

/// Fill all of `out`. Errors  SIL_ERR_USAGE: a name that a note cannot carry.
SIL_MUST_USE sil_status sil_note_key_make(
    struct sil_note_key *out, const char *name, enum sil_note_algorithm algorithm,
    const uint8_t public_key[SIL_PUBLIC_KEY_BYTES], struct sil_error *err);

SIL_MUST_USE sil_status sil_note_key_print(struct sil_bytes *out,
                                           const struct sil_note_key *key,
                                           struct sil_error *err);

/// Errors   SIL_ERR_INPUT: damaged, a hash that does not belong to it, or (named in the
///          error) an algorithm that this program lacks: SIL_ERR_UNSUPPORTED.
SIL_MUST_USE sil_status sil_note_key_parse(struct sil_note_key *out, const char *text,
                                           size_t length, struct sil_error *err);

/// A note taken apart; everything points into the caller's text.
struct sil_note {
    const char *text; ///< with its final newline, without the blank line
    size_t length;

    struct sil_note_line {
        const char *name;
        size_t name_length;
        uint8_t hash[4];
        uint8_t signature[8 + SIL_SIGNATURE_BYTES]; ///< without the hash
        size_t signature_length; ///< 64, or 72 with a time; 0: neither
    } line[SIL_NOTE_SIGNATURES_MAX];

    size_t n_lines;
};

/// Errors   SIL_ERR_INPUT: not a signed note (UTF-8 without control characters, a text, a
///          blank line, signature lines), more than SIL_NOTE_SIGNATURES_MAX of these or
///          SIL_NOTE_BYTES_MAX bytes.
SIL_MUST_USE sil_status sil_note_parse(struct sil_note *out, const char *data,
                                       size_t length, struct sil_error *err);

enum sil_note_verdict {
    SIL_NOTE_ABSENT, ///< no line by this key
    SIL_NOTE_GOOD,   ///< a line by this key, and it verifies
    SIL_NOTE_BAD     ///< a line by this key that does not: reject the whole note
};

/// A line is by a key when it has its name and its hash; all such lines must verify.
/// @param[out] time   of a cosignature, POSIX seconds; of several the earliest. Set when
///                    SIL_NOTE_GOOD; 0 for a log's key. May be NULL.
enum sil_note_verdict sil_note_verify(const struct sil_note *note,
                                      const struct sil_note_key *key, uint64_t *time);

/// Append one signature line over `text` ("— name base64\n"; not the text, not the blank
/// line). `time` is used by cosignatures only.
/// Pre      `secret` belongs to `key`.
/// Errors   SIL_ERR_USAGE: no text of a note (no newline at the end, a control character,
///          not UTF-8, too long). SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_note_sign(struct sil_bytes *out, const char *text,
                                      size_t length, const struct sil_note_key *key,
                                      const struct sil_secret_key *secret,
                                      uint64_t time, struct sil_error *err);

#endif
