// SPDX-License-Identifier: Apache-2.0
/* Can all rules be kept at once, and each rule's `if` still be true of some row? A search for
 * one row, piece by piece; columns that no rule ties together are searched apart. And does
 * each rule judge a text that an open column does not list alike before and after it is
 * found? */
#include "base/fail.h"
#include "base/memory.h"
#include "table/field.h"
#include "table/rules.h"

#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "the rules";

/* How often a rule is judged, for all answers together: a schema may be anybody's. */
enum { STEPS_MAX = 1 << 20 };

enum answer { IMPOSSIBLE, POSSIBLE, UNDECIDED };

struct search {
    const struct sil_rules *rules;
    bool *is_active; ///< of each rule
    size_t asked;    ///< the rule whose `when` must be true; SIZE_MAX: none
    size_t *part;    ///< of each column: the first column that it is tied to
    size_t *piece;   ///< of each column
    bool *is_set;    ///< of each column
    size_t **choice; ///< of each column: the pieces that differ to the rules
    size_t *n_choices;
    size_t *order; ///< the columns of the part at hand
    size_t n_order;
    uint64_t n_steps;
};

static bool is_asked_true(const struct search *s)
{
    struct sil_rule asked = s->rules->rule[s->asked];
    asked.then = (struct sil_rule_part){0}; /* broken just where `when` is true */
    return sil_rule_judge(s->rules, &asked, s->piece) == SIL_RULE_BROKEN;
}

static bool has_all(const struct search *s, const struct sil_rule *rule)
{
    bool has = true;
    for (size_t k = 0; k < rule->n_columns; k++) {
        has = has && s->is_set[rule->column[k]];
    }
    return has;
}

static bool names(const struct sil_rule *rule, size_t column)
{
    bool does = false;
    for (size_t k = 0; k < rule->n_columns; k++) {
        does = does || rule->column[k] == column;
    }
    return does;
}

/* Is every rule that the last column completes kept, or may it be? */
static bool is_allowed(struct search *s, size_t column)
{
    bool is = true;
    s->n_steps++;
    for (size_t i = 0; is && i < s->rules->n; i++) {
        const struct sil_rule *rule = &s->rules->rule[i];
        bool is_due = names(rule, column) && has_all(s, rule);
        s->n_steps += is_due;
        if (is_due && s->is_active[i]) {
            is = sil_rule_judge(s->rules, rule, s->piece) != SIL_RULE_BROKEN;
        }
        if (is && is_due && i == s->asked) {
            is = is_asked_true(s);
        }
    }
    return is;
}

/* The columns in turn, backwards where none of its pieces is allowed; no recursion. */
static enum answer search_part(struct search *s)
{
    size_t at[SIL_RULES_MAX * SIL_RULE_COLUMNS_MAX];
    size_t depth = 0;
    at[0] = 0;
    while (depth < s->n_order) {
        size_t c = s->order[depth];
        if (at[depth] == s->n_choices[c]) {
            s->is_set[c] = false;
            if (depth == 0) {
                return IMPOSSIBLE;
            }
            at[--depth]++;
            continue;
        }
        if (s->n_steps >= STEPS_MAX) {
            return UNDECIDED;
        }
        s->piece[c] = s->choice[c][at[depth]];
        s->is_set[c] = true;
        if (is_allowed(s, c)) {
            depth++;
            at[depth < s->n_order ? depth : 0] = 0;
        } else {
            at[depth]++;
        }
    }
    return POSSIBLE;
}

static void tie(struct search *s)
{
    size_t n = s->rules->n_columns;
    for (size_t c = 0; c < n; c++) {
        s->part[c] = c;
    }
    for (size_t i = 0; i < s->rules->n; i++) {
        const struct sil_rule *rule = &s->rules->rule[i];
        for (size_t k = 1; (s->is_active[i] || i == s->asked) && k < rule->n_columns;
             k++) {
            size_t from = s->part[rule->column[k]];
            size_t to = s->part[rule->column[0]];
            for (size_t c = 0; c < n; c++) {
                s->part[c] = s->part[c] == from ? to : s->part[c];
            }
        }
    }
}

static enum answer search(struct search *s)
{
    enum answer answer = POSSIBLE;
    size_t n = s->rules->n_columns;
    tie(s);
    (void)memset(s->is_set, 0, n * sizeof *s->is_set);
    for (size_t part = 0; part < n && answer == POSSIBLE; part++) {
        s->n_order = 0;
        for (size_t c = 0; c < n; c++) {
            if (s->part[c] == part) {
                s->order[s->n_order++] = c;
            }
        }
        answer = search_part(s);
    }
    return answer;
}

/* ---- what a column can be ---- */

/* Pieces of one class are alike to all conditions; to an order each is its own. */
static void list_choices(struct search *s, size_t c)
{
    const struct sil_rule_column *column = &s->rules->column[c];
    for (size_t p = 0; p < column->pieces.n; p++) {
        bool is_new = true;
        for (size_t k = 0; k < s->n_choices[c] && !column->is_ordered; k++) {
            is_new = is_new && column->pieces.piece[s->choice[c][k]].class !=
                                   column->pieces.piece[p].class;
        }
        if (is_new) {
            s->choice[c][s->n_choices[c]++] = p;
        }
    }
}

static sil_status prepare(struct search *s, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = s->rules->n_columns;
    SIL_TRY(sil_alloc(&s->is_active, s->rules->n, sizeof *s->is_active, WHAT, err));
    SIL_TRY(sil_alloc(&s->part, n, sizeof *s->part, WHAT, err));
    SIL_TRY(sil_alloc(&s->piece, n, sizeof *s->piece, WHAT, err));
    SIL_TRY(sil_alloc(&s->is_set, n, sizeof *s->is_set, WHAT, err));
    SIL_TRY(sil_alloc(&s->n_choices, n, sizeof *s->n_choices, WHAT, err));
    SIL_TRY(sil_alloc(&s->order, n, sizeof *s->order, WHAT, err));
    SIL_TRY(sil_alloc((void *)&s->choice, n, sizeof *s->choice, WHAT, err));
    for (size_t c = 0; c < n; c++) {
        SIL_TRY(sil_alloc(&s->choice[c], s->rules->column[c].pieces.n,
                          sizeof **s->choice, WHAT, err));
        list_choices(s, c);
    }

cleanup:
    return status;
}

static void clear(struct search *s)
{
    for (size_t c = 0; s->choice != NULL && c < s->rules->n_columns; c++) {
        free(s->choice[c]);
    }
    free((void *)s->choice);
    free(s->is_active);
    free(s->part);
    free(s->piece);
    free(s->is_set);
    free(s->n_choices);
    free(s->order);
}

/* ---- what is said ---- */

/* Leave out every rule without which there is still no row: what is left clash. */
static void reduce(struct search *s)
{
    for (size_t i = 0; i < s->rules->n; i++) {
        s->is_active[i] = false;
        if (search(s) != IMPOSSIBLE) {
            s->is_active[i] = true;
        }
    }
}

/* The rules that clash; none where the `if` that was asked for is never true. */
static sil_status list_active(struct sil_bytes *out, const struct search *s,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const char *between = "";
    for (size_t i = 0; i < s->rules->n; i++) {
        if (s->is_active[i]) {
            SIL_TRY(sil_bytes_printf(out, err, "%s%s (%.120s)", between,
                                     s->rules->rule[i].place, s->rules->rule[i].said));
            between = " and ";
        }
    }

cleanup:
    return status;
}

static sil_status report(struct search *s, struct sil_problems *problems,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    bool is_of_all = s->asked == SIZE_MAX;
    const char *place = is_of_all ? "silhouette.rules" : s->rules->rule[s->asked].place;
    reduce(s);
    SIL_TRY(list_active(&out, s, err));
    if (out.length == 0) {
        status = sil_fail(err, SIL_ERR_INPUT,
                          "the `if` is true of no row, whatever other rules say: mend "
                          "it, or leave the rule out");
    } else {
        status = sil_fail(err, SIL_ERR_INPUT, "no row %scan keep %.*s",
                          is_of_all ? "" : "of which the `if` is true ",
                          (int)out.length, (const char *)out.data);
    }
    status = sil_problems_take(problems, place, status, err);

cleanup:
    sil_bytes_clear(&out);
    return status;
}

static sil_status give_up(struct sil_problems *problems, struct sil_error *err)
{
    return sil_problems_take(
        problems, "silhouette.rules",
        sil_fail(err, SIL_ERR_INPUT,
                 "too intertwined to tell whether any row keeps them all; declare "
                 "fewer rules, rules over fewer columns, or fewer bins in columns "
                 "that stand in an order"),
        err);
}

static sil_status ask(enum answer *answer, struct search *s,
                      struct sil_problems *problems, struct sil_error *err)
{
    for (size_t i = 0; i < s->rules->n; i++) {
        s->is_active[i] = true;
    }
    *answer = search(s);
    if (*answer == IMPOSSIBLE) {
        return report(s, problems, err);
    }
    return *answer == UNDECIDED ? give_up(problems, err) : SIL_OK;
}

/* ---- texts that are not listed ---- */

/* The open column of which the pieces at hand have such a text; SIZE_MAX: none. */
static size_t find_unlisted(const struct search *s, const struct sil_rule *rule)
{
    size_t found = SIZE_MAX;
    for (size_t k = rule->n_columns; k-- > 0;) {
        size_t c = rule->column[k];
        bool is = s->piece[c] == sil_pieces_unlisted(&s->rules->column[c].pieces);
        found = is ? c : found;
    }
    return found;
}

/* Go to the choices of the columns that follow; false: there are no more. */
static bool choose_next(struct search *s, const struct sil_rule *rule, size_t *at)
{
    size_t k = rule->n_columns;
    while (k-- > 0 && ++at[k] == s->n_choices[rule->column[k]]) {
        at[k] = 0;
    }
    return k != SIZE_MAX;
}

/* The rule of the choices; or of what rows are read as, before texts are found. */
static enum sil_rule_verdict judge_choice(struct search *s, const struct sil_rule *rule,
                                          const size_t *at, bool is_before)
{
    for (size_t k = 0; k < rule->n_columns; k++) {
        size_t c = rule->column[k];
        const struct sil_rule_column *column = &s->rules->column[c];
        s->piece[c] = s->choice[c][at[k]];
        if (is_before && s->piece[c] == sil_pieces_unlisted(&column->pieces)) {
            s->piece[c] = column->pieces.first_of[column->field->other_code];
        }
    }
    return sil_rule_judge(s->rules, rule, s->piece);
}

/* Rows meet the rule while what they hold is `other`, and are zeros of the model by what was
 * found: if the two differ, rows would be fitted by cells that they are not allowed. */
static sil_status check_open(struct search *s, const struct sil_rule *rule,
                             struct sil_problems *problems, struct sil_error *err)
{
    size_t at[SIL_RULE_COLUMNS_MAX] = {0};
    do {
        enum sil_rule_verdict before = judge_choice(s, rule, at, true);
        enum sil_rule_verdict after = judge_choice(s, rule, at, false);
        if (before != after) {
            const struct sil_rule_column *column =
                &s->rules->column[find_unlisted(s, rule)];
            return sil_problems_take(
                problems, rule->place,
                sil_fail(
                    err, SIL_ERR_INPUT,
                    "a text that the open column '%.60s' does not list would break "
                    "it only %s it is found, and rows meet rules before: list the "
                    "values that the rule is about and name those, or close the "
                    "column",
                    column->field->name, after == SIL_RULE_BROKEN ? "once" : "until"),
                err);
        }
        if (++s->n_steps >= STEPS_MAX) {
            return give_up(problems, err);
        }
    } while (choose_next(s, rule, at));
    return SIL_OK;
}

static bool names_open(const struct sil_rules *rules, const struct sil_rule *rule)
{
    bool does = false;
    for (size_t k = 0; k < rule->n_columns; k++) {
        const struct sil_pieces *p = &rules->column[rule->column[k]].pieces;
        does = does || sil_pieces_unlisted(p) != SIZE_MAX;
    }
    return does;
}

sil_status sil_rules_find_clashes(const struct sil_rules *rules,
                                  struct sil_problems *problems, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct search s = {.rules = rules, .asked = SIZE_MAX};
    enum answer answer = POSSIBLE;
    size_t before = problems->n;
    SIL_TRY(prepare(&s, err));
    for (size_t i = 0; i < rules->n && s.n_steps < STEPS_MAX; i++) {
        if (names_open(rules, &rules->rule[i])) {
            SIL_TRY(check_open(&s, &rules->rule[i], problems, err));
        }
    }
    if (problems->n > before) {
        goto cleanup; /* a clash may be no more than that */
    }
    SIL_TRY(ask(&answer, &s, problems, err));
    for (size_t i = 0; answer == POSSIBLE && i < rules->n; i++) {
        const struct sil_rule *rule = &rules->rule[i];
        bool is_if =
            rule->when.condition.n_nodes > 0 && rule->then.condition.n_nodes > 0;
        s.asked = i;
        if (is_if) {
            SIL_TRY(ask(&answer, &s, problems, err));
        }
    }

cleanup:
    clear(&s);
    return status;
}
