// SPDX-License-Identifier: Apache-2.0
/* Two programs that work out recomputed columns and share no line: of every row that the one
 * writes the other says that it follows, and of no other. */
#include "audits/order/recomputed.h"
#include "table/field.h"
#include "table/recomputed.h"
#include "table/schema.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#define FIELDS                                                                             \
    "{\"missingValues\": [\"?\", \"\"], \"fields\": ["                                     \
    "{\"name\": \"region\", \"type\": \"string\", \"categories\": [\"north\", \"south\"]," \
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"elsewhere\"}},"                \
    "{\"name\": \"city\", \"type\": \"string\", \"categories\": [\"Lille\", \"Lyon\"],"    \
    " \"silhouette\": {\"outside\": \"other\"}},"                                          \
    "{\"name\": \"x\", \"type\": \"number\", \"decimalChar\": \",\","                      \
    " \"constraints\": {\"minimum\": -2, \"maximum\": 2},"                                 \
    " \"silhouette\": {\"bins\": 4, \"granularity\": \"0.25\", \"outside\": \"other\"}},"  \
    "{\"name\": \"band\", \"type\": \"number\", \"decimalChar\": \",\","                   \
    " \"constraints\": {\"required\": true, \"enum\": [\"0.5\", \"1.50\", 2]}},"           \
    "{\"name\": \"day\", \"type\": \"date\", \"constraints\": {\"required\": true,"        \
    " \"minimum\": \"2020-01-01\", \"maximum\": \"2020-01-20\"},"                          \
    " \"silhouette\": {\"bins\": 2}},"                                                     \
    "{\"name\": \"late\", \"type\": \"boolean\", \"trueValues\": [\"ja\", \"j\"],"         \
    " \"falseValues\": [\"nein\"]},"                                                       \
    "{\"name\": \"n\", \"type\": \"integer\", \"constraints\": {\"enum\": [1, 2, 10]}},"   \
    "{\"name\": \"size\", \"type\": \"string\", \"categories\": [\"s\", \"m\"]},"          \
    "{\"name\": \"town\", \"type\": \"string\", \"silhouette\": {\"open\": true}},"        \
    "{\"name\": \"kind\", \"type\": \"string\", \"categories\": [\"a\", \"b\"]}],"         \
    "\"silhouette\": {\"rules\": ["

static const char RULES[] =
    "{\"determines\": {\"from\": \"city\", \"to\": \"region\", \"map\":"
    " {\"Lille\": \"north\", \"other\": \"elsewhere\"}, \"default\": null,"
    " \"null\": \"south\"}},"
    "{\"determines\": {\"from\": \"x\", \"to\": \"band\", \"cuts\": [-1, \"0.3\"],"
    " \"values\": [2, \"1.5\", \"0.50\"], \"default\": 2}},"
    "{\"forbid\": \"n = 1 AND city = 'Lyon'\"},"
    "{\"determines\": {\"from\": \"day\", \"to\": \"late\", \"cuts\": [\"2020-01-07\"],"
    " \"values\": [false, true]}},"
    "{\"determines\": {\"from\": \"n\", \"to\": \"size\", \"map\": {\"1.0\": \"s\","
    " \"2\": null, \"10\": \"m\"}}},"
    "{\"determines\": {\"from\": \"town\", \"to\": \"kind\", \"map\": {\"other\": \"a\"},"
    " \"default\": \"b\"}}";

enum { N_FIELDS = 5, N_RECOMPUTED = 5, N_WORDS = 24 };

static size_t make_text(char *out, size_t size, const char *rules)
{
    return (size_t)snprintf(out, size, FIELDS "%s]}}", rules);
}

static struct aud_text text_of(struct sil_bytes *bytes, const struct sil_field *field,
                               uint32_t code, uint64_t word)
{
    bytes->length = 0;
    cr_assert_eq(sil_field_decode(bytes, field, code, word, NULL), SIL_OK);
    return (struct aud_text){(const char *)bytes->data, bytes->length};
}

struct both {
    struct sil_schema *schema;
    struct aud_table table;
    struct aud_recomputing recomputing;
    struct aud_shown shown;
    struct sil_bytes from, to;
    size_t n_good, n_bad;
};

static bool follows(struct both *b, const struct aud_recomputed *item,
                    struct aud_text from, struct aud_text to)
{
    struct sil_error err = {""};
    bool is = false;
    cr_assert_eq(
        aud_recomputed_follows(&is, item, &b->table, &from, &to, &b->shown, &err),
        SIL_OK, "%s", err.text);
    return is;
}

/* One cell and word of the source against every text of the column. */
static void compare(struct both *b, const struct aud_recomputed *item, uint32_t column,
                    const struct sil_drawn *drawn)
{
    const struct sil_recomputed *own = sil_schema_recomputed(b->schema, column);
    const struct sil_field *to = sil_schema_field(b->schema, column);
    const uint32_t code = sil_recomputed_code(own, b->schema, drawn);
    struct aud_text from =
        text_of(&b->from, sil_schema_field(b->schema, own->source[0]), drawn->code,
                drawn->word);
    for (uint32_t c = 0; c < to->n_cells; c++) {
        bool is = follows(b, item, from, text_of(&b->to, to, c, 0));
        cr_assert_eq(is, c == code, "%s: %.*s gives %u, not %u", own->said,
                     (int)from.length, from.text, code, c);
        b->n_good += is;
        b->n_bad += !is;
    }
    cr_expect_not(follows(b, item, from, (struct aud_text){"no value", 8}), "%s",
                  own->said);
}

static struct both begin(void)
{
    char text[8192];
    struct sil_error err = {""};
    struct both b = {.n_good = 0};
    size_t length = make_text(text, sizeof text, RULES);
    const struct sil_found found[] = {
        {.text = "Basel", .length = 5}
    };
    cr_assert_eq(sil_schema_parse(&b.schema, text, length, &err), SIL_OK, "%s",
                 err.text);
    cr_assert_eq(sil_schema_settle(b.schema, 4, found, 1, &err), SIL_OK, "%s",
                 err.text);
    cr_assert_eq(aud_table_begin(&b.table, text, length, &err), SIL_OK, "%s", err.text);
    cr_assert_eq(aud_recomputing_read(&b.recomputing, text, length, &b.table, &err),
                 SIL_OK, "%s", err.text);
    mpq_init(b.shown.value);
    return b;
}

static void end(struct both *b)
{
    mpq_clear(b->shown.value);
    aud_recomputing_clear(&b->recomputing);
    aud_table_clear(&b->table);
    sil_schema_free(b->schema);
    sil_bytes_clear(&b->from);
    sil_bytes_clear(&b->to);
}

Test(audit_recomputed, two_readers_agree_on_every_row_that_can_be_written)
{
    struct both b = begin();
    size_t n_recomputed = 0;
    char text[8192];
    struct sil_error err = {""};
    cr_assert_eq(aud_count_recomputed(&n_recomputed, text,
                                      make_text(text, sizeof text, RULES), &err),
                 SIL_OK);
    cr_expect_eq(n_recomputed, N_RECOMPUTED);
    cr_assert_eq(b.recomputing.n, N_RECOMPUTED);
    cr_assert_eq(b.table.n_fields, N_FIELDS);
    cr_assert_eq(b.table.n_columns, N_FIELDS + N_RECOMPUTED);
    for (size_t i = 0; i < b.recomputing.n; i++) {
        const struct aud_recomputed *item = &b.recomputing.item[i];
        const uint32_t column = (uint32_t)item->to;
        const struct sil_recomputed *own = sil_schema_recomputed(b.schema, column);
        cr_assert_not_null(own);
        cr_assert_eq(own->source[0], item->from);
        for (uint32_t c = 0; c < sil_schema_field_cells(b.schema, own->source[0]);
             c++) {
            for (uint64_t k = 0; k < N_WORDS; k++) {
                compare(&b, item, column,
                        &(struct sil_drawn){c, k * (UINT64_MAX / (N_WORDS - 1))});
            }
        }
    }
    cr_expect_geq(b.n_good, 300);
    cr_expect_geq(b.n_bad, 600);
    end(&b);
}

/* Texts that the program never writes. */
Test(audit_recomputed, texts_that_are_no_values_follow_from_nothing)
{
    static const struct {
        size_t item;
        const char *from;
        const char *to;
        int follows;
    } ROWS[] = {
        {0, "Lille",      "north",     1},
        {0, "?",          "south",     1},
        {0, "",           "south",     1},
        {0, "Lyon",       "?",         1},
        {0, "Lyon",       "",          1},
        {0, "Nancy",      "elsewhere", 0},
        {0, "Lille",      "East",      0},
        {0, "East",       "East",      0},
        {0, "Lyon",       "East",      0},
        {1, "-1",         "1,5",       1},
        {1, "-1,00",      "1,500",     1},
        {1, "-1.5",       "2",         0},
        {1, "9",          "0,5",       1},
        {1, "0,29",       "1,5",       1},
        {1, "0,3",        "0,5",       1},
        {1, "x",          "2",         0},
        {1, "x",          "",          0},
        {2, "2020-01-07", "j",         1},
        {2, "2020-01-06", "ja",        0},
        {2, "",           "",          0},
        {2, "?",          "nein",      0},
        {4, "Basel",      "b",         1},
        {4, "a\nb",       "b",         0},
    };
    struct both b = begin();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        bool is = follows(&b, &b.recomputing.item[ROWS[i].item],
                          (struct aud_text){ROWS[i].from, strlen(ROWS[i].from)},
                          (struct aud_text){ROWS[i].to, strlen(ROWS[i].to)});
        cr_expect_eq(is, ROWS[i].follows != 0, "%s -> %s", ROWS[i].from, ROWS[i].to);
    }
    end(&b);
}

Test(audit_recomputed, what_cannot_be_meant_is_refused)
{
    static const char *const BAD[] = {
        "{\"determines\": {\"from\": \"city\", \"to\": \"nobody\", \"map\": {}}}",
        "{\"determines\": {\"from\": \"region\", \"to\": \"region\", \"map\": {}}}",
        "{\"determines\": {\"from\": \"city\", \"to\": \"region\", \"map\": {}}}",
        "{\"determines\": {\"from\": \"city\", \"to\": \"region\", \"map\":"
        " {\"Metz\": null}, \"default\": null}}",
        "{\"determines\": {\"from\": \"city\", \"to\": \"region\", \"map\":"
        " {\"Lyon\": \"east\"}, \"default\": null}}",
        "{\"determines\": {\"from\": \"day\", \"to\": \"late\", \"cuts\": [],"
        " \"values\": [true]}}",
        "{\"determines\": {\"from\": \"day\", \"to\": \"late\", \"cuts\":"
        " [\"2020-01-02\", \"2020-01-02\"], \"values\": [true, true, true]}}",
        "{\"determines\": {\"from\": \"day\", \"to\": \"late\", \"cuts\": [1],"
        " \"values\": [true, true]}}",
        "{\"determines\": {\"from\": \"n\", \"to\": \"band\", \"map\": {},"
        " \"default\": null}}",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        char text[8192];
        struct aud_table table;
        struct aud_recomputing recomputing;
        struct sil_error err = {""};
        size_t length = make_text(text, sizeof text, BAD[i]);
        cr_assert_eq(aud_table_begin(&table, text, length, &err), SIL_OK, "%s",
                     err.text);
        cr_expect_eq(aud_recomputing_read(&recomputing, text, length, &table, &err),
                     SIL_ERR_CHECK, "%s", BAD[i]);
        aud_recomputing_clear(&recomputing);
        aud_table_clear(&table);
    }
}
