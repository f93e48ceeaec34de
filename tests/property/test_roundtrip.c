// SPDX-License-Identifier: Apache-2.0
/* Codes written as a file and read again: the same codes, no value to complain about, and
 * the same bytes on any number of threads. On random schemas of every type and policy. */
#include "base/file.h"
#include "support/property.h"
#include "support/random_schema.h"
#include "support/temp_file.h"
#include "table/table_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 9 };

#define MUST(call) cr_assert(zero(int, (call)))

/* Words that depend on stream and position alone, as the real ones do; asks that the
 * first position is one that the real ones allow. */
static void draw(const void *key, uint64_t stream, uint64_t first, uint64_t *out,
                 size_t n)
{
    const uint64_t *seed = key;
    cr_assert(zero(u64, first % 8));
    for (size_t i = 0; i < n; i++) {
        struct test_random random = {.state = *seed ^ stream << 32 ^ (first + i)};
        out[i] = test_word(&random);
    }
}

struct layout {
    char delimiter;
    const uint32_t *order;
};

static struct sil_bytes write_file(const struct test_file *file,
                                   const struct sil_codes *codes,
                                   const struct sil_schema *schema,
                                   const struct layout *layout, unsigned n_threads)
{
    static const uint64_t SEED = 20260101;
    struct sil_words words = {.draw = draw, .key = &SEED};
    struct sil_csv_options options = {.delimiter = layout->delimiter};
    struct sil_output *output;
    struct sil_bytes bytes;
    MUST(sil_output_open(&output, file->path, 0600, NULL));
    MUST(sil_codes_write_csv(output, codes, schema, layout->order, words, &options,
                             NULL, n_threads, NULL));
    MUST(sil_output_commit(output, NULL));
    MUST(sil_file_read(&bytes, file->path, (size_t)1 << 28, NULL));
    return bytes;
}

static bool reads_back(const struct test_file *file, const struct sil_codes *codes,
                       const struct sil_schema *schema, const struct layout *layout)
{
    struct sil_csv_options options = {.delimiter = layout->delimiter};
    uint32_t order[MAX_FIELDS];
    struct sil_table *table;
    struct sil_error err;
    cr_assert(zero(int, sil_table_read(&table, file->path, schema, NULL, &options, NULL,
                                       &err)),
              "%s", err.text);
    sil_table_column_order(order, table);
    bool same = table->n_rows == codes->n_rows &&
                memcmp(order, layout->order, codes->n_attrs * sizeof *order) == 0;
    for (size_t r = 0; same && r < codes->n_rows; r++) {
        for (uint32_t a = 0; a < codes->n_attrs; a++) {
            same = same && sil_table_get(table, r, a) == sil_codes_get(codes, a, r);
        }
    }
    sil_table_free(table);
    return same;
}

static bool is_valid(const struct test_file *file, const struct sil_schema *schema,
                     char delimiter)
{
    struct sil_csv_options options = {.delimiter = delimiter};
    struct sil_bytes problems = {0};
    uint64_t n;
    MUST(sil_schema_check_data(&problems, &n, file->path, schema, &options, 5, NULL));
    if (n > 0) {
        (void)fprintf(stderr, "%.*s", (int)problems.length, (char *)problems.data);
    }
    sil_bytes_clear(&problems);
    return n == 0;
}

static void shuffle(uint32_t *order, uint32_t n, struct test_random *random)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = (uint32_t)test_below(random, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}

static bool survives(struct test_random *random, void *context)
{
    (void)context;
    static const char DELIMITERS[] = {'\0', ',', ';', '\t', 'a', '-', '1', ':', 'T'};
    struct sil_schema *schema = test_random_schema(random, MAX_FIELDS);
    struct sil_domain domain = sil_schema_domain(schema);
    size_t n_rows = test_below(random, test_below(random, 8) == 0 ? 30000 : 50);
    uint32_t order[MAX_FIELDS];
    struct layout layout = {DELIMITERS[test_below(random, sizeof DELIMITERS)], order};
    struct test_file file = test_file_text("");
    struct sil_codes codes;
    MUST(sil_codes_init(&codes, &domain, n_rows, NULL));
    for (uint32_t a = 0; a < codes.n_attrs; a++) {
        for (size_t r = 0; r < n_rows; r++) {
            sil_codes_set(&codes, a, r, (uint32_t)test_below(random, domain.sizes[a]));
        }
    }

    shuffle(order, domain.n_attrs, random);
    struct sil_bytes one = write_file(&file, &codes, schema, &layout, 1);
    struct sil_bytes three = write_file(&file, &codes, schema, &layout, 3);

    bool good = one.length == three.length &&
                memcmp(one.data, three.data, one.length) == 0 &&
                reads_back(&file, &codes, schema, &layout) &&
                is_valid(&file, schema, layout.delimiter);
    sil_bytes_clear(&one);
    sil_bytes_clear(&three);
    sil_codes_clear(&codes);
    sil_schema_free(schema);
    test_file_remove(&file);
    return good;
}

Test(roundtrip, what_is_written_is_read_again)
{
    cr_expect(test_forall("roundtrip", test_cases(200), survives, NULL));
}

static const struct layout COMMAS = {',', NULL};

/* A value is a function of its row and column: other rows do not move it. */
Test(roundtrip, a_shorter_table_is_the_start_of_a_longer_one)
{
    struct test_random random = {.state = 1};
    struct sil_schema *schema = test_random_schema(&random, MAX_FIELDS);
    struct sil_domain domain = sil_schema_domain(schema);
    struct test_file file = test_file_text("");
    struct sil_codes codes;
    MUST(sil_codes_init(&codes, &domain, 20000, NULL));

    struct sil_bytes all = write_file(&file, &codes, schema, &COMMAS, 2);
    codes.n_rows = 12345;
    struct sil_bytes some = write_file(&file, &codes, schema, &COMMAS, 2);

    cr_assert(lt(sz, some.length, all.length));
    cr_expect(zero(int, memcmp(some.data, all.data, some.length)));
    sil_bytes_clear(&all);
    sil_bytes_clear(&some);
    sil_codes_clear(&codes);
    sil_schema_free(schema);
    test_file_remove(&file);
}

/* Neither does the place of its column in the file. */
Test(roundtrip, an_order_of_columns_moves_whole_columns)
{
    static const char JSON[] =
        "{\"fields\": [{\"name\": \"a\", \"type\": \"boolean\"}, {\"name\": \"b\", "
        "\"type\": \"integer\", \"constraints\": {\"minimum\": 0, \"maximum\": 999}}, "
        "{\"name\": \"c\", \"type\": \"date\", \"constraints\": {\"minimum\": "
        "\"2001-01-01\", \"maximum\": \"2008-12-31\"}}]}";
    static const uint32_t ORDER[] = {2, 0, 1};
    struct layout moved = {',', ORDER};
    struct sil_schema *schema;
    MUST(sil_schema_parse(&schema, JSON, strlen(JSON), NULL));
    struct sil_domain domain = sil_schema_domain(schema);
    struct test_file file = test_file_text("");
    struct sil_codes codes;
    MUST(sil_codes_init(&codes, &domain, 3, NULL));

    struct sil_bytes plain = write_file(&file, &codes, schema, &COMMAS, 1);
    struct sil_bytes other = write_file(&file, &codes, schema, &moved, 1);
    MUST(sil_bytes_append(&plain, "", 1, NULL));
    MUST(sil_bytes_append(&other, "", 1, NULL));

    const char *from = (const char *)plain.data;
    const char *to = (const char *)other.data;
    for (int line = 0; line < 4; line++) {
        char a[16];
        char b[16];
        char c[16];
        char want[64];
        int n = 0;
        cr_assert(
            eq(int, sscanf(from, "%15[^,],%15[^,],%15[^\n]\n%n", a, b, c, &n), 3));
        (void)snprintf(want, sizeof want, "%s,%s,%s\n", c, a, b);
        cr_expect(zero(int, strncmp(to, want, strlen(want))), "%s", want);
        from += n;
        to += strlen(want);
    }
    cr_expect(eq(chr, *to, '\0'));
    sil_bytes_clear(&plain);
    sil_bytes_clear(&other);
    sil_codes_clear(&codes);
    sil_schema_free(schema);
    test_file_remove(&file);
}

/* A line of nothing would be skipped by many readers, and the row with it. */
Test(roundtrip, a_row_of_one_empty_value_is_quoted)
{
    static const char JSON[] = "{\"fields\": [{\"name\": \"x\", \"type\": \"string\","
                               " \"categories\": [\"a\"]}]}";
    static const uint32_t FIRST[] = {0};
    struct layout only = {',', FIRST};
    struct sil_schema *schema;
    MUST(sil_schema_parse(&schema, JSON, strlen(JSON), NULL));
    struct sil_domain domain = sil_schema_domain(schema);
    struct test_file file = test_file_text("");
    struct sil_codes codes;
    MUST(sil_codes_init(&codes, &domain, 2, NULL));
    sil_codes_set(&codes, 0, 1, 1);

    struct sil_bytes text = write_file(&file, &codes, schema, &only, 1);

    cr_assert(eq(sz, text.length, strlen("x\na\n\"\"\n")));
    cr_expect(zero(int, memcmp(text.data, "x\na\n\"\"\n", text.length)));
    cr_expect(reads_back(&file, &codes, schema, &only));
    sil_bytes_clear(&text);
    sil_codes_clear(&codes);
    sil_schema_free(schema);
    test_file_remove(&file);
}

Test(roundtrip, codes_and_domain_for_yardsticks)
{
    static const char JSON[] =
        "{\"fields\": [{\"name\": \"x, \\\"y\\\"\", \"type\": \"string\","
        " \"categories\": [\"a\", \"b\"]}, {\"name\": \"z\", \"type\": \"boolean\"}]}";
    struct sil_schema *schema;
    MUST(sil_schema_parse(&schema, JSON, strlen(JSON), NULL));
    struct sil_csv_options options = {0};
    struct sil_table *table;
    struct test_file csv = test_file_text("z,\"x, \"\"y\"\"\"\ntrue,b\n,a\n");
    struct test_file json = test_file_text("");
    struct sil_output *codes_out;
    struct sil_output *domain_out;
    MUST(sil_table_read(&table, csv.path, schema, NULL, &options, NULL, NULL));

    MUST(sil_output_open(&codes_out, csv.path, 0600, NULL));
    MUST(sil_output_open(&domain_out, json.path, 0600, NULL));
    MUST(sil_table_write_codes(codes_out, domain_out, table, schema, NULL));
    MUST(sil_output_commit(codes_out, NULL));
    MUST(sil_output_commit(domain_out, NULL));

    struct sil_bytes bytes;
    MUST(sil_file_read(&bytes, csv.path, 1000, NULL));
    MUST(sil_bytes_append(&bytes, "", 1, NULL));
    char want[64];
    (void)snprintf(want, sizeof want, "\"x, \"\"y\"\"\",z\n%u,%u\n%u,%u\n",
                   sil_table_get(table, 0, 0), sil_table_get(table, 0, 1),
                   sil_table_get(table, 1, 0), sil_table_get(table, 1, 1));
    cr_expect_str_eq((const char *)bytes.data, want);
    sil_bytes_clear(&bytes);
    MUST(sil_file_read(&bytes, json.path, 1000, NULL));
    MUST(sil_bytes_append(&bytes, "", 1, NULL));
    cr_expect_str_eq((const char *)bytes.data,
                     "{\n  \"x, \\\"y\\\"\": 3,\n  \"z\": 3\n}\n");
    sil_bytes_clear(&bytes);
    sil_table_free(table);
    sil_schema_free(schema);
    test_file_remove(&csv);
    test_file_remove(&json);
}
