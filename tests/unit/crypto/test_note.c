// SPDX-License-Identifier: Apache-2.0
#include "crypto/note.h"
#include "crypto_kit.h"

#define DASH "\xe2\x80\x94 "

/* The checkpoint of the published ledger: a log's signature and a witness's cosignature.
 * Go's golang.org/x/mod/sumdb/note opens it with the log's key. */
#define ORIGIN "example.org/silhouette/99ac991216020bfcca4040d04ec715d6"
#define TEXT   ORIGIN "\n5\nu5QBYq71jeTQ7ljhkcxRoJTzmu7ZXLxDEq442sBOo0w=\n"
#define LOG_LINE                                                                        \
    DASH ORIGIN                                                                         \
        " hX/+6Jnsmpz4JJR+w2U15Z3054QKPpEZUrU0xak0SQzCUzOgLzkP+h6eOB/j0bmJ0ujbllgNFd8h" \
        "h/pEhW/LPqzV+wo=\n"
#define WITNESS_LINE                                                                   \
    DASH "witness.example/w1 IBeWrgAAAABqsVS8rmCz0reyQM9l0d2zgthfz/owdbXqkq+YU+bJnOyF" \
         "HOyyE/rGD3ysQ/XMIozOhnaAn2qLdHmxTfExiwVHR2GLCQ==\n"
#define CHECKPOINT TEXT "\n" LOG_LINE WITNESS_LINE
#define LOG_KEY    ORIGIN "+857ffee8+AddZeTu8E6KBmoJ8dq22+6ikmu4Af0ny0JktmbglrSxI"
#define WITNESS_KEY \
    "witness.example/w1+201796ae+BMaCJjfH0xDsV2J74AuiWdJTdJ9Kr2REcM/75To19zJC"

static const uint64_t COSIGNED = 1790006460;

static struct sil_note_key key_of(const char *text)
{
    struct sil_note_key key;
    char *copy = exact_copy(text, strlen(text));
    cr_assert(eq(int, sil_note_key_parse(&key, copy, strlen(text), NULL), SIL_OK), "%s",
              text);
    free(copy);
    return key;
}

static bool parses(const char *data, size_t length)
{
    struct sil_note note;
    struct sil_error err = {{0}};
    char *copy = exact_copy(data, length);
    sil_status status = sil_note_parse(&note, copy, length, &err);
    cr_assert(status == SIL_OK || (status == SIL_ERR_INPUT && strlen(err.text) > 0));
    free(copy);
    return status == SIL_OK;
}

static enum sil_note_verdict verdict_on(const char *data, const char *key_text)
{
    struct sil_note note;
    struct sil_note_key key = key_of(key_text);
    cr_assert(eq(int, sil_note_parse(&note, data, strlen(data), NULL), SIL_OK), "%s",
              data);
    return sil_note_verify(&note, &key, NULL);
}

/* --- keys --- */

static void check_key(const char *name, enum sil_note_algorithm algorithm, int seed,
                      const char *want)
{
    struct sil_note_key key;
    struct sil_bytes text = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    seeded_public(public_key, seed);
    cr_assert(
        eq(int, sil_note_key_make(&key, name, algorithm, public_key, NULL), SIL_OK));
    cr_assert(eq(int, sil_note_key_print(&text, &key, NULL), SIL_OK));
    cr_expect(eq(sz, text.length, strlen(want)));
    cr_expect(zero(int, memcmp(text.data, want, text.length)));

    struct sil_note_key again = key_of(want);
    cr_expect(zero(int, memcmp(&again, &key, sizeof key)));
    sil_bytes_clear(&text);
}

Test(note_key, is_the_published_one)
{
    check_key(ORIGIN, SIL_NOTE_ED25519, LOG, LOG_KEY);
    check_key("witness.example/w1", SIL_NOTE_COSIGNATURE, WITNESS, WITNESS_KEY);
}

Test(note_key, has_a_name_that_a_note_can_carry)
{
    static const char *const BAD[] = {"",
                                      " ",
                                      "a b",
                                      "a+b",
                                      "a\n",
                                      "\t",
                                      "a\xff",
                                      "a\xc2\xa0" /* no-break space */,
                                      "\xe3\x80\x80" /* ideographic space */,
                                      "\xe2\x80\xa8" /* line separator */,
                                      "\x1b[2J"};
    static const char *const GOOD[] = {"a", "example.org/x?y=1#z", "\xc3\xa9", "~"};
    char name[SIL_NOTE_NAME_MAX + 2];
    const uint8_t public_key[SIL_PUBLIC_KEY_BYTES] = {0};
    struct sil_note_key key;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_expect(
            eq(int, sil_note_key_make(&key, BAD[i], SIL_NOTE_ED25519, public_key, NULL),
               SIL_ERR_USAGE),
            "%zu", i);
    }
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        cr_expect(
            eq(int,
               sil_note_key_make(&key, GOOD[i], SIL_NOTE_ED25519, public_key, NULL),
               SIL_OK),
            "%s", GOOD[i]);
    }
    (void)memset(name, 'n', sizeof name);
    name[SIL_NOTE_NAME_MAX + 1] = '\0';
    cr_expect(eq(int, sil_note_key_make(&key, name, SIL_NOTE_ED25519, public_key, NULL),
                 SIL_ERR_USAGE));
    name[SIL_NOTE_NAME_MAX] = '\0';
    cr_expect(eq(int, sil_note_key_make(&key, name, SIL_NOTE_ED25519, public_key, NULL),
                 SIL_OK));
}

Test(note_key, cut_anywhere_or_with_a_changed_byte_is_refused)
{
    char text[] = LOG_KEY;
    size_t length = sizeof text - 1;
    struct sil_note_key key;
    for (size_t from = 0; from <= length; from++) {
        for (size_t to = from; to <= length; to++) {
            if (to - from < length) {
                char *part = exact_copy(text + from, to - from);
                cr_assert(
                    ne(int, sil_note_key_parse(&key, part, to - from, NULL), SIL_OK),
                    "%zu to %zu", from, to);
                free(part);
            }
        }
    }
    for (size_t at = 0; at < length; at++) {
        char kept = text[at];
        for (int change = 1; change < 256; change++) {
            text[at] = (char)((unsigned char)kept ^ change);
            cr_assert(ne(int, sil_note_key_parse(&key, text, length, NULL), SIL_OK),
                      "byte %zu ^ %d", at, change);
        }
        text[at] = kept;
    }
}

/* Two from the tests of Go's x/mod, whose hashes are right, and a hash in capitals. */
Test(note_key, of_another_algorithm_or_length_is_refused_by_its_own_name)
{
    static const struct {
        const char *text;
        sil_status status;
    } CASES[] = {
        {"PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
         SIL_ERR_UNSUPPORTED},
        {"PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
         SIL_ERR_INPUT      },
        {"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
         SIL_ERR_INPUT      },
        {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
         SIL_ERR_INPUT      },
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_note_key key;
        struct sil_error err = {{0}};
        cr_expect(
            eq(int,
               sil_note_key_parse(&key, CASES[i].text, strlen(CASES[i].text), &err),
               CASES[i].status),
            "%zu", i);
        cr_expect(ne(int, err.text[0], '\0'));
    }
}

/* --- published notes --- */

#define FOO_KEY   "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define PETER_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define ENOCH_KEY "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define PETER_TEXT                                               \
    "If you think cryptography is the answer to your problem,\n" \
    "then you don't know what your problem is.\n"
#define PETER_LINE                                                                     \
    DASH                                                                               \
        "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX" \
        "gKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ENOCH_LINE                                                                     \
    DASH                                                                               \
        "EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG" \
        "01oOTGwnWLox33WWd1RvMc+QQ=\n"

/* C2SP signed-note, the example; then the package golang.org/x/mod/sumdb/note, the example
 * and tests. */
Test(note, of_others_verifies)
{
    static const char FOO[] =
        "This is an example message.\n\n" DASH
        "example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZX"
        "sYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    static const char PETER[] = PETER_TEXT "\n" PETER_LINE ENOCH_LINE;
    cr_expect(eq(int, verdict_on(FOO, FOO_KEY), SIL_NOTE_GOOD));
    cr_expect(eq(int, verdict_on(FOO, PETER_KEY), SIL_NOTE_ABSENT));
    cr_expect(eq(int, verdict_on(PETER, PETER_KEY), SIL_NOTE_GOOD));
    cr_expect(eq(int, verdict_on(PETER, ENOCH_KEY), SIL_NOTE_GOOD));
    cr_expect(eq(int, verdict_on(PETER, FOO_KEY), SIL_NOTE_ABSENT));
}

/* The seed is published with the note. */
Test(note, of_a_published_seed_is_signed_to_the_same_bytes)
{
    uint8_t field[33];
    size_t length;
    struct sil_secret_key *secret;
    struct sil_bytes line = {0};
    struct sil_note_key key = key_of(PETER_KEY);
    cr_assert(zero(
        int, sodium_base642bin(field, sizeof field,
                               "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", 44, NULL,
                               &length, NULL, sodium_base64_VARIANT_ORIGINAL)));
    cr_assert(
        eq(int, sil_secret_key_of_seed(&secret, field + 1, (const uint8_t[8]){0}, NULL),
           SIL_OK));
    cr_assert(eq(
        int, sil_note_sign(&line, TEXT_AND_LENGTH(PETER_TEXT), &key, secret, 0, NULL),
        SIL_OK));
    cr_expect(eq(sz, line.length, sizeof PETER_LINE - 1));
    cr_expect(zero(int, memcmp(line.data, PETER_LINE, line.length)));
    sil_bytes_clear(&line);
    sil_secret_key_free(secret);
}

/* C2SP tlog-cosignature, the example; its keys are not published. */
Test(note, with_a_cosignature_of_others_is_taken_apart)
{
    static const char NOTE[] =
        "example.com/behind-the-sofa\n20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" DASH
        "example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4"
        "URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" DASH
        "witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEh"
        "ZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    static const uint8_t HASH[4] = {0x8d, 0x66, 0xcf, 0x3f};
    static const uint8_t TIME[8] = {0,    0,    0,    0,
                                    0x64, 0x18, 0x50, 0xcb}; /* 1679315147 */
    struct sil_note note;
    cr_assert(eq(int, sil_note_parse(&note, TEXT_AND_LENGTH(NOTE), NULL), SIL_OK));
    cr_assert(eq(sz, note.n_lines, 2));
    cr_expect(eq(sz, note.length, 82));
    cr_expect(eq(sz, note.line[0].signature_length, 64));
    cr_expect(eq(sz, note.line[1].signature_length, 72));
    cr_expect(eq(sz, note.line[1].name_length, strlen("witness.example.com/w1")));
    cr_expect(zero(int, memcmp(note.line[1].hash, HASH, sizeof HASH)));
    cr_expect(zero(int, memcmp(note.line[1].signature, TIME, sizeof TIME)));
}

/* --- the ledger's own --- */

static void append_line(struct sil_bytes *out, const char *text, const char *key_text,
                        int seed, uint64_t time)
{
    struct sil_note_key key = key_of(key_text);
    struct sil_secret_key *secret = seeded_key(seed);
    cr_assert(eq(int, sil_note_sign(out, text, strlen(text), &key, secret, time, NULL),
                 SIL_OK));
    sil_secret_key_free(secret);
}

Test(note, of_the_published_checkpoint_is_ours_to_the_byte)
{
    struct sil_bytes note = {0};
    cr_assert(eq(int, sil_bytes_printf(&note, NULL, "%s\n", TEXT), SIL_OK));
    append_line(&note, TEXT, LOG_KEY, LOG, 0);
    append_line(&note, TEXT, WITNESS_KEY, WITNESS, COSIGNED);
    cr_expect(eq(sz, note.length, sizeof CHECKPOINT - 1));
    cr_expect(zero(int, memcmp(note.data, CHECKPOINT, note.length)));
    sil_bytes_clear(&note);
}

Test(note, of_the_published_checkpoint_verifies_with_its_time)
{
    struct sil_note note;
    struct sil_note_key log = key_of(LOG_KEY);
    struct sil_note_key witness = key_of(WITNESS_KEY);
    uint64_t time = 0;
    cr_assert(
        eq(int, sil_note_parse(&note, TEXT_AND_LENGTH(CHECKPOINT), NULL), SIL_OK));
    cr_expect(eq(sz, note.length, sizeof TEXT - 1));
    cr_expect(eq(int, sil_note_verify(&note, &log, NULL), SIL_NOTE_GOOD));
    cr_expect(eq(int, sil_note_verify(&note, &witness, &time), SIL_NOTE_GOOD));
    cr_expect(eq(u64, time, COSIGNED));
}

/* Not signed is what stands between the parts: a name in front of a signature that nobody
 * knows makes it nobody's. Both signatures must be good at once with no byte changed. */
Test(note, fails_with_any_byte_changed_to_any_other, .timeout = 120)
{
    char data[] = CHECKPOINT;
    struct sil_note_key log = key_of(LOG_KEY);
    struct sil_note_key witness = key_of(WITNESS_KEY);
    for (size_t at = 0; at < sizeof data - 1; at++) {
        char kept = data[at];
        for (int change = 1; change < 256; change++) {
            struct sil_note note;
            data[at] = (char)((unsigned char)kept ^ change);
            cr_assert(
                not(sil_note_parse(&note, data, sizeof data - 1, NULL) == SIL_OK &&
                    sil_note_verify(&note, &witness, NULL) == SIL_NOTE_GOOD &&
                    sil_note_verify(&note, &log, NULL) == SIL_NOTE_GOOD),
                "byte %zu ^ %d", at, change);
        }
        data[at] = kept;
    }
}

Test(note, fails_when_cut_short_anywhere)
{
    static const char DATA[] = TEXT "\n" LOG_LINE;
    for (size_t length = 0; length < sizeof DATA - 1; length++) {
        cr_assert(not(parses(DATA, length)), "%zu", length);
    }
}

/* --- what a known key says --- */

#define BAD_PETER_LINE                                                                 \
    DASH                                                                               \
        "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX" \
        "gKvqfqdngotpRZb6KE6RyyBwJnAI=\n"
/* Peter's hash and 72 bytes, 65, and 1. */
#define LONG_PETER_LINE                                                                \
    DASH                                                                               \
        "PeterNeumann x08gowAAAABqsVS8rmCz0reyQM9l0d2zgthfz/owdbXqkq+YU+bJnOyFHOyyE/r" \
        "GD3ysQ/XMIozOhnaAn2qLdHmxTfExiwVHR2GLCQ==\n"
#define ODD_PETER_LINE                                                                 \
    DASH                                                                               \
        "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX" \
        "gKvqfqdngotpRZb6KE6RyyBwJnAMA\n"
#define SHORT_PETER_LINE DASH "PeterNeumann x08gowA=\n"

static const struct {
    const char *name;
    const char *data;
    enum sil_note_verdict verdict;
} SAID[] = {
    {"twice the same",         PETER_TEXT "\n" PETER_LINE PETER_LINE,                 SIL_NOTE_GOOD  },
    {"good and bad",           PETER_TEXT "\n" PETER_LINE BAD_PETER_LINE,             SIL_NOTE_BAD   },
    {"bad and good",           PETER_TEXT "\n" BAD_PETER_LINE PETER_LINE,             SIL_NOTE_BAD   },
    {"a cosignature's length", PETER_TEXT "\n" LONG_PETER_LINE,                       SIL_NOTE_BAD   },
    {"a byte too long",        PETER_TEXT "\n" PETER_LINE ODD_PETER_LINE,             SIL_NOTE_BAD   },
    {"much too short",         PETER_TEXT "\n" SHORT_PETER_LINE,                      SIL_NOTE_BAD   },
    {"another text",           "x\n\n" PETER_LINE,                                    SIL_NOTE_BAD   },
    {"one more blank line",    PETER_TEXT "\n\n" PETER_LINE,                          SIL_NOTE_BAD   },
    {"only another's",         PETER_TEXT "\n" ENOCH_LINE,                            SIL_NOTE_ABSENT},
    {"its name, another hash",
     PETER_TEXT
     "\n" DASH
     "PeterNeumann rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGr"
     "Q5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n",                                            SIL_NOTE_ABSENT},
    {"its hash, another name",
     PETER_TEXT
     "\n" DASH
     "PeterNeuman x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZS"
     "NXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",                                             SIL_NOTE_ABSENT},
    {"a name beyond ASCII",    PETER_TEXT "\n" DASH "\xc3\xa9 AAAAAAA=\n" PETER_LINE,
     SIL_NOTE_GOOD                                                                                   },
};

Test(note, with_a_known_key_is_judged_by_all_its_lines)
{
    for (size_t i = 0; i < sizeof SAID / sizeof SAID[0]; i++) {
        cr_expect(eq(int, verdict_on(SAID[i].data, PETER_KEY), SAID[i].verdict), "%s",
                  SAID[i].name);
    }
}

/* The same secret as a log's and as a witness's key: two keys, and neither's signature is
 * the other's. */
Test(note, does_not_take_one_kind_of_signature_for_another)
{
    struct sil_note note;
    struct sil_note_key as_log;
    struct sil_note_key as_witness;
    struct sil_bytes data = {0};
    uint8_t public_key[SIL_PUBLIC_KEY_BYTES];
    struct sil_secret_key *secret = seeded_key(WITNESS);
    seeded_public(public_key, WITNESS);
    cr_assert(eq(int,
                 sil_note_key_make(&as_log, "w", SIL_NOTE_ED25519, public_key, NULL),
                 SIL_OK));
    cr_assert(
        eq(int,
           sil_note_key_make(&as_witness, "w", SIL_NOTE_COSIGNATURE, public_key, NULL),
           SIL_OK));
    cr_assert(eq(int, sil_bytes_printf(&data, NULL, "t\n\n"), SIL_OK));
    cr_assert(
        eq(int, sil_note_sign(&data, "t\n", 2, &as_log, secret, 7, NULL), SIL_OK));
    cr_assert(
        eq(int, sil_note_parse(&note, (char *)data.data, data.length, NULL), SIL_OK));
    cr_expect(eq(int, sil_note_verify(&note, &as_log, NULL), SIL_NOTE_GOOD));
    cr_expect(eq(int, sil_note_verify(&note, &as_witness, NULL), SIL_NOTE_ABSENT));

    /* A log's key is made to sign what a witness would have; under the log's name it is no
     * signature of the text, and under the witness's the hash is another. */
    struct sil_note_key swapped = as_witness;
    (void)memcpy(swapped.hash, as_log.hash, sizeof swapped.hash);
    data.length = 3;
    cr_assert(
        eq(int, sil_note_sign(&data, "t\n", 2, &swapped, secret, 7, NULL), SIL_OK));
    cr_assert(
        eq(int, sil_note_parse(&note, (char *)data.data, data.length, NULL), SIL_OK));
    cr_expect(eq(int, sil_note_verify(&note, &as_log, NULL), SIL_NOTE_BAD));
    cr_expect(eq(int, sil_note_verify(&note, &as_witness, NULL), SIL_NOTE_ABSENT));
    sil_bytes_clear(&data);
    sil_secret_key_free(secret);
}

Test(note, cosigned_more_than_once_has_the_earliest_time)
{
    struct sil_note note;
    struct sil_note_key witness = key_of(WITNESS_KEY);
    struct sil_bytes data = {0};
    uint64_t time = 0;
    cr_assert(eq(int, sil_bytes_printf(&data, NULL, "%s\n", TEXT), SIL_OK));
    append_line(&data, TEXT, WITNESS_KEY, WITNESS, COSIGNED + 60);
    append_line(&data, TEXT, WITNESS_KEY, WITNESS, COSIGNED);
    append_line(&data, TEXT, WITNESS_KEY, WITNESS, UINT64_MAX);
    cr_assert(
        eq(int, sil_note_parse(&note, (char *)data.data, data.length, NULL), SIL_OK));
    cr_expect(eq(int, sil_note_verify(&note, &witness, &time), SIL_NOTE_GOOD));
    cr_expect(eq(u64, time, COSIGNED));
    sil_bytes_clear(&data);
}

/* --- form --- */

static const struct {
    const char *name;
    const char *data;
    bool accepted;
} FORMS[] = {
    {"blank lines in the text",   "a\n\nb\n\n" DASH "n AAAAAAA=\n",            true },
    {"an empty line as the text", "\n\n" DASH "n AAAAAAA=\n",                  false},
    {"a text of blank lines",     "\n\n\n" DASH "n AAAAAAA=\n",                true },
    {"no text",                   "\n" DASH "n AAAAAAA=\n",                    false},
    {"nothing",                   "",                                          false},
    {"no signatures",             "a\n\n",                                     false},
    {"no blank line",             "a\n" DASH "n AAAAAAA=\n",                   false},
    {"no final newline",          "a\n\n" DASH "n AAAAAAA=",                   false},
    {"a line of something else",  "a\n\n" DASH "n AAAAAAA=\nx\n",              false},
    {"a hyphen for the dash",     "a\n\n- n AAAAAAA=\n",                       false},
    {"an en dash",                "a\n\n\xe2\x80\x93 n AAAAAAA=\n",            false},
    {"a dash without a blank",    "a\n\n\xe2\x80\x94n AAAAAAA=\n",             false},
    {"no name",                   "a\n\n" DASH " AAAAAAA=\n",                  false},
    {"a plus in the name",        "a\n\n" DASH "a+b AAAAAAA=\n",               false},
    {"a no-break space",
     "a\n\n" DASH "a\xc2\xa0"
     "b AAAAAAA=\n",                                                           false},
    {"no signature",              "a\n\n" DASH "n\n",                          false},
    {"an empty signature",        "a\n\n" DASH "n \n",                         false},
    {"a hash and no signature",   "a\n\n" DASH "n AAAAAA==\n",                 false},
    {"two blanks",                "a\n\n" DASH "n  AAAAAAA=\n",                false},
    {"a blank at the end",        "a\n\n" DASH "n AAAAAAA= \n",                false},
    {"no padding",                "a\n\n" DASH "n AAAAAAA\n",                  false},
    {"bits behind the end",       "a\n\n" DASH "n AAAAAAB=\n",                 false},
    {"padding in the middle",     "a\n\n" DASH "n AAAAAAA=AAAA\n",             false},
    {"CR LF",                     "a\r\n\r\n" DASH "n AAAAAAA=\r\n",           false},
    {"a tab in the text",         "a\tb\n\n" DASH "n AAAAAAA=\n",              false},
    {"not UTF-8",                 "a\xff\n\n" DASH "n AAAAAAA=\n",             false},
    {"an overlong form",          "a\xc0\xaf\n\n" DASH "n AAAAAAA=\n",         false},
    {"a surrogate",               "a\xed\xa0\x80\n\n" DASH "n AAAAAAA=\n",     false},
    {"beyond Unicode",            "a\xf4\x90\x80\x80\n\n" DASH "n AAAAAAA=\n", false},
    {"the last of Unicode",       "a\xf4\x8f\xbf\xbf\n\n" DASH "n AAAAAAA=\n", true },
    {"a verse",
     "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n\xc3\xa8\n\n" DASH
     "quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+Eh"
     "fLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n",                        true },
};

Test(note, must_have_the_one_form)
{
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++) {
        cr_expect(
            eq(int, parses(FORMS[i].data, strlen(FORMS[i].data)), FORMS[i].accepted),
            "%s", FORMS[i].name);
    }
    cr_expect(not(parses(TEXT_AND_LENGTH("a\0b\n\n" DASH "n AAAAAAA=\n"))));
}

Test(note, may_have_64_signatures)
{
    struct sil_bytes data = {0};
    cr_assert(eq(int, sil_bytes_printf(&data, NULL, "%s\n", PETER_TEXT), SIL_OK));
    for (int i = 0; i < SIL_NOTE_SIGNATURES_MAX; i++) {
        cr_assert(eq(int, sil_bytes_printf(&data, NULL, "%s", PETER_LINE), SIL_OK));
    }
    cr_expect(parses((char *)data.data, data.length));
    cr_assert(eq(int, sil_bytes_printf(&data, NULL, "%s", PETER_LINE), SIL_OK));
    cr_expect(not(parses((char *)data.data, data.length)));
    sil_bytes_clear(&data);
}

/* ML-DSA-44, say: 2,420 bytes and more. Not ours, so ignored; but it must be base64. */
Test(note, may_have_long_signatures_by_others)
{
    for (size_t n = 5; n < 4000; n += 7) {
        struct sil_note note;
        struct sil_bytes data = {0};
        struct sil_note_key peter = key_of(PETER_KEY);
        size_t padding = (3 - n % 3) % 3;
        cr_assert(
            eq(int,
               sil_bytes_printf(&data, NULL,
                                PETER_TEXT "\n" PETER_LINE DASH "other.example/pq "),
               SIL_OK));
        for (size_t i = 0; i < (n + 2) / 3 * 4; i++) {
            bool is_end = i >= (n + 2) / 3 * 4 - padding;
            cr_assert(
                eq(int, sil_bytes_append(&data, is_end ? "=" : "A", 1, NULL), SIL_OK));
        }
        cr_assert(eq(int, sil_bytes_append(&data, "\n", 1, NULL), SIL_OK));
        cr_assert(eq(int, sil_note_parse(&note, (char *)data.data, data.length, NULL),
                     SIL_OK),
                  "%zu", n);
        size_t kept = n == 68 || n == 76 ? n - 4 : 0;
        cr_expect(eq(sz, note.line[1].signature_length, kept), "%zu", n);
        cr_expect(eq(int, sil_note_verify(&note, &peter, NULL), SIL_NOTE_GOOD));
        data.data[data.length - 2 - padding] = '-';
        cr_expect(not(parses((char *)data.data, data.length)), "%zu", n);
        sil_bytes_clear(&data);
    }
}

Test(note, of_more_than_65535_bytes_is_refused)
{
    static const char END[] = "\n\n" DASH "n AAAAAAA=\n";
    char *data = malloc(SIL_NOTE_BYTES_MAX + 1);
    cr_assert(ne(ptr, data, NULL));
    for (size_t length = SIL_NOTE_BYTES_MAX; length <= SIL_NOTE_BYTES_MAX + 1;
         length++) {
        (void)memset(data, 'x', length);
        (void)memcpy(data + length - (sizeof END - 1), END, sizeof END - 1);
        cr_expect(eq(int, parses(data, length), length == SIL_NOTE_BYTES_MAX));
    }
    free(data);
}

Test(note, cannot_be_signed_over_a_text_that_it_cannot_hold)
{
    static const char *const TEXTS[] = {"", "a", "a\nb", "a\tb\n", "\xff\n", "a\r\n"};
    struct sil_note_key key = key_of(LOG_KEY);
    struct sil_secret_key *secret = seeded_key(LOG);
    struct sil_bytes out = {0};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        cr_expect(
            eq(int,
               sil_note_sign(&out, TEXTS[i], strlen(TEXTS[i]), &key, secret, 0, NULL),
               SIL_ERR_USAGE),
            "%zu", i);
    }
    cr_expect(eq(sz, out.length, 0));
    sil_secret_key_free(secret);
}
