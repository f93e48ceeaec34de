// SPDX-License-Identifier: Apache-2.0
#include "note_kit.h"

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
