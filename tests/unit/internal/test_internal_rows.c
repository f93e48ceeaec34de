// SPDX-License-Identifier: Apache-2.0
/* The rows as the report sees them, and its account of what the policies did. */
#include "internal/rows.h"
#include "support/temp_file.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

/* A field of every policy. */
static const char SCHEMA[] =
    "{\"missingValues\": [\"\", \"NA\"], \"fields\": ["
    "{\"name\": \"sex\", \"type\": \"string\", \"categories\": [\"F\", \"M\"],"
    " \"constraints\": {\"required\": true}, \"silhouette\": {\"outside\": \"drop\"}},"
    "{\"name\": \"age\", \"type\": \"integer\","
    " \"constraints\": {\"minimum\": 0, \"maximum\": 9, \"required\": true},"
    " \"silhouette\": {\"bins\": \"integers\", \"outside\": \"clamp\"}},"
    "{\"name\": \"town\", \"type\": \"string\", \"categories\": [\"A\", \"B\"],"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"zzz\"}},"
    "{\"name\": \"score\", \"type\": \"number\","
    " \"constraints\": {\"minimum\": 0, \"maximum\": 10},"
    " \"silhouette\": {\"bins\": 2, \"outside\": \"null\"}}]}";

static struct sil_error error;

static sil_status read_text(struct sil_rows *rows, const char *csv)
{
    struct sil_schema *schema;
    struct test_file file = test_file_text(csv);
    const struct sil_csv_options options = {0};
    cr_assert_eq(sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), &error), SIL_OK,
                 "%s", error.text);
    sil_status status =
        sil_rows_read(rows, file.path, schema, NULL, &options, NULL, &error);
    sil_schema_free(schema);
    test_file_remove(&file);
    return status;
}

static void expect_outside(const struct sil_rows *rows, uint32_t column,
                           struct sil_outsiders expected)
{
    const struct sil_outsiders *found = &rows->outside[column];
    cr_expect_eq(found->moved, expected.moved, "column %u", column);
    cr_expect_eq(found->other, expected.other, "column %u", column);
    cr_expect_eq(found->null, expected.null, "column %u", column);
    cr_expect_eq(found->dropped, expected.dropped, "column %u", column);
}

Test(internal_rows, count_what_each_policy_did_to_each_column)
{
    struct sil_rows rows;
    cr_assert_eq(read_text(&rows, "town,sex,age,score\n"
                                  "A,F,3,5\n"   /* all inside */
                                  "C,M,12,11\n" /* other, moved, null */
                                  "D,X,-1,5\n"  /* other, dropped, moved */
                                  "zzz,,4,NA\n" /* dropped: required and missing */
                                  "B,F,10,-1\n" /* moved, null */
                                  ",M,9,10\n"), /* missing where it may be */
                 SIL_OK, "%s", error.text);
    cr_expect_eq(rows.n_read, 6U);
    cr_expect_eq(rows.n_dropped, 2U);
    cr_expect_eq(rows.codes.n_rows, 4U);
    expect_outside(&rows, 0, (struct sil_outsiders){.dropped = 2});
    expect_outside(&rows, 1, (struct sil_outsiders){.moved = 3});
    expect_outside(&rows, 2, (struct sil_outsiders){.other = 2});
    expect_outside(&rows, 3, (struct sil_outsiders){.null = 2});
    sil_rows_clear(&rows);
}

Test(internal_rows, have_the_codes_of_the_measured_table)
{
    static const uint32_t EXPECTED[2][4] = {
        {0, 3, 0, 1},
        {1, 9, 2, 2}
    };
    struct sil_rows rows;
    cr_assert_eq(read_text(&rows, "town,sex,age,score\nA,F,3,5\nC,M,12,11\n"), SIL_OK,
                 "%s", error.text);
    for (size_t row = 0; row < 2; row++) {
        for (uint32_t a = 0; a < 4; a++) {
            cr_expect_eq(sil_codes_get(&rows.codes, a, row), EXPECTED[row][a],
                         "row %zu, column %u", row, a);
        }
    }
    sil_rows_clear(&rows);
}

/* Past the first room for rows, twice. */
Test(internal_rows, grow_and_stay_what_they_are)
{
    enum { N = 10000, LINE = 12 };

    static char csv[32 + N * LINE];
    struct sil_rows rows;
    size_t used = (size_t)sprintf(csv, "sex,age,town,score\n");
    for (size_t i = 0; i < N; i++) {
        used +=
            (size_t)sprintf(csv + used, "%s,%zu,A,1\n", i % 3 == 0 ? "F" : "M", i % 10);
    }
    cr_assert_eq(read_text(&rows, csv), SIL_OK, "%s", error.text);
    cr_assert_eq(rows.codes.n_rows, (size_t)N);
    for (size_t i = 0; i < N; i++) {
        cr_assert_eq(sil_codes_get(&rows.codes, 0, i), i % 3 == 0 ? 0U : 1U);
        cr_assert_eq(sil_codes_get(&rows.codes, 1, i), i % 10);
    }
    sil_rows_clear(&rows);
}

static const struct refusal {
    const char *csv;
    const char *says;
} REFUSALS[] = {
    {"sex,age,town,score\n",              "there is no row to compare"                  },
    {"sex,age,town,score\nX,1,A,1\n",     "the schema's policies drop every one of them"},
    {"sex,age,town\nF,1,A\n",             "the header lacks \"score\""                  },
    {"sex,age,town,score,x\nF,1,A,1,2\n", "the schema lacks 1 of the columns"           },
    {"sex,age,town,score\nF,1,A\n",       "record 2 (line 2): 3 fields"                 },
    {"",                                  "is empty"                                    },
};

Test(internal_rows, refuse_a_file_of_another_schema_or_without_rows)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        struct sil_rows rows;
        cr_expect_eq(read_text(&rows, REFUSALS[i].csv), SIL_ERR_INPUT, "case %zu", i);
        cr_expect_not_null(strstr(error.text, REFUSALS[i].says), "case %zu: %s", i,
                           error.text);
        cr_expect_null(rows.outside);
        cr_expect_null(rows.codes.column);
    }
}
