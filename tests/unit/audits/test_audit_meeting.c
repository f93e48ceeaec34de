// SPDX-License-Identifier: Apache-2.0
/* Two programs that share no line: what a row of the private table meets that breaks a rule,
 * by its cells, is the same to both. */
#include "audits/order/meeting.h"
#include "order_texts.h"
#include "table/field.h"
#include "table/rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Steps wider than one, bins that end between two, atoms, texts that are told as `other`. */
static const char FIELDS[] =
    "[{\"name\": \"age\", \"type\": \"integer\", \"silhouette\":"
    " {\"bins\": [0, 5, 10, 20], \"granularity\": 2, \"outside\": \"other\"}},"
    "{\"name\": \"s x\", \"type\": \"string\", \"categories\": [\"F\", \"M\", \"NULL\"],"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"z\"}},"
    "{\"name\": \"n\", \"type\": \"integer\", \"constraints\": {\"enum\": [1, 2, 10]}},"
    "{\"name\": \"x\", \"type\": \"number\", \"constraints\": {\"minimum\": -2,"
    " \"maximum\": 2}, \"silhouette\": {\"bins\": 3, \"granularity\": \"0.25\","
    " \"atoms\": [\"0.25\", \"1\"]}},"
    "{\"name\": \"b\", \"type\": \"boolean\", \"trueValues\": [\"ja\", \"j\"],"
    " \"falseValues\": [\"nein\"], \"constraints\": {\"required\": true}},"
    "{\"name\": \"d\", \"type\": \"date\", \"constraints\": {\"minimum\": \"2020-01-01\","
    " \"maximum\": \"2020-01-20\"}, \"silhouette\": {\"bins\": 4, \"granularity\": 3}},"
    "{\"name\": \"t\", \"type\": \"datetime\", \"constraints\":"
    " {\"minimum\": \"2020-01-01T00:00:00\", \"maximum\": \"2020-01-02T00:00:00\"},"
    " \"silhouette\": {\"bins\": 5}}]";

static const char *const COLUMNS[ORDER_FIELDS] = {"age", "s x", "n", "x",
                                                  "b",   "d",   "t"};

enum { CASES = 6000, ROWS = 40, RULES = 3 };

struct tally {
    size_t n_taken, n_dropped, n_changed;
};

static json_t *condition(struct test_random *random)
{
    char text[ORDER_TEXT_MAX] = "";
    order_say_condition(text, random, 2);
    return json_string(text);
}

static json_t *random_rule(struct test_random *random)
{
    static const char *const POLICIES[] = {"drop", "other", "null"};
    static const size_t NUMBERS[] = {0, 2, 3};
    json_t *rule = json_object();
    uint64_t form = test_below(random, 4);
    if (form == 0) {
        (void)json_object_set_new(rule, "if", condition(random));
        (void)json_object_set_new(rule, "then", condition(random));
    } else if (form == 3) {
        size_t at = test_below(random, 3);
        size_t n = 2 + test_below(random, 2);
        json_t *list = json_array();
        for (size_t i = 0; i < n; i++) {
            const char *name = COLUMNS[NUMBERS[(at + i) % 3]];
            (void)json_array_append_new(list, json_string(name));
        }
        (void)json_object_set_new(rule, "order", list);
        (void)json_object_set_new(rule, "strict",
                                  json_boolean(test_below(random, 2) == 0));
    } else {
        (void)json_object_set_new(rule, form == 1 ? "forbid" : "require",
                                  condition(random));
    }
    (void)json_object_set_new(rule, "broken",
                              json_string(POLICIES[test_below(random, 3)]));
    if (test_below(random, 4) > 0) {
        const char *column = COLUMNS[test_below(random, ORDER_FIELDS)];
        (void)json_object_set_new(rule, "column", json_string(column));
    }
    return rule;
}

static char *random_schema(struct test_random *random)
{
    json_t *rules = json_array();
    for (uint64_t n = 1 + test_below(random, RULES); n > 0; n--) {
        (void)json_array_append_new(rules, random_rule(random));
    }
    json_t *root = json_pack("{s:o, s:{s:o}}", "fields", json_loads(FIELDS, 0, NULL),
                             "silhouette", "rules", rules);
    char *text = json_dumps(root, 0);
    json_decref(root);
    return text;
}

static bool rows_agree(struct tally *tally, const struct sil_schema *schema,
                       const struct sil_rules *ours, struct aud_meeting *theirs,
                       struct test_random *random)
{
    bool agree = true;
    for (int row = 0; row < ROWS && agree; row++) {
        uint32_t codes[ORDER_FIELDS];
        uint32_t cells[ORDER_FIELDS];
        uint32_t before[ORDER_FIELDS];
        bool is_row = true;
        for (uint32_t f = 0; f < ORDER_FIELDS; f++) {
            codes[f] = (uint32_t)test_below(random, sil_schema_field_cells(schema, f));
        }
        (void)memcpy(cells, codes, sizeof cells);
        (void)memcpy(before, codes, sizeof before);
        bool is_ours = sil_rules_map_row(ours, codes);
        agree = aud_meeting_row(&is_row, cells, theirs, NULL) == SIL_OK &&
                is_row == is_ours &&
                (!is_row || memcmp(codes, cells, sizeof cells) == 0);
        tally->n_dropped += !is_ours;
        tally->n_changed += is_ours && memcmp(codes, before, sizeof before) != 0;
    }
    return agree;
}

static bool programs_agree(struct test_random *random, void *context)
{
    struct tally *tally = context;
    struct sil_schema *schema = NULL;
    struct sil_rules *ours = NULL;
    struct aud_table table = {0};
    struct aud_meeting theirs = {.table = NULL};
    struct sil_error err = {{0}};
    char *text = random_schema(random);
    size_t length = strlen(text);
    bool agree = true;
    if (sil_schema_parse(&schema, text, length, NULL) == SIL_OK) {
        tally->n_taken++;
        cr_assert(zero(int, sil_rules_new(&ours, schema, NULL)));
        agree = aud_table_begin(&table, text, length, &err) == SIL_OK &&
                aud_meeting_begin(&theirs, text, length, &table, &err) == SIL_OK &&
                rows_agree(tally, schema, ours, &theirs, random);
    }
    if (!agree) {
        (void)fprintf(stderr, "%s: %s\n", text, err.text);
    }
    aud_meeting_clear(&theirs);
    aud_table_clear(&table);
    sil_rules_free(ours);
    sil_schema_free(schema);
    free(text);
    return agree;
}

Test(audit_meeting, rows_that_break_rules_meet_the_same_in_both_programs)
{
    struct tally tally = {0};
    cr_expect(test_forall("rules", CASES, programs_agree, &tally));
    cr_expect(gt(sz, tally.n_taken, CASES / 20));
    cr_expect(gt(sz, tally.n_dropped, tally.n_taken));
    cr_expect(gt(sz, tally.n_changed, tally.n_taken / 4));
}
