// SPDX-License-Identifier: Apache-2.0
/* Open fields: what the schema says of them, what may be found, and the table before and
 * after it is known. */
#include "privacy/counts_internal.h"
#include "privacy/keys_internal.h"
#include "support/temp_file.h"
#include "table/field.h"
#include "table/table_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#define MUST(call) cr_assert(zero(int, (call)))

static const char SCHEMA[] =
    "{\"missingValues\": [\"NA\"], \"fields\": ["
    "{\"name\": \"town\", \"type\": \"string\", \"categories\": [\"Bern\", \"Ulm\"],"
    " \"silhouette\": {\"open\": true, \"other\": \"rest\"}},"
    "{\"name\": \"n\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"
    " \"maximum\": 3}, \"silhouette\": {\"bins\": \"integers\"}}]}";

static struct sil_schema *parse(const char *json)
{
    struct sil_schema *schema;
    struct sil_error err = {""};
    cr_assert(zero(int, sil_schema_parse(&schema, json, strlen(json), &err)), "%s",
              err.text);
    return schema;
}

/* ---- the schema ---- */

static const struct {
    const char *field;
    const char *sentence;
} REFUSED[] = {
    {"\"type\": \"integer\", \"constraints\": {\"minimum\": 0, \"maximum\": 9},"
     " \"silhouette\": {\"open\": true}",                                              "only a field of type string"},
    {"\"type\": \"boolean\", \"silhouette\": {\"open\": true}",
     "only a field of type string"                                                                                       },
    {"\"type\": \"string\", \"silhouette\": {\"open\": \"yes\"}",                           "true or false"              },
    {"\"type\": \"string\", \"silhouette\": {\"open\": false}",                             "not declared"               },
    {"\"type\": \"string\", \"silhouette\": {\"open\": true, \"outside\": \"null\"}",
     "becomes \"other\""                                                                                                 },
    {"\"type\": \"string\", \"silhouette\": {\"open\": true, \"outside\": \"drop\"}",
     "becomes \"other\""                                                                                                 },
    {"\"type\": \"string\", \"categories\": [\"other\"], \"silhouette\": {\"open\": true}",
     "also a declared value"                                                                                             },
    {"\"type\": \"string\", \"categories\": [], \"silhouette\": {\"open\": true}",
     "at least one value"                                                                                                },
};

Test(open, is_for_texts_and_leaves_what_is_not_found_to_other)
{
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        char json[512];
        struct sil_schema *schema;
        struct sil_error err = {""};
        (void)snprintf(json, sizeof json, "{\"fields\": [{\"name\": \"x\", %s}]}",
                       REFUSED[i].field);
        cr_expect(
            eq(int, sil_schema_parse(&schema, json, strlen(json), &err), SIL_ERR_INPUT),
            "case %zu", i);
        cr_expect(ne(ptr, strstr(err.text, REFUSED[i].sentence), NULL), "case %zu: %s",
                  i, err.text);
    }
}

Test(open, has_its_listed_values_other_and_null_before_anything_is_found)
{
    struct sil_schema *schema = parse(SCHEMA);
    const struct sil_field *field = sil_schema_field(schema, 0);
    cr_expect(eq(u32, sil_schema_n_open(schema), 1));
    cr_expect(eq(int, sil_field_is_open(field), 1));
    cr_expect(zero(int, sil_field_is_settled(field)));
    cr_expect(eq(u32, sil_schema_field_cells(schema, 0), 4));
    cr_expect(eq(u32, sil_field_encode(field, "Kiel", 4), 2));
    sil_schema_free(schema);

    schema = parse("{\"fields\": [{\"name\": \"x\", \"type\": \"string\","
                   " \"constraints\": {\"required\": true},"
                   " \"silhouette\": {\"open\": true}}]}");
    cr_expect(eq(u32, sil_schema_field_cells(schema, 0), 1));
    sil_schema_free(schema);
}

static const struct {
    const char *text;
    size_t length;
    int may;
} TEXTS[] = {
    {"Kiel",             4, 1},
    {"",                 0, 1}, /* here NA is missing, and nothing else */
    {" Bern",            5, 1},
    {"bern",             4, 1},
    {"\xc3\x85re",       4, 1},
    {"\xf0\x9f\x8f\x99", 4, 1},
    {"Bern",             4, 0}, /* listed */
    {"rest",             4, 0}, /* the text of other */
    {"NA",               2, 0},
    {"a\0b",             3, 0},
    {"a\nb",             3, 0},
    {"a\x1b[2J",         5, 0},
    {"\x7f",             1, 0},
    {"\xc2\x85",         2, 0}, /* a control character of two bytes */
    {"\xe2\x80\x8cx",    4, 1}, /* joins letters of Persian names */
    {"\xe2\x80\xae"
     "x",           4, 0}, /* turns the direction of what follows */
    {"\xe2\x81\xa6"
     "x",           4, 0},
    {"\xd8\x9c"
     "x",           3, 0},
    {"\xe2\x80\xa8",     3, 0}, /* ends a line */
    {"\xff",             1, 0},
    {"\xc3",             1, 0},
    {"\xc0\xaf",         2, 0}, /* not the shortest form */
    {"\xed\xa0\x80",     3, 0}, /* a surrogate */
    {"\xf4\x90\x80\x80", 4, 0}, /* beyond the last character */
    {"\x80",             1, 0},
};

Test(open, finds_texts_by_a_rule_that_looks_at_the_text_alone)
{
    struct sil_schema *schema = parse(SCHEMA);
    const struct sil_field *field = sil_schema_field(schema, 0);
    char longest[SIL_OPEN_BYTES_MAX + 1];
    (void)memset(longest, 'x', sizeof longest);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        cr_expect(eq(int, sil_field_may_find(field, TEXTS[i].text, TEXTS[i].length),
                     TEXTS[i].may),
                  "case %zu", i);
    }
    cr_expect(eq(int, sil_field_may_find(field, longest, SIL_OPEN_BYTES_MAX), 1));
    cr_expect(zero(int, sil_field_may_find(field, longest, sizeof longest)));
    cr_expect(zero(int, sil_field_may_find(sil_schema_field(schema, 1), "x", 1)));
    sil_schema_free(schema);
}

static struct sil_found found_of(const char *text)
{
    return (struct sil_found){.text = text, .length = strlen(text)};
}

Test(open, settles_into_listed_values_those_found_other_and_null)
{
    struct sil_schema *schema = parse(SCHEMA);
    const struct sil_field *field = sil_schema_field(schema, 0);
    const struct sil_found found[] = {found_of(""), found_of("Kiel")};
    static const char *const WRITTEN[] = {"Bern", "Ulm", "", "Kiel", "rest", "NA"};

    MUST(sil_schema_settle(schema, 0, found, 2, NULL));

    cr_assert(eq(u32, sil_schema_field_cells(schema, 0), 6));
    for (uint32_t c = 0; c < 6; c++) {
        const struct sil_text *text = sil_field_text(field, c);
        cr_expect(zero(int, strcmp(text->data, WRITTEN[c])));
        cr_expect(eq(u32, sil_field_encode(field, text->data, text->length), c));
    }
    cr_expect(eq(u32, sil_field_encode(field, "Bonn", 4), 4));
    cr_expect(eq(u32, sil_field_n_declared(field), 2));
    sil_schema_free(schema);
}

Test(open, takes_only_what_can_have_been_found_once_and_in_order)
{
    static const char *const BAD[][2] = {
        {"Kiel", "Bonn"},
        {"Kiel", "Kiel"},
        {"Bern", "Kiel"},
        {"Kiel", "rest"},
        {"A\n",  "B"   },
        {"A",    "NA"  },
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct sil_schema *schema = parse(SCHEMA);
        const struct sil_found found[] = {found_of(BAD[i][0]), found_of(BAD[i][1])};
        cr_expect(eq(int, sil_schema_settle(schema, 0, found, 2, NULL), SIL_ERR_INPUT),
                  "case %zu", i);
        sil_schema_free(schema);
    }
    struct sil_schema *schema = parse(SCHEMA);
    cr_expect(eq(int, sil_schema_settle(schema, 1, NULL, 0, NULL), SIL_ERR_INPUT));
    MUST(sil_schema_settle(schema, 0, NULL, 0, NULL));
    cr_expect(eq(int, sil_schema_settle(schema, 0, NULL, 0, NULL), SIL_ERR_INPUT));
    sil_schema_free(schema);
}

/* ---- the table ---- */

static struct sil_table *read_csv(const char *csv, const struct sil_schema *schema,
                                  const struct sil_people_rule *rule)
{
    struct test_file file = test_file_text(csv);
    struct sil_csv_options options = {0};
    struct sil_table *table;
    struct sil_error err = {""};
    cr_assert(zero(int, sil_table_read(&table, file.path, schema, rule, &options, NULL,
                                       &err)),
              "%s", err.text);
    test_file_remove(&file);
    return table;
}

static const char CSV[] = "town,n\nKiel,0\nUlm,1\nBonn,2\nKiel,3\nNA,0\nrest,1\n"
                          "\xff,2\n\"\",3\nKiel,0\n";

/* "text=count ..." of the keys. */
static void print_keys(char *out, size_t size, const struct sil_table *table)
{
    struct sil_keys *keys;
    size_t at = 0;
    MUST(sil_table_keys(&keys, table, 0, NULL));
    out[0] = '\0';
    cr_expect(eq(int, sil_keys_are_in_order(keys), 1));
    for (size_t i = 0; i < keys->n; i++) {
        int n = snprintf(out + at, size - at, "%.*s=%u ", (int)keys->key[i].length,
                         keys->key[i].text, keys->key[i].count);
        at += (size_t)n;
    }
    sil_keys_free(keys);
}

Test(open, hands_the_gate_every_unlisted_text_once_in_the_order_of_bytes)
{
    struct sil_schema *schema = parse(SCHEMA);
    struct sil_table *table = read_csv(CSV, schema, NULL);
    char got[256];
    print_keys(got, sizeof got, table);
    cr_expect(eq(str, got, "=1 Bonn=1 Kiel=3 "));
    sil_table_free(table);
    sil_schema_free(schema);
}

Test(open, has_no_marginals_until_it_is_settled)
{
    struct sil_schema *schema = parse(SCHEMA);
    struct sil_table *table = read_csv(CSV, schema, NULL);
    struct sil_clique n = sil_clique_single(1);
    struct sil_counts *counts = NULL;
    cr_expect(
        eq(int, sil_table_count(&counts, table, &n, 1, 1, NULL), SIL_ERR_INTERNAL));
    cr_expect(eq(ptr, (void *)counts, NULL));
    cr_expect(eq(int, sil_table_settle(table, schema, NULL), SIL_ERR_INTERNAL));
    sil_table_free(table);
    sil_schema_free(schema);
}

Test(open, gives_rows_the_codes_of_what_was_found_and_other_for_the_rest)
{
    static const uint32_t WANT[] = {2, 1, 3, 2, 4, 3, 3, 3, 2};
    struct sil_schema *schema = parse(SCHEMA);
    struct sil_table *table = read_csv(CSV, schema, NULL);
    const struct sil_found found[] = {found_of("Kiel")};
    MUST(sil_schema_settle(schema, 0, found, 1, NULL));

    MUST(sil_table_settle(table, schema, NULL));

    cr_assert(eq(sz, table->n_rows, sizeof WANT / sizeof WANT[0]));
    for (size_t r = 0; r < table->n_rows; r++) {
        cr_expect(eq(u32, sil_table_get(table, r, 0), WANT[r]), "row %zu", r);
    }
    cr_expect(eq(u32, table->sizes[0], 5));
    sil_table_free(table);
    sil_schema_free(schema);
}

/* Read anew through the settled schema, the rows have the same codes. */
Test(open, settles_to_what_reading_by_the_settled_schema_gives)
{
    struct sil_schema *schema = parse(SCHEMA);
    struct sil_table *table = read_csv(CSV, schema, NULL);
    const struct sil_found found[] = {found_of(""), found_of("Bonn")};
    MUST(sil_schema_settle(schema, 0, found, 2, NULL));
    MUST(sil_table_settle(table, schema, NULL));
    struct sil_table *again = read_csv(CSV, schema, NULL);
    for (size_t r = 0; r < table->n_rows; r++) {
        cr_expect(eq(u32, sil_table_get(table, r, 0), sil_table_get(again, r, 0)));
    }
    sil_table_free(again);
    sil_table_free(table);
    sil_schema_free(schema);
}

/* Codes of a settled column take four bytes each, whatever number of cells is left. */
Test(open, has_the_marginals_of_its_rows_once_it_is_settled)
{
    enum { ROWS = 1500 };

    static char csv[ROWS * 16];
    size_t at = (size_t)sprintf(csv, "town,n\n");
    uint32_t want[5][5] = {{0}};
    struct sil_schema *schema = parse(SCHEMA);
    for (uint32_t r = 0; r < ROWS; r++) {
        static const char *const TOWNS[] = {"Bern", "Ulm",  "Kiel",
                                            "Bonn", "Graz", "NA"};
        static const uint32_t CODES[] = {0, 1, 2, 3, 3, 4};
        uint32_t town = r * r % 6;
        uint32_t n = r / 7 % 4;
        at += (size_t)sprintf(csv + at, "%s,%u\n", TOWNS[town], n);
        want[CODES[town]][n]++;
    }
    struct sil_table *table = read_csv(csv, schema, NULL);
    const struct sil_found found[] = {found_of("Kiel")};
    MUST(sil_schema_settle(schema, 0, found, 1, NULL));
    MUST(sil_table_settle(table, schema, NULL));
    const struct sil_clique cliques[2] = {
        sil_clique_single(0), {.n = 2, .attr = {0, 1}}
    };
    struct sil_counts *counts[2] = {NULL};

    MUST(sil_table_count(counts, table, cliques, 2, 1, NULL));

    size_t cells = counts[1]->n_cells / 5;
    for (size_t town = 0; town < 5; town++) {
        uint32_t sum = 0;
        for (size_t n = 0; n < cells; n++) {
            sum += want[town][n];
            cr_expect(eq(u32, counts[1]->cell[town * cells + n], want[town][n]),
                      "%zu, %zu", town, n);
        }
        cr_expect(eq(u32, counts[0]->cell[town], sum), "town %zu", town);
    }
    sil_counts_free(counts[0]);
    sil_counts_free(counts[1]);
    sil_table_free(table);
    sil_schema_free(schema);
}

/* Which rows of a person count must not depend on the rows of others, before or after them,
 * though these decide which number a text has. */
Test(open, chooses_a_persons_rows_by_their_texts_and_not_by_numbers)
{
    static const char MINE[] = "p,Kiel,0\np,Bonn,0\np,Trier,0\np,Aalen,1\np,Kiel,0\n";
    static const char OTHERS[] = "q,Trier,0\nr,Bonn,0\ns,Zug,1\nt,Kiel,0\n";
    struct sil_people_rule rule = {
        .id_column = "id", .rows = 2, .salt = "sixteen bytes.."};
    struct sil_schema *schema = parse(SCHEMA);
    char csv[512];
    char alone[256];
    char behind[256];
    for (int turn = 0; turn < 8; turn++) {
        rule.salt[0] = (uint8_t)turn;
        (void)snprintf(csv, sizeof csv, "id,town,n\n%s", MINE);
        struct sil_table *table = read_csv(csv, schema, &rule);
        cr_expect(eq(sz, table->n_rows, 2));
        print_keys(alone, sizeof alone, table);
        sil_table_free(table);

        rule.drops_missing = true;
        (void)snprintf(csv, sizeof csv, "id,town,n\n%s%s", OTHERS, MINE);
        table = read_csv(csv, schema, &rule);
        cr_expect(eq(sz, table->n_rows, 6));
        /* The others' rows all count: what is left of the keys is the person's. */
        struct sil_keys *keys;
        size_t at = 0;
        MUST(sil_table_keys(&keys, table, 0, NULL));
        behind[0] = '\0';
        for (size_t i = 0; i < keys->n; i++) {
            struct sil_key key = keys->key[i];
            bool is_aalen = key.length == 5 && memcmp(key.text, "Aalen", 5) == 0;
            uint32_t mine = key.count - !is_aalen;
            if (mine > 0) {
                at += (size_t)snprintf(behind + at, sizeof behind - at, "%.*s=%u ",
                                       (int)key.length, key.text, mine);
            }
        }
        cr_expect(eq(str, behind, alone), "salt %d", turn);
        sil_keys_free(keys);
        sil_table_free(table);
    }
    sil_schema_free(schema);
}

/* A power of two of different texts, each of them twice, one in each half. */
Test(open, counts_a_hundred_thousand_texts)
{
    enum { N = 1 << 17 };
    struct sil_bytes csv = {0};
    struct sil_schema *schema = parse(SCHEMA);
    MUST(sil_bytes_printf(&csv, NULL, "town,n\n"));
    for (uint32_t i = 0; i < 2 * N; i++) {
        MUST(sil_bytes_printf(&csv, NULL, "%x,0\n", (i * 2654435761U) % N));
    }
    MUST(sil_bytes_append(&csv, "", 1, NULL));
    struct sil_table *table = read_csv((const char *)csv.data, schema, NULL);
    struct sil_keys *keys;
    MUST(sil_table_keys(&keys, table, 0, NULL));
    cr_expect(eq(sz, keys->n, N));
    bool twice = sil_keys_are_in_order(keys);
    for (size_t i = 0; i < keys->n; i++) {
        twice = twice && keys->key[i].count == 2;
    }
    cr_expect(eq(int, twice, 1));
    sil_keys_free(keys);
    sil_table_free(table);
    sil_schema_free(schema);
    sil_bytes_clear(&csv);
}
