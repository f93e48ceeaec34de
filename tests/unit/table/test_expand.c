// SPDX-License-Identifier: Apache-2.0
/* The cell `other`, written as one of declared values by declared weights. */
#include "base/file.h"
#include "support/temp_file.h"
#include "table/field.h"
#include "table/table.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static struct sil_error error;

static struct sil_schema *parse(const char *json)
{
    struct sil_schema *schema = NULL;
    cr_assert(eq(int, sil_schema_parse(&schema, json, strlen(json), &error), SIL_OK),
              "%s", error.text);
    return schema;
}

static const char TOWNS[] =
    "{\"fields\": [{\"name\": \"town\", \"type\": \"string\", \"categories\": [\"Bern\"], "
    "\"silhouette\": {\"outside\": \"other\", \"expand\": {\"b, c\": 5, \"a\": 2, "
    "\"other\": 1}}}]}";

/* Words in eight equal steps: two are a, five b, one stays other. */
static void eighths(const void *key, uint64_t stream, uint64_t first, uint64_t *out,
                    size_t n)
{
    (void)key;
    cr_assert(eq(u64, stream, SIL_STREAM(SIL_STREAM_DECODE, 0)));
    for (size_t i = 0; i < n; i++) {
        out[i] = (first + i) << 61;
    }
}

static void expect_rows(const struct sil_schema *schema, uint32_t code, size_t n,
                        const char *want)
{
    const struct sil_domain domain = sil_schema_domain(schema);
    const struct sil_words words = {.draw = eighths};
    const struct sil_csv_options csv = {.delimiter = ','};
    struct test_file file = test_file_text("");
    struct sil_output *output = NULL;
    struct sil_codes codes = {0};
    struct sil_bytes text = {0};
    cr_assert(eq(int, sil_codes_init(&codes, &domain, n, &error), SIL_OK));
    for (size_t row = 0; row < n; row++) {
        sil_codes_set(&codes, 0, row, code);
    }
    cr_assert(eq(int, sil_output_open(&output, file.path, 0600, &error), SIL_OK));
    cr_assert(eq(
        int,
        sil_codes_write_csv(output, &codes, schema, NULL, words, &csv, NULL, 1, &error),
        SIL_OK));
    cr_assert(eq(int, sil_output_commit(output, &error), SIL_OK));
    cr_assert(eq(int, sil_file_read(&text, file.path, 4096, &error), SIL_OK));
    cr_expect(text.length == strlen(want) && memcmp(text.data, want, text.length) == 0,
              "%.*s", (int)text.length, (const char *)text.data);
    sil_bytes_clear(&text);
    sil_codes_clear(&codes);
    test_file_remove(&file);
}

Test(expand, values_come_by_their_weights_in_the_order_of_their_bytes)
{
    struct sil_schema *schema = parse(TOWNS);
    expect_rows(
        schema, 1, 8,
        "town\na\na\n\"b, c\"\n\"b, c\"\n\"b, c\"\n\"b, c\"\n\"b, c\"\nother\n");
    expect_rows(schema, 0, 2, "town\nBern\nBern\n");
    sil_schema_free(schema);
}

Test(expand, a_value_of_it_is_read_as_other_again)
{
    struct sil_schema *schema = parse(TOWNS);
    const struct sil_field *field = sil_schema_field(schema, 0);
    struct sil_bytes words = {0};
    cr_expect(eq(u32, sil_field_encode(field, "b, c", 4), 1));
    cr_expect(eq(u32, sil_field_encode(field, "Bern", 4), 0));
    cr_assert(eq(int, sil_field_describe(&words, field, &error), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&words, "", 1, &error), SIL_OK));
    cr_expect_not_null(strstr((const char *)words.data,
                              "drawn by declared weights and not by the rows"));
    sil_bytes_clear(&words);
    sil_schema_free(schema);
}

Test(expand, words_are_spent_to_the_last_bit)
{
    struct sil_schema *schema = parse(TOWNS);
    const struct sil_expansion *expansion = &sil_schema_field(schema, 0)->expansion;
    const uint64_t quarter = UINT64_C(1) << 62;
    const uint64_t seven = UINT64_C(7) << 61;
    cr_expect(eq(sz, sil_expansion_pick(expansion, 0), 0));
    cr_expect(eq(sz, sil_expansion_pick(expansion, quarter - 1), 0));
    cr_expect(eq(sz, sil_expansion_pick(expansion, quarter), 1));
    cr_expect(eq(sz, sil_expansion_pick(expansion, seven - 1), 1));
    cr_expect(eq(sz, sil_expansion_pick(expansion, seven), 2));
    cr_expect(eq(sz, sil_expansion_pick(expansion, UINT64_MAX), 2));
    sil_schema_free(schema);
}

/* What was found has a cell; other is none of it, and none at all when all was found. */
Test(expand, what_was_found_is_left_out)
{
    static const char OPEN[] =
        "{\"fields\": [{\"name\": \"town\", \"type\": \"string\", \"silhouette\": "
        "{\"open\": true, \"expand\": {\"Bern\": 1, \"Genf\": 1}}}]}";
    const struct sil_found found[] = {
        {.text = "Bern", .length = 4},
        {.text = "Genf", .length = 4},
    };
    struct sil_schema *schema = parse(OPEN);
    cr_assert(eq(int, sil_schema_settle(schema, 0, found, 1, &error), SIL_OK));
    expect_rows(schema, 1, 3, "town\nGenf\nGenf\nGenf\n");
    sil_schema_free(schema);
    schema = parse(OPEN);
    cr_assert(eq(int, sil_schema_settle(schema, 0, found, 2, &error), SIL_OK));
    expect_rows(schema, 2, 2, "town\nother\nother\n");
    sil_schema_free(schema);
}
