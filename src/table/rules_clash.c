// SPDX-License-Identifier: Apache-2.0
/* Can all rules be kept at once, and each rule's `if` still be true of some row? A search for
 * one row, piece by piece; columns that no rule ties together are searched apart. */
#include "base/fail.h"
#include "base/memory.h"
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

static sil_status report(struct search *s, struct sil_problems *problems,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes out = {0};
    const char *between = "";
    reduce(s);
    for (size_t i = 0; i < s->rules->n; i++) {
        if (s->is_active[i]) {
            SIL_TRY(sil_bytes_printf(&out, err, "%s%s (%.120s)", between,
                                     s->rules->rule[i].place, s->rules->rule[i].said));
            between = " and ";
        }
    }
    const char *kind = s->asked == SIZE_MAX ? "no row can keep "
                                            : "no row of which the "
                                              "`if` is true can keep ";
    const char *place =
        s->asked == SIZE_MAX ? "silhouette.rules" : s->rules->rule[s->asked].place;
    status = sil_problems_take(problems, place,
                               sil_fail(err, SIL_ERR_INPUT, "%s%.*s", kind,
                                        (int)out.length, (const char *)out.data),
                               err);

cleanup:
    sil_bytes_clear(&out);
    return status;
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
    if (*answer == UNDECIDED) {
        return sil_problems_take(
            problems, "silhouette.rules",
            sil_fail(err, SIL_ERR_INPUT,
                     "too intertwined to tell whether any row keeps them all; declare "
                     "fewer rules, rules over fewer columns, or fewer bins in columns "
                     "that stand in an order"),
            err);
    }
    return SIL_OK;
}

sil_status sil_rules_find_clashes(const struct sil_rules *rules,
                                  struct sil_problems *problems, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct search s = {.rules = rules, .asked = SIZE_MAX};
    enum answer answer = POSSIBLE;
    SIL_TRY(prepare(&s, err));
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
