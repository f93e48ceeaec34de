// SPDX-License-Identifier: Apache-2.0
#include "audits/attack/look.h"

#include "base/fail.h"
#include "base/int128.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64, NUMBER_MAX = 63, EXACT_DIGITS = 15 };

/* ---- values ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    sil_u128 product = (sil_u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Keyed, so that nobody who does not know the key can write values that collide. */
static uint64_t key_of(const void *data, size_t length, const uint64_t secret[2])
{
    const unsigned char *byte = data;
    uint64_t key = secret[0] ^ length;
    for (size_t at = 0; at < length; at += 8) {
        uint64_t word = 0;
        (void)memcpy(&word, byte + at, length - at < 8 ? length - at : 8);
        key = mix(key ^ word ^ 0xa0761d6478bd642fU, secret[1] | 1) + at;
    }
    key = mix(key ^ 0xe7037ed1a0b428dbU, secret[0] | 1);
    return key == 0 ? 1 : key;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Codes of a column with too many names: by no secret, so that a run can be repeated. */
static const uint64_t SAME_EVERY_TIME[2] = {1, 2};

/* [+-] digits [. digits] [e [+-] digits], and no digit behind a leading zero: that is a code
 * ("01234") and no number. `*n_digits` counts those that are kept exactly when few. */
static bool is_number(const char *text, size_t *n_digits)
{
    const char *at = text + (*text == '+' || *text == '-');
    const char *first = at;
    while (is_digit(*at)) {
        at++;
    }
    size_t whole = (size_t)(at - first);
    size_t places = 0;
    if (*at == '.') {
        for (at++; is_digit(*at); at++) {
            places++;
        }
    }
    *n_digits = whole + places;
    bool is_code = whole > 1 && first[0] == '0';
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        *n_digits = is_digit(*at) ? NUMBER_MAX : 0;
        while (is_digit(*at)) {
            at++;
        }
    }
    return *n_digits > 0 && !is_code && *at == '\0';
}

/* Few digits and few places: a whole number over a power of ten is rounded once, as strtod
 * does, and is many times faster. */
static double to_number(const char *text, size_t n_digits)
{
    static const double TEN[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    if (n_digits > EXACT_DIGITS) {
        return strtod(text, NULL);
    }
    uint64_t whole = 0;
    size_t places = 0;
    bool is_behind = false;
    for (const char *at = text; *at != '\0'; at++) {
        if (is_digit(*at)) {
            whole = 10 * whole + (uint64_t)(*at - '0');
            places += is_behind;
        }
        is_behind |= *at == '.';
    }
    double value = (double)whole / TEN[places];
    return *text == '-' ? -value : value;
}

static bool by_schema(double *out, const struct aud_field *field, const char *text)
{
    mpq_t value;
    mpq_init(value);
    bool is = aud_parse_value(value, field->type, field->decimal, text);
    *out = is ? mpq_get_d(value) : 0;
    mpq_clear(value);
    return is;
}

struct aud_value aud_value_of(const struct aud_look *look, const struct aud_text *text,
                              const uint64_t secret[2])
{
    char copy[NUMBER_MAX + 1];
    struct aud_value out = {.is_number = false};
    const struct aud_field *field = look->field;
    size_t length = text->length;
    size_t n_digits = 0;
    if (length <= NUMBER_MAX) {
        (void)memcpy(copy, text->text, length);
        copy[length] = '\0';
        bool is_plain =
            field == NULL || field->type == AUD_STRING || field->type == AUD_BOOLEAN;
        if (field != NULL && aud_field_is_missing(field, copy, length)) {
            length = 0; /* all that is missing is one value */
        } else if (is_plain && is_number(copy, &n_digits)) {
            out.number = to_number(copy, n_digits);
            out.is_number = isfinite(out.number);
        } else if (!is_plain) {
            out.is_number = by_schema(&out.number, field, copy);
        }
    }
    out.number = fabs(out.number) > 0 ? out.number : 0; /* one zero */
    const void *data = out.is_number ? (const void *)&out.number : text->text;
    const size_t size = out.is_number ? sizeof out.number : length;
    out.key = key_of(data, size, secret) ^ (out.is_number ? 2 : 0);
    out.shared = (uint16_t)key_of(data, size, SAME_EVERY_TIME);
    return out;
}

/* ---- what is in a column ---- */

static struct aud_seen *slot_of(const struct aud_look *look, uint64_t key)
{
    size_t at = (size_t)key & (look->room - 1);
    while (look->seen[at].key != 0 && look->seen[at].key != key) {
        at = (at + 1) & (look->room - 1);
    }
    return &look->seen[at];
}

static sil_status make_room(struct aud_look *look, struct sil_error *err)
{
    struct aud_look larger = *look;
    if (2 * look->n < look->room) {
        return SIL_OK;
    }
    larger.room = look->room == 0 ? FIRST_ROOM : 2 * look->room;
    sil_status status =
        sil_alloc(&larger.seen, larger.room, sizeof *larger.seen, "values", err);
    if (status != SIL_OK) {
        return status;
    }
    for (size_t i = 0; i < look->room; i++) {
        if (look->seen[i].key != 0) {
            *slot_of(&larger, look->seen[i].key) = look->seen[i];
        }
    }
    free(look->seen);
    *look = larger;
    return SIL_OK;
}

static void note_special(struct aud_look *look, uint64_t key)
{
    for (uint32_t i = 0; i < look->n_specials && i < AUD_SPECIALS; i++) {
        if (look->special[i] == key) {
            return;
        }
    }
    if (look->n_specials < AUD_SPECIALS) {
        look->special[look->n_specials] = key;
    }
    look->n_specials++;
}

static sil_status enter(struct aud_look *look, struct aud_seen *seen,
                        const struct aud_value *value, const struct aud_text *text,
                        struct sil_error *err)
{
    *seen = (struct aud_seen){
        .key = value->key, .code = (uint32_t)look->n, .is_number = value->is_number};
    if (look->n < AUD_LABELS) {
        char **label = &look->label[look->n];
        sil_status status = sil_alloc(label, text->length + 1, 1, "values", err);
        if (status != SIL_OK) {
            return status;
        }
        (void)memcpy(*label, text->text, text->length);
    }
    look->n++;
    return SIL_OK;
}

sil_status aud_look_note(struct aud_look *look, enum aud_which table,
                         const struct aud_value *value, const struct aud_text *text,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (value->is_number && table != AUD_SYNTHETIC) {
        look->low = fmin(look->low, value->number);
        look->high = fmax(look->high, value->number);
    }
    SIL_TRY(make_room(look, err));
    struct aud_seen *seen = slot_of(look, value->key);
    if (seen->key == 0 && look->n < AUD_CODES) {
        SIL_TRY(enter(look, seen, value, text, err));
    }
    look->is_crowded = look->is_crowded || seen->key == 0;
    if (!value->is_number) {
        note_special(look, value->key);
    }
    if (seen->key != 0 && (seen->tables & 1U << table) == 0) {
        seen->tables |= (uint8_t)(1U << table);
        look->numbers[table] += value->is_number;
        look->others[table] += !value->is_number;
    }

cleanup:
    return status;
}

void aud_look_clear(struct aud_look *look)
{
    for (size_t i = 0; i < AUD_LABELS; i++) {
        free(look->label[i]);
    }
    free(look->seen);
    *look = (struct aud_look){0};
}

/* ---- of what kind it is ---- */

static uint32_t n_numbers(const struct aud_look *look)
{
    uint32_t n = 0;
    for (size_t i = 0; i < look->room; i++) {
        n += look->seen[i].key != 0 && look->seen[i].is_number;
    }
    return n;
}

static sil_status infer(bool *is_ordered, const struct aud_look *look, const char *name,
                        struct sil_error *err)
{
    int of_numbers = -1;
    int of_texts = -1;
    for (int t = 0; t < AUD_WHICH; t++) {
        bool is_text = look->others[t] > AUD_SPECIALS;
        of_texts = is_text ? t : of_texts;
        of_numbers = !is_text && look->numbers[t] > AUD_FEW ? t : of_numbers;
    }
    if (of_numbers >= 0 && of_texts >= 0) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "column %s has numbers in %s and other texts in %s", name,
                        aud_which_name((enum aud_which)of_numbers),
                        aud_which_name((enum aud_which)of_texts));
    }
    *is_ordered =
        of_texts < 0 && n_numbers(look) > AUD_FEW && look->n_specials <= AUD_SPECIALS;
    return SIL_OK;
}

static void by_declaration(bool *is_ordered, struct aud_look *look)
{
    const struct aud_field *field = look->field;
    *is_ordered = !field->is_closed && field->n_values >= 2;
    if (*is_ordered) {
        look->low = mpq_get_d(field->value[0]);
        look->high = mpq_get_d(field->value[field->n_values - 1]);
    }
}

sil_status aud_look_decide(struct aud_column *column, struct aud_look *look,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (look->field != NULL) {
        by_declaration(&column->is_ordered, look);
    } else {
        SIL_TRY(infer(&column->is_ordered, look, column->name, err));
    }
    column->low = look->low;
    column->high = look->high;
    column->n_codes = (uint32_t)look->n;
    if (column->is_ordered) {
        uint32_t gaps =
            look->n_specials < AUD_SPECIALS ? look->n_specials : AUD_SPECIALS;
        column->n_codes = AUD_GRID + 1 + gaps;
        return SIL_OK;
    }
    (void)memcpy(column->label, look->label, sizeof column->label);
    (void)memset(look->label, 0, sizeof look->label);

cleanup:
    return status;
}

/* Of an ordered column a text beyond the first AUD_SPECIALS (with a schema there may be any)
 * is taken for the last of them. */
static uint32_t special_code(const struct aud_look *look, uint64_t key)
{
    uint32_t i = 0;
    while (i + 1 < AUD_SPECIALS && look->special[i] != key) {
        i++;
    }
    return AUD_GRID + 1 + i;
}

uint32_t aud_look_code(const struct aud_look *look, const struct aud_column *column,
                       const struct aud_value *value)
{
    if (!column->is_ordered) {
        /* The values that were met first, and have a code, are members'. */
        return look->is_crowded ? value->shared : slot_of(look, value->key)->code;
    }
    if (!value->is_number) {
        return special_code(look, value->key);
    }
    double range = column->high - column->low;
    double at = range > 0 ? (value->number - column->low) / range : 0;
    return (uint32_t)lround(fmin(fmax(at, 0), 1) * AUD_GRID);
}
