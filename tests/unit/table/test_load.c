// SPDX-License-Identifier: Apache-2.0
/* A file through a schema of every policy: into codes, and into the operator's complaints. */
#include "support/temp_file.h"
#include "table/table_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>
#include <unistd.h>

static const char SCHEMA[] =
    "{\"missingValues\": [\"\", \"NA\"], \"fields\": ["
    "{\"name\": \"sex\", \"type\": \"string\", \"categories\": [\"F\", \"M\"],"
    " \"constraints\": {\"required\": true}, \"silhouette\": {\"outside\": \"drop\"}},"
    "{\"name\": \"age\", \"type\": \"integer\","
    " \"constraints\": {\"minimum\": 0, \"maximum\": 9, \"required\": true},"
    " \"silhouette\": {\"bins\": \"integers\", \"outside\": \"clamp\"}},"
    "{\"name\": \"town\", \"type\": \"string\", \"categories\": [\"A\", \"B,C\"],"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"zzz\"}},"
    "{\"name\": \"score\", \"type\": \"number\","
    " \"constraints\": {\"minimum\": 0, \"maximum\": 10},"
    " \"silhouette\": {\"bins\": 2, \"outside\": \"null\"}}]}";

static struct sil_schema *parse(const char *json)
{
    struct sil_schema *schema;
    struct sil_error err;
    cr_assert(zero(int, sil_schema_parse(&schema, json, strlen(json), &err)), "%s",
              err.text);
    return schema;
}

/* The codes, a row a line; or the error without the name of the file. */
static void load(struct sil_bytes *out, const char *csv,
                 const struct sil_csv_options *options)
{
    struct test_file file = test_file_text(csv);
    struct sil_schema *schema = parse(SCHEMA);
    struct sil_table *table;
    struct sil_error err;

    sil_status status =
        sil_table_read(&table, file.path, schema, NULL, options, NULL, &err);
    if (status == SIL_OK) {
        for (size_t r = 0; r < table->n_rows; r++) {
            for (uint32_t a = 0; a < table->n_attrs; a++) {
                cr_assert(
                    zero(int, sil_bytes_printf(out, NULL, "%s%u", a > 0 ? " " : "",
                                               sil_table_get(table, r, a))));
            }
            cr_assert(zero(int, sil_bytes_append(out, "\n", 1, NULL)));
        }
    } else {
        cr_expect(eq(int, status, SIL_ERR_INPUT));
        cr_expect(eq(ptr, table, NULL));
        size_t skip = strncmp(err.text, file.path, strlen(file.path)) == 0
                          ? strlen(file.path)
                          : 0;
        cr_assert(zero(int, sil_bytes_printf(out, NULL, "%s", err.text + skip)));
    }
    cr_assert(zero(int, sil_bytes_append(out, "", 1, NULL)));
    sil_table_free(table);
    sil_schema_free(schema);
    test_file_remove(&file);
}

#define EXTRA                         \
    {                                 \
        .ignore_extra_columns = true, \
    }

static const struct load_case {
    const char *name;
    const char *csv;
    struct sil_csv_options options;
    const char *want;
} CASES[] = {
    {"declared values",
     "sex,age,town,score\nM,3,A,0\nF,9,\"B,C\",5\n",                                  {0},
     "1 3 0 0\n0 9 1 1\n"                                                                                                                                       },
    {"columns in any order",                 "score,town,age,sex\n10,A,0,F\n",        {0},                "0 0 0 1\n"                                           },
    {"a byte order mark and CRLF",
     "\xEF\xBB\xBFsex,age,town,score\r\nM,1,A,1\r\n",                                 {0},
     "1 1 0 0\n"                                                                                                                                                },
    {"a chosen delimiter",
     "sex;age;town;score\nM;1;B,C;1\n",                                               {.delimiter = ';'},
     "1 1 1 0\n"                                                                                                                                                },
    {"numbers are clamped",
     "sex,age,town,score\nM,-5,A,1\nM,99999,A,1\n",                                   {0},
     "1 0 0 0\n1 9 0 0\n"                                                                                                                                       },
    {"unknown texts become other",
     "sex,age,town,score\nM,1,Q,1\nM,1,zzz,1\n",                                      {0},
     "1 1 2 0\n1 1 2 0\n"                                                                                                                                       },
    {"values outside become null",
     "sex,age,town,score\nM,1,A,11\nM,1,A,soon\n",                                    {0},
     "1 1 0 2\n1 1 0 2\n"                                                                                                                                       },
    {"missing values become null",           "sex,age,town,score\nM,1,NA,\n",         {0},                "1 1 3 2\n"                                           },
    {"rows are dropped by their own value",
     "sex,age,town,score\nX,1,A,1\nM,2,A,1\n,3,A,1\n",                                {0},
     "1 2 0 0\n"                                                                                                                                                },
    {"a header and no rows",                 "sex,age,town,score\n",                  {0},                ""                                                    },
    {"extra columns are ignored on request", "a,sex,age,b,town,score\n1,M,1,2,A,1\n",
     EXTRA,                                                                                               "1 1 0 0\n"                                           },
    {"extra columns may come twice",         "a,sex,age,a,town,score\n1,M,1,2,A,1\n", EXTRA,
     "1 1 0 0\n"                                                                                                                                                },
    {"extra columns are refused",
     "sex,secret,age,town,score,secret\n",                                            {0},
     ": the schema lacks 2 of the columns, the first of them column 2; add them to the "
     "schema or ignore extra columns (--ignore-extra-columns)"                                                                                                  },
    {"an empty file",                        "",                                      {0},                " is empty: it needs a header with the schema's names"},
    {"a blank header",
     "\n",                                                                            {0},
     ": the header lacks \"sex\", \"age\", \"town\", \"score\"; is there a header, and is "
     "the delimiter right?"                                                                                                                                     },
    {"no header: the row is not shown",
     "M,3,A,0\n",                                                                     {0},
     ": the header lacks \"sex\", \"age\", \"town\", \"score\"; is there a header, and is "
     "the delimiter right?"                                                                                                                                     },
    {"missing columns are named",
     "age,town\n1,A\n",                                                               {0},
     ": the header lacks \"sex\", \"score\""                                                                                                                    },
    {"names are compared exactly",
     "Sex,age,town,score\n",                                                          {0},
     ": the header lacks \"sex\""                                                                                                                               },
    {"a column twice is named",
     "sex,age,town,score,age\n",                                                      {0},
     ": the header has \"age\" twice, in columns 2 and 5"                                                                                                       },
    {"a column twice, extra ones ignored",   "sex,age,town,score,age\n",              EXTRA,
     ": the header has \"age\" twice, in columns 2 and 5"                                                                                                       },
    {"a short record",
     "sex,age,town,score\nM,1,A,1\nM,1,A\n",                                          {0},
     ": record 3 (line 3): 3 fields, the header has 4"                                                                                                          },
    {"a long record",
     "sex,age,town,score\nM,1,A,1,1\n",                                               {0},
     ": record 2 (line 2): 5 fields, the header has 4"                                                                                                          },
    {"a blank line",
     "sex,age,town,score\nM,1,A,1\n\n",                                               {0},
     ": record 3 (line 3): 1 field, the header has 4 (a blank line?)"                                                                                           },
    {"a broken record",
     "sex,age,town,score\nM,1,A,1\nM,1,\"A,1\n",                                      {0},
     ": record 3 (line 3), field 3: a quote is never closed"                                                                                                    },
};

Test(load, reads_by_the_schema)
{
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_bytes got = {0};

        load(&got, CASES[i].csv, &CASES[i].options);

        cr_expect_str_eq((const char *)got.data, CASES[i].want, "%s", CASES[i].name);
        sil_bytes_clear(&got);
    }
}

Test(load, many_missing_columns_are_counted)
{
    struct test_file file = test_file_text("z\n1\n");
    struct sil_bytes json = {0};
    struct sil_table *table;
    struct sil_csv_options options = {0};
    struct sil_error err;
    cr_assert(zero(int, sil_bytes_printf(&json, NULL, "{\"fields\": [")));
    for (int i = 0; i < 30; i++) {
        cr_assert(
            zero(int, sil_bytes_printf(&json, NULL,
                                       "%s{\"name\": \"f%d\", \"type\": \"string\","
                                       " \"categories\": [\"a\"]}",
                                       i > 0 ? "," : "", i)));
    }
    cr_assert(zero(int, sil_bytes_append(&json, "]}", 3, NULL)));
    struct sil_schema *schema = parse((const char *)json.data);

    cr_expect(eq(int,
                 sil_table_read(&table, file.path, schema, NULL, &options, NULL, &err),
                 SIL_ERR_INPUT));

    cr_expect(
        ne(ptr, strstr(err.text, "\"f0\", \"f1\", \"f2\", \"f3\" and 26 more"), NULL),
        "%s", err.text);
    sil_schema_free(schema);
    sil_bytes_clear(&json);
    test_file_remove(&file);
}

/* A blank line is a row where a row is one field: dropping it would depend on a value. */
Test(load, a_blank_line_is_a_row_of_a_table_of_one_column)
{
    static const char JSON[] = "{\"fields\": [{\"name\": \"x\", \"type\": \"string\","
                               " \"categories\": [\"a\"]}]}";
    struct test_file file = test_file_text("x\na\n\na\n\n");
    struct sil_csv_options options = {0};
    struct sil_schema *schema = parse(JSON);
    struct sil_table *table;

    cr_assert(zero(
        int, sil_table_read(&table, file.path, schema, NULL, &options, NULL, NULL)));

    cr_expect(eq(sz, table->n_rows, 4));
    cr_expect(eq(u32, sil_table_get(table, 0, 0), 0));
    cr_expect(eq(u32, sil_table_get(table, 1, 0), 1));
    cr_expect(eq(u32, sil_table_get(table, 3, 0), 1));
    sil_table_free(table);
    sil_schema_free(schema);
    test_file_remove(&file);
}

static void note_progress(void *payload, const char *stage, uint64_t done,
                          uint64_t total)
{
    uint64_t *last = payload;
    cr_expect_str_eq(stage, "reading");
    cr_expect(gt(u64, done, last[0]));
    last[0] = done;
    last[1] = total;
}

Test(load, reports_progress_in_bytes)
{
    static const char CSV[] = "sex,age,town,score\nM,1,A,1\n";
    uint64_t last[2] = {0};
    struct sil_progress progress = {.report = note_progress, .payload = last};
    struct test_file file = test_file_text(CSV);
    struct sil_csv_options options = {0};
    struct sil_schema *schema = parse(SCHEMA);
    struct sil_table *table;

    cr_assert(zero(int, sil_table_read(&table, file.path, schema, NULL, &options,
                                       &progress, NULL)));

    cr_expect(eq(u64, last[0], sizeof CSV - 1));
    cr_expect(eq(u64, last[1], sizeof CSV - 1));
    sil_table_free(table);
    sil_schema_free(schema);
    test_file_remove(&file);
}

/* The whole file counts: what stands at its end is found before the table exists. */
Test(load, a_broken_end_leaves_no_table)
{
    struct sil_csv_options options = {0};
    struct sil_schema *schema = parse(SCHEMA);
    struct sil_bytes csv = {0};
    struct sil_table *table;
    cr_assert(zero(int, sil_bytes_printf(&csv, NULL, "sex,age,town,score\n")));
    for (int i = 0; i < 100000; i++) {
        cr_assert(zero(int, sil_bytes_append(&csv, "M,1,A,1\n", 8, NULL)));
    }
    cr_assert(zero(int, sil_bytes_append(&csv, "M,1,A,\0\n", 8, NULL)));
    struct test_file file = test_file_new(csv.data, csv.length);
    struct sil_error err;

    cr_expect(eq(int,
                 sil_table_read(&table, file.path, schema, NULL, &options, NULL, &err),
                 SIL_ERR_INPUT));

    cr_expect(eq(ptr, table, NULL));
    cr_expect(ne(ptr, strstr(err.text, "record 100002 (line 100002), field 4"), NULL));
    sil_schema_free(schema);
    sil_bytes_clear(&csv);
    test_file_remove(&file);
}

static void check(struct sil_bytes *out, uint64_t *n, const char *csv, size_t limit)
{
    struct test_file file = test_file_text(csv);
    struct sil_csv_options options = {0};
    struct sil_schema *schema = parse(SCHEMA);
    cr_assert(zero(
        int, sil_schema_check_data(out, n, file.path, schema, &options, limit, NULL)));
    cr_assert(zero(int, sil_bytes_append(out, "", 1, NULL)));
    sil_schema_free(schema);
    test_file_remove(&file);
}

Test(check_data, names_the_place_and_never_the_value)
{
    static const char CSV[] = "sex,age,town,score\n"
                              "M,1,A,1\n"
                              "secret1,secret2,\"two\nlines\",777\n"
                              "M,1,zzz,888\n";
    struct sil_bytes got = {0};
    uint64_t n;

    check(&got, &n, CSV, 100);

    const char *text = (const char *)got.data;
    cr_expect(eq(u64, n, 5), "%s", text);
    cr_expect(zero(int, strncmp(text, "record 3 (line 3), field \"sex\": ", 32)));
    cr_expect(ne(ptr, strstr(text, "record 3 (line 3), field \"age\": "), NULL));
    cr_expect(ne(ptr, strstr(text, "record 3 (line 3), field \"town\": "), NULL));
    cr_expect(ne(ptr, strstr(text, "record 4 (line 5), field \"score\": "), NULL));
    cr_expect(eq(ptr, strstr(text, "secret"), NULL));
    cr_expect(eq(ptr, strstr(text, "777"), NULL));
    cr_expect(eq(ptr, strstr(text, "lines"), NULL));
    sil_bytes_clear(&got);
}

Test(check_data, counts_beyond_the_limit)
{
    struct sil_bytes got = {0};
    uint64_t n;

    check(&got, &n, "sex,age,town,score\nX,1,A,1\nX,1,A,1\nX,1,A,1\n", 2);

    cr_expect(eq(u64, n, 3));
    cr_expect(ne(ptr, strstr((const char *)got.data, "record 3 "), NULL));
    cr_expect(eq(ptr, strstr((const char *)got.data, "record 4 "), NULL));
    sil_bytes_clear(&got);
}

Test(check_data, has_nothing_to_say_about_declared_values)
{
    struct sil_bytes got = {0};
    uint64_t n;

    check(&got, &n, "sex,age,town,score\nM,1,A,1\nF,9,zzz,NA\n", 100);

    cr_expect(zero(u64, n), "%s", (const char *)got.data);
    sil_bytes_clear(&got);
}

Test(load, keeps_the_order_of_the_columns)
{
    static const uint32_t WANT[] = {3, 1, 0, 2};
    struct sil_csv_options options = {.ignore_extra_columns = true};
    struct test_file file = test_file_text("x,score,age,y,sex,town\n");
    struct sil_schema *schema = parse(SCHEMA);
    struct sil_table *table;
    uint32_t order[4];
    cr_assert(zero(
        int, sil_table_read(&table, file.path, schema, NULL, &options, NULL, NULL)));

    sil_table_column_order(order, table);

    cr_expect(zero(int, memcmp(order, WANT, sizeof order)));
    sil_table_free(table);
    sil_schema_free(schema);
    test_file_remove(&file);
}
