// SPDX-License-Identifier: Apache-2.0
/* Secret key files of minisign. tests/unit/crypto/test_stock_tools.py has the stock program
 * read ours and write some for us. */
#include "crypto/base64.h"
#include "crypto/minisign.h"
#include "crypto_kit.h"

/* The least that scrypt can be made to cost: a few milliseconds. */
static const struct sil_kdf_cost CHEAP = {.operations = 32768, .memory = 1 << 20};

enum {
    FILE_BYTES = 158,
    SALT_AT = 6,
    OPERATIONS_AT = 38,
    MEMORY_AT = 46,
    KEYNUM_AT = 54,
    SECRET_AT = 62,
    SUM_AT = 126
};

static struct sil_bytes print(const struct sil_secret_key *key, const char *passphrase)
{
    struct sil_bytes file = {0};
    cr_assert(eq(int, sil_minisign_print_secret(&file, key, passphrase, &CHEAP, NULL),
                 SIL_OK));
    return file;
}

static sil_status parse(struct sil_secret_key **out, const char *text, size_t length,
                        const char *passphrase)
{
    struct sil_error err = {{0}};
    char *copy = exact_copy(text, length);
    sil_status status = sil_minisign_parse_secret(out, copy, length, passphrase, &err);
    cr_assert(eq(int, status == SIL_OK, *out != NULL));
    cr_assert(status == SIL_OK || strlen(err.text) > 0);
    free(copy);
    return status;
}

static bool is_same_key(const struct sil_secret_key *a, const struct sil_secret_key *b)
{
    uint8_t signature_a[SIL_SIGNATURE_BYTES];
    uint8_t signature_b[SIL_SIGNATURE_BYTES];
    sil_sign(signature_a, a, "m", 1);
    sil_sign(signature_b, b, "m", 1);
    return memcmp(signature_a, signature_b, sizeof signature_a) == 0;
}

static bool is_same_number(const struct sil_secret_key *a,
                           const struct sil_secret_key *b)
{
    uint8_t number_a[SIL_KEYNUM_BYTES];
    uint8_t number_b[SIL_KEYNUM_BYTES];
    sil_secret_key_keynum(number_a, a);
    sil_secret_key_keynum(number_b, b);
    return memcmp(number_a, number_b, sizeof number_a) == 0;
}

/* The file as 158 bytes, and back: for files that no program writes. */
static void unpack(uint8_t out[FILE_BYTES], const struct sil_bytes *file)
{
    const uint8_t *line = memchr(file->data, '\n', file->length);
    size_t at = (size_t)(line - file->data) + 1;
    cr_assert(sil_base64_parse(out, FILE_BYTES, (const char *)file->data + at,
                               file->length - at - 1));
}

/* Called for every change of a byte, so without an assertion each time. */
static struct sil_bytes pack(const uint8_t bytes[FILE_BYTES])
{
    struct sil_bytes file = {0};
    if (sil_bytes_printf(&file, NULL, "untrusted comment: x\n") != SIL_OK ||
        sil_base64_print(&file, bytes, FILE_BYTES, NULL) != SIL_OK ||
        sil_bytes_append(&file, "\n", 1, NULL) != SIL_OK) {
        abort();
    }
    return file;
}

static void put_sum(uint8_t bytes[FILE_BYTES])
{
    uint8_t covered[2 + SUM_AT - KEYNUM_AT] = "Ed";
    (void)memcpy(covered + 2, bytes + KEYNUM_AT, SUM_AT - KEYNUM_AT);
    (void)crypto_generichash(bytes + SUM_AT, 32, covered, sizeof covered, NULL, 0);
}

static sil_status parse_packed(struct sil_secret_key **out,
                               const uint8_t bytes[FILE_BYTES], const char *passphrase)
{
    struct sil_bytes file = pack(bytes);
    sil_status status = parse(out, (char *)file.data, file.length, passphrase);
    sil_bytes_clear(&file);
    return status;
}

Test(key_file, comes_back_with_and_without_a_passphrase)
{
    static const char *const PASSPHRASES[] = {NULL, "", "correct horse",
                                              "gr\xc3\xbc\xc3\x9f"
                                              "e"};
    struct sil_secret_key *key = seeded_key(CURATOR);
    for (size_t i = 0; i < sizeof PASSPHRASES / sizeof PASSPHRASES[0]; i++) {
        struct sil_secret_key *read;
        bool encrypted;
        struct sil_bytes file = print(key, PASSPHRASES[i]);
        cr_assert(eq(
            int,
            sil_minisign_is_encrypted(&encrypted, (char *)file.data, file.length, NULL),
            SIL_OK));
        cr_expect(eq(int, encrypted, PASSPHRASES[i] != NULL));
        cr_assert(eq(int, parse(&read, (char *)file.data, file.length, PASSPHRASES[i]),
                     SIL_OK));
        cr_expect(is_same_key(key, read));
        cr_expect(is_same_number(key, read));
        sil_secret_key_free(read);
        sil_bytes_clear(&file);
    }
    sil_secret_key_free(key);
}

Test(key_file, without_a_passphrase_needs_none)
{
    struct sil_secret_key *read;
    struct sil_secret_key *key = seeded_key(CURATOR);
    struct sil_bytes file = print(key, NULL);
    cr_assert(eq(int, parse(&read, (char *)file.data, file.length, "any"), SIL_OK));
    sil_secret_key_free(read);
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

Test(key_file, is_salted_and_hides_key_and_number)
{
    uint8_t bytes[2][FILE_BYTES];
    uint8_t plain[FILE_BYTES];
    struct sil_secret_key *key = seeded_key(CURATOR);
    for (int i = 0; i < 2; i++) {
        struct sil_bytes file = print(key, "p");
        unpack(bytes[i], &file);
        sil_bytes_clear(&file);
    }
    struct sil_bytes file = print(key, NULL);
    unpack(plain, &file);
    cr_expect(ne(int, memcmp(bytes[0] + SALT_AT, bytes[1] + SALT_AT, 32), 0));
    for (size_t at = KEYNUM_AT; at + 16 <= FILE_BYTES; at += 8) {
        cr_expect(ne(int, memcmp(bytes[0] + at, plain + at, 16), 0), "%zu", at);
        cr_expect(ne(int, memcmp(bytes[0] + at, bytes[1] + at, 16), 0), "%zu", at);
    }
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

Test(key_file, does_not_open_with_another_passphrase)
{
    static const char *const WRONG[] = {NULL, "", "correct hors", "correct horse ",
                                        "Correct horse"};
    struct sil_secret_key *key = seeded_key(CURATOR);
    struct sil_bytes file = print(key, "correct horse");
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        struct sil_secret_key *read;
        cr_expect(eq(int, parse(&read, (char *)file.data, file.length, WRONG[i]),
                     SIL_ERR_INPUT),
                  "%zu", i);
    }
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

/* What a passphrase does not protect: the comment, and what makes scrypt choose the same
 * parameters. A file that opens after a change must give the very same key. */
Test(key_file, with_a_changed_byte_does_not_open_or_is_the_same_key, .timeout = 120)
{
    static const int CHANGES[] = {0x01, 0x20, 0x80};
    struct sil_secret_key *key = seeded_key(CURATOR);
    struct sil_bytes file = print(key, "p");
    size_t opened = 0;
    size_t line = (size_t)((uint8_t *)memchr(file.data, '\n', file.length) - file.data);
    for (size_t at = 0; at < file.length; at++) {
        for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
            struct sil_secret_key *read;
            file.data[at] ^= (uint8_t)CHANGES[i];
            if (parse(&read, (char *)file.data, file.length, "p") == SIL_OK) {
                cr_assert(is_same_key(key, read) && is_same_number(key, read),
                          "byte %zu", at);
                opened += at > line;
                sil_secret_key_free(read);
            }
            file.data[at] ^= (uint8_t)CHANGES[i];
        }
    }
    cr_expect(lt(sz, opened, 30), "%zu of them below the comment", opened);
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

/* One byte is changed. Without a passphrase salt and cost mean nothing, and without a
 * checksum the number can be any. */
static bool is_judged_well(const uint8_t bytes[FILE_BYTES], size_t at, bool has_sum,
                           const struct sil_secret_key *key)
{
    struct sil_secret_key *read;
    struct sil_bytes file = pack(bytes);
    bool is_unused = at >= SALT_AT && at < KEYNUM_AT;
    bool is_number = at >= KEYNUM_AT && at < SECRET_AT;
    bool is_good = sil_minisign_parse_secret(&read, (char *)file.data, file.length,
                                             NULL, NULL) == SIL_OK;
    bool is_right = is_good == (is_unused || (is_number && !has_sum));
    if (is_good) {
        is_right &= is_same_key(key, read) && is_same_number(key, read) == !is_number;
    }
    sil_secret_key_free(read);
    sil_bytes_clear(&file);
    return is_right;
}

/* Every other value of every byte; without a checksum only those that differ in one bit, as
 * there the same code has less to look at. */
static void change_unencrypted(const struct sil_bytes *file, bool has_sum)
{
    struct sil_secret_key *key = seeded_key(CURATOR);
    uint8_t bytes[FILE_BYTES];
    unpack(bytes, file);
    for (size_t at = 0; at < FILE_BYTES; at++) {
        int wrong = 0;
        for (int change = 1; change < 256; change += has_sum ? 1 : change) {
            bytes[at] ^= (uint8_t)change;
            wrong += !is_judged_well(bytes, at, has_sum, key);
            bytes[at] ^= (uint8_t)change;
        }
        cr_assert(zero(int, wrong), "byte %zu", at);
    }
    sil_secret_key_free(key);
}

/* `minisign -G -W` writes no checksum, so that a changed key number goes unseen there; the
 * key itself is still checked against its public half. */
Test(key_file, without_a_passphrase_and_with_a_changed_byte_is_refused, .timeout = 240)
{
    uint8_t bytes[FILE_BYTES];
    struct sil_secret_key *key = seeded_key(CURATOR);
    struct sil_bytes file = print(key, NULL);
    change_unencrypted(&file, true);
    unpack(bytes, &file);
    sil_bytes_clear(&file);

    (void)memset(bytes + SUM_AT, 0, FILE_BYTES - SUM_AT);
    file = pack(bytes);
    change_unencrypted(&file, false);
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

/* `minisign -G -W` with minisign 0.11 wrote this one. */
Test(key_file, of_stock_minisign_is_the_key_of_its_public_file)
{
    static const char SECRET[] =
        "untrusted comment: minisign encrypted secret key\n"
        "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAk965b7Gw"
        "PhKIGwcTl4s3wAAZEh7DObiRgeyKKqgcqNpBqu8Wuh/xCe8nqKWwZJinZKw7GkJC+som3ComR4S/X7xB"
        "zJ2eHPDRAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    static const char PUBLIC[] =
        "untrusted comment: minisign public key 123EB0B16FB9DE93\n"
        "RWST3rlvsbA+Eu8nqKWwZJinZKw7GkJC+som3ComR4S/X7xBzJ2eHPDR\n";
    struct sil_secret_key *key;
    struct sil_bytes file = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    cr_assert(eq(int, parse(&key, TEXT_AND_LENGTH(SECRET), NULL), SIL_OK));
    sil_secret_key_public(public_key, key);
    sil_secret_key_keynum(keynum, key);
    cr_assert(
        eq(int, sil_minisign_print_public(&file, public_key, keynum, NULL), SIL_OK));
    cr_expect(eq(sz, file.length, sizeof PUBLIC - 1));
    cr_expect(zero(int, memcmp(file.data, PUBLIC, file.length)));
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

/* Signing with a public half that is not the seed's gives the seed away. The checksum is
 * right, so nothing else would stop it. */
Test(key_file, with_a_foreign_public_half_is_refused)
{
    uint8_t bytes[FILE_BYTES];
    struct sil_secret_key *read;
    struct sil_secret_key *key = seeded_key(CURATOR);
    struct sil_bytes file = print(key, NULL);
    unpack(bytes, &file);
    seeded_public(bytes + SECRET_AT + 32, LOG);
    put_sum(bytes);
    cr_expect(eq(int, parse_packed(&read, bytes, NULL), SIL_ERR_INPUT));
    sil_secret_key_public(bytes + SECRET_AT + 32, key);
    put_sum(bytes);
    cr_expect(eq(int, parse_packed(&read, bytes, NULL), SIL_OK));
    sil_secret_key_free(read);
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

static void put_le64(uint8_t out[8], uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

/* Nothing is derived: what these ask for would take hours or all memory. */
Test(key_file, that_costs_more_than_a_stock_one_is_refused)
{
    static const struct sil_kdf_cost COSTS[] = {
        {33554433,   1 << 20          },
        {UINT64_MAX, 1 << 20          },
        {32768,      1073741825       },
        {32768,      UINT64_C(1) << 63},
        {UINT64_MAX, UINT64_MAX       },
    };
    uint8_t bytes[FILE_BYTES];
    struct sil_secret_key *key = seeded_key(CURATOR);
    struct sil_bytes file = print(key, "p");
    struct sil_bytes none = {0};
    unpack(bytes, &file);
    for (size_t i = 0; i < sizeof COSTS / sizeof COSTS[0]; i++) {
        struct sil_secret_key *read;
        put_le64(bytes + OPERATIONS_AT, COSTS[i].operations);
        put_le64(bytes + MEMORY_AT, COSTS[i].memory);
        cr_expect(eq(int, parse_packed(&read, bytes, "p"), SIL_ERR_INPUT), "%zu", i);
        cr_expect(eq(int, sil_minisign_print_secret(&none, key, "p", &COSTS[i], NULL),
                     SIL_ERR_USAGE),
                  "%zu", i);
    }
    cr_expect(eq(sz, none.length, 0));
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

Test(key_file, that_is_none_is_refused_by_both_readers)
{
    struct sil_secret_key *key = seeded_key(CURATOR);
    struct sil_bytes file = print(key, NULL);
    for (size_t length = 0; length < file.length; length++) {
        bool encrypted;
        struct sil_secret_key *read;
        cr_assert(eq(
            int, sil_minisign_is_encrypted(&encrypted, (char *)file.data, length, NULL),
            SIL_ERR_INPUT));
        cr_assert(
            eq(int, parse(&read, (char *)file.data, length, NULL), SIL_ERR_INPUT));
    }
    static const char *const ENDS[] = {"\n", "x", "\r\n"};
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        struct sil_secret_key *read;
        size_t length = file.length;
        cr_assert(
            eq(int, sil_bytes_append(&file, ENDS[i], strlen(ENDS[i]), NULL), SIL_OK));
        cr_expect(
            eq(int, parse(&read, (char *)file.data, file.length, NULL), SIL_ERR_INPUT));
        file.length = length;
    }
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}
