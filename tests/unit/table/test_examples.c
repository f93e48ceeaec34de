// SPDX-License-Identifier: Apache-2.0
/* The schemas of docs/examples are declared without looking at rows: they must hold what the
 * tables they are made for hold, and their cells must be few enough to be of use. The real
 * tables are no part of the project; without them their test is skipped. */
#include "base/file.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "table/field.h"
#include "table/schema.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLES SIL_SOURCE_DIR "/docs/examples/"

enum { PATH_BYTES = 1024, CELLS_MOST = 128, COLUMNS_MOST = 64, LINES_MOST = 79 };

static const struct example {
    const char *schema;
    uint32_t n_fields;
    const char
        *table; ///< below the folder of test data; NULL: made up by a specification
    const char *spec;
} EXAMPLE_SCHEMAS[] = {
    {"adult.schema.json",        15, "adult/adult_full.csv",                   NULL           },
    {"national2019.schema.json", 24, "nist_acs_national2019/national2019.csv", NULL           },
    {"hmeq.schema.json",         13, "hmeq/hmeq.csv",                          NULL           },
    {"hospital.schema.json",     14, NULL,                                     "hospital.json"},
    {"bank.schema.json",         15, NULL,                                     "bank.json"    },
};

enum { N_EXAMPLES = sizeof EXAMPLE_SCHEMAS / sizeof EXAMPLE_SCHEMAS[0] };

static struct sil_schema *read_schema(const struct example *e)
{
    char path[PATH_BYTES];
    struct sil_schema *schema;
    struct sil_error err;
    (void)snprintf(path, sizeof path, EXAMPLES "%s", e->schema);
    cr_assert(eq(int, sil_schema_read(&schema, path, &err), SIL_OK), "%s", err.text);
    return schema;
}

Test(examples, are_valid_and_declared_in_public)
{
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        const struct example *e = &EXAMPLE_SCHEMAS[i];
        struct sil_schema *schema = read_schema(e);
        cr_expect(eq(u32, sil_schema_n_fields(schema), e->n_fields), "%s", e->schema);
        for (uint32_t f = 0; f < sil_schema_n_fields(schema); f++) {
            const char *name = sil_schema_field_name(schema, f);
            cr_expect(le(u32, sil_schema_field_cells(schema, f), CELLS_MOST), "%s: %s",
                      e->schema, name);
            cr_expect(not(sil_field_was_looked_at(sil_schema_field(schema, f))),
                      "%s: %s", e->schema, name);
        }
        sil_schema_free(schema);
    }
}

/* A person writes them, and another one reads them whole. */
Test(examples, are_short)
{
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        char path[PATH_BYTES];
        struct sil_bytes text;
        uint32_t n_lines = 0;
        (void)snprintf(path, sizeof path, EXAMPLES "%s", EXAMPLE_SCHEMAS[i].schema);
        cr_assert(eq(int, sil_file_read(&text, path, 1 << 20, NULL), SIL_OK));
        for (size_t k = 0; k < text.length; k++) {
            n_lines += text.data[k] == '\n';
        }
        cr_expect(le(u32, n_lines, LINES_MOST), "%s", path);
        sil_bytes_clear(&text);
    }
}

Test(examples, of_the_documentation_is_valid)
{
    struct sil_bytes page;
    struct sil_schema *schema;
    struct sil_error err;
    cr_assert(eq(int,
                 sil_file_read(&page, SIL_SOURCE_DIR "/docs/schema.md", 1 << 20, NULL),
                 SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&page, "", 1, NULL), SIL_OK));
    const char *start = strstr((const char *)page.data, "```json\n");
    cr_assert(start != NULL);
    const char *end = strstr(start + 8, "```");
    cr_assert(end != NULL);

    sil_status status =
        sil_schema_parse(&schema, start + 8, (size_t)(end - start - 8), &err);

    cr_assert(eq(int, status, SIL_OK), "%s", err.text);
    cr_expect(eq(u32, sil_schema_n_fields(schema), 5));
    sil_schema_free(schema);
    sil_bytes_clear(&page);
}

/* The columns that a specification writes, in order. */
Test(examples, of_specifications_have_their_columns)
{
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        const struct example *e = &EXAMPLE_SCHEMAS[i];
        char path[PATH_BYTES];
        struct sil_bytes text;
        json_t *spec;
        json_t *field;
        size_t index;
        uint32_t column = 0;
        if (e->spec == NULL) {
            continue;
        }
        struct sil_schema *schema = read_schema(e);
        (void)snprintf(path, sizeof path, EXAMPLES "%s", e->spec);
        cr_assert(eq(int, sil_file_read(&text, path, 1 << 20, NULL), SIL_OK));
        cr_assert(
            eq(int,
               sil_json_parse(&spec, (const char *)text.data, text.length, "it", NULL),
               SIL_OK));

        json_array_foreach(json_object_get(spec, "fields"), index, field)
        {
            const char *name = json_string_value(json_object_get(field, "name"));
            if (!json_is_true(json_object_get(field, "hidden"))) {
                cr_expect(eq(u32, sil_schema_find(schema, name, strlen(name)), column),
                          "%s: %s", e->schema, name);
                column++;
            }
        }
        cr_expect(eq(u32, column, e->n_fields), "%s", e->schema);
        json_decref(spec);
        sil_bytes_clear(&text);
        sil_schema_free(schema);
    }
}

static const char *data_folder(void)
{
    const char *folder = getenv("SIL_TEST_DATA");
    return folder != NULL ? folder : SIL_SOURCE_DIR "/../shared/data";
}

/* A real table, read through its example. */
struct survey {
    size_t n_outside;                ///< values without a cell of their own
    bool meets_lowest[COLUMNS_MOST]; ///< of each field in bins: the minimum is a value
    bool meets_highest[COLUMNS_MOST];
};

static void survey_value(struct survey *out, const struct sil_schema *schema,
                         uint32_t index, const struct sil_csv_field *text)
{
    const struct sil_field *field = sil_schema_field(schema, index);
    struct sil_scaled value;
    out->n_outside += !sil_field_accepts(field, text->text, text->length);
    if (!field->is_closed && sil_field_scale(&value, field, text->text, text->length)) {
        out->meets_lowest[index] |= value.floor <= field->bins.first;
        out->meets_highest[index] |= value.floor >= field->bins.last;
    }
}

static struct survey survey(const struct example *e, const char *path)
{
    struct sil_schema *schema = read_schema(e);
    struct survey out = {0};
    struct sil_csv_options options = {0};
    struct sil_csv_reader *reader;
    const struct sil_csv_field *text;
    uint32_t column[COLUMNS_MOST];
    size_t n;
    cr_assert(eq(int, sil_csv_open(&reader, path, &options, NULL), SIL_OK));
    cr_assert(eq(int, sil_csv_next(reader, &text, &n, NULL), SIL_OK));
    cr_assert(eq(sz, n, e->n_fields), "%s", path);
    for (size_t i = 0; i < n; i++) {
        column[i] = sil_schema_find(schema, text[i].text, text[i].length);
        cr_assert(lt(u32, column[i], e->n_fields), "%s", path);
    }
    for (;;) {
        cr_assert(eq(int, sil_csv_next(reader, &text, &n, NULL), SIL_OK));
        if (n == 0) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            survey_value(&out, schema, column[i], &text[i]);
        }
    }
    sil_csv_close(reader);
    sil_schema_free(schema);
    return out;
}

/* Bounds of a measured amount that are its least and its largest value in the rows were
 * taken from the rows; integers and codes have bounds that a code book gives. */
static void expect_bounds_of_its_own(const struct example *e, const struct survey *seen)
{
    struct sil_schema *schema = read_schema(e);
    for (uint32_t f = 0; f < sil_schema_n_fields(schema); f++) {
        bool is_amount = sil_schema_field(schema, f)->type == SIL_TYPE_NUMBER;
        cr_expect(not(is_amount && seen->meets_lowest[f] && seen->meets_highest[f]),
                  "%s: %s", e->schema, sil_schema_field_name(schema, f));
    }
    sil_schema_free(schema);
}

Test(examples, hold_every_value_of_the_real_tables_within_bounds_of_their_own)
{
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        const struct example *e = &EXAMPLE_SCHEMAS[i];
        char path[PATH_BYTES];
        if (e->table == NULL) {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/%s", data_folder(), e->table);
        FILE *file = fopen(path, "rb");
        if (file == NULL) {
            cr_skip_test("no %s: set SIL_TEST_DATA", e->table);
        }
        (void)fclose(file);
        struct survey seen = survey(e, path);
        cr_expect(zero(sz, seen.n_outside), "%s", e->table);
        expect_bounds_of_its_own(e, &seen);
    }
}
