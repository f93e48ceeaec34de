// SPDX-License-Identifier: Apache-2.0
/* A text like <=50K needs no quotes here: a value goes up to the last colon before the next
 * comma. So the words of conditions serve for quoted texts and for faults only. */
#include "synth/shares.h"

#include "base/fail.h"
#include "base/memory.h"
#include "table/condition_lexer.h"
#include "table/decimal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const WHAT = "shares";

enum { SHARE_PLACES = 9, GROUPS_MAX = 1024 };

struct parser {
    struct sil_condition_lexer lexer; ///< lexer.at is behind what has been read
    struct sil_test aim;              ///< an empty test on the column
    const struct sil_field *field;
    struct sil_shares *out;
    uint64_t sum;
};

/* A stretch of the text. */
struct stretch {
    const char *start;
    size_t length;
};

static sil_status refuse_at(struct parser *p, const char *start, const char *reason)
{
    p->lexer.start = start;
    return sil_condition_refuse(&p->lexer, reason);
}

static struct stretch trim(const char *start, const char *end)
{
    while (start < end && *start == ' ') {
        start++;
    }
    while (end > start && end[-1] == ' ') {
        end--;
    }
    return (struct stretch){start, (size_t)(end - start)};
}

static const char *skip_blanks(struct parser *p)
{
    p->lexer.at += strspn(p->lexer.at, " ");
    return p->lexer.at;
}

/* ---- values ---- */

static const char *find_dots(struct stretch value)
{
    for (size_t i = 0; i + 1 < value.length; i++) {
        if (value.start[i] == '.' && value.start[i + 1] == '.') {
            return value.start + i;
        }
    }
    return NULL;
}

/* LOW..HIGH, both of them included; one may be left out. */
static sil_status take_range(struct parser *p, struct sil_test *test,
                             struct stretch value, const char *dots)
{
    sil_status status = SIL_OK;
    struct sil_test upper = p->aim;
    struct stretch low = trim(value.start, dots);
    struct stretch high = trim(dots + 2, value.start + value.length);
    if (low.length == 0 && high.length == 0) {
        return refuse_at(p, value.start,
                         "a range needs a bound: LOW.., ..HIGH or both");
    }
    if (low.length > 0) {
        SIL_TRY(sil_test_add_order(test, p->field, SIL_GREATER_EQUAL, low.start,
                                   low.length, p->lexer.err));
    }
    if (high.length > 0) {
        struct sil_test *to = low.length > 0 ? &upper : test;
        SIL_TRY(sil_test_add_order(to, p->field, SIL_LESS_EQUAL, high.start,
                                   high.length, p->lexer.err));
    }
    if (low.length > 0 && high.length > 0) {
        sil_test_intersect(test, &upper);
    }

cleanup:
    sil_test_clear(&upper);
    return status == SIL_OK ? SIL_OK
                            : sil_condition_blame(&p->lexer, status, value.start);
}

static sil_status take_value(struct parser *p, struct sil_test *test,
                             struct stretch value, bool is_quoted)
{
    bool has_order = sil_field_compares(p->field);
    const char *dots = is_quoted || !has_order ? NULL : find_dots(value);
    const char *start = is_quoted ? p->lexer.start : value.start;
    if (!is_quoted && value.length == 4 && strncasecmp(value.start, "NULL", 4) == 0) {
        return sil_test_make_null(test, p->field)
                   ? SIL_OK
                   : refuse_at(p, start, "the column has no missing values");
    }
    if (dots != NULL) {
        return take_range(p, test, value, dots);
    }
    sil_status status =
        sil_test_add_value(test, p->field, value.start, value.length, p->lexer.err);
    return status == SIL_OK ? SIL_OK : sil_condition_blame(&p->lexer, status, start);
}

/* ---- groups ---- */

static sil_status take_share(struct parser *p, struct stretch text, uint64_t *share)
{
    struct sil_scaled value;
    bool is_share =
        sil_scaled_parse(&value, text.start, text.length, SHARE_PLACES, '.') &&
        !value.is_inexact && value.floor >= 0 && value.floor <= (sil_i128)SIL_SHARE_ONE;
    if (!is_share) {
        return refuse_at(
            p, text.start,
            "expected a share: a number from 0 to 1 of at most 9 decimals");
    }
    *share = (uint64_t)value.floor;
    p->sum += *share;
    return p->sum > SIL_SHARE_ONE
               ? refuse_at(p, text.start, "the shares add up to more than 1")
               : SIL_OK;
}

static sil_status add_group(struct parser *p)
{
    sil_status status = SIL_OK;
    struct sil_shares *out = p->out;
    if (out->n == GROUPS_MAX) {
        return refuse_at(p, p->lexer.at, "too many values");
    }
    SIL_TRY(sil_grow(&out->group, &out->capacity, out->n + 1, sizeof *out->group, WHAT,
                     p->lexer.err));
    out->group[out->n].test = p->aim;
    out->group[out->n++].column = (size_t)(p->lexer.at - p->lexer.text) + 1;

cleanup:
    return status;
}

static const char *last_colon(const char *start, const char *end)
{
    while (end > start && end[-1] != ':') {
        end--;
    }
    return end > start ? end - 1 : NULL;
}

/* value : share, up to the comma. */
static sil_status read_group(struct parser *p)
{
    sil_status status = SIL_OK;
    const char *start = skip_blanks(p);
    bool is_quoted = *start == '\'' || *start == '"' || *start == '`';
    struct stretch value = {0};
    SIL_TRY(add_group(p));
    size_t at = p->out->n - 1;
    if (is_quoted) {
        SIL_TRY(sil_condition_advance(&p->lexer));
        value = (struct stretch){p->lexer.word, p->lexer.length};
    }
    const char *end = p->lexer.at + strcspn(p->lexer.at, ",");
    const char *colon = is_quoted ? skip_blanks(p) : last_colon(start, end);
    if (colon == NULL || *colon != ':') {
        return refuse_at(p, start, "expected VALUE:SHARE");
    }
    p->out->group[at].length = trim(start, colon).length;
    value = is_quoted ? value : trim(start, colon);
    p->lexer.start = start;
    SIL_TRY(take_value(p, &p->out->group[at].test, value, is_quoted));
    SIL_TRY(take_share(p, trim(colon + 1, end), &p->out->group[at].share));
    p->lexer.at = end;

cleanup:
    return status;
}

static sil_status read_column(struct parser *p, const struct sil_schema *schema)
{
    bool is_name = p->lexer.kind == SIL_WORD_NAME || p->lexer.kind == SIL_WORD_QUOTED;
    p->out->column =
        is_name ? sil_schema_find(schema, p->lexer.word, p->lexer.length) : UINT32_MAX;
    const char *why = sil_test_aim(&p->aim, schema, p->out->column, true);
    p->out->attr = p->aim.attr;
    if (why != NULL) {
        return sil_condition_refuse(&p->lexer,
                                    is_name ? why : "expected COLUMN=VALUE:SHARE,...");
    }
    p->field = sil_schema_field(schema, p->out->column);
    if (*skip_blanks(p) != '=') {
        return refuse_at(p, p->lexer.at, "expected = behind the column");
    }
    p->lexer.at++;
    return SIL_OK;
}

sil_status sil_shares_parse(struct sil_shares *out, const char *text,
                            const struct sil_schema *schema, const char *name,
                            size_t *column, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct parser *p = NULL;
    *out = (struct sil_shares){0};
    *column = 0;

    SIL_TRY(sil_alloc(&p, 1, sizeof *p, WHAT, err));
    p->out = out;
    SIL_TRY(sil_condition_begin(&p->lexer, text, name, column, err));
    SIL_TRY(read_column(p, schema));
    SIL_TRY(read_group(p));
    while (*p->lexer.at == ',') {
        p->lexer.at++;
        SIL_TRY(read_group(p));
    }

cleanup:
    free(p);
    if (status != SIL_OK) {
        sil_shares_clear(out);
    }
    return status;
}

void sil_shares_clear(struct sil_shares *shares)
{
    for (size_t i = 0; i < shares->n; i++) {
        sil_test_clear(&shares->group[i].test);
    }
    free(shares->group);
    *shares = (struct sil_shares){0};
}
