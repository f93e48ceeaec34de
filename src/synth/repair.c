// SPDX-License-Identifier: Apache-2.0
#include "synth/repair.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "the rows";

/* How often a row is tried: its values drawn again; one cell taken from another row; all
 * cells of a broken rule; all cells that rules name. Whether any row keeps all rules was
 * settled with the schema, so the last finds one unless hardly any row does. */
enum { REDRAWS = 64, CELLS = 64, RULES = 64, ROWS = 1024 };

/* Of all rows together: so many a row on the whole, and some more. */
enum { TRIES_A_ROW = 64, TRIES_MORE = 1 << 17 };

enum { BLOCK_ROWS = 1 << 12, WORDS_STEP = 8 };

/* A value of a row that has a word of its own. */
struct fix {
    size_t row;
    uint64_t word;
};

/* A column that rules, or an order of rows, name. */
struct column {
    uint32_t attr;
    size_t rule_column; ///< SIZE_MAX: no rule names it
    bool is_bound;
    struct fix *fix; ///< in ascending order of rows
    size_t n;
    size_t capacity;
};

struct sil_repair {
    struct sil_rules *rules;
    struct sil_words words; ///< without fixes
    struct column *column;
    size_t n_columns;
    struct sil_repair_tally tally;
};

/* One row at work: cells by attribute, words by column of the repair and of the rules. */
struct row {
    uint32_t *codes;
    uint64_t *words;
    uint64_t *rule_words;
};

struct worker {
    struct sil_repair *repair;
    struct sil_codes *codes;
    struct sil_word_reader reader;
    uint64_t *block; ///< words of BLOCK_ROWS rows for each column
    struct row now;
    struct row trial;
    bool *is_taken; ///< of each column: from another row, this time
};

/* ---- words with fixes ---- */

static size_t first_fix(const struct column *column, size_t row)
{
    size_t low = 0;
    size_t high = column->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (column->fix[middle].row < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void draw_fixed(const void *key, uint64_t stream, uint64_t first, uint64_t *out,
                       size_t n)
{
    const struct sil_repair *repair = key;
    repair->words.draw(repair->words.key, stream, first, out, n);
    for (size_t c = 0; c < repair->n_columns; c++) {
        const struct column *column = &repair->column[c];
        if (stream != SIL_STREAM(SIL_STREAM_DECODE, column->attr)) {
            continue;
        }
        for (size_t i = first_fix(column, first);
             i < column->n && column->fix[i].row < first + n; i++) {
            out[column->fix[i].row - first] = column->fix[i].word;
        }
    }
}

struct sil_words sil_repair_words(const struct sil_repair *repair)
{
    return (struct sil_words){.draw = draw_fixed, .key = repair};
}

/* ---- a row ---- */

static void spread_words(const struct worker *w, struct row *row)
{
    for (size_t c = 0; c < w->repair->n_columns; c++) {
        size_t at = w->repair->column[c].rule_column;
        if (at != SIZE_MAX) {
            row->rule_words[at] = row->words[c];
        }
    }
}

static bool keeps_all(const struct worker *w, struct row *row)
{
    const struct sil_rules *rules = w->repair->rules;
    bool keeps = true;
    spread_words(w, row);
    for (size_t i = 0; keeps && i < rules->n; i++) {
        keeps = !sil_rule_breaks(rules, &rules->rule[i], row->codes, row->rule_words);
    }
    return keeps;
}

static void begin_trial(struct worker *w)
{
    for (size_t c = 0; c < w->repair->n_columns; c++) {
        uint32_t attr = w->repair->column[c].attr;
        w->trial.codes[attr] = w->now.codes[attr];
        w->trial.words[c] = w->now.words[c];
    }
}

/* ---- other values of the same cells ---- */

static bool do_cells_allow(const struct worker *w)
{
    const struct sil_rules *rules = w->repair->rules;
    bool allow = true;
    for (size_t i = 0; allow && i < rules->n; i++) {
        allow = sil_rule_judge_cells(rules, &rules->rule[i], w->now.codes) !=
                SIL_RULE_BROKEN;
    }
    return allow;
}

static bool redraw(struct worker *w)
{
    bool keeps = false;
    for (int t = 0; !keeps && t < REDRAWS; t++) {
        begin_trial(w);
        for (size_t c = 0; c < w->repair->n_columns; c++) {
            const struct column *column = &w->repair->column[c];
            if (!column->is_bound &&
                sil_rule_draws(&w->repair->rules->column[column->rule_column],
                               w->now.codes[column->attr])) {
                w->trial.words[c] = sil_word(&w->reader);
            }
        }
        w->repair->tally.n_tries++;
        keeps = keeps_all(w, &w->trial);
    }
    return keeps;
}

/* ---- cells of other rows ---- */

static void take_cells(struct worker *w, size_t row)
{
    const struct sil_words words = sil_repair_words(w->repair);
    size_t first = row / WORDS_STEP * WORDS_STEP;
    for (size_t c = 0; c < w->repair->n_columns; c++) {
        uint64_t near[WORDS_STEP];
        uint32_t attr = w->repair->column[c].attr;
        if (w->is_taken[c]) {
            words.draw(words.key, SIL_STREAM(SIL_STREAM_DECODE, attr), first, near,
                       row - first + 1);
            w->trial.codes[attr] = sil_codes_get(w->codes, attr, row);
            w->trial.words[c] = near[row - first];
        }
    }
}

/* Columns that are bound go together. */
static void take_bound(struct worker *w)
{
    bool is_any = false;
    for (size_t c = 0; c < w->repair->n_columns; c++) {
        is_any = is_any || (w->is_taken[c] && w->repair->column[c].is_bound);
    }
    for (size_t c = 0; is_any && c < w->repair->n_columns; c++) {
        w->is_taken[c] = w->is_taken[c] || w->repair->column[c].is_bound;
    }
}

static void mark_rule(struct worker *w, const struct sil_rule *rule)
{
    for (size_t c = 0; c < w->repair->n_columns; c++) {
        w->is_taken[c] = false;
        for (size_t k = 0; k < rule->n_columns; k++) {
            w->is_taken[c] =
                w->is_taken[c] || rule->column[k] == w->repair->column[c].rule_column;
        }
    }
}

/* One of the marked columns stays marked. */
static void mark_one(struct worker *w)
{
    size_t n = 0;
    for (size_t c = 0; c < w->repair->n_columns; c++) {
        n += w->is_taken[c];
    }
    size_t chosen = sil_word_below(&w->reader, n);
    for (size_t c = 0; c < w->repair->n_columns; c++) {
        if (w->is_taken[c]) {
            w->is_taken[c] = chosen == 0;
            chosen--;
        }
    }
}

static void mark(struct worker *w, const struct sil_rule *broken, int t)
{
    mark_rule(w, broken);
    if (t < CELLS) {
        mark_one(w);
    }
    for (size_t c = 0; t >= CELLS + RULES && c < w->repair->n_columns; c++) {
        w->is_taken[c] = true;
    }
    take_bound(w);
}

static bool take(struct worker *w, const struct sil_rule *broken)
{
    bool keeps = false;
    for (int t = 0; !keeps && t < CELLS + RULES + ROWS; t++) {
        begin_trial(w);
        mark(w, broken, t);
        take_cells(w, sil_word_below(&w->reader, w->codes->n_rows));
        w->repair->tally.n_tries++;
        keeps = keeps_all(w, &w->trial);
    }
    return keeps;
}

/* ---- all rows ---- */

static sil_status keep_trial(struct worker *w, size_t row, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t c = 0; c < w->repair->n_columns; c++) {
        struct column *column = &w->repair->column[c];
        sil_codes_set(w->codes, column->attr, row, w->trial.codes[column->attr]);
        if (w->trial.words[c] != w->now.words[c]) {
            SIL_TRY(sil_grow(&column->fix, &column->capacity, column->n + 1,
                             sizeof *column->fix, WHAT, err));
            column->fix[column->n++] = (struct fix){row, w->trial.words[c]};
        }
    }

cleanup:
    return status;
}

static const struct sil_rule *find_broken(struct worker *w)
{
    const struct sil_rules *rules = w->repair->rules;
    spread_words(w, &w->now);
    for (size_t i = 0; i < rules->n; i++) {
        if (sil_rule_breaks(rules, &rules->rule[i], w->now.codes, w->now.rule_words)) {
            return &rules->rule[i];
        }
    }
    return NULL;
}

static sil_status mend(struct worker *w, size_t row, struct sil_error *err)
{
    const struct sil_rule *broken = find_broken(w);
    uint64_t most = (uint64_t)TRIES_A_ROW * w->codes->n_rows + TRIES_MORE;
    if (broken == NULL || w->repair->tally.n_tries >= most) {
        return SIL_OK;
    }
    if (do_cells_allow(w) && redraw(w)) {
        w->repair->tally.n_redrawn++;
    } else if (take(w, broken)) {
        w->repair->tally.n_changed++;
    } else {
        return SIL_OK;
    }
    return keep_trial(w, row, err);
}

static sil_status mend_rows(struct worker *w, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_repair *repair = w->repair;
    size_t n_rows = w->codes->n_rows;
    for (size_t first = 0; first < n_rows; first += BLOCK_ROWS) {
        size_t n = n_rows - first < BLOCK_ROWS ? n_rows - first : BLOCK_ROWS;
        for (size_t c = 0; c < repair->n_columns; c++) {
            repair->words.draw(repair->words.key,
                               SIL_STREAM(SIL_STREAM_DECODE, repair->column[c].attr),
                               first, w->block + c * BLOCK_ROWS, n);
        }
        for (size_t r = 0; r < n; r++) {
            for (size_t c = 0; c < repair->n_columns; c++) {
                uint32_t attr = repair->column[c].attr;
                w->now.codes[attr] = sil_codes_get(w->codes, attr, first + r);
                w->now.words[c] = w->block[c * BLOCK_ROWS + r];
            }
            SIL_TRY(mend(w, first + r, err));
        }
    }

cleanup:
    return status;
}

/* ---- opening and closing ---- */

static void add_column(struct sil_repair *repair, uint32_t attr, size_t rule_column,
                       bool is_bound)
{
    size_t c = 0;
    while (c < repair->n_columns && repair->column[c].attr != attr) {
        c++;
    }
    if (c == repair->n_columns) {
        repair->column[repair->n_columns++] =
            (struct column){.attr = attr, .rule_column = rule_column};
    }
    repair->column[c].is_bound = repair->column[c].is_bound || is_bound;
}

static sil_status repair_new(struct sil_repair **out, const struct sil_schema *schema,
                             struct sil_words words, const uint32_t *bound,
                             size_t n_bound, struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(out, 1, sizeof **out, WHAT, err));
    (*out)->words = words;
    SIL_TRY(sil_rules_new(&(*out)->rules, schema, err));
    const struct sil_rules *rules = (*out)->rules;
    SIL_TRY(sil_alloc(&(*out)->column, rules->n_columns + n_bound,
                      sizeof *(*out)->column, WHAT, err));
    for (size_t c = 0; c < rules->n_columns; c++) {
        add_column(*out, rules->column[c].attr, c, false);
    }
    for (size_t i = 0; i < n_bound; i++) {
        add_column(*out, bound[i], SIZE_MAX, true);
    }

cleanup:
    return status;
}

static sil_status row_init(struct row *row, const struct worker *w,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    SIL_TRY(sil_alloc(&row->codes, w->codes->n_attrs, sizeof *row->codes, WHAT, err));
    SIL_TRY(
        sil_alloc(&row->words, w->repair->n_columns, sizeof *row->words, WHAT, err));
    SIL_TRY(sil_alloc(&row->rule_words, w->repair->n_columns, sizeof *row->rule_words,
                      WHAT, err));

cleanup:
    return status;
}

static void row_clear(struct row *row)
{
    free(row->codes);
    free(row->words);
    free(row->rule_words);
}

sil_status sil_repair_rows(struct sil_repair **out, struct sil_codes *codes,
                           const struct sil_schema *schema, struct sil_words words,
                           struct sil_words own, const uint32_t *bound, size_t n_bound,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct worker w = {.codes = codes,
                       .reader = sil_word_reader(own, SIL_STREAM(SIL_STREAM_RULES, 0))};
    *out = NULL;
    if (sil_schema_n_rules(schema) == 0) {
        return SIL_OK;
    }
    SIL_TRY(repair_new(out, schema, words, bound, n_bound, err));
    w.repair = *out;
    SIL_TRY(sil_alloc(&w.block, (*out)->n_columns, BLOCK_ROWS * sizeof *w.block, WHAT,
                      err));
    SIL_TRY(sil_alloc(&w.is_taken, (*out)->n_columns, sizeof *w.is_taken, WHAT, err));
    SIL_TRY(row_init(&w.now, &w, err));
    SIL_TRY(row_init(&w.trial, &w, err));
    status = mend_rows(&w, err);

cleanup:
    free(w.block);
    free(w.is_taken);
    row_clear(&w.now);
    row_clear(&w.trial);
    if (status != SIL_OK) {
        sil_repair_free(*out);
        *out = NULL;
    }
    return status;
}

void sil_repair_free(struct sil_repair *repair)
{
    if (repair == NULL) {
        return;
    }
    for (size_t c = 0; c < repair->n_columns; c++) {
        free(repair->column[c].fix);
    }
    free(repair->column);
    sil_rules_free(repair->rules);
    free(repair);
}

const struct sil_rules *sil_repair_rules(const struct sil_repair *repair)
{
    return repair->rules;
}

struct sil_repair_tally sil_repair_tally(const struct sil_repair *repair)
{
    return repair->tally;
}
