// SPDX-License-Identifier: Apache-2.0
/* Where the unit of privacy is a person: which rows count, against values computed
 * elsewhere, and the promise that the noise is scaled to, on random tables. */
#include "privacy/counts_internal.h"
#include "support/property.h"
#include "support/temp_file.h"
#include "table/table_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>
#include <string.h>

enum { N_WHO = 6, N_VALUES = 4, MAX_ROWS = 60 };

#define MUST(call) cr_assert(zero(int, (call)))

/* `who` is the id again, as a field: so a table tells whose rows it has. */
static const char SCHEMA[] =
    "{\"missingValues\": [\"\", \"NA\"], \"fields\": ["
    "{\"name\": \"a\", \"type\": \"integer\","
    " \"constraints\": {\"minimum\": 0, \"maximum\": 3, \"required\": true},"
    " \"silhouette\": {\"bins\": \"integers\", \"outside\": \"drop\"}},"
    "{\"name\": \"who\", \"type\": \"string\","
    " \"categories\": [\"p1\", \"p,2\", \"p\", \"P1\", \"p1 \", \"long\"],"
    " \"silhouette\": {\"outside\": \"null\"}}]}";

static const char *const WHO[N_WHO] = {"p1", "\"p,2\"", "p", "P1", "p1 ", "long"};

struct row {
    uint32_t who; /* N_WHO: missing */
    uint32_t a;
};

static struct sil_people_rule rule_of(uint32_t rows)
{
    struct sil_people_rule rule = {.id_column = "id", .rows = rows};
    for (size_t i = 0; i < sizeof rule.salt; i++) {
        rule.salt[i] = (uint8_t)i;
    }
    return rule;
}

static struct sil_table *read_text(const char *csv, const struct sil_people_rule *rule)
{
    struct test_file file = test_file_text(csv);
    struct sil_csv_options options = {0};
    struct sil_schema *schema;
    struct sil_table *table;
    struct sil_error err = {""};
    MUST(sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), NULL));
    cr_assert(zero(int, sil_table_read(&table, file.path, schema, rule, &options, NULL,
                                       &err)),
              "%s", err.text);
    test_file_remove(&file);
    sil_schema_free(schema);
    return table;
}

static struct sil_table *read_rows(const struct row *row, size_t n,
                                   const struct sil_people_rule *rule)
{
    struct sil_bytes csv = {0};
    MUST(sil_bytes_printf(&csv, NULL, "a,id,who\n"));
    for (size_t i = 0; i < n; i++) {
        const char *who = row[i].who < N_WHO ? WHO[row[i].who] : "";
        MUST(sil_bytes_printf(&csv, NULL, "%u,%s,%s\n", row[i].a, who, who));
    }
    MUST(sil_bytes_append(&csv, "", 1, NULL));
    struct sil_table *table = read_text((const char *)csv.data, rule);
    sil_bytes_clear(&csv);
    return table;
}

/* How often each value is there, of each person. */
struct content {
    int count[N_WHO + 1][N_VALUES];
};

static struct content content_of(const struct sil_table *table)
{
    struct content content = {0};
    for (size_t r = 0; r < table->n_rows; r++) {
        content.count[sil_table_get(table, r, 1)][sil_table_get(table, r, 0)]++;
    }
    return content;
}

/* ---- values ---- */

/* Rows of the person and K: the values of `a` that count, in the order of the file. The
 * expected ones are from another program: Python's hashlib, by the formula of
 * table/people.h. */
static void expect_kept(const char *id, uint32_t rows, const char *want)
{
    static const uint32_t A[] = {0, 0, 1, 3, 2, 0, 3};
    static const uint32_t B[] = {0, 0, 2, 1, 2, 0, 1};
    struct sil_bytes csv = {0};
    struct sil_bytes got = {0};
    struct sil_people_rule rule = rule_of(rows);
    static const char TWO[] =
        "{\"fields\": ["
        "{\"name\": \"a\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"
        " \"maximum\": 3}, \"silhouette\": {\"bins\": \"integers\"}},"
        "{\"name\": \"b\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"
        " \"maximum\": 3}, \"silhouette\": {\"bins\": \"integers\"}}]}";
    struct sil_schema *schema;
    struct sil_table *table;
    struct sil_csv_options options = {0};
    MUST(sil_schema_parse(&schema, TWO, strlen(TWO), NULL));
    MUST(sil_bytes_printf(&csv, NULL, "id,b,a\n"));
    for (size_t i = 0; i < sizeof A / sizeof A[0]; i++) {
        MUST(sil_bytes_printf(&csv, NULL, "%s,%u,%u\n", id, B[i], A[i]));
    }
    struct test_file file = test_file_new(csv.data, csv.length);

    MUST(sil_table_read(&table, file.path, schema, &rule, &options, NULL, NULL));

    for (size_t r = 0; r < table->n_rows; r++) {
        MUST(sil_bytes_printf(&got, NULL, "%u%u ", sil_table_get(table, r, 0),
                              sil_table_get(table, r, 1)));
    }
    MUST(sil_bytes_append(&got, "", 1, NULL));
    cr_expect_str_eq((const char *)got.data, want, "%s, %u", id, rows);
    sil_bytes_clear(&got);
    sil_bytes_clear(&csv);
    sil_table_free(table);
    sil_schema_free(schema);
    test_file_remove(&file);
}

Test(people, the_rows_that_count_are_those_of_the_formula)
{
    expect_kept("p1", 1, "31 ");
    expect_kept("p1", 2, "31 31 ");
    expect_kept("p1", 3, "12 31 31 ");
    expect_kept("\"p,2\"", 1, "00 ");
    expect_kept("\"p,2\"", 2, "00 00 ");
    expect_kept("\"p,2\"", 3, "00 00 00 ");
    expect_kept("p1", 7, "00 00 12 31 22 00 31 ");
    expect_kept("p1", 1048576, "00 00 12 31 22 00 31 ");
}

Test(people, somebody_with_a_thousand_rows_counts_with_k)
{
    enum { N = 1000 };

    struct row *row = calloc(N + 2, sizeof *row);
    cr_assert(ne(ptr, row, NULL));
    for (size_t i = 0; i < N; i++) {
        row[i + 1] = (struct row){.who = 3, .a = (uint32_t)(i % N_VALUES)};
    }
    row[0] = (struct row){.who = 0, .a = 2};
    row[N + 1] = (struct row){.who = 1, .a = 1};
    struct sil_people_rule rule = rule_of(5);

    struct sil_table *table = read_rows(row, N + 2, &rule);

    cr_expect(eq(sz, table->n_rows, 7));
    cr_expect(eq(u32, sil_table_get(table, 0, 1), 0));
    cr_expect(eq(u32, sil_table_get(table, 3, 1), 3));
    cr_expect(eq(u32, sil_table_get(table, 6, 1), 1));
    sil_table_free(table);
    free(row);
}

Test(people, ids_are_bytes_and_a_missing_one_is_nobody_else)
{
    static const char CSV[] = "a,id,who\n0,p1,\n1,P1,\n2,p1 ,\n3,\"p1\",\n"
                              "0,,\n1,,\n2,NA,\n3,NA,\n";
    struct sil_people_rule rule = rule_of(1);

    struct sil_table *own = read_text(CSV, &rule);
    rule.drops_missing = true;
    struct sil_table *dropped = read_text(CSV, &rule);

    cr_expect(eq(sz, own->n_rows, 6)); /* p1 twice, and NA, who is somebody */
    cr_expect(eq(sz, dropped->n_rows, 4));
    sil_table_free(own);
    sil_table_free(dropped);
}

Test(people, a_row_that_a_policy_drops_is_nobodys)
{
    static const char CSV[] = "a,id,who\nx,p1,p\n1,p1,p\nx,p1,p\n2,p1,p\n";
    struct sil_people_rule rule = rule_of(2);
    struct sil_table *table = read_text(CSV, &rule);
    cr_expect(eq(sz, table->n_rows, 2));
    cr_expect(eq(u32, sil_table_get(table, 0, 0), 1));
    cr_expect(eq(u32, sil_table_get(table, 1, 0), 2));
    sil_table_free(table);
}

Test(people, the_id_column_must_be_there_once)
{
    static const struct {
        const char *csv;
        const char *says;
    } FILES[] = {
        {"a,who\n1,p\n",        "lacks the id column \"id\""                        },
        {"a,id,who,id\n1,,,\n", "has the id column \"id\" twice, in columns 2 and 4"},
        {"a,id,who,more\n",     "column 4"                                          },
    };
    struct sil_people_rule rule = rule_of(1);
    struct sil_schema *schema;
    MUST(sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), NULL));
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        struct test_file file = test_file_text(FILES[i].csv);
        struct sil_csv_options options = {0};
        struct sil_table *table;
        struct sil_error err = {""};

        cr_expect(eq(
            int, sil_table_read(&table, file.path, schema, &rule, &options, NULL, &err),
            SIL_ERR_INPUT));

        cr_expect(ne(ptr, strstr(err.text, FILES[i].says), NULL), "%s", err.text);
        test_file_remove(&file);
    }
    sil_schema_free(schema);
}

/* ---- the promise ---- */

static size_t random_rows(struct row *row, struct test_random *random)
{
    size_t n = test_below(random, MAX_ROWS);
    for (size_t i = 0; i < n; i++) {
        row[i] = (struct row){.who = (uint32_t)test_below(random, N_WHO + 1),
                              .a = (uint32_t)test_below(random, N_VALUES)};
    }
    return n;
}

static void shuffle(struct row *row, size_t n, struct test_random *random)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = test_below(random, i);
        struct row held = row[i - 1];
        row[i - 1] = row[j];
        row[j] = held;
    }
}

static int rows_of(const struct content *content, uint32_t who)
{
    int n = 0;
    for (uint32_t a = 0; a < N_VALUES; a++) {
        n += content->count[who][a];
    }
    return n;
}

/* Everybody counts with K rows or all of his own; in whatever order they come. */
static bool is_capped(const struct row *row, size_t n, uint32_t rows,
                      struct test_random *random)
{
    struct sil_people_rule rule = rule_of(rows);
    struct row other[MAX_ROWS];
    int had[N_WHO + 1] = {0};
    bool holds = true;
    for (size_t i = 0; i < n; i++) {
        had[row[i].who]++;
        other[i] = row[i];
    }
    shuffle(other, n, random);
    struct sil_table *first = read_rows(row, n, &rule);
    struct sil_table *again = read_rows(other, n, &rule);
    struct content a = content_of(first);
    struct content b = content_of(again);
    for (uint32_t who = 0; who < N_WHO; who++) {
        int want = had[who] < (int)rows ? had[who] : (int)rows;
        holds = holds && rows_of(&a, who) == want;
    }
    holds = holds && rows_of(&a, N_WHO) == had[N_WHO] && memcmp(&a, &b, sizeof a) == 0;
    sil_table_free(first);
    sil_table_free(again);
    return holds;
}

/* Without one person, all other rows stay: no marginal moves by more than K, upwards
 * nowhere. */
static bool is_alone(const struct row *row, size_t n, uint32_t rows, uint32_t who)
{
    struct sil_people_rule rule = rule_of(rows);
    struct row less[MAX_ROWS];
    size_t n_less = 0;
    for (size_t i = 0; i < n; i++) {
        if (row[i].who != who) {
            less[n_less++] = row[i];
        }
    }
    struct sil_table *with = read_rows(row, n, &rule);
    struct sil_table *without = read_rows(less, n_less, &rule);
    struct content a = content_of(with);
    struct content b = content_of(without);
    int moved = rows_of(&a, who);
    (void)memset(a.count[who], 0, sizeof a.count[who]);
    bool holds = moved <= (int)rows && memcmp(&a, &b, sizeof a) == 0;
    sil_table_free(with);
    sil_table_free(without);
    return holds;
}

static bool keeps_the_promise(struct test_random *random, void *context)
{
    struct row row[MAX_ROWS];
    size_t n = random_rows(row, random);
    uint32_t rows = 1 + (uint32_t)test_below(random, 6);
    (void)context;
    return is_capped(row, n, rows, random) &&
           is_alone(row, n, rows, (uint32_t)test_below(random, N_WHO));
}

Test(people, one_person_moves_at_most_k_rows_and_nobody_elses)
{
    cr_expect(test_forall("people", test_cases(300), keeps_the_promise, NULL));
}
