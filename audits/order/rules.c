// SPDX-License-Identifier: Apache-2.0
#include "audits/order/rules.h"

#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

static sil_status bad(struct sil_error *err, size_t i)
{
    return sil_fail(err, SIL_ERR_CHECK, "rule %zu of the schema cannot be read", i);
}

/* A condition where the rule has one under this name. */
static sil_status read_part(bool *has, struct aud_condition *out, const json_t *json,
                            const char *name, const struct aud_table *table,
                            struct sil_error *err)
{
    const char *text = json_string_value(json_object_get(json, name));
    *has = text != NULL;
    if (text == NULL) {
        return SIL_OK;
    }
    bool is_measured = true;
    sil_status status = aud_condition_read(out, text, table, err);
    for (size_t i = 0; i < out->n_asked; i++) {
        out->asked[i].leaves_other_open = true;
        is_measured = is_measured && out->asked[i].field < table->n_fields;
    }
    return status == SIL_OK && !is_measured
               ? sil_fail(err, SIL_ERR_CHECK, "a rule names a recomputed column")
               : status;
}

static sil_status add_rule(struct aud_rule **out, struct aud_rules *rules,
                           struct sil_error *err)
{
    if (rules->n == AUD_RULES_MAX) {
        return sil_fail(err, SIL_ERR_CHECK, "the schema has more than %d rules",
                        AUD_RULES_MAX);
    }
    sil_status status = sil_grow(&rules->rule, &rules->room, rules->n + 1,
                                 sizeof *rules->rule, "the rules", err);
    if (status == SIL_OK) {
        *out = &rules->rule[rules->n++];
        **out = (struct aud_rule){.has_then = false};
    }
    return status;
}

/* Which column is changed: as named, or the only one of `then` or `require`. */
static size_t find_blamed(const struct aud_rule *rule, const json_t *json,
                          const struct aud_table *table)
{
    const char *name = json_string_value(json_object_get(json, "column"));
    const struct aud_condition *then = &rule->then;
    if (name != NULL) {
        return aud_order_field(table, name);
    }
    bool is_only = then->n_asked > 0;
    for (size_t i = 0; i < then->n_asked; i++) {
        is_only = is_only && then->asked[i].field == then->asked[0].field;
    }
    return is_only ? then->asked[0].field : table->n_fields;
}

static sil_status read_broken(struct aud_rule *rule, const json_t *json, size_t i,
                              const struct aud_table *table, struct sil_error *err)
{
    const char *word = json_string_value(json_object_get(json, "broken"));
    if (word == NULL || strcmp(word, "drop") == 0) {
        return SIL_OK;
    }
    bool is_other = strcmp(word, "other") == 0;
    rule->broken = is_other ? AUD_BROKEN_OTHER : AUD_BROKEN_NULL;
    rule->blamed = find_blamed(rule, json, table);
    if (rule->blamed >= table->n_fields || (!is_other && strcmp(word, "null") != 0)) {
        return bad(err, i);
    }
    const struct aud_field *field = &table->field[rule->blamed];
    bool has_cell = is_other ? field->outside == AUD_OTHER : !field->is_required;
    return has_cell && !field->is_open ? SIL_OK : bad(err, i);
}

/* Neighbours in the list are one rule each. */
static sil_status read_order(struct aud_rules *rules, const json_t *json, size_t i,
                             const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *list = json_object_get(json, "order");
    if (json_array_size(list) < 2) {
        return bad(err, i);
    }
    for (size_t k = 0; k + 1 < json_array_size(list); k++) {
        struct aud_rule *rule = NULL;
        SIL_TRY(add_rule(&rule, rules, err));
        rule->is_order = true;
        rule->is_strict = json_is_true(json_object_get(json, "strict"));
        for (size_t at = 0; at < 2; at++) {
            const char *name = json_string_value(json_array_get(list, k + at));
            rule->field[at] =
                name == NULL ? table->n_columns : aud_order_field(table, name);
            if (rule->field[at] >= table->n_fields) {
                return bad(err, i);
            }
        }
        SIL_TRY(read_broken(rule, json, i, table, err));
    }

cleanup:
    return status;
}

static sil_status read_conditions(struct aud_rules *rules, const json_t *json, size_t i,
                                  const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct aud_rule *rule = NULL;
    bool has_if = false;
    bool has_never = false;
    bool has_always = false;
    SIL_TRY(add_rule(&rule, rules, err));
    SIL_TRY(read_part(&has_if, &rule->when, json, "if", table, err));
    SIL_TRY(read_part(&has_never, has_if ? &rule->then : &rule->when, json,
                      has_if ? "then" : "forbid", table, err));
    if (has_if) {
        rule->has_then = has_never;
    } else if (!has_never) {
        SIL_TRY(read_part(&has_always, &rule->then, json, "require", table, err));
        rule->has_then = has_always;
    }
    status =
        has_never || has_always ? read_broken(rule, json, i, table, err) : bad(err, i);

cleanup:
    return status;
}

sil_status aud_rules_read(struct aud_rules *out, const char *schema, size_t length,
                          const struct aud_table *table, struct sil_error *err)
{
    sil_status status = SIL_OK;
    json_t *root = NULL;
    *out = (struct aud_rules){.n = 0};
    SIL_TRY(sil_json_parse(&root, schema, length, "schema.json", err));
    const json_t *list = json_object_get(json_object_get(root, "silhouette"), "rules");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *json = json_array_get(list, i);
        if (aud_recomputed_name(json) != NULL) {
            continue; /* R11 */
        }
        SIL_TRY(json_object_get(json, "order") != NULL
                    ? read_order(out, json, i, table, err)
                    : read_conditions(out, json, i, table, err));
    }
    for (size_t i = 0; i < out->n; i++) {
        const struct aud_rule *rule = &out->rule[i];
        size_t most = rule->when.n_steps > rule->then.n_steps ? rule->when.n_steps
                                                              : rule->then.n_steps;
        out->most_steps = most > out->most_steps ? most : out->most_steps;
    }

cleanup:
    json_decref(root);
    return status;
}

void aud_rules_clear(struct aud_rules *rules)
{
    for (size_t i = 0; i < rules->n; i++) {
        aud_condition_clear(&rules->rule[i].when);
        aud_condition_clear(&rules->rule[i].then);
    }
    free(rules->rule);
    *rules = (struct aud_rules){.n = 0};
}

bool aud_rule_breaks(const struct aud_rule *rule, const struct aud_shown *shown,
                     uint8_t *work)
{
    if (rule->is_order) {
        const struct aud_shown *a = &shown[rule->field[0]];
        const struct aud_shown *b = &shown[rule->field[1]];
        if (a->kind != AUD_SHOWS_NUMBER || b->kind != AUD_SHOWS_NUMBER) {
            return false;
        }
        int order = mpq_cmp(a->value, b->value);
        return rule->is_strict ? order >= 0 : order > 0;
    }
    return aud_condition_truth(&rule->when, shown, work) == AUD_TRUE &&
           (!rule->has_then ||
            aud_condition_truth(&rule->then, shown, work) == AUD_FALSE);
}
