// SPDX-License-Identifier: Apache-2.0
/* Rows under rules: no row of any mechanism breaks one, whatever is ordered, as a reader of
 * the file sees it; and where none can be found, that is said. */
#include "base/file.h"
#include "base/utf8.h"
#include "crypto/row_words.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "synth/model_object.h"
#include "synth/repair.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bins of ten years, which rules cut at 15 and 35; bins of three days, which the order of
 * days cuts anywhere; two columns with null, one with `other`. */
#define FIELDS                                                                     \
    "{\"fields\": ["                                                               \
    "{\"name\": \"age\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0," \
    " \"maximum\": 49, \"required\": true}, \"silhouette\": {\"bins\": 5}},"       \
    "{\"name\": \"marital\", \"type\": \"string\","                                \
    " \"categories\": [\"never\", \"married\", \"widowed\"]},"                     \
    "{\"name\": \"sex\", \"type\": \"string\", \"categories\": [\"F\", \"M\"],"    \
    " \"constraints\": {\"required\": true}},"                                     \
    "{\"name\": \"ward\", \"type\": \"string\", \"categories\": [\"surgery\","     \
    " \"maternity\"], \"silhouette\": {\"outside\": \"other\"},"                   \
    " \"constraints\": {\"required\": true}},"                                     \
    "{\"name\": \"from\", \"type\": \"date\", \"constraints\": {\"minimum\":"      \
    " \"2020-01-01\", \"maximum\": \"2020-01-30\", \"required\": true},"           \
    " \"silhouette\": {\"bins\": 10}},"                                            \
    "{\"name\": \"to\", \"type\": \"date\", \"constraints\": {\"minimum\":"        \
    " \"2020-01-01\", \"maximum\": \"2020-01-30\"}, \"silhouette\": {\"bins\": 10}}]"

static const char SCHEMA[] = FIELDS
    ", \"silhouette\": {\"rules\": ["
    "{\"if\": \"age < 15\", \"then\": \"marital = 'never' AND marital IS NOT NULL\"},"
    "{\"forbid\": \"ward = 'maternity' AND (sex = 'M' OR age < 15 OR age >= 35)\","
    " \"broken\": \"other\", \"column\": \"ward\"},"
    "{\"order\": [\"from\", \"to\"], \"broken\": \"null\", \"column\": \"to\"}]}}";

static struct sil_schema *schema_of(const char *text)
{
    struct sil_schema *schema = NULL;
    struct sil_error err = {{0}};
    cr_assert_eq(sil_schema_parse(&schema, text, strlen(text), &err), SIL_OK, "%s",
                 err.text);
    return schema;
}

/* One row in a hundred breaks each rule. */
static struct test_file table(void)
{
    static const char *const MARITAL[] = {"never", "married", "widowed", ""};
    struct test_random random = {.state = 7};
    struct sil_bytes text = {0};
    cr_assert_eq(sil_bytes_printf(&text, NULL, "age,marital,sex,ward,from,to\n"), 0);
    for (int row = 0; row < 3000; row++) {
        unsigned age = (unsigned)test_below(&random, 50);
        bool is_odd = test_below(&random, 100) == 0;
        unsigned marital = age < 15 && !is_odd ? 0 : (unsigned)test_below(&random, 4);
        unsigned sex = (unsigned)test_below(&random, 2);
        bool is_maternity = sex == 0 && age >= 15 && age < 35 && test_below(&random, 2);
        unsigned from = 1 + (unsigned)test_below(&random, 30);
        unsigned to = from + (unsigned)test_below(&random, 31 - from);
        cr_assert_eq(sil_bytes_printf(&text, NULL,
                                      "%u,%s,%s,%s,2020-01-%02u,2020-01-%02u\n", age,
                                      MARITAL[marital], sex == 0 ? "F" : "M",
                                      is_maternity || is_odd ? "maternity" : "surgery",
                                      from, is_odd ? 1 : to),
                     0);
    }
    struct test_file file = test_file_new(text.data, text.length);
    sil_bytes_clear(&text);
    return file;
}

static struct sil_model *model_of(enum sil_mechanism mechanism, const char *schema_text)
{
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    struct sil_schema *schema = schema_of(schema_text);
    struct test_file file = table();
    struct sil_fit_options options = kit_options(mechanism, "2");
    cr_assert_eq(
        sil_model_fit_with(&model, file.path, schema, &options, seeded_rng(5), &err),
        SIL_OK, "%s", err.text);
    test_file_remove(&file);
    sil_schema_free(schema);
    return model;
}

struct seen {
    size_t n;
    size_t n_broken;
    size_t n_children;
    size_t n_mothers;
    size_t n_off; ///< neither women in the maternity ward nor men who came early
};

/* Lines as text, by nothing of the program. */
static struct seen look(const char *csv)
{
    struct seen seen = {0};
    const char *line = strchr(csv, '\n') + 1;
    for (; *line != '\0'; line = strchr(line, '\n') + 1) {
        char field[6][16] = {{0}};
        size_t f = 0;
        size_t k = 0;
        for (const char *c = line; *c != '\n'; c++) {
            if (*c == ',') {
                f++;
                k = 0;
            } else {
                field[f][k++] = *c;
            }
        }
        int age = 0;
        cr_assert_eq(sscanf(field[0], "%d", &age), 1);
        bool is_maternity = strcmp(field[3], "maternity") == 0;
        bool breaks = (age < 15 && strcmp(field[1], "never") != 0) ||
                      (is_maternity && (field[2][0] == 'M' || age < 15 || age >= 35)) ||
                      (field[5][0] != '\0' && strcmp(field[5], field[4]) < 0);
        seen.n++;
        seen.n_broken += breaks;
        seen.n_children += age < 15;
        seen.n_mothers += is_maternity;
        bool is_man = field[2][0] == 'M';
        seen.n_off += is_man ? strcmp(field[4], "2020-01-10") >= 0 : !is_maternity;
    }
    return seen;
}

static struct seen sample(const struct sil_model *model,
                          const struct sil_sample_options *options)
{
    struct test_file file = test_file_text("");
    struct sil_bytes rows = {0};
    struct sil_error err = {{0}};
    cr_assert_eq(sil_model_sample(model, file.path, options, &err), SIL_OK, "%s",
                 err.text);
    cr_assert_eq(sil_file_read(&rows, file.path, (size_t)1 << 24, &err), SIL_OK);
    cr_assert_eq(sil_bytes_append(&rows, "", 1, NULL), SIL_OK);
    struct seen seen = look((const char *)rows.data);
    sil_bytes_clear(&rows);
    test_file_remove(&file);
    return seen;
}

static const enum sil_mechanism MECHANISMS[] = {SIL_INDEPENDENT, SIL_MST, SIL_AIM,
                                                SIL_MOSAIC};

Test(rules_rows, no_row_of_any_mechanism_breaks_a_rule)
{
    for (size_t i = 0; i < 4; i++) {
        struct sil_model *model = model_of(MECHANISMS[i], SCHEMA);
        struct sil_sample_report report = {0};
        struct sil_sample_options options = sil_sample_defaults();
        options.report = &report;
        struct seen seen = sample(model, &options);
        cr_expect_eq(seen.n_broken, 0, "mechanism %zu", i);
        cr_expect_eq(report.n_broken, 0);
        cr_expect_eq(report.n_rules, 3);
        cr_expect_eq(report.n_rows, seen.n);
        /* Zeros of the model leave nothing to change but values within bins. */
        cr_expect(MECHANISMS[i] == SIL_MOSAIC || report.n_changed == 0);
        cr_expect_leq(report.n_changed, seen.n / 50);
        cr_expect_gt(seen.n_children, seen.n / 6);
        cr_expect_gt(seen.n_mothers, seen.n / 30);
        sil_model_free(model);
    }
}

Test(rules_rows, a_model_read_again_gives_the_same_rows)
{
    for (size_t i = 0; i < 4; i++) {
        struct sil_model *model = model_of(MECHANISMS[i], SCHEMA);
        struct sil_model *read = NULL;
        struct sil_model *refitted = NULL;
        struct sil_bytes file = {0};
        struct sil_error err = {{0}};
        cr_assert_eq(sil_model_encode(&file, model, &err), SIL_OK);
        cr_assert_eq(sil_model_decode(&read, file.data, file.length, 1, &err), SIL_OK,
                     "%s", err.text);
        cr_assert_eq(sil_model_of_transcript(&refitted, model->encoding.data,
                                             model->encoding.length, 2, &err),
                     SIL_OK, "%s", err.text);
        struct sil_bytes rows[] = {kit_rows(model, 0, 2), kit_rows(read, 0, 1),
                                   kit_rows(refitted, 0, 1)};
        for (size_t k = 1; k < 3; k++) {
            cr_expect_eq(rows[k].length, rows[0].length);
            cr_expect_eq(memcmp(rows[k].data, rows[0].data, rows[0].length), 0);
        }
        for (size_t k = 0; k < 3; k++) {
            sil_bytes_clear(&rows[k]);
        }
        sil_bytes_clear(&file);
        sil_model_free(refitted);
        sil_model_free(read);
        sil_model_free(model);
    }
}

/* A rule over more cells than the model may have for one table. */
Test(rules_rows, a_rule_without_a_place_in_the_model_is_named_and_kept)
{
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    struct sil_schema *schema = schema_of(SCHEMA);
    struct test_file file = table();
    struct sil_fit_options options = kit_options(SIL_MST, "2");
    struct sil_sample_report report = {0};
    struct sil_sample_options sampling = sil_sample_defaults();
    options.max_cells = 25; /* 5 x 4; the ward has 5 x 2 x 3, the days 10 x 11 */
    sampling.report = &report;
    cr_assert_eq(
        sil_model_fit_with(&model, file.path, schema, &options, seeded_rng(5), &err),
        SIL_OK, "%s", err.text);
    bool is_named = false;
    for (size_t i = 0; i < sil_model_n_warnings(model); i++) {
        is_named =
            is_named || strstr(sil_model_warning(model, i),
                               "2 of 3 rules have no place in the model, the first "
                               "silhouette.rules[1] (never ward = 'maternity'") != NULL;
    }
    cr_expect(is_named);
    cr_expect_eq(sample(model, &sampling).n_broken, 0);
    cr_expect_eq(report.n_broken, 0);
    cr_expect_gt(report.n_changed, 0);
    /* Cells that an order ties together are changed together. */
    sampling.where =
        "(sex = 'F' AND ward = 'maternity') OR (sex = 'M' AND from < '2020-01-10')";
    struct seen ordered = sample(model, &sampling);
    cr_expect_eq(ordered.n_broken, 0);
    cr_expect_eq(ordered.n_off, 0);
    cr_expect_gt(report.n_changed, 0);
    test_file_remove(&file);
    sil_schema_free(schema);
    sil_model_free(model);
}

/* The schema with another name for a ward, as long as 40 umlauts and `n_before` letters. */
static char *schema_with_umlauts(size_t n_before)
{
    static const char WARD[] = "maternity";
    char name[96] = "xxxx";
    name[n_before] = '\0';
    for (size_t i = 0; i < 40; i++) {
        (void)strcat(name, "\xc3\xbc");
    }
    char *text = calloc(strlen(SCHEMA) + 512, 1);
    const char *rest = SCHEMA;
    for (const char *at; (at = strstr(rest, WARD)) != NULL; rest = at + strlen(WARD)) {
        (void)strncat(text, rest, (size_t)(at - rest));
        (void)strcat(text, name);
    }
    return strcat(text, rest);
}

/* Its text is cut to a length in bytes, but not within a character. */
Test(rules_rows, a_warning_that_cuts_a_rule_is_text)
{
    for (size_t n_before = 0; n_before < 2; n_before++) {
        struct sil_model *model = NULL;
        struct sil_error err = {{0}};
        char *text = schema_with_umlauts(n_before);
        struct sil_schema *schema = schema_of(text);
        struct test_file file = table();
        struct sil_fit_options options = kit_options(SIL_INDEPENDENT, "2");
        options.max_cells = 25;
        cr_assert_eq(sil_model_fit_with(&model, file.path, schema, &options,
                                        seeded_rng(6), &err),
                     SIL_OK, "%s", err.text);
        bool is_cut = false;
        for (size_t i = 0; i < sil_model_n_warnings(model); i++) {
            const char *warning = sil_model_warning(model, i);
            cr_expect(sil_utf8_is_text(warning, strlen(warning)), "%s", warning);
            is_cut = is_cut || strstr(warning, "\xc3\xbc\xc3\xbc") != NULL;
        }
        cr_expect(is_cut);
        test_file_remove(&file);
        sil_schema_free(schema);
        sil_model_free(model);
        free(text);
    }
}

Test(rules_rows, rows_made_to_order_keep_the_rules_and_the_order)
{
    static const char *const SHARES[] = {"sex=M:0.7,F:0.3"};
    for (size_t i = 0; i < 4; i++) {
        struct sil_model *model = model_of(MECHANISMS[i], SCHEMA);
        struct sil_sample_options options = sil_sample_defaults();
        options.where = "age < 12 AND to > '2020-01-11'";
        options.n_rows = 500;
        struct seen children = sample(model, &options);
        cr_expect_eq(children.n_broken, 0, "mechanism %zu", i);
        cr_expect_eq(children.n_children, children.n);
        options.where = NULL;
        options.rebalance = SHARES;
        options.n_rebalance = 1;
        struct seen all = sample(model, &options);
        cr_expect_eq(all.n_broken, 0, "mechanism %zu", i);
        sil_model_free(model);
    }
}

/* ---- rows that cannot be mended ---- */

static const uint8_t SEED[SIL_SEED_BYTES] = {3};

Test(rules_rows, tries_are_bounded_and_what_is_left_is_counted)
{
    enum { ROWS = 50 };

    struct sil_schema *schema = schema_of(SCHEMA);
    struct sil_domain domain = sil_schema_domain(schema);
    const struct sil_words words = {.draw = sil_row_words, .key = SEED};
    struct sil_codes codes = {0};
    struct sil_repair *repair = NULL;
    struct sil_error err;
    cr_assert_eq(sil_codes_init(&codes, &domain, ROWS, &err), SIL_OK);
    for (size_t r = 0; r < ROWS; r++) {
        sil_codes_set(&codes, 2, r, 1);
        sil_codes_set(&codes, 3, r, 1); /* men in the maternity ward, all of them */
    }
    cr_assert_eq(sil_repair_rows(&repair, &codes, schema, words, words, NULL, 0, &err),
                 SIL_OK);
    uint64_t n_broken = 0;
    uint64_t by_rule[3];
    cr_assert_eq(sil_rules_count(&n_broken, by_rule, sil_repair_rules(repair), &codes,
                                 sil_repair_words(repair), &err),
                 SIL_OK);
    cr_expect_eq(n_broken, ROWS);
    cr_expect_eq(by_rule[1], ROWS);
    cr_expect_eq(sil_repair_tally(repair).n_changed, 0);
    cr_expect_leq(sil_repair_tally(repair).n_tries, ROWS * 2000);

    /* One row that keeps the rules is enough for all. */
    sil_repair_free(repair);
    sil_codes_set(&codes, 3, 7, 0);
    sil_codes_set(&codes, 5, 7, 9);
    cr_assert_eq(sil_repair_rows(&repair, &codes, schema, words, words, NULL, 0, &err),
                 SIL_OK);
    cr_assert_eq(sil_rules_count(&n_broken, by_rule, sil_repair_rules(repair), &codes,
                                 sil_repair_words(repair), &err),
                 SIL_OK);
    cr_expect_eq(n_broken, 0);
    sil_repair_free(repair);
    sil_codes_clear(&codes);
    sil_schema_free(schema);
}
