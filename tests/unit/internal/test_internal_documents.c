// SPDX-License-Identifier: Apache-2.0
/* The two files: the same figures in both, the notice everywhere, no text taken for markup. */
#include "internal/documents.h"
#include "internal/label.h"
#include "internal_kit.h"

#include <criterion/criterion.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct sil_error error;

/* Terminated; freed by the caller. */
static char *text_of(struct sil_bytes *bytes)
{
    cr_assert_eq(sil_bytes_append(bytes, "", 1, &error), SIL_OK);
    char *text = strdup((const char *)bytes->data);
    sil_bytes_clear(bytes);
    cr_assert_not_null(text);
    return text;
}

static char *html_of(const struct sil_comparison *c)
{
    struct sil_bytes out = {0};
    cr_assert_eq(sil_report_html(&out, c, &error), SIL_OK, "%s", error.text);
    return text_of(&out);
}

static json_t *json_of(const struct sil_comparison *c)
{
    struct sil_bytes out = {0};
    cr_assert_eq(sil_report_json(&out, c, &error), SIL_OK, "%s", error.text);
    char *text = text_of(&out);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(json, "%s", text);
    free(text);
    return json;
}

static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    while ((text = strstr(text, part)) != NULL) {
        n++;
        text += strlen(part);
    }
    return n;
}

static double real_at(json_t *json, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool is_index = keys[i][0] >= '0' && keys[i][0] <= '9';
        json = is_index ? json_array_get(json, (size_t)atoi(keys[i]))
                        : json_object_get(json, keys[i]);
    }
    cr_assert(json_is_number(json));
    return json_number_value(json);
}

Test(internal_documents, hold_the_same_figures)
{
    struct sil_comparison c;
    struct sil_model *model = kit_model_of(KIT_TWO, KIT_TRUE);
    kit_compare(&c, model, KIT_TRUE, KIT_SYNTHETIC, "c0", 1);
    char *html = html_of(&c);
    json_t *json = json_of(&c);
    cr_expect_eq(
        real_at(json, (const char *const[]){"marginals", "0", "mean_tvd", "value"}, 4),
        0.375);
    cr_expect_eq(
        real_at(json, (const char *const[]){"worst_pairs", "0", "tvd", "value"}, 4),
        0.5);
    cr_expect_eq(
        real_at(json, (const char *const[]){"groups", "0", "groups", "0", "true_rows"},
                5),
        6);
    cr_expect(json_is_null(json_object_get(json, "k_marginal")));
    cr_expect_not_null(strstr(html, "<dd>0.3750</dd>"));
    cr_expect_not_null(strstr(html, "error 0.5000"));
    cr_expect_null(strstr(html, "k-marginal"));
    cr_expect_null(strstr(html, "nan"));
    json_decref(json);
    free(html);
    sil_comparison_clear(&c);
    sil_model_free(model);
}

Test(internal_documents, say_on_every_part_that_they_must_not_leave)
{
    struct sil_comparison c;
    struct sil_model *model = kit_model_of(KIT_TWO, KIT_TRUE);
    kit_compare(&c, model, KIT_TRUE, KIT_SYNTHETIC, "c0", 1);
    char *html = html_of(&c);
    json_t *json = json_of(&c);
    size_t n_sections = count_of(html, "<section");
    cr_expect_gt(n_sections, 5U);
    /* Each section; the banner, the foot, every printed page. */
    cr_expect_eq(count_of(html, SIL_REPORT_NOTICE), n_sections + 3);
    cr_expect_str_eq(json_string_value(json_object_get(json, "notice")),
                     SIL_REPORT_NOTICE);
    cr_expect_not_null(strstr(html, SIL_REPORT_WARNING));
    json_decref(json);
    free(html);
    sil_comparison_clear(&c);
    sil_model_free(model);
}

/* ---- texts of others ---- */

static const char HOSTILE[] =
    "{\"fields\": [{\"name\": \"<script>alert(1)</script>&\\\"'\", \"type\": "
    "\"string\", \"categories\": [\"</td><img src=x onerror=y>\", \"a\\u0007b\", "
    "\"%s%n\"], \"constraints\": {\"required\": true}}, {\"name\": \"c1\", \"type\": "
    "\"string\", \"categories\": [\"x\"]}]}";

Test(internal_documents, take_no_name_and_no_value_for_markup)
{
    struct sil_comparison c;
    const char *truth = "\"<script>alert(1)</script>&\"\"'\",c1\n%s%n,x\n%s%n,x\n";
    const char *rows = "c1,\"<script>alert(1)</script>&\"\"'\"\n"
                       "x,</td><img src=x onerror=y>\nx,a\ab\n";
    struct sil_model *model = kit_model_of(HOSTILE, truth);
    kit_compare(&c, model, truth, rows, "<script>alert(1)</script>&\"'", 1);
    char *html = html_of(&c);
    json_t *json = json_of(&c);
    cr_expect_null(strstr(html, "<script"));
    cr_expect_null(strstr(html, "<img"));
    cr_expect_null(strchr(html, '\a'));
    cr_expect_not_null(
        strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"));
    cr_expect_not_null(strstr(html, "&lt;/td&gt;&lt;img src=x onerror=y&gt;"));
    cr_expect_not_null(strstr(html, "a\xef\xbf\xbd"
                                    "b"));
    cr_expect_not_null(strstr(html, "%s%n"));
    json_t *column = json_array_get(json_object_get(json, "columns"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(column, "column")),
                     "<script>alert(1)</script>&\"'");
    json_decref(json);
    free(html);
    sil_comparison_clear(&c);
    sil_model_free(model);
}

Test(internal_documents, cut_long_names_between_characters)
{
    char schema[4096];
    char csv[4096];
    char name[2048] = "";
    struct sil_comparison c;
    for (int i = 0; i < 300; i++) {
        strcat(name, "\xc3\xa9"); /* an e with an accent: two bytes */
    }
    (void)snprintf(schema, sizeof schema,
                   "{\"fields\": [{\"name\": \"%s\", \"type\": \"boolean\"}]}", name);
    (void)snprintf(csv, sizeof csv, "%s\ntrue\nfalse\n", name);
    struct sil_model *model = kit_model_of(schema, csv);
    kit_compare(&c, model, csv, csv, NULL, 1);
    char *html = html_of(&c);
    cr_expect_null(strstr(html, name));
    cr_expect_not_null(strstr(html, "\xc3\xa9\xe2\x80\xa6</th>"));
    free(html);
    sil_comparison_clear(&c);
    sil_model_free(model);
}

/* ---- labels ---- */

Test(internal_documents, call_bins_by_their_first_and_last_value)
{
    static const char SCHEMA[] =
        "{\"missingValues\": [\"NA\"], \"fields\": [{\"name\": \"age\", \"type\": "
        "\"integer\", \"constraints\": {\"minimum\": 0, \"maximum\": 99}, "
        "\"silhouette\": {\"bins\": 10, \"outside\": \"other\", \"other\": "
        "\"else\"}}]}";
    static const char *const EXPECTED[] = {"0 to 9", "90 to 99", "else", ""};
    static const uint32_t CODES[] = {0, 9, 10, 11};
    struct sil_schema *schema;
    cr_assert_eq(sil_schema_parse(&schema, SCHEMA, strlen(SCHEMA), &error), SIL_OK,
                 "%s", error.text);
    for (size_t i = 0; i < 4; i++) {
        struct sil_bytes out = {0};
        bool is_null;
        cr_assert_eq(sil_cell_label(&out, &is_null, schema, 0, CODES[i], &error),
                     SIL_OK);
        cr_expect_eq(is_null, i == 3);
        char *text = text_of(&out);
        cr_expect_str_eq(text, EXPECTED[i]);
        free(text);
    }
    sil_schema_free(schema);
}

Test(internal_documents, find_the_values_of_a_cell)
{
    static const uint32_t SIZES[] = {2, 3, 4};
    const struct sil_domain domain = {3, SIZES, NULL};
    const struct sil_clique clique = {
        .n = 2, .attr = {0, 2}
    };
    uint32_t code[2];
    sil_cell_codes(code, 7, &domain, &clique);
    cr_expect_eq(code[0], 1U);
    cr_expect_eq(code[1], 3U);
}
