// SPDX-License-Identifier: Apache-2.0
/* A column that follows from another by a map of its values, or by ranges of them. */
#include "base/fail.h"
#include "base/memory.h"
#include "table/recomputed_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "a recomputed column";

enum { CUTS_MAX = 4096 };

static sil_status read_source(struct sil_recomputed_reader *r)
{
    const json_t *name = json_object_get(r->json, "from");
    uint32_t attr = UINT32_MAX;
    sil_status status =
        json_is_string(name)
            ? sil_recomputed_find(&attr, r, "from", json_string_value(name),
                                  json_string_length(name))
            : sil_recomputed_blame(r, "from",
                                   "there is no column of "
                                   "this name");
    if (status == SIL_OK && attr != UINT32_MAX) {
        r->from = sil_schema_field(r->schema, attr);
        if (r->out != NULL) {
            r->out->source[r->out->n_sources++] = attr;
        }
    }
    return status;
}

/* ---- what values give ---- */

static sil_status find_value(uint32_t *out, struct sil_recomputed_reader *r,
                             const char *text, size_t length)
{
    struct sil_test test = {0};
    sil_status status = sil_test_add_value(&test, r->to, text, length, r->err);
    if (status == SIL_OK) {
        *out = test.code[0];
    }
    sil_test_clear(&test);
    return status;
}

/* A cell of the column that is recomputed; SIL_CODE_NONE with a problem noted. */
static sil_status read_value(uint32_t *out, struct sil_recomputed_reader *r,
                             const char *property, const json_t *json)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    const char *text = sil_json_decimal(json, buffer);
    *out = SIL_CODE_NONE;
    if (json_is_null(json)) {
        *out = r->to->null_code;
        return *out != SIL_CODE_NONE
                   ? SIL_OK
                   : sil_recomputed_blame(r, property,
                                          "'%.60s' is required: it has no null",
                                          r->to->name);
    }
    if (json_is_boolean(json) && r->to->type == SIL_TYPE_BOOLEAN) {
        *out = json_is_true(json) ? 1 : 0;
        return SIL_OK;
    }
    if (text == NULL) {
        return sil_recomputed_blame(r, property, "must be a value of '%.60s', or null",
                                    r->to->name);
    }
    size_t length = json_is_string(json) ? json_string_length(json) : strlen(text);
    if (sil_texts_has(&r->to->missing, text, length)) {
        return sil_recomputed_blame(r, property,
                                    "'%.60s' stands for a missing value of '%.60s': "
                                    "write null, without quotes",
                                    text, r->to->name);
    }
    sil_status status = find_value(out, r, text, length);
    if (status == SIL_ERR_USAGE) {
        char why[sizeof r->err->text];
        (void)snprintf(why, sizeof why, "%s", r->err->text);
        return sil_recomputed_blame(r, property, "%s", why);
    }
    return status;
}

static sil_status read_optional(uint32_t *out, struct sil_recomputed_reader *r,
                                const char *property)
{
    const json_t *json = json_object_get(r->json, property);
    *out = SIL_CODE_NONE;
    return json == NULL ? SIL_OK : read_value(out, r, property, json);
}

/* Which of the values that are mapped a key means: a listed one, or behind them `other`. */
static sil_status find_key(uint32_t *out, struct sil_recomputed_reader *r,
                           const char *key)
{
    struct sil_test test = {0};
    size_t length = strlen(key);
    *out = SIL_CODE_NONE;
    if (sil_texts_has(&r->from->missing, key, length)) {
        return sil_recomputed_blame(
            r, "map",
            "'%.60s' stands for a missing value of '%.60s': say what it gives "
            "under \"null\"",
            key, r->from->name);
    }
    sil_status status = sil_test_add_value(&test, r->from, key, length, r->err);
    if (status == SIL_ERR_USAGE) {
        char why[sizeof r->err->text];
        (void)snprintf(why, sizeof why, "%s", r->err->text);
        status = sil_recomputed_blame(r, "map", "%s", why);
    } else if (status == SIL_OK) {
        *out = test.code[0];
    }
    sil_test_clear(&test);
    return status;
}

static sil_status read_pair(struct sil_recomputed_reader *r, const char *key,
                            const json_t *json)
{
    sil_status status = SIL_OK;
    struct sil_recomputed *out = r->out;
    uint32_t code = 0;
    SIL_TRY(find_key(&code, r, key));
    if (code == SIL_CODE_NONE) {
        return SIL_OK;
    }
    uint32_t *slot =
        code == r->from->other_code ? &out->other_value : &out->value[code];
    if (*slot != SIL_CODE_NONE) {
        return sil_recomputed_blame(r, "map",
                                    "'%.60s' is a value that is listed already", key);
    }
    status = read_value(slot, r, "map", json);

cleanup:
    return status;
}

/* Cells of the source that are told apart: those before `other` and null. */
static uint32_t count_listed(const struct sil_field *field)
{
    return field->is_closed ? field->set.n_values : 0;
}

static sil_status refuse_unmapped(struct sil_recomputed_reader *r,
                                  const struct sil_text *text)
{
    return sil_recomputed_blame(
        r, "map",
        "the value '%.*s' of '%.60s' is not listed: list it, or give a "
        "\"default\"",
        (int)(text->length < 60 ? text->length : 60), text->data, r->from->name);
}

/* Everything that a row can have gives something. */
static sil_status fill_map(struct sil_recomputed_reader *r)
{
    struct sil_recomputed *out = r->out;
    const struct sil_field *from = r->from;
    for (uint32_t i = 0; i < out->n_values; i++) {
        if (out->value[i] == SIL_CODE_NONE) {
            out->value[i] = out->default_value;
        }
        if (out->value[i] == SIL_CODE_NONE) {
            return refuse_unmapped(r, sil_field_text(from, i));
        }
    }
    if (sil_field_is_open(from) && out->default_value == SIL_CODE_NONE) {
        return sil_recomputed_blame(
            r, "default",
            "'%.60s' has values that nobody can list: give a default, which "
            "they all have",
            from->name);
    }
    if (out->other_value == SIL_CODE_NONE) {
        out->other_value = out->default_value;
    }
    if (from->other_code != SIL_CODE_NONE && out->other_value == SIL_CODE_NONE) {
        return out->n_cuts == 0
                   ? refuse_unmapped(r, &from->other)
                   : sil_recomputed_blame(r, "default",
                                          "'%.60s' has a cell \"other\": say what it "
                                          "gives",
                                          from->name);
    }
    return SIL_OK;
}

/* A missing value gives a missing value, unless something else is said or it cannot. */
static sil_status fill_null(struct sil_recomputed_reader *r)
{
    struct sil_recomputed *out = r->out;
    if (out->null_value == SIL_CODE_NONE) {
        out->null_value =
            r->to->null_code != SIL_CODE_NONE ? r->to->null_code : out->default_value;
    }
    return r->from->null_code == SIL_CODE_NONE || out->null_value != SIL_CODE_NONE
               ? SIL_OK
               : sil_recomputed_blame(
                     r, "null",
                     "'%.60s' can be missing and '%.60s' is required: say what a "
                     "missing value gives",
                     r->from->name, r->to->name);
}

static sil_status make_values(struct sil_recomputed *out, size_t n,
                              struct sil_error *err)
{
    sil_status status = sil_alloc(&out->value, n, sizeof *out->value, WHAT, err);
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        out->value[i] = SIL_CODE_NONE;
    }
    out->n_values = (uint32_t)n;
    return status;
}

static sil_status read_map(struct sil_recomputed_reader *r, const json_t *map)
{
    sil_status status = SIL_OK;
    const char *key;
    json_t *value;
    size_t before = r->problems->n;
    if (!json_is_object(map)) {
        return sil_recomputed_blame(
            r, "map", "must be an object: {\"value\": \"what it gives\", ...}");
    }
    if (!r->from->is_closed) {
        return sil_recomputed_blame(
            r, "map",
            "'%.60s' has bins: say where its ranges begin, by \"cuts\" and "
            "\"values\"",
            r->from->name);
    }
    SIL_TRY(make_values(r->out, count_listed(r->from), r->err));
    json_object_foreach((json_t *)(uintptr_t)map, key, value)
    {
        SIL_TRY(read_pair(r, key, value));
    }
    if (r->problems->n == before) {
        SIL_TRY(fill_map(r));
    }

cleanup:
    return status;
}

/* ---- ranges ---- */

static sil_status read_cut(struct sil_recomputed_reader *r, size_t i,
                           const json_t *json)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    const char *text = sil_json_decimal(json, buffer);
    struct sil_test *cut = &r->out->cut[i];
    if (text == NULL) {
        return sil_recomputed_blame(r, "cuts",
                                    "must be a list of numbers, or of dates");
    }
    sil_status status =
        sil_test_add_order(cut, r->from, SIL_GREATER_EQUAL, text, strlen(text), r->err);
    if (status == SIL_ERR_USAGE) {
        char why[sizeof r->err->text];
        (void)snprintf(why, sizeof why, "%s", r->err->text);
        return sil_recomputed_blame(r, "cuts", "%s", why);
    }
    if (status == SIL_OK && i > 0 && cut->span[0].low <= cut[-1].span[0].low) {
        return sil_recomputed_blame(r, "cuts",
                                    "must ascend, so that values of '%.60s' can lie "
                                    "from each to the next",
                                    r->from->name);
    }
    return status;
}

static sil_status read_cuts(struct sil_recomputed_reader *r, const json_t *cuts,
                            const json_t *values)
{
    sil_status status = SIL_OK;
    struct sil_recomputed *out = r->out;
    size_t n = json_array_size(cuts);
    size_t before = r->problems->n;
    if (r->from->is_closed) {
        return sil_recomputed_blame(r, "cuts",
                                    "'%.60s' lists its values: write a \"map\" of them",
                                    r->from->name);
    }
    if (n == 0 || n > CUTS_MAX || json_array_size(values) != n + 1) {
        return sil_recomputed_blame(
            r, "values",
            "must be a list of what each range gives, one more than "
            "\"cuts\", which are 1 to %d",
            CUTS_MAX);
    }
    SIL_TRY(make_values(out, n + 1, r->err));
    SIL_TRY(sil_alloc(&out->cut, n, sizeof *out->cut, WHAT, r->err));
    out->n_cuts = n;
    for (size_t i = 0; i < n && r->problems->n == before; i++) {
        SIL_TRY(read_cut(r, i, json_array_get(cuts, i)));
    }
    for (size_t i = 0; i <= n && r->problems->n == before; i++) {
        SIL_TRY(read_value(&out->value[i], r, "values", json_array_get(values, i)));
    }
    if (r->problems->n == before) {
        SIL_TRY(fill_map(r));
    }

cleanup:
    return status;
}

/* ---- a rule ---- */

static sil_status check_target(struct sil_recomputed_reader *r)
{
    if (!r->to->is_closed || sil_field_is_open(r->to)) {
        return sil_recomputed_blame(
            r, "to",
            "'%.60s' must list its values: give it \"categories\" or an "
            "\"enum\"",
            r->to->name);
    }
    return SIL_OK;
}

static sil_status say(struct sil_recomputed_reader *r)
{
    struct sil_bytes said = {0};
    sil_status status = sil_bytes_printf(&said, r->err, "%s from %s%c", r->to->name,
                                         r->from->name, '\0');
    r->out->said = (char *)said.data;
    return status;
}

sil_status sil_recomputed_read_map(struct sil_recomputed_reader *r)
{
    sil_status status = SIL_OK;
    size_t before = r->problems->n;
    const json_t *map = json_object_get(r->json, "map");
    const json_t *cuts = json_object_get(r->json, "cuts");
    const json_t *values = json_object_get(r->json, "values");
    SIL_TRY(read_source(r));
    if (r->out == NULL) {
        return SIL_OK;
    }
    if (r->problems->n == before) {
        SIL_TRY(check_target(r));
    }
    if (r->problems->n == before && (map != NULL) == (cuts != NULL || values != NULL)) {
        SIL_TRY(sil_recomputed_blame(
            r, "", "must have one of \"map\", and \"cuts\" with \"values\""));
    }
    if (r->problems->n > before) {
        return SIL_OK;
    }
    r->out->other_value = SIL_CODE_NONE;
    SIL_TRY(read_optional(&r->out->default_value, r, "default"));
    SIL_TRY(read_optional(&r->out->null_value, r, "null"));
    if (r->problems->n == before) {
        SIL_TRY(map != NULL ? read_map(r, map) : read_cuts(r, cuts, values));
    }
    if (r->problems->n == before) {
        SIL_TRY(fill_null(r));
        SIL_TRY(say(r));
    }

cleanup:
    return status;
}
