// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "table/calendar.h"
#include "table/declare.h"

#include <string.h>

enum {
    DEFAULT_BINS = 32,
    DEFAULT_INTEGERS = 128, ///< up to so many integers, each is a cell by default
    STEPS_PER_BIN = 100,    ///< a number's default granularity, at least
    PRIVATE_MAX = 1024      ///< bins that may be asked for to be learnt
};

#define BINS_PROPERTY "silhouette.bins"
#define STEP_PROPERTY "silhouette.granularity"

/* What a declared bound, edge or step is written as: for the error. */
static const char *kind_of(enum sil_type type)
{
    switch (type) {
    case SIL_TYPE_DATE: return "must be a date, \"YYYY-MM-DD\"";
    case SIL_TYPE_DATETIME: return "must be a time, \"YYYY-MM-DDThh:mm:ss\"";
    case SIL_TYPE_INTEGER: return "must be an integer of at most 27 digits";
    case SIL_TYPE_NUMBER:
    case SIL_TYPE_STRING:
    case SIL_TYPE_BOOLEAN: break;
    }
    return "must be a number of at most 27 digits, 18 of them decimal places";
}

/* What is wrong with a declared text that is not a number of the field: its size, or its
 * form. */
static const char *fault_of(enum sil_type type, const char *text)
{
    bool is_number = type == SIL_TYPE_INTEGER || type == SIL_TYPE_NUMBER;
    struct sil_scaled value;
    if (is_number && text != NULL &&
        sil_scaled_parse(&value, text, strlen(text), 0, '.') &&
        (value.floor >= SIL_SCALED_MAX || value.floor <= -SIL_SCALED_MAX)) {
        return "too large: a number has at most 27 digits";
    }
    return kind_of(type);
}

/* The text of a bound or edge: calendars write strings, numbers either. */
static const char *text_of(json_t *value, enum sil_type type,
                           char buffer[SIL_JSON_DECIMAL_BYTES])
{
    bool is_number = type == SIL_TYPE_INTEGER || type == SIL_TYPE_NUMBER;
    return is_number || json_is_string(value) ? sil_json_decimal(value, buffer) : NULL;
}

/* Numbers of a field share one scale: make room for this one. */
static sil_status widen(struct sil_field *field, json_t *value, const char *property,
                        struct sil_error *err)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    unsigned places = 0;
    if (value == NULL || field->type != SIL_TYPE_NUMBER) {
        return SIL_OK;
    }
    const char *text = text_of(value, field->type, buffer);
    if (text == NULL || !sil_scaled_places(&places, text, strlen(text), '.')) {
        return sil_wrong(err, property, fault_of(field->type, text));
    }
    field->bins.places = places > field->bins.places ? places : field->bins.places;
    return SIL_OK;
}

/* What is no list has no items. */
static sil_status widen_list(struct sil_declaration *d, const char *name,
                             const char *property, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *list = sil_declared(d->extension, name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        SIL_TRY(widen(d->field, json_array_get(list, i), property, err));
    }

cleanup:
    return status;
}

static sil_status widen_all(struct sil_declaration *d, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(widen(d->field, sil_declared(d->constraints, "minimum"),
                  "constraints.minimum", err));
    SIL_TRY(widen(d->field, sil_declared(d->constraints, "maximum"),
                  "constraints.maximum", err));
    SIL_TRY(
        widen(d->field, sil_declared(d->extension, "granularity"), STEP_PROPERTY, err));
    SIL_TRY(widen_list(d, "bins", BINS_PROPERTY, err));
    SIL_TRY(widen_list(d, "atoms", SIL_ATOMS_PROPERTY, err));

cleanup:
    return status;
}

/* A declared value at the field's scale. The schema writes numbers with a point, whatever
 * the data does. */
sil_status sil_declared_scale(sil_i128 *out, struct sil_field *field, json_t *value,
                              const char *property, struct sil_error *err)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    struct sil_scaled scaled = {0};
    const char *text = text_of(value, field->type, buffer);
    char point = field->point;
    field->point = '.';
    bool is_read = text != NULL && sil_field_scale(&scaled, field, text, strlen(text));
    field->point = point;
    if (!is_read || scaled.is_inexact || scaled.floor >= SIL_SCALED_MAX ||
        scaled.floor <= -SIL_SCALED_MAX) {
        return sil_wrong(err, property, fault_of(field->type, text));
    }
    *out = scaled.floor;
    return SIL_OK;
}

/* The last edge may come twice: the last bin, closed, then holds that value alone. */
static bool ascends(const struct sil_bins *bins, uint32_t edge)
{
    sil_i128 width = bins->edges[edge] - bins->edges[edge - 1];
    return width > 0 || (width == 0 && edge == bins->n && edge > 1);
}

static sil_status declare_edges(struct sil_declaration *d, json_t *list,
                                struct sil_error *err)
{
    struct sil_bins *bins = &d->field->bins;
    size_t n = json_array_size(list);
    if (n < 2 || n > SIL_FIELD_CELLS_MAX) {
        return sil_wrong(err, BINS_PROPERTY,
                         "a list of edges needs 2 to 1048576 of them");
    }
    sil_status status = sil_alloc(&bins->edges, n, sizeof *bins->edges, "edges", err);
    bins->n = (uint32_t)(n - 1);
    for (size_t i = 0; status == SIL_OK && i < n; i++) {
        status = sil_declared_scale(&bins->edges[i], d->field, json_array_get(list, i),
                                    BINS_PROPERTY, err);
        if (status == SIL_OK && i > 0 && !ascends(bins, (uint32_t)i)) {
            return sil_fail(err, SIL_ERR_INPUT,
                            "%s: edges must ascend; edge %zu is not above the one "
                            "before it",
                            BINS_PROPERTY, i + 1);
        }
    }
    return status;
}

/* Bounds come from minimum and maximum or from the edges; both must agree. */
static sil_status declare_bounds(struct sil_declaration *d, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bins *bins = &d->field->bins;
    json_t *minimum = sil_declared(d->constraints, "minimum");
    json_t *maximum = sil_declared(d->constraints, "maximum");
    if (bins->edges != NULL) {
        bins->first = bins->edges[0];
        bins->last = bins->edges[bins->n];
    } else if (minimum == NULL || maximum == NULL) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "the domain is not declared: give constraints.minimum and "
                        "constraints.maximum, or %s as a list of edges, or list the "
                        "values in constraints.enum",
                        BINS_PROPERTY);
    }
    sil_i128 first = bins->first;
    sil_i128 last = bins->last;
    if (minimum != NULL) {
        SIL_TRY(
            sil_declared_scale(&first, d->field, minimum, "constraints.minimum", err));
    }
    if (maximum != NULL) {
        SIL_TRY(
            sil_declared_scale(&last, d->field, maximum, "constraints.maximum", err));
    }
    if (first > last) {
        return sil_wrong(err, "constraints.minimum", "above constraints.maximum");
    }
    if (bins->edges != NULL && (first != bins->first || last != bins->last)) {
        return sil_wrong(
            err, BINS_PROPERTY,
            "the first and the last edge must equal constraints.minimum and "
            "constraints.maximum, which can be left out");
    }
    bins->first = first;
    bins->last = last;

cleanup:
    return status;
}

static sil_status one_bin_per_integer(struct sil_field *field, struct sil_error *err)
{
    sil_i128 n = field->bins.last - field->bins.first + 1;
    if (field->type != SIL_TYPE_INTEGER) {
        return sil_wrong(err, BINS_PROPERTY,
                         "\"integers\" is for fields of type integer");
    }
    if (n > SIL_FIELD_CELLS_MAX) {
        return sil_wrong(
            err, BINS_PROPERTY,
            "\"integers\" makes more than 1048576 cells; give a count of bins");
    }
    field->bins.n = (uint32_t)n;
    return SIL_OK;
}

/* {"private": N}. Until they are learnt the bins are counted as N equal ones. */
static sil_status declare_private(struct sil_declaration *d, json_t *object,
                                  struct sil_error *err)
{
    json_t *n = json_object_get(object, "private");
    if (json_object_size(object) != 1 || !json_is_integer(n) ||
        json_integer_value(n) < 2 || json_integer_value(n) > PRIVATE_MAX) {
        return sil_wrong(err, BINS_PROPERTY,
                         "an object must be {\"private\": N} with N from 2 to 1024");
    }
    d->field->leaves.wanted = (uint32_t)json_integer_value(n);
    d->field->bins.n = d->field->leaves.wanted;
    return SIL_OK;
}

static sil_status declare_count(struct sil_declaration *d, json_t *count,
                                struct sil_error *err)
{
    struct sil_field *field = d->field;
    struct sil_bins *bins = &field->bins;
    if (count == NULL) {
        sil_i128 n = bins->last - bins->first + 1;
        if (field->type == SIL_TYPE_INTEGER && n <= DEFAULT_INTEGERS) {
            return one_bin_per_integer(field, err);
        }
        bool is_short = n == 1 || (field->type != SIL_TYPE_NUMBER && n < DEFAULT_BINS);
        bins->n = is_short ? (uint32_t)n : DEFAULT_BINS;
        return SIL_OK;
    }
    if (json_is_string(count) && strcmp(json_string_value(count), "integers") == 0) {
        return one_bin_per_integer(field, err);
    }
    if (json_is_object(count)) {
        return declare_private(d, count, err);
    }
    if (!json_is_integer(count) || json_integer_value(count) < 1 ||
        json_integer_value(count) > SIL_FIELD_CELLS_MAX) {
        return sil_wrong(err, BINS_PROPERTY,
                         "must be a count from 1 to 1048576, a list of edges, "
                         "\"integers\", or {\"private\": N}");
    }
    bins->n = (uint32_t)json_integer_value(count);
    return SIL_OK;
}

/* The narrowest bin of more than one value, times the number of bins where widths are
 * equal. */
static sil_i128 narrowest(const struct sil_bins *bins, sil_i128 *per)
{
    *per = bins->edges == NULL ? (sil_i128)bins->n : 1;
    if (bins->edges == NULL) {
        return bins->last - bins->first;
    }
    sil_i128 width = bins->edges[1] - bins->edges[0];
    for (uint32_t i = 1; i < bins->n; i++) {
        sil_i128 next = bins->edges[i + 1] - bins->edges[i];
        width = next > 0 && next < width ? next : width;
    }
    return width;
}

static sil_status rescale(struct sil_bins *bins, unsigned places, struct sil_error *err)
{
    sil_i128 factor = sil_power_of_ten(places - bins->places);
    if (bins->first <= -SIL_SCALED_MAX / factor ||
        bins->last >= SIL_SCALED_MAX / factor) {
        return sil_wrong(err, STEP_PROPERTY,
                         "the bins are too narrow for a default; declare it");
    }
    for (uint32_t i = 0; bins->edges != NULL && i <= bins->n; i++) {
        bins->edges[i] *= factor;
    }
    bins->first *= factor;
    bins->last *= factor;
    bins->places = places;
    return SIL_OK;
}

/* The largest power of ten, at most 1, of which the narrowest bin holds a hundred; where
 * the domain is a single number, the last decimal place of that number. */
static sil_status default_number_step(struct sil_bins *bins, struct sil_error *err)
{
    sil_i128 per;
    sil_i128 width = narrowest(bins, &per);
    sil_i128 needed = STEPS_PER_BIN * per * sil_power_of_ten(bins->places);
    unsigned written = width == 0 ? bins->places : 0;
    for (; width > 0 && width < needed && written <= SIL_PLACES_MAX; written++) {
        width *= 10;
    }
    if (written > SIL_PLACES_MAX) {
        return sil_wrong(err, STEP_PROPERTY,
                         "the bins are too narrow for a default; declare it");
    }
    sil_status status = written > bins->places ? rescale(bins, written, err) : SIL_OK;
    bins->step = sil_power_of_ten(bins->places - written);
    bins->written = written;
    return status;
}

/* Numbers count their steps from zero, dates and times from the first value. */
static sil_status declare_step(struct sil_declaration *d, struct sil_error *err)
{
    struct sil_field *field = d->field;
    struct sil_bins *bins = &field->bins;
    json_t *step = sil_declared(d->extension, "granularity");
    bool is_calendar = field->type == SIL_TYPE_DATE || field->type == SIL_TYPE_DATETIME;
    bins->anchor = is_calendar ? bins->first : 0;
    if (step == NULL && field->type == SIL_TYPE_NUMBER) {
        return default_number_step(bins, err);
    }
    bins->step = 1;
    if (step == NULL) {
        return SIL_OK;
    }

    char buffer[SIL_JSON_DECIMAL_BYTES];
    struct sil_scaled scaled = {0};
    const char *text = sil_json_decimal(step, buffer);
    if (text == NULL || !sil_scaled_places(&bins->written, text, strlen(text), '.') ||
        !sil_scaled_parse(&scaled, text, strlen(text), bins->places, '.') ||
        scaled.is_inexact || scaled.floor <= 0) {
        return sil_wrong(err, STEP_PROPERTY,
                         field->type == SIL_TYPE_NUMBER
                             ? "must be a decimal above 0, for example \"0.01\""
                             : "must be a whole number above 0");
    }
    bins->step = scaled.floor;
    bins->written = field->type == SIL_TYPE_NUMBER ? bins->written : 0;
    return SIL_OK;
}

/* Steps of one integer, day or second cannot be finer: then only the bins can change. */
static sil_status refuse_empty_bin(const struct sil_field *field, uint32_t empty,
                                   struct sil_error *err)
{
    const struct sil_bins *bins = &field->bins;
    if (field->type != SIL_TYPE_NUMBER && bins->step == 1) {
        return sil_fail(
            err, SIL_ERR_INPUT,
            "%s: bin %u of %u holds no value: there are fewer %s than bins; "
            "declare fewer bins",
            BINS_PROPERTY, empty + 1, bins->n,
            field->type == SIL_TYPE_INTEGER ? "integers"
            : field->type == SIL_TYPE_DATE  ? "days"
                                            : "seconds");
    }
    return sil_fail(err, SIL_ERR_INPUT,
                    "%s: bin %u of %u holds no value at the granularity of the "
                    "field; declare fewer bins%s or a finer %s",
                    BINS_PROPERTY, empty + 1, bins->n,
                    field->n_atoms > 0 ? ", other atoms" : "", STEP_PROPERTY);
}

static sil_status check_steps(struct sil_field *field, struct sil_error *err)
{
    const struct sil_bins *bins = &field->bins;
    /* A draw multiplies the points of a bin by a word of 64 bits. */
    if ((bins->last - bins->first) / bins->step >= (sil_i128)1 << 62) {
        return sil_wrong(err, STEP_PROPERTY,
                         "too fine for the range of the field: more than 2^62 steps");
    }
    return field->leaves.wanted > 0 ? sil_leaves_make(field, err) : SIL_OK;
}

static sil_status check_points(const struct sil_field *field, struct sil_error *err)
{
    bool has_bins = field->leaves.wanted == 0;
    uint32_t empty = has_bins ? sil_bins_first_empty(&field->bins) : UINT32_MAX;
    return empty == UINT32_MAX ? SIL_OK : refuse_empty_bin(field, empty, err);
}

/* Datetimes are written with Z when the first declared one is written with a zone. */
static void declare_zone(struct sil_declaration *d)
{
    json_t *bins = sil_declared(d->extension, "bins");
    json_t *first = sil_declared(d->constraints, "minimum");
    struct sil_scaled value;
    if (first == NULL && json_is_array(bins)) {
        first = json_array_get(bins, 0);
    }
    if (d->field->type == SIL_TYPE_DATETIME && json_is_string(first)) {
        (void)sil_datetime_parse(&value, &d->field->with_zone, json_string_value(first),
                                 json_string_length(first));
    }
}

sil_status sil_declare_bins(struct sil_declaration *d, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *bins = sil_declared(d->extension, "bins");

    SIL_TRY(widen_all(d, err));
    if (json_is_array(bins)) {
        SIL_TRY(declare_edges(d, bins, err));
    }
    SIL_TRY(declare_bounds(d, err));
    if (!json_is_array(bins)) {
        SIL_TRY(declare_count(d, bins, err));
    }
    SIL_TRY(declare_step(d, err));
    SIL_TRY(check_steps(d->field, err));
    SIL_TRY(sil_declare_atoms(d, err));
    SIL_TRY(check_points(d->field, err));
    sil_bins_seal(&d->field->bins);
    declare_zone(d);

cleanup:
    return status;
}
