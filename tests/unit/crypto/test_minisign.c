// SPDX-License-Identifier: Apache-2.0
#include "crypto/base64.h"
#include "crypto/minisign.h"
#include "crypto_kit.h"

/* A published trace: data, its signature file as `minisign -S` writes it byte for byte, and
 * the public key file. */
#define DATA   "a,b\n1,2\n"
#define LINE_1 "untrusted comment: signature from silhouette\n"
#define LINE_2                                                                          \
    "RUQBAgMEBQYHCMgL8DBkjYxd5dcQzSLEU0mHyjpptdIkceNYlD4soeRyTN7ubG9MUEIqlBN2E/xohn1YX" \
    "EiUY1cE1NhGoWnMbQ8=\n"
#define COMMENT "silhouette/v1 release ledger=00112233445566778899aabbccddeeff entry=4"
#define LINE_3  "trusted comment: " COMMENT "\n"
#define LINE_4                                                                          \
    "Pi9Pzsxhg4YcLEhiLrE5Oixq4/qAQxarxWEW6s80laQvsOWeDzQ00b+U9REUXBDQetSpRjhcEl9eXTWtA" \
    "/PxAQ==\n"
#define SIGNATURE_FILE LINE_1 LINE_2 LINE_3 LINE_4
#define PUBLIC_LINE    "RWQBAgMEBQYHCKCapfR6Z1mAL/lV+NwtKhSlyZ0jvpf4ZBJ/+Tg0VaTw"
#define PUBLIC_FILE \
    "untrusted comment: minisign public key 0807060504030201\n" PUBLIC_LINE "\n"

static const uint8_t KEYNUM[SIL_KEYNUM_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};

static struct sil_secret_key *release_key(void)
{
    uint8_t seed[SIL_KEY_SEED_BYTES];
    struct sil_secret_key *key;
    (void)memset(seed, RELEASE, sizeof seed);
    cr_assert(eq(int, sil_secret_key_of_seed(&key, seed, KEYNUM, NULL), SIL_OK));
    return key;
}

static bool parses(struct sil_minisig *out, const char *text, size_t length)
{
    struct sil_error err = {{0}};
    char *copy = exact_copy(text, length);
    sil_status status = sil_minisig_parse(out, copy, length, &err);
    cr_assert(status == SIL_OK || (status == SIL_ERR_INPUT && strlen(err.text) > 0));
    free(copy);
    return status == SIL_OK;
}

Test(minisig, is_the_published_one_line_by_line)
{
    struct sil_minisig signature;
    struct sil_bytes file = {0};
    uint8_t sig[SIL_SIGNATURE_BYTES];
    uint8_t global[SIL_SIGNATURE_BYTES];
    struct sil_secret_key *key = release_key();
    from_hex(
        sig, sizeof sig,
        "c80bf030648d8c5de5d710cd22c4534987ca3a69b5d22471e358943e2ca1e4724cdeee6c6f4c5"
        "0422a94137613fc68867d585c4894635704d4d846a169cc6d0f");
    cr_assert(sil_base64_parse(global, sizeof global, LINE_4, sizeof LINE_4 - 2));

    sil_minisign(&signature, key, DATA, sizeof DATA - 1, COMMENT);
    cr_expect(zero(int, memcmp(signature.keynum, KEYNUM, sizeof KEYNUM)));
    cr_expect(zero(int, memcmp(signature.signature, sig, sizeof sig)));
    cr_expect(zero(int, memcmp(signature.global, global, sizeof global)));
    cr_expect(eq(str, signature.comment, COMMENT));

    const char *untrusted = "signature from silhouette";
    cr_assert(eq(int, sil_minisig_print(&file, &signature, untrusted, NULL), SIL_OK));
    cr_expect(eq(sz, file.length, sizeof SIGNATURE_FILE - 1));
    cr_expect(zero(int, memcmp(file.data, SIGNATURE_FILE, file.length)));
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

/* What is signed is the BLAKE2b-512 of the data. */
Test(minisig, signs_the_published_digest)
{
    uint8_t digest[64];
    struct sil_minisig signature;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    from_hex(
        digest, sizeof digest,
        "d7fba459a911646ff4b9bfad4eb589ae53ddec88439d7ed14f7f7af4158c4684d7daf7072a150"
        "c3c4a6e2a3cb13691245d207afab21252541048424b397b8ad8");
    seeded_public(public_key, RELEASE);
    cr_assert(parses(&signature, TEXT_AND_LENGTH(SIGNATURE_FILE)));
    cr_expect(sil_verify(signature.signature, public_key, digest, sizeof digest));
}

Test(minisig, that_is_published_verifies)
{
    struct sil_minisig signature;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    seeded_public(public_key, RELEASE);
    cr_assert(parses(&signature, TEXT_AND_LENGTH(SIGNATURE_FILE)));
    cr_expect(eq(str, signature.comment, COMMENT));
    cr_expect(zero(int, memcmp(signature.keynum, KEYNUM, sizeof KEYNUM)));
    cr_expect(sil_minisig_verify(&signature, public_key, TEXT_AND_LENGTH(DATA)));
    cr_expect(not(sil_minisig_verify(&signature, public_key, DATA, 7)));
    cr_expect(not(sil_minisig_verify(&signature, public_key, DATA "\n", 9)));
    seeded_public(public_key, CURATOR);
    cr_expect(not(sil_minisig_verify(&signature, public_key, TEXT_AND_LENGTH(DATA))));
}

/* The authority's approval of entry 1 of the published ledger, accepted by stock minisign. */
static const char APPROVAL[] =
    "untrusted comment: approval\n"
    "RURAqUjoWJxhhkRhmqBIIarsIFFll/23o3jQLyBgiXYHvf5/1TiiEqBxpyX7wdEV/Q67wUq31nOe6w1Zyv"
    "KRPM0n4lvjOAXyvwI=\n"
    "trusted comment: silhouette/v1 grant ledger=99ac991216020bfcca4040d04ec715d6 "
    "id=b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0 rho=1/2 delta=0/1\n"
    "YjyImW0U5AITndaIojFheCjprVtswfWJQaJt2vsN5XIoYh0wJ0DZZyIQjlB1YUh1bxMSrTPkF1EOpyChur"
    "f/Aw==\n";

static const char GRANT_BODY[] =
    "9801a56772616e74c41099ac991216020bfcca4040d04ec715d6c410b0b0b0b0b0b0b0b0b0b0b0b0b0"
    "b0b0b0a3312f32a3302f31ce6c9279f0a871332d7368617265";

Test(minisig, of_a_published_approval_verifies_and_is_ours_to_the_byte)
{
    uint8_t body[66];
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    struct sil_minisig theirs;
    struct sil_minisig ours;
    struct sil_secret_key *key = seeded_key(AUTHORITY);
    from_hex(body, sizeof body, GRANT_BODY);
    seeded_public(public_key, AUTHORITY);
    cr_assert(parses(&theirs, TEXT_AND_LENGTH(APPROVAL)));
    cr_expect(sil_minisig_verify(&theirs, public_key, body, sizeof body));
    sil_minisign(&ours, key, body, sizeof body, theirs.comment);
    cr_expect(zero(int, memcmp(&ours, &theirs, sizeof ours)));
    sil_secret_key_free(key);
}

/* What may change without a verifier's noticing: the untrusted comment, which nobody signs,
 * and the key number, which is a hint and not compared. */
static bool is_unsigned(const struct sil_minisig *a, size_t at,
                        const struct sil_minisig *b)
{
    size_t prefix = strlen("untrusted comment: ");
    bool in_comment = at >= prefix && at < sizeof LINE_1 - 2;
    return in_comment || (memcmp(a->keynum, b->keynum, sizeof a->keynum) != 0 &&
                          memcmp(a->signature, b->signature, sizeof a->signature) == 0);
}

Test(minisig, fails_with_any_signed_byte_changed_to_any_other, .timeout = 120)
{
    char file[] = SIGNATURE_FILE;
    struct sil_minisig good;
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    size_t accepted = 0;
    seeded_public(public_key, RELEASE);
    cr_assert(parses(&good, TEXT_AND_LENGTH(SIGNATURE_FILE)));
    for (size_t at = 0; at < sizeof file - 1; at++) {
        char kept = file[at];
        for (int change = 1; change < 256; change++) {
            struct sil_minisig changed;
            file[at] = (char)((unsigned char)kept ^ change);
            if (sil_minisig_parse(&changed, file, sizeof file - 1, NULL) == SIL_OK &&
                sil_minisig_verify(&changed, public_key, TEXT_AND_LENGTH(DATA))) {
                cr_assert(is_unsigned(&good, at, &changed), "byte %zu ^ %d", at,
                          change);
                accepted++;
            }
        }
        file[at] = kept;
    }
    /* The comment: 25 characters, to any byte but the 33 control characters. The key number:
     * ten characters of base64, and two that share their six bits with what is signed. */
    cr_expect(eq(sz, accepted, 25 * (255 - 33) + 10 * 63 + 3 + 3));
}

Test(minisig, fails_when_cut_short_anywhere)
{
    struct sil_minisig signature;
    for (size_t length = 0; length < sizeof SIGNATURE_FILE - 1; length++) {
        cr_assert(not(parses(&signature, SIGNATURE_FILE, length)), "%zu", length);
    }
}

/* A legacy signature: over the file itself, under another algorithm's name. Otherwise whole,
 * and stock minisign -V accepts it. */
Test(minisig, of_the_legacy_kind_is_refused)
{
    struct sil_minisig signature;
    struct sil_error err = {{0}};
    struct sil_bytes file = {0};
    uint8_t field[74] = "Ed";
    uint8_t covered[64 + sizeof COMMENT - 1];
    uint8_t global[64];
    struct sil_secret_key *key = release_key();
    (void)memcpy(field + 2, KEYNUM, sizeof KEYNUM);
    sil_sign(field + 10, key, DATA, sizeof DATA - 1);
    (void)memcpy(covered, field + 10, 64);
    (void)memcpy(covered + 64, COMMENT, sizeof COMMENT - 1);
    sil_sign(global, key, covered, sizeof covered);
    cr_assert(eq(int, sil_bytes_printf(&file, NULL, "%s", LINE_1), SIL_OK));
    cr_assert(eq(int, sil_base64_print(&file, field, sizeof field, NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_printf(&file, NULL, "\n%s", LINE_3), SIL_OK));
    cr_assert(eq(int, sil_base64_print(&file, global, sizeof global, NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_printf(&file, NULL, "\n"), SIL_OK));
    cr_expect(eq(int,
                 sil_minisig_parse(&signature, (char *)file.data, file.length, &err),
                 SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(err.text, "legacy"), NULL), "%s", err.text);
    sil_bytes_clear(&file);
    sil_secret_key_free(key);
}

static const struct {
    const char *name;
    const char *text;
    const char *why; /* a part of the error */
} REFUSED[] = {
    {"empty",                 "",                                                  "four lines"},
    {"three lines",           LINE_1 LINE_2 LINE_3,                                "four lines"},
    {"a fifth line",          SIGNATURE_FILE "\n",                                 "four lines"},
    {"two signatures",        SIGNATURE_FILE SIGNATURE_FILE,                       "four lines"},
    {"no comment",            LINE_2 LINE_2 LINE_3 LINE_4,                         "line 1"    },
    {"ESC in the first line", "untrusted comment: \x1b[2J\n" LINE_2 LINE_3 LINE_4,
     "line 1"                                                                                  },
    {"CR",                    "untrusted comment: x\r\n" LINE_2 LINE_3 LINE_4,     "line 1"    },
    {"CR in the second line", LINE_1 "RUQB\r\n" LINE_3 LINE_4,                     "line 2"    },
    {"a short signature",     LINE_1 "RUQBAgMEBQYHCA==\n" LINE_3 LINE_4,           "line 2"    },
    {"a blank in the base64", LINE_1 " " LINE_2 LINE_3 LINE_4,                     "line 2"    },
    {"untrusted, twice",      LINE_1 LINE_2 LINE_1 LINE_4,                         "line 3"    },
    {"ESC in the comment",    LINE_1 LINE_2 "trusted comment: \x1b[31m\n" LINE_4,
     "line 3"                                                                                  },
    {"a tab in the comment",  LINE_1 LINE_2 "trusted comment: a\tb\n" LINE_4,      "line 3"    },
    {"UTF-8 in the comment",  LINE_1 LINE_2 "trusted comment: \xc3\xa9\n" LINE_4,
     "line 3"                                                                                  },
    {"DEL in the comment",    LINE_1 LINE_2 "trusted comment: \x7f\n" LINE_4,      "line 3"    },
    {"no second signature",   LINE_1 LINE_2 LINE_3 "\n",                           "line 4"    },
    {"the first one again",   LINE_1 LINE_2 LINE_3 LINE_2,                         "line 4"    },
};

Test(minisig, that_is_not_exactly_four_good_lines_is_refused)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct sil_minisig signature;
        struct sil_error err = {{0}};
        size_t length = strlen(REFUSED[i].text);
        char *text = exact_copy(REFUSED[i].text, length);
        cr_expect(
            eq(int, sil_minisig_parse(&signature, text, length, &err), SIL_ERR_INPUT),
            "%s", REFUSED[i].name);
        cr_expect(ne(ptr, strstr(err.text, REFUSED[i].why), NULL), "%s: %s",
                  REFUSED[i].name, err.text);
        free(text);
    }
}

static struct sil_bytes file_with_comment(size_t length)
{
    struct sil_bytes file = {0};
    cr_assert(eq(int, sil_bytes_printf(&file, NULL, LINE_1 LINE_2 "trusted comment: "),
                 SIL_OK));
    for (size_t i = 0; i < length; i++) {
        cr_assert(eq(int, sil_bytes_append(&file, "x", 1, NULL), SIL_OK));
    }
    cr_assert(eq(int, sil_bytes_printf(&file, NULL, "\n" LINE_4), SIL_OK));
    return file;
}

Test(minisig, has_a_comment_of_at_most_512_characters)
{
    for (size_t length = SIL_COMMENT_MAX; length <= SIL_COMMENT_MAX + 1; length++) {
        struct sil_minisig signature;
        struct sil_bytes file = file_with_comment(length);
        bool accepted = parses(&signature, (char *)file.data, file.length);
        cr_expect(eq(int, accepted, length <= SIL_COMMENT_MAX));
        cr_expect(strlen(signature.comment) == (accepted ? length : 0));
        sil_bytes_clear(&file);
    }
}

Test(minisig, file_larger_than_any_is_refused)
{
    struct sil_minisig signature;
    struct sil_bytes file = {0};
    cr_assert(eq(int, sil_bytes_printf(&file, NULL, "untrusted comment: %04096d\n", 0),
                 SIL_OK));
    cr_assert(eq(int, sil_bytes_printf(&file, NULL, LINE_2 LINE_3 LINE_4), SIL_OK));
    cr_expect(not(parses(&signature, (char *)file.data, file.length)));
    sil_bytes_clear(&file);
}

Test(minisig, comes_back_with_any_comment)
{
    static const char *const COMMENTS[] = {"", " ", "~", "a  b ", "trusted comment: x"};
    struct sil_secret_key *key = release_key();
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    sil_secret_key_public(public_key, key);
    for (size_t i = 0; i < sizeof COMMENTS / sizeof COMMENTS[0]; i++) {
        struct sil_minisig made;
        struct sil_minisig read;
        struct sil_bytes file = {0};
        sil_minisign(&made, key, "", 0, COMMENTS[i]);
        cr_assert(eq(int, sil_minisig_print(&file, &made, COMMENTS[i], NULL), SIL_OK));
        cr_assert(parses(&read, (char *)file.data, file.length), "%zu", i);
        cr_expect(zero(int, memcmp(&made, &read, sizeof made)));
        cr_expect(sil_minisig_verify(&read, public_key, "", 0));
        sil_bytes_clear(&file);
    }
    sil_secret_key_free(key);
}

/* --- public keys --- */

static bool parses_public(uint8_t public_key[SIL_PUBLIC_KEY_BYTES],
                          uint8_t keynum[SIL_KEYNUM_BYTES], const char *text,
                          size_t length)
{
    struct sil_error err = {{0}};
    char *copy = exact_copy(text, length);
    sil_status status =
        sil_minisign_parse_public(public_key, keynum, copy, length, &err);
    cr_assert(status == SIL_OK || (status == SIL_ERR_INPUT && strlen(err.text) > 0));
    free(copy);
    return status == SIL_OK;
}

Test(public_key, file_is_the_published_one)
{
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    struct sil_bytes file = {0};
    seeded_public(public_key, RELEASE);
    cr_assert(
        eq(int, sil_minisign_print_public(&file, public_key, KEYNUM, NULL), SIL_OK));
    cr_expect(eq(sz, file.length, sizeof PUBLIC_FILE - 1));
    cr_expect(zero(int, memcmp(file.data, PUBLIC_FILE, file.length)));
    sil_bytes_clear(&file);
}

Test(public_key, is_read_from_a_file_or_its_line_alone)
{
    static const char *const FORMS[] = {PUBLIC_FILE, PUBLIC_LINE, PUBLIC_LINE "\n",
                                        "untrusted comment: \n" PUBLIC_LINE "\n",
                                        "untrusted comment: \xc3\xa9\n" PUBLIC_LINE
                                        "\n"};
    uint8_t want[SIL_PUBLIC_KEY_BYTES];
    seeded_public(want, RELEASE);
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
        uint8_t keynum[SIL_KEYNUM_BYTES];
        cr_assert(parses_public(public_key, keynum, FORMS[i], strlen(FORMS[i])), "%zu",
                  i);
        cr_expect(zero(int, memcmp(public_key, want, sizeof want)));
        cr_expect(zero(int, memcmp(keynum, KEYNUM, sizeof keynum)));
    }
}

Test(public_key, in_any_other_form_is_refused)
{
    static const char *const FORMS[] = {
        "",
        "\n",
        PUBLIC_LINE "\n\n",
        "\n" PUBLIC_LINE,
        " " PUBLIC_LINE,
        PUBLIC_LINE " ",
        PUBLIC_LINE "\r\n",
        PUBLIC_LINE "\n" PUBLIC_LINE "\n",
        PUBLIC_LINE "\n" PUBLIC_LINE,
        PUBLIC_FILE "\n",
        "untrusted comment: x\n" PUBLIC_LINE,
        "trusted comment: x\n" PUBLIC_LINE "\n",
        "untrusted comment: \x1b[2J\n" PUBLIC_LINE "\n",
        "RUQBAgMEBQYHCKCapfR6Z1mAL/lV+NwtKhSlyZ0jvpf4ZBJ/+Tg0VaTw", /* "ED" */
        "RWQBAgMEBQYHCKCapfR6Z1mAL/lV+NwtKhSlyZ0jvpf4ZBJ/+Tg0",     /* too short */
        "RWQBAgMEBQYHCKCapfR6Z1mAL/lV+NwtKhSlyZ0jvpf4ZBJ/+Tg0VaTwAAAA",
    };
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    uint8_t keynum[SIL_KEYNUM_BYTES];
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        cr_expect(not(parses_public(public_key, keynum, FORMS[i], strlen(FORMS[i]))),
                  "form %zu", i);
    }
}

/* A public key has nothing that tells a wrong one: every other base64 of 42 bytes that
 * begins with "Ed" is another key. It must be read as one, never as the same. */
Test(public_key, with_a_changed_byte_is_refused_or_another_key)
{
    char line[] = PUBLIC_LINE;
    uint8_t want[SIL_PUBLIC_KEY_BYTES];
    seeded_public(want, RELEASE);
    for (size_t at = 0; at < sizeof line - 1; at++) {
        char kept = line[at];
        for (int change = 1; change < 256; change++) {
            uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
            uint8_t keynum[SIL_KEYNUM_BYTES];
            line[at] = (char)((unsigned char)kept ^ change);
            if (sil_minisign_parse_public(public_key, keynum, line, sizeof line - 1,
                                          NULL) == SIL_OK) {
                cr_assert(memcmp(public_key, want, sizeof want) != 0 ||
                              memcmp(keynum, KEYNUM, sizeof KEYNUM) != 0,
                          "byte %zu ^ %d", at, change);
            }
        }
        line[at] = kept;
    }
}
