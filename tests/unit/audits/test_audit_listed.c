// SPDX-License-Identifier: Apache-2.0
/* Values that a schema lists are found by halving, and the same ones as when each is looked
 * at: what a stranger made may have as many values in its rows as in its lists. */
#include "audits/table/table.h"
#include "base/bytes.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

/* One by one a test of them all would make ten thousand million comparisons. */
enum { MANY = 100000, STEP = 7919 };

static struct aud_table begin(const struct sil_bytes *schema)
{
    struct aud_table table;
    struct sil_error err = {""};
    cr_assert(
        eq(int,
           aud_table_begin(&table, (const char *)schema->data, schema->length, &err),
           SIL_OK),
        "%s", err.text);
    return table;
}

static uint32_t cell_of(struct aud_table *table, const char *text)
{
    uint32_t cell = 0;
    cr_assert(eq(int,
                 aud_field_encode(&cell, &table->field[0], text, strlen(text), NULL),
                 SIL_OK));
    return cell;
}

/* A list in no order between two texts: its i-th value is (i STEP) mod MANY, between two. */
struct form {
    const char *before, *left, *right, *behind;
};

static struct aud_table many(const struct form *form)
{
    struct sil_bytes schema = {0};
    cr_assert(eq(int, sil_bytes_printf(&schema, NULL, "%s", form->before), SIL_OK));
    for (int i = 0; i < MANY; i++) {
        cr_assert(
            eq(int,
               sil_bytes_printf(&schema, NULL, "%s%s%d%s", i == 0 ? "" : ",",
                                form->left, (int)((long)i * STEP % MANY), form->right),
               SIL_OK));
    }
    cr_assert(eq(int, sil_bytes_printf(&schema, NULL, "%s", form->behind), SIL_OK));
    struct aud_table table = begin(&schema);
    sil_bytes_clear(&schema);
    return table;
}

Test(audit_listed, a_hundred_thousand_texts_and_as_many_that_are_none)
{
    struct aud_table table = many(&(struct form){
        "{\"fields\":[{\"name\":\"a\",\"categories\":[", "\"v", "\"", "]}]}"});
    for (int i = 0; i < MANY; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "v%d", (int)((long)i * STEP % MANY));
        cr_assert(eq(u32, cell_of(&table, text), (uint32_t)i), "%s", text);
        (void)snprintf(text, sizeof text, "w%d", i);
        cr_assert(eq(u32, cell_of(&table, text), MANY), "%s", text);
    }
    aud_table_clear(&table);
}

Test(audit_listed, a_hundred_thousand_numbers_however_they_are_written)
{
    struct aud_table table =
        many(&(struct form){"{\"fields\":[{\"name\":\"a\",\"type\":\"number\","
                            "\"constraints\":{\"enum\":[",
                            "", "", "]}}]}"});
    for (int i = 0; i < MANY; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d.0", (int)((long)i * STEP % MANY));
        cr_assert(eq(u32, cell_of(&table, text), (uint32_t)i), "%s", text);
        (void)snprintf(text, sizeof text, "%d.5", i);
        cr_assert(eq(u32, cell_of(&table, text), MANY), "%s", text);
    }
    aud_table_clear(&table);
}

Test(audit_listed, a_hundred_thousand_texts_for_what_is_missing)
{
    struct aud_table table =
        many(&(struct form){"{\"missingValues\":[", "\"m", "\"",
                            "],\"fields\":[{\"name\":\"a\",\"categories\":[\"x\"],"
                            "\"silhouette\":{\"open\":true}}]}"});
    for (int i = 0; i < MANY; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "m%d", i);
        cr_assert(eq(u32, cell_of(&table, text), 2), "%s", text);
        (void)snprintf(text, sizeof text, "n%d", i);
        cr_assert(eq(u32, cell_of(&table, text), 3 + (uint32_t)i), "found it may be");
    }
    aud_table_clear(&table);
}

Test(audit_listed, a_hundred_thousand_bins)
{
    struct sil_bytes schema = {0};
    static const char BEFORE[] = "{\"fields\":[{\"name\":\"a\",\"type\":\"integer\","
                                 "\"silhouette\":{\"bins\":[0";
    cr_assert(eq(int, sil_bytes_append(&schema, BEFORE, strlen(BEFORE), NULL), SIL_OK));
    for (int i = 1; i <= MANY; i++) {
        cr_assert(eq(int, sil_bytes_printf(&schema, NULL, ",%d", 3 * i), SIL_OK));
    }
    cr_assert(eq(int, sil_bytes_append(&schema, "]}}]}", 5, NULL), SIL_OK));
    struct aud_table table = begin(&schema);
    sil_bytes_clear(&schema);
    for (int i = 0; i < 3 * MANY; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", i);
        cr_assert(eq(u32, cell_of(&table, text), (uint32_t)i / 3), "%s", text);
    }
    cr_expect(eq(u32, cell_of(&table, "-1"), 0));
    cr_expect(eq(u32, cell_of(&table, "300000"), MANY - 1));
    cr_expect(eq(u32, cell_of(&table, "300001"), MANY - 1));
    aud_table_clear(&table);
}

/* What was found stands for itself, and as fast. */
Test(audit_listed, a_hundred_thousand_texts_that_other_is_written_as)
{
    struct aud_table table =
        many(&(struct form){"{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\"],"
                            "\"silhouette\":{\"outside\":\"other\",\"expand\":{",
                            "\"e", "\":1", "}}}]}"});
    struct aud_field *field = &table.field[0];
    for (int i = 0; i < MANY; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "e%d", i);
        const struct aud_text one = {.text = text, .length = (size_t)n};
        cr_assert(aud_field_expands(field, &one), "%s", text);
        if (i % 2 == 0) {
            aud_field_leave_found(field, &one);
        }
        cr_assert(eq(int, aud_field_expands(field, &one), i % 2 != 0), "%s", text);
    }
    const struct aud_text none = {.text = "e", .length = 1};
    aud_field_leave_found(field, &none);
    cr_expect(not(aud_field_expands(field, &none)));
    aud_table_clear(&table);
}

static struct aud_table from_text(const char *text)
{
    struct sil_bytes schema = {0};
    cr_assert(eq(int, sil_bytes_append(&schema, text, strlen(text), NULL), SIL_OK));
    struct aud_table table = begin(&schema);
    sil_bytes_clear(&schema);
    return table;
}

Test(audit_listed, of_what_is_listed_twice_the_first_counts)
{
    struct aud_table table = from_text(
        "{\"fields\":[{\"name\":\"a\",\"categories\":[\"z\",\"b\",\"a\",\"b\",\"z\"]}]}");
    cr_expect(eq(u32, cell_of(&table, "z"), 0));
    cr_expect(eq(u32, cell_of(&table, "b"), 1));
    cr_expect(eq(u32, cell_of(&table, "a"), 2));
    aud_table_clear(&table);
    table =
        from_text("{\"fields\":[{\"name\":\"a\",\"type\":\"number\",\"constraints\":"
                  "{\"enum\":[3,\"1.50\",2,1.5,3]}}]}");
    cr_expect(eq(u32, cell_of(&table, "3"), 0));
    cr_expect(eq(u32, cell_of(&table, "1.5"), 1));
    cr_expect(eq(u32, cell_of(&table, "2"), 2));
    aud_table_clear(&table);
    table =
        from_text("{\"fields\":[{\"name\":\"a\",\"type\":\"boolean\",\"trueValues\":"
                  "[\"y\",\"x\"],\"falseValues\":[\"x\",\"n\"]}]}");
    cr_expect(eq(u32, cell_of(&table, "x"), 0));
    cr_expect(eq(u32, cell_of(&table, "y"), 1));
    aud_table_clear(&table);
}

/* A byte of zero in a row ends no text. */
Test(audit_listed, a_text_is_its_bytes)
{
    struct aud_table table = from_text("{\"missingValues\":[\"?\"],\"fields\":[{"
                                       "\"name\":\"a\",\"categories\":[\"b\"]}]}");
    uint32_t cell = 0;
    cr_assert(
        eq(int, aud_field_encode(&cell, &table.field[0], "b\0c", 3, NULL), SIL_OK));
    cr_expect(eq(u32, cell, 1));
    cr_expect(not(aud_field_is_missing(&table.field[0], "?\0", 2)));
    cr_expect(aud_field_is_missing(&table.field[0], "?", 1));
    cr_expect(eq(u32, aud_field_text_cell(&table.field[0], "", 0), AUD_NO_CELL));
    aud_table_clear(&table);
}

/* Edges that descend; and numbers of a few bytes that take thousands. */
Test(audit_listed, values_that_no_schema_has_are_refused)
{
    static const char OTHER[] =
        "a value not of its type, or beyond 27 digits or 18 places";
    static const char *const BAD[][2] = {
        {"\"silhouette\":{\"bins\":[0,2,1,3]}",           "its edges descend"},
        {"\"constraints\":{\"minimum\":5,\"maximum\":1}", "its edges descend"},
        {"\"constraints\":{\"enum\":[\"1e28\"]}",         OTHER              },
        {"\"constraints\":{\"enum\":[\"-1e5000\"]}",      OTHER              },
        {"\"constraints\":{\"enum\":[\"1e-19\"]}",        OTHER              },
        {"\"silhouette\":{\"bins\":[0,\"1e5000\"]}",      OTHER              },
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        char schema[200];
        char text[100];
        struct aud_table table;
        struct sil_error err = {""};
        int n = snprintf(schema, sizeof schema,
                         "{\"fields\":[{\"name\":\"a\",\"type\":\"number\",%s}]}",
                         BAD[i][0]);
        (void)snprintf(text, sizeof text, "schema.json: field a: %s", BAD[i][1]);
        cr_expect(
            eq(int, aud_table_begin(&table, schema, (size_t)n, &err), SIL_ERR_INPUT));
        cr_expect(eq(str, err.text, text));
        aud_table_clear(&table);
    }
    struct aud_table table = from_text(
        "{\"fields\":[{\"name\":\"a\",\"type\":\"number\",\"constraints\":{\"enum\":"
        "[\"1e-18\",\"-999999999999999999999999999\"]}}]}");
    cr_expect(eq(u32, cell_of(&table, "0.000000000000000001"), 0));
    cr_expect(eq(u32, cell_of(&table, "-999999999999999999999999999"), 1));
    aud_table_clear(&table);
}
