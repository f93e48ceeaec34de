// SPDX-License-Identifier: Apache-2.0
/* Fields by example: what a text is encoded to, and what a code is written as. The rules
 * are those of docs/schema.md. */
#include "table/schema.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

enum { DROP = -1, TEXTS_MAX = 12 };

static struct sil_schema *parse(const char *field)
{
    char json[2048];
    struct sil_schema *schema;
    struct sil_error err;
    (void)snprintf(json, sizeof json, "{\"fields\": [%s]}", field);
    sil_status status = sil_schema_parse(&schema, json, strlen(json), &err);
    cr_assert(eq(int, status, SIL_OK), "%s\n%s", json, err.text);
    return schema;
}

static const struct encoding {
    const char *name;
    const char *field;
    unsigned cells;

    struct {
        const char *text;
        int code;
    } texts[TEXTS_MAX];
} ENCODINGS[] = {
    {"a closed set, nullable: unknown values become null",
     "{\"name\": \"x\", \"type\": \"string\", \"categories\": [\"a\", \"b\"]}",                                                                                                                            3,
     {{"a", 0}, {"b", 1}, {"", 2}, {"c", 2}, {" a", 2}, {"A", 2}}                                                                                                                                                                                                                          },
    {"a closed set, required: unknown and missing values drop the row",
     "{\"name\": \"x\", \"type\": \"string\", \"categories\": [\"a\", \"b\"], "
     "\"constraints\": {\"required\": true}}",                                                                                                                                                             2,
     {{"a", 0}, {"b", 1}, {"", DROP}, {"c", DROP}}                                                                                                                                                                                                                                         },
    {"a closed set with other, and labels",
     "{\"name\": \"x\", \"type\": \"string\", \"categories\": [{\"value\": \"1\", "
     "\"label\": \"one\"}, {\"value\": \"2\"}], \"silhouette\": {\"outside\": "
     "\"other\", \"other\": \"else\"}}",                                                                                                                                                                   4,
     {{"1", 0}, {"2", 1}, {"3", 2}, {"else", 2}, {"one", 2}, {"", 3}}                                                                                                                                                                                                                      },
    {"required with other: the missing value is another one",
     "{\"name\": \"x\", \"type\": \"string\", \"categories\": [\"a\"], "
     "\"constraints\": {\"required\": true}, \"silhouette\": {\"outside\": \"other\"}}",                                                                                                                   2,
     {{"a", 0}, {"other", 1}, {"", 1}, {"z", 1}}                                                                                                                                                                                                                                           },
    {"integer categories are compared as numbers",
     "{\"name\": \"x\", \"type\": \"integer\", \"categories\": [1, \"20\", 3]}",                                                                                                                           4,
     {{"1", 0},
      {"01", 0},
      {"1.0", 0},
      {"+1", 0},
      {"2e1", 1},
      {"20.5", 3},
      {" 3 ", 2},
      {"4", 3},
      {"x", 3}}                                                                                                                                                                                                                                                                            },
    {"number enum with a decimal comma",
     "{\"name\": \"x\", \"type\": \"number\", \"decimalChar\": \",\", \"constraints\": "
     "{\"enum\": [\"73.0\", 16.25]}}",                                                                                                                                                                     3,
     {{"73,0", 0}, {"73", 0}, {"16,25", 1}, {"16.25", 2}, {"16,251", 2}}                                                                                                                                                                                                                   },
    {"booleans, by the standard's spellings",
     "{\"name\": \"x\", \"type\": \"boolean\"}",                                                                                                                                                           3,
     {{"false", 0}, {"0", 0}, {"True", 1}, {"1", 1}, {"yes", 2}, {"", 2}}                                                                                                                                                                                                                  },
    {"booleans, by declared spellings",
     "{\"name\": \"x\", \"type\": \"boolean\", \"trueValues\": [\"Y\"], "
     "\"falseValues\": [\"N\", \"no\"], \"constraints\": {\"required\": true}}",                                                                                                                           2,
     {{"N", 0}, {"no", 0}, {"Y", 1}, {"true", DROP}}                                                                                                                                                                                                                                       },
    {"one cell per integer by default when there are few",
     "{\"name\": \"x\", \"type\": \"integer\", \"constraints\": {\"minimum\": -1, "
     "\"maximum\": 2}}",                                                                                                                                                                                   5,
     {{"-1", 0},
      {"0", 1},
      {"-0", 1},
      {"2", 3},
      {"3", 3},
      {"-2", 0},
      {"", 4},
      {"1.5", 4},
      {"99999999999999999999999999999999999999999999", 3},
      {"-1e400", 0},
      {"NaN", 4},
      {"1 2", 4}}                                                                                                                                                                                                                                                                          },
    {"32 bins by default when there are many",
     "{\"name\": \"x\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0, "
     "\"maximum\": 128, \"required\": true}}",                                                                                                                                                             32,
     {{"0", 0}, {"3", 0}, {"4", 1}, {"127", 31}, {"128", 31}, {"x", DROP}}                                                                                                                                                                                                                 },
    {"equal widths are half-open and the last is closed",
     "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"minimum\": 0, "
     "\"maximum\": 1}, \"silhouette\": {\"bins\": 10, \"outside\": \"null\"}}",                                                                                                                            11,
     {{"0", 0},
      {"0.1", 1},
      {"0.0999999999999999999999999999999999999999999999", 0},
      {"0.3", 3},
      {"0.29", 2},
      {"1", 9},
      {"1.0000", 9},
      {"1.00000000000000000000000000000000000000001", 10},
      {"-1e-300", 10},
      {".5", 5},
      {"5.e-1", 5},
      {"1e", 10}}                                                                                                                                                                                                                                                                          },
    {"edges are half-open and the last bin is closed",
     "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"required\": true}, "
     "\"silhouette\": {\"bins\": [0, \"0.5\", 10], \"outside\": \"drop\"}}",                                                                                                                               2,
     {{"0", 0},
      {"0.499999999999999999999999999999999999", 0},
      {"0.5", 1},
      {"10", 1},
      {"10.1", DROP},
      {"-0.1", DROP},
      {"?", DROP}}                                                                                                                                                                                                                                                                         },
    {"the last edge twice: a bin of one value",
     "{\"name\": \"x\", \"type\": \"integer\", \"silhouette\": {\"bins\": "
     "[0, 1, 50, 99, 99]}}",                                                                                                                                                                               5,
     {{"0", 0}, {"1", 1}, {"98", 2}, {"99", 3}, {"100", 3}}                                                                                                                                                                                                                                },
    {"dates",
     "{\"name\": \"x\", \"type\": \"date\", \"silhouette\": {\"bins\": "
     "[\"2000-02-28\", \"2000-03-01\", \"2001-01-01\"]}}",                                                                                                                                                 3,
     {{"2000-02-28", 0},
      {"2000-02-29", 0},
      {"2000-03-01", 1},
      {"2001-01-01", 1},
      {"2001-02-29", 2},
      {"1999-12-31", 0},
      {"9999-12-31", 1},
      {"2000-2-28", 2},
      {"0000-01-01", 2},
      {"2000-13-01", 2}}                                                                                                                                                                                                                                                                   },
    {"times, with offsets and fractions",
     "{\"name\": \"x\", \"type\": \"datetime\", \"silhouette\": {\"bins\": "
     "[\"2000-01-01T00:00:00Z\", \"2000-01-01T12:00:00Z\", "
     "\"2000-01-02T00:00:00Z\"]}}",                                                                                                                                                                        3,
     {{"2000-01-01T00:00:00Z", 0},
      {"2000-01-01 11:59:59.999", 0},
      {"2000-01-01T12:00:00", 1},
      {"2000-01-01T13:00:00+02:00", 0},
      {"2000-01-01T11:00:00-02:00", 1},
      {"2000-01-01T24:00:00", 2},
      {"2000-01-01T10:00", 2},
      {"2000-01-01", 2},
      {"2000-01-02T00:00:00.5", 1}}                                                                                                                                                                                                                                                        },
    {"atoms are cut out of equal bins",
     "{\"name\": \"x\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0, \"maximum\": 99}, \"silhouette\": {\"bins\": 2, \"atoms\": [0, 40, 99]}}",
     7,                                                                                                                                                                                                        {{"0", 0},
      {"-3", 0},
      {"1", 1},
      {"39", 1},
      {"40", 2},
      {"41", 3},
      {"49", 3},
      {"50", 4},
      {"98", 4},
      {"99", 5},
      {"1000", 5},
      {"", 6}}                                                                                                                                                                                                                                                                      },
    {"an atom at an edge, two that meet, the last number but one",
     "{\"name\": \"x\", \"type\": \"integer\", \"constraints\": {\"required\": true}, \"silhouette\": {\"bins\": [0, 5, 10, 20], \"atoms\": [5, 6, 19]}}",
     7,                                                                                                                                                                                                        {{"4", 0},
      {"5", 1},
      {"6", 2},
      {"7", 3},
      {"9", 3},
      {"10", 4},
      {"18", 4},
      {"19", 5},
      {"20", 6}}                                                                                                                                                                                                                                                                    },
    {"an atom is a number of the resolution and what lies before the next",
     "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"minimum\": 0, \"maximum\": 10, \"required\": true}, \"silhouette\": {\"bins\": 1, \"granularity\": \"0.5\", \"atoms\": [0, \"2.5\"]}}",
     4,                                                                                                                                                                                                        {{"0", 0},
      {"0.09", 0},
      {"0.1", 1},
      {"2.4999", 1},
      {"2.5", 2},
      {"2.59", 2},
      {"2.6", 3},
      {"10", 3}}                                                                                                                                                                                                                                                                    },
    {"finer atoms move the edges of equal bins",
     "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"minimum\": 0, \"maximum\": 1, \"required\": true}, \"silhouette\": {\"bins\": 3, \"granularity\": \"0.001\", \"atoms\": [\"0.125\"]}}",
     5,                                                                                                                                                                                                        {{"0.1249", 0},
      {"0.125", 1},
      {"0.126", 2},
      {"0.3339", 2},
      {"0.334", 3},
      {"0.6669", 3},
      {"0.667", 4}}                                                                                                                                                                                                                                                                 },
    {"days that are atoms",
     "{\"name\": \"x\", \"type\": \"date\", \"constraints\": {\"minimum\": \"2020-01-01\", \"maximum\": \"2020-12-31\", \"required\": true}, \"silhouette\": {\"bins\": 1, \"atoms\": [\"2020-12-24\"]}}",
     3,                                                                                                                                                                                                        {{"2020-12-23", 0}, {"2020-12-24", 1}, {"2020-12-25", 2}, {"2021-05-05", 2}}},
    {"missing values of the field, with labels",
     "{\"name\": \"x\", \"type\": \"integer\", \"missingValues\": [{\"value\": \"-9\", "
     "\"label\": \"refused\"}, \"N\"], \"constraints\": {\"minimum\": 0, \"maximum\": "
     "3}}",                                                                                                                                                                                                5,
     {{"0", 0}, {"-9", 4}, {"N", 4}, {"", 4}, {"-9.0", 0}, {"7", 3}}                                                                                                                                                                                                                       },
};

Test(field, encodes_texts_as_documented)
{
    for (size_t i = 0; i < sizeof ENCODINGS / sizeof ENCODINGS[0]; i++) {
        const struct encoding *e = &ENCODINGS[i];
        struct sil_schema *schema = parse(e->field);
        const struct sil_field *field = sil_schema_field(schema, 0);
        cr_expect(eq(u32, sil_schema_field_cells(schema, 0), e->cells), "%s", e->name);
        for (size_t t = 0; t < TEXTS_MAX && e->texts[t].text != NULL; t++) {
            const char *text = e->texts[t].text;
            uint32_t want =
                e->texts[t].code == DROP ? SIL_CODE_DROP : (uint32_t)e->texts[t].code;
            cr_expect(eq(u32, sil_field_encode(field, text, strlen(text)), want),
                      "%s: \"%s\"", e->name, text);
        }
        sil_schema_free(schema);
    }
}

static const struct decoding {
    const char *name;
    const char *field;
    uint32_t code;
    const char *lowest;  ///< with a word of zeros
    const char *highest; ///< with a word of ones
} DECODINGS[] = {
    {"a category",                                                "{\"name\": \"x\", \"type\": \"string\", \"categories\": [\"a\"]}",
     0,                                                                                                                                   "a",                    "a"                   },
    {"null is the first missing value",
     "{\"name\": \"x\", \"type\": \"string\", \"categories\": [\"a\"], "
     "\"missingValues\": [\"NA\", \"\"]}",                                                                                            1,  "NA",                   "NA"                  },
    {"a boolean is written by its first spelling",
     "{\"name\": \"x\", \"type\": \"boolean\"}",                                                                                      1,  "true",                 "true"                },
    {"integers of a bin",
     "{\"name\": \"x\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0, "
     "\"maximum\": 100}, \"silhouette\": {\"bins\": 10}}",                                                                            9,  "90",                   "100"                 },
    {"integers by the hundred",
     "{\"name\": \"x\", \"type\": \"integer\", \"constraints\": {\"minimum\": -250, "
     "\"maximum\": 1000}, \"silhouette\": {\"bins\": 2, \"granularity\": 100}}",                                                      0,  "-200",                 "300"                 },
    {"the default granularity has a hundred steps a bin or more",
     "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"minimum\": 0, "
     "\"maximum\": 250}, \"silhouette\": {\"bins\": 25}}",                                                                            0,  "0.0",                  "9.9"                 },
    {"the default granularity is at most one",
     "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"minimum\": 0, "
     "\"maximum\": 1e9}}",                                                                                                            31, "968750000",            "1000000000"          },
    {"decimal places are written as the granularity has them",
     "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"minimum\": -5, "
     "\"maximum\": 5}, \"silhouette\": {\"bins\": 2, \"granularity\": \"0.50\"}}",                                                    0,  "-5.00",                "-0.50"               },
    {"a decimal comma",
     "{\"name\": \"x\", \"type\": \"number\", \"decimalChar\": \",\", \"constraints\": "
     "{\"minimum\": \"-0.5\", \"maximum\": 5}, \"silhouette\": {\"bins\": 1, "
     "\"granularity\": 0.25}}",                                                                                                       0,  "-0,50",                "5,00"                },
    {"bounds off the lattice",
     "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"minimum\": "
     "0.524499215429881, \"maximum\": 203.312148691165}, \"silhouette\": {\"bins\": 1, "
     "\"granularity\": \"0.01\"}}",                                                                                                   0,  "0.53",                 "203.31"              },
    {"dates",
     "{\"name\": \"x\", \"type\": \"date\", \"constraints\": {\"minimum\": "
     "\"1899-12-30\", \"maximum\": \"2100-03-01\"}, \"silhouette\": {\"bins\": 1}}",                                                  0,  "1899-12-30",           "2100-03-01"          },
    {"times without a zone",
     "{\"name\": \"x\", \"type\": \"datetime\", \"constraints\": {\"minimum\": "
     "\"1960-01-01T00:00:01\", \"maximum\": \"2020-01-01T00:00:00\"}, \"silhouette\": "
     "{\"bins\": 1, \"granularity\": 60}}",                                                                                           0,  "1960-01-01T00:00:01",  "2019-12-31T23:59:01" },
    {"times with one",
     "{\"name\": \"x\", \"type\": \"datetime\", \"constraints\": {\"minimum\": "
     "\"1960-01-01T00:00:01+00:00\", \"maximum\": \"1960-01-01T00:00:02\"}, "
     "\"silhouette\": {\"bins\": 2}}",                                                                                                1,  "1960-01-01T00:00:02Z", "1960-01-01T00:00:02Z"},
};

static void expect_text(const struct decoding *d, const struct sil_field *field,
                        uint64_t word, const char *want)
{
    struct sil_bytes out = {0};
    cr_expect(eq(int, sil_field_decode(&out, field, d->code, word, NULL), SIL_OK));
    cr_expect(out.length == strlen(want) && memcmp(out.data, want, out.length) == 0,
              "%s: %.*s, not %s", d->name, (int)out.length, (const char *)out.data,
              want);
    sil_bytes_clear(&out);
}

Test(field, decodes_codes_as_documented)
{
    for (size_t i = 0; i < sizeof DECODINGS / sizeof DECODINGS[0]; i++) {
        const struct decoding *d = &DECODINGS[i];
        struct sil_schema *schema = parse(d->field);
        expect_text(d, sil_schema_field(schema, 0), 0, d->lowest);
        expect_text(d, sil_schema_field(schema, 0), UINT64_MAX, d->highest);
        sil_schema_free(schema);
    }
}

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static const struct complaint {
    const char *text;
    const char *words; ///< NULL: accepted
} COMPLAINTS[] = {
    {"3",     NULL                              },
    {"",      NULL                              },
    {"else",  NULL                              },
    {"-1",    "below the minimum"               },
    {"11",    "above the maximum"               },
    {"three", "not a value of the declared type"},
    {"3.5",   "not a value of the declared type"},
};

Test(field, complains_without_the_value)
{
    struct sil_schema *schema = parse(
        "{\"name\": \"x\", \"type\": \"integer\", \"constraints\": {\"minimum\": "
        "0, \"maximum\": 10}, \"silhouette\": {\"outside\": \"other\", \"other\": "
        "\"else\"}}");
    const struct sil_field *field = sil_schema_field(schema, 0);
    for (size_t i = 0; i < sizeof COMPLAINTS / sizeof COMPLAINTS[0]; i++) {
        const char *text = COMPLAINTS[i].text;
        const char *words = sil_field_complaint(field, text, strlen(text));
        cr_expect(same(words, COMPLAINTS[i].words), "\"%s\": %s", text,
                  words == NULL ? "accepted" : words);
        cr_expect(eq(int, sil_field_accepts(field, text, strlen(text)), words == NULL));
    }
    cr_expect(sil_field_is_other(field, 11) && !sil_field_is_other(field, 10));
    cr_expect(sil_field_is_null(field, 12) && !sil_field_is_null(field, 11));
    cr_expect(eq(int, sil_field_is_null(field, SIL_CODE_DROP), false));
    sil_schema_free(schema);
}

static const struct description {
    const char *field;
    const char *line;
} DESCRIPTIONS[] = {
    {"{\"name\": \"age\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0, "
     "\"maximum\": 120}}",                                                               "age: integer, 0 to 120 in 121 bins, or null; values outside move to the nearest "
     "bin, unreadable ones become null\n"                                                                                              },
    {"{\"name\": \"sex\", \"type\": \"string\", \"categories\": [\"F\", \"M\"], "
     "\"constraints\": {\"required\": true}, \"silhouette\": {\"origin\": \"looked\"}}", "sex: string, 2 listed values, never null; rows with values outside are dropped; "
     "declared public after looking at the data, outside the guarantee\n"},
    {"{\"name\": \"w\", \"type\": \"number\", \"constraints\": {\"minimum\": \"0.5\", "
     "\"maximum\": 9, \"required\": true}, \"silhouette\": {\"bins\": 1}}",              "w: number, 0.5 to 9 in 1 bin, never null; values outside move to the nearest "
     "bin, rows with unreadable or missing ones are dropped\n"                        },
};

Test(field, describes_what_is_declared)
{
    for (size_t i = 0; i < sizeof DESCRIPTIONS / sizeof DESCRIPTIONS[0]; i++) {
        struct sil_schema *schema = parse(DESCRIPTIONS[i].field);
        const struct sil_field *field = sil_schema_field(schema, 0);
        struct sil_bytes out = {0};
        cr_expect(eq(int, sil_field_describe(&out, field, NULL), SIL_OK));
        cr_expect(eq(int, sil_bytes_append(&out, "", 1, NULL), SIL_OK));
        cr_expect(strcmp((char *)out.data, DESCRIPTIONS[i].line) == 0, "%s",
                  (char *)out.data);
        cr_expect(eq(int, sil_field_was_looked_at(field), i == 1));
        sil_bytes_clear(&out);
        sil_schema_free(schema);
    }
}

Test(schema, finds_fields_by_name)
{
    struct sil_schema *schema =
        parse("{\"name\": \"b\", \"type\": \"boolean\"}, {\"name\": \"a b\", \"type\": "
              "\"boolean\"}, {\"name\": \"\u00e4\", \"type\": \"boolean\"}");

    cr_expect(eq(u32, sil_schema_n_fields(schema), 3));
    cr_expect(eq(u32, sil_schema_find(schema, "b", 1), 0));
    cr_expect(eq(u32, sil_schema_find(schema, "a bx", 3), 1));
    cr_expect(eq(u32, sil_schema_find(schema, "\u00e4", 2), 2));
    cr_expect(eq(u32, sil_schema_find(schema, "a", 1), UINT32_MAX));
    cr_expect(eq(u32, sil_schema_find(schema, "", 0), UINT32_MAX));
    cr_expect(zero(int, strcmp(sil_schema_field_name(schema, 1), "a b")));
    cr_expect(eq(u32, sil_schema_domain(schema).n_attrs, 3));
    cr_expect(eq(u32, sil_schema_domain(schema).sizes[2], 3));
    sil_schema_free(schema);
}

Test(schema, keeps_the_text_it_was_parsed_from)
{
    const char *text = " {\"fields\": [ {\"name\": \"b\", \"type\": \"boolean\"} ] }\n";
    const char *kept;
    size_t length;
    struct sil_schema *schema;
    cr_assert(eq(int, sil_schema_parse(&schema, text, strlen(text), NULL), SIL_OK));

    sil_schema_text(&kept, &length, schema);

    cr_expect(length == strlen(text) && memcmp(kept, text, length) == 0);
    sil_schema_free(schema);
}
