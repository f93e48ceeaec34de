// SPDX-License-Identifier: Apache-2.0
#include "num/rational.h"
#include "release/claim_sheet.h"
#include "release/datasheet.h"
#include "release/html.h"
#include "sheet_kit.h"
#include "synth/model_object.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

static void free_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(claim_sheet, .fini = free_caches);

/* ---- figures ---- */

Test(claim_sheet, a_guess_is_rounded_up)
{
    static const struct {
        const char *guess;
        const char *text;
    } CASES[] = {
        {"1/2",          "50.0" },
        {"1/1",          "100.0"},
        {"544/1000",     "54.4" },
        {"5441/10000",   "54.5" },
        {"0.5440000001", "54.5" },
        {"0.9990000001", "100.0"},
        {"0.999",        "99.9" },
    };

    mpq_t guess;
    mpq_init(guess);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[SIL_PERCENT_BYTES];
        cr_assert_eq(sil_rational_parse(guess, CASES[i].guess, 1, "a guess", NULL),
                     SIL_OK);
        sil_percent_up(text, guess);
        cr_expect(zero(int, strcmp(text, CASES[i].text)), "%s: %s", CASES[i].guess,
                  text);
    }
    mpq_clear(guess);
}

Test(claim_sheet, counts_have_commas_between_thousands)
{
    static const struct {
        uint64_t count;
        const char *text;
    } CASES[] = {
        {0,          "0"                         },
        {999,        "999"                       },
        {1000,       "1,000"                     },
        {48842,      "48,842"                    },
        {999999,     "999,999"                   },
        {UINT64_MAX, "18,446,744,073,709,551,615"}
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[SIL_COUNT_BYTES];
        sil_count_text(text, CASES[i].count);
        cr_expect(zero(int, strcmp(text, CASES[i].text)), "%s", text);
    }
}

Test(claim_sheet, times_and_deviations_are_those_of_integers)
{
    char text[SIL_TIME_BYTES];
    struct sil_sigma2 sigma2;
    struct sil_bytes out = {0};
    sil_time_text(text, 1789999200);
    cr_expect(zero(int, strcmp(text, "2026-09-21T14:00:00Z")), "%s", text);
    sil_time_text(text, 253402300799);
    cr_expect(zero(int, strcmp(text, "9999-12-31T23:59:59Z")), "%s", text);
    sil_time_text(text, UINT64_MAX);
    cr_expect(zero(int, strcmp(text, "18446744073709551615")), "%s", text);

    static const char *const CASES[][2] = {
        {"4/1",             "2.00"      },
        {"2/1",             "1.42"      },
        {"1/1000000000000", "0.01"      },
        {"1000000000000/1", "1000000.00"},
        {"20001/10000",     "1.42"      }
    };
    sil_sigma2_init(&sigma2);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        out.length = 0;
        cr_assert_eq(sil_rational_parse(sigma2.v, CASES[i][0], 1, "", NULL), SIL_OK);
        cr_assert_eq(sil_print_deviation(&out, &sigma2, NULL), SIL_OK);
        cr_assert_eq(sil_bytes_append(&out, "", 1, NULL), SIL_OK);
        cr_expect(zero(int, strcmp((char *)out.data, CASES[i][1])), "%s", out.data);
    }
    sil_sigma2_clear(&sigma2);
    sil_bytes_clear(&out);
}

/* ---- lines ---- */

static const struct sil_sheet_line *line_of(const struct sil_claim_sheet *sheet,
                                            const char *id)
{
    for (size_t i = 0; i < sheet->n_lines; i++) {
        if (strcmp(sheet->line[i].id, id) == 0) {
            return &sheet->line[i];
        }
    }
    cr_fatal("no line %s", id);
    return NULL;
}

static bool says(const struct sil_claim_sheet *sheet, const char *id, const char *part)
{
    return strstr(line_of(sheet, id)->text, part) != NULL;
}

static struct sil_claim_sheet sheet_of(const struct sheet_kit *kit, bool with_chain,
                                       bool with_release)
{
    struct sil_claim_sheet sheet;
    const struct sil_sheet_source source = {kit->model,
                                            with_chain ? &kit->ledger.chain : NULL,
                                            with_release ? &kit->record : NULL};
    cr_assert_eq(sil_claim_sheet_make(&sheet, &source, NULL), SIL_OK);
    return sheet;
}

/* Entries 0 genesis, 1 grant, 2 and 3 two runs before, 4 this reserve, 5 its measurement;
 * the release comes next. */
Test(claim_sheet, every_line_cites_its_entries)
{
    static const struct {
        const char *id;
        size_t n;
        uint64_t number[3];
    } CASES[] = {
        {"guess",      2, {0, 4}},
        {"run",        1, {4}   },
        {"so_far",     1, {4}   },
        {"for_ever",   1, {0}   },
        {"mechanisms", 1, {5}   },
        {"public",     2, {1, 4}},
        {"looked",     1, {4}   },
        {"choices",    1, {6}   },
        {"access",     2, {0, 1}},
        {"channels",   0, {0}   },
        {"replay",     2, {5, 6}},
    };
    struct sheet_setup setup = sheet_setup();
    setup.n_runs_before = 2;
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_claim_sheet sheet = sheet_of(kit, true, true);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct sil_sheet_line *line = line_of(&sheet, CASES[i].id);
        cr_expect(eq(sz, line->n_citations, CASES[i].n), "%s", CASES[i].id);
        for (size_t k = 0; k < CASES[i].n && k < line->n_citations; k++) {
            cr_expect(line->citation[k].number == CASES[i].number[k], "%s",
                      CASES[i].id);
        }
    }
    sil_claim_sheet_clear(&sheet);
    sheet_kit_free(kit);
}

Test(claim_sheet, so_far_cites_the_last_run_as_well)
{
    struct sheet_setup setup = sheet_setup();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    const struct sil_id budget = kit->ledger.chain.grant[0].id;
    (void)kit_add(&kit->ledger, kit_reserve(&kit->ledger, &budget, "1/1000", "0/1"));
    struct sil_claim_sheet sheet = sheet_of(kit, true, false);
    const struct sil_sheet_line *line = line_of(&sheet, "so_far");
    cr_assert(eq(sz, line->n_citations, 2));
    cr_expect(eq(u64, line->citation[0].number, 2));
    cr_expect(eq(u64, line->citation[1].number, 4));
    sil_claim_sheet_clear(&sheet);
    sheet_kit_free(kit);
}

Test(claim_sheet, without_a_ledger_at_hand_it_cites_nothing)
{
    struct sheet_setup setup = sheet_setup();
    setup.n_runs_before = 1;
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_claim_sheet sheet = sheet_of(kit, false, false);
    for (size_t i = 0; i < sheet.n_lines; i++) {
        cr_expect(eq(sz, sheet.line[i].n_citations, 0), "%s", sheet.line[i].id);
    }
    cr_expect(says(&sheet, "choices", "None yet"));
    cr_expect(zero(
        int, mpq_cmp(sheet.so_far.rho.v, kit->model->transcript.stamp.reserved.v)));
    sil_claim_sheet_clear(&sheet);
    sheet_kit_free(kit);
}

Test(claim_sheet, says_what_neighbours_are)
{
    struct sheet_setup setup = sheet_setup();
    setup.neighbours = SIL_REPLACE_ONE;
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_claim_sheet sheet = sheet_of(kit, true, true);
    cr_expect(says(&sheet, "neighbours", "Replace-one"));
    cr_expect(says(&sheet, "guess", "which of two given rows"));
    cr_expect(says(&sheet, "mechanisms", "D^2 = 2,"));
    sil_claim_sheet_clear(&sheet);
    sheet_kit_free(kit);

    setup.neighbours = SIL_ADD_REMOVE;
    kit = sheet_kit_new(&setup);
    sheet = sheet_of(kit, true, true);
    cr_expect(says(&sheet, "neighbours", "Add-remove"));
    cr_expect(says(&sheet, "guess", "whether one given row is in the table"));
    cr_expect(says(&sheet, "mechanisms", "D^2 = 1,"));
    sil_claim_sheet_clear(&sheet);
    sheet_kit_free(kit);
}

/* The cap of the ledger is larger than that of the run, and so is its guess. */
Test(claim_sheet, the_guess_for_ever_is_that_of_the_cap)
{
    struct sheet_setup setup = sheet_setup();
    setup.n_runs_before = 2;
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_claim_sheet sheet = sheet_of(kit, true, true);
    struct sil_guess guess;
    struct sil_delta none;
    sil_guess_init(&guess);
    sil_delta_init(&none);
    cr_assert_eq(sil_guess_of_rho(&guess, &kit->ledger.chain.genesis.genesis.cap_rho,
                                  &none, NULL),
                 SIL_OK);
    cr_expect(mpq_equal(guess.v, sheet.for_ever.guess.v) != 0);
    cr_expect(mpq_cmp(sheet.run.guess.v, sheet.so_far.guess.v) < 0);
    cr_expect(mpq_cmp(sheet.so_far.guess.v, sheet.for_ever.guess.v) < 0);
    sil_guess_clear(&guess);
    sil_delta_clear(&none);
    sil_claim_sheet_clear(&sheet);
    sheet_kit_free(kit);
}

/* What discovery may add is in the delta and, half of it, in the guess. */
Test(claim_sheet, the_delta_of_discovery_counts)
{
    struct sheet_setup setup = sheet_setup();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    setup.cap_delta = "1/1000";
    struct sheet_kit *more = sheet_kit_new(&setup);
    struct sil_claim_sheet sheet = sheet_of(kit, true, true);
    struct sil_claim_sheet other = sheet_of(more, true, true);
    mpq_t added;
    mpq_init(added);
    mpq_sub(added, other.for_ever.guess.v, sheet.for_ever.guess.v);
    cr_expect(zero(int, mpq_cmp_ui(added, 1, 2000)));
    mpq_sub(added, other.for_ever.delta.v, sheet.for_ever.delta.v);
    cr_expect(zero(int, mpq_cmp_ui(added, 1, 1000)));
    cr_expect(mpq_equal(other.run.guess.v, sheet.run.guess.v) != 0);
    mpq_clear(added);
    sil_claim_sheet_clear(&sheet);
    sil_claim_sheet_clear(&other);
    sheet_kit_free(kit);
    sheet_kit_free(more);
}

/* A transcript that says it is of no ledger: nothing cumulative is claimed. */
Test(claim_sheet, of_an_unledgered_run_nothing_is_added_up)
{
    struct sheet_setup setup = sheet_setup();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    kit->model->transcript.is_ledgered = false;
    struct sil_claim_sheet sheet = sheet_of(kit, false, false);
    cr_expect(says(&sheet, "so_far", "UNLEDGERED"));
    cr_expect(says(&sheet, "for_ever", "UNLEDGERED"));
    cr_expect(says(&sheet, "access", "UNLEDGERED"));
    cr_expect(not(says(&sheet, "guess", "so far")));
    json_t *json = sil_claim_sheet_json(&sheet);
    cr_expect(json != NULL && json_object_get(json, "for_ever") == NULL);
    json_decref(json);
    sil_claim_sheet_clear(&sheet);
    sheet_kit_free(kit);
}

/* ---- escaping ---- */

static char *html_of(const char *text, size_t most)
{
    struct sil_bytes out = {0};
    cr_assert_eq(most == 0 ? sil_html(&out, NULL, "%s", text)
                           : sil_html_short(&out, text, most, NULL),
                 SIL_OK);
    cr_assert_eq(sil_bytes_append(&out, "", 1, NULL), SIL_OK);
    return (char *)out.data;
}

Test(claim_sheet, html_knows_no_text_that_is_a_tag)
{
    static const struct {
        const char *text;
        size_t most;
        const char *html;
    } CASES[] = {
        {"<a href=\"x\">'&'",                0, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;"},
        {"a\x01"
         "b\x7f\tc",                0,
         "a\xef\xbf\xbd"
         "b\xef\xbf\xbd c"                                                                   },
        {"",                                 0, ""                                           },
        {"%s%n",                             0, "%s%n"                                       },
        {"\xc3\xa4\xc3\xb6\xc3\xbc",         3, "\xc3\xa4\xc3\xb6\xc3\xbc"                   },
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", 3, "\xc3\xa4\xc3\xb6\xe2\x80\xa6"               },
        {"<<<<",                             2, "&lt;\xe2\x80\xa6"                           },
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char *html = html_of(CASES[i].text, CASES[i].most);
        cr_expect(zero(int, strcmp(html, CASES[i].html)), "%s: %s", CASES[i].text,
                  html);
        free(html);
    }
}

Test(claim_sheet, html_writes_numbers_as_printf_does)
{
    struct sil_bytes out = {0};
    cr_assert_eq(sil_html(&out, NULL, "%u %d %zu %lu 100%%", 7U, -7, (size_t)8,
                          (unsigned long)UINT64_MAX),
                 SIL_OK);
    cr_assert_eq(sil_bytes_append(&out, "", 1, NULL), SIL_OK);
    cr_expect(zero(int, strcmp((char *)out.data, "7 -7 8 18446744073709551615 100%")));
    sil_bytes_clear(&out);
}

/* ---- association ---- */

Test(claim_sheet, association_is_nothing_by_chance_and_all_when_one_tells_the_other)
{
    static const uint32_t SAME[] = {50, 0, 0, 0, 30, 0, 0, 0, 20};
    static const uint32_t NONE[] = {20, 40, 10, 20};
    static const uint32_t EMPTY[] = {0, 0, 0, 0};
    static const uint32_t ONE_ROW[] = {30, 70, 0, 0};
    /* phi^2 = 0.36; corrected by hand: 100 sqrt((0.36 - 1/99) / (1 - 1/99)) = 59.46 */
    static const uint32_t SOME[] = {40, 10, 10, 40};
    cr_expect(eq(u8, sil_association_of(SAME, 3, 3), 100));
    cr_expect(eq(u8, sil_association_of(NONE, 2, 2), 0));
    cr_expect(eq(u8, sil_association_of(EMPTY, 2, 2), 0));
    cr_expect(eq(u8, sil_association_of(ONE_ROW, 2, 2), 0));
    cr_expect(eq(u8, sil_association_of(SOME, 2, 2), 59));
}

/* ---- pictures ---- */

Test(claim_sheet, bars_add_up_to_the_rows_and_the_cells)
{
    struct sheet_setup setup = sheet_setup();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    for (uint32_t a = 0; a < kit->rows.n_attrs; a++) {
        struct sil_picture picture;
        uint64_t rows = 0;
        uint32_t cells = 0;
        cr_assert_eq(sil_picture_make(&picture, &kit->record, a, NULL), SIL_OK);
        for (uint32_t i = 0; i < picture.n_bars; i++) {
            rows += picture.bar[i].count;
            cells += picture.bar[i].n_cells;
        }
        cr_expect(rows == kit->rows.n_rows);
        cr_expect(eq(u32, cells, picture.n_cells));
        sil_picture_clear(&picture);
    }
    sheet_kit_free(kit);
}

/* 100 words, of which few are frequent; and 100 numbers. */
Test(claim_sheet, many_values_share_bars)
{
    struct sil_bytes json = {0};
    struct sil_bytes csv = {0};
    struct sheet_setup setup = sheet_setup();
    cr_assert_eq(
        sil_bytes_printf(&json, NULL,
                         "{\"fields\": [{\"name\": \"n\", \"type\": \"integer\", "
                         "\"constraints\": {\"minimum\": 0, \"maximum\": 99}, "
                         "\"silhouette\": {\"bins\": \"integers\"}}, "
                         "{\"name\": \"w\", \"type\": \"string\", "
                         "\"categories\": ["),
        SIL_OK);
    cr_assert_eq(sil_bytes_printf(&csv, NULL, "n,w\n"), SIL_OK);
    for (unsigned i = 0; i < 100; i++) {
        cr_assert_eq(sil_bytes_printf(&json, NULL, "%s\"w%u\"", i == 0 ? "" : ", ", i),
                     SIL_OK);
    }
    for (unsigned i = 0; i < 3000; i++) {
        cr_assert_eq(sil_bytes_printf(&csv, NULL, "%u,w%u\n", i % 100, 7 * (i % 5)),
                     SIL_OK);
    }
    cr_assert_eq(sil_bytes_append(&json, "]}]}", 5, NULL), SIL_OK);
    cr_assert_eq(sil_bytes_append(&csv, "", 1, NULL), SIL_OK);
    setup.schema = (const char *)json.data;
    setup.table = (const char *)csv.data;
    setup.mechanism = SIL_INDEPENDENT;
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_picture picture;

    cr_assert_eq(sil_picture_make(&picture, &kit->record, 0, NULL), SIL_OK);
    cr_expect(eq(u32, picture.n_bars, 21), "20 bars of 5 numbers, and null");
    cr_expect(zero(int, strcmp(picture.bar[0].label, "0 to 4")));
    cr_expect(zero(int, strcmp(picture.bar[19].label, "95 to 99")));
    cr_expect(zero(int, strcmp(picture.bar[20].label, "(null)")));
    sil_picture_clear(&picture);

    cr_assert_eq(sil_picture_make(&picture, &kit->record, 1, NULL), SIL_OK);
    cr_expect(eq(u32, picture.n_bars, 23), "21 words, the rest, and null");
    cr_expect(zero(int, strcmp(picture.bar[0].label, "w0")));
    cr_expect(zero(int, strcmp(picture.bar[21].label, "(79 rarer values)")));
    cr_expect(eq(u32, picture.bar[21].n_cells, 79));
    cr_expect(picture.bar[21].is_apart && picture.bar[22].is_apart &&
              !picture.bar[20].is_apart);
    sil_picture_clear(&picture);
    sheet_kit_free(kit);
    sil_bytes_clear(&json);
    sil_bytes_clear(&csv);
}
