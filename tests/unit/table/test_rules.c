// SPDX-License-Identifier: Apache-2.0
/* Rules as a schema declares them: what is refused, what a row of cells means to them, and that
 * neighbouring tables stay neighbours. */
#include "support/temp_file.h"
#include "table/field.h"
#include "table/rules.h"
#include "table/table_store.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#define FIELDS                                                                                \
    "{\"fields\": ["                                                                          \
    "{\"name\": \"age\", \"type\": \"integer\","                                              \
    " \"constraints\": {\"minimum\": 0, \"maximum\": 29, \"required\": true},"                \
    " \"silhouette\": {\"bins\": 3}},"                                                        \
    "{\"name\": \"marital\", \"type\": \"string\", \"categories\": [\"never\", \"married\"]," \
    " \"silhouette\": {\"outside\": \"other\"}},"                                             \
    "{\"name\": \"sex\", \"type\": \"string\", \"categories\": [\"F\", \"M\"],"               \
    " \"constraints\": {\"required\": true}},"                                                \
    "{\"name\": \"from\", \"type\": \"date\","                                                \
    " \"constraints\": {\"minimum\": \"2020-01-01\", \"maximum\": \"2020-01-09\","            \
    " \"required\": true}, \"silhouette\": {\"bins\": 3}},"                                   \
    "{\"name\": \"to\", \"type\": \"date\","                                                  \
    " \"constraints\": {\"minimum\": \"2020-01-01\", \"maximum\": \"2020-01-09\"},"           \
    " \"silhouette\": {\"bins\": 3}},"                                                        \
    "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"enum\": [\"0.5\", 1, 2]}},"  \
    "{\"name\": \"town\", \"type\": \"string\", \"categories\": [\"Basel\"],"                 \
    " \"silhouette\": {\"open\": true}}]"

enum { AGE, MARITAL, SEX, FROM, TO, X, TOWN, N_FIELDS };

/* The problems of a schema with these rules, or the schema. */
static struct sil_schema *parse(const char *rules, char *problems, size_t size)
{
    char text[8192];
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    struct sil_bytes out = {0};
    size_t n = 0;
    (void)snprintf(text, sizeof text, FIELDS ", \"silhouette\": {\"rules\": [%s]}}",
                   rules);
    cr_assert_eq(sil_schema_explain(&out, &n, text, strlen(text), &err), SIL_OK);
    (void)snprintf(problems, size, "%.*s", (int)out.length, (const char *)out.data);
    sil_bytes_clear(&out);
    sil_status status = sil_schema_parse(&schema, text, strlen(text), &err);
    cr_assert_eq(status == SIL_OK, n == 0, "%s", err.text);
    return schema;
}

static const struct refusal {
    const char *rules;
    const char *says; ///< a part of what is said
} REFUSALS[] = {
    {"3",                                                                                              "silhouette.rules[0]: must be an object"     },
    {"{}",                                                                                             "must have one of \"if\""                    },
    {"{\"if\": \"age < 3\"}",                                                                          "rules[0].then: missing"                     },
    {"{\"forbid\": \"age < 3\", \"require\": \"sex = 'F'\"}",                                          "must have one of"                           },
    {"{\"forbid\": \"age < 3\", \"then\": \"sex = 'F'\"}",                                             "beside \"if\" alone"                        },
    {"{\"forbid\": \"age <\"}",                                                                        "rules[0].forbid: column 6: expected a value"},
    {"{\"forbid\": \"aeg < 3\"}",                                                                      "column 1: there is no column of this name"  },
    {"{\"forbid\": \"sex = 'X'\"}",                                                                    "never takes the value 'X'"                  },
    {"{\"forbid\": 3}",                                                                                "must be a condition"                        },
    {"{\"forbit\": \"age < 3\"}",                                                                      "did you mean \"forbid\"?"                   },
    {"{\"order\": [\"from\"]}",                                                                        "two columns or more"                        },
    {"{\"order\": [\"from\", \"sex\"]}",                                                               "cannot be compared"                         },
    {"{\"order\": [\"from\", \"x\"]}",                                                                 "cannot be compared"                         },
    {"{\"order\": [\"from\", \"from\"]}",                                                              "with itself"                                },
    {"{\"order\": [\"from\", \"two\"]}",                                                               "no column of this name"                     },
    {"{\"forbid\": \"age < 3\", \"strict\": true}",                                                    "beside \"order\""                           },
    {"{\"forbid\": \"age < 3\", \"broken\": \"keep\"}",                                                "must be \"drop\""                           },
    {"{\"forbid\": \"age < 3\", \"broken\": \"null\"}",                                                "name the column"                            },
    {"{\"if\": \"age < 3\", \"then\": \"sex = 'F'\", \"broken\": \"null\"}",
     "it has no null"                                                                                                                               },
    {"{\"if\": \"age < 3\", \"then\": \"sex = 'F'\", \"broken\": \"other\"}",
     "has no cell \"other\""                                                                                                                        },
    {"{\"if\": \"age < 3\", \"then\": \"sex = 'F'\", \"broken\": \"other\","
     " \"column\": \"town\"}",                                                                    "open values"                                },
    {"{\"forbid\": \"age < 3\", \"column\": \"age\"}",                                                 "has no column to change"                    },
 /* Rules that clash, each with the others that it takes. */
    {"{\"forbid\": \"sex = 'F'\"}, {\"forbid\": \"sex = 'M'\"}",
     "no row can keep silhouette.rules[0] (never sex = 'F') and silhouette.rules[1] "
     "(never sex = 'M')"                                                                                                                            },
    {"{\"if\": \"age < 9\", \"then\": \"sex = 'F'\"}, {\"forbid\": \"age > 28\"},"
     " {\"if\": \"age < 3\", \"then\": \"sex = 'M'\"}",                                           "silhouette.rules[2]: no row of which the `if` is true can keep silhouette.rules[0] "
     "(if age < 9 then sex = 'F') and silhouette.rules[2] (if age < 3 then sex = 'M')"  },
    {"{\"if\": \"age > 500\", \"then\": \"sex = 'F'\"}, {\"forbid\": \"sex = 'M'\"}",
     "silhouette.rules[0]: the `if` is true of no row, whatever other rules say: mend it, or leave the rule out\n"                                  },
 /* A text that an open column does not list: `other` when rows are read, a cell once found. */
    {"{\"forbid\": \"town != 'Basel' AND sex = 'M'\"}",
     "silhouette.rules[0]: a text that the open column 'town' does not list would break it "
     "only once it is found"                                                                                                                        },
    {"{\"if\": \"town != 'Basel'\", \"then\": \"sex = 'F'\"}",                                         "only once it is found"                      },
    {"{\"if\": \"sex = 'F'\", \"then\": \"town = 'Basel'\"}",                                          "only once it is found"                      },
    {"{\"require\": \"town IN ('Basel', 'other') OR age > 3\"}",
     "only once it is found"                                                                                                                        },
    {"{\"forbid\": \"town = 'other' AND age < 3\"}",                                                   "only until it is found"                     },
    {"{\"forbid\": \"from < '2020-01-08'\"},"
     " {\"require\": \"to < '2020-01-03' AND to IS NOT NULL\"}, {\"order\": [\"from\", \"to\"]}",
     "no row can keep"                                                                                                                              },
};

Test(rules, what_is_refused_is_said_with_its_place)
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

Test(rules, what_can_be_kept_is_no_clash)
{
    /* Of the second null is neither. */
    static const char TWO[] =
        "{\"if\": \"age < 9\", \"then\": \"marital = 'never'\"},"
        " {\"if\": \"age < 3\", \"then\": \"marital = 'married'\"}";
    static const char *const RULES[] = {
        "",
        TWO,
        "{\"order\": [\"from\", \"to\"]}, {\"order\": [\"to\", \"from\"]}",
        "{\"forbid\": \"sex = 'F'\"}, {\"forbid\": \"age >= 1\"}",
        "{\"order\": [\"from\", \"to\"], \"broken\": \"null\", \"column\": \"to\"}",
        "{\"forbid\": \"town = 'Basel' AND sex = 'M'\"}",
        "{\"forbid\": \"town IS NULL AND sex = 'M'\"}",
        "{\"forbid\": \"(town != 'Basel' OR town = 'Basel' OR age < 9) AND age < 3\"}",
        /* True of a text that is not listed, and of nothing else; never broken. */
        "{\"if\": \"town != 'Basel'\", \"then\": \"town IS NOT NULL\"}",
    };
    for (size_t i = 0; i < sizeof RULES / sizeof RULES[0]; i++) {
        char problems[2048];
        struct sil_schema *schema = parse(RULES[i], problems, sizeof problems);
        cr_expect_not_null(schema, "%s: %s", RULES[i], problems);
        sil_schema_free(schema);
    }
}

/* Of one rule over a town, open or with what may be found in it listed, and a sex. */
static struct sil_schema *parse_towns(const char *town, const char *condition)
{
    char text[1024];
    struct sil_schema *schema = NULL;
    struct sil_error err;
    (void)snprintf(text, sizeof text,
                   "{\"fields\": [{\"name\": \"town\", \"type\": \"string\", %s},"
                   " {\"name\": \"sex\", \"type\": \"string\","
                   " \"categories\": [\"F\", \"M\"]}],"
                   " \"silhouette\": {\"rules\": [{\"forbid\": \"%s\"}]}}",
                   town, condition);
    sil_status status = sil_schema_parse(&schema, text, strlen(text), &err);
    cr_assert(status == SIL_OK || status == SIL_ERR_INPUT);
    return schema;
}

/* Is some row with a found Bern kept where `other` in its place is not, or the reverse? */
static bool tells_found(const struct sil_schema *listed)
{
    struct sil_rules *rules = NULL;
    struct sil_error err;
    bool tells = false;
    cr_assert_eq(sil_rules_new(&rules, listed, &err), SIL_OK);
    for (uint32_t sex = 0; sex < 3; sex++) {
        uint32_t found[] = {1, sex};
        uint32_t before[] = {sil_schema_field(listed, 0)->other_code, sex};
        tells = tells ||
                sil_rules_map_row(rules, found) != sil_rules_map_row(rules, before);
    }
    sil_rules_free(rules);
    return tells;
}

Test(rules, of_open_columns_those_are_taken_that_judge_a_text_alike_once_it_is_found)
{
    static const char *const TOWNS[] = {
        "town = 'Basel'",  "town != 'Basel'", "town IN ('Basel', 'other')",
        "town != 'other'", "town IS NULL",    "town IS NOT NULL"};
    static const char *const SEXES[] = {"sex = 'F'", "sex != 'F'", "sex IS NULL"};
    static const char *const FORMS[][2] = {
        {"",     "AND"},
        {"",     "OR" },
        {"NOT ", "AND"},
        {"NOT ", "OR" }
    };
    size_t n[2] = {0};
    for (size_t i = 0; i < 6 * 3 * 4 * 6; i++) {
        char condition[256];
        (void)snprintf(condition, sizeof condition, "%s(%s %s %s) AND %s",
                       FORMS[i / 18 % 4][0], TOWNS[i % 6], FORMS[i / 18 % 4][1],
                       SEXES[i / 6 % 3], TOWNS[i / 72]);
        struct sil_schema *listed =
            parse_towns("\"categories\": [\"Basel\", \"Bern\"],"
                        " \"silhouette\": {\"outside\": \"other\"}",
                        condition);
        struct sil_schema *open = parse_towns("\"categories\": [\"Basel\"],"
                                              " \"silhouette\": {\"open\": true}",
                                              condition);
        cr_assert_not_null(listed, "%s", condition);
        cr_expect_eq(open == NULL, tells_found(listed), "%s", condition);
        n[open == NULL]++;
        sil_schema_free(listed);
        sil_schema_free(open);
    }
    cr_expect(n[0] > 50 && n[1] > 50, "%zu, %zu", n[0], n[1]);
}

/* Two columns in an order, with `bins` each, and rules that cut through both. */
static struct sil_schema *tangled(const char *bins, struct sil_error *err)
{
    char text[2048];
    char field[2][256];
    struct sil_schema *schema = NULL;
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(field[i], sizeof field[i],
                       "{\"name\": \"%c\", \"type\": \"integer\", \"constraints\": "
                       "{\"minimum\": 0, \"maximum\": 99999, \"required\": true}, "
                       "\"silhouette\": {\"bins\": %s}}",
                       (char)('a' + i), bins);
    }
    (void)snprintf(text, sizeof text,
                   "{\"fields\": [%s, %s, {\"name\": \"c\", \"type\": \"boolean\"}], "
                   "\"silhouette\": {\"rules\": [{\"order\": [\"a\", \"b\"]}, "
                   "{\"if\": \"c = 'true'\", \"then\": \"a < 50000\"}, "
                   "{\"if\": \"c = 'false'\", \"then\": \"b > 30000\"}, "
                   "{\"if\": \"a > 70000\", \"then\": \"b > 80000\"}, "
                   "{\"if\": \"b < 20000\", \"then\": \"a < 10000\"}]}}",
                   field[0], field[1]);
    sil_status status = sil_schema_parse(&schema, text, strlen(text), err);
    cr_expect_eq(schema != NULL, status == SIL_OK);
    return schema;
}

Test(rules, that_are_too_intertwined_are_refused_with_what_to_do)
{
    struct sil_error err = {{0}};
    struct sil_schema *schema = tangled("\"integers\"", &err);
    cr_expect_null(schema);
    cr_expect_not_null(strstr(err.text, "too intertwined"), "%s", err.text);
    cr_expect_not_null(strstr(err.text, "fewer bins"), "%s", err.text);
    sil_schema_free(schema);
    schema = tangled("100", &err);
    cr_expect_not_null(schema, "%s", err.text);
    sil_schema_free(schema);
}

static const char POLICIES[] =
    "{\"if\": \"age < 15\", \"then\": \"marital = 'never'\", \"broken\": \"other\"},"
    "{\"forbid\": \"sex = 'M' AND age >= 20\"},"
    "{\"order\": [\"from\", \"to\"], \"broken\": \"null\", \"column\": \"to\"}";

static struct sil_schema *policies(void)
{
    char problems[2048];
    struct sil_schema *schema = parse(POLICIES, problems, sizeof problems);
    cr_assert_not_null(schema, "%s", problems);
    return schema;
}

/* What a row of cells becomes, worked out by hand: bins of ten years, of three days. */
static bool expect(uint32_t *codes)
{
    bool is_child = codes[AGE] == 0; /* 10 to 19 may be 15 */
    if (is_child && codes[MARITAL] == 1) {
        codes[MARITAL] = 2;
    }
    if (codes[SEX] == 1 && codes[AGE] == 2) {
        return false;
    }
    if (codes[TO] != 3 && codes[TO] < codes[FROM]) {
        codes[TO] = 3;
    }
    return true;
}

Test(rules, a_row_meets_the_policies_by_its_own_cells)
{
    struct sil_schema *schema = policies();
    struct sil_rules *rules = NULL;
    struct sil_error err;
    cr_assert_eq(sil_rules_new(&rules, schema, &err), SIL_OK);
    struct sil_domain domain = sil_schema_domain(schema);
    uint64_t n = 1;
    for (uint32_t a = 0; a < N_FIELDS; a++) {
        n *= domain.sizes[a];
    }
    for (uint64_t i = 0; i < n; i++) {
        uint32_t codes[N_FIELDS];
        uint32_t want[N_FIELDS];
        uint64_t left = i;
        for (uint32_t a = 0; a < N_FIELDS; a++) {
            codes[a] = (uint32_t)(left % domain.sizes[a]);
            left /= domain.sizes[a];
        }
        memcpy(want, codes, sizeof want);
        bool is_kept = expect(want);
        cr_assert_eq(sil_rules_map_row(rules, codes), is_kept);
        cr_assert(!is_kept || memcmp(want, codes, sizeof want) == 0);
        /* Once more changes nothing. */
        cr_assert(!is_kept || sil_rules_map_row(rules, codes));
        cr_assert(!is_kept || memcmp(want, codes, sizeof want) == 0);
    }
    sil_rules_free(rules);
    sil_schema_free(schema);
}

Test(rules, a_row_that_keeps_breaking_a_rule_is_dropped)
{
    char problems[2048];
    struct sil_schema *schema = parse(
        "{\"if\": \"age < 15\", \"then\": \"marital = 'never' AND marital IS NOT NULL\","
        " \"broken\": \"null\"}",
        problems, sizeof problems);
    struct sil_rules *rules = NULL;
    struct sil_error err;
    cr_assert_eq(sil_rules_new(&rules, schema, &err), SIL_OK);
    uint32_t codes[N_FIELDS] = {0, 1, 0, 0, 0, 0, 0};
    cr_expect_not(sil_rules_map_row(rules, codes));
    sil_rules_free(rules);
    sil_schema_free(schema);
}

/* ---- neighbours ---- */

static const char *const CELLS[][4] = {
    {"5,",           "12,",         "25,"},
    {"never,",       "married,",    "?,",  ","},
    {"F,",              "M,"                       },
    {"2020-01-02,",  "2020-01-08,"},
    {"2020-01-02,", "2020-01-09,",           ","           },
};
static const size_t N_CELLS[] = {3, 4, 2, 2, 3};

enum { N_TEXTS = 3 * 4 * 2 * 2 * 3 };

static void append_row(char *csv, size_t i, const char *person)
{
    for (size_t c = 0; c < 5; c++) {
        strcat(csv, CELLS[c][i % N_CELLS[c]]);
        i /= N_CELLS[c];
    }
    strcat(csv, "1,Bern");
    strcat(csv, person);
    strcat(csv, "\n");
}

static struct sil_table *read_table(const struct sil_schema *schema, const char *csv,
                                    const struct sil_people_rule *people)
{
    struct sil_table *table = NULL;
    struct sil_error err;
    const struct sil_csv_options options = {0};
    struct test_file file = test_file_text(csv);
    cr_assert_eq(
        sil_table_read(&table, file.path, schema, people, &options, NULL, &err), SIL_OK,
        "%s", err.text);
    test_file_remove(&file);
    return table;
}

static bool is_row(const struct sil_table *a, size_t i, const struct sil_table *b,
                   size_t k)
{
    bool is = true;
    for (uint32_t c = 0; c < N_FIELDS; c++) {
        is = is && sil_table_get(a, i, c) == sil_table_get(b, k, c);
    }
    return is;
}

/* Rows of `a` that `b`, in the same order, does not have. */
static size_t n_more(const struct sil_table *a, const struct sil_table *b)
{
    size_t k = 0;
    size_t n = 0;
    for (size_t i = 0; i < a->n_rows; i++) {
        bool is_there = k < b->n_rows && is_row(a, i, b, k);
        k += is_there;
        n += !is_there;
    }
    return n + b->n_rows - k;
}

Test(rules, tables_that_differ_by_a_row_still_do)
{
    struct sil_schema *schema = policies();
    static const char HEADER[] = "age,marital,sex,from,to,x,town\n";
    for (size_t i = 0; i < N_TEXTS; i++) {
        size_t others = i * 7 % N_TEXTS;
        char without[512];
        char with[512];
        strcpy(without, HEADER);
        append_row(without, others, "");
        strcpy(with, HEADER);
        append_row(with, i, "");
        append_row(with, others, "");
        struct sil_table *a = read_table(schema, with, NULL);
        struct sil_table *b = read_table(schema, without, NULL);
        cr_assert_leq(a->n_rows - b->n_rows, (size_t)1);
        cr_assert_leq(n_more(a, b), (size_t)1);
        sil_table_free(a);
        sil_table_free(b);
    }
    sil_schema_free(schema);
}

Test(rules, a_table_that_is_read_has_met_the_policies)
{
    struct sil_schema *schema = policies();
    size_t n_dropped = 0;
    size_t n_changed = 0;
    for (size_t i = 0; i < N_TEXTS; i++) {
        char csv[512] = "age,marital,sex,from,to,x,town\n";
        uint32_t want[N_FIELDS] = {0};
        append_row(csv, i, "");
        const char *at = strchr(csv, '\n') + 1;
        for (uint32_t a = 0; a < 5; a++) {
            size_t length = strcspn(at, ",");
            want[a] = sil_field_encode(sil_schema_field(schema, a), at, length);
            at += length + 1;
        }
        uint32_t before[N_FIELDS];
        memcpy(before, want, sizeof before);
        bool is_kept = expect(want);
        struct sil_table *table = read_table(schema, csv, NULL);
        cr_assert_eq(table->n_rows, is_kept ? 1 : 0, "%s", csv);
        for (uint32_t a = 0; is_kept && a < 5; a++) {
            cr_assert_eq(sil_table_get(table, 0, a), want[a], "%s", csv);
        }
        n_dropped += !is_kept;
        n_changed += is_kept && memcmp(before, want, sizeof before) != 0;
        sil_table_free(table);
    }
    cr_expect(n_dropped > 0 && n_changed > 0);
    sil_schema_free(schema);
}

Test(rules, a_person_still_changes_as_many_rows_as_count)
{
    enum { ROWS = 5, CAP = 2 };

    struct sil_schema *schema = policies();
    const struct sil_people_rule people = {.id_column = "id", .rows = CAP};
    static const char HEADER[] = "age,marital,sex,from,to,x,town,id\n";
    bool is_full = false;
    for (size_t i = 0; i < N_TEXTS; i++) {
        char without[2048];
        char with[2048];
        strcpy(with, HEADER);
        for (size_t r = 0; r < ROWS; r++) {
            append_row(with, (i + 29 * r) % N_TEXTS, ",anna");
        }
        append_row(with, 5 * i % N_TEXTS, ",berta");
        strcpy(without, HEADER);
        append_row(without, 5 * i % N_TEXTS, ",berta");
        struct sil_table *a = read_table(schema, with, &people);
        struct sil_table *b = read_table(schema, without, &people);
        cr_assert_leq(a->n_rows - b->n_rows, (size_t)CAP);
        cr_assert_leq(n_more(a, b), (size_t)CAP);
        is_full = is_full || n_more(a, b) == CAP;
        sil_table_free(a);
        sil_table_free(b);
    }
    cr_expect(is_full);
    sil_schema_free(schema);
}

/* ---- values ---- */

Test(rules, decimals_of_different_places_compare_as_numbers)
{
    for (int a = -250; a <= 250; a += 5) {
        for (int b = -30; b <= 30; b++) {
            /* a / 100 against b / 10 */
            cr_assert_eq(sil_scaled_ascend(a, 2, b, 1, false), a <= 10 * b);
            cr_assert_eq(sil_scaled_ascend(a, 2, b, 1, true), a < 10 * b);
            cr_assert_eq(sil_scaled_ascend(b, 1, a, 2, false), 10 * b <= a);
            cr_assert_eq(sil_scaled_ascend(b, 1, a, 2, true), 10 * b < a);
        }
    }
}

/* ---- a schema of anybody's ---- */

/* Rules that list so many values of `a`, 0 .. 1048573, in bins or each in a cell of its own:
 * one comparison each. What is said of them is in `says`, nothing when they are taken. */
static void list_values(char *says, size_t size, const char *bins, size_t n_rules,
                        size_t n_values)
{
    struct sil_bytes text = {0};
    struct sil_bytes out = {0};
    struct sil_error err = {{0}};
    size_t n = 0;
    cr_assert_eq(
        sil_bytes_printf(&text, &err,
                         "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\","
                         " \"constraints\": {\"minimum\": 0, \"maximum\": 1048573},"
                         " \"silhouette\": {\"bins\": %s}}],"
                         " \"silhouette\": {\"rules\": [",
                         bins),
        SIL_OK);
    for (size_t i = 0; i < n_rules; i++) {
        cr_assert_eq(sil_bytes_printf(&text, &err,
                                      "%s{\"require\": \"a >= 0 OR a IN (1",
                                      i == 0 ? "" : ", "),
                     SIL_OK);
        for (size_t k = 2; k < n_values; k++) {
            cr_assert_eq(sil_bytes_printf(&text, &err, ",1"), SIL_OK);
        }
        cr_assert_eq(sil_bytes_printf(&text, &err, ")\"}"), SIL_OK);
    }
    cr_assert_eq(sil_bytes_printf(&text, &err, "]}}"), SIL_OK);
    cr_assert_eq(
        sil_schema_explain(&out, &n, (const char *)text.data, text.length, &err),
        SIL_OK);
    (void)snprintf(says, size, "%.*s", (int)out.length, (const char *)out.data);
    cr_expect_eq(n == 0, out.length == 0);
    sil_bytes_clear(&text);
    sil_bytes_clear(&out);
}

Test(rules, values_and_the_cells_that_they_are_looked_at_for_are_bounded)
{
    char says[512];
    list_values(says, sizeof says, "16", 8, 1024);
    cr_expect_str_empty(says);
    list_values(says, sizeof says, "16", 256, 1024); /* 2^14 are in the first 16 */
    cr_expect(strstr(says,
                     "silhouette.rules[16]: the rules up to this one list more than "
                     "16384 values") != NULL,
              "%s", says);
    cr_expect(strstr(says, "rules[17]") == NULL, "the rest is not read");
    list_values(says, sizeof says, "\"integers\"", 1, 200);
    cr_expect_str_empty(says);
    list_values(says, sizeof says, "\"integers\"", 1, 300);
    cr_expect(strstr(says,
                     "silhouette.rules: too many values are looked at in too many "
                     "cells of 'a'") != NULL,
              "%s", says);
}

/* A comparison of a column of listed values takes in all that meet it. */
Test(rules, listed_values_that_a_condition_compares_are_bounded)
{
    enum { VALUES = 1 << 16, COMPARISONS = SIL_CONDITION_LISTED / VALUES + 1 };

    struct sil_bytes text = {0};
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    cr_assert_eq(
        sil_bytes_printf(&text, &err,
                         "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\","
                         " \"constraints\": {\"enum\": [0"),
        SIL_OK);
    for (int v = 1; v < VALUES; v++) {
        cr_assert_eq(sil_bytes_printf(&text, &err, ",%d", v), SIL_OK);
    }
    cr_assert_eq(sil_bytes_printf(&text, &err, "]}}]}"), SIL_OK);
    cr_assert_eq(sil_schema_parse(&schema, (const char *)text.data, text.length, &err),
                 SIL_OK, "%s", err.text);
    for (int n = COMPARISONS - 1; n <= COMPARISONS; n++) {
        struct sil_condition condition;
        char said[SIL_CONDITION_MAX] = "a >= 0";
        size_t column = 0;
        for (int i = 1; i < n; i++) {
            (void)strcat(said, " OR a >= 0");
        }
        cr_expect_eq(
            sil_condition_parse(&condition, said, schema, false, "it", &column, &err),
            n < COMPARISONS ? SIL_OK : SIL_ERR_USAGE);
        sil_condition_clear(&condition);
    }
    cr_expect(strstr(err.text, "too many listed values are compared") != NULL, "%s",
              err.text);
    sil_schema_free(schema);
    sil_bytes_clear(&text);
}
