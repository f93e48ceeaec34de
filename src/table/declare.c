// SPDX-License-Identifier: Apache-2.0
#include "table/declare.h"

#include "base/fail.h"
#include "base/memory.h"

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
static const char *const EXTENSION_KEYS[] = {"bins", "outside", "other", "granularity",
                                             "origin"};

static sil_status wrong(struct sil_error *err, const char *property, const char *why)
{
    return sil_fail(err, SIL_ERR_INPUT, "%s: %s", property, why);
}

static sil_status copy_text(char **out, const char *text, size_t length,
                            struct sil_error *err)
{
    sil_status status = sil_alloc(out, length + 1, 1, "a text", err);
    if (status == SIL_OK) {
        (void)memcpy(*out, text, length);
    }
    return status;
}

static sil_status declare_name(struct sil_declaration *d, struct sil_error *err)
{
    json_t *name = sil_declared(d->json, "name");
    if (!json_is_string(name)) {
        return wrong(err, "name", "every field needs one, a string");
    }
    if (json_string_length(name) == 0) {
        return wrong(err, "name",
                     "empty; leave the column out of the schema and have the command "
                     "ignore extra columns, or name it in the data");
    }
    return copy_text(&d->field->name, json_string_value(name), json_string_length(name),
                     err);
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
        return wrong(err, property, "must be an object, { ... }");
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
        return wrong(err, "type",
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
        return wrong(err, "format",
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
        return wrong(err, "groupChar", "numbers with grouped digits are not supported");
    }
    if (json_is_false(sil_declared(d->json, "bareNumber"))) {
        return wrong(err, "bareNumber",
                     "numbers with text around them are not supported");
    }
    if (point == NULL) {
        return SIL_OK;
    }
    const char *text = json_is_string(point) ? json_string_value(point) : "";
    if (strcmp(text, ".") != 0 && strcmp(text, ",") != 0) {
        return wrong(err, "decimalChar", "must be \".\" or \",\"");
    }
    d->field->point = text[0];
    return SIL_OK;
}

static sil_status declare_required(struct sil_declaration *d, struct sil_error *err)
{
    json_t *required = sil_declared(d->constraints, "required");
    if (required != NULL && !json_is_boolean(required)) {
        return wrong(err, "constraints.required", "must be true or false");
    }
    d->field->is_required = json_is_true(required);
    if (json_is_true(sil_declared(d->constraints, "unique"))) {
        return wrong(err, "constraints.unique",
                     "synthetic rows cannot keep it; leave a column of unique values "
                     "out of the schema");
    }
    if (sil_declared(d->constraints, "exclusiveMinimum") != NULL ||
        sil_declared(d->constraints, "exclusiveMaximum") != NULL) {
        return wrong(err, "constraints",
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
        return wrong(err, "silhouette.origin",
                     "the only origin to declare is \"looked\": guessed from the rows");
    }
    d->field->was_looked_at = true;
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
        return wrong(err, "missingValues", "must be a list of at most 256 texts");
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
        return wrong(err, "missingValues",
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

static sil_status check_missing_apart(struct sil_declaration *d, struct sil_error *err)
{
    const struct sil_texts *missing = &d->field->missing;
    for (size_t i = 0; i < missing->n; i++) {
        uint32_t code;
        if (sil_field_find(&code, d->field, missing->item[i].data,
                           missing->item[i].length) == SIL_FOUND_VALUE) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "missingValues: \"%.60s\" is also a value of the domain; "
                            "give the field missingValues of its own, or change the "
                            "domain",
                            missing->item[i].data);
        }
    }
    return SIL_OK;
}

/* Numbers, dates and times are clamped; a closed set has no nearest value. */
static enum sil_outside default_outside(const struct sil_field *field)
{
    if (!field->is_closed) {
        return SIL_OUTSIDE_CLAMP;
    }
    return field->is_required ? SIL_OUTSIDE_DROP : SIL_OUTSIDE_NULL;
}

static sil_status declare_outside(struct sil_declaration *d, struct sil_error *err)
{
    struct sil_field *field = d->field;
    json_t *outside = sil_declared(d->extension, "outside");
    const char *name = json_is_string(outside) ? json_string_value(outside) : "";
    field->outside = default_outside(field);
    if (outside == NULL) {
        return SIL_OK;
    }

    int o = SIL_OUTSIDE_CLAMP;
    while (o <= SIL_OUTSIDE_DROP &&
           strcmp(name, sil_outside_name((enum sil_outside)o)) != 0) {
        o++;
    }
    if (o > SIL_OUTSIDE_DROP) {
        return wrong(err, "silhouette.outside",
                     "must be \"clamp\", \"other\", \"null\" or \"drop\"");
    }
    field->outside = (enum sil_outside)o;
    if (field->outside == SIL_OUTSIDE_CLAMP && field->is_closed) {
        return wrong(err, "silhouette.outside",
                     "a closed set has no nearest value to clamp to; use \"other\", "
                     "\"null\" or \"drop\"");
    }
    if (field->outside == SIL_OUTSIDE_NULL && field->is_required) {
        return wrong(err, "silhouette.outside",
                     "\"null\" contradicts constraints.required");
    }
    return SIL_OK;
}

static sil_status declare_other(struct sil_declaration *d, struct sil_error *err)
{
    struct sil_field *field = d->field;
    json_t *other = sil_declared(d->extension, "other");
    uint32_t code;
    if (field->outside != SIL_OUTSIDE_OTHER) {
        return other == NULL ? SIL_OK
                             : wrong(err, "silhouette.other",
                                     "means nothing without \"outside\": \"other\"");
    }
    if (other != NULL && !json_is_string(other)) {
        return wrong(err, "silhouette.other", "must be a string");
    }
    const char *text = other == NULL ? "other" : json_string_value(other);
    field->other.length = strlen(text);
    sil_status status = copy_text(&field->other.data, text, field->other.length, err);
    if (status != SIL_OK) {
        return status;
    }
    if (sil_texts_has(&field->missing, text, field->other.length) ||
        sil_field_find(&code, field, text, field->other.length) == SIL_FOUND_VALUE) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "silhouette.other: \"%.60s\" is also a declared value; choose "
                        "another text for the cell",
                        text);
    }
    return SIL_OK;
}

/* Number the cells behind the values, and fix what each finding is answered with. */
static sil_status declare_answers(struct sil_declaration *d, struct sil_error *err)
{
    struct sil_field *field = d->field;
    uint32_t n = field->is_closed ? field->set.n_values : field->bins.n;
    uint32_t n_values = n;
    field->other_code = field->outside == SIL_OUTSIDE_OTHER ? n++ : SIL_CODE_NONE;
    field->null_code = field->is_required ? SIL_CODE_NONE : n++;
    field->n_cells = n;

    uint32_t null_or_drop = field->is_required ? SIL_CODE_DROP : field->null_code;
    bool has_other = field->outside == SIL_OUTSIDE_OTHER;
    bool drops = field->outside == SIL_OUTSIDE_DROP;
    uint32_t fallback = has_other ? field->other_code
                        : drops   ? SIL_CODE_DROP
                                  : null_or_drop;
    bool clamps = field->outside == SIL_OUTSIDE_CLAMP;
    field->answer[SIL_FOUND_VALUE] = SIL_CODE_NONE;
    field->answer[SIL_FOUND_BELOW] = clamps ? 0 : fallback;
    field->answer[SIL_FOUND_ABOVE] = clamps ? n_values - 1 : fallback;
    field->answer[SIL_FOUND_UNKNOWN] = fallback;
    field->answer[SIL_FOUND_UNREADABLE] = fallback;
    field->answer[SIL_FOUND_MISSING] = field->is_required ? fallback : field->null_code;
    if (n > SIL_FIELD_CELLS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%u cells, which is more than %u: declare fewer bins or values",
                        n, SIL_FIELD_CELLS_MAX);
    }
    return SIL_OK;
}

typedef sil_status step_fn(struct sil_declaration *d, struct sil_error *err);

/* Steps of one stage do not need each other, and all of them report; a stage needs the
 * stages before it to be without problems. */
static step_fn *const STAGES[][9] = {
    {declare_name,         check_near_misses, declare_constraints, declare_extension,
     declare_type},
    {declare_format, declare_number_format, declare_required, declare_origin},
    {declare_missing,         declare_domain},
    {check_missing_apart,       declare_outside},
    {declare_other   },
    {declare_answers                   },
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

    for (size_t s = 0; s < COUNT(STAGES) && problems->n == before; s++) {
        for (size_t i = 0; STAGES[s][i] != NULL; i++) {
            sil_status status = STAGES[s][i](&d, &sentence);
            place_of(place, sizeof place, index, field->name);
            status = sil_problems_take(problems, place, status, &sentence);
            if (status != SIL_OK) {
                return sil_fail(err, status, "%s", sentence.text);
            }
        }
    }
    return SIL_OK;
}
