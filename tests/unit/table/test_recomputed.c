// SPDX-License-Identifier: Apache-2.0
/* Columns that follow from others: what is refused, what is written for every cell, and that
 * nothing of them is read from the private table. */
#include "base/file.h"
#include "support/temp_file.h"
#include "table/recomputed.h"
#include "table/rules.h"
#include "table/table_store.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS                                                                                     \
    "{\"name\": \"region\", \"type\": \"string\", \"categories\": [\"north\", \"south, or so\"]}," \
    "{\"name\": \"city\", \"type\": \"string\", \"categories\": [\"Lille\", \"Lyon\", \"Nice\"],"  \
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"Ailleurs\"}},"                         \
    "{\"name\": \"age\", \"type\": \"integer\","                                                   \
    " \"constraints\": {\"minimum\": 0, \"maximum\": 29}, \"silhouette\": {\"bins\": 3}},"         \
    "{\"name\": \"band\", \"type\": \"integer\","                                                  \
    " \"constraints\": {\"required\": true, \"enum\": [1, 2, 3]}},"                                \
    "{\"name\": \"town\", \"type\": \"string\", \"categories\": [\"Bern\"],"                       \
    " \"silhouette\": {\"open\": true, \"expand\": {\"Metz\": 1}}},"                               \
    "{\"name\": \"big\", \"type\": \"boolean\", \"trueValues\": [\"yes\"],"                        \
    " \"falseValues\": [\"no\"]},"                                                                 \
    "{\"name\": \"level\", \"type\": \"number\", \"decimalChar\": \",\","                          \
    " \"constraints\": {\"enum\": [\"0.5\", 1, 2]}}"

#define REGION                                                       \
    "{\"determines\": {\"from\": \"city\", \"to\": \"region\","      \
    " \"map\": {\"Lille\": \"north\", \"Nice\": null, \"Ailleurs\":" \
    " \"south, or so\"}, \"default\": \"south, or so\"}}"
#define BAND                                                 \
    "{\"determines\": {\"from\": \"age\", \"to\": \"band\"," \
    " \"cuts\": [5, 20], \"values\": [1, 2, 3], \"null\": 3}}"
#define BIG                                                  \
    "{\"determines\": {\"from\": \"town\", \"to\": \"big\"," \
    " \"map\": {\"Bern\": true, \"other\": null}, \"default\": false}}"

/* A schema with these rules, or its problems. */
static struct sil_schema *parse(const char *rules, char *problems, size_t size)
{
    char text[8192];
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    struct sil_bytes out = {0};
    size_t n = 0;
    (void)snprintf(text, sizeof text,
                   "{\"fields\": [" FIELDS "], \"silhouette\": {\"rules\": [%s]}}",
                   rules);
    cr_assert_eq(sil_schema_explain(&out, &n, text, strlen(text), &err), SIL_OK);
    (void)snprintf(problems, size, "%.*s", (int)out.length, (const char *)out.data);
    sil_bytes_clear(&out);
    sil_status status = sil_schema_parse(&schema, text, strlen(text), &err);
    cr_assert_eq(status == SIL_OK, n == 0, "%s", err.text);
    return schema;
}

#define DETERMINES(from, to, rest) \
    "{\"determines\": {\"from\": \"" from "\", \"to\": \"" to "\", " rest "}}"

static const struct refusal {
    const char *rules;
    const char *says; ///< a part of what is said
} REFUSALS[] = {
    {"{\"determines\": 3}",                               "silhouette.rules[0].determines: must be an object"                     },
    {"{\"determines\": {}}",                              "rules[0].determines.to: there is no column"                            },
    {DETERMINES("city",                                   "regoin",                                                                 "\"map\": {}"), "determines.to: there is no column"},
    {DETERMINES("town hall",                "region",                                                                                        "\"map\": {}"), "determines.from: there is no"},
    {DETERMINES("city",                            "region","\"mapp\": {}"), "did you mean \"map\"?"},
    {"{\"determines\": {}, \"broken\": \"drop\"}",                                                   "unknown property \"broken\""                                                                                                          },
    {DETERMINES("city",                                    "region",                                                                                       "\"default\": null"), "must have one of \"map\""},
    {DETERMINES("city",        "region", "\"map\": {}, \"cuts\": []"), "must have one of"},
    {DETERMINES("city",                                   "region",                                                                "\"map\": []"), "determines.map: must be an object"},
    {DETERMINES("city",                         "city",                                                                                                 "\"map\": {}"), "'city' is recomputed itself"},
    {DETERMINES("city",                                    "age",                                                                                "\"map\": {}"), "'age' must list its values"},
    {DETERMINES("city",                                                   "town",                                                                                                           "\"map\": {}"), "'town' must list its values"},
    {DETERMINES("age",                                     "region",           "\"map\": {}"), "'age' has bins: say where"},
    {DETERMINES("city",                                   "region",                                                                             "\"cuts\": [1], \"values\": [null, null]"),
     "'city' lists its values: write a \"map\""},
    {DETERMINES("city",                      "region",                                                                                              "\"map\": {\"Lille\": \"north\", \"Lyon\": null}"),
     "determines.map: the value 'Nice' of 'city' is not listed"},
    {DETERMINES("city",           "region",
     "\"map\": {\"Lille\": \"north\", \"Lyon\": null, \"Nice\": null}"),
     "the value 'Ailleurs' of 'city' is not listed"},
    {DETERMINES("city",                                                   "region",
     "\"map\": {\"Lillle\": \"north\"}, \"default\": null"),
     "'city' never takes the value 'Lillle'"},
    {DETERMINES("city",                                     "region","\"map\": {\"\": \"north\"}, \"default\": null"),
     "under \"null\""},
    {DETERMINES("city",                                    "region",                                                                "\"map\": {\"Lille\": \"east\"}, \"default\": null"),
     "'region' never takes the value 'east'"},
    {DETERMINES("city",                        "region",                                                                                                "\"map\": {\"Lille\": true}, \"default\": null"),
     "must be a value of 'region', or null"},
    {DETERMINES("city",         "band","\"map\": {}, \"default\": null"),
     "'band' is required: it has no null"},
    {DETERMINES("city",                                                   "band",                                                                                                           "\"map\": {\"Lille\": 4}, \"default\": 1"),
     "'band' never takes the value '4'"},
    {DETERMINES("level", "band",                                                                    "\"map\": {\"1\": 1, \"1.0\": 2}, \"default\": 3"),
     "'1.0' is a value that is listed already"},
    {DETERMINES("level",                                   "band",                                                                                         "\"map\": {\"0.5\": 1, \"1\": 1, \"2\": 2}"),
     "determines.null: 'level' can be missing and 'band' is required"},
    {DETERMINES("town",      "region",                                                                              "\"map\": {\"Bern\": \"north\"}"),
     "determines.default: 'town' has values that nobody can list"},
    {DETERMINES("age","region",                                                                        "\"cuts\": [5], \"values\": [\"north\"]"),
     "one more than \"cuts\""},
    {DETERMINES("age",                                                   "region",                                                                                                           "\"cuts\": [], \"values\": [\"north\"]"),
     "one more than \"cuts\""},
    {DETERMINES("age",   "region",                                                                                                              "\"cuts\": [5, 5], \"values\": [null, null, null]"),
     "determines.cuts: must ascend, so that values of 'age'"},
    {DETERMINES("city",                                   "region",                                                                "\"map\": {\"Lille\": \"\"}, \"default\": null"),
     "'' stands for a missing value of 'region': write null"},
    {DETERMINES("town",             "region",                                                                                     "\"map\": {\"Metz\": \"north\"}, \"default\": null"),
     "'Metz' is a text that 'other' of 'town' is written as"},
    {DETERMINES("age",                    "region","\"cuts\": [\"x\"], \"values\": [null, null]"),
     "'x' is not a value of the type of 'age'"},
    {DETERMINES("age",                                                   "region",                                                                                                           "\"cuts\": [[]], \"values\": [null, null]"),
     "must be a list of numbers"},
    {DETERMINES("age",                  "region",                                                                                          "\"cuts\": [5], \"values\": [null, \"west\"]"),
     "determines.values: 'region' never takes the value 'west'"},
    {REGION ", " DETERMINES("age",                                   "region",                                                   "\"cuts\": [5], \"values\": [null, null]"),
     "rules[1].determines.to: another rule recomputes 'region' already"},
    {REGION ", " DETERMINES("region",                  "big",                                                                                          "\"map\": {}, \"default\": null"),
     "rules[1].determines.from: 'region' is recomputed itself"},
    {DETERMINES("city",                                             "region","\"map\": {}, \"default\": null") ", " DETERMINES(
         "region", "city", "\"map\": {}, \"default\": null"),
     "rules[0].determines.from: 'city' is recomputed itself"},
    {REGION ", {\"forbid\": \"region = 'north'\"}",
     "rules[1].forbid: column 1: the column is recomputed"                                                                                                         },
    {BAND ", {\"order\": [\"band\", \"age\"]}",
     "rules[1].order: the column is recomputed"                                                             },
    {REGION ", {\"forbid\": \"age < 3\", \"broken\": \"null\", \"column\": \"region\"}",
     "rules[1].column: the column is recomputed"                                                                                             },
};

Test(recomputed, what_is_refused_is_said_with_its_place)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        char problems[2048];
        struct sil_schema *schema = parse(REFUSALS[i].rules, problems, sizeof problems);
        cr_expect_null(schema, "%s", REFUSALS[i].rules);
        cr_expect(strstr(problems, REFUSALS[i].says) != NULL, "%s\n gives %s",
                  REFUSALS[i].rules, problems);
        sil_schema_free(schema);
    }
}

static struct sil_schema *example(void)
{
    char problems[2048];
    struct sil_schema *schema = parse(
        BIG ", {\"if\": \"age < 3\", \"then\": \"city != 'Nice'\"}, " REGION ", " BAND,
        problems, sizeof problems);
    cr_assert_not_null(schema, "%s", problems);
    return schema;
}

enum { CITY, AGE, TOWN, LEVEL, N_FIELDS, REGION_AT = N_FIELDS, BAND_AT, BIG_AT, N_ALL };

Test(recomputed, such_columns_stand_behind_those_that_are_measured)
{
    static const char *const NAMES[] = {"city",   "age",  "town", "level",
                                        "region", "band", "big"};
    static const uint32_t POSITIONS[] = {1, 2, 4, 6, 0, 3, 5};
    static const char *const SAID[] = {"region from city", "band from age",
                                       "big from town"};
    struct sil_schema *schema = example();
    cr_assert_eq(sil_schema_n_fields(schema), N_FIELDS);
    cr_assert_eq(sil_schema_n_columns(schema), N_ALL);
    cr_expect_eq(sil_schema_domain(schema).n_attrs, N_FIELDS);
    cr_expect_eq(sil_schema_n_rules(schema), 1);
    for (uint32_t c = 0; c < N_ALL; c++) {
        const struct sil_recomputed *recomputed = sil_schema_recomputed(schema, c);
        cr_expect_str_eq(sil_schema_field_name(schema, c), NAMES[c]);
        cr_expect_eq(sil_schema_position(schema, c), POSITIONS[c]);
        cr_expect_eq(sil_schema_find(schema, NAMES[c], strlen(NAMES[c])), c);
        cr_assert_eq(recomputed == NULL, c < N_FIELDS);
        cr_expect(recomputed == NULL ||
                  strcmp(recomputed->said, SAID[c - N_FIELDS]) == 0);
    }
    sil_schema_free(schema);
}

/* ---- what is written ---- */

static void draw(const void *key, uint64_t stream, uint64_t first, uint64_t *out,
                 size_t n)
{
    (void)key;
    for (size_t i = 0; i < n; i++) {
        out[i] = (stream * 31 + first + i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    }
}

/* The file of these codes, as text; a string of its own. */
static char *write_text(const struct sil_codes *codes, const struct sil_schema *schema,
                        const uint32_t *order)
{
    const struct sil_words words = {.draw = draw};
    const struct sil_csv_options options = {.delimiter = ';'};
    struct test_file file = test_file_new("", 0);
    struct sil_output *output = NULL;
    struct sil_bytes bytes = {0};
    char *text = NULL;
    cr_assert_eq(sil_output_open(&output, file.path, 0600, NULL), SIL_OK);
    cr_assert_eq(sil_codes_write_csv(output, codes, schema, order, words, &options,
                                     NULL, 2, NULL),
                 SIL_OK);
    cr_assert_eq(sil_output_commit(output, NULL), SIL_OK);
    cr_assert_eq(sil_file_read(&bytes, file.path, 1 << 24, NULL), SIL_OK);
    text = strndup((const char *)bytes.data, bytes.length);
    cr_assert_not_null(text);
    sil_bytes_clear(&bytes);
    test_file_remove(&file);
    return text;
}

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

/* A line against the rules of the example, worked out by hand from its texts. */
static bool follows(const char *region, const char *city, const char *age,
                    const char *band, const char *town, const char *big)
{
    const char *want_region = is(city, "Lille")                  ? "north"
                              : is(city, "Nice") || is(city, "") ? ""
                                                                 : "south, or so";
    const char *want_band = is(age, "") || atoi(age) >= 20 ? "3"
                            : atoi(age) >= 5               ? "2"
                                                           : "1";
    const char *want_big = is(town, "Bern")                   ? "yes"
                           : is(town, "Metz") || is(town, "") ? ""
                                                              : "no";
    return is(region, want_region) && is(band, want_band) && is(big, want_big);
}

/* Rows of all cells that the measured columns can have together. */
static struct sil_codes all_rows(const struct sil_schema *schema)
{
    struct sil_domain domain = sil_schema_domain(schema);
    struct sil_codes codes;
    size_t n = 1;
    for (uint32_t a = 0; a < domain.n_attrs; a++) {
        n *= domain.sizes[a];
    }
    cr_assert_eq(sil_codes_init(&codes, &domain, n, NULL), SIL_OK);
    for (size_t row = 0; row < n; row++) {
        size_t left = row;
        for (uint32_t a = 0; a < domain.n_attrs; a++) {
            sil_codes_set(&codes, a, row, (uint32_t)(left % domain.sizes[a]));
            left /= domain.sizes[a];
        }
    }
    return codes;
}

/* Split a line into its texts; they are without delimiter and quotes here. */
static size_t split(char *line, char *text[N_ALL])
{
    size_t n = 0;
    for (char *at = line; at != NULL && n < N_ALL; n++) {
        text[n] = at;
        at = strchr(at, ';');
        if (at != NULL) {
            *at++ = '\0';
        }
    }
    return n;
}

static void check_lines(char *csv, size_t n_rows)
{
    char *line = strchr(csv, '\n') + 1;
    for (size_t row = 0; row < n_rows; row++) {
        char *text[N_ALL];
        char *next = strchr(line, '\n');
        *next = '\0';
        cr_assert_eq(split(line, text), N_ALL);
        cr_assert(follows(text[0], text[1], text[2], text[3], text[4], text[5]),
                  "%s|%s|%s|%s|%s|%s", text[0], text[1], text[2], text[3], text[4],
                  text[5]);
        line = next + 1;
    }
    cr_assert_eq(*line, '\0');
}

Test(recomputed, every_cell_gives_what_is_declared)
{
    const struct sil_found found[] = {
        {.text = "Basel", .length = 5},
        {.text = "Chur",  .length = 4}
    };
    struct sil_schema *schema = example();
    for (int is_settled = 0; is_settled < 2; is_settled++) {
        struct sil_codes codes = all_rows(schema);
        char *csv = write_text(&codes, schema, NULL);
        cr_expect(strncmp(csv, "region;city;age;band;town;big;level\n", 36) == 0,
                  "%.60s", csv);
        cr_expect_eq(strstr(csv, "Chur") != NULL, is_settled == 1);
        check_lines(csv, codes.n_rows);
        free(csv);
        sil_codes_clear(&codes);
        if (is_settled == 0) {
            cr_assert_eq(sil_schema_settle(schema, TOWN, found, 2, NULL), SIL_OK);
        }
    }
    sil_schema_free(schema);
}

Test(recomputed, columns_stand_where_the_file_has_them)
{
    static const uint32_t ORDER[] = {BIG_AT, LEVEL,     BAND_AT, AGE,
                                     CITY,   REGION_AT, TOWN};
    struct sil_schema *schema = example();
    struct sil_codes codes = all_rows(schema);
    char *csv = write_text(&codes, schema, ORDER);
    cr_expect(strncmp(csv, "big;level;band;age;city;region;town\n", 36) == 0, "%.60s",
              csv);
    cr_expect_not_null(strstr(csv, ";\"south, or so\";") == NULL
                           ? strstr(csv, ";south, or so;")
                           : NULL);
    free(csv);
    sil_codes_clear(&codes);
    sil_schema_free(schema);
}

/* ---- the private table ---- */

static struct sil_table *read_text(const struct sil_schema *schema, const char *csv)
{
    const struct sil_csv_options options = {0};
    struct sil_table *table = NULL;
    struct sil_error err = {{0}};
    struct test_file file = test_file_new(csv, strlen(csv));
    cr_assert_eq(sil_table_read(&table, file.path, schema, NULL, &options, NULL, &err),
                 SIL_OK, "%s", err.text);
    test_file_remove(&file);
    return table;
}

/* Whatever stands there, a row keeps its cells and is kept: nothing depends on it. */
Test(recomputed, texts_of_such_columns_are_not_looked_at)
{
    static const char *const ODD[] = {"north", "", "\"a\"\"b\"", "?", "\xff\xfe", "99"};
    struct sil_schema *schema = example();
    uint32_t order[N_ALL];
    struct sil_table *first = read_text(
        schema, "age,region,city,band,town,level,big\n12,north,Nice,2,Bern,1,\n");
    sil_table_column_order(order, first);
    const uint32_t want[N_ALL] = {AGE, REGION_AT, CITY, BAND_AT, TOWN, LEVEL, BIG_AT};
    cr_expect_arr_eq(order, want, sizeof want);
    cr_assert_eq(first->n_rows, 1);
    cr_assert_eq(first->n_attrs, N_FIELDS);
    for (size_t i = 0; i < sizeof ODD / sizeof ODD[0]; i++) {
        char csv[256];
        (void)snprintf(csv, sizeof csv,
                       "age,region,city,band,town,level,big\n12,%s,Nice,%s,Bern,1,%s\n",
                       ODD[i], ODD[(i + 1) % 6], ODD[(i + 2) % 6]);
        struct sil_table *other = read_text(schema, csv);
        cr_assert_eq(other->n_rows, 1, "%s", ODD[i]);
        for (uint32_t a = 0; a < N_FIELDS; a++) {
            cr_expect_eq(sil_table_get(first, 0, a), sil_table_get(other, 0, a));
        }
        sil_table_free(other);
    }
    sil_table_free(first);
    sil_schema_free(schema);
}

Test(recomputed, a_file_without_such_a_column_is_refused_by_its_name)
{
    const struct sil_csv_options options = {0};
    static const char CSV[] = "age,city,band,town,level,big\n12,Nice,2,Bern,1,\n";
    struct sil_schema *schema = example();
    struct sil_table *table = NULL;
    struct sil_error err = {{0}};
    struct test_file file = test_file_new(CSV, sizeof CSV - 1);
    cr_expect_eq(sil_table_read(&table, file.path, schema, NULL, &options, NULL, &err),
                 SIL_ERR_INPUT);
    cr_expect_not_null(strstr(err.text, "the header lacks \"region\""), "%s", err.text);
    test_file_remove(&file);
    sil_schema_free(schema);
}
