// SPDX-License-Identifier: Apache-2.0
#include "note_kit.h"

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
