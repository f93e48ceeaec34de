// SPDX-License-Identifier: Apache-2.0
/* Whose privacy: read, written, compared. */
#include "privacy/privacy_unit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <string.h>

static char *printed(const struct sil_privacy_unit *unit, bool in_words)
{
    struct sil_bytes text = {0};
    cr_assert(zero(int, in_words ? sil_privacy_unit_say(&text, unit, NULL)
                                 : sil_privacy_unit_print(&text, unit, NULL)));
    cr_assert(zero(int, sil_bytes_append(&text, "", 1, NULL)));
    return (char *)text.data;
}

Test(privacy_unit, what_is_written_is_read_again)
{
    static const struct {
        const char *text;
        const char *column;
        uint32_t rows;
        const char *words;
    } UNITS[] = {
        {"row",                NULL,      1,       "one row"                      },
        {"id:patient:1",       "patient", 1,
         "one person (all rows with the same \"patient\", of which 1 count)"      },
        {"id:a:b:12",          "a:b",     12,
         "one person (all rows with the same \"a:b\", of which 12 count)"         },
        {"id:case no:1048576", "case no", 1048576,
         "one person (all rows with the same \"case no\", of which 1048576 count)"},
    };

    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        struct sil_privacy_unit unit;
        struct sil_error err = {""};
        sil_privacy_unit_init(&unit);

        cr_assert(zero(int, sil_privacy_unit_parse(&unit, UNITS[i].text, &err)), "%s",
                  err.text);

        cr_expect(eq(u32, unit.rows, UNITS[i].rows));
        cr_expect(eq(int, unit.id_column == NULL, UNITS[i].column == NULL));
        cr_expect(UNITS[i].column == NULL ||
                  strcmp(unit.id_column, UNITS[i].column) == 0);
        char *text = printed(&unit, false);
        char *words = printed(&unit, true);
        cr_expect_str_eq(text, UNITS[i].text);
        cr_expect_str_eq(words, UNITS[i].words);
        free(text);
        free(words);
        sil_privacy_unit_clear(&unit);
    }
}

Test(privacy_unit, what_is_none_is_refused_and_changes_nothing)
{
    static const char *const TEXTS[] = {
        "",           "rows",     "ROW",          "id",
        "id:",        "id::3",    "id:a",         "id:a:",
        "id:a:0",     "id:a:-1",  "id:a:1.5",     "id:a:1048577",
        "id:a: 3",    "id:a:3 ",  "id:a:3:",      "id:a:99999999999999999999",
        "person:a:3", "id:a\n:3", "id:\xc3\xa4:3"};
    struct sil_privacy_unit unit;
    sil_privacy_unit_init(&unit);
    cr_assert(zero(int, sil_privacy_unit_set(&unit, "kept", 7, NULL)));
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct sil_error err = {""};

        cr_expect(eq(int, sil_privacy_unit_parse(&unit, TEXTS[i], &err), SIL_ERR_USAGE),
                  "%s", TEXTS[i]);

        cr_expect(err.text[0] != '\0');
        cr_expect(eq(str, unit.id_column, "kept"));
        cr_expect(eq(u32, unit.rows, 7));
    }
    sil_privacy_unit_clear(&unit);
}

Test(privacy_unit, column_and_rows_make_it)
{
    struct sil_privacy_unit row;
    struct sil_privacy_unit a;
    struct sil_privacy_unit b;
    sil_privacy_unit_init(&row);
    sil_privacy_unit_init(&a);
    sil_privacy_unit_init(&b);
    cr_assert(zero(int, sil_privacy_unit_set(&a, "p", 3, NULL)));
    cr_assert(zero(int, sil_privacy_unit_set(&b, "p", 3, NULL)));
    cr_expect(sil_privacy_unit_equal(&a, &b));
    cr_expect(sil_privacy_unit_equal(&row, &row));
    cr_expect(not(sil_privacy_unit_equal(&a, &row)));
    cr_expect(not(sil_privacy_unit_equal(&row, &a)));
    cr_assert(zero(int, sil_privacy_unit_set(&b, "p", 4, NULL)));
    cr_expect(not(sil_privacy_unit_equal(&a, &b)));
    cr_assert(zero(int, sil_privacy_unit_set(&b, "q", 3, NULL)));
    cr_expect(not(sil_privacy_unit_equal(&a, &b)));
    cr_expect(eq(int, sil_privacy_unit_set(&b, "", 3, NULL), SIL_ERR_USAGE));
    sil_privacy_unit_clear(&row);
    sil_privacy_unit_clear(&a);
    sil_privacy_unit_clear(&b);
}

Test(privacy_unit, the_number_of_rows_is_public_only_where_rows_replace_rows)
{
    struct sil_privacy_unit row;
    struct sil_privacy_unit person;
    sil_privacy_unit_init(&row);
    sil_privacy_unit_init(&person);
    cr_assert(zero(int, sil_privacy_unit_set(&person, "p", 3, NULL)));
    cr_expect_str_eq(sil_privacy_unit_difference(&row, SIL_REPLACE_ONE),
                     "replacing one row (the number of rows is public)");
    cr_expect_str_eq(sil_privacy_unit_difference(&person, SIL_REPLACE_ONE),
                     "replacing one person");
    cr_expect_str_eq(sil_privacy_unit_difference(&person, SIL_ADD_REMOVE),
                     "adding or removing one person");
    sil_privacy_unit_clear(&row);
    sil_privacy_unit_clear(&person);
}
