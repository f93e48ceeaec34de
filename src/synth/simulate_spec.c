// SPDX-License-Identifier: Apache-2.0
#include "synth/simulate_spec.h"

#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"
#include "synth/simulate_fixed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 10000, DECIMALS_MAX = 6, PLACE_BYTES = 96 };

static sil_status copy_text(char **out, const char *text, struct sil_error *err)
{
    size_t length = strlen(text);
    sil_status status = sil_alloc(out, length + 1, 1, "a text", err);
    if (status == SIL_OK) {
        (void)memcpy(*out, text, length);
    }
    return status;
}

/* ---- Names and types of the fields ---- */

static sil_status parse_type(struct sil_sim_field *field, json_t *json,
                             const char *place, struct sil_error *err)
{
    const char *type = json_string_value(json_object_get(json, "type"));
    json_t *decimals = json_object_get(json, "decimals");
    field->target.quantum = SIL_MICRO;
    if (type == NULL) {
        type = "";
    }
    if (strcmp(type, "string") == 0) {
        field->target.type = SIL_SIM_TEXT;
    } else if (strcmp(type, "date") == 0) {
        field->target.type = SIL_SIM_DATE;
    } else if (strcmp(type, "integer") == 0) {
        field->target.type = SIL_SIM_NUMBER;
    } else if (strcmp(type, "number") == 0) {
        field->target.type = SIL_SIM_NUMBER;
        field->decimals = 2;
    } else {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s.type must be \"string\", \"integer\", \"number\" or "
                        "\"date\"",
                        place);
    }
    if (decimals != NULL) {
        json_int_t n = json_is_integer(decimals) ? json_integer_value(decimals) : -1;
        if (strcmp(type, "number") != 0 || n < 0 || n > DECIMALS_MAX) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "%s.decimals must be 0 to %d, and the type \"number\"",
                            place, DECIMALS_MAX);
        }
        field->decimals = (unsigned)n;
    }
    for (unsigned i = 0; i < field->decimals; i++) {
        field->target.quantum /= 10;
    }
    return SIL_OK;
}

static sil_status parse_head(struct sil_sim_spec *spec, json_t *json,
                             struct sil_error *err)
{
    static const char *const KEYS[] = {"name",    "type",    "decimals", "hidden",
                                       "draw",    "minimum", "maximum",  "missing",
                                       "comment", "title"};
    sil_status status = SIL_OK;
    char place[PLACE_BYTES];
    struct sil_sim_field *field = &spec->field[spec->n_fields];
    (void)snprintf(place, sizeof place, "fields[%zu]", spec->n_fields);
    SIL_TRY(sil_json_check_keys(json, place, KEYS, sizeof KEYS / sizeof KEYS[0], err));
    const char *name = json_string_value(json_object_get(json, "name"));
    json_t *hidden = json_object_get(json, "hidden");
    if (name == NULL || name[0] == '\0' || strchr(name, '`') != NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s.name must be a text without `", place);
    }
    for (size_t i = 0; i < spec->n_fields; i++) {
        if (strcmp(spec->field[i].name, name) == 0) {
            return sil_fail(err, SIL_ERR_INPUT, "%s.name: \"%.60s\" is declared twice",
                            place, name);
        }
    }
    if (hidden != NULL && !json_is_boolean(hidden)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s.hidden must be true or false", place);
    }
    SIL_TRY(parse_type(field, json, place, err));
    field->is_hidden = json_is_true(hidden);
    SIL_TRY(copy_text(&field->name, name, err));
    spec->name[spec->n_fields++] =
        (struct sil_sim_name){field->name, field->target.type};

cleanup:
    return status;
}

static sil_status parse_heads(struct sil_sim_spec *spec, json_t *fields,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = json_array_size(fields);
    if (n == 0 || n > FIELDS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "\"fields\" must be an array of 1 to %d fields", FIELDS_MAX);
    }
    SIL_TRY(sil_alloc(&spec->field, n, sizeof *spec->field, "fields", err));
    SIL_TRY(sil_alloc(&spec->name, n, sizeof *spec->name, "fields", err));
    for (size_t i = 0; i < n; i++) {
        SIL_TRY(parse_head(spec, json_array_get(fields, i), err));
    }

cleanup:
    return status;
}

static struct sil_sim_scope scope_of(struct sil_sim_spec *spec, size_t n_visible)
{
    return (struct sil_sim_scope){.field = spec->name,
                                  .n_fields = spec->n_fields,
                                  .n_visible = n_visible,
                                  .texts = &spec->texts};
}

/* ---- How the fields come about ---- */

static sil_status parse_bounds(struct sil_sim_field *field, json_t *json,
                               const char *place, const struct sil_sim_scope *scope,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    static const char *const KEYS[] = {"minimum", "maximum"};
    struct sil_sim_program *const bound[] = {&field->minimum, &field->maximum};
    for (size_t i = 0; i < 2; i++) {
        char within[PLACE_BYTES + 16];
        json_t *value = json_object_get(json, KEYS[i]);
        (void)snprintf(within, sizeof within, "%s.%s", place, KEYS[i]);
        if (value != NULL && field->target.type == SIL_SIM_TEXT) {
            return sil_fail(err, SIL_ERR_INPUT, "%s: a string has no bounds", within);
        }
        if (value != NULL) {
            SIL_TRY(sil_sim_expr_parse(bound[i], value, within, field->target.type,
                                       scope, err));
        }
    }

cleanup:
    return status;
}

static sil_status parse_body(struct sil_sim_spec *spec, size_t i, json_t *json,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    char place[PLACE_BYTES];
    char within[PLACE_BYTES + 16];
    struct sil_sim_field *field = &spec->field[i];
    struct sil_sim_scope before = scope_of(spec, i);
    struct sil_sim_scope all = scope_of(spec, spec->n_fields);
    json_t *missing = json_object_get(json, "missing");
    (void)snprintf(place, sizeof place, "field %.60s", field->name);

    (void)snprintf(within, sizeof within, "%s.draw", place);
    SIL_TRY(sil_sim_draw_parse(&field->draw, json_object_get(json, "draw"), within,
                               &field->target, &before, err));
    SIL_TRY(parse_bounds(field, json, place, &before, err));
    if (missing != NULL) {
        (void)snprintf(within, sizeof within, "%s.missing", place);
        SIL_TRY(sil_sim_draw_parse(&field->missing, missing, within,
                                   &SIL_SIM_PROBABILITY, &all, err));
        field->can_miss = true;
    }

cleanup:
    return status;
}

/* ---- Rules and process ---- */

static sil_status find_field(size_t *field, const struct sil_sim_spec *spec,
                             const char *name, const char *place, struct sil_error *err)
{
    for (size_t i = 0; name != NULL && i < spec->n_fields; i++) {
        if (strcmp(spec->field[i].name, name) == 0) {
            *field = i;
            return SIL_OK;
        }
    }
    return sil_fail(err, SIL_ERR_INPUT, "%s: there is no field \"%.60s\"", place,
                    name == NULL ? "" : name);
}

static sil_status parse_repairs(struct sil_sim_rule *rule, struct sil_sim_spec *spec,
                                json_t *set, const char *place, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *key = NULL;
    json_t *value = NULL;
    struct sil_sim_scope all = scope_of(spec, spec->n_fields);
    if (!json_is_object(set) || json_object_size(set) == 0) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s.set must be an object: {\"field\": \"expression\", ...}",
                        place);
    }
    SIL_TRY(sil_alloc(&rule->repair, json_object_size(set), sizeof *rule->repair,
                      "a rule", err));
    json_object_foreach(set, key, value)
    {
        struct sil_sim_repair *repair = &rule->repair[rule->n_repairs];
        SIL_TRY(find_field(&repair->field, spec, key, place, err));
        if (spec->field[repair->field].is_once) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "%s.set: \"%.60s\" is drawn once an entity and is never "
                            "repaired",
                            place, key);
        }
        SIL_TRY(sil_sim_expr_parse(&repair->value, value, place,
                                   spec->field[repair->field].target.type, &all, err));
        rule->n_repairs++;
    }

cleanup:
    return status;
}

static sil_status parse_rules(struct sil_sim_spec *spec, json_t *rules,
                              struct sil_error *err)
{
    static const char *const KEYS[] = {"require", "set", "comment"};
    sil_status status = SIL_OK;
    struct sil_sim_scope all = scope_of(spec, spec->n_fields);
    if (rules != NULL && !json_is_array(rules)) {
        return sil_fail(err, SIL_ERR_INPUT, "\"rules\" must be an array");
    }
    size_t n = json_array_size(rules);
    SIL_TRY(sil_alloc(&spec->rule, n, sizeof *spec->rule, "rules", err));
    for (size_t i = 0; i < n; i++) {
        char place[PLACE_BYTES];
        json_t *json = json_array_get(rules, i);
        json_t *set = json_object_get(json, "set");
        struct sil_sim_rule *rule = &spec->rule[spec->n_rules++];
        (void)snprintf(place, sizeof place, "rules[%zu]", i);
        SIL_TRY(sil_json_check_keys(json, place, KEYS, 3, err));
        SIL_TRY(sil_sim_expr_parse(&rule->require, json_object_get(json, "require"),
                                   place, SIL_SIM_TRUTH, &all, err));
        if (set != NULL) {
            SIL_TRY(parse_repairs(rule, spec, set, place, err));
        }
    }

cleanup:
    return status;
}

/* The fields drawn once an entity stand before the others, so that no expression of theirs
 * can read a value that changes from row to row. */
static sil_status parse_once(struct sil_sim_spec *spec, json_t *once,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = json_array_size(once);
    if (once != NULL && !json_is_array(once)) {
        return sil_fail(err, SIL_ERR_INPUT, "process.once must be an array of names");
    }
    for (size_t i = 0; i < n; i++) {
        size_t field = 0;
        SIL_TRY(find_field(&field, spec, json_string_value(json_array_get(once, i)),
                           "process.once", err));
        spec->field[field].is_once = true;
    }
    for (size_t i = 1; i < spec->n_fields; i++) {
        if (spec->field[i].is_once && !spec->field[i - 1].is_once) {
            return sil_fail(
                err, SIL_ERR_INPUT,
                "process.once: \"%.60s\" must be declared before the fields "
                "that change from row to row",
                spec->field[i].name);
        }
    }

cleanup:
    return status;
}

static sil_status parse_process(struct sil_sim_spec *spec, json_t *process,
                                struct sil_error *err)
{
    static const char *const KEYS[] = {"once", "again", "at_most", "comment"};
    sil_status status = SIL_OK;
    struct sil_sim_scope all = scope_of(spec, spec->n_fields);
    json_t *at_most = json_object_get(process, "at_most");
    SIL_TRY(sil_json_check_keys(process, "process", KEYS, 4, err));
    if (!json_is_integer(at_most) || json_integer_value(at_most) < 1) {
        return sil_fail(err, SIL_ERR_INPUT, "process.at_most must be a number of rows");
    }
    spec->at_most = (uint64_t)json_integer_value(at_most);
    SIL_TRY(sil_sim_draw_parse(&spec->again, json_object_get(process, "again"),
                               "process.again", &SIL_SIM_PROBABILITY, &all, err));
    spec->has_process = true;

cleanup:
    return status;
}

static sil_status parse_root(struct sil_sim_spec *spec, json_t *root,
                             struct sil_error *err)
{
    static const char *const KEYS[] = {"title", "comment", "fields",
                                       "rules", "process", "missing_value"};
    sil_status status = SIL_OK;
    int64_t empty = 0;
    json_t *fields = json_object_get(root, "fields");
    json_t *process = json_object_get(root, "process");
    json_t *missing = json_object_get(root, "missing_value");
    SIL_TRY(sil_json_check_keys(root, "the specification", KEYS,
                                sizeof KEYS / sizeof KEYS[0], err));
    if (missing != NULL && !json_is_string(missing)) {
        return sil_fail(err, SIL_ERR_INPUT, "\"missing_value\" must be a text");
    }
    SIL_TRY(copy_text(&spec->missing_text,
                      missing == NULL ? "" : json_string_value(missing), err));
    SIL_TRY(sil_sim_intern(&empty, &spec->texts, "", 0, err));
    SIL_TRY(parse_heads(spec, fields, err));
    SIL_TRY(parse_once(spec, json_object_get(process, "once"), err));
    for (size_t i = 0; i < spec->n_fields; i++) {
        SIL_TRY(parse_body(spec, i, json_array_get(fields, i), err));
    }
    SIL_TRY(parse_rules(spec, json_object_get(root, "rules"), err));
    if (process != NULL) {
        SIL_TRY(parse_process(spec, process, err));
    }

cleanup:
    return status;
}

sil_status sil_sim_spec_parse(struct sil_sim_spec *out, const char *json, size_t length,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *root = NULL;
    *out = (struct sil_sim_spec){0};
    SIL_TRY(sil_json_parse(&root, json, length, "the specification", err));
    SIL_TRY(parse_root(out, root, err));

cleanup:
    json_decref(root);
    if (status != SIL_OK) {
        sil_sim_spec_clear(out);
    }
    return status;
}

static void clear_rule(struct sil_sim_rule *rule)
{
    sil_sim_program_clear(&rule->require);
    for (size_t i = 0; i < rule->n_repairs; i++) {
        sil_sim_program_clear(&rule->repair[i].value);
    }
    free(rule->repair);
}

void sil_sim_spec_clear(struct sil_sim_spec *spec)
{
    for (size_t i = 0; i < spec->n_fields; i++) {
        struct sil_sim_field *field = &spec->field[i];
        free(field->name);
        sil_sim_draw_clear(&field->draw);
        sil_sim_program_clear(&field->minimum);
        sil_sim_program_clear(&field->maximum);
        sil_sim_draw_clear(&field->missing);
    }
    for (size_t i = 0; i < spec->n_rules; i++) {
        clear_rule(&spec->rule[i]);
    }
    free(spec->field);
    free(spec->rule);
    free(spec->missing_text);
    free(spec->name);
    sil_sim_draw_clear(&spec->again);
    sil_sim_texts_clear(&spec->texts);
    *spec = (struct sil_sim_spec){0};
}
