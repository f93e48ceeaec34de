// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"
#include "synth/simulate_draw.h"
#include "synth/simulate_fixed.h"
#include "table/calendar.h"

#include <stdio.h>
#include <string.h>

enum { PLACE_BYTES = 160 };

/* What every function below needs to build a draw. */
struct builder {
    const char *place;
    const struct sil_sim_target *target;
    const struct sil_sim_scope *scope;
    struct sil_error *err;
};

/* outer.name, cut with dots when it is long: it only guides a person. */
static void extend(char place[PLACE_BYTES], const char *outer, const char *name)
{
    int length = snprintf(place, PLACE_BYTES, "%s.%s", outer, name);
    if (length >= PLACE_BYTES) {
        (void)memcpy(place + PLACE_BYTES - 4, "...", 4);
    }
}

static const char *type_name(enum sil_sim_type type)
{
    switch (type) {
    case SIL_SIM_NUMBER: return "a number";
    case SIL_SIM_DATE: return "a date";
    case SIL_SIM_TEXT: return "a text in single quotes";
    case SIL_SIM_TRUTH: break;
    }
    return "a condition";
}

sil_status sil_sim_expr_parse(struct sil_sim_program *out, json_t *json,
                              const char *place, enum sil_sim_type type,
                              const struct sil_sim_scope *scope, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char buffer[SIL_JSON_DECIMAL_BYTES];
    *out = (struct sil_sim_program){0};
    const char *text = json == NULL ? NULL : sil_json_decimal(json, buffer);
    if (text == NULL) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s must be a number or an expression in quotes", place);
    }
    SIL_TRY(sil_sim_compile(out, text, place, scope, err));
    if (out->type != type) {
        sil_sim_program_clear(out);
        status = sil_fail(err, SIL_ERR_INPUT, "%s: \"%.80s\" is not %s", place, text,
                          type_name(type));
    }

cleanup:
    return status;
}

/* One parameter of a distribution; its place is that of the draw and its name. */
static sil_status parse_parameter(struct sil_sim_program *out, const struct builder *b,
                                  json_t *json, const char *name,
                                  enum sil_sim_type type)
{
    char place[PLACE_BYTES];
    extend(place, b->place, name);
    return sil_sim_expr_parse(out, json, place, type, b->scope, b->err);
}

static sil_status parse_weight(uint64_t *weight, const struct builder *b,
                               const char *key, json_t *json)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    struct sil_scaled value;
    const char *text = sil_json_decimal(json, buffer);
    if (text == NULL || !sil_scaled_parse(&value, text, strlen(text), 6, '.') ||
        value.is_inexact || value.floor < 0 ||
        value.floor > (sil_i128)1000000000 * SIL_MICRO) {
        return sil_fail(
            b->err, SIL_ERR_INPUT,
            "%s.weights: the weight of \"%.60s\" must be a number from 0 to "
            "10^9 with at most six decimals",
            b->place, key);
    }
    *weight = (uint64_t)value.floor;
    return SIL_OK;
}

static sil_status parse_outcome(int64_t *outcome, const struct builder *b,
                                const char *key)
{
    struct sil_scaled value;
    if (b->target->type == SIL_SIM_TEXT) {
        return sil_sim_intern(outcome, b->scope->texts, key, strlen(key), b->err);
    }
    bool is_date = b->target->type == SIL_SIM_DATE;
    bool is_valid = is_date ? sil_date_parse(&value, key, strlen(key))
                            : sil_scaled_parse(&value, key, strlen(key), 6, '.');
    if (!is_valid || value.is_inexact || value.floor > SIL_MICRO_MAX ||
        value.floor < -SIL_MICRO_MAX) {
        return sil_fail(b->err, SIL_ERR_INPUT, "%s.weights: \"%.60s\" is not %s",
                        b->place, key, type_name(b->target->type));
    }
    *outcome = (int64_t)value.floor * (is_date ? SIL_MICRO : 1);
    return SIL_OK;
}

static sil_status parse_weights(struct sil_sim_draw *out, const struct builder *b,
                                json_t *json)
{
    sil_status status = SIL_OK;
    uint64_t sum = 0;
    const char *key = NULL;
    json_t *value = NULL;
    if (!json_is_object(json) || json_object_size(json) == 0) {
        return sil_fail(b->err, SIL_ERR_INPUT,
                        "%s.weights must be an object: {\"value\": weight, ...}",
                        b->place);
    }
    SIL_TRY(sil_alloc(&out->outcome, json_object_size(json), sizeof *out->outcome,
                      "outcomes", b->err));
    SIL_TRY(sil_alloc(&out->cumulative, json_object_size(json), sizeof *out->cumulative,
                      "weights", b->err));
    json_object_foreach(json, key, value)
    {
        uint64_t weight = 0;
        SIL_TRY(parse_weight(&weight, b, key, value));
        SIL_TRY(parse_outcome(&out->outcome[out->n], b, key));
        sum += weight; /* at most 2^24 of 10^15 each: below 2^64 */
        out->cumulative[out->n++] = sum;
    }
    if (sum == 0) {
        status = sil_fail(b->err, SIL_ERR_INPUT, "%s.weights are all 0", b->place);
    }

cleanup:
    return status;
}

static sil_status parse_uniform(struct sil_sim_draw *out, const struct builder *b,
                                json_t *json)
{
    sil_status status = SIL_OK;
    if (!json_is_array(json) || json_array_size(json) != 2) {
        return sil_fail(b->err, SIL_ERR_INPUT, "%s.uniform must be [lowest, highest]",
                        b->place);
    }
    SIL_TRY(parse_parameter(&out->a, b, json_array_get(json, 0), "uniform[0]",
                            b->target->type));
    SIL_TRY(parse_parameter(&out->b, b, json_array_get(json, 1), "uniform[1]",
                            b->target->type));

cleanup:
    return status;
}

/* The distributions whose parameters stand in an object. */
static const struct shape {
    const char *name;
    const char *parameters[2];
    enum sil_sim_draw_kind kind;
} SHAPES[] = {
    {"normal",    {"mean", "sd"},      SIL_SIM_NORMAL   },
    {"lognormal", {"median", "sigma"}, SIL_SIM_LOGNORMAL},
    {"geometric", {"mean", NULL},      SIL_SIM_GEOMETRIC},
    {"poisson",   {"mean", NULL},      SIL_SIM_POISSON  },
};

static sil_status parse_shape(struct sil_sim_draw *out, const struct builder *b,
                              const struct shape *shape, json_t *json)
{
    sil_status status = SIL_OK;
    char place[PLACE_BYTES];
    size_t n = shape->parameters[1] == NULL ? 1 : 2;
    extend(place, b->place, shape->name);
    struct builder within = {place, b->target, b->scope, b->err};

    SIL_TRY(sil_json_check_keys(json, place, shape->parameters, n, b->err));
    /* The centre of a normal distribution of dates is a date; all else are numbers. */
    enum sil_sim_type centre =
        shape->kind == SIL_SIM_NORMAL ? b->target->type : SIL_SIM_NUMBER;
    SIL_TRY(parse_parameter(&out->a, &within,
                            json_object_get(json, shape->parameters[0]),
                            shape->parameters[0], centre));
    if (n == 2) {
        SIL_TRY(parse_parameter(&out->b, &within,
                                json_object_get(json, shape->parameters[1]),
                                shape->parameters[1], SIL_SIM_NUMBER));
    }
    out->kind = shape->kind;

cleanup:
    return status;
}

static sil_status parse_branch(struct sil_sim_draw *out, const struct builder *b,
                               json_t *json, const char *name)
{
    char place[PLACE_BYTES];
    extend(place, b->place, name);
    return sil_sim_draw_parse(out, json, place, b->target, b->scope, b->err);
}

static sil_status parse_otherwise(struct sil_sim_draw *out, const struct builder *b,
                                  json_t *json)
{
    json_t *otherwise = json_object_get(json, "otherwise");
    out->has_otherwise = otherwise != NULL;
    return otherwise == NULL
               ? SIL_OK
               : parse_branch(&out->branch[out->n], b, otherwise, "otherwise");
}

static sil_status find_text_field(size_t *slot, const struct builder *b, json_t *json)
{
    const char *name = json_string_value(json);
    for (size_t i = 0; name != NULL && i < b->scope->n_visible; i++) {
        if (strcmp(b->scope->field[i].name, name) == 0 &&
            b->scope->field[i].type == SIL_SIM_TEXT) {
            *slot = i;
            return SIL_OK;
        }
    }
    return sil_fail(b->err, SIL_ERR_INPUT,
                    "%s.by must name a field of type string that is declared earlier",
                    b->place);
}

static sil_status parse_by(struct sil_sim_draw *out, const struct builder *b,
                           json_t *json)
{
    static const char *const KEYS[] = {"by", "table", "otherwise"};
    sil_status status = SIL_OK;
    json_t *table = json_object_get(json, "table");
    const char *key = NULL;
    json_t *value = NULL;
    SIL_TRY(sil_json_check_keys(json, b->place, KEYS, 3, b->err));
    SIL_TRY(find_text_field(&out->slot, b, json_object_get(json, "by")));
    if (!json_is_object(table)) {
        return sil_fail(b->err, SIL_ERR_INPUT, "%s.table must be an object", b->place);
    }
    size_t n = json_object_size(table);
    SIL_TRY(sil_alloc(&out->outcome, n, sizeof *out->outcome, "a table", b->err));
    SIL_TRY(sil_alloc(&out->branch, n + 1, sizeof *out->branch, "a table", b->err));
    json_object_foreach(table, key, value)
    {
        SIL_TRY(sil_sim_intern(&out->outcome[out->n], b->scope->texts, key, strlen(key),
                               b->err));
        SIL_TRY(parse_branch(&out->branch[out->n], b, value, key));
        out->n++;
    }
    status = parse_otherwise(out, b, json);

cleanup:
    return status;
}

static sil_status parse_case(struct sil_sim_draw *out, const struct builder *b,
                             json_t *json)
{
    static const char *const KEYS[] = {"when", "draw"};
    sil_status status = SIL_OK;
    char place[PLACE_BYTES];
    char name[32];
    (void)snprintf(name, sizeof name, "cases[%zu]", out->n);
    extend(place, b->place, name);
    struct builder within = {place, b->target, b->scope, b->err};
    SIL_TRY(sil_json_check_keys(json, place, KEYS, 2, b->err));
    SIL_TRY(parse_parameter(&out->when[out->n], &within, json_object_get(json, "when"),
                            "when", SIL_SIM_TRUTH));
    SIL_TRY(parse_branch(&out->branch[out->n], &within, json_object_get(json, "draw"),
                         "draw"));

cleanup:
    return status;
}

static sil_status parse_cases(struct sil_sim_draw *out, const struct builder *b,
                              json_t *json)
{
    static const char *const KEYS[] = {"cases", "otherwise"};
    sil_status status = SIL_OK;
    json_t *cases = json_object_get(json, "cases");
    SIL_TRY(sil_json_check_keys(json, b->place, KEYS, 2, b->err));
    if (!json_is_array(cases)) {
        return sil_fail(b->err, SIL_ERR_INPUT, "%s.cases must be an array", b->place);
    }
    size_t n = json_array_size(cases);
    SIL_TRY(sil_alloc(&out->when, n, sizeof *out->when, "cases", b->err));
    SIL_TRY(sil_alloc(&out->branch, n + 1, sizeof *out->branch, "cases", b->err));
    while (out->n < n) {
        status = parse_case(out, b, json_array_get(cases, out->n));
        out->n++; /* also a case that failed halfway is cleared */
        if (status != SIL_OK) {
            goto cleanup;
        }
    }
    status = parse_otherwise(out, b, json);

cleanup:
    return status;
}

/* The single key of a distribution that is not a table of others. */
static sil_status parse_distribution(struct sil_sim_draw *out, const struct builder *b,
                                     json_t *json)
{
    static const char *const KEYS[] = {"value",     "weights", "uniform",
                                       "normal",    "cases",   "lognormal",
                                       "geometric", "poisson", "by"};
    sil_status status = SIL_OK;
    SIL_TRY(sil_json_check_keys(json, b->place, KEYS, sizeof KEYS / sizeof KEYS[0],
                                b->err));
    const char *key = json_object_iter_key(json_object_iter(json));
    if (json_object_size(json) != 1) {
        return sil_fail(b->err, SIL_ERR_INPUT,
                        "%s must have exactly one of \"value\", \"weights\", "
                        "\"uniform\", \"normal\", \"lognormal\", \"geometric\", "
                        "\"poisson\", \"by\", \"cases\"",
                        b->place);
    }
    json_t *body = json_object_get(json, key);
    bool is_text = b->target->type == SIL_SIM_TEXT;
    if (strcmp(key, "value") == 0) {
        return parse_parameter(&out->a, b, body, key, b->target->type);
    }
    if (strcmp(key, "weights") == 0) {
        out->kind = SIL_SIM_WEIGHTS;
        return parse_weights(out, b, body);
    }
    if (is_text) {
        return sil_fail(b->err, SIL_ERR_INPUT,
                        "%s: a string is drawn by \"weights\", \"value\", \"by\" or "
                        "\"cases\"",
                        b->place);
    }
    if (strcmp(key, "uniform") == 0) {
        out->kind = SIL_SIM_UNIFORM;
        return parse_uniform(out, b, body);
    }
    for (size_t i = 0; i < sizeof SHAPES / sizeof SHAPES[0]; i++) {
        if (strcmp(key, SHAPES[i].name) == 0) {
            return parse_shape(out, b, &SHAPES[i], body);
        }
    }

cleanup:
    return status;
}

sil_status sil_sim_draw_parse(struct sil_sim_draw *out, json_t *json, const char *place,
                              const struct sil_sim_target *target,
                              const struct sil_sim_scope *scope, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct builder b = {place, target, scope, err};
    *out = (struct sil_sim_draw){.kind = SIL_SIM_VALUE};
    if (!json_is_object(json)) {
        SIL_TRY(sil_sim_expr_parse(&out->a, json, place, target->type, scope, err));
    } else if (json_object_get(json, "by") != NULL) {
        out->kind = SIL_SIM_BY;
        SIL_TRY(parse_by(out, &b, json));
    } else if (json_object_get(json, "cases") != NULL) {
        out->kind = SIL_SIM_CASES;
        SIL_TRY(parse_cases(out, &b, json));
    } else {
        SIL_TRY(parse_distribution(out, &b, json));
    }

cleanup:
    if (status != SIL_OK) {
        sil_sim_draw_clear(out);
    }
    return status;
}
