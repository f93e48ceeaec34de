// SPDX-License-Identifier: Apache-2.0
/* Conditions on columns that a map or ranges give: of every value that the column they come
 * from can have, they say what they say of what is then written. */
#include "support/property.h"
#include "table/condition.h"
#include "table/field.h"
#include "table/pieces.h"
#include "table/recomputed.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static const char SCHEMA[] =
    "{\"fields\": ["
    "{\"name\": \"region\", \"type\": \"string\", \"categories\": [\"north\", \"south\"]},"
    "{\"name\": \"city\", \"type\": \"string\","
    " \"categories\": [\"Lille\", \"Lyon\", \"Nice\"], \"silhouette\": {\"open\": true}},"
    "{\"name\": \"age\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"
    " \"maximum\": 29}, \"silhouette\": {\"bins\": 3, \"granularity\": 2}},"
    "{\"name\": \"band\", \"type\": \"integer\", \"constraints\": {\"enum\": [1, 2, 3]},"
    " \"silhouette\": {\"outside\": \"other\"}},"
    "{\"name\": \"twice\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0,"
    " \"maximum\": 60}}], \"silhouette\": {\"rules\": ["
    "{\"determines\": {\"from\": \"city\", \"to\": \"region\", \"map\": {\"Lille\": \"north\","
    " \"Nice\": null}, \"default\": \"south\", \"null\": \"north\"}},"
    "{\"determines\": {\"from\": \"age\", \"to\": \"band\", \"cuts\": [5, 20],"
    " \"values\": [1, 2, \"other\"]}},"
    "{\"derive\": {\"column\": \"twice\", \"as\": \"2 * age\"}}]}}";

/* Of each text what it is of each cell of the column that it names; `other` and null stand
 * behind the values. */
static const struct {
    const char *text;
    uint8_t truth[5];
} CASES[] = {
    {"region = 'north'",     {SIL_TRUE, SIL_FALSE, SIL_UNKNOWN}                       },
    {"region != 'north'",    {SIL_FALSE, SIL_TRUE, SIL_UNKNOWN}                       },
    {"region IS NULL",       {SIL_FALSE, SIL_FALSE, SIL_TRUE}                         },
    {"NOT region IS NULL",   {SIL_TRUE, SIL_TRUE, SIL_FALSE}                          },
    {"band >= 2",            {SIL_FALSE, SIL_TRUE, SIL_TRUE, SIL_UNKNOWN, SIL_UNKNOWN}},
    {"band IN (1, 'other')", {SIL_TRUE, SIL_FALSE, SIL_FALSE, SIL_TRUE, SIL_UNKNOWN}  },
    {"band NOT IN (3)",      {SIL_TRUE, SIL_TRUE, SIL_FALSE, SIL_TRUE, SIL_UNKNOWN}   },
    {"band = 3",             {SIL_FALSE, SIL_FALSE, SIL_TRUE, SIL_FALSE, SIL_UNKNOWN} },
};

static struct sil_schema *parse(void)
{
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    const struct sil_found found[] = {
        {.text = "Metz", .length = 4}
    };
    cr_assert(zero(int, sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), &err)), "%s",
              err.text);
    uint32_t city = sil_schema_find(schema, "city", 4);
    cr_assert(zero(int, sil_schema_settle(schema, city, found, 1, NULL)));
    return schema;
}

/* What pieces, cut by the test, say of a value. */
static uint8_t seen(const struct sil_pieces *pieces, uint32_t code, uint64_t word)
{
    size_t at = pieces->first_of[code];
    while (pieces->piece[at].last_word < word) {
        at++;
    }
    return pieces->truth[pieces->piece[at].class * pieces->n_tests];
}

static void check_text(const struct sil_schema *schema, size_t k)
{
    struct sil_condition c;
    struct sil_pieces pieces;
    size_t place;
    struct test_random random = {.state = 11};
    cr_assert(zero(
        int, sil_condition_parse(&c, CASES[k].text, schema, true, "it", &place, NULL)));
    const struct sil_test *test = &c.test[0];
    const struct sil_field *from = sil_schema_field(schema, test->attr);
    cr_assert(zero(int, sil_pieces_make(&pieces, from, &test, 1, NULL)));
    for (uint32_t code = 0; code < from->n_cells; code++) {
        for (int i = 0; i < 200; i++) {
            uint64_t word = test_edge_word(&random);
            bool is_bin = sil_field_text(from, code) == NULL;
            sil_i128 value = is_bin ? sil_bins_draw(&from->bins, code, word) : 0;
            const struct sil_shown shown = {code, value};
            sil_i128 none;
            uint32_t gives = sil_recomputed_code(&none, test->through, schema, &shown);
            uint8_t truth[2] = {(uint8_t)sil_test_holds(test, from, code, value)};
            uint8_t work[4];
            cr_expect(eq(u8, sil_condition_holds(&c, c.n_nodes - 1, truth, work),
                         CASES[k].truth[gives]),
                      "%s of cell %u", CASES[k].text, code);
            cr_expect(eq(u8, seen(&pieces, code, word), truth[0]));
        }
    }
    sil_pieces_clear(&pieces);
    sil_condition_clear(&c);
}

Test(recomputed_asked, is_told_by_what_the_column_comes_from)
{
    struct sil_schema *schema = parse();
    for (size_t k = 0; k < sizeof CASES / sizeof CASES[0]; k++) {
        check_text(schema, k);
    }
    sil_schema_free(schema);
}

Test(recomputed_asked, of_sums_and_in_rules_is_refused)
{
    struct sil_schema *schema = parse();
    struct sil_condition c;
    struct sil_error err = {{0}};
    size_t place = 0;
    cr_expect(eq(int,
                 sil_condition_parse(&c, "age < 3 OR twice > 5", schema, true, "it",
                                     &place, &err),
                 SIL_ERR_USAGE));
    cr_expect(eq(sz, place, 12));
    cr_expect(ne(ptr, strstr(err.text, "a sum of others"), NULL), "%s", err.text);
    cr_expect(eq(int,
                 sil_condition_parse(&c, "band = 1", schema, false, "it", &place, &err),
                 SIL_ERR_USAGE));
    cr_expect(ne(ptr, strstr(err.text, "recomputed from others"), NULL), "%s",
              err.text);
    sil_schema_free(schema);
}
