// SPDX-License-Identifier: Apache-2.0
/* The promise that the noise is scaled to: one row more or less changes every marginal in
 * at most one cell, by one; one row replaced, in at most two cells, by one each. Tried on
 * random schemas of every type and policy, and on files that differ in one record. */
#include "privacy/counts_internal.h"
#include "support/property.h"
#include "support/random_schema.h"
#include "support/temp_file.h"
#include "table/table_store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FIELDS = 5, MAX_ROWS = 40, MAX_CLIQUES = 1 << MAX_FIELDS };

#define MUST(call) cr_assert(zero(int, (call)))

static const char *pick(struct test_random *random, const char *const *choices,
                        size_t n)
{
    return choices[test_below(random, n)];
}

/* A declared value, a value near one, or any bytes a CSV file can hold. */
static void put_text(struct sil_bytes *line, const struct sil_schema *schema,
                     uint32_t f, struct test_random *random)
{
    static const char *const ODD[] = {"",
                                      "?",
                                      "-4",
                                      "5",
                                      "1e300",
                                      "-0",
                                      "0.5",
                                      "2.3",
                                      "nan",
                                      "1999-12-29",
                                      "2000-02-30",
                                      "true",
                                      "FALSE",
                                      "rest",
                                      "b,\"",
                                      " 1",
                                      "2020-01-01T00:00:00",
                                      "99999999999999999999"};
    struct sil_bytes text = {0};
    uint64_t kind = test_below(random, 10);
    if (kind < 5) {
        uint32_t code = (uint32_t)test_below(random, sil_schema_field_cells(schema, f));
        MUST(sil_field_decode(&text, sil_schema_field(schema, f), code,
                              test_word(random), NULL));
    } else if (kind < 8) {
        MUST(sil_bytes_printf(&text, NULL, "%s",
                              pick(random, ODD, sizeof ODD / sizeof ODD[0])));
    } else {
        for (uint64_t n = test_below(random, 12); n > 0; n--) {
            uint8_t byte = (uint8_t)(1 + test_below(random, 255));
            MUST(sil_bytes_append(&text, &byte, 1, NULL));
        }
    }
    MUST(sil_csv_append(line, (const char *)text.data, text.length, ',', NULL));
    sil_bytes_clear(&text);
}

static void put_record(struct sil_bytes *line, const struct sil_schema *schema,
                       struct test_random *random)
{
    uint32_t n = sil_schema_n_fields(schema);
    for (uint32_t f = 0; f < n; f++) {
        put_text(line, schema, f, random);
        MUST(sil_bytes_append(line, f + 1 < n ? "," : "\n", 1, NULL));
    }
}

/* A table of records, `skip` left out (n: none). */
static struct sil_table *read_records(const struct sil_bytes *records, size_t n,
                                      size_t skip, const struct sil_schema *schema)
{
    struct sil_bytes csv = {0};
    struct sil_csv_options options = {0};
    struct sil_table *table;
    struct sil_error err;
    uint32_t n_fields = sil_schema_n_fields(schema);
    for (uint32_t f = 0; f < n_fields; f++) {
        MUST(sil_bytes_printf(&csv, NULL, "f%u%s", f, f + 1 < n_fields ? "," : "\n"));
    }
    for (size_t i = 0; i < n; i++) {
        if (i != skip) {
            MUST(sil_bytes_append(&csv, records[i].data, records[i].length, NULL));
        }
    }
    struct test_file file = test_file_new(csv.data, csv.length);
    cr_assert(zero(int, sil_table_read(&table, file.path, schema, NULL, &options, NULL,
                                       &err)),
              "%s", err.text);
    test_file_remove(&file);
    sil_bytes_clear(&csv);
    return table;
}

/* Every set of the attributes, the empty one too. */
static size_t all_cliques(struct sil_clique *cliques, uint32_t n_fields)
{
    size_t n = (size_t)1 << n_fields;
    for (size_t set = 0; set < n; set++) {
        cliques[set] = (struct sil_clique){0};
        for (uint32_t a = 0; a < n_fields; a++) {
            if ((set >> a & 1) != 0) {
                cliques[set].attr[cliques[set].n++] = a;
            }
        }
    }
    return n;
}

/* At most `most_up` cells are higher and `most_down` lower in `b` than in `a`, by one. */
static bool is_stable(const struct sil_counts *a, const struct sil_counts *b,
                      size_t most_up, size_t most_down)
{
    size_t n_up = 0;
    size_t n_down = 0;
    size_t n_far = 0;
    for (size_t c = 0; c < a->n_cells; c++) {
        n_up += b->cell[c] == a->cell[c] + 1;
        n_down += b->cell[c] + 1 == a->cell[c];
        n_far += b->cell[c] > a->cell[c] + 1 || b->cell[c] + 1 < a->cell[c];
    }
    return n_up <= most_up && n_down <= most_down && n_far == 0;
}

struct tally {
    size_t moved; ///< neighbours of which the last marginal differs
    size_t alike; ///< neighbours of which none does: the row is dropped
};

static bool compare(const struct sil_table *a, const struct sil_table *b,
                    size_t most_up, size_t most_down, struct tally *tally)
{
    struct sil_clique cliques[MAX_CLIQUES];
    struct sil_counts *in_a[MAX_CLIQUES];
    struct sil_counts *in_b[MAX_CLIQUES];
    size_t n = all_cliques(cliques, a->n_attrs);
    bool stable = true;
    bool moved = false;
    MUST(sil_table_count(in_a, a, cliques, n, 2, NULL));
    MUST(sil_table_count(in_b, b, cliques, n, 1, NULL));
    for (size_t i = 0; i < n; i++) {
        stable = stable && is_stable(in_a[i], in_b[i], most_up, most_down);
        moved = moved || memcmp(in_a[i]->cell, in_b[i]->cell,
                                in_a[i]->n_cells * sizeof(uint32_t)) != 0;
        sil_counts_free(in_a[i]);
        sil_counts_free(in_b[i]);
    }
    tally->moved += moved;
    tally->alike += !moved;
    return stable;
}

static bool one_record_moves_one_cell(struct test_random *random, void *context)
{
    struct sil_schema *schema = test_random_schema(random, MAX_FIELDS);
    struct sil_bytes records[MAX_ROWS] = {0};
    struct sil_bytes other = {0};
    size_t n = 1 + test_below(random, MAX_ROWS);
    size_t changed = test_below(random, n);
    for (size_t i = 0; i < n; i++) {
        put_record(&records[i], schema, random);
    }
    put_record(&other, schema, random);

    struct sil_table *whole = read_records(records, n, n, schema);
    struct sil_table *less = read_records(records, n, changed, schema);
    struct sil_bytes original = records[changed];
    records[changed] = other;
    struct sil_table *replaced = read_records(records, n, n, schema);
    records[changed] = original;

    bool stable = compare(less, whole, 1, 0, context) &&
                  compare(whole, less, 0, 1, context) &&
                  compare(whole, replaced, 1, 1, context);
    sil_table_free(whole);
    sil_table_free(less);
    sil_table_free(replaced);
    for (size_t i = 0; i < n; i++) {
        sil_bytes_clear(&records[i]);
    }
    sil_bytes_clear(&other);
    sil_schema_free(schema);
    return stable;
}

Test(stability, one_record_moves_one_cell_of_every_marginal)
{
    struct tally tally = {0};

    cr_expect(
        test_forall("stability", test_cases(150), one_record_moves_one_cell, &tally));

    /* Rows that count and rows that are dropped must both have been tried. */
    cr_expect(gt(sz, tally.moved, test_cases(150)));
    cr_expect(gt(sz, tally.alike, test_cases(150) / 10));
}
