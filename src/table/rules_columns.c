// SPDX-License-Identifier: Apache-2.0
/* The columns that rules name, cut where any test of a rule changes. */
#include "base/fail.h"
#include "base/memory.h"
#include "table/field.h"
#include "table/rules.h"

#include <stdlib.h>

static const char *const WHAT = "the rules";

static int compare_attrs(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Note a column of a rule; false when there are too many. */
static bool note(uint32_t *attrs, size_t *n, uint32_t attr)
{
    size_t i = 0;
    while (i < *n && attrs[i] != attr) {
        i++;
    }
    if (i == *n && *n < SIL_RULE_COLUMNS_MAX) {
        attrs[(*n)++] = attr;
    }
    return i < SIL_RULE_COLUMNS_MAX;
}

static bool list_columns(uint32_t *attrs, size_t *n, const struct sil_rule *rule)
{
    bool is_few = true;
    const struct sil_rule_part *parts[] = {&rule->when, &rule->then};
    *n = 0;
    for (size_t p = 0; p < 2; p++) {
        for (size_t t = 0; t < parts[p]->condition.n_tests; t++) {
            is_few = note(attrs, n, parts[p]->condition.test[t].attr) && is_few;
        }
    }
    for (size_t i = 0; i < 2 && rule->is_order; i++) {
        is_few = note(attrs, n, rule->ordered[i]) && is_few;
    }
    qsort(attrs, *n, sizeof *attrs, compare_attrs);
    return is_few;
}

static bool learns_bins(const struct sil_schema *schema, const uint32_t *attrs,
                        size_t n)
{
    bool learns = false;
    for (size_t k = 0; k < n; k++) {
        learns = learns || sil_field_learns_bins(sil_schema_field(schema, attrs[k]));
    }
    return learns;
}

/* Until the columns are known, a rule holds attributes in `column`. */
static sil_status gather_columns(struct sil_rules *rules, struct sil_problems *problems,
                                 struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t *all = NULL;
    size_t n = 0;
    SIL_TRY(sil_alloc(&all, rules->n * SIL_RULE_COLUMNS_MAX, sizeof *all, WHAT, err));
    for (size_t i = 0; i < rules->n; i++) {
        uint32_t attrs[SIL_RULE_COLUMNS_MAX];
        struct sil_rule *rule = &rules->rule[i];
        if (!list_columns(attrs, &rule->n_columns, rule)) {
            SIL_TRY(sil_problems_take(
                problems, rule->place,
                sil_fail(err, SIL_ERR_INPUT, "names more than 8 columns"), err));
        }
        for (size_t k = 0; k < rule->n_columns; k++) {
            rule->column[k] = attrs[k];
            all[n++] = attrs[k];
        }
        if (learns_bins(rules->schema, attrs, rule->n_columns)) {
            SIL_TRY(sil_problems_take(
                problems, rule->place,
                sil_fail(err, SIL_ERR_INPUT,
                         "names a column with private bins, which are not known when "
                         "rows are read; give it public ones"),
                err));
        }
    }
    qsort(all, n, sizeof *all, compare_attrs);
    SIL_TRY(sil_alloc(&rules->column, n, sizeof *rules->column, WHAT, err));
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || all[i] != all[i - 1]) {
            rules->column[rules->n_columns++] = (struct sil_rule_column){
                .attr = all[i], .field = sil_schema_field(rules->schema, all[i])};
        }
    }

cleanup:
    free(all);
    return status;
}

static size_t find_column(const struct sil_rules *rules, size_t attr)
{
    size_t c = 0;
    while (rules->column[c].attr != attr) {
        c++;
    }
    return c;
}

static sil_status place_part(struct sil_rule_part *part, const struct sil_rules *rules,
                             size_t *n_tests, struct sil_error *err)
{
    sil_status status =
        sil_alloc(&part->test, part->condition.n_tests, sizeof *part->test, WHAT, err);
    for (size_t t = 0; status == SIL_OK && t < part->condition.n_tests; t++) {
        size_t c = find_column(rules, part->condition.test[t].attr);
        part->test[t] = (struct sil_rule_test){c, n_tests[c]++};
    }
    return status;
}

/* Tests are numbered column by column; the last of a column that is ordered asks for null,
 * so that each column has a test, and a piece is null or is not. */
static sil_status place_tests(struct sil_rules *rules, size_t *n_tests,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < rules->n; i++) {
        struct sil_rule *rule = &rules->rule[i];
        for (size_t k = 0; k < rule->n_columns; k++) {
            rule->column[k] = find_column(rules, rule->column[k]);
        }
        for (size_t k = 0; k < 2 && rule->is_order; k++) {
            rules->column[find_column(rules, rule->ordered[k])].is_ordered = true;
        }
        SIL_TRY(place_part(&rule->when, rules, n_tests, err));
        SIL_TRY(place_part(&rule->then, rules, n_tests, err));
    }

cleanup:
    return status;
}

static void collect(const struct sil_test **tests, const struct sil_rule_part *part,
                    size_t column)
{
    for (size_t t = 0; t < part->condition.n_tests; t++) {
        if (part->test[t].column == column) {
            tests[part->test[t].at] = &part->condition.test[t];
        }
    }
}

static sil_status cut_column(struct sil_rules *rules, size_t column, size_t n_tests,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rule_column *own = &rules->column[column];
    const struct sil_test null = {.attr = own->attr, .is_null_test = true};
    const struct sil_test **tests = NULL;
    SIL_TRY(sil_alloc((void *)&tests, n_tests + 1, sizeof(void *), WHAT, err));
    for (size_t i = 0; i < rules->n; i++) {
        collect(tests, &rules->rule[i].when, column);
        collect(tests, &rules->rule[i].then, column);
    }
    tests[n_tests] = &null;
    SIL_TRY(sil_pieces_make(&own->pieces, own->field, tests, n_tests + 1, err));
    if (own->field->is_open && !own->field->is_settled) {
        SIL_TRY(sil_pieces_add_unlisted(&own->pieces, err));
    }

cleanup:
    free((void *)tests);
    return status;
}

/* How often a value of a test is looked at to cut the column: for every piece. */
static uint64_t work_of(const struct sil_rules *rules, size_t column)
{
    uint64_t n_looks = 1;
    uint64_t n_pieces = rules->column[column].field->n_cells;
    for (size_t i = 0; i < rules->n; i++) {
        const struct sil_condition *parts[] = {&rules->rule[i].when.condition,
                                               &rules->rule[i].then.condition};
        for (size_t t = 0; t < parts[0]->n_tests + parts[1]->n_tests; t++) {
            const struct sil_test *test = t < parts[0]->n_tests
                                              ? &parts[0]->test[t]
                                              : &parts[1]->test[t - parts[0]->n_tests];
            if (test->attr == rules->column[column].attr) {
                n_looks += 1 + test->n_codes + test->n_spans;
                n_pieces += 2 * test->n_spans;
            }
        }
    }
    return n_pieces * n_looks;
}

/* Columns that are too dear together: the first that is one too many. */
static sil_status check_work(const struct sil_rules *rules,
                             struct sil_problems *problems, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint64_t work = 0;
    for (size_t c = 0; c < rules->n_columns && work <= SIL_RULES_WORK; c++) {
        work += work_of(rules, c);
        if (work > SIL_RULES_WORK) {
            SIL_TRY(sil_problems_take(
                problems, "silhouette.rules",
                sil_fail(err, SIL_ERR_INPUT,
                         "too many values are looked at in too many cells of '%.60s': "
                         "compare with ranges, or give the column fewer bins",
                         rules->column[c].field->name),
                err));
        }
    }

cleanup:
    return status;
}

static sil_status cut(struct sil_rules *rules, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t *n_tests = NULL;
    SIL_TRY(sil_alloc(&n_tests, rules->n_columns, sizeof *n_tests, WHAT, err));
    SIL_TRY(place_tests(rules, n_tests, err));
    for (size_t c = 0; c < rules->n_columns; c++) {
        SIL_TRY(cut_column(rules, c, n_tests[c], err));
    }

cleanup:
    free(n_tests);
    return status;
}

/* A row is judged for every combination of pieces that its cells have. */
static sil_status check_pieces(struct sil_rules *rules, struct sil_problems *problems,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < rules->n; i++) {
        struct sil_rule *rule = &rules->rule[i];
        size_t product = 1;
        for (size_t k = 0; k < rule->n_columns; k++) {
            const struct sil_pieces *p = &rules->column[rule->column[k]].pieces;
            size_t most = 1;
            for (uint32_t code = 0; code < p->n_codes; code++) {
                size_t n = p->first_of[code + 1] - p->first_of[code];
                most = n > most ? n : most;
            }
            product *= most < SIL_RULE_PIECES_MAX ? most : SIL_RULE_PIECES_MAX;
            product = product < SIL_RULE_PIECES_MAX ? product : SIL_RULE_PIECES_MAX;
        }
        rule->most_pieces = product;
        if (product == SIL_RULE_PIECES_MAX) {
            SIL_TRY(sil_problems_take(
                problems, rule->place,
                sil_fail(
                    err, SIL_ERR_INPUT,
                    "the rules cut its bins into too many parts: put edges of bins "
                    "where the rules begin and end"),
                err));
        }
    }

cleanup:
    return status;
}

sil_status sil_rules_cut(struct sil_rules *rules, struct sil_problems *problems,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t before = problems->n;
    size_t n_nodes = 0;
    for (size_t i = 0; i < rules->n; i++) {
        n_nodes += rules->rule[i].when.condition.n_nodes;
        n_nodes += rules->rule[i].then.condition.n_nodes;
    }
    if (n_nodes > SIL_RULES_NODES) {
        return sil_problems_take(problems, "silhouette.rules",
                                 sil_fail(err, SIL_ERR_INPUT,
                                          "more than %d comparisons and words in all",
                                          SIL_RULES_NODES),
                                 err);
    }
    SIL_TRY(gather_columns(rules, problems, err));
    if (problems->n == before) {
        SIL_TRY(check_work(rules, problems, err));
    }
    if (problems->n == before) {
        SIL_TRY(cut(rules, err));
        SIL_TRY(check_pieces(rules, problems, err));
    }

cleanup:
    return status;
}
