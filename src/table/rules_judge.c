// SPDX-License-Identifier: Apache-2.0
/* What is known of rows whose values lie in given pieces; and the map of a private row. */
#include "table/field.h"
#include "table/rules.h"

#include <string.h>

bool sil_scaled_ascend(sil_i128 a, unsigned a_places, sil_i128 b, unsigned b_places,
                       bool is_strict)
{
    /* The finer one is divided, so that nothing overflows: a <= b / f is a <= floor(b / f),
     * and a < b / f is a < ceil(b / f). */
    sil_i128 factor = 1;
    for (unsigned k = a_places; k < b_places; k++) {
        factor *= 10;
    }
    for (unsigned k = b_places; k < a_places; k++) {
        factor *= 10;
    }
    bool is_b_finer = a_places < b_places;
    sil_i128 fine = is_b_finer ? b : a;
    sil_i128 floor = fine / factor - (fine % factor < 0);
    sil_i128 ceiling = floor + (fine % factor != 0);
    if (is_b_finer) {
        return is_strict ? a < ceiling : a <= floor;
    }
    return is_strict ? floor < b : ceiling <= b;
}

/* ---- one combination of pieces ---- */

static enum sil_truth holds(const struct sil_rule_part *part,
                            const struct sil_rules *rules, const size_t *piece)
{
    uint8_t truth[SIL_CONDITION_NODES];
    uint8_t work[SIL_CONDITION_NODES];
    for (size_t t = 0; t < part->condition.n_tests; t++) {
        const struct sil_rule_test *test = &part->test[t];
        const struct sil_pieces *p = &rules->column[test->column].pieces;
        uint32_t class = p->piece[piece[test->column]].class;
        truth[t] = p->truth[class * p->n_tests + test->at];
    }
    return sil_condition_holds(&part->condition, part->condition.n_nodes - 1, truth,
                               work);
}

/* The lowest and the highest value of a piece; false: it has none (null, `other`). */
static bool range_of(sil_i128 *low, sil_i128 *high,
                     const struct sil_rule_column *column, size_t piece)
{
    const struct sil_field *field = column->field;
    const struct sil_piece *p = &column->pieces.piece[piece];
    if (p->code == field->null_code || p->code == field->other_code) {
        return false;
    }
    if (!field->is_closed) {
        *low = sil_bins_draw(&field->bins, p->code, p->first_word);
        *high = sil_bins_draw(&field->bins, p->code, p->last_word);
        return true;
    }
    const struct sil_text *text = sil_set_text(&field->set, p->code);
    struct sil_scaled value;
    bool is_value = sil_field_scale(&value, field, text->data, text->length);
    *low = is_value ? value.floor : 0;
    *high = *low;
    return is_value;
}

/* The columns of an order as it names them: `column` is ascending. */
static void ordered_columns(size_t *pair, const struct sil_rules *rules,
                            const struct sil_rule *rule)
{
    bool is_turned = rules->column[rule->column[0]].attr != rule->ordered[0];
    pair[0] = rule->column[is_turned];
    pair[1] = rule->column[!is_turned];
}

static unsigned places_of(const struct sil_field *field)
{
    return field->is_closed ? field->set.places : field->bins.places;
}

static enum sil_rule_verdict judge_order(const struct sil_rules *rules,
                                         const struct sil_rule *rule,
                                         const size_t *piece)
{
    size_t pair[2];
    ordered_columns(pair, rules, rule);
    size_t a = pair[0];
    size_t b = pair[1];
    unsigned a_places = places_of(rules->column[a].field);
    unsigned b_places = places_of(rules->column[b].field);
    sil_i128 a_low, a_high, b_low, b_high;
    if (!range_of(&a_low, &a_high, &rules->column[a], piece[a]) ||
        !range_of(&b_low, &b_high, &rules->column[b], piece[b])) {
        return SIL_RULE_KEPT;
    }
    if (sil_scaled_ascend(a_high, a_places, b_low, b_places, rule->is_strict)) {
        return SIL_RULE_KEPT;
    }
    return sil_scaled_ascend(a_low, a_places, b_high, b_places, rule->is_strict)
               ? SIL_RULE_OPEN
               : SIL_RULE_BROKEN;
}

enum sil_rule_verdict sil_rule_judge(const struct sil_rules *rules,
                                     const struct sil_rule *rule, const size_t *piece)
{
    if (rule->is_order) {
        return judge_order(rules, rule, piece);
    }
    bool is_meant = rule->when.condition.n_nodes == 0 ||
                    holds(&rule->when, rules, piece) == SIL_TRUE;
    bool is_broken = is_meant && (rule->then.condition.n_nodes == 0 ||
                                  holds(&rule->then, rules, piece) == SIL_FALSE);
    return is_broken ? SIL_RULE_BROKEN : SIL_RULE_KEPT;
}

/* ---- cells ---- */

/* Go to the next combination of pieces of the cells; false when all have been seen. */
static bool next(size_t *piece, const struct sil_rules *rules,
                 const struct sil_rule *rule, const uint32_t *codes)
{
    for (size_t k = rule->n_columns; k-- > 0;) {
        size_t c = rule->column[k];
        const struct sil_pieces *p = &rules->column[c].pieces;
        uint32_t code = codes[rules->column[c].attr];
        if (++piece[c] < p->first_of[code + 1]) {
            return true;
        }
        piece[c] = p->first_of[code];
    }
    return false;
}

enum sil_rule_verdict sil_rule_judge_cells(const struct sil_rules *rules,
                                           const struct sil_rule *rule,
                                           const uint32_t *codes)
{
    size_t piece[SIL_RULES_MAX * SIL_RULE_COLUMNS_MAX];
    for (size_t k = 0; k < rule->n_columns; k++) {
        const struct sil_rule_column *column = &rules->column[rule->column[k]];
        piece[rule->column[k]] = column->pieces.first_of[codes[column->attr]];
    }
    enum sil_rule_verdict first = sil_rule_judge(rules, rule, piece);
    while (first != SIL_RULE_OPEN && next(piece, rules, rule, codes)) {
        if (sil_rule_judge(rules, rule, piece) != first) {
            return SIL_RULE_OPEN;
        }
    }
    return first;
}

bool sil_rule_draws(const struct sil_rule_column *column, uint32_t code)
{
    return sil_field_text(column->field, code) == NULL;
}

/* ---- values ---- */

/* Of an order whose cells leave it open. A closed set has one value a cell. */
static bool breaks_order(const struct sil_rules *rules, const struct sil_rule *rule,
                         const uint32_t *codes, const uint64_t *words)
{
    size_t pair[2];
    sil_i128 value[2];
    unsigned places[2];
    ordered_columns(pair, rules, rule);
    for (size_t i = 0; i < 2; i++) {
        const struct sil_rule_column *column = &rules->column[pair[i]];
        uint32_t code = codes[column->attr];
        places[i] = places_of(column->field);
        if (column->field->is_closed) {
            sil_i128 high;
            (void)range_of(&value[i], &high, column, column->pieces.first_of[code]);
        } else {
            value[i] = sil_bins_draw(&column->field->bins, code, words[pair[i]]);
        }
    }
    return !sil_scaled_ascend(value[0], places[0], value[1], places[1],
                              rule->is_strict);
}

bool sil_rule_breaks(const struct sil_rules *rules, const struct sil_rule *rule,
                     const uint32_t *codes, const uint64_t *words)
{
    size_t piece[SIL_RULES_MAX * SIL_RULE_COLUMNS_MAX];
    for (size_t k = 0; k < rule->n_columns; k++) {
        size_t c = rule->column[k];
        const struct sil_rule_column *column = &rules->column[c];
        piece[c] = sil_pieces_find(&column->pieces, codes[column->attr], words[c]);
    }
    enum sil_rule_verdict verdict = sil_rule_judge(rules, rule, piece);
    return verdict == SIL_RULE_BROKEN ||
           (verdict == SIL_RULE_OPEN && breaks_order(rules, rule, codes, words));
}

/* ---- a private row ---- */

bool sil_rules_map_row(const struct sil_rules *rules, uint32_t *codes)
{
    for (size_t i = 0; i < rules->n; i++) {
        const struct sil_rule *rule = &rules->rule[i];
        if (sil_rule_judge_cells(rules, rule, codes) != SIL_RULE_BROKEN) {
            continue;
        }
        if (rule->policy == SIL_BROKEN_DROP) {
            return false;
        }
        const struct sil_field *field = sil_schema_field(rules->schema, rule->blamed);
        codes[rule->blamed] =
            rule->policy == SIL_BROKEN_OTHER ? field->other_code : field->null_code;
    }
    bool is_kept = true;
    for (size_t i = 0; i < rules->n; i++) {
        is_kept = is_kept && sil_rule_judge_cells(rules, &rules->rule[i], codes) !=
                                 SIL_RULE_BROKEN;
    }
    return is_kept;
}
