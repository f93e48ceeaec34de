// SPDX-License-Identifier: Apache-2.0
/* condition  = and { OR and };  and = factor { AND factor }
 * factor     = NOT factor | ( condition ) | comparison
 * comparison = column sign value | column [NOT] IN ( value { , value } )
 *            | column IS [NOT] NULL */
#include "audits/order/order.h"
#include "audits/order/words.h"
#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct aud_words words;
    const struct aud_table *table;
    struct aud_condition *out;
    int depth;
    struct sil_error *err;
};

size_t aud_order_field(const struct aud_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->n_columns && strcmp(table->field[i].name, name) != 0) {
        i++;
    }
    return i;
}

static sil_status bad(const struct reader *r, const char *why)
{
    return sil_fail(r->err, SIL_ERR_CHECK, "the condition cannot be read: %s", why);
}

static sil_status add_step(struct reader *r, struct aud_step step)
{
    struct aud_condition *out = r->out;
    sil_status status = sil_grow(&out->step, &out->step_room, out->n_steps + 1,
                                 sizeof *out->step, "a condition", r->err);
    if (status == SIL_OK) {
        out->step[out->n_steps++] = step;
    }
    return status;
}

static sil_status add_join(struct reader *r, enum aud_step_kind kind)
{
    return add_step(r, (struct aud_step){.kind = kind});
}

static sil_status take(struct reader *r, const char *word)
{
    if (!aud_words_are(&r->words, word)) {
        return bad(r, word);
    }
    aud_words_next(&r->words);
    return SIL_OK;
}

/* ---- comparisons ---- */

static sil_status take_value(struct reader *r, struct aud_asked *asked)
{
    const struct aud_words *words = &r->words;
    if (words->kind != AUD_WORD_NUMBER && words->kind != AUD_WORD_QUOTED) {
        return bad(r, "a value is missing");
    }
    sil_status status = aud_asked_add(asked, &r->table->field[asked->field],
                                      words->text, strlen(words->text), r->err);
    aud_words_next(&r->words);
    return status;
}

static sil_status take_list(struct reader *r, struct aud_asked *asked)
{
    sil_status status = SIL_OK;
    SIL_TRY(take(r, "("));
    SIL_TRY(take_value(r, asked));
    while (aud_words_are(&r->words, ",")) {
        aud_words_next(&r->words);
        SIL_TRY(take_value(r, asked));
    }
    status = take(r, ")");

cleanup:
    return status;
}

static bool take_not(struct reader *r)
{
    bool is = aud_words_are(&r->words, "NOT");
    if (is) {
        aud_words_next(&r->words);
    }
    return is;
}

/* What stands behind the column. */
static sil_status take_relation(struct reader *r, struct aud_asked *asked, bool *is_not)
{
    static const struct {
        const char *sign;
        enum aud_relation relation;
        bool is_not;
    } SIGNS[] = {
        {"=",  AUD_IS_ONE_OF, false},
        {"==", AUD_IS_ONE_OF, false},
        {"!=", AUD_IS_ONE_OF, true },
        {"<>", AUD_IS_ONE_OF, true },
        {"<",  AUD_BELOW,     false},
        {"<=", AUD_AT_MOST,   false},
        {">",  AUD_ABOVE,     false},
        {">=", AUD_AT_LEAST,  false},
    };

    sil_status status = SIL_OK;
    for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++) {
        if (aud_words_are(&r->words, SIGNS[i].sign)) {
            asked->relation = SIGNS[i].relation;
            *is_not = SIGNS[i].is_not;
            aud_words_next(&r->words);
            return take_value(r, asked);
        }
    }
    if (aud_words_are(&r->words, "IS")) {
        aud_words_next(&r->words);
        asked->relation = AUD_IS_NULL;
        *is_not = take_not(r);
        return take(r, "NULL");
    }
    asked->relation = AUD_IS_ONE_OF;
    *is_not = take_not(r);
    SIL_TRY(take(r, "IN"));
    status = take_list(r, asked);

cleanup:
    return status;
}

static sil_status take_comparison(struct reader *r)
{
    sil_status status = SIL_OK;
    struct aud_condition *out = r->out;
    bool is_not = false;
    bool is_name = r->words.kind == AUD_WORD_NAME || r->words.kind == AUD_WORD_QUOTED;
    size_t field =
        is_name ? aud_order_field(r->table, r->words.text) : r->table->n_columns;
    if (field == r->table->n_columns) {
        return bad(r, "there is no such column");
    }
    SIL_TRY(sil_grow(&out->asked, &out->asked_room, out->n_asked + 1,
                     sizeof *out->asked, "a condition", r->err));
    struct aud_asked *asked = &out->asked[out->n_asked++];
    *asked = (struct aud_asked){.field = field};
    aud_words_next(&r->words);
    SIL_TRY(take_relation(r, asked, &is_not));
    SIL_TRY(add_step(r, (struct aud_step){AUD_STEP_ASK, out->n_asked - 1}));
    if (is_not) {
        status = add_join(r, AUD_STEP_NOT);
    }

cleanup:
    return status;
}

/* ---- what joins them ---- */

static sil_status take_any(struct reader *r);

static sil_status take_factor(struct reader *r)
{
    sil_status status = SIL_OK;
    bool is_group = aud_words_are(&r->words, "(");
    if (!is_group && !aud_words_are(&r->words, "NOT")) {
        return take_comparison(r);
    }
    if (r->depth++ == AUD_CONDITION_DEPTH) {
        return bad(r, "it is nested too deeply");
    }
    aud_words_next(&r->words);
    if (is_group) {
        SIL_TRY(take_any(r));
        SIL_TRY(take(r, ")"));
    } else {
        SIL_TRY(take_factor(r));
        SIL_TRY(add_join(r, AUD_STEP_NOT));
    }
    r->depth--;

cleanup:
    return status;
}

static sil_status take_all(struct reader *r)
{
    sil_status status = SIL_OK;
    SIL_TRY(take_factor(r));
    while (aud_words_are(&r->words, "AND")) {
        aud_words_next(&r->words);
        SIL_TRY(take_factor(r));
        SIL_TRY(add_join(r, AUD_STEP_AND));
    }

cleanup:
    return status;
}

static sil_status take_any(struct reader *r)
{
    sil_status status = SIL_OK;
    SIL_TRY(take_all(r));
    while (aud_words_are(&r->words, "OR")) {
        aud_words_next(&r->words);
        SIL_TRY(take_all(r));
        SIL_TRY(add_join(r, AUD_STEP_OR));
    }

cleanup:
    return status;
}

sil_status aud_condition_read(struct aud_condition *out, const char *text,
                              const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct reader r = {.table = table, .out = out, .err = err};
    *out = (struct aud_condition){.n_steps = 0};
    if (!aud_words_begin(&r.words, text)) {
        return bad(&r, "it is too long");
    }
    SIL_TRY(take_any(&r));
    if (r.words.kind != AUD_WORD_END) {
        status = bad(&r, "something stands behind it");
    }

cleanup:
    return status;
}

void aud_condition_clear(struct aud_condition *condition)
{
    for (size_t i = 0; i < condition->n_asked; i++) {
        aud_asked_clear(&condition->asked[i]);
    }
    free(condition->asked);
    free(condition->step);
    *condition = (struct aud_condition){.n_steps = 0};
}

enum aud_truth aud_condition_truth(const struct aud_condition *condition,
                                   const struct aud_shown *shown, uint8_t *work)
{
    size_t n = 0;
    for (size_t i = 0; i < condition->n_steps; i++) {
        const struct aud_step *step = &condition->step[i];
        const struct aud_asked *asked = &condition->asked[step->asked];
        uint8_t last = n > 0 ? work[n - 1] : 0;
        uint8_t before = n > 1 ? work[n - 2] : 0;
        switch (step->kind) {
        case AUD_STEP_ASK:
            work[n++] = (uint8_t)aud_asked_holds(asked, &shown[asked->field]);
            break;
        case AUD_STEP_AND: work[--n - 1] = last < before ? last : before; break;
        case AUD_STEP_OR: work[--n - 1] = last > before ? last : before; break;
        case AUD_STEP_NOT: work[n - 1] = (uint8_t)(AUD_TRUE - last); break;
        }
    }
    return condition->n_steps == 0 ? AUD_TRUE : (enum aud_truth)work[0];
}

bool aud_condition_holds(const struct aud_condition *condition,
                         const struct aud_shown *shown, uint8_t *work)
{
    return aud_condition_truth(condition, shown, work) == AUD_TRUE;
}
