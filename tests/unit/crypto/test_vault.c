// SPDX-License-Identifier: Apache-2.0
#include "crypto/vault.h"
#include "crypto_kit.h"

enum {
    OPERATIONS_AT = 19,
    MEMORY_AT = 27,
    SALT_AT = 35,
    STREAM_AT = 51,
    SEALED_AT = 75
};

static const char PASSPHRASE[] = "correct horse";

static struct sil_bytes seal(const void *data, size_t length)
{
    struct sil_bytes file = {0};
    cr_assert(
        eq(int, sil_vault_seal(&file, data, length, PASSPHRASE, &SIL_VAULT_LEAST, NULL),
           SIL_OK));
    return file;
}

static sil_status open_vault(struct sil_bytes *out, const void *data, size_t length,
                             const char *passphrase)
{
    struct sil_error err = {{0}};
    char *copy = exact_copy(data, length);
    sil_status status = sil_vault_open(out, copy, length, passphrase, &err);
    cr_assert(status == SIL_OK || (out->length == 0 && strlen(err.text) > 0));
    free(copy);
    return status;
}

static bool opens(const struct sil_bytes *file, const char *passphrase)
{
    struct sil_bytes out = {0};
    sil_status status = open_vault(&out, file->data, file->length, passphrase);
    cr_assert(status == SIL_OK || status == SIL_ERR_INPUT);
    sil_bytes_clear(&out);
    return status == SIL_OK;
}

Test(vault, gives_back_what_was_put_in)
{
    static uint8_t data[SIL_VAULT_BYTES_MAX];
    static const size_t LENGTHS[] = {0, 1, 32, 1000, SIL_VAULT_BYTES_MAX};
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 31 + i / 256);
    }
    for (size_t i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++) {
        struct sil_bytes out = {0};
        struct sil_bytes file = seal(data, LENGTHS[i]);
        cr_expect(eq(sz, file.length, SEALED_AT + LENGTHS[i] + 17));
        cr_assert(
            eq(int, open_vault(&out, file.data, file.length, PASSPHRASE), SIL_OK));
        cr_expect(eq(sz, out.length, LENGTHS[i]));
        cr_expect(zero(int, LENGTHS[i] > 0 ? memcmp(out.data, data, LENGTHS[i]) : 0));
        sil_bytes_clear(&out);
        sil_bytes_clear(&file);
    }
}

Test(vault, is_salted)
{
    struct sil_bytes a = seal("secret", 6);
    struct sil_bytes b = seal("secret", 6);
    cr_expect(ne(int, memcmp(a.data + SALT_AT, b.data + SALT_AT, 16), 0));
    cr_expect(ne(int, memcmp(a.data + SEALED_AT, b.data + SEALED_AT, 23), 0));
    sil_bytes_clear(&a);
    sil_bytes_clear(&b);
}

/* A file from the published key of "correct horse", salt 00 to 0f, cost MODERATE, put
 * together here with libsodium alone: it opens only if we derive that key. */
static size_t make_published(uint8_t *file, const char *content)
{
    uint8_t key[32];
    crypto_secretstream_xchacha20poly1305_state state;
    from_hex(key, sizeof key,
             "eebe26b451a68d4c43a23f45a8df1386550eeacb028ed6209232f2875f938676");
    (void)memcpy(file, "silhouette-vault/1\n", 19);
    from_hex(file + OPERATIONS_AT, 32,
             "03000000000000000000001000000000000102030405060708090a0b0c0d0e0f");
    (void)crypto_secretstream_xchacha20poly1305_init_push(&state, file + STREAM_AT,
                                                          key);
    (void)crypto_secretstream_xchacha20poly1305_push(
        &state, file + SEALED_AT, NULL, (const uint8_t *)content, strlen(content), file,
        STREAM_AT, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    return SEALED_AT + strlen(content) + 17;
}

Test(vault, of_the_published_key_opens)
{
    uint8_t file[128];
    struct sil_bytes out = {0};
    cr_expect(eq(u64, SIL_VAULT_MODERATE.operations, 3));
    cr_expect(eq(u64, SIL_VAULT_MODERATE.memory, 268435456));
    size_t length = make_published(file, "k32");
    cr_assert(eq(int, open_vault(&out, file, length, PASSPHRASE), SIL_OK));
    cr_expect(eq(sz, out.length, 3));
    cr_expect(zero(int, memcmp(out.data, "k32", 3)));
    sil_bytes_clear(&out);
}

Test(vault, does_not_open_with_another_passphrase)
{
    struct sil_bytes file = seal("secret", 6);
    cr_expect(opens(&file, PASSPHRASE));
    cr_expect(not(opens(&file, "")));
    cr_expect(not(opens(&file, "correct hors")));
    cr_expect(not(opens(&file, "correct horse\n")));
    sil_bytes_clear(&file);
}

/* The cost has bytes that would take a gigabyte to try; what they ask for is derived, and
 * gives another key. Those are left out here, and costs beyond the limit have their own
 * test. */
static bool is_affordable(const uint8_t *file)
{
    return file[MEMORY_AT + 2] == 0 && file[MEMORY_AT + 3] == 0;
}

Test(vault, with_any_byte_changed_to_any_other_does_not_open, .timeout = 240)
{
    struct sil_bytes file = seal("secret", 6);
    size_t tried = 0;
    for (size_t at = 0; at < file.length; at++) {
        uint8_t kept = file.data[at];
        for (int change = 1; change < 256; change++) {
            file.data[at] = (uint8_t)(kept ^ change);
            if (is_affordable(file.data)) {
                cr_assert(not(opens(&file, PASSPHRASE)), "byte %zu ^ %d", at, change);
                tried++;
            }
        }
        file.data[at] = kept;
    }
    cr_expect(eq(sz, tried, (file.length - 2) * 255));
    sil_bytes_clear(&file);
}

Test(vault, cut_short_or_made_longer_does_not_open)
{
    struct sil_bytes file = seal("secret", 6);
    size_t length = file.length;
    for (file.length = 0; file.length < length; file.length++) {
        cr_assert(not(opens(&file, PASSPHRASE)), "%zu", file.length);
    }
    cr_assert(eq(int, sil_bytes_append(&file, "", 1, NULL), SIL_OK));
    cr_expect(not(opens(&file, PASSPHRASE)));
    sil_bytes_clear(&file);
}

/* A stream that was to go on: sealed with another tag by someone who knows the passphrase. */
Test(vault, that_is_a_part_of_a_longer_stream_does_not_open)
{
    uint8_t key[32];
    crypto_secretstream_xchacha20poly1305_state state;
    struct sil_bytes file = seal("secret", 6);
    cr_assert(zero(int, crypto_pwhash(key, sizeof key, PASSPHRASE, strlen(PASSPHRASE),
                                      file.data + SALT_AT, 1, 8192,
                                      crypto_pwhash_ALG_ARGON2ID13)));
    for (unsigned char tag = 0; tag < 4; tag++) {
        (void)crypto_secretstream_xchacha20poly1305_init_push(
            &state, file.data + STREAM_AT, key);
        (void)crypto_secretstream_xchacha20poly1305_push(
            &state, file.data + SEALED_AT, NULL, (const uint8_t *)"secret", 6,
            file.data, STREAM_AT, tag);
        cr_expect(eq(int, opens(&file, PASSPHRASE),
                     tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL));
    }
    sil_bytes_clear(&file);
}

/* Nothing is derived: what these ask for would take hours or all memory. */
Test(vault, of_a_cost_beyond_the_limits_is_refused)
{
    static const struct sil_vault_cost COSTS[] = {
        {0,          8192      },
        {5,          8192      },
        {UINT64_MAX, 8192      },
        {1,          8191      },
        {1,          0         },
        {1,          1073741825},
        {1,          UINT64_MAX},
    };
    struct sil_bytes file = seal("secret", 6);
    struct sil_bytes none = {0};
    for (size_t i = 0; i < sizeof COSTS / sizeof COSTS[0]; i++) {
        for (int k = 0; k < 8; k++) {
            file.data[OPERATIONS_AT + k] = (uint8_t)(COSTS[i].operations >> (8 * k));
            file.data[MEMORY_AT + k] = (uint8_t)(COSTS[i].memory >> (8 * k));
        }
        cr_expect(not(opens(&file, PASSPHRASE)), "%zu", i);
        cr_expect(eq(int, sil_vault_seal(&none, "", 0, PASSPHRASE, &COSTS[i], NULL),
                     SIL_ERR_USAGE),
                  "%zu", i);
    }
    sil_bytes_clear(&file);
}

Test(vault, holds_at_most_65535_bytes)
{
    static uint8_t data[SIL_VAULT_BYTES_MAX + 1];
    struct sil_bytes none = {0};
    cr_expect(
        eq(int,
           sil_vault_seal(&none, data, sizeof data, PASSPHRASE, &SIL_VAULT_LEAST, NULL),
           SIL_ERR_USAGE));
    cr_expect(eq(sz, none.length, 0));
}
