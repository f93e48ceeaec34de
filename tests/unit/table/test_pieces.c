// SPDX-License-Identifier: Apache-2.0
/* Cuts of bins are where the values change, to the word; tests on listed numbers. */
#include "table/field.h"
#include "table/pieces.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

static const char SCHEMA[] =
    "{\"fields\": ["
    "{\"name\": \"i\", \"type\": \"integer\", \"silhouette\": {\"bins\": [-7, 0, 3, 1000]}},"
    "{\"name\": \"x\", \"type\": \"number\","
    " \"silhouette\": {\"bins\": [-1, \"0.25\", 4, 4], \"granularity\": \"0.05\"}},"
    "{\"name\": \"d\", \"type\": \"date\", \"constraints\": {\"minimum\": \"1969-12-01\","
    " \"maximum\": \"2020-03-01\"}, \"silhouette\": {\"bins\": 5}},"
    "{\"name\": \"t\", \"type\": \"datetime\","
    " \"constraints\": {\"minimum\": \"2020-01-01T00:00:00\","
    " \"maximum\": \"2020-01-02T00:00:00\"}, \"silhouette\": {\"bins\": 3}},"
    "{\"name\": \"n\", \"type\": \"integer\", \"constraints\": {\"enum\": [10, 2, 1]},"
    " \"silhouette\": {\"outside\": \"other\", \"other\": \"99\"}}]}";

static struct sil_schema *schema_of(void)
{
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    cr_assert_eq(sil_schema_parse(&schema, SCHEMA, sizeof SCHEMA - 1, &err), SIL_OK,
                 "%s", err.text);
    return schema;
}

static const struct cut_case {
    uint32_t attr;
    enum sil_comparison comparison;
    const char *value;
    size_t n_cut; ///< pieces more than cells
} CUTS[] = {
    {0, SIL_LESS,          "-3",                     1},
    {0, SIL_LESS_EQUAL,    "-3",                     1},
    {0, SIL_GREATER,       "999",                    1},
    {0, SIL_GREATER_EQUAL, "1000",                   1},
    {0, SIL_GREATER,       "1000",                   0},
    {0, SIL_LESS,          "0",                      0},
    {0, SIL_LESS_EQUAL,    "-1",                     0},
    {0, SIL_LESS,          "1.5",                    1},
    {0, SIL_LESS,          "-100",                   0},
    {1, SIL_LESS,          "0.1",                    1},
    {1, SIL_LESS_EQUAL,    "0.1",                    1},
    {1, SIL_LESS,          "0.12345678901234567890", 1},
    {1, SIL_GREATER,       "3.95",                   0},
    {1, SIL_GREATER_EQUAL, "-0.95",                  1},
    {2, SIL_GREATER,       "1970-01-01",             1},
    {2, SIL_LESS,          "2020-02-29",             1},
    {3, SIL_LESS,          "2020-01-01T12:34:56",    1},
    {3, SIL_LESS_EQUAL,    "2020-01-01T12:34:56.5",  1},
};

static bool meets(enum sil_comparison comparison, sil_i128 value,
                  const struct sil_scaled *with)
{
    bool is_below = value < with->floor || (value == with->floor && with->is_inexact);
    bool is_equal = value == with->floor && !with->is_inexact;
    switch (comparison) {
    case SIL_LESS: return is_below;
    case SIL_LESS_EQUAL: return is_below || is_equal;
    case SIL_GREATER: return !is_below && !is_equal;
    case SIL_GREATER_EQUAL: break;
    }
    return !is_below;
}

/* The values of the first and of the last word of each piece are on one side. */
static void check_ends(const struct sil_pieces *p, const struct sil_field *field,
                       const struct cut_case *c, const struct sil_scaled *with)
{
    for (size_t k = 0; k < p->n; k++) {
        const struct sil_piece *piece = &p->piece[k];
        if (sil_field_text(field, piece->code) != NULL) {
            continue;
        }
        sil_i128 first = sil_bins_draw(&field->bins, piece->code, piece->first_word);
        sil_i128 last = sil_bins_draw(&field->bins, piece->code, piece->last_word);
        bool holds = p->truth[piece->class] == SIL_TRUE;
        cr_expect_eq(meets(c->comparison, first, with), holds, "%s, piece %zu",
                     c->value, k);
        cr_expect_eq(meets(c->comparison, last, with), holds, "%s, piece %zu", c->value,
                     k);
    }
}

Test(pieces, are_cut_where_the_values_change)
{
    struct sil_schema *schema = schema_of();
    for (size_t i = 0; i < sizeof CUTS / sizeof CUTS[0]; i++) {
        const struct cut_case *c = &CUTS[i];
        const struct sil_field *field = sil_schema_field(schema, c->attr);
        struct sil_test test = {.attr = c->attr};
        const struct sil_test *tests[] = {&test};
        struct sil_pieces p;
        struct sil_scaled with;
        cr_assert_eq(sil_test_add_order(&test, field, c->comparison, c->value,
                                        strlen(c->value), NULL),
                     SIL_OK);
        cr_assert(c->attr == 0
                      ? sil_scaled_parse(&with, c->value, strlen(c->value), 0, '.')
                      : sil_field_scale(&with, field, c->value, strlen(c->value)));
        cr_assert_eq(sil_pieces_make(&p, field, tests, 1, NULL), SIL_OK);
        cr_expect_eq(p.n, p.n_codes + c->n_cut, "%s: %zu pieces", c->value, p.n);
        check_ends(&p, field, c, &with);
        sil_pieces_clear(&p);
        sil_test_clear(&test);
    }
    sil_schema_free(schema);
}

/* Many cuts leave no word out and none in twice. */
Test(pieces, cover_their_cells)
{
    struct sil_schema *schema = schema_of();
    const struct sil_field *field = sil_schema_field(schema, 0);
    struct sil_test test[40] = {{0}};
    const struct sil_test *tests[40];
    struct sil_pieces p;
    for (int i = 0; i < 40; i++) {
        char value[8];
        int n = snprintf(value, sizeof value, "%d", 25 * i - 7);
        tests[i] = &test[i];
        cr_assert_eq(sil_test_add_value(&test[i], field, value, (size_t)n, NULL),
                     SIL_OK);
    }
    cr_assert_eq(sil_pieces_make(&p, field, tests, 40, NULL), SIL_OK);
    for (uint32_t code = 0; code < p.n_codes; code++) {
        uint64_t next = 0;
        for (size_t k = p.first_of[code]; k < p.first_of[code + 1]; k++) {
            cr_expect_eq(p.piece[k].first_word, next);
            cr_expect_eq(p.piece[k].code, code);
            cr_expect(p.piece[k].last_word >= p.piece[k].first_word);
            next = p.piece[k].last_word + 1;
        }
        cr_expect_eq(next, 0, "the last word of cell %u", code);
    }
    cr_expect_eq(p.n_classes, 41 + 1, "each value, the others, and missing ones");
    sil_pieces_clear(&p);
    for (int i = 0; i < 40; i++) {
        sil_test_clear(&test[i]);
    }
    sil_schema_free(schema);
}

Test(pieces, tests_on_listed_numbers)
{
    struct sil_schema *schema = schema_of();
    const struct sil_field *field = sil_schema_field(schema, 4);
    struct sil_test test = {.attr = 4};
    cr_assert_eq(sil_test_add_order(&test, field, SIL_LESS, "5", 1, NULL), SIL_OK);

    /* Codes: 10, 2, 1, other, missing. */
    static const enum sil_truth WANTED[] = {SIL_FALSE, SIL_TRUE, SIL_TRUE, SIL_UNKNOWN,
                                            SIL_UNKNOWN};

    for (uint32_t code = 0; code < 5; code++) {
        cr_expect_eq(sil_test_holds(&test, field, code, 0), WANTED[code], "code %u",
                     code);
    }
    sil_test_clear(&test);
    test.attr = 4;
    cr_assert_eq(sil_test_add_value(&test, field, "2.0", 3, NULL), SIL_OK);
    cr_assert_eq(sil_test_add_value(&test, field, "99", 2, NULL), SIL_OK);

    static const enum sil_truth EQUAL[] = {SIL_FALSE, SIL_TRUE, SIL_FALSE, SIL_TRUE,
                                           SIL_UNKNOWN};

    for (uint32_t code = 0; code < 5; code++) {
        cr_expect_eq(sil_test_holds(&test, field, code, 0), EQUAL[code], "code %u",
                     code);
    }
    cr_expect_eq(sil_test_add_value(&test, field, "3", 1, NULL), SIL_ERR_USAGE);
    sil_test_clear(&test);
    sil_schema_free(schema);
}
