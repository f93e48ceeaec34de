// SPDX-License-Identifier: Apache-2.0
/* Values that people write, in the column's type. Numbers have a decimal point here, whatever
 * the data has: a comma separates. */
#include "table/value_test.h"

#include "base/fail.h"
#include "base/memory.h"
#include "table/calendar.h"
#include "table/field.h"
#include "table/recomputed.h"

#include <stdlib.h>

/* Beyond everything that can be scaled. */
static const sil_i128 FAR = 100 * SIL_SCALED_MAX;

static bool scale(struct sil_scaled *out, const struct sil_field *field,
                  const char *text, size_t length)
{
    unsigned places = field->is_closed ? field->set.places : field->bins.places;
    switch (field->type) {
    case SIL_TYPE_INTEGER: return sil_scaled_parse(out, text, length, 0, '.');
    case SIL_TYPE_NUMBER: return sil_scaled_parse(out, text, length, places, '.');
    case SIL_TYPE_DATE: return sil_date_parse(out, text, length);
    case SIL_TYPE_DATETIME: return sil_datetime_parse(out, NULL, text, length);
    case SIL_TYPE_STRING:
    case SIL_TYPE_BOOLEAN: break;
    }
    return false;
}

bool sil_field_compares(const struct sil_field *field)
{
    return field->type != SIL_TYPE_STRING && field->type != SIL_TYPE_BOOLEAN;
}

bool sil_test_make_null(struct sil_test *test, const struct sil_field *field)
{
    test->is_null_test = field->null_code != SIL_CODE_NONE;
    return test->is_null_test;
}

const char *sil_test_aim(struct sil_test *test, const struct sil_schema *schema,
                         uint32_t column, bool recomputed_too)
{
    const struct sil_recomputed *through =
        column == UINT32_MAX ? NULL : sil_schema_recomputed(schema, column);
    if (through == NULL || !recomputed_too) {
        test->attr = column;
        return sil_schema_no_attribute(schema, column);
    }
    if (through->is_sum) {
        return "the column is a sum of others: name those instead, or draw more rows and "
               "keep those that are wanted";
    }
    test->attr = through->source[0];
    test->through = through;
    test->to = sil_schema_field(schema, column);
    return NULL;
}

const struct sil_field *sil_test_field(const struct sil_test *test,
                                       const struct sil_schema *schema)
{
    return test->through != NULL ? test->to : sil_schema_field(schema, test->attr);
}

void sil_test_clear(struct sil_test *test)
{
    free(test->span);
    free(test->code);
    *test = (struct sil_test){0};
}

static sil_status add_code(struct sil_test *test, uint32_t code, struct sil_error *err)
{
    sil_status status = sil_grow(&test->code, &test->codes_capacity, test->n_codes + 1,
                                 sizeof *test->code, "a condition", err);
    if (status == SIL_OK) {
        test->code[test->n_codes++] = code;
    }
    return status;
}

static sil_status add_span(struct sil_test *test, struct sil_span span,
                           struct sil_error *err)
{
    sil_status status = sil_grow(&test->span, &test->spans_capacity, test->n_spans + 1,
                                 sizeof *test->span, "a condition", err);
    if (status == SIL_OK) {
        test->span[test->n_spans++] = span;
    }
    return status;
}

static sil_status refuse_type(const struct sil_field *field, const char *text,
                              size_t length, struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_USAGE,
                    "'%.*s' is not a value of the type of '%.60s': %s",
                    (int)(length < 60 ? length : 60), text, field->name,
                    sil_type_name(field->type));
}

static bool is_text(const struct sil_text *text, const char *data, size_t length)
{
    struct sil_texts one = {.item = (struct sil_text[]){*text}, .n = 1};
    return sil_texts_has(&one, data, length);
}

static sil_status refuse_value(const struct sil_field *field, const char *text,
                               size_t length, struct sil_error *err)
{
    int shown = (int)(length < 60 ? length : 60);
    if (sil_texts_has(&field->missing, text, length)) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "'%.*s' stands for a missing value of '%.60s': write IS NULL",
                        shown, text, field->name);
    }
    for (size_t i = 0; i < field->expansion.n; i++) {
        if (is_text(&field->expansion.item[i].text, text, length)) {
            return sil_fail(
                err, SIL_ERR_USAGE,
                "'%.*s' is a text that '%.60s' of '%.60s' is written as, by "
                "\"expand\": name the cell '%.60s'",
                shown, text, field->other.data, field->name, field->other.data);
        }
    }
    return sil_fail(err, SIL_ERR_USAGE, "'%.60s' never takes the value '%.*s'",
                    field->name, shown, text);
}

/* Values are drawn on the lattice of the bins, between their bounds. */
static bool can_be(const struct sil_bins *bins, const struct sil_scaled *value)
{
    sil_i128 off = (value->floor - bins->anchor) % bins->step;
    return !value->is_inexact && off == 0 && value->floor >= bins->first &&
           value->floor <= bins->last;
}

sil_status sil_test_add_value(struct sil_test *test, const struct sil_field *field,
                              const char *text, size_t length, struct sil_error *err)
{
    uint32_t code = 0;
    struct sil_scaled value;
    if (field->other_code != SIL_CODE_NONE && is_text(&field->other, text, length)) {
        return add_code(test, field->other_code, err);
    }
    if (!sil_field_compares(field)) {
        return sil_set_find_text(&code, &field->set, text, length)
                   ? add_code(test, code, err)
                   : refuse_value(field, text, length, err);
    }
    if (!scale(&value, field, text, length)) {
        return sil_texts_has(&field->missing, text, length)
                   ? refuse_value(field, text, length, err)
                   : refuse_type(field, text, length, err);
    }
    if (field->is_closed) {
        return !value.is_inexact && sil_set_find_key(&code, &field->set, value.floor)
                   ? add_code(test, code, err)
                   : refuse_value(field, text, length, err);
    }
    return can_be(&field->bins, &value)
               ? add_span(test, (struct sil_span){value.floor, value.floor + 1}, err)
               : refuse_value(field, text, length, err);
}

static struct sil_span span_of(enum sil_comparison comparison,
                               const struct sil_scaled *value)
{
    /* Values are integers here: the first that is not below, and the first above. */
    sil_i128 least = value->floor + (value->is_inexact ? 1 : 0);
    sil_i128 above = value->floor + 1;
    switch (comparison) {
    case SIL_LESS: return (struct sil_span){-FAR, least};
    case SIL_LESS_EQUAL: return (struct sil_span){-FAR, above};
    case SIL_GREATER: return (struct sil_span){above, FAR};
    case SIL_GREATER_EQUAL: break;
    }
    return (struct sil_span){least, FAR};
}

/* The listed values that lie in the span. A value is listed in its own spelling. */
static sil_status add_listed(struct sil_test *test, const struct sil_field *field,
                             struct sil_span span, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_set *set = &field->set;
    for (size_t i = 0; i < set->texts.n; i++) {
        const struct sil_spelling *value = &set->sorted[i];
        if (value->key >= span.low && value->key < span.high) {
            SIL_TRY(add_code(test, value->code, err));
        }
    }

cleanup:
    return status;
}

sil_status sil_test_add_order(struct sil_test *test, const struct sil_field *field,
                              enum sil_comparison comparison, const char *text,
                              size_t length, struct sil_error *err)
{
    struct sil_scaled value;
    if (!sil_field_compares(field)) {
        return sil_fail(
            err, SIL_ERR_USAGE,
            "the values of '%.60s' have no order: it is of type %s; compare "
            "with = or IN",
            field->name, sil_type_name(field->type));
    }
    if (!scale(&value, field, text, length)) {
        return refuse_type(field, text, length, err);
    }
    struct sil_span span = span_of(comparison, &value);
    test->has_order = true;
    return field->is_closed ? add_listed(test, field, span, err)
                            : add_span(test, span, err);
}

static bool has_code(const struct sil_test *test, uint32_t code)
{
    bool has = false;
    for (size_t i = 0; i < test->n_codes; i++) {
        has = has || test->code[i] == code;
    }
    return has;
}

void sil_test_intersect(struct sil_test *test, const struct sil_test *with)
{
    size_t n = 0;
    for (size_t i = 0; i < test->n_codes; i++) {
        if (has_code(with, test->code[i])) {
            test->code[n++] = test->code[i];
        }
    }
    test->n_codes = n;
    for (size_t i = 0; i < test->n_spans; i++) {
        struct sil_span *a = &test->span[i];
        const struct sil_span *b = &with->span[i];
        a->low = a->low > b->low ? a->low : b->low;
        a->high = a->high < b->high ? a->high : b->high;
    }
}

static bool has_value(const struct sil_test *test, sil_i128 value)
{
    bool has = false;
    for (size_t i = 0; i < test->n_spans; i++) {
        has = has || (value >= test->span[i].low && value < test->span[i].high);
    }
    return has;
}

enum sil_truth sil_test_holds(const struct sil_test *test,
                              const struct sil_field *field, uint32_t code,
                              sil_i128 value)
{
    if (test->through != NULL) {
        code = sil_recomputed_map(test->through, field, code, value);
        field = test->to;
    }
    bool is_missing = code == field->null_code;
    if (test->is_null_test) {
        return is_missing ? SIL_TRUE : SIL_FALSE;
    }
    if (is_missing || (code == field->other_code && test->has_order)) {
        return SIL_UNKNOWN;
    }
    bool is_bin = sil_field_text(field, code) == NULL;
    bool holds = is_bin ? has_value(test, value) : has_code(test, code);
    return holds ? SIL_TRUE : SIL_FALSE;
}
