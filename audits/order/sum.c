// SPDX-License-Identifier: Apache-2.0
#include "audits/order/sum.h"

#include "base/fail.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 1024, DIGITS_MAX = 18 };

struct reading {
    struct aud_sum *out;
    const struct aud_table *table;
    const char *rest;
    struct sil_error *err;
};

static sil_status bad(struct sil_error *err)
{
    return sil_fail(err, SIL_ERR_CHECK, "a sum of columns cannot be read");
}

static char next_byte(struct reading *r)
{
    while (*r->rest == ' ') {
        r->rest++;
    }
    return *r->rest;
}

/* ---- names and numbers ---- */

static bool is_bare(char ch)
{
    static const char BARE[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    return ch != '\0' && ((unsigned char)ch >= 0x80 || strchr(BARE, ch) != NULL);
}

static bool add_byte(char name[NAME_MAX_BYTES + 1], size_t *n, char ch)
{
    bool fits = *n < NAME_MAX_BYTES;
    if (fits) {
        name[(*n)++] = ch;
    }
    return fits;
}

/* Between quotes a doubled one is one. */
static bool read_quoted(char name[NAME_MAX_BYTES + 1], size_t *n, struct reading *r)
{
    const char quote = *r->rest++;
    bool is_open = true;
    bool fits = true;
    while (is_open && fits && *r->rest != '\0') {
        char ch = *r->rest++;
        if (ch != quote || *r->rest == quote) {
            r->rest += ch == quote;
            fits = add_byte(name, n, ch);
        } else {
            is_open = false;
        }
    }
    return fits && !is_open;
}

static sil_status read_column(size_t *field, struct reading *r)
{
    char name[NAME_MAX_BYTES + 1];
    size_t n = 0;
    char first = next_byte(r);
    bool is = true;
    if (first == '\'' || first == '"' || first == '`') {
        is = read_quoted(name, &n, r);
    } else {
        while (is && is_bare(*r->rest)) {
            is = add_byte(name, &n, *r->rest++);
        }
    }
    name[n] = '\0';
    *field = aud_order_field(r->table, name);
    return is && n > 0 && *field < r->table->n_fields ? SIL_OK : bad(r->err);
}

static sil_status read_number(mpq_t out, struct reading *r)
{
    char digits[DIGITS_MAX + 1];
    size_t n = strspn(r->rest, "0123456789");
    if (n > DIGITS_MAX) {
        return bad(r->err);
    }
    (void)memcpy(digits, r->rest, n);
    digits[n] = '\0';
    r->rest += n;
    return mpq_set_str(out, digits, 10) == 0 ? SIL_OK : bad(r->err);
}

/* ---- terms ---- */

static sil_status add_column(struct reading *r, const mpq_t factor)
{
    struct aud_sum *sum = r->out;
    size_t field = 0;
    sil_status status = read_column(&field, r);
    for (size_t k = 0; k < sum->n && status == SIL_OK; k++) {
        status = sum->field[k] == field ? bad(r->err) : SIL_OK;
    }
    if (status != SIL_OK || sum->n == AUD_SUM_MAX) {
        return bad(r->err);
    }
    sum->field[sum->n] = field;
    mpq_init(sum->factor[sum->n]);
    mpq_set(sum->factor[sum->n++], factor);
    return SIL_OK;
}

static sil_status add_term(struct reading *r, bool is_negative, mpq_t number)
{
    sil_status status = SIL_OK;
    char first = next_byte(r);
    bool has_column = first < '0' || first > '9';
    mpq_set_si(number, 1, 1);
    if (!has_column) {
        SIL_TRY(read_number(number, r));
        has_column = next_byte(r) == '*';
        r->rest += has_column;
    }
    if (is_negative) {
        mpq_neg(number, number);
    }
    if (has_column) {
        return add_column(r, number);
    }
    mpq_add(r->out->constant, r->out->constant, number);

cleanup:
    return status;
}

sil_status aud_sum_read(struct aud_sum *out, const char *text,
                        const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct reading r = {.out = out, .table = table, .rest = text, .err = err};
    mpq_t number;
    out->n = 0;
    mpq_init(out->constant);
    mpq_init(number);
    char sign = next_byte(&r);
    bool has_sign = sign == '-' || sign == '+';
    do {
        r.rest += has_sign;
        SIL_TRY(add_term(&r, has_sign && sign == '-', number));
        sign = next_byte(&r);
        has_sign = sign == '-' || sign == '+';
    } while (has_sign);
    status = sign == '\0' && out->n > 0 ? SIL_OK : bad(err);

cleanup:
    mpq_clear(number);
    return status;
}

void aud_sum_clear(struct aud_sum *sum)
{
    for (size_t k = 0; k < sum->n; k++) {
        mpq_clear(sum->factor[k]);
    }
    mpq_clear(sum->constant);
}

/* ---- rows ---- */

enum outcome { IS_NOTHING, IS_NULL, IS_OTHER, IS_VALUE };

/* Add up what the texts show; what one of them lacks, the sum lacks. */
static enum outcome add_up(mpq_t value, const struct aud_sum *sum,
                           const struct aud_table *table, const struct aud_text *text,
                           struct aud_shown *shown)
{
    enum outcome outcome = IS_VALUE;
    mpq_set(value, sum->constant);
    for (size_t k = 0; k < sum->n; k++) {
        const struct aud_field *field = &table->field[sum->field[k]];
        enum outcome one = IS_VALUE;
        aud_shown_read(shown, field, text[k].text, text[k].length);
        if (shown->kind == AUD_SHOWS_NUMBER) {
            mpq_mul(shown->value, shown->value, sum->factor[k]);
            mpq_add(value, value, shown->value);
        } else {
            one = shown->kind == AUD_SHOWS_OTHER                         ? IS_OTHER
                  : shown->kind == AUD_SHOWS_NULL && !field->is_required ? IS_NULL
                                                                         : IS_NOTHING;
        }
        outcome = one < outcome ? one : outcome;
    }
    return outcome;
}

static enum outcome meet_bounds(mpq_t value, const struct aud_field *to)
{
    const size_t last = to->n_values - 1;
    bool is_low = mpq_cmp(value, to->value[0]) < 0;
    if (!is_low && mpq_cmp(value, to->value[last]) <= 0) {
        return IS_VALUE;
    }
    mpq_set(value, to->value[is_low ? 0 : last]);
    return to->outside == AUD_CLAMP  ? IS_VALUE
           : to->outside == AUD_NULL ? IS_NULL
                                     : IS_OTHER;
}

bool aud_sum_follows(const struct aud_sum *sum, const struct aud_table *table,
                     const struct aud_text *text, const struct aud_field *to,
                     const struct aud_text *shows, struct aud_shown *shown, mpq_t value)
{
    enum outcome outcome = add_up(value, sum, table, text, shown);
    if (outcome == IS_VALUE) {
        outcome = meet_bounds(value, to);
    }
    if (outcome == IS_OTHER && to->other == NULL) {
        outcome = IS_NULL;
    }
    aud_shown_read(shown, to, shows->text, shows->length);
    switch (outcome) {
    case IS_NULL: return shown->kind == AUD_SHOWS_NULL && !to->is_required;
    case IS_OTHER: return shown->kind == AUD_SHOWS_OTHER;
    case IS_VALUE:
        return shown->kind == AUD_SHOWS_NUMBER && mpq_equal(shown->value, value) != 0;
    case IS_NOTHING: break;
    }
    return false;
}
