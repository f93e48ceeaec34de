// SPDX-License-Identifier: Apache-2.0
/* COLUMN=VALUE:SHARE{,VALUE:SHARE}. A value without quotes goes up to the last colon before
 * the next comma; of numbers and dates LOW..HIGH is one, too. */
#include "audits/order/order.h"
#include "audits/order/words.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PLACES = 9 };

struct reader {
    struct aud_words words;
    const struct aud_field *field;
    struct aud_portions *out;
    struct sil_error *err;
};

/* A stretch of the text, or of a word. */
struct part {
    const char *text;
    size_t length;
};

static sil_status bad(const struct reader *r, const char *why)
{
    return sil_fail(r->err, SIL_ERR_CHECK, "shares cannot be read: %s", why);
}

static struct part trim(const char *from, const char *end)
{
    from += from < end ? strspn(from, " ") : 0;
    from = from < end ? from : end;
    while (end > from && end[-1] == ' ') {
        end--;
    }
    return (struct part){from, (size_t)(end - from)};
}

static sil_status add_asked(struct reader *r, struct aud_portion *portion,
                            enum aud_relation relation, struct part value)
{
    struct aud_asked *asked = &portion->asked[portion->n_asked++];
    *asked = (struct aud_asked){.field = r->out->field, .relation = relation};
    return relation == AUD_IS_NULL
               ? SIL_OK
               : aud_asked_add(asked, r->field, value.text, value.length, r->err);
}

static const char *find_dots(struct part value)
{
    for (size_t i = 0; i + 1 < value.length; i++) {
        if (memcmp(value.text + i, "..", 2) == 0) {
            return value.text + i;
        }
    }
    return NULL;
}

static sil_status take_range(struct reader *r, struct aud_portion *portion,
                             struct part value, const char *dots)
{
    sil_status status = SIL_OK;
    struct part low = trim(value.text, dots);
    struct part high = trim(dots + 2, value.text + value.length);
    if (low.length > 0) {
        SIL_TRY(add_asked(r, portion, AUD_AT_LEAST, low));
    }
    if (high.length > 0) {
        SIL_TRY(add_asked(r, portion, AUD_AT_MOST, high));
    }
    status = portion->n_asked > 0 ? SIL_OK : bad(r, "a range without a bound");

cleanup:
    return status;
}

static sil_status take_value(struct reader *r, struct aud_portion *portion,
                             struct part value, bool is_quoted)
{
    bool has_order = r->field->type != AUD_STRING && r->field->type != AUD_BOOLEAN;
    const char *dots = has_order && !is_quoted ? find_dots(value) : NULL;
    if (!is_quoted && value.length == 4 && strncasecmp(value.text, "NULL", 4) == 0) {
        return add_asked(r, portion, AUD_IS_NULL, value);
    }
    return dots != NULL ? take_range(r, portion, value, dots)
                        : add_asked(r, portion, AUD_IS_ONE_OF, value);
}

static sil_status take_share(struct reader *r, struct aud_portion *portion,
                             struct part share)
{
    char text[PLACES + 8];
    bool is =
        share.length < sizeof text && strspn(share.text, "0123456789.") >= share.length;
    if (is) {
        (void)memcpy(text, share.text, share.length);
        text[share.length] = '\0';
        is = aud_parse_value(portion->share, AUD_NUMBER, '.', text);
    }
    return is && mpq_cmp_ui(portion->share, 1, 1) <= 0 ? SIL_OK
                                                       : bad(r, "a share that is none");
}

static sil_status add_portion(struct reader *r, struct aud_portion **out)
{
    struct aud_portions *all = r->out;
    sil_status status = sil_grow(&all->portion, &all->room, all->n + 1,
                                 sizeof *all->portion, "shares", r->err);
    if (status == SIL_OK) {
        *out = &all->portion[all->n++];
        **out = (struct aud_portion){.n_asked = 0};
        mpq_init((*out)->share);
    }
    return status;
}

/* One value and its share; the words then stand at the comma, or the end. */
static sil_status take_portion(struct reader *r)
{
    sil_status status = SIL_OK;
    struct aud_portion *portion = NULL;
    const char *from = r->words.at + strspn(r->words.at, " ");
    bool is_quoted = *from != '\0' && strchr("'\"`", *from) != NULL;
    SIL_TRY(add_portion(r, &portion));
    if (is_quoted) {
        aud_words_next(&r->words);
        from = r->words.at + strspn(r->words.at, " ");
    }
    const char *end = from + strcspn(from, ",");
    const char *colon = is_quoted ? from : end;
    while (!is_quoted && colon > from && colon[-1] != ':') {
        colon--;
    }
    colon -= !is_quoted && colon > from;
    if (*colon != ':' || (is_quoted && r->words.kind != AUD_WORD_QUOTED)) {
        return bad(r, "a value without a share");
    }
    struct part quoted = {r->words.text, strlen(r->words.text)};
    SIL_TRY(take_value(r, portion, is_quoted ? quoted : trim(from, colon), is_quoted));
    SIL_TRY(take_share(r, portion, trim(colon + 1, end)));
    r->words.at = end;

cleanup:
    return status;
}

static sil_status take_column(struct reader *r, const struct aud_table *table)
{
    bool is_name = r->words.kind == AUD_WORD_NAME || r->words.kind == AUD_WORD_QUOTED;
    r->out->field = is_name ? aud_order_field(table, r->words.text) : table->n_columns;
    if (r->out->field == table->n_columns) {
        return bad(r, "there is no such column");
    }
    r->field = &table->field[r->out->field];
    r->words.at += strspn(r->words.at, " ");
    if (*r->words.at != '=') {
        return bad(r, "no = behind the column");
    }
    r->words.at++;
    return SIL_OK;
}

static bool is_within_one(const struct aud_portions *portions)
{
    mpq_t sum;
    mpq_init(sum);
    for (size_t i = 0; i < portions->n; i++) {
        mpq_add(sum, sum, portions->portion[i].share);
    }
    bool is = mpq_cmp_ui(sum, 1, 1) <= 0;
    mpq_clear(sum);
    return is;
}

sil_status aud_portions_read(struct aud_portions *out, const char *text,
                             const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct reader r = {.out = out, .err = err};
    *out = (struct aud_portions){.n = 0};
    if (!aud_words_begin(&r.words, text)) {
        return bad(&r, "they are too long");
    }
    SIL_TRY(take_column(&r, table));
    SIL_TRY(take_portion(&r));
    while (*r.words.at == ',') {
        r.words.at++;
        SIL_TRY(take_portion(&r));
    }
    if (!is_within_one(out)) {
        status = bad(&r, "they add up to more than 1");
    }

cleanup:
    return status;
}

void aud_portions_clear(struct aud_portions *portions)
{
    for (size_t i = 0; i < portions->n; i++) {
        struct aud_portion *portion = &portions->portion[i];
        for (size_t k = 0; k < portion->n_asked; k++) {
            aud_asked_clear(&portion->asked[k]);
        }
        mpq_clear(portion->share);
    }
    free(portions->portion);
    *portions = (struct aud_portions){.n = 0};
}

void aud_portions_count(struct aud_portions *portions, const struct aud_shown *shown)
{
    for (size_t i = 0; i < portions->n; i++) {
        struct aud_portion *portion = &portions->portion[i];
        bool is = true;
        for (size_t k = 0; k < portion->n_asked; k++) {
            is = is && aud_asked_holds(&portion->asked[k], shown) == AUD_TRUE;
        }
        if (is) {
            portion->n++;
            return;
        }
    }
    portions->n_rest++;
}
