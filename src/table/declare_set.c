// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "table/declare.h"

#include <stdlib.h>
#include <string.h>

static const char *const TRUE_TEXTS[] = {"true", "True", "TRUE", "1"};
static const char *const FALSE_TEXTS[] = {"false", "False", "FALSE", "0"};

static bool is_numeric(enum sil_type type)
{
    return type != SIL_TYPE_STRING && type != SIL_TYPE_BOOLEAN;
}

/* The list of values: `categories` or `constraints.enum`, and which of them. */
static sil_status find_list(json_t **list, const char **property,
                            const struct sil_declaration *d, struct sil_error *err)
{
    json_t *categories = sil_declared(d->json, "categories");
    json_t *values = sil_declared(d->constraints, "enum");
    enum sil_type type = d->field->type;
    *property = categories != NULL ? "categories" : "constraints.enum";
    *list = categories != NULL ? categories : values;
    if (*list == NULL) {
        return d->field->is_open
                   ? SIL_OK
                   : sil_fail(err, SIL_ERR_INPUT,
                              "the domain is not declared: list the values in "
                              "\"categories\"");
    }
    if (categories != NULL && values != NULL) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "categories: stands beside constraints.enum; keep one of them");
    }
    if (categories != NULL && type != SIL_TYPE_STRING && type != SIL_TYPE_INTEGER) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "categories: only for strings and integers; use "
                        "constraints.enum for a field of type %s",
                        sil_type_name(type));
    }
    if (!json_is_array(*list) || json_array_size(*list) == 0) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: must be a list of at least one value",
                        *property);
    }
    if (json_array_size(*list) > SIL_FIELD_CELLS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: more than %u values", *property,
                        SIL_FIELD_CELLS_MAX);
    }
    return SIL_OK;
}

static sil_status refuse_bins(const struct sil_declaration *d, struct sil_error *err)
{
    const char *useless = NULL;
    if (sil_declared(d->extension, "bins") != NULL) {
        useless = "silhouette.bins";
    } else if (sil_declared(d->extension, "granularity") != NULL) {
        useless = "silhouette.granularity";
    } else if (sil_declared(d->extension, "atoms") != NULL) {
        useless = SIL_ATOMS_PROPERTY;
    } else if (sil_declared(d->constraints, "minimum") != NULL) {
        useless = "constraints.minimum";
    } else if (sil_declared(d->constraints, "maximum") != NULL) {
        useless = "constraints.maximum";
    }
    return useless == NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INPUT,
                          "%s: a closed set of values has none; keep one of the two",
                          useless);
}

/* The text of a listed value, as the schema has it. */
static const char *text_of(json_t *item, enum sil_type type,
                           char buffer[SIL_JSON_DECIMAL_BYTES])
{
    bool is_number = type == SIL_TYPE_INTEGER || type == SIL_TYPE_NUMBER;
    return is_number || json_is_string(item) ? sil_json_decimal(item, buffer) : NULL;
}

static sil_status add_value(struct sil_declaration *d, json_t *item,
                            const char *property, size_t i, struct sil_error *err)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    struct sil_field *field = d->field;
    unsigned places = 0;
    if (json_is_object(item) && strcmp(property, "categories") == 0) {
        item = json_object_get(item, "value");
    }
    const char *text = text_of(item, field->type, buffer);
    if (text == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s[%zu]: must be a value of type %s%s",
                        property, i, sil_type_name(field->type),
                        json_is_number(item) ? ", written as a string in quotes" : "");
    }
    if (field->type == SIL_TYPE_NUMBER) {
        if (!sil_scaled_places(&places, text, strlen(text), '.')) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "%s[%zu]: not a number, or one of too many digits",
                            property, i);
        }
        field->set.places = places > field->set.places ? places : field->set.places;
    }
    return sil_texts_add(&field->set.texts, text, strlen(text), err);
}

/* The schema writes numbers with a point; the data may not. */
static sil_status find_keys(sil_i128 *keys, struct sil_field *field,
                            const char *property, struct sil_error *err)
{
    for (size_t i = 0; i < field->set.texts.n; i++) {
        struct sil_text *text = &field->set.texts.item[i];
        char *point = field->type == SIL_TYPE_NUMBER ? strchr(text->data, '.') : NULL;
        struct sil_scaled value;
        if (point != NULL) {
            *point = field->point;
        }
        if (!sil_field_scale(&value, field, text->data, text->length)) {
            return sil_fail(err, SIL_ERR_INPUT, "%s[%zu]: not a value of type %s",
                            property, i, sil_type_name(field->type));
        }
        if (value.is_inexact || value.floor >= SIL_SCALED_MAX ||
            value.floor <= -SIL_SCALED_MAX) {
            return sil_fail(err, SIL_ERR_INPUT, "%s[%zu]: too many digits", property,
                            i);
        }
        keys[i] = value.floor;
    }
    return SIL_OK;
}

static sil_status build(struct sil_field *field, const char *property,
                        const uint32_t *codes, uint32_t n_values, struct sil_error *err)
{
    sil_status status = SIL_OK;
    sil_i128 *keys = NULL;
    size_t twice = SIZE_MAX;
    if (is_numeric(field->type)) {
        SIL_TRY(
            sil_alloc(&keys, field->set.texts.n, sizeof *keys, "a set of values", err));
        SIL_TRY(find_keys(keys, field, property, err));
    }
    SIL_TRY(sil_set_build(&field->set, &twice, codes, keys, n_values, err));
    if (twice != SIZE_MAX) {
        status = sil_fail(err, SIL_ERR_INPUT, "%s: \"%.60s\" is listed twice", property,
                          field->set.texts.item[twice].data);
    }

cleanup:
    free(keys);
    return status;
}

static sil_status declare_listed(struct sil_declaration *d, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *list;
    json_t *item;
    const char *property;
    uint32_t *codes = NULL;
    size_t i;

    SIL_TRY(find_list(&list, &property, d, err));
    SIL_TRY(refuse_bins(d, err));
    SIL_TRY(sil_alloc(&codes, json_array_size(list), sizeof *codes, "a set of values",
                      err));
    json_array_foreach(list, i, item)
    {
        codes[i] = (uint32_t)i;
        SIL_TRY(add_value(d, item, property, i, err));
    }
    SIL_TRY(build(d->field, property, codes, (uint32_t)json_array_size(list), err));
    d->field->n_declared = (uint32_t)json_array_size(list);

cleanup:
    free(codes);
    return status;
}

static sil_status add_spellings(struct sil_declaration *d, const char *property,
                                const char *const *defaults, size_t n_defaults,
                                struct sil_error *err)
{
    json_t *list = sil_declared(d->json, property);
    size_t n = list == NULL ? n_defaults : json_array_size(list);
    if (n == 0 || n > SIL_MISSING_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: must be a list of 1 to %d texts",
                        property, SIL_MISSING_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        const char *text =
            list == NULL ? defaults[i] : json_string_value(json_array_get(list, i));
        if (text == NULL) {
            return sil_fail(err, SIL_ERR_INPUT, "%s[%zu]: must be a string", property,
                            i);
        }
        sil_status status =
            sil_texts_add(&d->field->set.texts, text, strlen(text), err);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

static sil_status declare_boolean(struct sil_declaration *d, struct sil_error *err)
{
    uint32_t codes[2 * SIL_MISSING_MAX];
    if (sil_declared(d->json, "categories") != NULL ||
        sil_declared(d->constraints, "enum") != NULL) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "a boolean's two values are declared by trueValues and "
                        "falseValues");
    }
    sil_status status = refuse_bins(d, err);
    if (status == SIL_OK) {
        status = add_spellings(d, "falseValues", FALSE_TEXTS,
                               sizeof FALSE_TEXTS / sizeof FALSE_TEXTS[0], err);
    }
    size_t n_false = d->field->set.texts.n;
    if (status == SIL_OK) {
        status = add_spellings(d, "trueValues", TRUE_TEXTS,
                               sizeof TRUE_TEXTS / sizeof TRUE_TEXTS[0], err);
    }
    for (size_t i = 0; i < d->field->set.texts.n; i++) {
        codes[i] = i < n_false ? 0 : 1;
    }
    return status == SIL_OK
               ? build(d->field, "trueValues and falseValues", codes, 2, err)
               : status;
}

sil_status sil_declare_set(struct sil_declaration *d, struct sil_error *err)
{
    return d->field->type == SIL_TYPE_BOOLEAN ? declare_boolean(d, err)
                                              : declare_listed(d, err);
}
