// SPDX-License-Identifier: Apache-2.0
#include "crypto/note.h"

#include "base/fail.h"
#include "base/utf8.h"
#include "crypto/base64.h"
#include "crypto/hash.h"

#include <sodium.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    HASH_BYTES = 4,
    HASH_HEX = 2 * HASH_BYTES,
    TIME_BYTES = 8,
    COSIGNATURE_BYTES = TIME_BYTES + SIL_SIGNATURE_BYTES,
    LINE_BYTES = HASH_BYTES + COSIGNATURE_BYTES,
    PIECE = 36,                 /* of a signature, decoded at a time; a multiple of 3 */
    PIECE_TEXT = PIECE / 3 * 4, /* its base64 */
    COSIGNED_PREFIX_MAX = 64    /* two lines in front of a text that is cosigned */
};

static const char DASH[] = "\xe2\x80\x94 "; /* an em dash and a blank */

static bool is_key_name(const char *name, size_t length)
{
    if (length == 0 || length > SIL_NOTE_NAME_MAX) {
        return false;
    }
    while (length > 0) {
        uint32_t code;
        size_t n = sil_utf8_next(&code, name, length);
        if (n == 0 || code < 0x20 || code == '+' || sil_is_blank(code)) {
            return false;
        }
        name += n;
        length -= n;
    }
    return true;
}

static void hash_key(uint8_t out[HASH_BYTES], const struct sil_note_key *key)
{
    uint8_t algorithm = (uint8_t)key->algorithm;
    uint8_t hash[SIL_HASH_BYTES];
    const struct sil_part parts[] = {
        {key->name,       strlen(key->name)   },
        {"\n",            1                   },
        {&algorithm,      1                   },
        {key->public_key, SIL_PUBLIC_KEY_BYTES},
    };
    sil_sha256(hash, parts, 4);
    (void)memcpy(out, hash, HASH_BYTES);
}

sil_status sil_note_key_make(struct sil_note_key *out, const char *name,
                             enum sil_note_algorithm algorithm,
                             const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                             struct sil_error *err)
{
    *out = (struct sil_note_key){.algorithm = algorithm};
    if (!is_key_name(name, strlen(name))) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "'%s' cannot name a key: 1 to %d bytes, no blank, no \"+\"",
                        name, SIL_NOTE_NAME_MAX);
    }
    (void)memcpy(out->name, name, strlen(name));
    (void)memcpy(out->public_key, public_key, SIL_PUBLIC_KEY_BYTES);
    hash_key(out->hash, out);
    return SIL_OK;
}

sil_status sil_note_key_print(struct sil_bytes *out, const struct sil_note_key *key,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t field[1 + SIL_PUBLIC_KEY_BYTES] = {(uint8_t)key->algorithm};
    char hex[HASH_HEX + 1];
    (void)memcpy(field + 1, key->public_key, SIL_PUBLIC_KEY_BYTES);
    (void)sodium_bin2hex(hex, sizeof hex, key->hash, HASH_BYTES);
    SIL_TRY(sil_bytes_printf(out, err, "%s+%s+", key->name, hex));
    SIL_TRY(sil_base64_print(out, field, sizeof field, err));

cleanup:
    return status;
}

static sil_status no_key(struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT, "not a key of signed notes (name+hash+key)");
}

/* The algorithm is the first byte; keys of others may have any length. */
static sil_status parse_field(struct sil_note_key *out, const char *text, size_t length,
                              struct sil_error *err)
{
    uint8_t field[1 + SIL_PUBLIC_KEY_BYTES];
    if (length < 4 || !sil_base64_parse(field, 3, text, 4)) {
        return no_key(err);
    }
    if (field[0] != SIL_NOTE_ED25519 && field[0] != SIL_NOTE_COSIGNATURE) {
        return sil_fail(err, SIL_ERR_UNSUPPORTED,
                        "the key '%s' is of algorithm 0x%02x, which is not supported",
                        out->name, field[0]);
    }
    if (!sil_base64_parse(field, sizeof field, text, length)) {
        return no_key(err);
    }
    out->algorithm =
        field[0] == SIL_NOTE_ED25519 ? SIL_NOTE_ED25519 : SIL_NOTE_COSIGNATURE;
    (void)memcpy(out->public_key, field + 1, SIL_PUBLIC_KEY_BYTES);
    hash_key(out->hash, out);
    return SIL_OK;
}

sil_status sil_note_key_parse(struct sil_note_key *out, const char *text, size_t length,
                              struct sil_error *err)
{
    char hex[HASH_HEX + 1];
    const char *plus = length > 0 ? memchr(text, '+', length) : NULL;
    size_t name_length = plus != NULL ? (size_t)(plus - text) : 0;
    *out = (struct sil_note_key){0};
    if (plus == NULL || !is_key_name(text, name_length) ||
        length < name_length + 1 + HASH_HEX + 1 || plus[1 + HASH_HEX] != '+') {
        return no_key(err);
    }
    (void)memcpy(out->name, text, name_length);

    size_t head = name_length + 1 + HASH_HEX + 1;
    sil_status status = parse_field(out, text + head, length - head, err);
    if (status == SIL_OK) {
        (void)sodium_bin2hex(hex, sizeof hex, out->hash, HASH_BYTES);
        if (memcmp(hex, plus + 1, HASH_HEX) != 0) {
            status =
                sil_fail(err, SIL_ERR_INPUT,
                         "the hash in the key '%s' does not belong to it", out->name);
        }
    }
    return status;
}

/* Bytes that so much base64 stands for; 0 when no base64 is of this length. */
static size_t decoded_length(const char *text, size_t length)
{
    size_t padding = 0;
    if (length == 0 || length % 4 != 0) {
        return 0;
    }
    while (padding < 2 && text[length - 1 - padding] == '=') {
        padding++;
    }
    return length / 4 * 3 - padding;
}

/* The base64 of a signature by anyone: of any length, so a piece at a time, of which only
 * the first bytes are kept. False when it is not base64 or no more than a hash. */
static bool parse_blob(struct sil_note_line *line, const char *text, size_t length)
{
    uint8_t kept[LINE_BYTES + PIECE];
    uint8_t piece[PIECE];
    size_t total = decoded_length(text, length);
    for (size_t at = 0; at < total; at += PIECE) {
        size_t n = total - at < PIECE ? total - at : PIECE;
        size_t at_text = at / 3 * 4;
        size_t n_text = length - at_text < PIECE_TEXT ? length - at_text : PIECE_TEXT;
        if (!sil_base64_parse(piece, n, text + at_text, n_text)) {
            return false;
        }
        if (at < LINE_BYTES) {
            (void)memcpy(kept + at, piece, n);
        }
    }
    if (total <= HASH_BYTES) {
        return false;
    }

    size_t signature = total - HASH_BYTES;
    (void)memcpy(line->hash, kept, HASH_BYTES);
    if (signature == SIL_SIGNATURE_BYTES || signature == COSIGNATURE_BYTES) {
        (void)memcpy(line->signature, kept + HASH_BYTES, signature);
        line->signature_length = signature;
    }
    return true;
}

static bool parse_line(struct sil_note_line *line, const char *text, size_t length)
{
    size_t dash = sizeof DASH - 1;
    if (length <= dash || memcmp(text, DASH, dash) != 0) {
        return false;
    }
    text += dash;
    length -= dash;
    const char *blank = memchr(text, ' ', length);
    if (blank == NULL) {
        return false;
    }
    line->name = text;
    line->name_length = (size_t)(blank - text);
    return is_key_name(line->name, line->name_length) &&
           parse_blob(line, blank + 1, length - line->name_length - 1);
}

/* UTF-8 without control characters but LF. */
static bool is_note_text(const char *data, size_t length)
{
    while (length > 0) {
        uint32_t code;
        size_t n = sil_utf8_next(&code, data, length);
        if (n == 0 || (code < 0x20 && code != '\n')) {
            return false;
        }
        data += n;
        length -= n;
    }
    return true;
}

/* Where the last blank line ends, or 0: the signatures begin there. */
static size_t find_signatures(const char *data, size_t length)
{
    for (size_t at = length; at >= 2; at--) {
        if (data[at - 1] == '\n' && data[at - 2] == '\n') {
            return at;
        }
    }
    return 0;
}

sil_status sil_note_parse(struct sil_note *out, const char *data, size_t length,
                          struct sil_error *err)
{
    size_t at = length <= SIL_NOTE_BYTES_MAX ? find_signatures(data, length) : 0;
    *out = (struct sil_note){.text = data, .length = at > 0 ? at - 1 : 0};
    if (at < 3 || at == length || data[length - 1] != '\n' ||
        !is_note_text(data, length)) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "not a signed note: a text, a blank line, signatures");
    }
    while (at < length) {
        const char *end = memchr(data + at, '\n', length - at);
        size_t line_length = (size_t)(end - (data + at));
        if (out->n_lines == SIL_NOTE_SIGNATURES_MAX) {
            return sil_fail(err, SIL_ERR_INPUT, "the note has more than %d signatures",
                            SIL_NOTE_SIGNATURES_MAX);
        }
        if (!parse_line(&out->line[out->n_lines], data + at, line_length)) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "signature %zu of the note is not a signature line",
                            out->n_lines + 1);
        }
        out->n_lines++;
        at += line_length + 1;
    }
    return SIL_OK;
}

static bool is_by(const struct sil_note_line *line, const struct sil_note_key *key)
{
    return line->name_length == strlen(key->name) &&
           memcmp(line->name, key->name, line->name_length) == 0 &&
           memcmp(line->hash, key->hash, HASH_BYTES) == 0;
}

/* What a key signs: a log the text itself, a witness a time and the text. */
struct signed_text {
    char bytes[COSIGNED_PREFIX_MAX + SIL_NOTE_BYTES_MAX];
    size_t length;
};

static void compose(struct signed_text *out, const char *text, size_t length,
                    const struct sil_note_key *key, uint64_t time)
{
    size_t prefix = 0;
    if (key->algorithm == SIL_NOTE_COSIGNATURE) {
        prefix = (size_t)snprintf(out->bytes, COSIGNED_PREFIX_MAX,
                                  "cosignature/v1\ntime %" PRIu64 "\n", time);
    }
    (void)memcpy(out->bytes + prefix, text, length);
    out->length = prefix + length;
}

static uint64_t load_be64(const uint8_t bytes[TIME_BYTES])
{
    uint64_t value = 0;
    for (size_t i = 0; i < TIME_BYTES; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static bool verify_line(const struct sil_note *note, const struct sil_note_line *line,
                        const struct sil_note_key *key, uint64_t *time)
{
    struct signed_text message;
    bool is_cosigned = key->algorithm == SIL_NOTE_COSIGNATURE;
    size_t at = is_cosigned ? TIME_BYTES : 0;
    if (line->signature_length != at + SIL_SIGNATURE_BYTES) {
        return false;
    }
    *time = is_cosigned ? load_be64(line->signature) : 0;
    compose(&message, note->text, note->length, key, *time);
    return sil_verify(line->signature + at, key->public_key, message.bytes,
                      message.length);
}

enum sil_note_verdict sil_note_verify(const struct sil_note *note,
                                      const struct sil_note_key *key, uint64_t *time)
{
    enum sil_note_verdict verdict = SIL_NOTE_ABSENT;
    uint64_t earliest = UINT64_MAX;
    for (size_t i = 0; i < note->n_lines; i++) {
        uint64_t when;
        if (!is_by(&note->line[i], key)) {
            continue;
        }
        if (!verify_line(note, &note->line[i], key, &when)) {
            return SIL_NOTE_BAD;
        }
        verdict = SIL_NOTE_GOOD;
        earliest = when < earliest ? when : earliest;
    }
    if (time != NULL && verdict == SIL_NOTE_GOOD) {
        *time = earliest;
    }
    return verdict;
}

/* Seven parameters, one above the measure: a text, whose it is, when. */
sil_status sil_note_sign( // NOLINT(readability-function-size)
    struct sil_bytes *out, const char *text, size_t length,
    const struct sil_note_key *key, const struct sil_secret_key *secret, uint64_t time,
    struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct signed_text message;
    uint8_t blob[LINE_BYTES];
    size_t n = HASH_BYTES;
    if (length > SIL_NOTE_BYTES_MAX || length == 0 || text[length - 1] != '\n' ||
        !is_note_text(text, length)) {
        return sil_fail(err, SIL_ERR_USAGE, "a text that a signed note cannot hold");
    }

    (void)memcpy(blob, key->hash, HASH_BYTES);
    if (key->algorithm == SIL_NOTE_COSIGNATURE) {
        for (size_t i = 0; i < TIME_BYTES; i++) {
            blob[n++] = (uint8_t)(time >> (8 * (TIME_BYTES - 1 - i)));
        }
    }
    compose(&message, text, length, key, time);
    sil_sign(blob + n, secret, message.bytes, message.length);
    n += SIL_SIGNATURE_BYTES;
    SIL_TRY(sil_bytes_printf(out, err, "%s%s ", DASH, key->name));
    SIL_TRY(sil_base64_print(out, blob, n, err));
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));

cleanup:
    return status;
}
