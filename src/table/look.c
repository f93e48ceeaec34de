// SPDX-License-Identifier: Apache-2.0
#include "table/look.h"

#include "base/fail.h"
#include "base/memory.h"
#include "table/calendar.h"
#include "table/field.h"

#include <stdlib.h>
#include <string.h>

/* Numbers are looked at to this many places; what is finer is rounded outwards. */
enum { PLACES = 6, BINS = 32 };

/* 9999-12-31T23:59:59: a fraction behind it cannot be rounded up. */
#define LAST_SECOND ((sil_i128)253402300799)

/* A schema allows fewer steps than this between its bounds. */
#define STEPS_MAX ((sil_i128)1 << 62)

static const char *const MISSING[] = {"",     "?",    "NA",   "N/A", "n/a",
                                      "null", "NULL", "None", "NaN", "nan"};
static const char *const BOOLEANS[] = {"true",  "True",  "TRUE",
                                       "false", "False", "FALSE"};

static bool is_one_of(const char *const *list, size_t n, const char *text,
                      size_t length)
{
    for (size_t i = 0; i < n; i++) {
        if (strlen(list[i]) == length && memcmp(list[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}

struct sil_look sil_look_start(void)
{
    return (struct sil_look){.are_booleans = true,
                             .point.range.is_possible = true,
                             .comma.range.is_possible = true,
                             .date.is_possible = true,
                             .datetime.is_possible = true};
}

static void extend(struct sil_range *range, bool is_read, bool is_first, sil_i128 low,
                   sil_i128 high)
{
    if (!is_read) {
        range->is_possible = false;
        return;
    }
    range->low = is_first || low < range->low ? low : range->low;
    range->high = is_first || high > range->high ? high : range->high;
}

/* Digits behind a leading zero are a code ("01301"), not a number. */
static bool is_code(const char *text, size_t length)
{
    return length > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

static void look_at_number(struct sil_look_numbers *numbers, bool is_first,
                           const char *text, size_t length, char point)
{
    struct sil_scaled value = {0};
    unsigned places = PLACES;
    bool is_read = !is_code(text, length) &&
                   sil_scaled_parse(&value, text, length, PLACES, point) &&
                   value.floor < SIL_SCALED_MAX && value.floor > -SIL_SCALED_MAX;
    extend(&numbers->range, is_read, is_first, value.floor,
           value.floor + (value.is_inexact ? 1 : 0));
    if (!sil_scaled_places(&places, text, length, point) || places > PLACES) {
        places = PLACES;
    }
    numbers->places = places > numbers->places ? places : numbers->places;
}

/* "1,234" may be one and a bit or more than a thousand; "1,2" and "0,123" are clear. */
static bool is_comma_fraction(const char *text, size_t length)
{
    const char *comma = memchr(text, ',', length);
    return comma != NULL && (text + length - comma != 4 || text[0] == '0');
}

static void look_at_numbers(struct sil_look *look, const char *text, size_t length)
{
    bool is_first = look->n_values == 0;
    if (look->point.range.is_possible) {
        look_at_number(&look->point, is_first, text, length, '.');
    }
    if (look->comma.range.is_possible) {
        look_at_number(&look->comma, is_first, text, length, ',');
        look->has_comma_fraction =
            look->has_comma_fraction || is_comma_fraction(text, length);
    }
}

static void look_at_calendar(struct sil_look *look, const char *text, size_t length)
{
    struct sil_scaled value = {0};
    bool is_first = look->n_values == 0;
    bool has_zone = false;
    bool is_read = sil_date_parse(&value, text, length);
    extend(&look->date, is_read, is_first, value.floor, value.floor);
    is_read = sil_datetime_parse(&value, &has_zone, text, length);
    bool is_cut = is_read && value.is_inexact && value.floor < LAST_SECOND;
    extend(&look->datetime, is_read, is_first, value.floor,
           value.floor + (is_cut ? 1 : 0));
    look->lacks_zone = look->lacks_zone || !has_zone;
}

static int compare(const struct sil_text *a, const char *text, size_t length)
{
    size_t shorter = a->length < length ? a->length : length;
    int order = memcmp(a->data, text, shorter);
    return order != 0 ? order : (a->length > length) - (a->length < length);
}

/* Keep the list of distinct values sorted; it is short. */
static sil_status remember(struct sil_look *look, const char *text, size_t length,
                           struct sil_error *err)
{
    struct sil_texts *values = &look->values;
    size_t low = 0;
    size_t high = values->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(&values->item[middle], text, length);
        if (order == 0) {
            return SIL_OK;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    if (values->n == SIL_LOOK_VALUES_MAX) {
        look->has_too_many = true;
        return SIL_OK;
    }
    sil_status status = sil_texts_add(values, text, length, err);
    if (status == SIL_OK) {
        struct sil_text added = values->item[values->n - 1];
        (void)memmove(&values->item[low + 1], &values->item[low],
                      (values->n - 1 - low) * sizeof added);
        values->item[low] = added;
    }
    return status;
}

sil_status sil_look_add(struct sil_look *look, const char *text, size_t length,
                        struct sil_error *err)
{
    if (is_one_of(MISSING, sizeof MISSING / sizeof MISSING[0], text, length)) {
        return sil_texts_has(&look->missing, text, length)
                   ? SIL_OK
                   : sil_texts_add(&look->missing, text, length, err);
    }
    look_at_numbers(look, text, length);
    look_at_calendar(look, text, length);
    look->are_booleans =
        look->are_booleans &&
        is_one_of(BOOLEANS, sizeof BOOLEANS / sizeof BOOLEANS[0], text, length);
    look->n_values++;
    return look->has_too_many ? SIL_OK : remember(look, text, length, err);
}

static sil_status set(json_t *object, const char *key, json_t *value,
                      struct sil_error *err)
{
    /* A NULL value, from a failed allocation, fails here as well. */
    return json_object_set_new(object, key, value) == 0
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a draft");
}

static sil_status set_texts(json_t *object, const char *key,
                            const struct sil_texts *texts, struct sil_error *err)
{
    json_t *list = json_array();
    sil_status status = SIL_OK;
    for (size_t i = 0; status == SIL_OK && i < texts->n; i++) {
        json_t *text = json_stringn(texts->item[i].data, texts->item[i].length);
        if (json_array_append_new(list, text) != 0) {
            status = sil_fail(err, SIL_ERR_INPUT,
                              "a value is not UTF-8; convert the file first");
        }
    }
    if (status != SIL_OK) {
        json_decref(list);
        return status;
    }
    return set(object, key, list, err);
}

/* A type in bins: the bounds are whole multiples of its unit. */
struct guess {
    enum sil_type type;
    sil_i128 low;
    sil_i128 high;
    unsigned places; /* of a number */
    bool with_comma;
    bool with_zone;
};

static struct guess guess_number(const struct sil_look_numbers *numbers, bool is_comma)
{
    sil_i128 unit = sil_power_of_ten(PLACES - numbers->places);
    bool is_integer = numbers->places == 0 && !is_comma;
    return (struct guess){.type = is_integer ? SIL_TYPE_INTEGER : SIL_TYPE_NUMBER,
                          .low = sil_floor_div(numbers->range.low, unit),
                          .high = sil_ceil_div(numbers->range.high, unit),
                          .places = numbers->places,
                          .with_comma = is_comma};
}

/* False when the values are texts or booleans. */
static bool guess_bins(struct guess *out, const struct sil_look *look)
{
    if (look->point.range.is_possible) {
        *out = guess_number(&look->point, false);
        return true;
    }
    if (look->comma.range.is_possible && look->has_comma_fraction) {
        *out = guess_number(&look->comma, true);
        return true;
    }
    const struct sil_range *range =
        look->date.is_possible ? &look->date : &look->datetime;
    *out = (struct guess){.type = look->date.is_possible ? SIL_TYPE_DATE
                                                         : SIL_TYPE_DATETIME,
                          .low = range->low,
                          .high = range->high,
                          .with_zone = !look->lacks_zone};
    return range->is_possible;
}

/* A bound or a step, as a string; schemas write numbers with a point. */
static json_t *written(const struct guess *guess, sil_i128 value)
{
    struct sil_bytes text = {0};
    sil_status status;
    if (guess->type == SIL_TYPE_DATE) {
        status = sil_date_print(&text, (int64_t)value, NULL);
    } else if (guess->type == SIL_TYPE_DATETIME) {
        status = sil_datetime_print(&text, (int64_t)value, guess->with_zone, NULL);
    } else {
        status =
            sil_scaled_print(&text, value, guess->places, guess->places, '.', NULL);
    }
    json_t *string =
        status == SIL_OK ? json_stringn((const char *)text.data, text.length) : NULL;
    sil_bytes_clear(&text);
    return string;
}

static sil_status set_range(json_t *field, json_t *constraints, json_t *extension,
                            const struct guess *guess, struct sil_error *err)
{
    sil_status status = SIL_OK;
    bool is_number = guess->type == SIL_TYPE_NUMBER;
    sil_i128 n_values = guess->high - guess->low + 1;
    sil_i128 step = 1;
    SIL_TRY(set(field, "type", json_string(sil_type_name(guess->type)), err));
    if (guess->with_comma) {
        SIL_TRY(set(field, "decimalChar", json_string(","), err));
    }
    SIL_TRY(set(constraints, "minimum", written(guess, guess->low), err));
    SIL_TRY(set(constraints, "maximum", written(guess, guess->high), err));
    if (guess->type != SIL_TYPE_INTEGER && n_values < BINS) {
        SIL_TRY(set(extension, "bins", json_integer((json_int_t)n_values), err));
    }
    while (n_values / step >= STEPS_MAX) {
        step *= 10;
    }
    if (is_number || step > 1) {
        SIL_TRY(set(extension, "granularity", written(guess, step), err));
    }

cleanup:
    return status;
}

static sil_status set_text_domain(json_t *field, const struct sil_look *look,
                                  struct sil_error *err)
{
    sil_status status =
        set(field, "type", json_string(look->are_booleans ? "boolean" : "string"), err);
    if (status != SIL_OK || look->are_booleans) {
        return status;
    }
    if (look->has_too_many) {
        return set(
            field, "description",
            json_string("More than 1000 distinct values: list the categories, or "
                        "leave the field out."),
            err);
    }
    return set_texts(field, "categories", &look->values, err);
}

static sil_status set_domain(json_t *field, json_t *constraints, json_t *extension,
                             const struct sil_look *look, struct sil_error *err)
{
    struct guess guess;
    return guess_bins(&guess, look)
               ? set_range(field, constraints, extension, &guess, err)
               : set_text_domain(field, look, err);
}

sil_status sil_look_guess(json_t *field, const struct sil_look *look,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *constraints = json_object();
    json_t *extension = json_object();
    if (look->n_values == 0) {
        SIL_TRY(set(field, "description",
                    json_string("No value in the rows: declare a type and a domain, or "
                                "leave the field out."),
                    err));
        goto cleanup;
    }

    SIL_TRY(set_domain(field, constraints, extension, look, err));
    if (look->missing.n > 0) {
        SIL_TRY(set_texts(field, "missingValues", &look->missing, err));
    } else {
        SIL_TRY(set(constraints, "required", json_true(), err));
    }
    SIL_TRY(set(extension, "origin", json_string("looked"), err));
    if (json_object_size(constraints) > 0) {
        SIL_TRY(set(field, "constraints", json_incref(constraints), err));
    }
    SIL_TRY(set(field, "silhouette", json_incref(extension), err));

cleanup:
    json_decref(constraints);
    json_decref(extension);
    return status;
}

void sil_look_clear(struct sil_look *look)
{
    sil_texts_clear(&look->missing);
    sil_texts_clear(&look->values);
}
