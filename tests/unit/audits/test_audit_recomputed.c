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
    "{\"name\": \"kind\", \"type\": \"string\", \"categories\": [\"a\", \"b\"]},"          \
    "{\"name\": \"it's\", \"type\": \"date\", \"constraints\":"                            \
    " {\"minimum\": \"2019-12-30\", \"maximum\": \"2020-01-25\"},"                         \
    " \"silhouette\": {\"bins\": 3, \"outside\": \"other\", \"other\": \"-\"}},"           \
    "{\"name\": \"stay\", \"type\": \"integer\", \"constraints\":"                         \
    " {\"minimum\": -3, \"maximum\": 9}, \"silhouette\": {\"bins\": 2}},"                  \
    "{\"name\": \"due\", \"type\": \"date\", \"constraints\":"                             \
    " {\"minimum\": \"2020-01-01\", \"maximum\": \"2020-02-10\"},"                         \
    " \"silhouette\": {\"outside\": \"other\"}},"                                          \
    "{\"name\": \"sum\", \"type\": \"integer\", \"constraints\":"                          \
    " {\"minimum\": -40, \"maximum\": 9}, \"silhouette\": {\"outside\": \"null\"}}],"      \
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
    " \"default\": \"b\"}},"
    "{\"derive\": {\"column\": \"stay\", \"as\": \"'it''s' -day\"}},"
    "{\"derive\": {\"column\": \"due\", \"as\": \" 3*n + day-  1+2\"}},"
    "{\"derive\": {\"column\": \"sum\", \"as\": \"-7 * n + 2 * `it's` - 2*day + 10\"}}";

enum { N_FIELDS = 6, N_RECOMPUTED = 8, N_MAPPED = 5, N_WORDS = 24 };

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
    struct sil_bytes from[SIL_RECOMPUTED_SOURCES], to;
    size_t n_good, n_bad;
};

static bool follows(struct both *b, size_t item, const struct aud_text *from,
                    struct aud_text to)
{
    return aud_recomputed_follows(&b->recomputing, item, &b->table, from, &to);
}

/* A cell of a row, and a word to draw a value of its bin with. */
struct drawn {
    uint32_t code;
    uint64_t word;
};

/* What a row has in the columns that one comes from, as texts and as values. */
static void show_sources(struct both *b, struct aud_text *from, struct sil_shown *shown,
                         const struct sil_recomputed *own, const struct drawn *drawn)
{
    for (size_t k = 0; k < own->n_sources; k++) {
        const struct sil_field *field = sil_schema_field(b->schema, own->source[k]);
        const uint32_t code = drawn[k].code;
        from[k] = text_of(&b->from[k], field, code, drawn[k].word);
        shown[k].code = code;
        if (!field->is_closed && code < field->bins.n) {
            shown[k].value = sil_bins_draw(&field->bins, code, drawn[k].word);
        }
    }
}

static void judge(struct both *b, size_t item, const struct aud_text *from,
                  struct aud_text to, bool want)
{
    bool is = follows(b, item, from, to);
    cr_assert_eq(is, want, "%zu: from %.*s, %.*s: %.*s", item, (int)from[0].length,
                 from[0].text, (int)from[1].length, from[1].text, (int)to.length,
                 to.text);
    b->n_good += is;
    b->n_bad += !is;
}

/* A row of such cells against every text of the column, or against some of a sum's. */
static void compare(struct both *b, size_t item, const struct drawn *drawn)
{
    const uint32_t column = (uint32_t)b->recomputing.item[item].to;
    const struct sil_recomputed *own = sil_schema_recomputed(b->schema, column);
    const struct sil_field *to = sil_schema_field(b->schema, column);
    struct aud_text from[SIL_RECOMPUTED_SOURCES] = {
        {"", 0}
    };
    sil_i128 value = 0;
    struct sil_shown shown[SIL_RECOMPUTED_SOURCES] = {{0}};
    show_sources(b, from, shown, own, drawn);
    const uint32_t code = sil_recomputed_code(&value, own, b->schema, shown);
    const uint32_t n_bins = to->is_closed ? 0 : to->bins.n;
    for (uint32_t c = n_bins; c < to->n_cells; c++) {
        judge(b, item, from, text_of(&b->to, to, c, 0), c == code);
    }
    for (sil_i128 v = value - 2; n_bins > 0 && v <= value + 2; v++) {
        char text[SIL_FIELD_BYTES];
        char *end = sil_field_put_value(text, to, v);
        judge(b, item, from, (struct aud_text){text, (size_t)(end - text)},
              code < n_bins && v == value);
    }
    judge(b, item, from, (struct aud_text){"no value", 8}, false);
}

/* Every cell of each column that it comes from, with several values of each. */
static void compare_all(struct both *b, size_t item, const struct sil_recomputed *own)
{
    struct drawn drawn[SIL_RECOMPUTED_SOURCES] = {{0}};
    size_t n = 1;
    for (size_t k = 0; k < own->n_sources; k++) {
        n *= sil_schema_field_cells(b->schema, own->source[k]);
    }
    for (size_t i = 0; i < n * N_WORDS; i++) {
        size_t left = i / N_WORDS;
        for (size_t k = 0; k < own->n_sources; k++) {
            uint32_t cells = sil_schema_field_cells(b->schema, own->source[k]);
            drawn[k].code = (uint32_t)(left % cells);
            drawn[k].word = (i % N_WORDS) * (k + 1) * (UINT64_MAX / (N_WORDS - 1));
            left /= cells;
        }
        compare(b, item, drawn);
    }
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
    return b;
}

static void end(struct both *b)
{
    aud_recomputing_clear(&b->recomputing);
    aud_table_clear(&b->table);
    sil_schema_free(b->schema);
    for (size_t k = 0; k < SIL_RECOMPUTED_SOURCES; k++) {
        sil_bytes_clear(&b->from[k]);
    }
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
        const uint32_t column = (uint32_t)b.recomputing.item[i].to;
        const struct sil_recomputed *own = sil_schema_recomputed(b.schema, column);
        cr_assert_not_null(own);
        cr_assert_eq(own->is_sum, i >= N_MAPPED);
        cr_assert_eq(own->n_sources, aud_recomputed_n_from(&b.recomputing.item[i]));
        for (size_t k = 0; k < own->n_sources; k++) {
            cr_assert_eq(own->source[k],
                         aud_recomputed_from(&b.recomputing.item[i], k));
        }
        compare_all(&b, i, own);
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
        const struct aud_text from = {ROWS[i].from, strlen(ROWS[i].from)};
        bool is = follows(&b, ROWS[i].item, &from,
                          (struct aud_text){ROWS[i].to, strlen(ROWS[i].to)});
        cr_expect_eq(is, ROWS[i].follows != 0, "%s -> %s", ROWS[i].from, ROWS[i].to);
    }
    for (size_t a = 0; a < b.table.n_columns; a++) {
        cr_expect_eq(b.table.field[a].memo_used, 0, "a stranger's texts are not kept");
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

/* One by one this would be ten thousand million comparisons to read the map, and as many for
 * the rows: a schema of a few MB must not keep an auditor for hours. */
Test(audit_recomputed, a_map_of_a_hundred_thousand_values_is_read_and_followed)
{
    enum { N_LISTED = 100000 };
    struct sil_bytes listed = {0};
    struct sil_bytes text = {0};
    struct aud_table table;
    struct aud_recomputing recomputing;
    struct sil_error err = {""};
    for (size_t i = 0; i < N_LISTED; i++) {
        cr_assert_eq(
            sil_bytes_printf(&listed, &err, "%s\"v%zu\"", i == 0 ? "" : ",", i),
            SIL_OK);
    }
    cr_assert_eq(
        sil_bytes_printf(&text, &err,
                         "{\"fields\": [{\"name\": \"a\", \"type\": \"string\","
                         "\"categories\": [%.*s]}, {\"name\": \"b\", \"type\":"
                         "\"string\", \"categories\": [%.*s]}], \"silhouette\":"
                         "{\"rules\": [{\"determines\": {\"from\": \"a\", \"to\":"
                         "\"b\", \"map\": {\"v0\": \"v99999\"",
                         (int)listed.length, (const char *)listed.data,
                         (int)listed.length, (const char *)listed.data),
        SIL_OK);
    for (size_t i = 1; i < N_LISTED; i++) {
        cr_assert_eq(
            sil_bytes_printf(&text, &err, ",\"v%zu\":\"v%zu\"", i, N_LISTED - 1 - i),
            SIL_OK);
    }
    cr_assert_eq(sil_bytes_printf(&text, &err, "}}}]}}"), SIL_OK);
    cr_assert_eq(aud_table_begin(&table, (const char *)text.data, text.length, &err),
                 SIL_OK, "%s", err.text);
    cr_assert_eq(aud_recomputing_read(&recomputing, (const char *)text.data,
                                      text.length, &table, &err),
                 SIL_OK, "%s", err.text);
    for (size_t i = 0; i < N_LISTED; i++) {
        char from[16];
        char to[16];
        int n_from = snprintf(from, sizeof from, "v%zu", i);
        int n_to = snprintf(to, sizeof to, "v%zu", N_LISTED - 1 - i);
        const struct aud_text source = {from, (size_t)n_from};
        const struct aud_text target = {to, (size_t)n_to};
        cr_assert(aud_recomputed_follows(&recomputing, 0, &table, &source, &target));
        cr_assert_not(
            aud_recomputed_follows(&recomputing, 0, &table, &source, &source));
    }
    aud_recomputing_clear(&recomputing);
    aud_table_clear(&table);
    sil_bytes_clear(&listed);
    sil_bytes_clear(&text);
}
