// SPDX-License-Identifier: Apache-2.0
/* A public or a secret key file of minisign. Promises: reading succeeds or gives a reason;
 * a public key is written again to the same line; a secret key without a passphrase is
 * written and read again as the same key. No passphrase is ever tried, so nothing is derived. */
#include "crypto/minisign.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void check_public(const char *text, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_bytes again = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    if (sil_minisign_parse_public(public_key, keynum, text, size, &err) != SIL_OK) {
        FUZZ_REQUIRE(strlen(err.text) > 0);
        return;
    }
    FUZZ_REQUIRE(sil_minisign_print_public(&again, public_key, keynum, NULL) == SIL_OK);

    /* Both end in the line of the key; ours always with a newline. */
    size_t n = 56 + (text[size - 1] == '\n');
    const uint8_t *line = memchr(again.data, '\n', again.length);
    FUZZ_REQUIRE(size >= n && memcmp(line + 1, text + size - n, n) == 0);
    sil_bytes_clear(&again);
}

static void check_same(const struct sil_secret_key *key)
{
    struct sil_bytes again = {0};
    struct sil_secret_key *other;
    uint8_t a[SIL_SIGNATURE_BYTES];
    uint8_t b[SIL_SIGNATURE_BYTES];
    FUZZ_REQUIRE(sil_minisign_print_secret(&again, key, NULL, NULL, NULL) == SIL_OK);
    FUZZ_REQUIRE(sil_minisign_parse_secret(&other, (const char *)again.data,
                                           again.length, NULL, NULL) == SIL_OK);
    sil_sign(a, key, "m", 1);
    sil_sign(b, other, "m", 1);
    FUZZ_REQUIRE(memcmp(a, b, sizeof a) == 0);
    sil_secret_key_free(other);
    sil_bytes_clear(&again);
}

static void check_secret(const char *text, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_secret_key *key;
    bool encrypted = false;
    sil_status is_one = sil_minisign_is_encrypted(&encrypted, text, size, &err);
    sil_status status = sil_minisign_parse_secret(&key, text, size, NULL, &err);
    FUZZ_REQUIRE((status == SIL_OK) == (key != NULL));
    if (status == SIL_OK) {
        FUZZ_REQUIRE(is_one == SIL_OK && !encrypted);
        check_same(key);
    } else {
        FUZZ_REQUIRE(status == SIL_ERR_INPUT && strlen(err.text) > 0);
    }
    sil_secret_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_public((const char *)data, size);
    check_secret((const char *)data, size);
    return 0;
}
