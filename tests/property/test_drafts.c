// SPDX-License-Identifier: Apache-2.0
/* A draft guessed from the rows is a schema that `schema check` accepts and that holds every
 * value it was guessed from. Where there is nothing to guess from, the draft says so. */
#include "codec/csv.h"
#include "support/property.h"
#include "support/temp_file.h"
#include "table/schema.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CASES = 300, COLUMNS_MOST = 6, ROWS_MOST = 60, VALUE_BYTES = 96 };

typedef void make_value(char value[VALUE_BYTES], struct test_random *random);

static const char *sign(struct test_random *random)
{
    return test_below(random, 3) == 0 ? "-" : "";
}

static void small_integer(char value[VALUE_BYTES], struct test_random *random)
{
    (void)snprintf(value, VALUE_BYTES, "%s%" PRIu64, sign(random),
                   test_below(random, 300));
}

static void large_integer(char value[VALUE_BYTES], struct test_random *random)
{
    (void)snprintf(value, VALUE_BYTES, "%s%" PRIu64, sign(random),
                   test_edge_word(random));
}

/* Up to nine decimal places, more than a draft looks at, and as many digits in front. */
static void decimal(char value[VALUE_BYTES], struct test_random *random, char point)
{
    unsigned places = (unsigned)test_below(random, 10);
    uint64_t whole = test_edge_word(random) >> test_below(random, 64);
    (void)snprintf(value, VALUE_BYTES, "%s%" PRIu64 "%c%0*" PRIu64, sign(random), whole,
                   point, (int)places, places == 0 ? 0 : test_below(random, 10));
}

static void decimal_point(char value[VALUE_BYTES], struct test_random *random)
{
    decimal(value, random, '.');
}

static void decimal_comma(char value[VALUE_BYTES], struct test_random *random)
{
    decimal(value, random, ',');
}

static void with_exponent(char value[VALUE_BYTES], struct test_random *random)
{
    (void)snprintf(value, VALUE_BYTES, "%" PRIu64 ".5e%s%" PRIu64,
                   test_below(random, 100), sign(random), test_below(random, 25));
}

static void constant(char value[VALUE_BYTES], struct test_random *random)
{
    (void)random;
    (void)snprintf(value, VALUE_BYTES, "2.50");
}

static void date(char value[VALUE_BYTES], struct test_random *random)
{
    (void)snprintf(
        value, VALUE_BYTES, "20%02u-%02u-%02u", (unsigned)test_below(random, 100),
        1 + (unsigned)test_below(random, 12), 1 + (unsigned)test_below(random, 28));
}

static void datetime(char value[VALUE_BYTES], struct test_random *random)
{
    static const char *const ends[] = {"", "Z", "+02:00", ".25", ".75Z"};
    char day[VALUE_BYTES];
    date(day, random);
    (void)snprintf(value, VALUE_BYTES, "%.10sT%02u:59:%02u%s", day,
                   (unsigned)test_below(random, 24), (unsigned)test_below(random, 60),
                   ends[test_below(random, sizeof ends / sizeof ends[0])]);
}

static void last_second(char value[VALUE_BYTES], struct test_random *random)
{
    (void)snprintf(value, VALUE_BYTES, "9999-12-31T23:59:59%s",
                   test_below(random, 2) == 0 ? "Z" : "");
}

static void boolean(char value[VALUE_BYTES], struct test_random *random)
{
    (void)snprintf(value, VALUE_BYTES, "%s",
                   test_below(random, 2) == 0 ? "True" : "false");
}

static void code(char value[VALUE_BYTES], struct test_random *random)
{
    (void)snprintf(value, VALUE_BYTES, "0%02u", (unsigned)test_below(random, 100));
}

static void text(char value[VALUE_BYTES], struct test_random *random)
{
    static const char *const parts[] = {"a",        "\"\"", ",",  "\n",
                                        "\xC3\xA9", " ",    "\\", "1"};
    size_t n = 1 + test_below(random, 5);
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        const char *part = parts[test_below(random, sizeof parts / sizeof parts[0])];
        (void)snprintf(value + length, VALUE_BYTES - length, "%s", part);
        length += strlen(part);
    }
}

static void nothing(char value[VALUE_BYTES], struct test_random *random)
{
    (void)snprintf(value, VALUE_BYTES, "%s", test_below(random, 2) == 0 ? "" : "NA");
}

static make_value *const KINDS[] = {
    small_integer, large_integer, decimal_point, decimal_comma, with_exponent,
    constant,      date,          datetime,      last_second,   boolean,
    code,          text,          nothing,
};

/* A table of columns of random kinds, some values missing; the first row has none. */
static struct sil_bytes random_csv(struct test_random *random, size_t *n_empty)
{
    struct sil_bytes csv = {0};
    make_value *kind[COLUMNS_MOST];
    size_t n = 1 + test_below(random, COLUMNS_MOST);
    size_t n_rows = 1 + test_below(random, ROWS_MOST);
    *n_empty = 0;
    for (size_t c = 0; c < n; c++) {
        kind[c] = KINDS[test_below(random, sizeof KINDS / sizeof KINDS[0])];
        *n_empty += kind[c] == nothing;
        cr_assert(
            zero(int, sil_bytes_printf(&csv, NULL, "%sx%zu", c > 0 ? "," : "", c)));
    }
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t c = 0; c < n; c++) {
            char value[VALUE_BYTES];
            bool is_missing = r > 0 && test_below(random, 8) == 0;
            (is_missing ? nothing : kind[c])(value, random);
            cr_assert(zero(int, sil_bytes_printf(&csv, NULL, "%s\"%s\"",
                                                 c > 0 ? "," : "\n", value)));
        }
    }
    cr_assert(zero(int, sil_bytes_append(&csv, "\n", 2, NULL)));
    return csv;
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *p = strstr(text, part); p != NULL; p = strstr(p + 1, part)) {
        n++;
    }
    return n;
}

static bool holds_every_value(const char *path, const char *draft)
{
    struct sil_csv_options options = {0};
    struct sil_csv_reader *reader;
    const struct sil_csv_field *field;
    struct sil_schema *schema;
    size_t n;
    bool holds = true;
    cr_assert(zero(int, sil_schema_parse(&schema, draft, strlen(draft), NULL)));
    cr_assert(zero(int, sil_csv_open(&reader, path, &options, NULL)));
    cr_assert(zero(int, sil_csv_next(reader, &field, &n, NULL)));
    cr_assert(zero(int, sil_csv_next(reader, &field, &n, NULL)));
    while (n > 0) {
        for (uint32_t i = 0; i < n; i++) {
            holds = holds && sil_field_accepts(sil_schema_field(schema, i),
                                               field[i].text, field[i].length);
        }
        cr_assert(zero(int, sil_csv_next(reader, &field, &n, NULL)));
    }
    sil_csv_close(reader);
    sil_schema_free(schema);
    return holds;
}

static bool draft_is_a_schema(struct test_random *random, void *context)
{
    (void)context;
    size_t n_empty;
    size_t n_doubtful;
    size_t n_problems;
    struct sil_csv_options options = {0};
    struct sil_bytes draft = {0};
    struct sil_bytes problems = {0};
    struct sil_bytes csv = random_csv(random, &n_empty);
    struct test_file file = test_file_text((const char *)csv.data);
    cr_assert(zero(
        int, sil_schema_draft(&draft, &n_doubtful, file.path, &options, true, NULL)));
    cr_assert(zero(int, sil_bytes_append(&draft, "", 1, NULL)));
    const char *json = (const char *)draft.data;
    cr_assert(zero(
        int, sil_schema_explain(&problems, &n_problems, json, strlen(json), NULL)));

    bool holds = n_problems == n_empty &&
                 count(json, "No value in the rows") == n_empty &&
                 (n_empty > 0 || holds_every_value(file.path, json));

    if (!holds) {
        cr_log_error("%s\n%s\n%.*s", (const char *)csv.data, json, (int)problems.length,
                     problems.data == NULL ? "" : (const char *)problems.data);
    }
    test_file_remove(&file);
    sil_bytes_clear(&csv);
    sil_bytes_clear(&draft);
    sil_bytes_clear(&problems);
    return holds;
}

Test(drafts, from_the_rows_pass_the_check_and_hold_every_value)
{
    cr_assert(test_forall("draft --look", CASES, draft_is_a_schema, NULL));
}
