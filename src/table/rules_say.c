// SPDX-License-Identifier: Apache-2.0
/* A rule in words, for the claim and for rules that clash. */
#include "base/fail.h"
#include "table/field.h"
#include "table/rules.h"

static const char *text_of(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static sil_status say_rule(struct sil_bytes *out, const struct sil_rule *rule,
                           const json_t *json, const struct sil_schema *schema,
                           struct sil_error *err)
{
    const char *when = text_of(json, "if");
    const char *never = text_of(json, "forbid");
    if (rule->is_order) {
        return sil_bytes_printf(out, err, "%s is not before %s%s",
                                sil_schema_field_name(schema, rule->ordered[1]),
                                rule->is_strict ? "or equal to " : "",
                                sil_schema_field_name(schema, rule->ordered[0]));
    }
    if (when != NULL) {
        return sil_bytes_printf(out, err, "if %s then %s", when, text_of(json, "then"));
    }
    return sil_bytes_printf(out, err, "%s %s", never != NULL ? "never" : "always",
                            never != NULL ? never : text_of(json, "require"));
}

static sil_status say_policy(struct sil_bytes *out, const struct sil_rule *rule,
                             const struct sil_schema *schema, struct sil_error *err)
{
    if (rule->policy == SIL_BROKEN_DROP) {
        return sil_bytes_printf(out, err, "a row that breaks it is dropped");
    }
    return sil_bytes_printf(out, err, "in a row that breaks it %s becomes %s",
                            sil_schema_field_name(schema, rule->blamed),
                            rule->policy == SIL_BROKEN_OTHER ? "other" : "null");
}

sil_status sil_rule_say(struct sil_rule *rule, const json_t *json,
                        const struct sil_schema *schema, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes said = {0};
    struct sil_bytes meets = {0};
    SIL_TRY(say_rule(&said, rule, json, schema, err));
    SIL_TRY(sil_bytes_append(&said, "", 1, err));
    SIL_TRY(say_policy(&meets, rule, schema, err));
    SIL_TRY(sil_bytes_append(&meets, "", 1, err));
    rule->said = (char *)said.data;
    rule->meets = (char *)meets.data;
    said = (struct sil_bytes){0};
    meets = (struct sil_bytes){0};

cleanup:
    sil_bytes_clear(&said);
    sil_bytes_clear(&meets);
    return status;
}
