// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "codec/json.h"
#include "num/rational.h"
#include "release/datasheet_html.h"
#include "sheet_kit.h"
#include "synth/model_object.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(datasheet, .fini = free_caches);

/* A document as terminated text, freed with free(). */
typedef sil_status document_fn(struct sil_bytes *out, const struct sil_datasheet *sheet,
                               struct sil_error *err);

static char *write_of(const struct sheet_kit *kit, document_fn *write)
{
    struct sil_bytes out = {0};
    struct sil_error err = {{0}};
    struct sil_datasheet sheet;
    cr_assert_eq(sil_datasheet_make(&sheet, &kit->record, &err), SIL_OK, "%s",
                 err.text);
    cr_assert_eq(write(&out, &sheet, &err), SIL_OK, "%s", err.text);
    sil_datasheet_clear(&sheet);
    cr_assert_eq(sil_bytes_append(&out, "", 1, NULL), SIL_OK);
    return (char *)out.data;
}

static char *write_with(const struct sheet_setup *setup, document_fn *write)
{
    struct sheet_kit *kit = sheet_kit_new(setup);
    char *text = write_of(kit, write);
    sheet_kit_free(kit);
    return text;
}

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* ---- every byte ---- */

/* With SIL_UPDATE_GOLDEN set, what is expected is written anew instead of compared. */
static void expect_file(const char *name, const char *text)
{
    char path[512];
    struct sil_bytes want = {0};
    struct sil_error err = {{0}};
    (void)snprintf(path, sizeof path, "%s/tests/unit/release/expected/%s",
                   SIL_SOURCE_DIR, name);
    if (getenv("SIL_UPDATE_GOLDEN") != NULL) {
        struct sil_output *out = NULL;
        cr_assert_eq(sil_output_open(&out, path, 0644, &err), SIL_OK, "%s", err.text);
        cr_assert_eq(sil_output_write(out, text, strlen(text), &err), SIL_OK);
        cr_assert_eq(sil_output_commit(out, &err), SIL_OK);
    }
    cr_assert_eq(sil_file_read(&want, path, 1 << 24, &err), SIL_OK, "%s", err.text);
    cr_expect(eq(sz, want.length, strlen(text)), "%s", name);
    cr_expect(
        want.length == strlen(text) && memcmp(want.data, text, want.length) == 0,
        "%s is not what it was: if that is meant, raise SIL_DOCUMENTS_VERSION and "
        "run this test with SIL_UPDATE_GOLDEN=1",
        name);
    sil_bytes_clear(&want);
}

static struct sheet_setup setup_of_golden(void)
{
    struct sheet_setup setup = sheet_setup();
    setup.n_runs_before = 2;
    setup.is_shared = true;
    setup.choices = (struct sil_choices){
        .has_rows = true, .n_rows = 150, .has_seed = true, .seed = 99};
    return setup;
}

Test(datasheet, is_the_same_to_the_byte)
{
    struct sheet_setup setup = setup_of_golden();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    char *json = write_of(kit, sil_datasheet_json);
    char *html = write_of(kit, sil_datasheet_html);
    expect_file("datasheet.json", json);
    expect_file("datasheet.html", html);
    free(json);
    free(html);
    sheet_kit_free(kit);
}

Test(datasheet, threads_do_not_change_a_byte)
{
    struct sheet_setup setup = setup_of_golden();
    setup.mechanism = SIL_MOSAIC;
    char *one = write_with(&setup, sil_datasheet_html);
    setup.n_threads = 2;
    char *two = write_with(&setup, sil_datasheet_html);
    cr_expect(eq(str, one, two));
    free(one);
    free(two);
}

Test(datasheet, is_appended_to_what_is_there)
{
    struct sheet_setup setup = sheet_setup();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_bytes out = {0};
    struct sil_datasheet sheet;
    char *alone = write_of(kit, sil_datasheet_html);
    cr_assert_eq(sil_bytes_append(&out, "before", 6, NULL), SIL_OK);
    cr_assert_eq(sil_datasheet_make(&sheet, &kit->record, NULL), SIL_OK);
    cr_assert_eq(sil_datasheet_html(&out, &sheet, NULL), SIL_OK);
    cr_expect(eq(sz, out.length, strlen(alone) + 6));
    cr_expect(zero(int, memcmp(out.data + 6, alone, strlen(alone))));
    free(alone);
    sil_datasheet_clear(&sheet);
    sil_bytes_clear(&out);
    sheet_kit_free(kit);
}

/* ---- what it says ---- */

/* The member at a path "claim.run.rho" as text; "" when it is none. */
static const char *member(const json_t *json, const char *path)
{
    char name[64];
    while (*path != '\0') {
        size_t length = strcspn(path, ".");
        (void)snprintf(name, sizeof name, "%.*s", (int)length, path);
        json = json_object_get(json, name);
        path += path[length] == '.' ? length + 1 : length;
    }
    const char *text = json_string_value(json);
    return text == NULL ? "" : text;
}

static json_t *parse(const char *text)
{
    json_t *json = NULL;
    struct sil_error err = {{0}};
    cr_assert_eq(sil_json_parse(&json, text, strlen(text), "the datasheet", &err),
                 SIL_OK, "%s", err.text);
    return json;
}

/* JSON, HTML and the text of the claim sheet say one thing. */
Test(datasheet, its_copies_agree)
{
    static const char *const BOUNDS[] = {"run", "so_far", "for_ever"};
    struct sheet_setup setup = setup_of_golden();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_claim_sheet sheet;
    const struct sil_sheet_source source = {kit->model, &kit->ledger.chain,
                                            &kit->record};
    struct sil_bytes text = {0};
    char *html = write_of(kit, sil_datasheet_html);
    char *written = write_of(kit, sil_datasheet_json);
    json_t *json = parse(written);
    const json_t *claim = json_object_get(json, "claim");
    cr_assert_eq(sil_claim_sheet_make(&sheet, &source, NULL), SIL_OK);
    cr_assert_eq(sil_claim_sheet_text(&text, &sheet, NULL), SIL_OK);
    cr_assert_eq(sil_bytes_append(&text, "", 1, NULL), SIL_OK);

    for (size_t i = 0; i < 3; i++) {
        char expected[400];
        const json_t *bound = json_object_get(claim, BOUNDS[i]);
        (void)snprintf(expected, sizeof expected, "at most %s&#160;%%",
                       member(bound, "guess_percent"));
        cr_expect(has(html, expected), "%s", expected);
        (void)snprintf(expected, sizeof expected,
                       "(epsilon %s, delta %s)-differential privacy from rho = %s",
                       member(bound, "epsilon"), member(bound, "delta"),
                       member(bound, "rho"));
        cr_expect(has(html, expected), "%s", expected);
        cr_expect(has((const char *)text.data, expected), "%s", expected);
    }
    cr_expect(eq(sz, json_array_size(json_object_get(claim, "lines")), sheet.n_lines));
    json_decref(json);
    free(html);
    free(written);
    sil_bytes_clear(&text);
    sil_claim_sheet_clear(&sheet);
    sheet_kit_free(kit);
}

/* The three bounds of the claim are of three things: the run's cap, the sum, the cap. */
Test(datasheet, the_bounds_are_the_runs_the_sums_and_the_caps)
{
    struct sheet_setup setup = setup_of_golden();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    char *written = write_of(kit, sil_datasheet_json);
    json_t *json = parse(written);
    struct sil_bytes rho = {0};
    cr_assert_eq(sil_rational_print(&rho, kit->model->transcript.terms.cap.v, NULL),
                 SIL_OK);
    cr_assert_eq(sil_bytes_append(&rho, "", 1, NULL), SIL_OK);
    cr_expect(zero(int, strcmp(member(json, "claim.run.rho"), (char *)rho.data)));
    rho.length = 0;
    cr_assert_eq(sil_rational_print(&rho, kit->ledger.chain.reserved.v, NULL), SIL_OK);
    cr_assert_eq(sil_bytes_append(&rho, "", 1, NULL), SIL_OK);
    cr_expect(zero(int, strcmp(member(json, "claim.so_far.rho"), (char *)rho.data)));
    cr_expect(zero(int, strcmp(member(json, "claim.for_ever.rho"), "2/1")));
    json_decref(json);
    free(written);
    sil_bytes_clear(&rho);
    sheet_kit_free(kit);
}

/* What a page says of a bound: a tenth of a per cent, rounded up. */
static void say_bound(char text[128], const json_t *bound)
{
    unsigned tenths = (unsigned)((json_integer_value(bound) + 999) / 1000);
    (void)snprintf(text, 128, "Each bar is off by at most %u.%u&#160;%% of all rows.",
                   tenths / 10, tenths % 10);
}

Test(datasheet, error_bars_are_the_bounds_of_the_columns)
{
    struct sheet_setup setup = sheet_setup();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    char *html = write_of(kit, sil_datasheet_html);
    char *written = write_of(kit, sil_datasheet_json);
    json_t *json = parse(written);
    const json_t *marginals =
        json_object_get(json_object_get(json, "errors"), "marginals");
    cr_assert(ge(sz, json_array_size(marginals), 3));
    for (size_t i = 0; i < 3; i++) {
        char text[128];
        say_bound(text, json_object_get(json_array_get(marginals, i), "bound"));
        cr_expect(has(html, text), "%s", text);
    }
    cr_expect(has(html, "class=\"whisker\""));
    json_decref(json);
    free(html);
    free(written);
    sheet_kit_free(kit);
}

Test(datasheet, of_many_runs_the_last_are_shown_and_all_are_listed)
{
    struct sheet_setup setup = sheet_setup();
    setup.n_runs_before = 100;
    struct sheet_kit *kit = sheet_kit_new(&setup);
    char *html = write_of(kit, sil_datasheet_html);
    char *written = write_of(kit, sil_datasheet_json);
    json_t *json = parse(written);
    cr_expect(has(html, "Runs 54 to 101 of 101;"));
    cr_expect(eq(
        sz, json_array_size(json_object_get(json_object_get(json, "budget"), "runs")),
        101));
    json_decref(json);
    free(html);
    free(written);
    sheet_kit_free(kit);
}

Test(datasheet, says_what_the_operator_chose)
{
    struct sheet_setup setup = sheet_setup();
    char *html = write_with(&setup, sil_datasheet_html);
    cr_expect(has(html, "the private estimate. Seed of the rows: follows from"));
    free(html);
    setup = setup_of_golden();
    html = write_with(&setup, sil_datasheet_html);
    cr_expect(has(html, "150 rows: the operator&#39;s choice, not an estimate"));
    cr_expect(has(html, "99, the operator&#39;s choice. A seed that was chosen after"));
    free(html);
}

Test(datasheet, rows_made_to_order_have_no_bounds)
{
    struct sheet_setup setup = sheet_setup();
    setup.choices = (struct sil_choices){
        .has_rows = true, .n_rows = 40, .where = "town = 'north' AND age < 30"};
    struct sheet_kit *kit = sheet_kit_new(&setup);
    char *html = write_of(kit, sil_datasheet_html);
    char *json = write_of(kit, sil_datasheet_json);
    cr_expect(zero(sz, kit->record.bounds.n));
    cr_expect(strstr(html, "Rows made to order.") != NULL);
    cr_expect(strstr(html, "age &lt; 30") != NULL);
    cr_expect(strstr(html, "error bars: with") == NULL);
    cr_expect(strstr(json, "MADE TO ORDER: only where town = 'north'") != NULL);
    free(html);
    free(json);
    sheet_kit_free(kit);
}

Test(datasheet, warns_of_shared_keys_and_of_looks)
{
    struct sheet_setup setup = sheet_setup();
    char *html = write_with(&setup, sil_datasheet_html);
    cr_expect(not(has(html, "Shared keys.")));
    cr_expect(has(html, "1 of 3 fields were declared public after looking"));
    cr_expect(has(html, "ill: 1 of 3 fields were declared public"));
    free(html);
    setup.is_shared = true;
    html = write_with(&setup, sil_datasheet_html);
    cr_expect(has(html, "Shared keys."));
    free(html);
}

/* ---- hostile names ---- */

#define HOSTILE "</title><script>alert(1)</script>\\\" onload='x' &amp;\\u202e"

Test(datasheet, no_name_becomes_a_tag)
{
    static const char SCHEMA[] =
        "{\"fields\": [{\"name\": \"age\", \"type\": \"integer\", \"constraints\": "
        "{\"required\": true, \"minimum\": 0, \"maximum\": 99}, \"silhouette\": "
        "{\"bins\": 10}}, {\"name\": \"" HOSTILE
        "\", \"type\": \"string\", \"categories\": [\"<b>north</b>\", \"'south'\", "
        "\"east&\", \"west\"], \"silhouette\": {\"origin\": \"looked\"}}]}";
    static const char TABLE[] =
        "age,\"</title><script>alert(1)</script>\"\" onload='x' "
        "&amp;\xe2\x80\xae\"\n1,west\n2,east&\n50,<b>north</b>\n";
    struct sheet_setup setup = sheet_setup();
    setup.schema = SCHEMA;
    setup.table = TABLE;
    setup.purpose = "<img src=x onerror=alert(1)> & \"more\"";
    char *html = write_with(&setup, sil_datasheet_html);
    cr_expect(not(has(html, "<script")));
    cr_expect(not(has(html, "<img")));
    cr_expect(not(has(html, "<b>")));
    cr_expect(not(has(html, "onload='x'")));
    cr_expect(has(html,
                  "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; "
                  "&amp;amp;"));
    cr_expect(has(html, "<bdi>&lt;b&gt;north&lt;/b&gt;</bdi>"));
    cr_expect(has(html, "&lt;img src=x onerror=alert(1)&gt;"));
    free(html);
    char *written = write_with(&setup, sil_datasheet_json);
    json_decref(parse(written));
    free(written);
}

/* ---- size ---- */

enum { MANY = 1000, NAME = 200 };

/* 1,000 columns with long names of which each byte is escaped, and labels alike. */
static char *wide_schema(char **table)
{
    struct sil_bytes json = {0};
    struct sil_bytes csv = {0};
    cr_assert_eq(sil_bytes_printf(&json, NULL, "{\"fields\": ["), SIL_OK);
    for (unsigned i = 0; i < MANY; i++) {
        char name[NAME + 8];
        memset(name, '\'', NAME);
        (void)snprintf(&name[NAME - 8], 16, "%06u", i);
        cr_assert_eq(sil_bytes_printf(&json, NULL,
                                      "%s{\"name\": \"%s\", \"type\": \"string\", "
                                      "\"categories\": [",
                                      i == 0 ? "" : ", ", name),
                     SIL_OK);
        cr_assert_eq(sil_bytes_printf(&csv, NULL, "%s%s", i == 0 ? "" : ",", name),
                     SIL_OK);
        for (unsigned k = 0; k < 30; k++) {
            cr_assert_eq(sil_bytes_printf(&json, NULL,
                                          "%s\"<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<%u\"",
                                          k == 0 ? "" : ", ", k),
                         SIL_OK);
        }
        cr_assert_eq(sil_bytes_printf(&json, NULL, "]}"), SIL_OK);
    }
    cr_assert_eq(sil_bytes_append(&json, "]}", 3, NULL), SIL_OK);
    cr_assert_eq(sil_bytes_append(&csv, "\n", 2, NULL), SIL_OK);
    *table = (char *)csv.data;
    return (char *)json.data;
}

Test(datasheet, a_thousand_columns_stay_below_a_megabyte)
{
    char *table = NULL;
    char *schema = wide_schema(&table);
    struct sheet_setup setup = sheet_setup();
    setup.schema = schema;
    setup.table = table;
    setup.mechanism = SIL_INDEPENDENT;
    setup.choices = (struct sil_choices){.has_rows = true, .n_rows = 10};
    char *html = write_with(&setup, sil_datasheet_html);
    cr_expect(lt(sz, strlen(html), (size_t)SIL_HTML_MOST));
    cr_expect(has(html, "of 1000 columns are shown"));
    cr_expect(has(html, "id=\"limits\""), "no part is left out");
    free(html);
    free(schema);
    free(table);
}
