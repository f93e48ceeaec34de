// SPDX-License-Identifier: Apache-2.0
/* datapackage.json: what tools that know Data Packages need to read the rows, and the claim
 * beside it. Everything about the columns is what the schema declares; nothing is found
 * out from rows. docs/datapackage.profile.json is the profile. */
#include "base/fail.h"
#include "codec/json.h"
#include "release/documents.h"
#include "release/names.h"
#include "release/statement.h"
#include "release/statement_parts.h"
#include "synth/model_object.h"

#include <inttypes.h>
#include <string.h>

#define PROFILE "https://datapackage.org/profiles/2.0/datapackage.json"
#define PRIVACY "silhouette:privacy"

/* More digits than 15 no decimal of a schema has (sil_json_parse): all come back. */
enum { DECIMAL_DIGITS = 15 };

/* ---- the schema, as it is true of data.csv ---- */

/* The texts that mean null in a field: its own, the schema's, or the standard's default. */
static json_t *missing_of(json_t *field, json_t *schema)
{
    json_t *own = json_object_get(field, "missingValues");
    json_t *all = json_object_get(schema, "missingValues");
    return own != NULL   ? json_copy(own)
           : all != NULL ? json_copy(all)
                         : json_pack("[s]", "");
}

/* The listed values of a field; an open one without any gets a list for those found. */
static json_t *list_of(json_t *field, bool is_open)
{
    json_t *list = json_object_get(field, "categories");
    if (list == NULL) {
        list = json_object_get(json_object_get(field, "constraints"), "enum");
    }
    if (list == NULL && is_open &&
        json_object_set_new(field, "categories", json_array()) == 0) {
        list = json_object_get(field, "categories");
    }
    return list;
}

/* A value, as the list has its values: with a place for a label, or bare. Takes `text`. */
static int add_to_list(json_t *list, json_t *text)
{
    bool has_labels = json_is_object(json_array_get(list, 0));
    return json_array_append_new(list,
                                 has_labels ? json_pack("{s:o}", "value", text) : text);
}

/* Values that were discovered are values of data.csv like those listed. */
static int declare_found(json_t *field, const struct sil_transcript *transcript,
                         uint32_t attr)
{
    int failed = 0;
    for (size_t d = 0; d < transcript->n_discoveries; d++) {
        const struct sil_discovery *found = &transcript->discovery[d];
        for (size_t i = 0; found->attr == attr && i < found->n; i++) {
            failed |=
                add_to_list(list_of(field, true),
                            json_stringn(found->found[i].text, found->found[i].length));
        }
    }
    return failed;
}

/* A field whose cell `other` is written as a text of its own: that text is one more of the
 * listed values, or the declared ones that stand for it are, or, where it is no value of the type, one more that means "no value". */
static int declare_other(json_t *field, json_t *schema, const struct sil_field *settled)
{
    json_t *extension = json_object_get(field, "silhouette");
    const char *outside = json_string_value(json_object_get(extension, "outside"));
    const char *text = json_string_value(json_object_get(extension, "other"));
    const char *type = json_string_value(json_object_get(field, "type"));
    bool is_open = json_is_true(json_object_get(extension, "open"));
    if (!is_open && (outside == NULL || strcmp(outside, "other") != 0)) {
        return 0;
    }
    json_t *list = list_of(field, is_open);
    size_t n = sil_field_n_expanded(settled);
    int failed = 0;
    for (size_t i = 0; i < n; i++) {
        failed |= add_to_list(list, json_string(sil_field_expanded(settled, i)));
    }
    if (n > 0) {
        return failed;
    }
    json_t *other = json_string(text != NULL ? text : "other");
    if (type != NULL && strcmp(type, "string") == 0 && list != NULL) {
        return add_to_list(list, other);
    }
    json_t *missing = missing_of(field, schema);
    failed |= json_array_append_new(missing, other);
    return json_object_set_new(field, "missingValues", missing) | failed;
}

/* Fields in the order of the file's columns: a table's fields must match exactly. */
static int put_fields(json_t *schema, const struct sil_transcript *transcript)
{
    json_t *declared = json_object_get(schema, "fields");
    json_t *fields = json_array();
    int failed = 0;
    for (uint32_t i = 0; i < sil_schema_n_columns(transcript->schema); i++) {
        const uint32_t column = transcript->order[i];
        json_t *field =
            json_array_get(declared, sil_schema_position(transcript->schema, column));
        failed |= declare_found(field, transcript, column);
        failed |=
            declare_other(field, schema, sil_schema_field(transcript->schema, column)) |
            json_array_append(fields, field);
    }
    return json_object_set_new(schema, "fields", fields) | failed;
}

static sil_status make_schema(json_t **out, const struct sil_transcript *transcript,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *text = NULL;
    size_t length = 0;
    sil_schema_text(&text, &length, transcript->schema);
    SIL_TRY(sil_json_parse(out, text, length, "the schema", err));
    int failed = put_fields(*out, transcript);
    (void)json_object_del(*out, "fieldsMatch");
    if (failed != 0) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the package");
    }

cleanup:
    return status;
}

/* ---- the package ---- */

static json_t *json_hash(const struct sil_digest *digest)
{
    char text[sizeof "sha256:" + (size_t)2 * SIL_HASH_BYTES] = "sha256:";
    sil_hash_hex(text + strlen(text), digest->sha256);
    return json_string(text);
}

/* `schema` is taken over. */
static json_t *json_rows(const struct sil_digests *digests, json_t *schema)
{
    const struct sil_digest *digest = &digests->of[SIL_ARTIFACT_DATA];
    json_t *dialect =
        json_pack("{s:b, s:s, s:s, s:s, s:b}", "header", 1, "delimiter", ",",
                  "lineTerminator", "\n", "quoteChar", "\"", "doubleQuote", 1);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "name",
                     "data", "path", sil_artifact_name(SIL_ARTIFACT_DATA), "type",
                     "table", "format", "csv", "mediatype", "text/csv", "encoding",
                     "utf-8", "bytes", (json_int_t)digest->bytes, "hash",
                     json_hash(digest), "dialect", dialect, "schema", schema);
}

static json_t *json_schema_file(const struct sil_digests *digests)
{
    const struct sil_digest *digest = &digests->of[SIL_ARTIFACT_SCHEMA];
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o}", "name", "schema",
                     "title", "What was declared public before anything was measured",
                     "path", sil_artifact_name(SIL_ARTIFACT_SCHEMA), "format", "json",
                     "mediatype", "application/json", "encoding", "utf-8", "bytes",
                     (json_int_t)digest->bytes, "hash", json_hash(digest));
}

/* The fields that somebody declared after looking at the rows. */
static json_t *json_looked(const struct sil_schema *schema)
{
    json_t *names = json_array();
    for (uint32_t a = 0; a < sil_schema_n_columns(schema) && names != NULL; a++) {
        if (sil_field_was_looked_at(sil_schema_field(schema, a)) &&
            json_array_append_new(names,
                                  json_string(sil_schema_field_name(schema, a))) != 0) {
            json_decref(names);
            names = NULL;
        }
    }
    return names;
}

static json_t *json_privacy(const struct sil_record *record)
{
    const struct sil_transcript *transcript = &record->model->transcript;
    return json_pack(
        "{s:s, s:o, s:s, s:s, s:o, s:o, s:s}", "profile",
        SIL_PREDICATE_URN "#datapackage/v1", "claim", sil_statement_claim(record),
        "mechanism", sil_mechanism_name(transcript->terms.mechanism), "ledger",
        record->origin, "release", sil_statement_id(&record->id), "looked",
        json_looked(transcript->schema), "statement", SIL_BUNDLE_STATEMENT);
}

#define TAIL                                                                     \
    "No row is a person's. What is claimed stands under `" PRIVACY "`, and how " \
    "it can be checked in VERIFY.txt."

static const char PLAIN[] =
    "Rows drawn from a model that was measured under differential privacy. " TAIL;

static const char MADE[] =
    "Rows made to order, drawn from a model that was measured under differential "
    "privacy: they stand for no population. statement.json says what for. " TAIL;

/* `schema` is taken over. */
static json_t *json_package(const struct sil_record *record,
                            const struct sil_digests *digests, json_t *schema)
{
    char id[SIL_ID_TEXT];
    const char *label = record->chain->genesis.genesis.data_label;
    sil_id_print(id, &record->id);
    json_t *resources =
        json_pack("[o, o]", json_rows(digests, schema), json_schema_file(digests));
    return json_pack(
        "{s:s, s:s+, s:s, s:s, s:s, s:[{s:s}], s:o, s:o}", "$schema", PROFILE, "name",
        "release-", id, "id", id, "title", "Synthetic rows", "description",
        sil_choices_are_made(&record->choices) ? MADE : PLAIN, "sources", "title",
        label, "resources", resources, PRIVACY, json_privacy(record));
}

static int dump_piece(const char *buffer, size_t size, void *data)
{
    return sil_bytes_append(data, buffer, size, NULL) == SIL_OK ? 0 : -1;
}

sil_status sil_datapackage_json(struct sil_bytes *out, const struct sil_record *record,
                                const struct sil_digests *digests,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *schema = NULL;
    json_t *package = NULL;

    SIL_TRY(make_schema(&schema, &record->model->transcript, err));
    package = json_package(record, digests, schema);
    schema = NULL;
    if (package == NULL ||
        json_dump_callback(package, dump_piece, out,
                           JSON_INDENT(2) | JSON_REAL_PRECISION(DECIMAL_DIGITS)) != 0) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: the package");
        goto cleanup;
    }
    SIL_TRY(sil_bytes_append(out, "\n", 1, err));

cleanup:
    json_decref(schema);
    json_decref(package);
    return status;
}
