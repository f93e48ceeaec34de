// SPDX-License-Identifier: Apache-2.0
#include "crypto/minisign.h"

#include "base/fail.h"
#include "crypto/base64.h"
#include "crypto/le64.h"
#include "crypto/minisign_lines.h"

#include <sodium.h>

#include <inttypes.h>
#include <string.h>

enum {
    ALGORITHM_BYTES = 2,
    KEY_AT = ALGORITHM_BYTES + SIL_KEYNUM_BYTES,
    SIGNATURE_FIELD = KEY_AT + SIL_SIGNATURE_BYTES,
    PUBLIC_FIELD = KEY_AT + SIL_PUBLIC_KEY_BYTES
};

static const char PREHASHED[] = "ED";
static const char LEGACY[] = "Ed"; /* of signatures; also the algorithm of every key */

/* What the second signature covers: the first one and the trusted comment. */
struct covered {
    uint8_t bytes[SIL_SIGNATURE_BYTES + SIL_COMMENT_MAX];
    size_t length;
};

static struct covered cover(const struct sil_minisig *signature)
{
    struct covered covered;
    size_t length = strnlen(signature->comment, SIL_COMMENT_MAX);
    (void)memcpy(covered.bytes, signature->signature, SIL_SIGNATURE_BYTES);
    (void)memcpy(covered.bytes + SIL_SIGNATURE_BYTES, signature->comment, length);
    covered.length = SIL_SIGNATURE_BYTES + length;
    return covered;
}

static void digest(uint8_t out[SIL_BLAKE512_BYTES], const void *data, size_t length)
{
    (void)crypto_generichash(out, SIL_BLAKE512_BYTES, data, length, NULL, 0);
}

void sil_minisign_hashed(struct sil_minisig *out, const struct sil_secret_key *key,
                         const uint8_t blake512[SIL_BLAKE512_BYTES],
                         const char *comment)
{
    size_t comment_length = strlen(comment);
    SIL_REQUIRE(comment_length <= SIL_COMMENT_MAX);
    SIL_REQUIRE(sil_is_printable(comment, comment_length));

    *out = (struct sil_minisig){0};
    (void)memcpy(out->comment, comment, comment_length);
    sil_secret_key_keynum(out->keynum, key);
    sil_sign(out->signature, key, blake512, SIL_BLAKE512_BYTES);
    struct covered covered = cover(out);
    sil_sign(out->global, key, covered.bytes, covered.length);
}

void sil_minisign(struct sil_minisig *out, const struct sil_secret_key *key,
                  const void *data, size_t length, const char *comment)
{
    uint8_t hash[SIL_BLAKE512_BYTES];
    digest(hash, data, length);
    sil_minisign_hashed(out, key, hash, comment);
}

bool sil_minisig_verify(const struct sil_minisig *signature,
                        const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                        const void *data, size_t length)
{
    uint8_t hash[SIL_BLAKE512_BYTES];
    digest(hash, data, length);
    return sil_minisig_verify_hashed(signature, public_key, hash);
}

bool sil_minisig_verify_hashed(const struct sil_minisig *signature,
                               const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                               const uint8_t blake512[SIL_BLAKE512_BYTES])
{
    struct covered covered = cover(signature);
    return sil_verify(signature->signature, public_key, blake512, SIL_BLAKE512_BYTES) &&
           sil_verify(signature->global, public_key, covered.bytes, covered.length);
}

sil_status sil_minisig_print(struct sil_bytes *out, const struct sil_minisig *signature,
                             const char *untrusted, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t field[SIGNATURE_FIELD];
    SIL_REQUIRE(strlen(untrusted) <= SIL_COMMENT_MAX);
    SIL_REQUIRE(sil_is_printable(untrusted, strlen(untrusted)));

    (void)memcpy(field, PREHASHED, ALGORITHM_BYTES);
    (void)memcpy(field + ALGORITHM_BYTES, signature->keynum, SIL_KEYNUM_BYTES);
    (void)memcpy(field + KEY_AT, signature->signature, SIL_SIGNATURE_BYTES);
    SIL_TRY(sil_bytes_printf(out, err, SIL_UNTRUSTED "%s\n", untrusted));
    SIL_TRY(sil_base64_print(out, field, sizeof field, err));
    SIL_TRY(sil_bytes_printf(out, err, "\n" SIL_TRUSTED "%s\n", signature->comment));
    SIL_TRY(sil_base64_print(out, signature->global, SIL_SIGNATURE_BYTES, err));
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));

cleanup:
    return status;
}

static sil_status bad_line(struct sil_error *err, int line, const char *what)
{
    return sil_fail(err, SIL_ERR_INPUT, "line %d of the signature file: %s", line,
                    what);
}

static sil_status parse_signature(struct sil_minisig *out, struct sil_line line,
                                  struct sil_error *err)
{
    uint8_t field[SIGNATURE_FIELD];
    if (!sil_base64_parse(field, sizeof field, line.text, line.length)) {
        return bad_line(err, 2, "not the base64 of a signature");
    }
    if (memcmp(field, LEGACY, ALGORITHM_BYTES) == 0) {
        return bad_line(err, 2,
                        "a legacy signature; sign with minisign 0.11 or later, "
                        "without -l");
    }
    if (memcmp(field, PREHASHED, ALGORITHM_BYTES) != 0) {
        return bad_line(err, 2, "an unknown algorithm");
    }
    (void)memcpy(out->keynum, field + ALGORITHM_BYTES, SIL_KEYNUM_BYTES);
    (void)memcpy(out->signature, field + KEY_AT, SIL_SIGNATURE_BYTES);
    return SIL_OK;
}

static sil_status parse_comment(struct sil_minisig *out, struct sil_line line,
                                struct sil_error *err)
{
    if (!sil_line_skip(&line, SIL_TRUSTED)) {
        return bad_line(err, 3, "does not begin with \"" SIL_TRUSTED "\"");
    }
    if (line.length > SIL_COMMENT_MAX || !sil_is_printable(line.text, line.length)) {
        return bad_line(err, 3,
                        "the trusted comment is not printable ASCII of at most 512 "
                        "characters");
    }
    (void)memcpy(out->comment, line.text, line.length);
    return SIL_OK;
}

_Static_assert(SIL_COMMENT_MAX == 512, "the sentence above");

sil_status sil_minisig_parse(struct sil_minisig *out, const char *text, size_t length,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_line line[4];
    *out = (struct sil_minisig){0};
    if (length > SIL_MINISIG_FILE_MAX || !sil_lines_cut(line, 4, text, length)) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "not a minisign signature: four lines, each ended by LF");
        goto cleanup;
    }
    if (!sil_line_is_untrusted(line[0])) {
        status = bad_line(err, 1, "not an untrusted comment, or not plain text");
        goto cleanup;
    }
    SIL_TRY(parse_signature(out, line[1], err));
    SIL_TRY(parse_comment(out, line[2], err));
    if (!sil_base64_parse(out->global, SIL_SIGNATURE_BYTES, line[3].text,
                          line[3].length)) {
        status = bad_line(err, 4, "not the base64 of a signature");
    }

cleanup:
    return status;
}

sil_status sil_minisign_print_public(struct sil_bytes *out,
                                     const uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                                     const uint8_t keynum[SIL_KEYNUM_BYTES],
                                     struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint8_t field[PUBLIC_FIELD];
    /* minisign shows a key number as one little-endian number. */
    (void)memcpy(field, LEGACY, ALGORITHM_BYTES);
    (void)memcpy(field + ALGORITHM_BYTES, keynum, SIL_KEYNUM_BYTES);
    (void)memcpy(field + KEY_AT, public_key, SIL_PUBLIC_KEY_BYTES);
    SIL_TRY(sil_bytes_printf(out, err,
                             SIL_UNTRUSTED "minisign public key %016" PRIX64 "\n",
                             sil_load_le64(keynum)));
    SIL_TRY(sil_base64_print(out, field, sizeof field, err));
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));

cleanup:
    return status;
}

/* A file of two lines, or the line of the key alone, with its newline or without. */
static bool find_public_line(struct sil_line *out, const char *text, size_t length)
{
    struct sil_line line[2];
    if (length > SIL_KEY_FILE_MAX) {
        return false;
    }
    if (sil_lines_cut(line, 2, text, length)) {
        *out = line[1];
        return sil_line_is_untrusted(line[0]);
    }
    if (!sil_lines_cut(out, 1, text, length)) {
        *out = (struct sil_line){text, length};
    }
    return true;
}

sil_status sil_minisign_parse_public(uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                                     uint8_t keynum[SIL_KEYNUM_BYTES], const char *text,
                                     size_t length, struct sil_error *err)
{
    uint8_t field[PUBLIC_FIELD];
    struct sil_line line;
    if (!find_public_line(&line, text, length) ||
        !sil_base64_parse(field, sizeof field, line.text, line.length) ||
        memcmp(field, LEGACY, ALGORITHM_BYTES) != 0) {
        return sil_fail(err, SIL_ERR_INPUT, "not a minisign public key");
    }
    (void)memcpy(keynum, field + ALGORITHM_BYTES, SIL_KEYNUM_BYTES);
    (void)memcpy(public_key, field + KEY_AT, SIL_PUBLIC_KEY_BYTES);
    return SIL_OK;
}
