// SPDX-License-Identifier: Apache-2.0
/* Two readers of orders that share no line: what the program takes for a condition or shares,
 * the auditor takes, too, and of every row that the program can write they say the same. */
#include "audits/order/order.h"
#include "order_texts.h"
#include "support/property.h"
#include "synth/shares.h"
#include "table/field.h"
#include "table/schema.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char SCHEMA[] =
    "{\"missingValues\": [\"?\", \"\"], \"fields\": ["
    "{\"name\": \"age\", \"type\": \"integer\", \"silhouette\":"
    " {\"bins\": [0, 5, 10, 20], \"outside\": \"other\"}},"
    "{\"name\": \"s x\", \"type\": \"string\", \"categories\": [\"F\", \"M\", \"NULL\"],"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"z\"}},"
    "{\"name\": \"n\", \"type\": \"integer\", \"constraints\": {\"enum\": [1, 2, 10]}},"
    "{\"name\": \"x\", \"type\": \"number\", \"decimalChar\": \",\","
    " \"constraints\": {\"minimum\": -2, \"maximum\": 2},"
    " \"silhouette\": {\"bins\": 4, \"granularity\": \"0.25\"}},"
    "{\"name\": \"b\", \"type\": \"boolean\", \"trueValues\": [\"ja\", \"j\"],"
    " \"falseValues\": [\"nein\"]},"
    "{\"name\": \"d\", \"type\": \"date\", \"constraints\": {\"required\": true,"
    " \"minimum\": \"2020-01-01\", \"maximum\": \"2020-01-20\"}},"
    "{\"name\": \"t\", \"type\": \"datetime\", \"constraints\":"
    " {\"minimum\": \"2020-01-01T00:00:00\", \"maximum\": \"2020-01-02T00:00:00\"}}]}";

enum { N_ROWS = 24, CASES = 4000 };

struct readers {
    struct sil_schema *schema;
    struct aud_table table;
    struct aud_shown shown[ORDER_FIELDS];

    struct cell {
        char text[64];
        uint32_t code;
        sil_i128 value;
    } row[ORDER_FIELDS];

    size_t n_taken;
    size_t n_true;
};

/* ---- texts ---- */

static void say_shares(char *text, struct test_random *random)
{
    static const char *const SHARES[] = {":0.25", ":.125", " : 0", ":1",
                                         ":0.000000001"};
    size_t f = test_below(random, ORDER_FIELDS);
    order_say(text, ORDER_NAMES[f]);
    for (uint64_t n = 1 + test_below(random, 3); n > 0; n--) {
        order_say(text,
                  strchr(text, ':') == NULL && strchr(text, '=') == NULL ? "=" : ",");
        bool is_range = test_below(random, 3) == 0;
        order_say(text, test_below(random, 8) == 0
                            ? "null"
                            : order_pick(random, ORDER_LITERAL[f], ORDER_LITERALS));
        order_say(text, is_range ? ".." : "");
        order_say(text, is_range && test_below(random, 2) == 0
                            ? order_pick(random, ORDER_LITERAL[f], ORDER_LITERALS)
                            : "");
        order_say(text, order_pick(random, SHARES, 5));
    }
}

/* ---- rows ---- */

static void draw_row(struct readers *r, struct test_random *random)
{
    for (uint32_t f = 0; f < ORDER_FIELDS; f++) {
        const struct sil_field *field = sil_schema_field(r->schema, f);
        struct cell *cell = &r->row[f];
        struct sil_bytes text = {0};
        struct sil_scaled scaled = {0};
        cell->code = (uint32_t)test_below(random, field->n_cells);
        cr_assert_eq(
            sil_field_decode(&text, field, cell->code, test_edge_word(random), NULL),
            SIL_OK);
        cr_assert_lt(text.length, sizeof cell->text);
        if (text.length > 0) {
            (void)memcpy(cell->text, text.data, text.length);
        }
        cell->text[text.length] = '\0';
        bool is_bin = sil_field_text(field, cell->code) == NULL;
        cr_assert(!is_bin || sil_field_scale(&scaled, field, cell->text, text.length));
        cell->value = scaled.floor;
        aud_shown_read(&r->shown[f], &r->table.field[f], cell->text, text.length);
        cr_assert_neq((int)r->shown[f].kind, AUD_SHOWS_NOTHING, "%s", cell->text);
        sil_bytes_clear(&text);
    }
}

static enum sil_truth test_on(const struct readers *r, const struct sil_test *test)
{
    const struct cell *cell = &r->row[test->attr];
    return sil_test_holds(test, sil_schema_field(r->schema, test->attr), cell->code,
                          cell->value);
}

/* ---- do they agree? ---- */

static bool rows_agree(struct readers *r, const struct sil_condition *ours,
                       const struct aud_condition *theirs, struct test_random *random)
{
    uint8_t truth[SIL_CONDITION_NODES];
    uint8_t work[SIL_CONDITION_NODES];
    bool agree = true;
    for (int row = 0; row < N_ROWS && agree; row++) {
        draw_row(r, random);
        for (size_t t = 0; t < ours->n_tests; t++) {
            truth[t] = (uint8_t)test_on(r, &ours->test[t]);
        }
        bool is = sil_condition_holds(ours, ours->n_nodes - 1, truth, work) == SIL_TRUE;
        agree = aud_condition_holds(theirs, r->shown, work) == is;
        r->n_true += is;
    }
    return agree;
}

static bool conditions_agree(struct test_random *random, void *context)
{
    struct readers *r = context;
    struct sil_condition ours;
    struct aud_condition theirs = {.n_steps = 0};
    struct sil_error err = {{0}};
    size_t column = 0;
    char text[ORDER_TEXT_MAX] = "";
    order_say_condition(text, random, 3);
    if (sil_condition_parse(&ours, text, r->schema, true, "", &column, NULL) !=
        SIL_OK) {
        return true;
    }
    r->n_taken++;
    bool agree = aud_condition_read(&theirs, text, &r->table, &err) == SIL_OK &&
                 rows_agree(r, &ours, &theirs, random);
    if (!agree) {
        (void)fprintf(stderr, "%s: %s; %s, %s, %s, %s, %s, %s, %s\n", text, err.text,
                      r->row[0].text, r->row[1].text, r->row[2].text, r->row[3].text,
                      r->row[4].text, r->row[5].text, r->row[6].text);
    }
    aud_condition_clear(&theirs);
    sil_condition_clear(&ours);
    return agree;
}

/* The first value that a row has; as many as there are: none. */
static size_t portion_of(const struct readers *r, const struct sil_shares *shares)
{
    size_t g = 0;
    while (g < shares->n && test_on(r, &shares->group[g].test) != SIL_TRUE) {
        g++;
    }
    return g;
}

static bool counts_agree(struct readers *r, const struct sil_shares *ours,
                         struct aud_portions *theirs, struct test_random *random)
{
    uint64_t n[4] = {0};
    for (int row = 0; row < N_ROWS; row++) {
        draw_row(r, random);
        n[portion_of(r, ours)]++;
        aud_portions_count(theirs, &r->shown[theirs->field]);
    }
    bool agree = theirs->n == ours->n && theirs->n_rest == n[ours->n];
    for (size_t g = 0; agree && g < ours->n; g++) {
        agree = theirs->portion[g].n == n[g];
        r->n_true += n[g];
    }
    return agree;
}

static bool shares_agree(struct test_random *random, void *context)
{
    struct readers *r = context;
    struct sil_shares ours;
    struct aud_portions theirs = {.n = 0};
    struct sil_error err = {{0}};
    size_t column = 0;
    char text[ORDER_TEXT_MAX] = "";
    say_shares(text, random);
    if (sil_shares_parse(&ours, text, r->schema, "", &column, NULL) != SIL_OK) {
        return true;
    }
    r->n_taken++;
    bool agree = aud_portions_read(&theirs, text, &r->table, &err) == SIL_OK &&
                 counts_agree(r, &ours, &theirs, random);
    if (!agree) {
        (void)fprintf(stderr, "%s: %s\n", text, err.text);
    }
    aud_portions_clear(&theirs);
    sil_shares_clear(&ours);
    return agree;
}

static void check(const char *name, test_property *property)
{
    struct readers r = {.n_taken = 0};
    cr_assert_eq(sil_schema_parse(&r.schema, SCHEMA, sizeof SCHEMA - 1, NULL), SIL_OK);
    cr_assert_eq(aud_table_begin(&r.table, SCHEMA, sizeof SCHEMA - 1, NULL), SIL_OK);
    for (size_t f = 0; f < ORDER_FIELDS; f++) {
        mpq_init(r.shown[f].value);
    }
    cr_expect(test_forall(name, CASES, property, &r));
    cr_expect_gt(r.n_taken, CASES / 20, "%zu taken", r.n_taken);
    cr_expect_gt(r.n_true, r.n_taken, "%zu true", r.n_true);
    for (size_t f = 0; f < ORDER_FIELDS; f++) {
        mpq_clear(r.shown[f].value);
    }
    aud_table_clear(&r.table);
    sil_schema_free(r.schema);
}

Test(audit_order_agrees, on_conditions)
{
    check("conditions", conditions_agree);
}

Test(audit_order_agrees, on_shares)
{
    check("shares", shares_agree);
}
