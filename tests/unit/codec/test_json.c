// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdbool.h>
#include <string.h>

/* cr_expect(eq(str, ...)) wants pointers to what may be written. */
static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static sil_status parse(json_t **out, const char *text, struct sil_error *err)
{
    return sil_json_parse(out, text, strlen(text), "the text", err);
}

static const struct refusal {
    const char *text;
    const char *message;
} REFUSALS[] = {
    {"",                           "the text is empty"                                        },
    {" \t\r\n",                    "the text is empty"                                        },
    {"\xEF\xBB\xBF",               "the text is empty"                                        },
    {"[1e308]",                    "the text, line 1, column 2: the number is too large"      },
    {"[-1.5e-308]",                "the text, line 1, column 2: the number is too close"      },
    {"{\"a\\u0000\": 1}",          "the text, line 1, column 10: the character \\u0000 cannot"},
    {"{\"a\": 1, \"a\": 2}",       "the text, line 1, column 12: duplicate object key"        },
    {"[1,]",                       "the text, line 1, column 4: unexpected token"             },
    {"[\n  0.1234567890123456\n]",
     "the text, line 2, column 3: a number of more digits"                                    },
    {"[1e101]",                    "the text, line 1, column 2: the number is too large"      },
    {"[99999999999999999999]",     "the text, line 1, column 21: too big integer"             },
    {"[\"\\u0000\"]",              "the text, line 1, column 9: the character \\u0000 cannot" },
    {"[\"\xff\"]",                 "the text, line 1, column 2: unable to decode byte"        },
    {"{\"a\": 1} x",               "the text, line 1, column 10: end of file expected"        },
};

Test(json, refuses_with_line_and_column)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        json_t *value;
        struct sil_error err = {{0}};

        sil_status status = parse(&value, REFUSALS[i].text, &err);

        cr_expect(eq(int, status, SIL_ERR_INPUT), "%s", REFUSALS[i].text);
        cr_expect(zero(ptr, value));
        cr_expect(strstr(err.text, REFUSALS[i].message) == err.text, "%s\n  gave: %s",
                  REFUSALS[i].text, err.text);
    }
}

static void nest(char *text, size_t depth)
{
    (void)memset(text, '[', depth);
    (void)memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
}

Test(json, refuses_nesting_beyond_the_limit_and_accepts_the_limit)
{
    char text[2 * SIL_JSON_DEPTH_MAX + 8];
    json_t *value;
    struct sil_error err;

    nest(text, SIL_JSON_DEPTH_MAX);
    cr_expect(eq(int, parse(&value, text, &err), SIL_OK));
    json_decref(value);
    nest(text, SIL_JSON_DEPTH_MAX + 1);
    cr_expect(eq(int, parse(&value, text, &err), SIL_ERR_INPUT));
    cr_expect(strstr(err.text, "nested too deeply") != NULL);
}

Test(json, brackets_and_digits_in_strings_do_not_count)
{
    json_t *value;
    struct sil_error err;

    sil_status status =
        parse(&value, "[\"[[[[ \\\" 0.12345678901234567890 ]\", \"\\\\\", 7]", &err);

    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
    cr_expect(eq(sz, json_array_size(value), 3));
    json_decref(value);
}

Test(json, skips_a_byte_order_mark)
{
    json_t *value;
    cr_expect(eq(int, parse(&value, "\xEF\xBB\xBF{}", NULL), SIL_OK));
    json_decref(value);
}

Test(json, refuses_a_text_above_the_size_limit_unread)
{
    json_t *value;
    struct sil_error err;
    cr_expect(eq(int, sil_json_parse(&value, "", SIL_JSON_BYTES_MAX + 1, "it", &err),
                 SIL_ERR_INPUT));
    cr_expect(eq(str, err.text, "it is larger than 16777216 bytes"));
}

static const struct decimal {
    const char *json;
    const char *text; ///< NULL: not a decimal
} DECIMALS[] = {
    {"0.1",                    "0.1"                 },
    {"-0.524499215429881",     "-0.524499215429881"  },
    {"123456789012345.0",      "123456789012345"     },
    {"9223372036854775807",    "9223372036854775807" },
    {"-9223372036854775808",   "-9223372036854775808"},
    {"1e22",                   "1e+22"               },
    {"2.5E-3",                 "0.0025"              },
    {"\"0.1234567890123456\"", "0.1234567890123456"  },
    {"\"1.50\"",               "1.50"                },
    {"1.50",                   "1.5"                 },
    {"true",                   NULL                  },
    {"[1]",                    NULL                  },
};

Test(json, decimals_come_back_as_they_were_written)
{
    for (size_t i = 0; i < sizeof DECIMALS / sizeof DECIMALS[0]; i++) {
        char buffer[SIL_JSON_DECIMAL_BYTES];
        json_t *value;
        cr_assert(eq(int, parse(&value, DECIMALS[i].json, NULL), SIL_OK));

        const char *text = sil_json_decimal(value, buffer);

        cr_expect(same(text, DECIMALS[i].text), "%s", DECIMALS[i].json);
        json_decref(value);
    }
}

/* Every decimal of 15 digits must survive: 10^5 of them, spread over the exponents. */
Test(json, every_decimal_of_fifteen_digits_survives)
{
    uint64_t state = 20260101;
    for (int i = 0; i < 100000; i++) {
        char written[64];
        char buffer[SIL_JSON_DECIMAL_BYTES];
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t digits = 100000000000000 + (state >> 11) % 900000000000000;
        digits -= digits % 10 == 0;
        int places = (int)(state % 15);
        uint64_t power = 1;
        for (int p = 0; p < places; p++) {
            power *= 10;
        }
        (void)snprintf(written, sizeof written, "%llu.%0*llu",
                       (unsigned long long)(digits / power), places,
                       (unsigned long long)(digits % power));
        if (places == 0) {
            continue;
        }
        json_t *value;
        cr_assert(eq(int, parse(&value, written, NULL), SIL_OK), "%s", written);
        cr_assert(same(sil_json_decimal(value, buffer), written), "%s", written);
        json_decref(value);
    }
}

Test(json, asks_whether_a_near_name_was_meant)
{
    static const char *const names[] = {"minimum", "maximum", "enum", "required"};
    json_t *value;
    struct sil_error err;
    cr_assert(eq(int, parse(&value, "{\"enum\": 1, \"requird\": true}", NULL), SIL_OK));

    sil_status status = sil_json_check_keys(value, "here", names, 4, &err);

    cr_expect(eq(int, status, SIL_ERR_INPUT));
    cr_expect(eq(str, err.text,
                 "here: unknown property \"requird\"; did you mean \"required\"?"));
    json_decref(value);
    cr_expect(same(sil_json_misspelt("enum", names, 4), NULL));
    cr_expect(same(sil_json_misspelt("colour", names, 4), NULL));
    cr_expect(same(sil_json_misspelt("Minimun", names, 4), "minimum"));
    cr_expect(same(sil_json_misspelt("enmu", names, 4), "enum"));
}

Test(json, dumps_in_the_order_of_setting_and_escapes)
{
    struct sil_bytes out = {0};
    json_t *value;
    cr_assert(
        eq(int, parse(&value, "{\"z\": [1, \"a\\\"b\"], \"a\": null}", NULL), SIL_OK));

    cr_expect(eq(int, sil_json_dump(&out, value, NULL), SIL_OK));
    cr_expect(eq(int, sil_json_append_string(&out, "t\n\"", 3, NULL), SIL_OK));
    cr_expect(eq(int, sil_json_append_string(&out, "\xff", 1, NULL), SIL_ERR_INPUT));
    cr_expect(eq(int, sil_bytes_append(&out, "", 1, NULL), SIL_OK));

    cr_expect(eq(str, (char *)out.data,
                 "{\n  \"z\": [\n    1,\n    \"a\\\"b\"\n  ],\n  \"a\": null\n}\n"
                 "\"t\\n\\\"\""));
    sil_bytes_clear(&out);
    json_decref(value);
}
