// SPDX-License-Identifier: Apache-2.0
/* From JSON to rules: each form is read into conditions or an order, then the columns of all
 * rules are cut where any of their tests changes. */
#include "table/rules.h"

#include "base/fail.h"
#include "base/memory.h"
#include "table/field.h"
#include "table/recomputed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const WHAT = "the rules";

static const char *const RULE_KEYS[] = {"if",      "then",   "forbid",
                                        "require", "order",  "strict",
                                        "broken",  "column", "description"};

enum { N_RULE_KEYS = sizeof RULE_KEYS / sizeof RULE_KEYS[0] };

struct reader {
    struct sil_rules *rules;
    struct sil_problems *problems;
    const json_t *json; ///< the rule at hand
    const char *place;
    struct sil_error *err;
    size_t n_values; ///< that the tests list, of all rules so far
};

/* Note a problem of the rule at hand; everything but memory is one. */
static sil_status blame(struct reader *r, const char *property, const char *why)
{
    char place[96];
    (void)snprintf(place, sizeof place, "%s%s%s", r->place,
                   property[0] == '\0' ? "" : ".", property);
    return sil_problems_take(r->problems, place,
                             sil_fail(r->err, SIL_ERR_INPUT, "%s", why), r->err);
}

/* ---- the parts of a rule ---- */

/* What stands behind `other` is not told: it may be a value that a rule speaks of. Unless
 * the rule names `other` itself. */
static void leave_other_open(struct sil_test *test, const struct sil_schema *schema)
{
    uint32_t other = sil_schema_field(schema, test->attr)->other_code;
    test->has_order = true;
    for (size_t i = 0; i < test->n_codes; i++) {
        test->has_order = test->has_order && test->code[i] != other;
    }
}

static sil_status read_condition(struct sil_rule_part *out, struct reader *r,
                                 const char *property)
{
    char name[64];
    size_t column = 0;
    const json_t *text = json_object_get(r->json, property);
    if (!json_is_string(text)) {
        return blame(r, property, "must be a condition, such as \"age < 15\"");
    }
    (void)snprintf(name, sizeof name, "%s.%s", r->place, property);
    sil_status status =
        sil_condition_parse(&out->condition, json_string_value(text), r->rules->schema,
                            false, name, &column, r->err);
    for (size_t t = 0; t < out->condition.n_tests; t++) {
        leave_other_open(&out->condition.test[t], r->rules->schema);
    }
    return sil_problems_take(r->problems, "",
                             status == SIL_ERR_USAGE ? SIL_ERR_INPUT : status, r->err);
}

static bool are_comparable(const struct sil_field *a, const struct sil_field *b)
{
    bool are_numbers = a->type != SIL_TYPE_DATE && a->type != SIL_TYPE_DATETIME &&
                       b->type != SIL_TYPE_DATE && b->type != SIL_TYPE_DATETIME;
    return sil_field_compares(a) && sil_field_compares(b) &&
           (a->type == b->type || are_numbers);
}

/* The column that a JSON string names; UINT32_MAX with a problem noted. Rows are held
 * against rules by their attributes. */
static sil_status read_column(uint32_t *out, struct reader *r, const char *property,
                              const json_t *name)
{
    *out = json_is_string(name)
               ? sil_schema_find(r->rules->schema, json_string_value(name),
                                 json_string_length(name))
               : UINT32_MAX;
    const char *why = sil_schema_no_attribute(r->rules->schema, *out);
    if (why == NULL) {
        return SIL_OK;
    }
    *out = UINT32_MAX;
    return blame(r, property, why);
}

static sil_status read_order(struct sil_rule *rule, struct reader *r, size_t at)
{
    sil_status status = SIL_OK;
    const struct sil_schema *schema = r->rules->schema;
    const json_t *list = json_object_get(r->json, "order");
    rule->is_order = true;
    rule->is_strict = json_is_true(json_object_get(r->json, "strict"));
    for (size_t i = 0; i < 2; i++) {
        SIL_TRY(
            read_column(&rule->ordered[i], r, "order", json_array_get(list, at + i)));
    }
    if (rule->ordered[0] == UINT32_MAX || rule->ordered[1] == UINT32_MAX) {
        return SIL_OK;
    }
    if (rule->ordered[0] == rule->ordered[1]) {
        return blame(r, "order", "a column cannot be compared with itself");
    }
    if (!are_comparable(sil_schema_field(schema, rule->ordered[0]),
                        sil_schema_field(schema, rule->ordered[1]))) {
        return blame(r, "order",
                     "these columns cannot be compared: both must be "
                     "numbers, or dates, or datetimes");
    }

cleanup:
    return status;
}

/* The column whose cell is changed: as named, or the only one of `then`. */
static sil_status read_blamed(struct sil_rule *rule, struct reader *r)
{
    const json_t *name = json_object_get(r->json, "column");
    if (name != NULL) {
        return read_column(&rule->blamed, r, "column", name);
    }
    const struct sil_condition *then = &rule->then.condition;
    for (size_t t = 0; t < then->n_tests; t++) {
        if (then->test[t].attr != then->test[0].attr) {
            return blame(r, "column", "name the column that is changed");
        }
    }
    if (then->n_tests == 0) {
        return blame(r, "column", "name the column that is changed");
    }
    rule->blamed = then->test[0].attr;
    return SIL_OK;
}

static sil_status check_blamed(const struct sil_rule *rule, struct reader *r)
{
    const struct sil_field *field = sil_schema_field(r->rules->schema, rule->blamed);
    if (sil_field_is_open(field)) {
        return blame(r, "broken",
                     "a column with open values cannot be changed; "
                     "blame another column, or drop the row");
    }
    if (rule->policy == SIL_BROKEN_OTHER && field->other_code == SIL_CODE_NONE) {
        return blame(r, "broken", "the column has no cell \"other\"");
    }
    if (rule->policy == SIL_BROKEN_NULL && field->null_code == SIL_CODE_NONE) {
        return blame(r, "broken", "the column is required: it has no null");
    }
    return SIL_OK;
}

static sil_status read_policy(struct sil_rule *rule, struct reader *r)
{
    const json_t *broken = json_object_get(r->json, "broken");
    const char *word = json_is_string(broken) ? json_string_value(broken) : "drop";
    rule->blamed = UINT32_MAX;
    rule->policy = strcmp(word, "other") == 0  ? SIL_BROKEN_OTHER
                   : strcmp(word, "null") == 0 ? SIL_BROKEN_NULL
                                               : SIL_BROKEN_DROP;
    if ((broken != NULL && !json_is_string(broken)) ||
        (rule->policy == SIL_BROKEN_DROP && strcmp(word, "drop") != 0)) {
        return blame(r, "broken", "must be \"drop\", \"other\" or \"null\"");
    }
    if (rule->policy == SIL_BROKEN_DROP) {
        return json_object_get(r->json, "column") == NULL
                   ? SIL_OK
                   : blame(r, "column", "a dropped row has no column to change");
    }
    sil_status status = read_blamed(rule, r);
    return status == SIL_OK && rule->blamed != UINT32_MAX ? check_blamed(rule, r)
                                                          : status;
}

/* ---- a rule ---- */

/* Which form a rule has: one, and no more than one. */
static const char *form_of(const json_t *json)
{
    static const char *const FORMS[] = {"if", "forbid", "require", "order"};
    const char *form = NULL;
    for (size_t i = 0; i < 4; i++) {
        if (json_object_get(json, FORMS[i]) != NULL) {
            form = form == NULL ? FORMS[i] : "";
        }
    }
    return form == NULL ? "" : form;
}

static sil_status check_form(struct reader *r, const char *form)
{
    sil_status status = SIL_OK;
    bool is_if = strcmp(form, "if") == 0;
    bool is_order = strcmp(form, "order") == 0;
    const json_t *strict = json_object_get(r->json, "strict");
    if (form[0] == '\0') {
        return blame(r, "",
                     "must have one of \"if\" (with \"then\"), \"forbid\", "
                     "\"require\", \"order\", \"determines\" and \"derive\"");
    }
    if (is_if != (json_object_get(r->json, "then") != NULL)) {
        SIL_TRY(blame(r, "then",
                      is_if ? "missing: what holds where \"if\" is true"
                            : "stands beside \"if\" alone"));
    }
    if (strict != NULL && !(is_order && json_is_boolean(strict))) {
        SIL_TRY(blame(r, "strict", "must be true or false, beside \"order\""));
    }
    if (is_order && json_array_size(json_object_get(r->json, "order")) < 2) {
        SIL_TRY(blame(r, "order",
                      "must be a list of two columns or more, in their "
                      "order"));
    }

cleanup:
    return status;
}

static sil_status read_rule(struct sil_rule *rule, struct reader *r, const char *form,
                            size_t at)
{
    sil_status status = SIL_OK;
    size_t before = r->problems->n;
    if (strcmp(form, "order") == 0) {
        SIL_TRY(read_order(rule, r, at));
    } else if (strcmp(form, "if") == 0) {
        SIL_TRY(read_condition(&rule->when, r, "if"));
        SIL_TRY(read_condition(&rule->then, r, "then"));
    } else {
        bool is_forbidden = strcmp(form, "forbid") == 0;
        SIL_TRY(read_condition(is_forbidden ? &rule->when : &rule->then, r, form));
    }
    if (r->problems->n == before) {
        SIL_TRY(read_policy(rule, r));
    }

cleanup:
    return status;
}

static sil_status add_rule(struct sil_rule **out, struct reader *r)
{
    struct sil_rules *rules = r->rules;
    sil_status status = sil_grow(&rules->rule, &rules->capacity, rules->n + 1,
                                 sizeof *rules->rule, WHAT, r->err);
    if (status == SIL_OK) {
        *out = &rules->rule[rules->n++];
        **out = (struct sil_rule){0};
        (void)snprintf((*out)->place, sizeof(*out)->place, "%s", r->place);
    }
    return status;
}

static size_t count_values(const struct sil_condition *condition)
{
    size_t n = 0;
    for (size_t t = 0; t < condition->n_tests; t++) {
        n += condition->test[t].n_codes + condition->test[t].n_spans;
    }
    return n;
}

static sil_status check_values(struct reader *r, const struct sil_rule *rule)
{
    r->n_values +=
        count_values(&rule->when.condition) + count_values(&rule->then.condition);
    return r->n_values <= SIL_RULES_VALUES
               ? SIL_OK
               : blame(r, "",
                       "the rules up to this one list more than 16384 values: write "
                       "ranges instead of IN, over columns with bins");
}

/* A list of k columns in order is k - 1 rules. */
static sil_status read_object(struct reader *r)
{
    sil_status status = SIL_OK;
    size_t before = r->problems->n;
    SIL_TRY(
        sil_problems_take(r->problems, "",
                          sil_json_check_keys((json_t *)(uintptr_t)r->json, r->place,
                                              RULE_KEYS, N_RULE_KEYS, r->err),
                          r->err));
    const char *form = form_of(r->json);
    SIL_TRY(check_form(r, form));
    size_t n = strcmp(form, "order") == 0
                   ? json_array_size(json_object_get(r->json, "order")) - 1
                   : 1;
    for (size_t i = 0; i < n && r->problems->n == before; i++) {
        struct sil_rule *rule = NULL;
        if (r->rules->n == SIL_RULES_MAX) {
            return blame(r, "", "more than 256 rules");
        }
        SIL_TRY(add_rule(&rule, r));
        SIL_TRY(read_rule(rule, r, form, i));
        SIL_TRY(check_values(r, rule));
        if (r->problems->n == before) {
            SIL_TRY(sil_rule_say(rule, r->json, r->rules->schema, r->err));
        }
    }

cleanup:
    return status;
}

/* ---- all ---- */

sil_status sil_rules_declare(struct sil_rules **out, const json_t *list,
                             const struct sil_schema *schema,
                             struct sil_problems *problems, struct sil_error *err)
{
    sil_status status = SIL_OK;
    char place[48];
    struct reader r = {.problems = problems, .place = place, .err = err};
    size_t before = problems->n;
    SIL_TRY(sil_alloc(out, 1, sizeof **out, WHAT, err));
    (*out)->schema = schema;
    r.rules = *out;
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n && r.n_values <= SIL_RULES_VALUES; i++) {
        (void)snprintf(place, sizeof place, "silhouette.rules[%zu]", i);
        r.json = json_array_get(list, i);
        if (sil_recomputed_is_rule(r.json)) {
            continue;
        }
        SIL_TRY(json_is_object(r.json) ? read_object(&r)
                                       : blame(&r, "", "must be an object, { ... }"));
    }
    if (problems->n == before) {
        SIL_TRY(sil_rules_cut(*out, problems, err));
    }

cleanup:
    return status;
}

sil_status sil_rules_new(struct sil_rules **out, const struct sil_schema *schema,
                         struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_problems problems = {0};
    json_t *root = NULL;
    const char *text;
    size_t length;
    *out = NULL;
    if (sil_schema_n_rules(schema) == 0) {
        return SIL_OK;
    }
    sil_schema_text(&text, &length, schema);
    SIL_TRY(sil_json_parse(&root, text, length, "the schema", err));
    SIL_TRY(sil_rules_declare(
        out, json_object_get(json_object_get(root, "silhouette"), "rules"), schema,
        &problems, err));
    if (problems.n >
        0) { /* they were read with the schema, but not beside what was found */
        status = sil_fail(err, SIL_ERR_INPUT, "%.*s", (int)problems.text.length - 1,
                          (const char *)problems.text.data);
    }

cleanup:
    json_decref(root);
    sil_bytes_clear(&problems.text);
    if (status != SIL_OK) {
        sil_rules_free(*out);
        *out = NULL;
    }
    return status;
}

static void clear_part(struct sil_rule_part *part)
{
    sil_condition_clear(&part->condition);
    free(part->test);
}

void sil_rules_free(struct sil_rules *rules)
{
    if (rules == NULL) {
        return;
    }
    for (size_t i = 0; i < rules->n; i++) {
        clear_part(&rules->rule[i].when);
        clear_part(&rules->rule[i].then);
        free(rules->rule[i].said);
        free(rules->rule[i].meets);
    }
    for (size_t c = 0; c < rules->n_columns; c++) {
        sil_pieces_clear(&rules->column[c].pieces);
    }
    free(rules->rule);
    free(rules->column);
    free(rules);
}
