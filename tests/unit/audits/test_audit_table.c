// SPDX-License-Identifier: Apache-2.0
/* Which cell a text falls into, by the words of docs/schema.md. */
#include "audits/table/csv.h"
#include "audits/table/table.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

enum { DROPPED = -1 };

struct text_case {
    const char *text;
    int cell;
};

static void check_field(const char *field_json, uint32_t n_cells,
                        const struct text_case *cases, size_t n)
{
    struct aud_table table;
    struct sil_error err = {""};
    char schema[1000];
    (void)snprintf(schema, sizeof schema, "{\"fields\": [%s]}", field_json);
    cr_assert(eq(int, aud_table_begin(&table, schema, strlen(schema), &err), SIL_OK),
              "%s", err.text);
    cr_expect(eq(u32, table.field[0].n_cells, n_cells), "%s", field_json);
    for (size_t i = 0; i < n; i++) {
        uint32_t cell = 0;
        cr_assert(eq(int,
                     aud_field_encode(&cell, &table.field[0], cases[i].text,
                                      strlen(cases[i].text), &err),
                     SIL_OK));
        cr_expect(eq(u32, cell, (uint32_t)cases[i].cell), "%s: \"%s\"", field_json,
                  cases[i].text);
    }
    aud_table_clear(&table);
}

#define CHECK(json, n_cells, ...)                                          \
    do {                                                                   \
        static const struct text_case CASES[] = {__VA_ARGS__};             \
        check_field(json, n_cells, CASES, sizeof CASES / sizeof CASES[0]); \
    } while (0)

Test(audit_table, closed_sets)
{
    CHECK("{\"name\":\"a\",\"type\":\"string\",\"categories\":[\"F\",\"M\"],"
          "\"constraints\":{\"required\":true}}",
          2, {"F", 0}, {"M", 1}, {"f", DROPPED}, {"", DROPPED});
    CHECK("{\"name\":\"a\",\"type\":\"string\",\"categories\":[\"F\",\"M\"]}", 3,
          {"F", 0}, {"X", 2}, {"", 2});
    CHECK("{\"name\":\"a\",\"type\":\"string\",\"categories\":[{\"value\":\"1\"},"
          "{\"value\":\"2\"}],\"silhouette\":{\"outside\":\"other\",\"other\":\"9\"}}",
          4, {"1", 0}, {"2", 1}, {"3", 2}, {"9", 2}, {"", 3});
    CHECK("{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"enum\":[7,9],"
          "\"required\":true}}",
          2, {"7", 0}, {"07", 0}, {"7.0", 0}, {" 9 ", 1}, {"8", DROPPED},
          {"x", DROPPED});
    CHECK("{\"name\":\"a\",\"type\":\"boolean\"}", 3, {"false", 0}, {"0", 0},
          {"TRUE", 1}, {"yes", 2}, {"", 2});
}

Test(audit_table, bins)
{
    CHECK("{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
          "\"maximum\":9,\"required\":true},\"silhouette\":{\"bins\":3}}",
          3, {"0", 0}, {"2", 0}, {"3", 1}, {"4", 1}, {"6", 2}, {"9", 2}, {"10", 2},
          {"-4", 0}, {"1e3", 2}, {"3.5", DROPPED}, {"x", DROPPED});
    CHECK("{\"name\":\"a\",\"type\":\"number\",\"silhouette\":{\"bins\":[0,0.5,1,1]}}",
          4, {"0", 0}, {".5", 1}, {"0.49999999999999999999", 0}, {"1", 2}, {"1.", 2},
          {"0.99", 1}, {"NaN", 3}, {"-1e9999999", 0}, {"+1e9999999", 2});
    CHECK("{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":-1,"
          "\"maximum\":1},\"silhouette\":{\"bins\":\"integers\",\"outside\":\"null\"}}",
          4, {"-1", 0}, {"0", 1}, {"1", 2}, {"2", 3}, {"-2", 3}, {"", 3});
    CHECK("{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
          "\"maximum\":127,\"required\":true}}",
          128, {"127", 127});
    CHECK("{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
          "\"maximum\":128,\"required\":true}}",
          32, {"128", 31}, {"3", 0}, {"5", 1});
    CHECK(
        "{\"name\":\"a\",\"type\":\"number\",\"decimalChar\":\",\",\"constraints\":"
        "{\"minimum\":0,\"maximum\":10,\"required\":true},\"silhouette\":{\"bins\":2}}",
        2, {"4,9", 0}, {"5,0", 1}, {"4.9", DROPPED});
}

Test(audit_table, atoms)
{
    CHECK(
        "{\"name\":\"x\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,\"maximum\":99},\"silhouette\":{\"bins\":2,\"atoms\":[0,40,99]}}",
        7, {"0", 0}, {"-3", 0}, {"1", 1}, {"39", 1}, {"40", 2}, {"41", 3}, {"49", 3},
        {"50", 4}, {"98", 4}, {"99", 5}, {"1000", 5}, {"", 6});
    CHECK(
        "{\"name\":\"x\",\"type\":\"integer\",\"constraints\":{\"required\":true},\"silhouette\":{\"bins\":[0,5,10,20],\"atoms\":[5,6,19]}}",
        7, {"4", 0}, {"5", 1}, {"6", 2}, {"7", 3}, {"9", 3}, {"10", 4}, {"18", 4},
        {"19", 5}, {"20", 6});
    CHECK(
        "{\"name\":\"x\",\"type\":\"number\",\"constraints\":{\"minimum\":0,\"maximum\":10,\"required\":true},\"silhouette\":{\"bins\":1,\"granularity\":\"0.5\",\"atoms\":[0,\"2.5\"]}}",
        4, {"0", 0}, {"0.09", 0}, {"0.1", 1}, {"2.4999", 1}, {"2.5", 2}, {"2.59", 2},
        {"2.6", 3}, {"10", 3});
    CHECK(
        "{\"name\":\"x\",\"type\":\"number\",\"constraints\":{\"minimum\":0,\"maximum\":1,\"required\":true},\"silhouette\":{\"bins\":3,\"granularity\":\"0.001\",\"atoms\":[\"0.125\"]}}",
        5, {"0.1249", 0}, {"0.125", 1}, {"0.126", 2}, {"0.3339", 2}, {"0.334", 3},
        {"0.6669", 3}, {"0.667", 4});
    CHECK(
        "{\"name\":\"x\",\"type\":\"date\",\"constraints\":{\"minimum\":\"2020-01-01\",\"maximum\":\"2020-12-31\",\"required\":true},\"silhouette\":{\"bins\":1,\"atoms\":[\"2020-12-24\"]}}",
        3, {"2020-12-23", 0}, {"2020-12-24", 1}, {"2020-12-25", 2}, {"2021-05-05", 2});
}

Test(audit_table, dates_and_times)
{
    CHECK(
        "{\"name\":\"a\",\"type\":\"date\",\"constraints\":{\"minimum\":\"2020-01-01\","
        "\"maximum\":\"2020-12-31\",\"required\":true},\"silhouette\":{\"bins\":2}}",
        2, {"2020-01-01", 0}, {"2020-07-01", 0}, {"2020-07-02", 1}, {"2020-12-31", 1},
        {"2021-05-05", 1}, {"2020-02-30", DROPPED}, {"1.2.2020", DROPPED});
    CHECK("{\"name\":\"a\",\"type\":\"datetime\",\"constraints\":"
          "{\"minimum\":\"2020-01-01T00:00:00Z\",\"maximum\":\"2020-01-02T00:00:00Z\"},"
          "\"silhouette\":{\"bins\":2}}",
          3, {"2020-01-01T11:59:59.9Z", 0}, {"2020-01-01 12:00:00", 1},
          {"2020-01-01T13:00:00+02:00", 0}, {"2020-01-01T11:00:00-02:00", 1},
          {"noon", 2});
}

Test(audit_table, missing_values)
{
    CHECK("{\"name\":\"a\",\"type\":\"integer\",\"missingValues\":[\"?\",\"-9\"],"
          "\"constraints\":{\"minimum\":0,\"maximum\":1}}",
          3, {"?", 2}, {"-9", 2}, {"", 2}, {"1", 1});
    CHECK("{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
          "\"maximum\":1,\"required\":true},\"silhouette\":{\"outside\":\"other\"}}",
          3, {"", 2}, {"x", 2}, {"7", 2}, {"1", 1});
}

static const struct aud_text *read_one(struct aud_csv *csv, const char *text)
{
    bool is_end = false;
    aud_csv_begin(csv, text, strlen(text), ',');
    cr_assert(eq(int, aud_csv_next(csv, &is_end, NULL), SIL_OK), "%s", text);
    return csv->field;
}

Test(audit_table, records)
{
    struct aud_csv csv;
    const struct aud_text *field =
        read_one(&csv, "\xef\xbb\xbf"
                       "a,\"b \"\"c\"\", d\n\",,\"\"\r\nx,y,z,w");
    cr_assert(eq(sz, csv.n_fields, 4));
    cr_expect(eq(int, strncmp(field[0].text, "a", 1), 0));
    cr_expect(eq(sz, field[1].length, strlen("b \"c\", d\n")));
    cr_expect(eq(int, strncmp(field[1].text, "b \"c\", d\n", field[1].length), 0));
    cr_expect(zero(sz, field[2].length));
    cr_expect(zero(sz, field[3].length));
    bool is_end = true;
    cr_assert(eq(int, aud_csv_next(&csv, &is_end, NULL), SIL_OK));
    cr_expect(not(is_end));
    cr_assert(eq(int, aud_csv_next(&csv, &is_end, NULL), SIL_OK));
    cr_expect(is_end);
    aud_csv_clear(&csv);
}

Test(audit_table, what_is_no_record_is_refused)
{
    static const char *const BAD[] = {"a,\"b", "a,\"b\"c\n", "a,b\"c\n", "a,b\nc\n"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct aud_csv csv;
        bool is_end = false;
        sil_status status = SIL_OK;
        aud_csv_begin(&csv, BAD[i], strlen(BAD[i]), ',');
        while (status == SIL_OK && !is_end) {
            status = aud_csv_next(&csv, &is_end, NULL);
        }
        cr_expect(eq(int, status, SIL_ERR_INPUT), "%s", BAD[i]);
        aud_csv_clear(&csv);
    }
}

static const struct aud_whose ROWS = {.id_column = NULL};

/* The rows that count are those that tests/property/test_people.c expects of the other
 * program, from a third one. */
Test(audit_table, of_a_person_the_rows_of_the_formula_count)
{
    static const char SCHEMA[] =
        "{\"missingValues\":[\"\",\"NA\"],\"fields\":["
        "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
        "\"maximum\":3},\"silhouette\":{\"bins\":\"integers\"}},"
        "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"
        "\"maximum\":3},\"silhouette\":{\"bins\":\"integers\"}}]}";
    char text[] = "b,id,a\n3,,3\n0,p1,0\n0,p1,0\n2,p1,1\n0,\"p,2\",0\n1,p1,3\n"
                  "2,p1,2\n0,p1,0\n1,,0\n1,p1,3\n";
    static const uint32_t WANT[][2] = {
        {3, 3},
        {1, 2},
        {0, 0},
        {3, 1},
        {0, 1},
        {3, 1}
    };
    struct sil_bytes bytes = {(uint8_t *)text, strlen(text), 0};
    struct aud_whose whose = {.id_column = "id", .most = 3};
    for (size_t i = 0; i < sizeof whose.salt; i++) {
        whose.salt[i] = (uint8_t)i;
    }
    for (int drops = 0; drops < 2; drops++) {
        struct aud_table table;
        size_t n = 0;
        whose.drops_missing = drops != 0;
        cr_assert(
            eq(int, aud_table_begin(&table, SCHEMA, strlen(SCHEMA), NULL), SIL_OK));

        cr_assert(eq(int, aud_table_read(&table, &bytes, &whose, ',', NULL), SIL_OK));

        for (size_t i = 0; i < sizeof WANT / sizeof WANT[0]; i++) {
            bool has_no_id = i == 0 || i == 4;
            if (drops == 0 || !has_no_id) {
                cr_assert(lt(sz, n, table.n_rows));
                cr_expect(eq(u32, table.column[0][n], WANT[i][0]));
                cr_expect(eq(u32, table.column[1][n], WANT[i][1]));
                n++;
            }
        }
        cr_expect(eq(sz, table.n_rows, n));
        aud_table_clear(&table);
    }
}

/* ---- open fields ---- */

static const char OPEN[] =
    "{\"fields\":[{\"name\":\"t\",\"type\":\"string\",\"categories\":[\"Bern\"],"
    "\"missingValues\":[\"?\"],\"silhouette\":{\"open\":true,\"other\":\"rest\"}},"
    "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":0,\"maximum\":9}}]}";

static void read_open(struct aud_table *table, const char *schema, const char *csv,
                      const struct aud_whose *whose)
{
    struct sil_error err = {""};
    struct sil_bytes bytes = {0};
    cr_assert(eq(int, sil_bytes_append(&bytes, csv, strlen(csv), NULL), SIL_OK));
    cr_assert(eq(int, aud_table_begin(table, schema, strlen(schema), &err), SIL_OK));
    cr_assert(eq(int, aud_table_read(table, &bytes, whose, ',', &err), SIL_OK), "%s",
              err.text);
    sil_bytes_clear(&bytes);
}

static sil_status settle(struct aud_table *table, const char *const *found, size_t n)
{
    struct aud_text text[4];
    for (size_t i = 0; i < n; i++) {
        text[i] = (struct aud_text){.text = found[i], .length = strlen(found[i])};
    }
    return aud_table_settle(table, 0, text, n, NULL);
}

/* Listed, found in ascending bytes, other, null; "z\xff" is no UTF-8, and ESC a control. */
Test(audit_table, an_open_field_has_the_cells_listed_found_other_null)
{
    static const char CSV[] = "t,a\nZug,1\n\xc3\x85rhus,1\nBern,1\nrest,1\n?,1\nUlm,1\n"
                              ",1\nz\xff,1\nB\x1b,1\nZug,1\nbern ,1\n";
    static const uint32_t WANT[] = {2, 3, 0, 4, 5, 4, 1, 4, 4, 2, 4};
    static const char *const FOUND[] = {"", "Zug", "\xc3\x85rhus"};
    struct aud_table table;
    struct aud_usage use;
    read_open(&table, OPEN, CSV, &ROWS);
    cr_assert(eq(sz, table.field[0].n_unlisted, 5));
    cr_expect(eq(u64, table.field[0].unlisted[0].count, 2));
    cr_assert(eq(int, settle(&table, FOUND, 3), SIL_OK));
    cr_assert(eq(u32, table.field[0].n_cells, 6));
    cr_assert(eq(sz, table.n_rows, sizeof WANT / sizeof WANT[0]));
    for (size_t i = 0; i < table.n_rows; i++) {
        cr_expect(eq(u32, table.column[0][i], WANT[i]), "row %zu", i);
    }
    cr_expect(eq(sz, table.field[0].unlisted[0].found, 1));
    cr_expect(eq(sz, table.field[0].unlisted[2].found, AUD_UNFOUND));
    cr_assert(eq(int, aud_field_usage(&use, &table.field[0], NULL), SIL_OK));
    cr_expect(eq(u64, use.n_outside, 5));
    cr_expect(not(use.is_exact));
    aud_table_clear(&table);
}

Test(audit_table, what_no_honest_run_finds_settles_nothing)
{
    static const char *const BAD[][2] = {
        {"Bern",   NULL },
        {"?",      NULL },
        {"rest",   NULL },
        {"B\x1b",  NULL },
        {"Zug",    "Ulm"},
        {"Ulm",    "Ulm"},
        {"z\xff",  NULL },
        {"\u202e", "Ulm"},
        {"Ul",     "U"  },
    };
    char longest[258];
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct aud_table table;
        read_open(&table, OPEN, "t,a\nUlm,1\nBern,2\n", &ROWS);
        size_t n = BAD[i][1] == NULL ? 1 : 2;
        cr_expect(eq(int, settle(&table, BAD[i], n), SIL_ERR_INPUT), "case %zu", i);
        cr_expect(eq(u32, table.field[0].n_cells, 3));
        aud_table_clear(&table);
    }
    struct aud_field field = {.is_open = true, .other = longest};
    (void)memset(longest, 'a', sizeof longest);
    longest[1] = '\0'; /* `other` is "a" */
    char text[258];
    (void)memset(text, 'a', sizeof text);
    cr_expect(aud_field_may_find(&field, text, 256));
    cr_expect(not(aud_field_may_find(&field, text, 257)));
    cr_expect(not(aud_field_may_find(&field, text, 1)));
    cr_expect(not(aud_field_may_find(&field, "U\0m", 3)), "a byte of zero");
}

/* Whose rows count is decided before anything is found, by the texts: the same rows stay
 * whatever other people's texts are and in whichever order they come. */
Test(audit_table, texts_of_a_person_and_not_their_numbers_pick_the_rows)
{
    struct aud_whose whose = {.id_column = "id", .most = 2};
    static const char *const TOWNS[] = {"Zug", "Ulm", "Bern", "Chur"};
    char one[200] = "id,t,a\n";
    char other[200] = "id,t,a\nq,Chur,1\nr,Ulm,1\nr,rest,2\n";
    for (int i = 0; i < 4; i++) {
        char line[40];
        (void)snprintf(line, sizeof line, "p,%s,%d\n", TOWNS[i], i);
        (void)strncat(one, line, sizeof one - strlen(one) - 1);
        (void)snprintf(line, sizeof line, "p,%s,%d\n", TOWNS[3 - i], 3 - i);
        (void)strncat(other, line, sizeof other - strlen(other) - 1);
    }
    struct aud_table a;
    struct aud_table b;
    read_open(&a, OPEN, one, &whose);
    read_open(&b, OPEN, other, &whose);
    cr_assert(eq(sz, a.n_rows, 2));
    cr_assert(eq(sz, b.n_rows, 5));
    unsigned kept[2] = {0, 0}; /* the second column names the row */
    for (size_t i = 0; i < 2; i++) {
        kept[0] |= 1U << a.column[1][i];
        kept[1] |= 1U << b.column[1][3 + i];
    }
    cr_expect(eq(uint, kept[0], kept[1]));
    uint64_t rows = 0;
    for (size_t i = 0; i < a.field[0].n_unlisted; i++) {
        rows += a.field[0].unlisted[i].count;
    }
    cr_expect(le(u64, rows, 2), "rows that are left out have no text");
    aud_table_clear(&a);
    aud_table_clear(&b);
}

Test(audit_table, a_hundred_thousand_texts_are_settled)
{
    enum { TEXTS = 100000 };
    struct sil_bytes csv = {0};
    struct aud_table table;
    cr_assert(eq(int, aud_table_begin(&table, OPEN, strlen(OPEN), NULL), SIL_OK));
    cr_assert(eq(int, sil_bytes_append(&csv, "t,a\n", 4, NULL), SIL_OK));
    for (int i = 0; i < TEXTS; i++) {
        char line[20];
        int n = snprintf(line, sizeof line, "s%06d,1\n", (i * 7919) % TEXTS);
        cr_assert(eq(int, sil_bytes_append(&csv, line, (size_t)n, NULL), SIL_OK));
    }
    cr_assert(eq(int, aud_table_read(&table, &csv, &ROWS, ',', NULL), SIL_OK));
    cr_assert(eq(sz, table.field[0].n_unlisted, TEXTS));
    static struct aud_text found[TEXTS / 2];
    static char text[TEXTS / 2][8];
    for (int i = 0; i < TEXTS / 2; i++) { /* every other one */
        (void)snprintf(text[i], sizeof text[i], "s%06d", 2 * i);
        found[i] = (struct aud_text){.text = text[i], .length = 7};
    }
    cr_assert(eq(int, aud_table_settle(&table, 0, found, TEXTS / 2, NULL), SIL_OK));
    for (int i = 0; i < TEXTS; i++) {
        int number = (i * 7919) % TEXTS;
        uint32_t want = number % 2 == 0 ? 1U + (uint32_t)number / 2 : 1U + TEXTS / 2;
        cr_assert(eq(u32, table.column[0][i], want), "row %d", i);
    }
    sil_bytes_clear(&csv);
    aud_table_clear(&table);
}

Test(audit_table, rows_that_the_schema_drops_are_no_rows)
{
    static const char SCHEMA[] =
        "{\"fields\":[{\"name\":\"b\",\"type\":\"string\",\"categories\":[\"x\",\"y\"],"
        "\"constraints\":{\"required\":true}},{\"name\":\"a\",\"type\":\"integer\","
        "\"constraints\":{\"minimum\":0,\"maximum\":3}}]}";
    char text[] = "a,other,b\n1,,x\n2,,z\n,,y\n";
    struct sil_bytes bytes = {(uint8_t *)text, strlen(text), 0};
    struct aud_table table;
    cr_assert(eq(int, aud_table_begin(&table, SCHEMA, strlen(SCHEMA), NULL), SIL_OK));
    cr_assert(eq(int, aud_table_read(&table, &bytes, &ROWS, ',', NULL), SIL_OK));
    cr_assert(eq(sz, table.n_rows, 2));
    cr_expect(eq(u32, table.column[0][0], 0));
    cr_expect(eq(u32, table.column[0][1], 1));
    cr_expect(eq(u32, table.column[1][0], 1));
    cr_expect(eq(u32, table.column[1][1], 4));
    aud_table_clear(&table);
}
