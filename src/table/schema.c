// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "table/declare.h"
#include "table/recomputed.h"
#include "table/rules.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 1 << 17 };

struct name {
    const char *text;
    size_t length;
    uint32_t field;
};

struct sil_schema {
    struct sil_bytes text;
    uint32_t n_fields;       ///< attributes of the domain
    uint32_t n_columns;      ///< and behind them those that are recomputed
    struct sil_field *field; ///< n_columns, as all below
    uint32_t *position;      ///< in the list of the schema
    uint32_t *cells;
    struct name *by_name;              ///< sorted
    struct sil_recomputed *recomputed; ///< n_columns - n_fields
    size_t n_rules;
};

/* Properties of a schema that this program acts on, for near misses; the others of the
 * standard and foreign ones are ignored. */
static const char *const SCHEMA_KEYS[] = {"fields",     "missingValues", "primaryKey",
                                          "uniqueKeys", "foreignKeys",   "silhouette"};

enum { N_SCHEMA_KEYS = sizeof SCHEMA_KEYS / sizeof SCHEMA_KEYS[0] };

static int compare_names(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static sil_status take(struct sil_problems *problems, struct sil_error *err,
                       const char *place, const char *why)
{
    return sil_problems_take(problems, place, sil_fail(err, SIL_ERR_INPUT, "%s", why),
                             err);
}

/* What stands in the schema itself; the rest of the extension stands in its fields. */
static sil_status check_extension(json_t *value, struct sil_problems *problems,
                                  struct sil_error *err)
{
    static const char *const KEYS[] = {"rules"};
    if (!json_is_object(value)) {
        return take(problems, err, "silhouette", "must be an object, { ... }");
    }
    json_t *rules = json_object_get(value, "rules");
    sil_status status = sil_problems_take(
        problems, "", sil_json_check_keys(value, "silhouette", KEYS, 1, err), err);
    return status == SIL_OK && rules != NULL && !json_is_array(rules)
               ? take(problems, err, "silhouette.rules", "must be a list, [ ... ]")
               : status;
}

static sil_status check_keys(json_t *root, struct sil_problems *problems,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        const char *meant = sil_json_misspelt(key, SCHEMA_KEYS, N_SCHEMA_KEYS);
        if (meant != NULL) {
            SIL_TRY(
                sil_problems_take(problems, "",
                                  sil_fail(err, SIL_ERR_INPUT,
                                           "unknown property \"%.60s\"; did you mean "
                                           "\"%s\"?",
                                           key, meant),
                                  err));
        }
        bool is_key_of_rows = strcmp(key, "primaryKey") == 0 ||
                              strcmp(key, "uniqueKeys") == 0 ||
                              strcmp(key, "foreignKeys") == 0;
        if (is_key_of_rows && json_array_size(value) + json_string_length(value) > 0) {
            SIL_TRY(take(problems, err, key,
                         "synthetic rows cannot keep keys; take it out of the schema"));
        }
        if (strcmp(key, "silhouette") == 0) {
            SIL_TRY(check_extension(value, problems, err));
        }
    }

cleanup:
    return status;
}

/* The names in order, for look-up; a name that comes twice is a problem. */
static sil_status index_names(struct sil_schema *schema, struct sil_problems *problems,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = 0;
    SIL_TRY(sil_alloc(&schema->by_name, schema->n_columns, sizeof *schema->by_name,
                      "field names", err));
    for (uint32_t i = 0; i < schema->n_columns; i++) {
        const char *text = schema->field[i].name;
        if (text != NULL) {
            schema->by_name[n++] =
                (struct name){.text = text, .length = strlen(text), .field = i};
        }
    }
    qsort(schema->by_name, n, sizeof *schema->by_name, compare_names);
    for (uint32_t i = 1; i < n; i++) {
        if (compare_names(&schema->by_name[i - 1], &schema->by_name[i]) == 0) {
            SIL_TRY(sil_problems_take(problems, "fields",
                                      sil_fail(err, SIL_ERR_INPUT,
                                               "the name \"%.80s\" comes twice",
                                               schema->by_name[i].text),
                                      err));
        }
    }

cleanup:
    return status;
}

static sil_status add_cells(struct sil_schema *schema, struct sil_problems *problems,
                            struct sil_error *err)
{
    uint64_t all = 0;
    for (uint32_t i = 0; i < schema->n_columns; i++) {
        schema->cells[i] = schema->field[i].n_cells;
        all += schema->cells[i];
    }
    return all <= SIL_SCHEMA_CELLS_MAX
               ? SIL_OK
               : take(problems, err, "fields",
                      "more than 2^26 cells in all; declare fewer bins or values");
}

static const json_t *rules_of(json_t *root)
{
    return json_object_get(json_object_get(root, "silhouette"), "rules");
}

/* Columns that are recomputed stand behind all others, each kind in declared order.
 * Pre  names can be looked up; place[i] has room for each field. */
static void number_columns(uint32_t *place, struct sil_schema *schema,
                           const json_t *rules)
{
    uint32_t n = 0;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const char *name = sil_recomputed_name(json_array_get(rules, i));
        uint32_t field =
            name == NULL ? UINT32_MAX : sil_schema_find(schema, name, strlen(name));
        if (field != UINT32_MAX) {
            place[field] = 1;
        }
    }
    for (uint32_t kind = 0; kind < 2; kind++) {
        for (uint32_t i = 0; i < schema->n_columns; i++) {
            if (place[i] == kind) {
                schema->position[n++] = i;
            }
        }
        schema->n_fields = kind == 0 ? n : schema->n_fields;
    }
    for (uint32_t c = 0; c < n; c++) {
        place[schema->position[c]] = c;
    }
}

static sil_status order_columns(struct sil_schema *schema, const json_t *rules,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *place = NULL;
    struct sil_field *field = NULL;
    SIL_TRY(sil_alloc(&place, schema->n_columns, sizeof *place, "fields", err));
    SIL_TRY(sil_alloc(&field, schema->n_columns, sizeof *field, "fields", err));
    number_columns(place, schema, rules);
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        field[c] = schema->field[schema->position[c]];
        schema->by_name[c].field = place[schema->by_name[c].field];
    }
    free(schema->field);
    schema->field = field;

cleanup:
    free(place);
    return status;
}

static sil_status declare_fields(struct sil_schema *schema, json_t *root,
                                 struct sil_problems *problems, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *list = json_object_get(root, "fields");
    json_t *missing = json_object_get(root, "missingValues");
    size_t n = json_array_size(list);
    if (n == 0 || n > FIELDS_MAX) {
        return take(problems, err, "fields", "must be a list of 1 to 131072 fields");
    }
    SIL_TRY(sil_alloc(&schema->field, n, sizeof *schema->field, "fields", err));
    SIL_TRY(sil_alloc(&schema->cells, n, sizeof *schema->cells, "fields", err));
    SIL_TRY(sil_alloc(&schema->position, n, sizeof *schema->position, "fields", err));
    schema->n_columns = (uint32_t)n;
    schema->n_fields = schema->n_columns;
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(sil_field_declare(&schema->field[i], json_array_get(list, i), i,
                                  missing, problems, err));
    }
    SIL_TRY(index_names(schema, problems, err));
    if (problems->n == 0) {
        SIL_TRY(order_columns(schema, rules_of(root), err));
    }
    SIL_TRY(add_cells(schema, problems, err));

cleanup:
    return status;
}

/* Rules are about fields that stand. */
static sil_status declare_rules(struct sil_schema *schema, json_t *root,
                                struct sil_problems *problems, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rules *rules = NULL;
    const json_t *list = rules_of(root);
    if (json_array_size(list) == 0 || problems->n > 0) {
        return SIL_OK;
    }
    SIL_TRY(sil_alloc(&schema->recomputed, schema->n_columns - schema->n_fields,
                      sizeof *schema->recomputed, "recomputed columns", err));
    SIL_TRY(sil_recomputed_declare(schema->recomputed, list, schema, problems, err));
    SIL_TRY(sil_rules_declare(&rules, list, schema, problems, err));
    if (problems->n == 0) {
        SIL_TRY(sil_rules_find_clashes(rules, problems, err));
    }
    schema->n_rules = rules->n;

cleanup:
    sil_rules_free(rules);
    return status;
}

/* Everything that is wrong goes into `problems`; with problems, there is no schema. */
static sil_status build(struct sil_schema **out, const char *json, size_t length,
                        struct sil_problems *problems, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *root = NULL;
    struct sil_schema *schema = NULL;
    *out = NULL;

    SIL_TRY(sil_problems_take(
        problems, "", sil_json_parse(&root, json, length, "the schema", err), err));
    if (root == NULL) {
        goto cleanup;
    }
    if (!json_is_object(root)) {
        status = take(problems, err, "the schema", "must be an object, { ... }");
        goto cleanup;
    }
    SIL_TRY(sil_alloc(&schema, 1, sizeof *schema, "a schema", err));
    SIL_TRY(check_keys(root, problems, err));
    SIL_TRY(declare_fields(schema, root, problems, err));
    SIL_TRY(declare_rules(schema, root, problems, err));
    SIL_TRY(sil_bytes_append(&schema->text, json, length, err));
    if (problems->n == 0) {
        *out = schema;
        schema = NULL;
    }

cleanup:
    sil_schema_free(schema);
    json_decref(root);
    return status;
}

sil_status sil_schema_parse(struct sil_schema **out, const char *json, size_t length,
                            struct sil_error *err)
{
    struct sil_problems problems = {0};
    struct sil_error sentence;
    sil_status status = build(out, json, length, &problems, &sentence);
    if (status != SIL_OK) {
        (void)sil_fail(err, status, "%s", sentence.text);
    } else if (problems.n > 0) {
        const char *lines = (const char *)problems.text.data;
        const char *end = memchr(lines, '\n', problems.text.length);
        int first = (int)(end - lines);
        status =
            problems.n == 1
                ? sil_fail(err, SIL_ERR_INPUT, "%.*s", first, lines)
                : sil_fail(err, SIL_ERR_INPUT, "%.*s (and %zu more: see schema check)",
                           first < 400 ? first : 400, lines, problems.n - 1);
    }
    sil_bytes_clear(&problems.text);
    return status;
}

sil_status sil_schema_explain(struct sil_bytes *out, size_t *n_problems,
                              const char *json, size_t length, struct sil_error *err)
{
    struct sil_problems problems = {0};
    struct sil_error sentence;
    struct sil_schema *schema;
    sil_status status = build(&schema, json, length, &problems, &sentence);
    if (status != SIL_OK) {
        (void)sil_fail(err, status, "%s", sentence.text);
    } else {
        status = sil_bytes_append(out, problems.text.data, problems.text.length, err);
    }
    *n_problems = problems.n;
    sil_schema_free(schema);
    sil_bytes_clear(&problems.text);
    return status;
}

sil_status sil_schema_read(struct sil_schema **out, const char *path,
                           struct sil_error *err)
{
    struct sil_bytes text;
    *out = NULL;
    sil_status status = sil_file_read(&text, path, SIL_JSON_BYTES_MAX, err);
    if (status == SIL_OK) {
        status = sil_schema_parse(out, (const char *)text.data, text.length, err);
        if (status != SIL_OK) {
            status = sil_fail_within(err, status, "%s", path);
        }
    }
    sil_bytes_clear(&text);
    return status;
}

void sil_schema_free(struct sil_schema *schema)
{
    if (schema == NULL) {
        return;
    }
    for (uint32_t i = 0; i < schema->n_columns; i++) {
        sil_field_clear(&schema->field[i]);
    }
    for (uint32_t i = schema->n_fields;
         schema->recomputed != NULL && i < schema->n_columns; i++) {
        sil_recomputed_clear(&schema->recomputed[i - schema->n_fields]);
    }
    free(schema->recomputed);
    free(schema->field);
    free(schema->position);
    free(schema->cells);
    free(schema->by_name);
    sil_bytes_clear(&schema->text);
    free(schema);
}

uint32_t sil_schema_n_open(const struct sil_schema *schema)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        n += schema->field[i].is_open;
    }
    return n;
}

/* The cells of a field that was settled. */
static sil_status count_cells(struct sil_schema *schema, uint32_t field,
                              struct sil_error *err)
{
    uint64_t all = 0;
    schema->cells[field] = schema->field[field].n_cells;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        all += schema->cells[i];
    }
    if (all > SIL_SCHEMA_CELLS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "with the values found there are more than 2^26 cells");
    }
    return SIL_OK;
}

sil_status sil_schema_settle(struct sil_schema *schema, uint32_t field,
                             const struct sil_found *found, size_t n,
                             struct sil_error *err)
{
    sil_status status = sil_field_settle(&schema->field[field], found, n, err);
    return status == SIL_OK ? count_cells(schema, field, err) : status;
}

sil_status sil_schema_settle_bins(struct sil_schema *schema, uint32_t field,
                                  const struct sil_learnt *learnt,
                                  struct sil_error *err)
{
    sil_status status = sil_field_settle_bins(&schema->field[field], learnt, err);
    return status == SIL_OK ? count_cells(schema, field, err) : status;
}

sil_status sil_schema_set_slopes(struct sil_schema *schema, uint32_t field,
                                 const uint64_t *mass, struct sil_error *err)
{
    return sil_bins_set_slopes(&schema->field[field].bins, mass, err);
}

size_t sil_schema_n_rules(const struct sil_schema *schema)
{
    return schema->n_rules;
}

uint32_t sil_schema_n_fields(const struct sil_schema *schema)
{
    return schema->n_fields;
}

uint32_t sil_schema_n_columns(const struct sil_schema *schema)
{
    return schema->n_columns;
}

uint32_t sil_schema_position(const struct sil_schema *schema, uint32_t column)
{
    return schema->position[column];
}

const struct sil_recomputed *sil_schema_recomputed(const struct sil_schema *schema,
                                                   uint32_t column)
{
    return column < schema->n_fields ? NULL
                                     : &schema->recomputed[column - schema->n_fields];
}

const char *sil_schema_field_name(const struct sil_schema *schema, uint32_t field)
{
    return schema->field[field].name;
}

uint32_t sil_schema_field_cells(const struct sil_schema *schema, uint32_t field)
{
    return schema->cells[field];
}

struct sil_domain sil_schema_domain(const struct sil_schema *schema)
{
    return (struct sil_domain){.n_attrs = schema->n_fields, .sizes = schema->cells};
}

const struct sil_field *sil_schema_field(const struct sil_schema *schema,
                                         uint32_t field)
{
    return &schema->field[field];
}

void sil_schema_text(const char **json, size_t *length, const struct sil_schema *schema)
{
    *json = (const char *)schema->text.data;
    *length = schema->text.length;
}

uint32_t sil_schema_find(const struct sil_schema *schema, const char *name,
                         size_t length)
{
    struct name wanted = {.text = name, .length = length};
    const struct name *found = bsearch(&wanted, schema->by_name, schema->n_columns,
                                       sizeof wanted, compare_names);
    return found == NULL ? UINT32_MAX : found->field;
}

const char *sil_schema_no_attribute(const struct sil_schema *schema, uint32_t column)
{
    if (column == UINT32_MAX) {
        return "there is no column of this name";
    }
    return column < schema->n_fields
               ? NULL
               : "the column is recomputed from others, which can "
                 "be named instead: see the schema's rules";
}
