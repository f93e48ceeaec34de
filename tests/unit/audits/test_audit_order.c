// SPDX-License-Identifier: Apache-2.0
/* Conditions and shares, by the words of docs/made-to-order.md: of which rows are they true? */
#include "audits/order/order.h"
#include "audits/order/words.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static const char SCHEMA[] =
    "{\"fields\": ["
    "{\"name\": \"age\", \"type\": \"integer\", \"missingValues\": [\"?\"],"
    " \"silhouette\": {\"bins\": [0, 5, 10, 90], \"outside\": \"other\"}},"
    "{\"name\": \"sex\", \"type\": \"string\", \"categories\": [\"F\", \"M\"],"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"z\"}},"
    "{\"name\": \"pay per hour\", \"type\": \"number\", \"decimalChar\": \",\","
    " \"constraints\": {\"minimum\": 0, \"maximum\": 100}},"
    "{\"name\": \"day\", \"type\": \"date\","
    " \"constraints\": {\"minimum\": \"2020-01-01\", \"maximum\": \"2020-12-31\"}},"
    "{\"name\": \"at\", \"type\": \"datetime\", \"constraints\":"
    " {\"minimum\": \"2020-01-01T00:00:00\", \"maximum\": \"2020-01-02T00:00:00\"}},"
    "{\"name\": \"paid\", \"type\": \"boolean\", \"trueValues\": [\"ja\", \"j\"],"
    " \"falseValues\": [\"nein\"]}]}";

enum { N_FIELDS = 6 };

static struct aud_table fields(void)
{
    struct aud_table table;
    struct sil_error err = {""};
    cr_assert(eq(int, aud_table_begin(&table, SCHEMA, sizeof SCHEMA - 1, &err), SIL_OK),
              "%s", err.text);
    return table;
}

/* ---- conditions ---- */

static const char *const GRETA[N_FIELDS] = {
    "34", "F", "10,5", "2020-02-29", "2020-01-01T12:00:00", "ja"};
static const char *const NOBODY[N_FIELDS] = {"?", "", "", "", "", ""};
static const char *const STRANGER[N_FIELDS] = {
    "other", "z", "0,10", "2020-01-01", "2020-01-01T00:00:00", "nein"};

/* Is it true of Greta, of a row of missing values, of one of values that are not told? */
static const struct condition_case {
    const char *text;
    int is_true[3];
} CONDITIONS[] = {
    {"age = 34",                                                     {1, 0, 0}},
    {"age == 34.0",                                                  {1, 0, 0}},
    {"age != 35",                                                    {1, 0, 1}},
    {"age <> 34",                                                    {0, 0, 1}},
    {"age < 34 OR age >= 34",                                        {1, 0, 0}},
    {"NOT age < 34",                                                 {1, 0, 0}},
    {"age <= 34 AND age >= 34",                                      {1, 0, 0}},
    {"age > 33.999",                                                 {1, 0, 0}},
    {"age > 34",                                                     {0, 0, 0}},
    {"age = 'other'",                                                {0, 0, 1}},
    {"age IS NULL",                                                  {0, 1, 0}},
    {"age is not null",                                              {1, 0, 1}},
    {"NOT age IS NULL",                                              {1, 0, 1}},
    {"age NOT IN (1, 2, 34)",                                        {0, 0, 1}},
    {"age IN (1, +34)",                                              {1, 0, 0}},
    {"sex = 'F'",                                                    {1, 0, 0}},
    {"sex = \"z\"",                                                  {0, 0, 1}},
    {"sex != 'M'",                                                   {1, 0, 1}},
    {"NOT (sex = 'M')",                                              {1, 0, 1}},
    {"NOT (sex = 'M' OR age < 3)",                                   {1, 0, 0}},
    {"sex = 'F' OR sex IS NULL",                                     {1, 1, 0}},
    {"`pay per hour` = 10.5",                                        {1, 0, 0}},
    {"`pay per hour` < .2 OR 'pay per hour' > 1e1",                  {1, 0, 1}},
    {"\"pay per hour\" = 0.1",                                       {0, 0, 1}},
    {"day >= 2020-02-29",                                            {1, 0, 0}},
    {"day < '2020-02-29'",                                           {0, 0, 1}},
    {"at = 2020-01-01T13:00:00+01:00",                               {1, 0, 0}},
    {"at >= '2020-01-01T12:00:00.25'",                               {0, 0, 0}},
    {"at < 2020-01-01T12:00:00.01 AND at >= 2020-01-01T12:00:00.00", {1, 0, 0}},
    {"at < '2020-01-01T12:00:00Z'",                                  {0, 0, 1}},
    {"paid = 'j'",                                                   {1, 0, 0}},
    {"paid != 'ja'",                                                 {0, 0, 1}},
    {"NOT NOT ((paid = 'ja'))",                                      {1, 0, 0}},
    {"sex = 'M' OR sex = 'F' AND age = 34",                          {1, 0, 0}},
    {"(sex = 'M' OR sex = 'F') AND age = 35",                        {0, 0, 0}},
    {"sex = 'M' AND age IS NULL OR paid = 'nein'",                   {0, 0, 1}},
};

static void show(struct aud_shown shown[N_FIELDS], const struct aud_table *table,
                 const char *const row[N_FIELDS])
{
    for (size_t f = 0; f < N_FIELDS; f++) {
        aud_shown_read(&shown[f], &table->field[f], row[f], strlen(row[f]));
        cr_expect(ne(int, (int)shown[f].kind, AUD_SHOWS_NOTHING), "%s", row[f]);
    }
}

Test(audit_order, conditions_are_true_of_the_rows_that_are_meant)
{
    static const char *const *const ROWS[] = {GRETA, NOBODY, STRANGER};
    struct aud_table table = fields();
    struct aud_shown shown[N_FIELDS];
    uint8_t work[64];
    for (size_t f = 0; f < N_FIELDS; f++) {
        mpq_init(shown[f].value);
    }
    for (size_t k = 0; k < sizeof CONDITIONS / sizeof CONDITIONS[0]; k++) {
        struct aud_condition condition;
        struct sil_error err = {""};
        const char *text = CONDITIONS[k].text;
        cr_assert(eq(int, aud_condition_read(&condition, text, &table, &err), SIL_OK),
                  "%s: %s", text, err.text);
        for (size_t r = 0; r < 3; r++) {
            show(shown, &table, ROWS[r]);
            cr_expect(eq(int, aud_condition_holds(&condition, shown, work),
                         CONDITIONS[k].is_true[r]),
                      "%s: row %zu", text, r);
        }
        aud_condition_clear(&condition);
    }
    for (size_t f = 0; f < N_FIELDS; f++) {
        mpq_clear(shown[f].value);
    }
    aud_table_clear(&table);
}

Test(audit_order, what_is_no_condition_is_refused)
{
    static const char *const TEXTS[] = {
        "",           "age",           "age =",        "age = 3 AND", "= 3",
        "height = 3", "age = 'x'",     "age = 3)",     "(age = 3",    "age = 3 age = 4",
        "sex < 'F'",  "paid > 'ja'",   "paid = 'yes'", "age IN ()",   "age IN (3",
        "age IS 3",   "age NOT 3",     "age ! 3",      "age = sex",   "sex = 'F",
        "age = 3;",   "age < 'other'", "sex = 'f'"};
    struct aud_table table = fields();
    for (size_t k = 0; k < sizeof TEXTS / sizeof TEXTS[0]; k++) {
        struct aud_condition condition;
        cr_expect(eq(int, aud_condition_read(&condition, TEXTS[k], &table, NULL),
                     SIL_ERR_CHECK),
                  "%s", TEXTS[k]);
        aud_condition_clear(&condition);
    }
    aud_table_clear(&table);
}

Test(audit_order, depth_and_length_are_bounded)
{
    static char text[AUD_ORDER_BYTES + 2];
    struct aud_table table = fields();
    struct aud_condition condition;
    for (int depth = AUD_CONDITION_DEPTH; depth <= AUD_CONDITION_DEPTH + 1; depth++) {
        text[0] = '\0';
        for (int i = 0; i < depth; i++) {
            (void)strcat(text, "NOT ");
        }
        (void)strcat(text, "age = 3");
        cr_expect(eq(int, aud_condition_read(&condition, text, &table, NULL),
                     depth == AUD_CONDITION_DEPTH ? SIL_OK : SIL_ERR_CHECK));
        aud_condition_clear(&condition);
    }
    (void)memset(text, ' ', sizeof text - 1);
    (void)memcpy(text, "age = 3", 7);
    cr_expect(
        eq(int, aud_condition_read(&condition, text, &table, NULL), SIL_ERR_CHECK));
    aud_condition_clear(&condition);
    text[AUD_ORDER_BYTES] = '\0';
    cr_expect(eq(int, aud_condition_read(&condition, text, &table, NULL), SIL_OK));
    aud_condition_clear(&condition);
    aud_table_clear(&table);
}

/* ---- shares ---- */

/* Texts of one column, and how many of them are in each portion, and in none. */
static const struct shares_case {
    const char *text;
    const char *shown[6];
    uint64_t n[4];
} PORTIONS[] = {
    {"sex=F:0.5,M:0.25",                       {"F", "M", "M", "z", ""},     {1, 2, 2}},
    {"sex='F':0.5, NULL : 0.25",               {"F", "M", "", "", "z"},      {1, 2, 2}},
    {"sex=z:1",                                {"F", "z", ""},               {1, 2}   },
    {"age=..9:0.3,10..40:0.4,41..:0.3",
     {"0", "9", "10", "41", "?", "other"},
     {2, 1, 1, 2}                                                                     },
    {"age=34:0.3,other:.1",                    {"34", "35", "other"},        {1, 1, 1}},
    {"'pay per hour'=..10.5:0.3",              {"10,5", "10,51", ""},        {1, 2}   },
    {"day=2020-01-01..2020-01-31:0.000000001", {"2020-01-31", "2020-02-01"}, {1, 1}   },
    {"at=2020-01-01T12:00:00:0.5",             {"2020-01-01T12:00:00", ""},  {1, 1}   },
    {"paid=ja:0.5",                            {"j", "ja", "nein"},          {2, 1}   },
};

static void check_portions(const struct aud_table *table, const struct shares_case *c)
{
    struct aud_portions portions;
    struct aud_shown shown;
    struct sil_error err = {""};
    mpq_init(shown.value);
    cr_assert(eq(int, aud_portions_read(&portions, c->text, table, &err), SIL_OK),
              "%s: %s", c->text, err.text);
    for (size_t i = 0; i < 6 && c->shown[i] != NULL; i++) {
        aud_shown_read(&shown, &table->field[portions.field], c->shown[i],
                       strlen(c->shown[i]));
        aud_portions_count(&portions, &shown);
    }
    for (size_t i = 0; i < portions.n; i++) {
        cr_expect(eq(u64, portions.portion[i].n, c->n[i]), "%s: %zu", c->text, i);
    }
    cr_expect(eq(u64, portions.n_rest, c->n[portions.n]), "%s: rest", c->text);
    aud_portions_clear(&portions);
    mpq_clear(shown.value);
}

Test(audit_order, shares_count_the_rows_that_are_meant)
{
    struct aud_table table = fields();
    for (size_t k = 0; k < sizeof PORTIONS / sizeof PORTIONS[0]; k++) {
        check_portions(&table, &PORTIONS[k]);
    }
    aud_table_clear(&table);
}

Test(audit_order, what_are_no_shares_is_refused)
{
    static const char *const TEXTS[] = {"",
                                        "sex",
                                        "sex=",
                                        "sex=F",
                                        "sex=F:",
                                        "sex=F:x",
                                        "sex=F:1.1",
                                        "sex=F:0.6,M:0.5",
                                        "sex=F:0.5,",
                                        "age=..:0.5",
                                        "age=x:0.5",
                                        "height=3:0.5",
                                        "sex='F:0.5",
                                        "sex='F'0.5",
                                        "age=x..3:0.5",
                                        "sex=F:-0.5",
                                        "paid=yes:0.5",
                                        "sex F:0.5",
                                        "sex=F:0.5;M:1",
                                        "sex=F:1e-1"};
    struct aud_table table = fields();
    for (size_t k = 0; k < sizeof TEXTS / sizeof TEXTS[0]; k++) {
        struct aud_portions portions;
        cr_expect(eq(int, aud_portions_read(&portions, TEXTS[k], &table, NULL),
                     SIL_ERR_CHECK),
                  "%s", TEXTS[k]);
        aud_portions_clear(&portions);
    }
    aud_table_clear(&table);
}

/* ---- rows of strangers ---- */

Test(audit_order, a_text_that_is_no_value_is_none)
{
    static const struct {
        size_t field;
        const char *text;
    } BAD[] = {
        {0, "x"         },
        {0, "3.5"       },
        {2, "10.5"      },
        {2, "1e-500000" },
        {3, "2020-02-30"},
        {5, "maybe"     }
    };

    struct aud_table table = fields();
    struct aud_shown shown;
    mpq_init(shown.value);
    for (size_t k = 0; k < sizeof BAD / sizeof BAD[0]; k++) {
        aud_shown_read(&shown, &table.field[BAD[k].field], BAD[k].text,
                       strlen(BAD[k].text));
        cr_expect(eq(int, (int)shown.kind, AUD_SHOWS_NOTHING), "%s", BAD[k].text);
    }
    mpq_clear(shown.value);
    aud_table_clear(&table);
}
