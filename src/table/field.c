// SPDX-License-Identifier: Apache-2.0
#include "table/field.h"

#include "table/calendar.h"

#include <stdlib.h>

static const char *const TYPE_NAMES[] = {"string",  "integer", "number",
                                         "boolean", "date",    "datetime"};
static const char *const OUTSIDE_NAMES[] = {"clamp", "other", "null", "drop"};

const char *sil_type_name(enum sil_type type)
{
    return TYPE_NAMES[type];
}

const char *sil_outside_name(enum sil_outside outside)
{
    return OUTSIDE_NAMES[outside];
}

static unsigned places_of(const struct sil_field *field)
{
    return field->is_closed ? field->set.places : field->bins.places;
}

bool sil_field_scale(struct sil_scaled *out, const struct sil_field *field,
                     const char *text, size_t length)
{
    switch (field->type) {
    case SIL_TYPE_INTEGER:
        return sil_scaled_parse(out, text, length, 0, '.') && !out->is_inexact;
    case SIL_TYPE_NUMBER:
        return sil_scaled_parse(out, text, length, places_of(field), field->point);
    case SIL_TYPE_DATE: return sil_date_parse(out, text, length);
    case SIL_TYPE_DATETIME: return sil_datetime_parse(out, NULL, text, length);
    case SIL_TYPE_STRING:
    case SIL_TYPE_BOOLEAN: break;
    }
    return false;
}

static enum sil_finding find_in_set(uint32_t *code, const struct sil_field *field,
                                    const char *text, size_t length)
{
    if (field->type == SIL_TYPE_STRING || field->type == SIL_TYPE_BOOLEAN) {
        return sil_set_find_text(code, &field->set, text, length) ? SIL_FOUND_VALUE
                                                                  : SIL_FOUND_UNKNOWN;
    }
    struct sil_scaled value;
    if (!sil_field_scale(&value, field, text, length)) {
        return SIL_FOUND_UNREADABLE;
    }
    bool is_known =
        !value.is_inexact && sil_set_find_key(code, &field->set, value.floor);
    return is_known ? SIL_FOUND_VALUE : SIL_FOUND_UNKNOWN;
}

enum sil_finding sil_field_find(uint32_t *code, const struct sil_field *field,
                                const char *text, size_t length)
{
    if (field->is_closed) {
        return find_in_set(code, field, text, length);
    }
    struct sil_scaled value;
    if (!sil_field_scale(&value, field, text, length)) {
        return SIL_FOUND_UNREADABLE;
    }
    const struct sil_bins *bins = &field->bins;
    if (value.floor < bins->first) {
        return SIL_FOUND_BELOW;
    }
    if (value.floor > bins->last || (value.floor == bins->last && value.is_inexact)) {
        return SIL_FOUND_ABOVE;
    }
    *code = sil_field_has_leaves(field) ? sil_leaves_find(&field->leaves, value.floor)
                                        : sil_bins_find(bins, value.floor);
    return SIL_FOUND_VALUE;
}

static enum sil_finding find(uint32_t *code, const struct sil_field *field,
                             const char *text, size_t length)
{
    if (sil_texts_has(&field->missing, text, length)) {
        return SIL_FOUND_MISSING;
    }
    return sil_field_find(code, field, text, length);
}

uint32_t sil_field_encode(const struct sil_field *field, const char *text,
                          size_t length)
{
    uint32_t code = SIL_CODE_NONE;
    enum sil_finding finding = find(&code, field, text, length);
    return finding == SIL_FOUND_VALUE ? code : field->answer[finding];
}

static bool is_other_text(const struct sil_field *field, const char *text,
                          size_t length)
{
    struct sil_texts other = {.item = (struct sil_text[]){field->other}, .n = 1};
    return field->other_code != SIL_CODE_NONE && sil_texts_has(&other, text, length);
}

const char *sil_field_complaint(const struct sil_field *field, const char *text,
                                size_t length)
{
    uint32_t code;
    if (is_other_text(field, text, length) || sil_field_may_find(field, text, length)) {
        return NULL;
    }
    switch (find(&code, field, text, length)) {
    case SIL_FOUND_MISSING: return field->is_required ? "missing, but required" : NULL;
    case SIL_FOUND_BELOW: return "below the minimum";
    case SIL_FOUND_ABOVE: return "above the maximum";
    case SIL_FOUND_UNKNOWN: return "not one of the declared values";
    case SIL_FOUND_UNREADABLE: return "not a value of the declared type";
    case SIL_FOUND_VALUE:
    case SIL_N_FINDINGS: break;
    }
    return NULL;
}

bool sil_field_accepts(const struct sil_field *field, const char *text, size_t length)
{
    return sil_field_complaint(field, text, length) == NULL;
}

const struct sil_text *sil_field_text(const struct sil_field *field, uint32_t code)
{
    if (code == field->null_code) {
        return &field->missing.item[0];
    }
    if (code == field->other_code) {
        return &field->other;
    }
    return field->is_closed ? sil_set_text(&field->set, code) : NULL;
}

char *sil_field_put_value(char *out, const struct sil_field *field, sil_i128 value)
{
    const struct sil_bins *bins = &field->bins;
    switch (field->type) {
    case SIL_TYPE_DATE: return sil_date_put(out, (int64_t)value);
    case SIL_TYPE_DATETIME:
        return sil_datetime_put(out, (int64_t)value, field->with_zone);
    case SIL_TYPE_INTEGER:
    case SIL_TYPE_NUMBER:
    case SIL_TYPE_STRING:
    case SIL_TYPE_BOOLEAN: break;
    }
    return sil_scaled_put(out, value, bins->places, bins->written, field->point);
}

char *sil_field_put(char *out, const struct sil_field *field, uint32_t code,
                    uint64_t word)
{
    return sil_field_put_value(out, field, sil_bins_draw(&field->bins, code, word));
}

sil_status sil_field_decode(struct sil_bytes *out, const struct sil_field *field,
                            uint32_t code, uint64_t word, struct sil_error *err)
{
    const struct sil_text *text = sil_field_text(field, code);
    if (text != NULL) {
        return sil_bytes_append(out, text->data, text->length, err);
    }
    char value[SIL_FIELD_BYTES];
    char *end = sil_field_put(value, field, code, word);
    return sil_bytes_append(out, value, (size_t)(end - value), err);
}

bool sil_field_is_null(const struct sil_field *field, uint32_t code)
{
    return code == field->null_code;
}

bool sil_field_is_other(const struct sil_field *field, uint32_t code)
{
    return code == field->other_code;
}

uint32_t sil_field_ordered_cells(const struct sil_field *field)
{
    uint32_t n = field->n_cells;
    n -= field->other_code != SIL_CODE_NONE;
    n -= field->null_code != SIL_CODE_NONE;
    return field->is_closed && field->type == SIL_TYPE_STRING ? 0 : n;
}

bool sil_field_has_wide_bins(const struct sil_field *field)
{
    return !field->is_closed && !sil_field_has_leaves(field) &&
           sil_bins_are_wide(&field->bins);
}

bool sil_field_was_looked_at(const struct sil_field *field)
{
    return field->was_looked_at;
}

void sil_field_clear(struct sil_field *field)
{
    free(field->name);
    free(field->other.data);
    sil_expansion_clear(&field->expansion);
    sil_texts_clear(&field->missing);
    sil_set_clear(&field->set);
    sil_bins_clear(&field->bins);
    free(field->leaves.atom);
    *field = (struct sil_field){0};
}
