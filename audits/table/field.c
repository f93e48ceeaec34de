// SPDX-License-Identifier: Apache-2.0
#include "audits/table/field.h"

#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_BINS = 32, EACH_MAX = 128, CELLS_MAX = 1 << 20, PLACES_MAX = 27 };

static const char *const TYPES[] = {"string", "boolean", "integer",
                                    "number", "date",    "datetime"};

static sil_status bad(const struct aud_field *field, const char *what,
                      struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_INPUT, "schema.json: field %s: %s",
                    field->name == NULL ? "without a name" : field->name, what);
}

/* ---- lists ---- */

static sil_status add_text(char ***list, size_t *n, size_t *room, const char *text,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_grow(list, room, *n + 1, sizeof **list, "a schema", err));
    (*list)[*n] = strdup(text);
    if ((*list)[*n] == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a schema");
    }
    (*n)++;

cleanup:
    return status;
}

sil_status aud_field_add_value(struct aud_field *field, const mpq_t value,
                               struct sil_error *err)
{
    sil_status status = sil_grow(&field->value, &field->value_room, field->n_values + 1,
                                 sizeof *field->value, "a schema", err);
    if (status == SIL_OK) {
        mpq_init(field->value[field->n_values]);
        mpq_set(field->value[field->n_values++], value);
    }
    return status;
}

/* "v", or {"value": "v", "label": ...}. */
static const json_t *plain(const json_t *item)
{
    const json_t *value = json_object_get(item, "value");
    return value != NULL ? value : item;
}

static sil_status read_missing(struct aud_field *field, const json_t *list,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (list == NULL) {
        return add_text(&field->missing, &field->n_missing, &field->missing_room, "",
                        err);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(plain(json_array_get(list, i)));
        if (text == NULL) {
            return bad(field, "a missing value is no text", err);
        }
        SIL_TRY(add_text(&field->missing, &field->n_missing, &field->missing_room, text,
                         err));
    }

cleanup:
    return status;
}

/* ---- closed sets ---- */

/* At most 18 decimal places and 27 digits: a million values of thousands of digits would be
 * a few bytes each in a schema, and fill any memory. */
static bool has_room(const mpq_t value)
{
    mpz_t most;
    mpz_init(most);
    mpz_ui_pow_ui(most, 10, 18);
    bool has = mpz_divisible_p(most, mpq_denref(value)) != 0;
    mpz_ui_pow_ui(most, 10, 27);
    mpz_mul(most, most, mpq_denref(value));
    has = has && mpz_cmpabs(mpq_numref(value), most) <= 0;
    mpz_clear(most);
    return has;
}

sil_status aud_field_json_value(mpq_t out, const struct aud_field *field,
                                const json_t *item, struct sil_error *err)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    const char *text = sil_json_decimal(item, buffer);
    bool is =
        text != NULL && aud_parse_value(out, field->type, '.', text) && has_room(out);
    return is ? SIL_OK
              : bad(field, "a value not of its type, or beyond 27 digits or 18 places",
                    err);
}

static sil_status read_set(struct aud_field *field, const json_t *list,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t value;
    mpq_init(value);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = plain(json_array_get(list, i));
        if (field->type != AUD_STRING) {
            SIL_TRY(aud_field_json_value(value, field, item, err));
            SIL_TRY(aud_field_add_value(field, value, err));
            continue;
        }
        if (!json_is_string(item)) {
            status = bad(field, "a category is no text", err);
            goto cleanup;
        }
        SIL_TRY(add_text(&field->text, &field->n_texts, &field->text_room,
                         json_string_value(item), err));
    }
    field->n_plain = (uint32_t)json_array_size(list);

cleanup:
    mpq_clear(value);
    return status;
}

static sil_status add_words(struct aud_field *field, const json_t *list,
                            const char *const *otherwise, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; list == NULL ? i < 4 : i < json_array_size(list); i++) {
        const char *word =
            list == NULL ? otherwise[i] : json_string_value(json_array_get(list, i));
        SIL_TRY(add_text(&field->text, &field->n_texts, &field->text_room,
                         word == NULL ? "" : word, err));
    }

cleanup:
    return status;
}

/* Cells: false, true. All words of the first, then all of the second. */
static sil_status read_boolean(struct aud_field *field, const json_t *object,
                               struct sil_error *err)
{
    static const char *const TRUES[] = {"true", "True", "TRUE", "1"};
    static const char *const FALSES[] = {"false", "False", "FALSE", "0"};
    sil_status status = SIL_OK;
    SIL_TRY(add_words(field, json_object_get(object, "falseValues"), FALSES, err));
    size_t n_false = field->n_texts;
    SIL_TRY(add_words(field, json_object_get(object, "trueValues"), TRUES, err));
    SIL_TRY(sil_alloc(&field->text_cell, field->n_texts, sizeof *field->text_cell,
                      "a schema", err));
    for (size_t i = n_false; i < field->n_texts; i++) {
        field->text_cell[i] = 1;
    }
    field->is_closed = true;
    field->n_plain = 2;

cleanup:
    return status;
}

/* ---- bins ---- */

/* Digits behind the point, as written; an exponent moves the point. */
static size_t places_of(const json_t *item)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    const char *text = item == NULL ? NULL : sil_json_decimal(item, buffer);
    const char *point = text == NULL ? NULL : strchr(text, '.');
    const char *exponent = text == NULL ? NULL : strpbrk(text, "eE");
    long places = point == NULL ? 0 : (long)strspn(point + 1, "0123456789");
    places -= exponent == NULL ? 0 : strtol(exponent + 1, NULL, 10);
    return places < 0 ? 0 : places > PLACES_MAX ? PLACES_MAX : (size_t)places;
}

/* Decimal places of the default granularity: of 1, 0.1, 0.01, ... the largest of which a bin
 * holds a hundred. */
size_t aud_default_places(const mpq_t width)
{
    size_t places = 0;
    mpq_t hundred;
    mpq_t ten;
    mpq_inits(hundred, ten, (mpq_ptr)NULL);
    mpq_set_ui(hundred, 100, 1);
    mpq_set_ui(ten, 10, 1);
    for (; mpq_cmp(width, hundred) < 0 && places < PLACES_MAX; places++) {
        mpq_div(hundred, hundred, ten);
    }
    mpq_clears(hundred, ten, (mpq_ptr)NULL);
    return places;
}

size_t aud_field_resolution(const struct aud_field *field, const json_t *object,
                            const mpq_t width)
{
    const json_t *constraints = json_object_get(object, "constraints");
    const json_t *own = json_object_get(object, "silhouette");
    const json_t *granularity = json_object_get(own, "granularity");
    const json_t *const bounds[] = {json_object_get(constraints, "minimum"),
                                    json_object_get(constraints, "maximum")};
    const json_t *const lists[] = {json_object_get(own, "bins"),
                                   json_object_get(own, "atoms")};
    if (field->type != AUD_NUMBER) {
        return 0;
    }
    size_t most =
        granularity != NULL ? places_of(granularity) : aud_default_places(width);
    for (size_t i = 0; i < 2; i++) {
        size_t places = places_of(bounds[i]);
        most = places > most ? places : most;
        for (size_t k = 0; k < json_array_size(lists[i]); k++) {
            places = places_of(json_array_get(lists[i], k));
            most = places > most ? places : most;
        }
    }
    return most;
}

/* Up to the next multiple of 10^-places. */
static void round_up(mpq_t value, size_t places)
{
    mpz_t scale;
    mpz_init(scale);
    mpz_ui_pow_ui(scale, 10, places);
    mpz_mul(mpq_numref(value), mpq_numref(value), scale);
    mpz_cdiv_q(mpq_numref(value), mpq_numref(value), mpq_denref(value));
    mpz_set(mpq_denref(value), scale);
    mpq_canonicalize(value);
    mpz_clear(scale);
}

static sil_status equal_widths(struct aud_field *field, const json_t *object,
                               const mpq_t from, const mpq_t to, unsigned long n,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t edge;
    mpq_t width;
    mpq_t part;
    mpq_inits(edge, width, part, (mpq_ptr)NULL);
    mpq_set_ui(part, n, 1);
    mpq_sub(width, to, from);
    mpq_div(width, width, part);
    const size_t places = aud_field_resolution(field, object, width);
    for (unsigned long i = 0; i <= n; i++) {
        mpq_set_ui(part, i, 1);
        mpq_mul(edge, width, part);
        mpq_add(edge, edge, from);
        if (i > 0 && i < n) {
            round_up(edge, places);
        }
        SIL_TRY(aud_field_add_value(field, edge, err));
    }
    field->n_plain = (uint32_t)n;

cleanup:
    mpq_clears(edge, width, part, (mpq_ptr)NULL);
    return status;
}

/* One bin each for all whole numbers. */
static sil_status each_whole(struct aud_field *field, const mpq_t from, const mpq_t to,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t edge;
    mpq_t one;
    mpq_inits(edge, one, (mpq_ptr)NULL);
    mpq_set_ui(one, 1, 1);
    mpq_set(edge, from);
    for (; mpq_cmp(edge, to) <= 0; mpq_add(edge, edge, one)) {
        SIL_TRY(aud_field_add_value(field, edge, err));
        field->n_plain++;
        if (field->n_plain > CELLS_MAX) {
            status = bad(field, "too many cells", err);
            goto cleanup;
        }
    }
    SIL_TRY(aud_field_add_value(field, to, err));

cleanup:
    mpq_clears(edge, one, (mpq_ptr)NULL);
    return status;
}

static sil_status default_bins(struct aud_field *field, const json_t *object,
                               const mpq_t from, const mpq_t to, struct sil_error *err)
{
    mpq_t span;
    mpq_init(span);
    mpq_sub(span, to, from);
    bool is_whole = field->type != AUD_NUMBER;
    unsigned long each = field->type == AUD_INTEGER ? EACH_MAX : DEFAULT_BINS;
    sil_status status = SIL_OK;
    if (mpq_sgn(span) == 0) {
        status = equal_widths(field, object, from, to, 1, err);
    } else if (is_whole && mpq_cmp_ui(span, each, 1) < 0) {
        status = each_whole(field, from, to, err);
    } else {
        status = equal_widths(field, object, from, to, DEFAULT_BINS, err);
    }
    mpq_clear(span);
    return status;
}

static sil_status read_edges(struct aud_field *field, const json_t *list,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t value;
    mpq_init(value);
    for (size_t i = 0; i < json_array_size(list); i++) {
        SIL_TRY(aud_field_json_value(value, field, json_array_get(list, i), err));
        SIL_TRY(aud_field_add_value(field, value, err));
    }
    if (field->n_values < 2) {
        status = bad(field, "fewer than two edges", err);
        goto cleanup;
    }
    field->n_plain = (uint32_t)(field->n_values - 1);

cleanup:
    mpq_clear(value);
    return status;
}

static sil_status read_bins(struct aud_field *field, const json_t *object,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *constraints = json_object_get(object, "constraints");
    const json_t *bins = json_object_get(json_object_get(object, "silhouette"), "bins");
    mpq_t from;
    mpq_t to;
    mpq_inits(from, to, (mpq_ptr)NULL);
    if (json_is_array(bins)) {
        SIL_TRY(read_edges(field, bins, err));
        goto cleanup;
    }
    SIL_TRY(aud_field_json_value(from, field, json_object_get(constraints, "minimum"),
                                 err));
    SIL_TRY(
        aud_field_json_value(to, field, json_object_get(constraints, "maximum"), err));
    if (json_is_integer(bins)) {
        json_int_t n = json_integer_value(bins);
        status = n < 1 || n > CELLS_MAX
                     ? bad(field, "so many bins cannot be", err)
                     : equal_widths(field, object, from, to, (unsigned long)n, err);
    } else if (json_is_object(bins)) {
        status = aud_field_read_leaves(field, object, from, to, err);
    } else {
        status = bins != NULL ? each_whole(field, from, to, err)
                              : default_bins(field, object, from, to, err);
    }

cleanup:
    mpq_clears(from, to, (mpq_ptr)NULL);
    return status;
}

/* ---- the field ---- */

static sil_status read_outside(struct aud_field *field, const json_t *own,
                               struct sil_error *err)
{
    static const char *const WORDS[] = {"clamp", "other", "null", "drop"};
    const char *word = json_string_value(json_object_get(own, "outside"));
    field->outside = !field->is_closed    ? AUD_CLAMP
                     : field->is_required ? AUD_DROP
                                          : AUD_NULL;
    for (int i = 0; word != NULL && i < 4; i++) {
        if (strcmp(word, WORDS[i]) == 0) {
            field->outside = (enum aud_outside)i;
            return SIL_OK;
        }
    }
    return word == NULL ? SIL_OK
                        : bad(field, "an unknown rule for outside values", err);
}

static sil_status read_other(struct aud_field *field, const json_t *own,
                             struct sil_error *err)
{
    const char *other = json_string_value(json_object_get(own, "other"));
    if (field->outside != AUD_OTHER) {
        return SIL_OK;
    }
    field->other = strdup(other == NULL ? "other" : other);
    return field->other != NULL
               ? SIL_OK
               : sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a schema");
}

static sil_status read_type(struct aud_field *field, const json_t *object,
                            struct sil_error *err)
{
    const char *type = json_string_value(json_object_get(object, "type"));
    for (int i = 0; i < 6; i++) {
        if (strcmp(type == NULL ? "string" : type, TYPES[i]) == 0) {
            field->type = (enum aud_field_type)i;
            return SIL_OK;
        }
    }
    return bad(field, "an unknown type", err);
}

static sil_status read_step(struct aud_field *field, const json_t *object,
                            struct sil_error *err)
{
    mpq_t width;
    if (field->has_leaves) {
        return SIL_OK;
    }
    mpq_init(width);
    aud_field_narrowest(width, field, object);
    bool is = aud_field_read_step(field->step, field, object, width);
    mpq_clear(width);
    return is ? SIL_OK : bad(field, "a granularity that is none", err);
}

static sil_status read_domain(struct aud_field *field, const json_t *object,
                              struct sil_error *err)
{
    const json_t *constraints = json_object_get(object, "constraints");
    const json_t *set = json_object_get(object, "categories");
    set = set != NULL ? set : json_object_get(constraints, "enum");
    if (field->type == AUD_BOOLEAN) {
        return read_boolean(field, object, err);
    }
    if (field->is_open && set == NULL) {
        field->is_closed = true;
        return SIL_OK;
    }
    field->is_closed = set != NULL;
    if (set != NULL) {
        return read_set(field, set, err);
    }
    sil_status status = read_bins(field, object, err);
    if (status != SIL_OK || field->n_plain == 0) {
        return status; /* without bins it is refused as a whole */
    }
    status = read_step(field, object, err);
    return status == SIL_OK ? aud_field_read_atoms(field, object, err) : status;
}

/* Edges that descend would be bins that no value lies in; the program takes none. */
static sil_status check_edges(const struct aud_field *field, struct sil_error *err)
{
    for (size_t i = 1; i < field->n_values; i++) {
        if (mpq_cmp(field->value[i - 1], field->value[i]) > 0) {
            return bad(field, "its edges descend", err);
        }
    }
    return SIL_OK;
}

static sil_status list_values(struct aud_field *field, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(aud_listing_texts(&field->missing_list, field->missing, field->n_missing,
                              NULL, err));
    if (!field->is_closed) {
        status = check_edges(field, err);
    } else if (field->type == AUD_STRING || field->type == AUD_BOOLEAN) {
        status = aud_listing_texts(&field->list, field->text, field->n_texts,
                                   field->text_cell, err);
    } else {
        status = aud_listing_values(&field->list, field->value, field->n_values, err);
    }

cleanup:
    return status;
}

sil_status aud_field_read(struct aud_field *out, const json_t *object,
                          const json_t *missing, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *own = json_object_get(object, "silhouette");
    const char *name = json_string_value(json_object_get(object, "name"));
    const char *decimal = json_string_value(json_object_get(object, "decimalChar"));
    const json_t *constraints = json_object_get(object, "constraints");
    const json_t *own_missing = json_object_get(object, "missingValues");

    *out = (struct aud_field){.decimal = decimal == NULL ? '.' : decimal[0]};
    mpq_inits(out->leaf, out->width, out->step, (mpq_ptr)NULL);
    out->name = name == NULL ? NULL : strdup(name);
    if (out->name == NULL) {
        return bad(out, "it cannot be read", err);
    }
    out->is_required = json_is_true(json_object_get(constraints, "required"));
    const json_t *origin = json_object_get(own, "origin");
    const char *word = json_string_value(origin);
    out->was_looked_at = origin != NULL;
    (void)snprintf(out->origin, sizeof out->origin, "%s",
                   origin == NULL ? ""
                   : word == NULL ? "?"
                                  : word);
    out->is_open = json_is_true(json_object_get(own, "open"));
    SIL_TRY(read_type(out, object, err));
    SIL_TRY(read_missing(out, own_missing != NULL ? own_missing : missing, err));
    SIL_TRY(read_domain(out, object, err));
    SIL_TRY(list_values(out, err));
    SIL_TRY(read_outside(out, own, err));
    if (out->is_open && out->type != AUD_STRING) {
        return bad(out, "an open field of another type than string", err);
    }
    out->outside = out->is_open ? AUD_OTHER : out->outside;
    SIL_TRY(read_other(out, own, err));
    SIL_TRY(aud_field_read_expansion(out, own, err));
    if (out->n_plain == 0 && !out->is_open) {
        return bad(out, "it can hold no value", err);
    }
    out->n_cells =
        out->n_plain + (out->outside == AUD_OTHER ? 1 : 0) + (out->is_required ? 0 : 1);

cleanup:
    return status;
}

static void free_texts(char **list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list[i]);
    }
    free(list);
}

void aud_field_clear(struct aud_field *field)
{
    mpq_clears(field->leaf, field->width, field->step, (mpq_ptr)NULL);
    free(field->name);
    free(field->atom);
    free(field->other);
    free_texts(field->expanded, field->n_expanded);
    free(field->unlisted);
    aud_listing_clear(&field->expansion);
    aud_listing_clear(&field->list);
    aud_listing_clear(&field->missing_list);
    free_texts(field->text, field->n_texts);
    free(field->text_cell);
    free_texts(field->missing, field->n_missing);
    for (size_t i = 0; i < field->n_values; i++) {
        mpq_clear(field->value[i]);
    }
    free(field->value);
    aud_memo_free(field->memo, field->memo_room);
}
