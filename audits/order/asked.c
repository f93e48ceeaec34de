// SPDX-License-Identifier: Apache-2.0
#include "audits/order/asked.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 4096, EXPONENT_MAX = 5 };

static bool is_text(const char *one, const char *text, size_t length)
{
    return one != NULL && strlen(one) == length && memcmp(one, text, length) == 0;
}

static void show_word(struct aud_shown *out, const struct aud_field *field)
{
    uint32_t cell = aud_field_text_cell(field, out->text, out->length);
    if (cell != AUD_NO_CELL) {
        out->kind = AUD_SHOWS_WORD;
        out->word = cell != 0;
    }
}

static void show_number(struct aud_shown *out, enum aud_field_type type, char decimal)
{
    char text[VALUE_MAX + 1];
    if (out->length > VALUE_MAX) {
        return;
    }
    (void)memcpy(text, out->text, out->length);
    text[out->length] = '\0';
    const char *exponent = strpbrk(text, "eE");
    if (exponent != NULL && strlen(exponent) > EXPONENT_MAX) {
        return; /* thousands of digits, in a few bytes of a hostile row */
    }
    if (strlen(text) == out->length &&
        aud_parse_value(out->value, type, decimal, text)) {
        out->kind = AUD_SHOWS_NUMBER;
    }
}

static void show(struct aud_shown *out, const struct aud_field *field,
                 enum aud_field_type type, char decimal)
{
    out->kind = AUD_SHOWS_NOTHING;
    const struct aud_text text = {.text = out->text, .length = out->length};
    if (is_text(field->other, out->text, out->length) ||
        aud_field_expands(field, &text)) {
        out->kind = AUD_SHOWS_OTHER;
    } else if (field->type == AUD_STRING) {
        out->kind = AUD_SHOWS_TEXT;
    } else if (field->type == AUD_BOOLEAN) {
        show_word(out, field);
    } else {
        show_number(out, type, decimal);
    }
}

void aud_shown_read(struct aud_shown *out, const struct aud_field *field,
                    const char *text, size_t length)
{
    out->text = text;
    out->length = length;
    if (aud_field_is_missing(field, text, length)) {
        out->kind = AUD_SHOWS_NULL;
    } else {
        show(out, field, field->type, field->decimal);
    }
}

/* A time between two seconds. Of a row's that is cut off, and what rows have is whole: so any
 * time between two is compared as the one in the middle. */
static void add_fraction(struct aud_shown *value, enum aud_field_type type)
{
    const char *point =
        type == AUD_DATETIME ? memchr(value->text, '.', value->length) : NULL;
    if (point == NULL || value->kind != AUD_SHOWS_NUMBER ||
        strspn(point + 1, "0") == strspn(point + 1, "0123456789")) {
        return;
    }
    mpq_t half;
    mpq_init(half);
    mpq_set_ui(half, 1, 2);
    mpq_add(value->value, value->value, half);
    mpq_clear(half);
}

/* Texts are those of the schema, or discovered. */
static bool is_listed(const struct aud_field *field, const struct aud_shown *value)
{
    return value->kind != AUD_SHOWS_TEXT || field->is_open ||
           aud_field_text_cell(field, value->text, value->length) != AUD_NO_CELL;
}

sil_status aud_asked_add(struct aud_asked *asked, const struct aud_field *field,
                         const char *text, size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char *copy = NULL;
    SIL_TRY(sil_grow(&asked->value, &asked->room, asked->n_values + 1,
                     sizeof *asked->value, "an order", err));
    SIL_TRY(sil_alloc(&copy, length + 1, 1, "an order", err));
    (void)memcpy(copy, text, length);
    struct aud_shown *value = &asked->value[asked->n_values++];
    *value = (struct aud_shown){.text = copy, .length = length, .own = copy};
    mpq_init(value->value);
    /* Whole numbers may be compared with others: age > 17.5. */
    show(value, field, field->type == AUD_INTEGER ? AUD_NUMBER : field->type, '.');
    add_fraction(value, field->type);
    bool has_order = asked->relation != AUD_IS_ONE_OF;
    if (value->kind == AUD_SHOWS_NOTHING || !is_listed(field, value) ||
        (has_order && value->kind != AUD_SHOWS_NUMBER)) {
        status =
            sil_fail(err, SIL_ERR_CHECK, "%.60s has no value %.60s to compare with",
                     field->name, copy);
    }

cleanup:
    return status;
}

void aud_asked_clear(struct aud_asked *asked)
{
    for (size_t i = 0; i < asked->n_values; i++) {
        free(asked->value[i].own);
        mpq_clear(asked->value[i].value);
    }
    free(asked->value);
    *asked = (struct aud_asked){.n_values = 0};
}

static bool are_equal(const struct aud_shown *a, const struct aud_shown *b)
{
    switch (a->kind == b->kind ? a->kind : AUD_SHOWS_NOTHING) {
    case AUD_SHOWS_TEXT:
        return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
    case AUD_SHOWS_WORD: return a->word == b->word;
    case AUD_SHOWS_NUMBER: return mpq_equal(a->value, b->value) != 0;
    case AUD_SHOWS_OTHER: return true;
    case AUD_SHOWS_NOTHING:
    case AUD_SHOWS_NULL: break;
    }
    return false;
}

static enum aud_truth truth(bool is)
{
    return is ? AUD_TRUE : AUD_FALSE;
}

static enum aud_truth is_one_of(const struct aud_asked *asked,
                                const struct aud_shown *shown)
{
    bool is = false;
    bool names_other = false;
    for (size_t i = 0; i < asked->n_values; i++) {
        is = is || are_equal(shown, &asked->value[i]);
        names_other = names_other || asked->value[i].kind == AUD_SHOWS_OTHER;
    }
    bool is_open = asked->leaves_other_open && !names_other;
    return shown->kind == AUD_SHOWS_OTHER && is_open ? AUD_UNKNOWN : truth(is);
}

enum aud_truth aud_asked_holds(const struct aud_asked *asked,
                               const struct aud_shown *shown)
{
    if (asked->relation == AUD_IS_NULL) {
        return truth(shown->kind == AUD_SHOWS_NULL);
    }
    if (shown->kind == AUD_SHOWS_NULL) {
        return AUD_UNKNOWN;
    }
    if (asked->relation == AUD_IS_ONE_OF) {
        return is_one_of(asked, shown);
    }
    if (shown->kind != AUD_SHOWS_NUMBER) {
        return AUD_UNKNOWN;
    }
    int order = mpq_cmp(shown->value, asked->value[0].value);
    switch (asked->relation) {
    case AUD_BELOW: return truth(order < 0);
    case AUD_AT_MOST: return truth(order <= 0);
    case AUD_ABOVE: return truth(order > 0);
    case AUD_AT_LEAST: return truth(order >= 0);
    case AUD_IS_NULL:
    case AUD_IS_ONE_OF: break;
    }
    return AUD_UNKNOWN;
}
