// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "table/look.h"
#include "table/schema.h"

#include <stdlib.h>

#define SCHEMA_PROFILE "https://datapackage.org/profiles/2.0/tableschema.json"

static const char HEADER_NOTE[] =
    "Draft from the column names. For each field choose a type (string, integer, number, "
    "boolean, date, datetime) and declare its domain: categories, or minimum and maximum "
    "in constraints. Use public knowledge, not the rows. Leave out columns that nobody "
    "needs. Then run: silhouette schema check.";
static const char LOOK_NOTE[] =
    "Draft guessed by looking at the rows. What is marked \"origin\": \"looked\" "
    "is outside the guarantee: replace it with public knowledge.";

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

static sil_status add_names(json_t *fields, struct sil_csv_reader *reader, size_t *n,
                            struct sil_error *err)
{
    const struct sil_csv_field *name;
    sil_status status = sil_csv_next(reader, &name, n, err);
    if (status == SIL_OK && *n == 0) {
        return sil_fail(err, SIL_ERR_INPUT, "the file is empty: it needs a header");
    }
    for (size_t i = 0; status == SIL_OK && i < *n; i++) {
        json_t *text = json_stringn(name[i].text, name[i].length);
        if (text == NULL) {
            return sil_fail(
                err, SIL_ERR_INPUT,
                "the name of column %zu is not UTF-8; convert the file first", i + 1);
        }
        json_t *field = json_pack("{s:o, s:s}", "name", text, "type", "");
        if (json_array_append_new(fields, field) != 0) {
            return no_memory(err);
        }
    }
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

sil_status sil_schema_draft(struct sil_bytes *out, const char *csv_path,
                            const struct sil_csv_options *options, bool look,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_csv_reader *reader = NULL;
    json_t *root = NULL;
    json_t *fields;
    size_t n;

    SIL_TRY(sil_csv_open(&reader, csv_path, options, err));
    SIL_TRY(start(&root, &fields, look ? LOOK_NOTE : HEADER_NOTE, err));
    SIL_TRY(add_names(fields, reader, &n, err));
    if (look) {
        SIL_TRY(guess(fields, reader, n, err));
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
    SIL_TRY(sil_json_dump(out, root, err));

cleanup:
    json_decref(domain);
    json_decref(root);
    return status;
}
