// SPDX-License-Identifier: Apache-2.0
/* A column that is a sum of others: whole numbers, dates and datetimes, with whole factors and
 * a constant. Everything is exact: that nothing overflows is seen before there is a row. */
#include "base/fail.h"
#include "base/memory.h"
#include "table/recomputed_read.h"

#include <stdlib.h>
#include <string.h>

enum { EXPRESSION_MAX = 1024, DIGITS_MAX = 18 };

/* With at most 8 columns below SIL_SCALED_MAX, sums stay far below 2^127. */
static const sil_i128 FACTOR_MAX = 1000000000;

struct parser {
    struct sil_recomputed_reader *r;
    const char *text;
    const char *at;
    char name[EXPRESSION_MAX + 1];
    size_t length; ///< of the name
};

static sil_status refuse(struct parser *p, const char *why)
{
    return sil_recomputed_blame(p->r, "as", "column %zu: %s",
                                (size_t)(p->at - p->text) + 1, why);
}

/* ---- words ---- */

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_name_byte(char ch)
{
    return is_digit(ch) || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           ch == '_' || ch == '.' || ((unsigned char)ch & 0x80) != 0;
}

static void skip_blanks(struct parser *p)
{
    p->at += strspn(p->at, " ");
}

/* A name, bare or between quotes that are doubled inside; an empty one is none. */
static void take_name(struct parser *p)
{
    const char quote = *p->at;
    bool is_quoted = quote == '\'' || quote == '"' || quote == '`';
    const char *at = p->at + is_quoted;
    p->length = 0;
    while (is_quoted ? *at != '\0' && (*at != quote || at[1] == quote)
                     : is_name_byte(*at)) {
        at += is_quoted && *at == quote;
        p->name[p->length++] = *at++;
    }
    if (is_quoted && *at == '\0') {
        p->length = 0;
    } else if (p->length > 0) {
        p->at = at + is_quoted;
    }
}

/* Digits, of which there are some; -1: too many. */
static sil_i128 take_number(struct parser *p)
{
    sil_i128 value = 0;
    size_t n = strspn(p->at, "0123456789");
    for (size_t i = 0; i < n && n <= DIGITS_MAX; i++) {
        value = 10 * value + (p->at[i] - '0');
    }
    p->at += n;
    return n <= DIGITS_MAX ? value : -1;
}

/* ---- terms ---- */

static sil_status add_column(struct parser *p, sil_i128 factor)
{
    struct sil_recomputed *out = p->r->out;
    uint32_t attr = UINT32_MAX;
    sil_status status = sil_recomputed_find(&attr, p->r, "as", p->name, p->length);
    if (status != SIL_OK || attr == UINT32_MAX) {
        return status;
    }
    if (factor == 0 || factor > FACTOR_MAX || factor < -FACTOR_MAX) {
        return refuse(p, "a factor is a whole number from 1 to 1000000000");
    }
    for (size_t k = 0; k < out->n_sources; k++) {
        if (out->source[k] == attr) {
            return refuse(p, "this column is named twice");
        }
    }
    if (out->n_sources == SIL_RECOMPUTED_SOURCES) {
        return refuse(p, "more than 8 columns");
    }
    out->source[out->n_sources] = attr;
    out->factor[out->n_sources++] = factor;
    return SIL_OK;
}

/* NUMBER, NUMBER * COLUMN or COLUMN. */
static sil_status take_term(struct parser *p, int sign)
{
    sil_i128 factor = 1;
    skip_blanks(p);
    if (is_digit(*p->at)) {
        factor = take_number(p);
        if (factor < 0) {
            return refuse(p, "a number of more than 18 digits");
        }
        skip_blanks(p);
        if (*p->at != '*') {
            p->r->out->constant += sign * factor;
            return SIL_OK;
        }
        p->at++;
        skip_blanks(p);
    }
    take_name(p);
    return p->length == 0 ? refuse(p, "expected a column or a whole number")
                          : add_column(p, sign * factor);
}

static sil_status take_sum(struct parser *p)
{
    sil_status status = SIL_OK;
    const size_t before = p->r->problems->n;
    int sign = 1;
    skip_blanks(p);
    if (*p->at == '-' || *p->at == '+') {
        sign = *p->at++ == '-' ? -1 : 1;
    }
    SIL_TRY(take_term(p, sign));
    skip_blanks(p);
    while (p->r->problems->n == before && *p->at != '\0') {
        if (*p->at != '-' && *p->at != '+') {
            return refuse(p, "expected +, - or the end");
        }
        sign = *p->at++ == '-' ? -1 : 1;
        SIL_TRY(take_term(p, sign));
        skip_blanks(p);
    }
    if (p->r->problems->n == before && p->r->out->n_sources == 0) {
        status = refuse(p, "no column is named");
    }

cleanup:
    return status;
}

/* ---- what it may be ---- */

static sil_status check_target(struct sil_recomputed_reader *r)
{
    const struct sil_field *to = r->to;
    bool is_whole = to->type == SIL_TYPE_INTEGER || to->type == SIL_TYPE_DATE ||
                    to->type == SIL_TYPE_DATETIME;
    if (!is_whole || to->is_closed || to->leaves.wanted > 0) {
        return sil_recomputed_blame(r, "column",
                                    "'%.60s' must be an integer, a date or a datetime "
                                    "with bounds, and without a list of values or "
                                    "private bins",
                                    to->name);
    }
    if (to->bins.step != 1) {
        return sil_recomputed_blame(r, "column",
                                    "'%.60s' has a granularity, which a sum need not "
                                    "keep: leave it out",
                                    to->name);
    }
    return to->outside != SIL_OUTSIDE_DROP
               ? SIL_OK
               : sil_recomputed_blame(r, "column",
                                      "rows that are drawn are not dropped: declare "
                                      "another \"outside\" for '%.60s'",
                                      to->name);
}

/* Dates are days and datetimes seconds from a fixed start, which must cancel out. */
static sil_status check_types(struct sil_recomputed_reader *r)
{
    sil_i128 starts[] = {
        [SIL_TYPE_INTEGER] = 0, [SIL_TYPE_DATE] = 0, [SIL_TYPE_DATETIME] = 0};
    bool has[SIL_TYPE_DATETIME + 1] = {false};
    starts[r->to->type] = -1;
    has[r->to->type] = true;
    for (size_t k = 0; k < r->out->n_sources; k++) {
        const struct sil_field *field = sil_schema_field(r->schema, r->out->source[k]);
        if (field->type != SIL_TYPE_INTEGER && field->type != SIL_TYPE_DATE &&
            field->type != SIL_TYPE_DATETIME) {
            return sil_recomputed_blame(r, "as",
                                        "'%.60s' is of type %s: only integers, dates "
                                        "and datetimes are summed",
                                        field->name, sil_type_name(field->type));
        }
        starts[field->type] += r->out->factor[k];
        has[field->type] = true;
    }
    if (has[SIL_TYPE_DATE] && has[SIL_TYPE_DATETIME]) {
        return sil_recomputed_blame(r, "as",
                                    "dates are counted in days and datetimes in "
                                    "seconds: name one kind");
    }
    return starts[SIL_TYPE_DATE] == 0 && starts[SIL_TYPE_DATETIME] == 0
               ? SIL_OK
               : sil_recomputed_blame(r, "as",
                                      "the dates must cancel each other out, but for "
                                      "one where the sum is a date itself");
}

/* What a row without a value in one of the columns has. */
static sil_status check_gaps(struct sil_recomputed_reader *r)
{
    struct sil_recomputed *out = r->out;
    out->null_value = r->to->null_code;
    out->other_value =
        r->to->other_code != SIL_CODE_NONE ? r->to->other_code : r->to->null_code;
    for (size_t k = 0; k < out->n_sources; k++) {
        const struct sil_field *field = sil_schema_field(r->schema, out->source[k]);
        bool has_null = field->null_code != SIL_CODE_NONE;
        bool has_other = field->other_code != SIL_CODE_NONE;
        if ((has_null && out->null_value == SIL_CODE_NONE) ||
            (has_other && out->other_value == SIL_CODE_NONE)) {
            return sil_recomputed_blame(r, "as",
                                        "'%.60s' can be %s, and '%.60s' is required: "
                                        "it has no null",
                                        field->name, has_null ? "missing" : "\"other\"",
                                        r->to->name);
        }
    }
    return SIL_OK;
}

/* ---- values ---- */

/* Least and greatest value of a column, and of listed ones each. */
static sil_status find_range(sil_i128 range[2], sil_i128 **key,
                             const struct sil_field *field, struct sil_error *err)
{
    const struct sil_set *set = &field->set;
    if (!field->is_closed) {
        range[0] = field->bins.first;
        range[1] = field->bins.last;
        return SIL_OK;
    }
    sil_status status =
        sil_alloc(key, set->n_values, sizeof **key, "a recomputed column", err);
    for (size_t i = 0; status == SIL_OK && i < set->texts.n; i++) {
        (*key)[set->sorted[i].code] = set->sorted[i].key;
    }
    range[0] = set->sorted[0].key;
    range[1] = set->sorted[set->texts.n - 1].key;
    return status;
}

static sil_status check_range(struct sil_recomputed_reader *r)
{
    sil_status status = SIL_OK;
    struct sil_recomputed *out = r->out;
    sil_i128 low = out->constant;
    sil_i128 high = out->constant;
    for (size_t k = 0; k < out->n_sources; k++) {
        const struct sil_field *field = sil_schema_field(r->schema, out->source[k]);
        sil_i128 range[2];
        SIL_TRY(find_range(range, &out->key[k], field, r->err));
        bool is_down = out->factor[k] < 0;
        low += out->factor[k] * range[is_down ? 1 : 0];
        high += out->factor[k] * range[is_down ? 0 : 1];
    }
    if (low <= -SIL_SCALED_MAX || high >= SIL_SCALED_MAX) {
        return sil_recomputed_blame(r, "as", "the sum can have more than 27 digits");
    }
    if (low > r->to->bins.last || high < r->to->bins.first) {
        return sil_recomputed_blame(
            r, "as", "the sum never lies within the bounds of '%.60s'", r->to->name);
    }

cleanup:
    return status;
}

static sil_status say(struct sil_recomputed_reader *r, const char *text)
{
    struct sil_bytes said = {0};
    sil_status status =
        sil_bytes_printf(&said, r->err, "%s as %s%c", r->to->name, text, '\0');
    r->out->said = (char *)said.data;
    return status;
}

static sil_status check_sum(struct sil_recomputed_reader *r, const char *text)
{
    static sil_status (*const CHECKS[])(struct sil_recomputed_reader *) = {
        check_target, check_types, check_gaps, check_range};
    sil_status status = SIL_OK;
    const size_t before = r->problems->n;
    for (size_t i = 0; i < sizeof CHECKS / sizeof CHECKS[0]; i++) {
        if (r->problems->n == before) {
            SIL_TRY(CHECKS[i](r));
        }
    }
    status = r->problems->n == before ? say(r, text) : SIL_OK;

cleanup:
    return status;
}

sil_status sil_recomputed_read_sum(struct sil_recomputed_reader *r)
{
    sil_status status = SIL_OK;
    const size_t before = r->problems->n;
    const json_t *json = json_object_get(r->json, "as");
    struct parser *p = NULL;
    if (r->out == NULL) {
        return SIL_OK;
    }
    if (!json_is_string(json) || json_string_length(json) > EXPRESSION_MAX) {
        return sil_recomputed_blame(
            r, "as", "must be a sum of columns, such as \"discharge - admission\"");
    }
    SIL_TRY(sil_alloc(&p, 1, sizeof *p, "a recomputed column", r->err));
    p->r = r;
    p->text = json_string_value(json);
    p->at = p->text;
    r->out->is_sum = true;
    SIL_TRY(take_sum(p));
    status = r->problems->n == before ? check_sum(r, p->text) : SIL_OK;

cleanup:
    free(p);
    return status;
}
