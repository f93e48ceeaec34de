// SPDX-License-Identifier: Apache-2.0
#include "format_kit.h"

#include "base/file.h"
#include "ledger/refuse.h"

#include <criterion/criterion.h>
#include <sodium.h>

#include <stdio.h>
#include <string.h>

#define FOLDER SIL_SOURCE_DIR "/tests/vectors/ledger/data/"

struct sil_secret_key *kit_key(int seed)
{
    uint8_t bytes[SIL_KEY_SEED_BYTES];
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t id[SIL_KEY_ID_BYTES] = {0};
    struct sil_secret_key *key = NULL;
    MUST(sil_crypto_start(NULL));
    kit_fill(bytes, sizeof bytes, seed);
    MUST(sil_secret_key_of_seed(&key, bytes, id, NULL));
    sil_secret_key_public(public_key, key);
    sil_secret_key_free(key);
    sil_key_id(id, public_key);
    MUST(sil_secret_key_of_seed(&key, bytes, id, NULL));
    return key;
}

struct sil_bytes kit_file(const char *name)
{
    char path[512];
    struct sil_bytes bytes = {0};
    struct sil_error err = {{0}};
    (void)snprintf(path, sizeof path, "%s%s", FOLDER, name);
    cr_assert_eq(sil_file_read(&bytes, path, 1 << 20, &err), SIL_OK, "%s", err.text);
    return bytes;
}

json_t *kit_vectors(void)
{
    json_error_t error;
    json_t *all = json_load_file(FOLDER "vectors.json", JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(all, "%s", error.text);
    return all;
}

void kit_hex(void *out, size_t n, const char *hex)
{
    size_t length = 0;
    int rc = sodium_hex2bin(out, n, hex, strlen(hex), NULL, &length, NULL);
    cr_assert(rc == 0 && length == n && strlen(hex) == 2 * n, "%s", hex);
}

void kit_fill(void *out, size_t n, int byte)
{
    (void)memset(out, byte, n);
}

void kit_sha256(uint8_t out[SIL_HASH_BYTES], const char *text)
{
    const struct sil_part part = {text, strlen(text)};
    sil_sha256(out, &part, 1);
}

bool kit_refused(const struct sil_error *err, const char *id)
{
    char found[16];
    sil_refusal_id(found, err);
    return strcmp(found, id) == 0;
}
