// SPDX-License-Identifier: Apache-2.0
#include "codec/csv.h"
#include "support/temp_file.h"
#include "table/schema.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static struct sil_bytes draft_and_count(size_t *n_doubtful, const char *csv, bool look)
{
    struct test_file file = test_file_text(csv);
    struct sil_csv_options options = {0};
    struct sil_bytes out = {0};
    struct sil_error err = {{0}};
    sil_status status =
        sil_schema_draft(&out, n_doubtful, file.path, &options, look, &err);
    test_file_remove(&file);
    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
    cr_assert(eq(int, sil_bytes_append(&out, "", 1, NULL), SIL_OK));
    return out;
}

static struct sil_bytes draft(const char *csv, bool look)
{
    size_t n_doubtful;
    return draft_and_count(&n_doubtful, csv, look);
}

static const struct doubt {
    const char *csv;
    size_t n;
    const char *first; ///< column
} DOUBTS[] = {
    {"age,name of 2,x1,1st,2020-13-01,NA\n",          0, NULL      },
    {"M,34,Paris\n",                                  1, "column 2"},
    {"a,-1.5,2020-02-29,2020-02-29T10:00:00,1e3,b\n", 4, "column 2"},
    {"a,\n",                                          1, "column 2"},
    {"a,b,a,a\n",                                     2, "column 3"},
    {"1\n",                                           1, "column 1"},
};

Test(draft, of_names_that_look_like_values_counts_them_and_says_so)
{
    for (size_t i = 0; i < 2 * sizeof DOUBTS / sizeof DOUBTS[0]; i++) {
        const struct doubt *doubt = &DOUBTS[i / 2];
        size_t n = SIZE_MAX;
        struct sil_bytes out = draft_and_count(&n, doubt->csv, i % 2 == 1);
        const char *note = strstr((const char *)out.data, "CAUTION: ");

        cr_expect(eq(sz, n, doubt->n), "%s", doubt->csv);
        if (doubt->n == 0) {
            cr_expect(note == NULL, "%s", doubt->csv);
        } else {
            cr_assert(note != NULL, "%s", doubt->csv);
            cr_expect(strstr(note, doubt->first) != NULL, "%s", note);
        }
        sil_bytes_clear(&out);
    }
}

Test(draft, of_a_header_lists_the_names_and_nothing_of_the_rows)
{
    struct sil_bytes out = draft("age,\"a \"\"b\"\"\",age\nsecret,1,2\n", false);
    const char *text = (const char *)out.data;
    struct sil_bytes problems = {0};
    size_t n;

    cr_expect(strstr(text, "\"name\": \"a \\\"b\\\"\",\n      \"type\": \"\"") != NULL);
    cr_expect(strstr(text, "secret") == NULL);
    cr_expect(strstr(text, "looked") == NULL);
    cr_expect(
        eq(int, sil_schema_explain(&problems, &n, text, strlen(text), NULL), SIL_OK));
    cr_expect(eq(sz, n, 4), "three types and a name that comes twice");
    sil_bytes_clear(&problems);
    sil_bytes_clear(&out);
}

/* One column of each kind; the text must be what the guess says about it. */
static const struct guess {
    const char *name;
    const char *csv;
    const char *wanted;   ///< in the draft
    const char *accepted; ///< a value of the domain
    const char *refused;
} GUESSES[] = {
    {"integers",                            "x\n3\n-1\n40\n",
     "\"type\": \"integer\",\n      \"constraints\": {\n        \"minimum\": \"-1\",\n"
     "        \"maximum\": \"40\",\n        \"required\": true",                                                                            "7",                    "41"   },
    {"missing values",                      "x\nNA\n3\n?\n4\nNA\n",
     "\"missingValues\": [\n        \"NA\",\n        \"?\"\n      ]",                                                                       "?",                    ""     },
    {"numbers",                             "x\n0.5\n2\n-1.25\n",
     "\"minimum\": \"-1.25\",\n        \"maximum\": \"2.00\"",                                                                              "0.01",                 "2.5"  },
    {"fine numbers round outwards",         "x\n0.12345678\n-0.12345678\n",
     "\"minimum\": \"-0.123457\",\n        \"maximum\": \"0.123457\"",                                                                      "0",                    "1"    },
    {"few steps make few bins",             "x\n0.0\n0.3\n",                                        "\"bins\": 4,",                         "0.1",                  "0.4"  },
    {"codes with a leading zero are texts", "x\n01\n02\n",
     "\"categories\": [\n        \"01\",\n        \"02\"\n      ]",                                                                         "01",                   "1"    },
    {"dates",                               "x\n2020-03-01\n2020-02-28\n",
     "\"minimum\": \"2020-02-28\",\n        \"maximum\": \"2020-03-01\"",                                                                   "2020-02-29",
     "2020-03-02"                                                                                                                                                          },
    {"times",                               "x\n2020-03-01T00:00:00\n2020-02-28 12:30:00\n",
     "\"minimum\": \"2020-02-28T12:30:00\"",                                                                                                "2020-02-29T00:00:00",
     "2020-03-01T00:00:01"                                                                                                                                                 },
    {"times of a zone keep one",            "x\n2024-01-01T00:15:00Z\n2024-01-01T03:00:00+02:00\n",
     "\"maximum\": \"2024-01-01T01:00:00Z\"",                                                                                               "2024-01-01T00:59:00Z",
     "2024-01-01T01:00:01Z"                                                                                                                                                },
    {"one time without a zone is enough",
     "x\n2024-01-01T00:15:00Z\n2024-01-01T03:00:00\n",                                              "\"maximum\": \"2024-01-01T03:00:00\"", "2024-01-01T00:59:00",
     "2024-01-01T03:00:01"                                                                                                                                                 },
    {"no time is behind the last",          "x\n9999-12-31T23:59:59.5\n9999-12-31T00:00:00\n",
     "\"maximum\": \"9999-12-31T23:59:59\"",                                                                                                "9999-12-31T23:59:59",
     "9999-12-30T00:00:00"                                                                                                                                                 },
    {"a decimal comma",                     "x\n\"2108,84\"\n7\n\"-0,5\"\n",
     "\"decimalChar\": \",\",\n      \"constraints\": {\n        \"minimum\": \"-0.50\",\n"
     "        \"maximum\": \"2108.84\"",                                                                                                    "3,14",                 "3.14" },
    {"three places behind a nought",        "x\n\"0,125\"\n\"1,250\"\n",
     "\"maximum\": \"1.250\"",                                                                                                              "1,125",                "1.125"},
    {"commas may stand between thousands",  "x\n\"1,250\"\n\"3,500\"\n",
     "\"categories\": [\n        \"1,250\"",                                                                                                "3,500",                "3500" },
    {"more steps than a schema may have",
     "x\n-9000000000000000000\n9000000000000000000\n",                                              "\"granularity\": \"10\"",              "7",
     "9000000000000000001"                                                                                                                                                 },
    {"a constant",                          "x\n2.50\n2.50\n",                                      "\"bins\": 1,",                         "2.5",                  "2.51" },
    {"booleans",                            "x\ntrue\nfalse\n",                                     "\"type\": \"boolean\"",                "true",                 "yes"  },
    {"texts, sorted",                       "x\nb\na\nb\n",
     "\"categories\": [\n        \"a\",\n        \"b\"\n      ]",                                                                           "a",                    "c"    },
    {"one value",                           "x\n7\n",                                               "\"maximum\": \"7\"",                   "7",                    "8"    },
};

Test(draft, of_the_rows_guesses_a_domain_that_holds_and_marks_it)
{
    for (size_t i = 0; i < sizeof GUESSES / sizeof GUESSES[0]; i++) {
        const struct guess *g = &GUESSES[i];
        struct sil_bytes out = draft(g->csv, true);
        const char *text = (const char *)out.data;
        struct sil_schema *schema;
        struct sil_error err;

        cr_expect(strstr(text, g->wanted) != NULL, "%s:\n%s", g->name, text);
        sil_status status = sil_schema_parse(&schema, text, strlen(text), &err);
        cr_assert(eq(int, status, SIL_OK), "%s: %s", g->name, err.text);

        const struct sil_field *field = sil_schema_field(schema, 0);
        cr_expect(sil_field_was_looked_at(field), "%s", g->name);
        cr_expect(sil_field_accepts(field, g->accepted, strlen(g->accepted)), "%s",
                  g->name);
        cr_expect(not(sil_field_accepts(field, g->refused, strlen(g->refused))), "%s",
                  g->name);
        sil_schema_free(schema);
        sil_bytes_clear(&out);
    }
}

Test(draft, of_a_column_without_values_is_left_to_the_person)
{
    struct sil_bytes out = draft("x,y\n,1\n,2\n", true);
    struct sil_bytes problems = {0};
    size_t n;

    cr_expect(eq(
        int,
        sil_schema_explain(&problems, &n, (const char *)out.data, out.length - 1, NULL),
        SIL_OK));
    cr_expect(eq(sz, n, 1));
    cr_expect(strstr((const char *)problems.data, "fields[0] (x): type") != NULL);
    cr_expect(strstr((const char *)out.data, "No value in the rows: ") != NULL);
    sil_bytes_clear(&problems);
    sil_bytes_clear(&out);
}

Test(draft, of_too_many_texts_asks_for_the_categories)
{
    struct sil_bytes csv = {0};
    cr_assert(eq(int, sil_bytes_printf(&csv, NULL, "x\n"), SIL_OK));
    for (int i = 0; i < 1001; i++) {
        cr_assert(
            eq(int, sil_bytes_printf(&csv, NULL, "n%d\n", i * 7919 % 1001), SIL_OK));
    }
    cr_assert(eq(int, sil_bytes_append(&csv, "", 1, NULL), SIL_OK));

    struct sil_bytes out = draft((const char *)csv.data, true);

    cr_expect(strstr((const char *)out.data, "More than 1000 distinct values") != NULL);
    cr_expect(strstr((const char *)out.data, "n100") == NULL);
    sil_bytes_clear(&out);
    sil_bytes_clear(&csv);
}

static const struct refusal {
    const char *csv;
    const char *message;
} REFUSALS[] = {
    {"",              "the file is empty: it needs a header"                     },
    {"x,\xff\n",      "the name of column 2 is not UTF-8; convert the file first"},
    {"x,y\n1,\xff\n", "column 2: a value is not UTF-8; convert the file first"   },
    {"x,y\n1\n",      "record 2 has another number of fields than the header"    },
};

Test(draft, refuses_files_it_cannot_read)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        struct test_file file = test_file_text(REFUSALS[i].csv);
        struct sil_csv_options options = {0};
        struct sil_bytes out = {0};
        struct sil_error err;

        size_t n_doubtful;
        cr_expect(eq(
            int, sil_schema_draft(&out, &n_doubtful, file.path, &options, true, &err),
            SIL_ERR_INPUT));
        cr_expect(strstr(err.text, REFUSALS[i].message) != NULL, "%s", err.text);
        cr_expect(zero(sz, out.length));
        test_file_remove(&file);
        sil_bytes_clear(&out);
    }
}

Test(import_mbi, makes_one_cell_an_integer_in_the_order_of_the_domain)
{
    const char *domain = "{\"zone\": 3, \"age\": 85, \"flag\": 1}";
    struct sil_bytes out = {0};
    struct sil_schema *schema;
    struct sil_error err;

    cr_assert(
        eq(int, sil_schema_import_mbi(&out, domain, strlen(domain), &err), SIL_OK));
    sil_status status =
        sil_schema_parse(&schema, (const char *)out.data, out.length, &err);

    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
    cr_expect(eq(u32, sil_schema_find(schema, "zone", 4), 0));
    cr_expect(eq(u32, sil_schema_find(schema, "age", 3), 1));
    cr_expect(eq(u32, sil_schema_field_cells(schema, 0), 3));
    cr_expect(eq(u32, sil_schema_field_cells(schema, 1), 85));
    cr_expect(eq(u32, sil_schema_field_cells(schema, 2), 1));
    cr_expect(eq(u32, sil_field_encode(sil_schema_field(schema, 1), "84", 2), 84));
    sil_schema_free(schema);
    sil_bytes_clear(&out);
}

Test(import_mbi, refuses_what_is_not_a_domain)
{
    static const char *const texts[] = {
        "[]",        "{}",        "{\"a\": 0}", "{\"a\": \"2\"}", "{\"a\": 1048577}",
        "{\"a\": 1", "{\"\": 3}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct sil_bytes out = {0};
        cr_expect(eq(int, sil_schema_import_mbi(&out, texts[i], strlen(texts[i]), NULL),
                     SIL_ERR_INPUT),
                  "%s", texts[i]);
        sil_bytes_clear(&out);
    }
}

Test(import_mbi, refuses_what_no_schema_can_hold)
{
    struct sil_bytes domain = {0};
    struct sil_bytes out = {0};
    struct sil_error err;
    for (int i = 0; i < 65; i++) { /* 2^20 cells each, more than 2^26 in all */
        cr_assert(eq(int,
                     sil_bytes_printf(&domain, &err, "%s\"a%d\": 1048576",
                                      i == 0 ? "{" : ", ", i),
                     SIL_OK));
    }
    cr_assert(eq(int, sil_bytes_printf(&domain, &err, "}"), SIL_OK));
    cr_expect(
        eq(int,
           sil_schema_import_mbi(&out, (const char *)domain.data, domain.length, &err),
           SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(err.text, "more than 2^26 cells"), NULL), "%s", err.text);
    cr_expect(eq(sz, out.length, 0));
    sil_bytes_clear(&domain);
}
