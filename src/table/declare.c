// SPDX-License-Identifier: Apache-2.0
#include "table/declare.h"

#include "base/fail.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Properties of a field that this program acts on: near misses are refused, because a
 * domain declared under a misspelt name would be silently lost. */
static const char *const FIELD_KEYS[] = {
    "name",        "type",          "format",     "constraints",
    "categories",  "missingValues", "trueValues", "falseValues",
    "decimalChar", "groupChar",     "bareNumber", "silhouette",
};
static const char *const CONSTRAINT_KEYS[] = {
    "required", "unique",           "minLength",        "maxLength",  "minimum",
    "maximum",  "exclusiveMinimum", "exclusiveMaximum", "jsonSchema", "pattern",
    "enum",
};
static const char *const EXTENSION_KEYS[] = {
    "bins", "outside", "other", "granularity", "origin", "open", "atoms", "expand"};

sil_status sil_wrong(struct sil_error *err, const char *property, const char *why)
{
    return sil_fail(err, SIL_ERR_INPUT, "%s: %s", property, why);
}

static sil_status declare_name(struct sil_declaration *d, struct sil_error *err)
{
    json_t *name = sil_declared(d->json, "name");
    if (!json_is_string(name)) {
        return sil_wrong(err, "name", "every field needs one, a string");
    }
    if (json_string_length(name) == 0) {
        return sil_wrong(
            err, "name",
            "empty; leave the column out of the schema and have the command "
            "ignore extra columns, or name it in the data");
    }
    struct sil_text copy;
    sil_status status =
        sil_text_copy(&copy, json_string_value(name), json_string_length(name), err);
    if (status == SIL_OK) {
        d->field->name = copy.data;
    }
    return status;
}

static sil_status check_near_misses(struct sil_declaration *d, struct sil_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(d->json, key, value)
    {
        const char *meant = sil_json_misspelt(key, FIELD_KEYS, COUNT(FIELD_KEYS));
        if (meant != NULL) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "unknown property \"%.60s\"; did you mean \"%s\"?", key,
                            meant);
        }
    }
    return SIL_OK;
}

/* An object-valued property, into *out; unknown keys of it are refused. */
static sil_status declare_object(json_t **out, struct sil_declaration *d,
                                 const char *property, const char *const *keys,
                                 size_t n_keys, struct sil_error *err)
{
    json_t *value = sil_declared(d->json, property);
    *out = NULL;
    if (value == NULL) {
        return SIL_OK;
    }
    if (!json_is_object(value)) {
        return sil_wrong(err, property, "must be an object, { ... }");
    }
    *out = value;
    return sil_json_check_keys(value, property, keys, n_keys, err);
}

static sil_status declare_constraints(struct sil_declaration *d, struct sil_error *err)
{
    return declare_object(&d->constraints, d, "constraints", CONSTRAINT_KEYS,
                          COUNT(CONSTRAINT_KEYS), err);
}

static sil_status declare_extension(struct sil_declaration *d, struct sil_error *err)
{
    return declare_object(&d->extension, d, "silhouette", EXTENSION_KEYS,
                          COUNT(EXTENSION_KEYS), err);
}

static sil_status declare_type(struct sil_declaration *d, struct sil_error *err)
{
    json_t *type = sil_declared(d->json, "type");
    const char *name = json_is_string(type) ? json_string_value(type) : NULL;
    if (name == NULL || name[0] == '\0') {
        return sil_wrong(
            err, "type",
            "not chosen yet: write string, integer, number, boolean, date or "
            "datetime");
    }
    for (int t = SIL_TYPE_STRING; t <= SIL_TYPE_DATETIME; t++) {
        if (strcmp(name, sil_type_name((enum sil_type)t)) == 0) {
            d->field->type = (enum sil_type)t;
            return SIL_OK;
        }
    }
    return sil_fail(err, SIL_ERR_INPUT,
                    "type: \"%.40s\" is not supported; use string, integer, number, "
                    "boolean, date or datetime",
                    name);
}

static sil_status declare_format(struct sil_declaration *d, struct sil_error *err)
{
    json_t *format = sil_declared(d->json, "format");
    enum sil_type type = d->field->type;
    if (format == NULL || (type != SIL_TYPE_DATE && type != SIL_TYPE_DATETIME)) {
        return SIL_OK;
    }
    if (!json_is_string(format) || strcmp(json_string_value(format), "default") != 0) {
        return sil_wrong(err, "format",
                         type == SIL_TYPE_DATE
                             ? "only \"default\" is supported: dates as YYYY-MM-DD"
                             : "only \"default\" is supported: times as "
                               "YYYY-MM-DDThh:mm:ss, with Z or an offset, or without");
    }
    return SIL_OK;
}

static sil_status declare_number_format(struct sil_declaration *d,
                                        struct sil_error *err)
{
    json_t *point = sil_declared(d->json, "decimalChar");
    d->field->point = '.';
    if (sil_declared(d->json, "groupChar") != NULL) {
        return sil_wrong(err, "groupChar",
                         "numbers with grouped digits are not supported");
    }
    if (json_is_false(sil_declared(d->json, "bareNumber"))) {
        return sil_wrong(err, "bareNumber",
                         "numbers with text around them are not supported");
    }
    if (point == NULL) {
        return SIL_OK;
    }
    const char *text = json_is_string(point) ? json_string_value(point) : "";
    if (strcmp(text, ".") != 0 && strcmp(text, ",") != 0) {
        return sil_wrong(err, "decimalChar", "must be \".\" or \",\"");
    }
    d->field->point = text[0];
    return SIL_OK;
}

static sil_status declare_required(struct sil_declaration *d, struct sil_error *err)
{
    json_t *required = sil_declared(d->constraints, "required");
    if (required != NULL && !json_is_boolean(required)) {
        return sil_wrong(err, "constraints.required", "must be true or false");
    }
    d->field->is_required = json_is_true(required);
    if (json_is_true(sil_declared(d->constraints, "unique"))) {
        return sil_wrong(
            err, "constraints.unique",
            "synthetic rows cannot keep it; leave a column of unique values "
            "out of the schema");
    }
    if (sil_declared(d->constraints, "exclusiveMinimum") != NULL ||
        sil_declared(d->constraints, "exclusiveMaximum") != NULL) {
        return sil_wrong(err, "constraints",
                         "exclusive bounds are not supported; use minimum and maximum, "
                         "which are included");
    }
    return SIL_OK;
}

static sil_status declare_origin(struct sil_declaration *d, struct sil_error *err)
{
    json_t *origin = sil_declared(d->extension, "origin");
    if (origin == NULL) {
        return SIL_OK;
    }
    if (!json_is_string(origin) || strcmp(json_string_value(origin), "looked") != 0) {
        return sil_wrong(
            err, "silhouette.origin",
            "the only origin to declare is \"looked\": guessed from the rows");
    }
    d->field->was_looked_at = true;
    return SIL_OK;
}

/* Values that nobody listed: only texts, of which a list can be had from the rows alone. */
static sil_status declare_open(struct sil_declaration *d, struct sil_error *err)
{
    json_t *open = sil_declared(d->extension, "open");
    if (open == NULL) {
        return SIL_OK;
    }
    if (!json_is_boolean(open)) {
        return sil_wrong(err, "silhouette.open", "must be true or false");
    }
    if (json_is_true(open) && d->field->type != SIL_TYPE_STRING) {
        return sil_wrong(err, "silhouette.open",
                         "only a field of type string can be open; numbers and dates "
                         "have bins");
    }
    d->field->is_open = json_is_true(open);
    return SIL_OK;
}

static json_t *value_of(json_t *item)
{
    return json_is_object(item) ? json_object_get(item, "value") : item;
}

static sil_status add_missing(struct sil_declaration *d, json_t *list,
                              struct sil_error *err)
{
    size_t i;
    json_t *item;
    if (!json_is_array(list) || json_array_size(list) > SIL_MISSING_MAX) {
        return sil_wrong(err, "missingValues", "must be a list of at most 256 texts");
    }
    json_array_foreach(list, i, item)
    {
        json_t *value = value_of(item);
        if (!json_is_string(value)) {
            return sil_fail(
                err, SIL_ERR_INPUT,
                "missingValues[%zu]: must be a string or {\"value\": string, "
                "\"label\": ...}",
                i);
        }
        sil_status status = sil_texts_add(&d->field->missing, json_string_value(value),
                                          json_string_length(value), err);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

/* The field's own list replaces the schema's, which replaces [""]. */
static sil_status declare_missing(struct sil_declaration *d, struct sil_error *err)
{
    json_t *list = sil_declared(d->json, "missingValues");
    if (list == NULL) {
        list = d->schema_missing;
    }
    if (list == NULL) {
        return sil_texts_add(&d->field->missing, "", 0, err);
    }
    sil_status status = add_missing(d, list, err);
    if (status == SIL_OK && d->field->missing.n == 0 && !d->field->is_required) {
        return sil_wrong(
            err, "missingValues",
            "the list is empty, so that null could not be written: add a text "
            "or declare constraints.required");
    }
    return status;
}

static sil_status declare_domain(struct sil_declaration *d, struct sil_error *err)
{
    bool has_values = sil_declared(d->json, "categories") != NULL ||
                      sil_declared(d->constraints, "enum") != NULL;
    d->field->is_closed = has_values || d->field->type == SIL_TYPE_STRING ||
                          d->field->type == SIL_TYPE_BOOLEAN;
    return d->field->is_closed ? sil_declare_set(d, err) : sil_declare_bins(d, err);
}

typedef sil_status step_fn(struct sil_declaration *d, struct sil_error *err);

/* Steps of one stage do not need each other, and all of them report; a stage needs the
 * stages before it to be without problems. */
static const struct step {
    int stage;
    step_fn *run;
} STEPS[] = {
    {1, declare_name           },
    {1, check_near_misses      },
    {1, declare_constraints    },
    {1, declare_extension      },
    {1, declare_type           },
    {2, declare_format         },
    {2, declare_number_format  },
    {2, declare_required       },
    {2, declare_origin         },
    {2, declare_open           },
    {3, declare_missing        },
    {3, declare_domain         },
    {4, sil_check_missing_apart},
    {4, sil_declare_outside    },
    {5, sil_declare_other      },
    {5, sil_declare_expansion  },
    {6, sil_declare_answers    },
};

static void place_of(char *place, size_t size, size_t index, const char *name)
{
    if (name == NULL) {
        (void)snprintf(place, size, "fields[%zu]", index);
    } else {
        (void)snprintf(place, size, "fields[%zu] (%.80s)", index, name);
    }
}

sil_status sil_field_declare(struct sil_field *field, json_t *json, size_t index,
                             json_t *schema_missing, struct sil_problems *problems,
                             struct sil_error *err)
{
    char place[128];
    struct sil_error sentence;
    struct sil_declaration d = {
        .json = json, .schema_missing = schema_missing, .field = field};
    size_t before = problems->n;
    *field = (struct sil_field){0};
    if (!json_is_object(json)) {
        place_of(place, sizeof place, index, NULL);
        return sil_problems_take(
            problems, place, sil_fail(err, SIL_ERR_INPUT, "must be an object, { ... }"),
            err);
    }

    for (size_t i = 0; i < COUNT(STEPS); i++) {
        if (i > 0 && STEPS[i].stage > STEPS[i - 1].stage && problems->n > before) {
            break;
        }
        sil_status status = STEPS[i].run(&d, &sentence);
        place_of(place, sizeof place, index, field->name);
        status = sil_problems_take(problems, place, status, &sentence);
        if (status != SIL_OK) {
            return sil_fail(err, status, "%s", sentence.text);
        }
    }
    return SIL_OK;
}
