// SPDX-License-Identifier: Apache-2.0
/* An entry file, and the same bytes as a body. Promises: parsing succeeds or gives a
 * reason; what was parsed is written again to the same bytes, all but the signature and the
 * signer, whose key is not at hand; the comment of an approval can be rendered. */
#include "fuzz/fuzz.h"
#include "ledger/entry.h"

#include <string.h>

static bool is_approved(enum sil_entry_type type)
{
    return type != SIL_ENTRY_RESERVE && type != SIL_ENTRY_MEASURE &&
           type != SIL_ENTRY_RELEASE;
}

static void check_body(struct sil_body *body, const uint8_t *data, size_t size)
{
    struct sil_bytes again = {0};
    char comment[SIL_COMMENT_MAX + 1];
    FUZZ_REQUIRE(sil_body_encode(&again, body, NULL) == SIL_OK);
    FUZZ_REQUIRE(again.length == size && memcmp(again.data, data, size) == 0);
    sil_bytes_clear(&again);

    sil_status status = sil_body_comment(comment, body, NULL);
    FUZZ_REQUIRE(status == SIL_OK ||
                 status ==
                     (is_approved(body->type) ? SIL_ERR_CHECK : SIL_ERR_INTERNAL));
    FUZZ_REQUIRE((status == SIL_OK) == (comment[0] != '\0'));
}

/* Where the signer's id ends: in front of the body and its head of a byte and a length. */
static size_t signer_end(const struct sil_entry *entry, const uint8_t *data)
{
    return (size_t)(entry->body_bytes - data) - (entry->body_length < 256 ? 2 : 3);
}

static void check_file(const struct sil_entry *entry, const uint8_t *data, size_t size)
{
    static const uint8_t SEED[SIL_KEY_SEED_BYTES] = {1};
    static const uint8_t KEYNUM[SIL_KEYNUM_BYTES];
    struct sil_bytes body = {0};
    struct sil_bytes again = {0};
    struct sil_secret_key *key = NULL;
    size_t end = signer_end(entry, data);

    FUZZ_REQUIRE(sil_bytes_append(&body, entry->body_bytes, entry->body_length, NULL) ==
                 SIL_OK);
    FUZZ_REQUIRE(sil_secret_key_of_seed(&key, SEED, KEYNUM, NULL) == SIL_OK);
    FUZZ_REQUIRE(sil_entry_build_salted(&again, entry, entry->salt, &body, key, NULL) ==
                 SIL_OK);
    FUZZ_REQUIRE(again.length == size);
    FUZZ_REQUIRE(memcmp(again.data, data, end - SIL_ID_BYTES) == 0);
    FUZZ_REQUIRE(
        memcmp(again.data + end, data + end, size - SIL_SIGNATURE_BYTES - end) == 0);
    sil_secret_key_free(key);
    sil_bytes_clear(&again);
    sil_bytes_clear(&body);
}

static void check_reason(sil_status status, const struct sil_error *err)
{
    FUZZ_REQUIRE(status == SIL_ERR_CHECK || status == SIL_ERR_UNSUPPORTED);
    FUZZ_REQUIRE(strlen(err->text) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sil_error err = {{0}};
    struct sil_entry entry;
    struct sil_body body;

    FUZZ_REQUIRE(sil_crypto_start(NULL) == SIL_OK);
    sil_status status = sil_entry_parse(&entry, data, size, 0, &err);
    if (status == SIL_OK) {
        check_file(&entry, data, size);
        check_body(&entry.body, entry.body_bytes, entry.body_length);
    } else {
        check_reason(status, &err);
    }
    sil_entry_clear(&entry);

    status = sil_body_decode(&body, data, size, &err);
    if (status == SIL_OK) {
        check_body(&body, data, size);
    } else {
        check_reason(status, &err);
    }
    sil_body_clear(&body);
    return 0;
}
