// SPDX-License-Identifier: Apache-2.0
#include "note_kit.h"

static const uint64_t COSIGNED = 1790006460;

static enum sil_note_verdict verdict_on(const char *data, const char *key_text)
{
    struct sil_note note;
    struct sil_note_key key = key_of(key_text);
    cr_assert(eq(int, sil_note_parse(&note, data, strlen(data), NULL), SIL_OK), "%s",
              data);
    return sil_note_verify(&note, &key, NULL);
}

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
