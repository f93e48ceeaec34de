// SPDX-License-Identifier: Apache-2.0
/* Rows are judged as a reader of the file would: by their texts, read value by value. Only
 * the tests of conditions are those that rules are declared with. */
#include "base/codes.h"
#include "base/fail.h"
#include "base/memory.h"
#include "table/field.h"
#include "table/rules.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "rows to count";

enum { BLOCK_ROWS = 1 << 12 };

/* What a text of a column says. */
struct shown {
    uint32_t code;
    bool has_value;
    sil_i128 value;
};

struct counter {
    const struct sil_rules *rules;
    const struct sil_codes *codes;
    struct sil_words words;
    uint64_t *word;      ///< BLOCK_ROWS for each column of the rules
    struct shown *shown; ///< of each of them
    struct sil_bytes text;
};

static sil_status show(struct counter *k, size_t column, uint32_t code, uint64_t word,
                       struct sil_error *err)
{
    const struct sil_field *field = k->rules->column[column].field;
    struct shown *shown = &k->shown[column];
    struct sil_scaled value;
    k->text.length = 0;
    sil_status status = sil_field_decode(&k->text, field, code, word, err);
    const char *text = (const char *)k->text.data;
    shown->code = sil_field_encode(field, text, k->text.length);
    shown->has_value = status == SIL_OK && shown->code != field->null_code &&
                       shown->code != field->other_code && sil_field_compares(field) &&
                       sil_field_scale(&value, field, text, k->text.length);
    shown->value = shown->has_value ? value.floor : 0;
    return status;
}

static enum sil_truth truth_of(const struct counter *k,
                               const struct sil_rule_part *part)
{
    uint8_t truth[SIL_CONDITION_NODES];
    uint8_t work[SIL_CONDITION_NODES];
    for (size_t t = 0; t < part->condition.n_tests; t++) {
        size_t c = part->test[t].column;
        truth[t] =
            (uint8_t)sil_test_holds(&part->condition.test[t], k->rules->column[c].field,
                                    k->shown[c].code, k->shown[c].value);
    }
    return sil_condition_holds(&part->condition, part->condition.n_nodes - 1, truth,
                               work);
}

static const struct shown *shown_of(const struct counter *k, uint32_t attr,
                                    unsigned *places)
{
    size_t c = 0;
    while (k->rules->column[c].attr != attr) {
        c++;
    }
    const struct sil_field *field = k->rules->column[c].field;
    *places = field->is_closed ? field->set.places : field->bins.places;
    return &k->shown[c];
}

static bool breaks(const struct counter *k, const struct sil_rule *rule)
{
    if (rule->is_order) {
        unsigned places[2];
        const struct shown *a = shown_of(k, rule->ordered[0], &places[0]);
        const struct shown *b = shown_of(k, rule->ordered[1], &places[1]);
        return a->has_value && b->has_value &&
               !sil_scaled_ascend(a->value, places[0], b->value, places[1],
                                  rule->is_strict);
    }
    if (rule->when.condition.n_nodes > 0 && truth_of(k, &rule->when) != SIL_TRUE) {
        return false;
    }
    return rule->then.condition.n_nodes == 0 || truth_of(k, &rule->then) == SIL_FALSE;
}

static sil_status count_row(bool *is_broken, uint64_t *by_rule, struct counter *k,
                            size_t first, size_t row, struct sil_error *err)
{
    sil_status status = SIL_OK;
    *is_broken = false;
    for (size_t c = 0; c < k->rules->n_columns; c++) {
        uint32_t code = sil_codes_get(k->codes, k->rules->column[c].attr, first + row);
        SIL_TRY(show(k, c, code, k->word[c * BLOCK_ROWS + row], err));
    }
    for (size_t i = 0; i < k->rules->n; i++) {
        bool breaks_it = breaks(k, &k->rules->rule[i]);
        by_rule[i] += breaks_it;
        *is_broken = *is_broken || breaks_it;
    }

cleanup:
    return status;
}

sil_status sil_rules_count(uint64_t *n_broken, uint64_t *by_rule,
                           const struct sil_rules *rules, const struct sil_codes *codes,
                           struct sil_words words, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct counter k = {.rules = rules, .codes = codes, .words = words};
    *n_broken = 0;
    (void)memset(by_rule, 0, rules->n * sizeof *by_rule);
    SIL_TRY(
        sil_alloc(&k.word, rules->n_columns, BLOCK_ROWS * sizeof *k.word, WHAT, err));
    SIL_TRY(sil_alloc(&k.shown, rules->n_columns, sizeof *k.shown, WHAT, err));
    for (size_t first = 0; first < codes->n_rows; first += BLOCK_ROWS) {
        size_t rest = codes->n_rows - first;
        size_t n = rest < BLOCK_ROWS ? rest : BLOCK_ROWS;
        for (size_t c = 0; c < rules->n_columns; c++) {
            words.draw(words.key, SIL_STREAM(SIL_STREAM_DECODE, rules->column[c].attr),
                       first, k.word + c * BLOCK_ROWS, n);
        }
        for (size_t row = 0; row < n; row++) {
            bool is_broken = false;
            SIL_TRY(count_row(&is_broken, by_rule, &k, first, row, err));
            *n_broken += is_broken;
        }
    }

cleanup:
    free(k.word);
    free(k.shown);
    sil_bytes_clear(&k.text);
    return status;
}
