// SPDX-License-Identifier: Apache-2.0
#include "crypto/base64.h"
#include "crypto_kit.h"

static const char ALPHABET[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648, section 10. */
static const struct {
    const char *bytes;
    const char *text;
} CASES[] = {
    {"",       ""        },
    {"f",      "Zg=="    },
    {"fo",     "Zm8="    },
    {"foo",    "Zm9v"    },
    {"foob",   "Zm9vYg=="},
    {"fooba",  "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static char *printed(const void *data, size_t length)
{
    struct sil_bytes out = {0};
    cr_assert(eq(int, sil_base64_print(&out, data, length, NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&out, "", 1, NULL), SIL_OK));
    return (char *)out.data;
}

Test(base64, agrees_with_the_rfc)
{
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char out[8];
        size_t n = strlen(CASES[i].bytes);
        char *text = printed(CASES[i].bytes, n);
        cr_expect(zero(int, strcmp(text, CASES[i].text)));
        cr_expect(sil_base64_parse(out, n, CASES[i].text, strlen(CASES[i].text)));
        cr_expect(zero(int, memcmp(out, CASES[i].bytes, n)));
        free(text);
    }
}

Test(base64, comes_back_at_every_length)
{
    uint8_t data[300];
    uint8_t out[300];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 151 + 7);
    }
    for (size_t n = 0; n <= sizeof data; n++) {
        char *text = printed(data, n);
        size_t length = strlen(text);
        cr_assert(eq(sz, length, (n + 2) / 3 * 4));
        cr_assert(sil_base64_parse(out, n, text, length), "%zu", n);
        cr_assert(zero(int, memcmp(out, data, n)), "%zu", n);
        free(text);
    }
}

Test(base64, is_appended_to_what_is_there)
{
    struct sil_bytes out = {0};
    cr_assert(eq(int, sil_bytes_append(&out, "key ", 4, NULL), SIL_OK));
    cr_assert(eq(int, sil_base64_print(&out, "foo", 3, NULL), SIL_OK));
    cr_expect(eq(sz, out.length, 8));
    cr_expect(zero(int, memcmp(out.data, "key Zm9v", 8)));
    sil_bytes_clear(&out);
}

/* All texts of two characters and "==": one for each byte is accepted, that which printing
 * gives. The same with three characters and "=". */
Test(base64, has_one_text_for_each_value)
{
    char text[4];
    uint8_t out[2];
    size_t accepted[2] = {0};
    for (size_t i = 0; i < (size_t)64 * 64 * 64; i++) {
        text[0] = ALPHABET[i % 64];
        text[1] = ALPHABET[i / 64 % 64];
        text[2] = ALPHABET[i / 4096];
        text[3] = '=';
        accepted[1] += sil_base64_parse(out, 2, text, 4);
        if (i < 4096) {
            text[2] = '=';
            accepted[0] += sil_base64_parse(out, 1, text, 4);
        }
    }
    cr_expect(eq(sz, accepted[0], 256));
    cr_expect(eq(sz, accepted[1], 65536));
}

/* Text, the bytes it is asked for. */
static const struct {
    const char *text;
    size_t n;
} WRONG[] = {
    {"",             1},
    {"Zg",           1}, /* no padding */
    {"Zg=",          1},
    {"Zg===",        1},
    {"Zg====",       1},
    {"Zg==",         0},
    {"Zg==",         2},
    {"Zg==",         3},
    {"Zh==",         1}, /* bits behind the end */
    {"Zm8",          2},
    {"Zm8==",        2},
    {"Zm9=",         2},
    {"Zm9v",         2},
    {"Zm9v",         4},
    {"Zm9v=",        3},
    {"Zm9v====",     3},
    {"Zm9v====",     4},
    {"====",         0},
    {"====",         1},
    {"A===",         1},
    {"=m9v",         3},
    {"Z=9v",         3},
    {"Zg==Zg==",     2}, /* padding in the middle */
    {"Zg==Zg==",     4},
    {" Zm9v",        3},
    {"Zm9v ",        3},
    {"Zm9v\n",       3},
    {"Zm\n9v",       3},
    {"Zm9v\r\n",     3},
    {"Zm9-",         3}, /* the alphabet of URLs */
    {"Zm9_",         3},
    {"Zm9*",         3},
    {"Z\xc3\xa9v",   3},
    {"Zm9vYmE= ",    5},
    {"Zm9v\nYmE=\n", 5},
};

Test(base64, refuses_everything_but_the_one_text)
{
    uint8_t out[8];
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        size_t length = strlen(WRONG[i].text);
        char *text = exact_copy(WRONG[i].text, length);
        cr_expect(not(sil_base64_parse(out, WRONG[i].n, text, length)), "%zu: '%s'", i,
                  WRONG[i].text);
        free(text);
    }
    cr_expect(not(sil_base64_parse(out, 3, "Zm\0v", 4)));
}

/* A changed character gives other bytes or nothing, never the same bytes. */
Test(base64, never_reads_a_changed_text_as_the_same_bytes)
{
    uint8_t data[64];
    uint8_t out[64];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 37 + 11);
    }
    char *text = printed(data, sizeof data);
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at++) {
        char kept = text[at];
        for (int change = 1; change < 256; change++) {
            text[at] = (char)((unsigned char)kept ^ change);
            cr_assert(not(sil_base64_parse(out, sizeof out, text, length) &&
                          memcmp(out, data, sizeof data) == 0),
                      "character %zu changed by %d", at, change);
        }
        text[at] = kept;
    }
    free(text);
}
