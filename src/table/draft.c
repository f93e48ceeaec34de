// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "table/calendar.h"
#include "table/look.h"
#include "table/schema.h"

#include <stdlib.h>

#define SCHEMA_PROFILE "https://datapackage.org/profiles/2.0/tableschema.json"

static const char HEADER_NOTE[] =
    "Draft from the column names. For each field choose a type (string, integer, number, "
    "boolean, date, datetime) and declare its domain: categories, or minimum and maximum "
    "in constraints. Use public knowledge, not the rows. Leave out columns that nobody "
    "needs: the names of the others become public. Then run: silhouette schema check.";
static const char LOOK_NOTE[] =
    "Draft guessed by looking at the rows. What is marked \"origin\": \"looked\" "
    "is outside the guarantee, for ever: declare those fields anew, from public "
    "knowledge.";

static sil_status no_memory(struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a draft");
}

/* A schema without fields. */
static sil_status start(json_t **root, json_t **fields, const char *note,
                        struct sil_error *err)
{
    *fields = json_array();
    *root = json_pack("{s:s, s:s, s:o}", "$schema", SCHEMA_PROFILE, "description", note,
                      "fields", *fields);
    return *root == NULL ? no_memory(err) : SIL_OK;
}

static sil_status add_name(json_t *fields, size_t column,
                           const struct sil_csv_field *name, struct sil_error *err)
{
    json_t *text = json_stringn(name->text, name->length);
    if (text == NULL) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "the name of column %zu is not UTF-8; convert the file first",
                        column);
    }
    json_t *field = json_pack("{s:o, s:s}", "name", text, "type", "");
    return json_array_append_new(fields, field) == 0 ? SIL_OK : no_memory(err);
}

static bool is_value(const struct sil_csv_field *name)
{
    struct sil_scaled value;
    return name->length == 0 ||
           sil_scaled_parse(&value, name->text, name->length, 0, '.') ||
           sil_date_parse(&value, name->text, name->length) ||
           sil_datetime_parse(&value, NULL, name->text, name->length);
}

/* How many names look like the values of a row, and the first column of those. A file
 * without header has a row in its place, and what is taken for names becomes public. */
static sil_status count_doubtful(size_t *n_doubtful, size_t *first,
                                 const json_t *fields, const struct sil_csv_field *name,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *seen = json_object();
    *n_doubtful = 0;
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const char *text =
            json_string_value(json_object_get(json_array_get(fields, i), "name"));
        if (is_value(&name[i]) || json_object_get(seen, text) != NULL) {
            *first = *n_doubtful == 0 ? i + 1 : *first;
            (*n_doubtful)++;
        }
        if (json_object_set_new(seen, text, json_true()) != 0) {
            status = no_memory(err);
            break;
        }
    }
    json_decref(seen);
    return status;
}

/* Into the draft, since that is what is read and handed on: places, never the names. */
static sil_status note_doubtful(json_t *root, size_t n_doubtful, size_t first,
                                struct sil_error *err)
{
    json_t *note = json_sprintf(
        "CAUTION: %zu of the names may be values (a number, a date, empty or repeated), "
        "the first of them that of column %zu. If the file has no header, the names are "
        "a row of the table: do not hand on this draft. %s",
        n_doubtful, first, json_string_value(json_object_get(root, "description")));
    return json_object_set_new(root, "description", note) == 0 ? SIL_OK
                                                               : no_memory(err);
}

static sil_status add_names(json_t *root, json_t *fields, struct sil_csv_reader *reader,
                            size_t *n_doubtful, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_csv_field *name;
    size_t n;
    size_t first = 0;

    SIL_TRY(sil_csv_next(reader, &name, &n, err));
    if (n == 0) {
        status = sil_fail(err, SIL_ERR_INPUT, "the file is empty: it needs a header");
        goto cleanup;
    }
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(add_name(fields, i + 1, &name[i], err));
    }
    SIL_TRY(count_doubtful(n_doubtful, &first, fields, name, err));
    if (*n_doubtful > 0) {
        SIL_TRY(note_doubtful(root, *n_doubtful, first, err));
    }

cleanup:
    return status;
}

static sil_status read_rows(struct sil_look *looks, size_t n_columns,
                            struct sil_csv_reader *reader, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_csv_field *field;
    size_t n;
    SIL_TRY(sil_csv_next(reader, &field, &n, err));
    while (n > 0) {
        if (n != n_columns) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "record %llu has another number of fields than the header",
                            (unsigned long long)sil_csv_record(reader));
        }
        for (size_t i = 0; i < n; i++) {
            SIL_TRY(sil_look_add(&looks[i], field[i].text, field[i].length, err));
        }
        SIL_TRY(sil_csv_next(reader, &field, &n, err));
    }

cleanup:
    return status;
}

static sil_status guess(json_t *fields, struct sil_csv_reader *reader, size_t n,
                        struct sil_error *err)
{
    struct sil_look *looks;
    sil_status status = sil_alloc(&looks, n, sizeof *looks, "columns", err);
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        looks[i] = sil_look_start();
    }
    if (status == SIL_OK) {
        status = read_rows(looks, n, reader, err);
    }
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        status = sil_look_guess(json_array_get(fields, i), &looks[i], err);
        if (status == SIL_ERR_INPUT) {
            status = sil_fail_within(err, status, "column %zu", i + 1);
        }
    }
    for (size_t i = 0; looks != NULL && i < n; i++) {
        sil_look_clear(&looks[i]);
    }
    free(looks);
    return status;
}

sil_status sil_schema_draft(struct sil_bytes *out, size_t *n_doubtful,
                            const char *csv_path, const struct sil_csv_options *options,
                            bool look, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_csv_reader *reader = NULL;
    json_t *root = NULL;
    json_t *fields;
    *n_doubtful = 0;

    SIL_TRY(sil_csv_open(&reader, csv_path, options, err));
    SIL_TRY(start(&root, &fields, look ? LOOK_NOTE : HEADER_NOTE, err));
    SIL_TRY(add_names(root, fields, reader, n_doubtful, err));
    if (look) {
        SIL_TRY(guess(fields, reader, json_array_size(fields), err));
    }
    SIL_TRY(sil_json_dump(out, root, err));

cleanup:
    sil_csv_close(reader);
    json_decref(root);
    return status;
}

static sil_status add_attribute(json_t *fields, const char *name, json_t *cells,
                                struct sil_error *err)
{
    if (!json_is_integer(cells) || json_integer_value(cells) < 1 ||
        json_integer_value(cells) > 1 << 20) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "\"%.80s\": must be the number of its cells, 1 to 1048576",
                        name);
    }
    json_t *field =
        json_pack("{s:s, s:s, s:{s:b, s:i, s:I}, s:{s:s}}", "name", name, "type",
                  "integer", "constraints", "required", 1, "minimum", 0, "maximum",
                  json_integer_value(cells) - 1, "silhouette", "bins", "integers");
    return json_array_append_new(fields, field) == 0 ? SIL_OK : no_memory(err);
}

sil_status sil_schema_import_mbi(struct sil_bytes *out, const char *json, size_t length,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *domain = NULL;
    json_t *root = NULL;
    json_t *fields;
    json_t *cells;
    const char *name;
    struct sil_schema *schema = NULL;
    struct sil_bytes text = {0};

    SIL_TRY(sil_json_parse(&domain, json, length, "the domain", err));
    if (!json_is_object(domain) || json_object_size(domain) == 0) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the domain must be an object, {\"name\": cells, ...}");
        goto cleanup;
    }
    SIL_TRY(start(&root, &fields, "Imported from an mbi domain: integer codes.", err));
    json_object_foreach(domain, name, cells)
    {
        SIL_TRY(add_attribute(fields, name, cells, err));
    }
    SIL_TRY(sil_json_dump(&text, root, err));
    /* A domain can hold what a schema cannot: an empty name, too many cells in all. */
    status = sil_schema_parse(&schema, (const char *)text.data, text.length, err);
    if (status != SIL_OK) {
        status = sil_fail_within(err, status, "the domain");
        goto cleanup;
    }
    SIL_TRY(sil_bytes_append(out, text.data, text.length, err));

cleanup:
    sil_schema_free(schema);
    sil_bytes_clear(&text);
    json_decref(domain);
    json_decref(root);
    return status;
}
