// SPDX-License-Identifier: Apache-2.0
#include "table/recomputed.h"

#include "base/fail.h"
#include "table/recomputed_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const DETERMINES[] = {"from",    "to",   "map",   "null",
                                         "default", "cuts", "values"};
static const char *const DERIVE[] = {"column", "as"};

/* The rules that recompute a column: which of their properties names it. */
static const struct kind {
    const char *name;
    const char *target;
    const char *const *keys;
    size_t n_keys;
    sil_status (*read)(struct sil_recomputed_reader *r);
} KINDS[] = {
    {"determines", "to",     DETERMINES, 7, sil_recomputed_read_map},
    {"derive",     "column", DERIVE,     2, sil_recomputed_read_sum},
};

enum { N_KINDS = sizeof KINDS / sizeof KINDS[0] };

/* NULL: none of them. */
static const struct kind *kind_of(const json_t *rule)
{
    const struct kind *kind = NULL;
    for (size_t i = 0; i < N_KINDS && kind == NULL; i++) {
        kind = json_object_get(rule, KINDS[i].name) != NULL ? &KINDS[i] : NULL;
    }
    return kind;
}

bool sil_recomputed_is_rule(const json_t *rule)
{
    return kind_of(rule) != NULL;
}

const char *sil_recomputed_name(const json_t *rule)
{
    const struct kind *kind = kind_of(rule);
    return kind == NULL ? NULL
                        : json_string_value(json_object_get(
                              json_object_get(rule, kind->name), kind->target));
}

/* ---- reading ---- */

sil_status sil_recomputed_blame(struct sil_recomputed_reader *r, const char *property,
                                const char *format, ...)
{
    char place[128];
    char why[384];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    (void)snprintf(place, sizeof place, "%s%s%s", r->place,
                   property[0] == '\0' ? "" : ".", property);
    return sil_problems_take(r->problems, place,
                             sil_fail(r->err, SIL_ERR_INPUT, "%s", why), r->err);
}

sil_status sil_recomputed_find(uint32_t *attr, struct sil_recomputed_reader *r,
                               const char *property, const char *name, size_t length)
{
    *attr = sil_schema_find(r->schema, name, length);
    if (*attr == UINT32_MAX) {
        return sil_recomputed_blame(r, property, "there is no column of this name");
    }
    if (*attr >= sil_schema_n_fields(r->schema)) {
        *attr = UINT32_MAX;
        return sil_recomputed_blame(r, property,
                                    "'%.*s' is recomputed itself; name the column that "
                                    "it comes from",
                                    (int)(length < 60 ? length : 60), name);
    }
    return SIL_OK;
}

static sil_status read_target(struct sil_recomputed_reader *r, const char *property)
{
    const json_t *name = json_object_get(r->json, property);
    uint32_t attr = json_is_string(name)
                        ? sil_schema_find(r->schema, json_string_value(name),
                                          json_string_length(name))
                        : UINT32_MAX;
    if (attr == UINT32_MAX) {
        return sil_recomputed_blame(r, property, "there is no column of this name");
    }
    struct sil_recomputed *out = &r->all[attr - sil_schema_n_fields(r->schema)];
    if (out->n_sources > 0) {
        return sil_recomputed_blame(r, property,
                                    "another rule recomputes '%.60s' already",
                                    sil_schema_field_name(r->schema, attr));
    }
    out->attr = attr;
    r->out = out;
    r->to = sil_schema_field(r->schema, attr);
    return SIL_OK;
}

static sil_status check_keys(struct sil_recomputed_reader *r, const struct kind *kind,
                             const json_t *rule, size_t i)
{
    const char *const keys[] = {kind->name, "description"};
    sil_status status = SIL_OK;
    (void)snprintf(r->place, sizeof r->place, "silhouette.rules[%zu]", i);
    SIL_TRY(sil_problems_take(
        r->problems, "",
        sil_json_check_keys((json_t *)(uintptr_t)rule, r->place, keys, 2, r->err),
        r->err));
    (void)snprintf(r->place, sizeof r->place, "silhouette.rules[%zu].%s", i,
                   kind->name);
    if (!json_is_object(r->json)) {
        return sil_recomputed_blame(r, "", "must be an object, { ... }");
    }
    SIL_TRY(
        sil_problems_take(r->problems, "",
                          sil_json_check_keys((json_t *)(uintptr_t)r->json, r->place,
                                              kind->keys, kind->n_keys, r->err),
                          r->err));

cleanup:
    return status;
}

static sil_status read_rule(struct sil_recomputed_reader *r, const struct kind *kind,
                            const json_t *rule, size_t i)
{
    sil_status status = SIL_OK;
    size_t before = r->problems->n;
    r->json = json_object_get(rule, kind->name);
    SIL_TRY(check_keys(r, kind, rule, i));
    if (r->problems->n == before) {
        SIL_TRY(read_target(r, kind->target));
        SIL_TRY(kind->read(r));
    }

cleanup:
    return status;
}

sil_status sil_recomputed_declare(struct sil_recomputed *out, const json_t *rules,
                                  const struct sil_schema *schema,
                                  struct sil_problems *problems, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        const struct kind *kind = kind_of(rule);
        struct sil_recomputed_reader r = {
            .all = out, .schema = schema, .problems = problems, .err = err};
        if (kind != NULL) {
            SIL_TRY(read_rule(&r, kind, rule, i));
        }
    }

cleanup:
    return status;
}

void sil_recomputed_clear(struct sil_recomputed *recomputed)
{
    for (size_t i = 0; i < recomputed->n_cuts; i++) {
        sil_test_clear(&recomputed->cut[i]);
    }
    for (size_t k = 0; k < recomputed->n_sources; k++) {
        free(recomputed->key[k]);
    }
    free(recomputed->said);
    free(recomputed->value);
    free(recomputed->cut);
    *recomputed = (struct sil_recomputed){0};
}

/* ---- a row ---- */

/* The range of a value: how many cuts are not above it. */
static uint32_t range_of(const struct sil_recomputed *recomputed, sil_i128 value)
{
    size_t low = 0;
    size_t high = recomputed->n_cuts;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (value >= recomputed->cut[middle].span[0].low) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (uint32_t)low;
}

uint32_t sil_recomputed_map(const struct sil_recomputed *recomputed,
                            const struct sil_field *from, uint32_t code, sil_i128 value)
{
    if (code == from->null_code) {
        return recomputed->null_value;
    }
    if (code == from->other_code) {
        return recomputed->other_value;
    }
    if (!from->is_closed) {
        return recomputed->value[range_of(recomputed, value)];
    }
    return code < recomputed->n_values ? recomputed->value[code]
                                       : recomputed->default_value;
}

/* The sum, by the policy of its column where it lies outside the bounds. */
static uint32_t within(sil_i128 *sum, const struct sil_field *to)
{
    const struct sil_bins *bins = &to->bins;
    bool is_low = *sum < bins->first;
    if (is_low || *sum > bins->last) {
        if (to->outside != SIL_OUTSIDE_CLAMP) {
            return to->outside == SIL_OUTSIDE_NULL ? to->null_code : to->other_code;
        }
        *sum = is_low ? bins->first : bins->last;
    }
    return sil_bins_find(bins, *sum);
}

static uint32_t summed(sil_i128 *sum, const struct sil_recomputed *recomputed,
                       const struct sil_schema *schema, const struct sil_shown *shown)
{
    bool has_other = false;
    *sum = recomputed->constant;
    for (size_t k = 0; k < recomputed->n_sources; k++) {
        const struct sil_field *field = sil_schema_field(schema, recomputed->source[k]);
        if (shown[k].code == field->null_code) {
            return recomputed->null_value;
        }
        if (shown[k].code == field->other_code) {
            has_other = true;
        } else {
            *sum +=
                recomputed->factor[k] *
                (field->is_closed ? recomputed->key[k][shown[k].code] : shown[k].value);
        }
    }
    return has_other ? recomputed->other_value
                     : within(sum, sil_schema_field(schema, recomputed->attr));
}

uint32_t sil_recomputed_code(sil_i128 *value, const struct sil_recomputed *recomputed,
                             const struct sil_schema *schema,
                             const struct sil_shown *shown)
{
    *value = 0;
    return recomputed->is_sum
               ? summed(value, recomputed, schema, shown)
               : sil_recomputed_map(recomputed,
                                    sil_schema_field(schema, recomputed->source[0]),
                                    shown->code, shown->value);
}
