// SPDX-License-Identifier: Apache-2.0
#include "support/random_schema.h"

#include "base/bytes.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

#define MUST(call) cr_assert(zero(int, (call)))

static const char *pick(struct test_random *random, const char *const *choices,
                        size_t n)
{
    return choices[test_below(random, n)];
}

/* The properties of one field behind its name; contradictions do not parse and are tried
 * again. */
static void put_field(struct sil_bytes *json, struct test_random *random)
{
    static const char *const TYPES[] = {
        "\"string\", \"categories\": [\"a\", \"b,\\\"\", \"\\u00e9 c\", \"4\"]",
        "\"integer\", \"categories\": [1, 2, {\"value\": 30, \"label\": \"x\"}]",
        "\"integer\", \"constraints\": {\"minimum\": -3, \"maximum\": 4%s}",
        "\"number\", \"constraints\": {\"minimum\": \"-0.5\", \"maximum\": \"2.25\"%s}",
        "\"boolean\"",
        "\"date\", \"constraints\": {\"minimum\": \"1999-12-30\","
        " \"maximum\": \"2000-03-02\"%s}",
        "\"datetime\", \"constraints\": {\"minimum\": \"2019-12-31T23:59:58\","
        " \"maximum\": \"2020-01-01T00:01:00\"%s}",
    };
    static const char *const OUTSIDE[] = {
        "", ", \"outside\": \"clamp\"", ", \"outside\": \"null\"",
        ", \"outside\": \"drop\"", ", \"outside\": \"other\", \"other\": \"rest\""};
    static const char *const BINS[] = {"\"bins\": 1", "\"bins\": 3", "\"bins\": 5"};

    size_t type = test_below(random, 7);
    const char *required = test_below(random, 2) == 0 ? ", \"required\": true" : "";
    MUST(sil_bytes_printf(json, NULL, "\"type\": "));
    const char *hole = strstr(TYPES[type], "%s");
    size_t head = hole != NULL ? (size_t)(hole - TYPES[type]) : strlen(TYPES[type]);
    MUST(sil_bytes_append(json, TYPES[type], head, NULL));
    if (hole != NULL) {
        MUST(sil_bytes_printf(json, NULL, "%s%s", required, hole + 2));
    } else if (required[0] != '\0') {
        MUST(sil_bytes_printf(json, NULL, ", \"constraints\": {\"required\": true}"));
    }
    const char *outside = pick(random, OUTSIDE, 5);
    if (hole != NULL) {
        MUST(sil_bytes_printf(json, NULL, ", \"silhouette\": {%s%s}",
                              pick(random, BINS, 3), outside));
    } else if (outside[0] != '\0') {
        MUST(sil_bytes_printf(json, NULL, ", \"silhouette\": {%s}", outside + 2));
    }
}

struct sil_schema *test_random_schema(struct test_random *random, size_t max_fields)
{
    size_t n = 1 + test_below(random, max_fields);
    struct sil_bytes json = {0};
    MUST(sil_bytes_printf(&json, NULL,
                          "{\"missingValues\": [\"\", \"?\"], \"fields\": ["));
    for (size_t i = 0; i < n; i++) {
        struct sil_schema *alone = NULL;
        while (alone == NULL) {
            struct sil_bytes field = {0};
            MUST(sil_bytes_printf(&field, NULL, "{\"fields\": [{\"name\": \"f%zu\", ",
                                  i));
            size_t skip = strlen("{\"fields\": [");
            put_field(&field, random);
            size_t length = field.length + 1;
            MUST(sil_bytes_printf(&field, NULL, "}]}"));
            if (sil_schema_parse(&alone, (const char *)field.data, field.length,
                                 NULL) == SIL_OK) {
                MUST(sil_bytes_printf(&json, NULL, "%s%.*s", i > 0 ? ", " : "",
                                      (int)(length - skip),
                                      (const char *)field.data + skip));
            }
            sil_bytes_clear(&field);
        }
        sil_schema_free(alone);
    }
    MUST(sil_bytes_printf(&json, NULL, "]}"));
    struct sil_schema *schema;
    struct sil_error err;
    cr_assert(zero(int, sil_schema_parse(&schema, (const char *)json.data, json.length,
                                         &err)),
              "%s", err.text);
    sil_bytes_clear(&json);
    return schema;
}
