// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.h"
#include "ledger/data_commit.h"
#include "support/temp_file.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sodium.h>

#include <stdlib.h>
#include <string.h>

static struct sil_data_key key_of(uint8_t byte)
{
    struct sil_data_key key;
    memset(key.bytes, byte, sizeof key.bytes);
    return key;
}

/* The commitment to a file with these bytes, in hex. */
struct hex {
    char text[2 * SIL_DATA_COMMIT_BYTES + 1];
};

static struct hex commit_bytes(const void *data, size_t length, char delimiter,
                               uint8_t key_byte)
{
    struct test_file file = test_file_new(data, length);
    struct sil_data_key key = key_of(key_byte);
    struct sil_error err = {{0}};
    uint8_t commit[SIL_DATA_COMMIT_BYTES];
    struct hex hex;
    cr_assert(
        eq(int, sil_data_commit_file(commit, file.path, delimiter, &key, &err), SIL_OK),
        "%s", err.text);
    sil_hash_hex(hex.text, commit);
    test_file_remove(&file);
    return hex;
}

static struct hex commit_text(const char *text)
{
    return commit_bytes(text, strlen(text), ',', 0x77);
}

/* The definition, with the canonical text written out by hand. */
static struct hex commit_of_canonical(const char *canonical)
{
    static const char LABEL[] = "silhouette/data/v1\n";
    uint8_t message[sizeof LABEL - 1 + crypto_hash_sha256_BYTES];
    uint8_t commit[SIL_DATA_COMMIT_BYTES];
    struct sil_data_key key = key_of(0x77);
    struct hex hex;
    memcpy(message, LABEL, sizeof LABEL - 1);
    crypto_hash_sha256(message + sizeof LABEL - 1, (const uint8_t *)canonical,
                       strlen(canonical));
    crypto_generichash(commit, sizeof commit, message, sizeof message, key.bytes,
                       sizeof key.bytes);
    sil_hash_hex(hex.text, commit);
    return hex;
}

Test(data_commit, is_that_of_the_published_vector)
{
    struct hex hex = commit_text("a,b\n1,2\n");

    cr_expect(eq(str, hex.text,
                 "891c0402c84503c23cdd683161d5e26ed66b64b5812b79e90a107d802655ee88"));
}

/* Ways to write one table: each must be committed to as the first. */
static const struct same_case {
    const char *name;
    const char *text;
    char delimiter;
} SAME[] = {
    {"no newline at the end", "a,b\n1,2",           ',' },
    {"CRLF",                  "a,b\r\n1,2\r\n",     ',' },
    {"CRLF, none at the end", "a,b\r\n1,2",         ',' },
    {"a byte order mark",
     "\xEF\xBB\xBF"
     "a,b\n1,2\n",                                  ',' },
    {"needless quotes",       "\"a\",b\n1,\"2\"\n", ',' },
    {"semicolons",            "a;b\n1;2\n",         ';' },
    {"tabs",                  "a\tb\n1\t2\n",       '\t'},
};

Test(data_commit, does_not_depend_on_how_the_file_is_written)
{
    struct hex first = commit_text("a,b\n1,2\n");
    for (size_t i = 0; i < sizeof SAME / sizeof SAME[0]; i++) {
        struct hex hex =
            commit_bytes(SAME[i].text, strlen(SAME[i].text), SAME[i].delimiter, 0x77);
        cr_expect(eq(str, hex.text, first.text), "%s", SAME[i].name);
    }
}

/* Other tables. */
static const struct other_case {
    const char *name;
    const char *text;
} OTHER[] = {
    {"another value",        "a,b\n1,3\n"        },
    {"another name",         "a,c\n1,2\n"        },
    {"columns swapped",      "b,a\n2,1\n"        },
    {"one more column",      "a,b,c\n1,2,3\n"    },
    {"one more row",         "a,b\n1,2\n1,2\n"   },
    {"one more blank",       "a,b\n1,2 \n"       },
    {"one row fewer",        "a,b\n"             },
    {"a comma in one field", "a,b\n\"1,2\"\n"    },
    {"a newline in a field", "a,b\n1,\"2\n\"\n"  },
    {"a quote in a field",   "a,b\n1,\"\"\"2\"\n"},
    {"an empty field",       "a,b\n1,\n"         },
    {"an empty line",        "a,b\n1,2\n\n"      },
};

Test(data_commit, tells_tables_apart)
{
    enum { N = sizeof OTHER / sizeof OTHER[0] };

    struct hex hex[N + 1];
    for (size_t i = 0; i < N; i++) {
        hex[i] = commit_text(OTHER[i].text);
    }
    hex[N] = commit_text("a,b\n1,2\n");
    for (size_t i = 0; i <= N; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_expect(ne(str, hex[i].text, hex[j].text), "%s, and %s", OTHER[j].name,
                      i < N ? OTHER[i].name : "the table itself");
        }
    }
}

Test(data_commit, canonical_text_is_the_one_defined)
{
    struct hex hex =
        commit_text("\xEF\xBB\xBFname;x,\" blank \",\"he said \"\"no\"\"\"\r\n"
                    "\"one, two\",\"line\nbreak\",,\"cr\rin\"\r\n"
                    "\xC3\xA9,\"\",' ,\"plain\"");

    struct hex canonical =
        commit_of_canonical("name;x, blank ,\"he said \"\"no\"\"\"\n"
                            "\"one, two\",\"line\nbreak\",,\"cr\rin\"\n"
                            "\xC3\xA9,,' ,plain\n");
    cr_expect(eq(str, hex.text, canonical.text));
}

/* A field beyond every buffer on the way, with a quote in it: canonical as it stands. */
Test(data_commit, covers_long_fields_whole)
{
    enum { HALF = 40000, END = 2 * HALF };

    char *text = malloc(END + 8);
    cr_assert(ne(ptr, text, NULL));
    memset(text, 'x', END);
    memcpy(text, "a\n\"", 3);
    memcpy(text + HALF, "\"\"", 2);
    strcpy(text + END, "\"\n");

    cr_expect(eq(str, commit_text(text).text, commit_of_canonical(text).text));
    free(text);
}

Test(data_commit, depends_on_the_key)
{
    struct hex one = commit_bytes("a\n1\n", 4, ',', 1);
    struct hex two = commit_bytes("a\n1\n", 4, ',', 2);

    cr_expect(ne(str, one.text, two.text));
}

Test(data_commit, refuses_a_file_without_a_header)
{
    struct test_file file = test_file_text("");
    struct sil_data_key key = key_of(1);
    struct sil_error err = {{0}};
    uint8_t commit[SIL_DATA_COMMIT_BYTES];

    cr_expect(eq(int, sil_data_commit_file(commit, file.path, ',', &key, &err),
                 SIL_ERR_INPUT));

    cr_expect(ne(ptr, strstr(err.text, "is empty"), NULL), "%s", err.text);
    test_file_remove(&file);
}

Test(data_commit, zeros_are_nothing)
{
    uint8_t commit[SIL_DATA_COMMIT_BYTES] = {0};
    cr_expect(sil_data_commit_is_nothing(commit));
    commit[31] = 1;
    cr_expect(not(sil_data_commit_is_nothing(commit)));
}
