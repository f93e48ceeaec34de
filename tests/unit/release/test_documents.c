// SPDX-License-Identifier: Apache-2.0
/* statement.json, datapackage.json and VERIFY.txt of a release whose every byte is fixed;
 * and statements read back, or not. */
#include "base/file.h"
#include "release/documents.h"
#include "release/statement.h"
#include "sheet_kit.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <jansson.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_caches(void)
{
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE | MPFR_FREE_GLOBAL_CACHE);
}

TestSuite(documents, .fini = free_caches);

/* Digests that are told apart: of file i all bytes are 0x10 + i, and it has 1000 i bytes. */
static struct sil_digests digests_of(void)
{
    struct sil_digests digests;
    for (int i = 0; i < SIL_N_ARTIFACTS; i++) {
        memset(digests.of[i].sha256, 0x10 + i, SIL_HASH_BYTES);
        digests.of[i].bytes = (uint64_t)i * 1000;
    }
    return digests;
}

static struct sheet_setup fixed_setup(void)
{
    struct sheet_setup setup = sheet_setup();
    setup.mechanism = SIL_INDEPENDENT;
    setup.n_runs_before = 2;
    setup.choices = (struct sil_choices){
        .has_rows = true, .n_rows = 25, .has_seed = true, .seed = UINT64_MAX};
    return setup;
}

static struct sil_bytes statement_of(const struct sheet_setup *setup)
{
    struct sil_bytes text = {0};
    struct sil_digests digests = digests_of();
    struct sheet_kit *kit = sheet_kit_new(setup);
    cr_assert(zero(int, (int)sil_statement_json(&text, &kit->record, &digests, NULL)));
    sheet_kit_free(kit);
    return text;
}

static json_t *package_of(const struct sheet_setup *setup)
{
    struct sil_bytes text = {0};
    struct sil_digests digests = digests_of();
    struct sheet_kit *kit = sheet_kit_new(setup);
    cr_assert(
        zero(int, (int)sil_datapackage_json(&text, &kit->record, &digests, NULL)));
    json_t *json = json_loadb((const char *)text.data, text.length, 0, NULL);
    cr_assert(json != NULL);
    sil_bytes_clear(&text);
    sheet_kit_free(kit);
    return json;
}

/* With SIL_UPDATE_GOLDEN set, what is expected is written anew instead of compared. */
static void expect_file(const char *name, const struct sil_bytes *text)
{
    char path[512];
    struct sil_bytes kept = {0};
    (void)snprintf(path, sizeof path, "%s/tests/unit/release/expected/%s",
                   SIL_SOURCE_DIR, name);
    if (getenv("SIL_UPDATE_GOLDEN") != NULL) {
        FILE *file = fopen(path, "wb");
        cr_assert(file != NULL &&
                  fwrite(text->data, 1, text->length, file) == text->length &&
                  fclose(file) == 0);
        return;
    }
    cr_assert(zero(int, (int)sil_file_read(&kept, path, 1 << 20, NULL)),
              "run this test with SIL_UPDATE_GOLDEN=1");
    cr_expect(kept.length == text->length &&
                  memcmp(kept.data, text->data, text->length) == 0,
              "%s is not as kept: read what SIL_UPDATE_GOLDEN=1 changes", name);
    sil_bytes_clear(&kept);
}

Test(documents, of_a_fixed_release_are_as_kept)
{
    const struct sheet_setup setup = fixed_setup();
    struct sil_digests digests = digests_of();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_bytes statement = {0};
    struct sil_bytes package = {0};
    struct sil_bytes instructions = {0};

    cr_assert(
        zero(int, (int)sil_statement_json(&statement, &kit->record, &digests, NULL)));
    cr_assert(
        zero(int, (int)sil_datapackage_json(&package, &kit->record, &digests, NULL)));
    cr_assert(zero(int, (int)sil_instructions(&instructions, &kit->record, NULL)));

    expect_file("statement.json", &statement);
    expect_file("datapackage.json", &package);
    expect_file("VERIFY.txt", &instructions);
    sil_bytes_clear(&statement);
    sil_bytes_clear(&package);
    sil_bytes_clear(&instructions);
    sheet_kit_free(kit);
}

Test(documents, the_instructions_name_the_ledger_and_hold_no_format_left_over)
{
    const struct sheet_setup setup = fixed_setup();
    struct sheet_kit *kit = sheet_kit_new(&setup);
    struct sil_bytes text = {0};
    char id[SIL_ID_TEXT];
    sil_id_print(id, &kit->ledger.chain.ledger);

    cr_assert(zero(int, (int)sil_instructions(&text, &kit->record, NULL)));
    cr_assert(zero(int, (int)sil_bytes_append(&text, "", 1, NULL)));

    const char *words = (const char *)text.data;
    cr_expect(strstr(words, id) != NULL, "the ledger's id");
    cr_expect(strstr(words, "%%") == NULL, "a percent sign is one");
    for (const char *line = words; *line != '\0'; line = strchr(line, '\n') + 1) {
        size_t length = strcspn(line, "\n");
        cr_expect(le(sz, length, 90), "%.40s", line);
    }
    sil_bytes_clear(&text);
    sheet_kit_free(kit);
}

/* ---- statements, read ---- */

Test(documents, a_statement_gives_back_what_it_was_made_from)
{
    const struct sheet_setup setup = fixed_setup();
    struct sil_bytes text = statement_of(&setup);
    struct sil_digests digests = digests_of();
    struct sil_statement read;
    struct sil_error err = {{0}};

    cr_assert(zero(int, (int)sil_statement_parse(&read, (const char *)text.data,
                                                 text.length, &err)),
              "%s", err.text);

    cr_expect(eq(uint, read.documents, SIL_DOCUMENTS_VERSION));
    cr_expect(eq(uint, read.replay, 3));
    cr_expect(read.choices.has_rows && read.choices.has_seed);
    cr_expect(eq(u64, read.choices.n_rows, 25));
    cr_expect(eq(u64, read.choices.seed, UINT64_MAX));
    cr_expect(not(sil_choices_are_made(&read.choices)));
    cr_expect(eq(u64, read.size, 6), "genesis, grant, three reserves, a measure");
    for (int i = 0; i < SIL_N_ARTIFACTS; i++) {
        cr_expect(zero(int, memcmp(read.digests.of[i].sha256, digests.of[i].sha256,
                                   SIL_HASH_BYTES)));
    }
    sil_bytes_clear(&text);
}

Test(documents, what_nobody_chose_is_not_read_as_chosen)
{
    struct sheet_setup setup = fixed_setup();
    setup.choices = (struct sil_choices){0};
    struct sil_bytes text = statement_of(&setup);
    struct sil_statement read;

    cr_assert(zero(int, (int)sil_statement_parse(&read, (const char *)text.data,
                                                 text.length, NULL)));

    cr_expect(not(read.choices.has_rows));
    cr_expect(not(read.choices.has_seed));
    cr_expect(gt(u64, read.choices.n_rows, 0), "the estimate itself");
    sil_bytes_clear(&text);
}

/* Rows made to order: their texts come back, under the other number of documents. */
static struct sil_bytes order_statement(void)
{
    static const char *const SHARES[] = {"town=north:0.5", "ill=true:0.25"};
    struct sheet_setup setup = fixed_setup();
    setup.choices.where = "town != 'west' OR \"age\" < 30";
    setup.choices.rebalance = SHARES;
    setup.choices.n_rebalance = 2;
    setup.choices.fair = "ill|town:age";
    return statement_of(&setup);
}

Test(documents, a_statement_of_rows_made_to_order)
{
    struct sil_bytes text = order_statement();
    struct sil_statement read;
    struct sil_error err = {{0}};

    cr_assert(zero(int, (int)sil_statement_parse(&read, (const char *)text.data,
                                                 text.length, &err)),
              "%s", err.text);

    cr_expect(eq(uint, read.documents, SIL_DOCUMENTS_MADE));
    cr_expect(sil_choices_are_made(&read.choices));
    cr_expect(zero(int, strcmp(read.choices.where, "town != 'west' OR \"age\" < 30")));
    cr_assert(eq(sz, read.choices.n_rebalance, 2));
    cr_expect(zero(int, strcmp(read.choices.rebalance[0], "town=north:0.5")));
    cr_expect(zero(int, strcmp(read.choices.rebalance[1], "ill=true:0.25")));
    cr_expect(zero(int, strcmp(read.choices.fair, "ill|town:age")));
    sil_statement_clear(&read);
    sil_bytes_clear(&text);
}

/* The statement with one text in place of another. */
static struct sil_bytes changed(const struct sil_bytes *text, const char *from,
                                const char *to)
{
    struct sil_bytes out = {0};
    const char *begin = (const char *)text->data;
    const char *at = strstr(begin, from);
    cr_assert(at != NULL, "%s", from);
    cr_assert(
        zero(int, (int)sil_bytes_append(&out, begin, (size_t)(at - begin), NULL)));
    cr_assert(
        zero(int, (int)sil_bytes_printf(&out, NULL, "%s%s", to, at + strlen(from))));
    return out;
}

static struct sil_bytes terminated_statement(void)
{
    const struct sheet_setup setup = fixed_setup();
    struct sil_bytes text = statement_of(&setup);
    cr_assert(zero(int, (int)sil_bytes_append(&text, "", 1, NULL)));
    return text;
}

Test(documents, a_statement_of_another_kind_or_form_is_refused)
{
    static const struct {
        const char *from;
        const char *to;
        sil_status status;
    } CASES[] = {
        {"in-toto.io/Statement/v1",        "in-toto.io/Statement/v2",          SIL_ERR_INPUT      },
        {"#silhouette-release/v1",         "#silhouette-release/v2",           SIL_ERR_UNSUPPORTED},
        {"\"documents\": 1",               "\"documents\": 3",                 SIL_ERR_UNSUPPORTED},
        {"\"documents\": 1",               "\"documents\": 2",                 SIL_ERR_INPUT      },
        {"\"documents\": 1",               "\"documents\": 0",                 SIL_ERR_INPUT      },
        {"\"documents\": 1",               "\"documents\": \"1\"",             SIL_ERR_INPUT      },
        {"\"replay\": ",                   "\"replay\": -",                    SIL_ERR_INPUT      },
        {"data.csv",                       "data.cvs",                         SIL_ERR_INPUT      },
        {"1010101010",                     "101010101",                        SIL_ERR_INPUT      },
        {"1010101010",                     "101010101A",                       SIL_ERR_INPUT      },
        {"\"sha256\"",                     "\"sha512\"",                       SIL_ERR_INPUT      },
        {"\"size\": 6",                    "\"size\": 0",                      SIL_ERR_INPUT      },
        {"\"size\": 6",                    "\"size\": 6.0",                    SIL_ERR_INPUT      },
        {"\"n\": 25",                      "\"n\": 0",                         SIL_ERR_INPUT      },
        {"\"n\": 25",                      "\"n\": 4294967296",                SIL_ERR_INPUT      },
        {"\"n_chosen_by\": \"operator\"",  "\"n_chosen_by\": \"me\"",          SIL_ERR_INPUT      },
        {"\"18446744073709551615\"",       "\"18446744073709551616\"",         SIL_ERR_INPUT      },
        {"\"18446744073709551615\"",       "\"007\"",                          SIL_ERR_INPUT      },
        {"\"18446744073709551615\"",       "\"\"",                             SIL_ERR_INPUT      },
        {"\"18446744073709551615\"",       "7",                                SIL_ERR_INPUT      },
        {"\"18446744073709551615\"",       "null",                             SIL_ERR_INPUT      },
        {"\"seed_chosen_by\": \"operator", "\"seed_chosen_by\": \"transcript",
         SIL_ERR_INPUT                                                                            },
        {"\"release\": \"ab",              "\"release\": \"AB",                SIL_ERR_INPUT      },
        {"\"rows\"",                       "\"rwos\"",                         SIL_ERR_INPUT      },
        {"\"ledger\"",                     "\"leger\"",                        SIL_ERR_INPUT      },
        {"\"subject\": [",                 "\"subject\": [{}, ",               SIL_ERR_INPUT      },
        {"\"predicate\": {",               "\"predicate\": [], \"x\": {",      SIL_ERR_INPUT      },
        {"{",                              "[",                                SIL_ERR_INPUT      },
    };

    struct sil_bytes good = terminated_statement();
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_bytes text = changed(&good, CASES[i].from, CASES[i].to);
        struct sil_statement read;
        struct sil_error err = {{0}};
        sil_status status =
            sil_statement_parse(&read, (const char *)text.data, text.length, &err);
        cr_expect(eq(int, (int)status, (int)CASES[i].status), "%s: %s", CASES[i].to,
                  err.text);
        sil_bytes_clear(&text);
    }
    sil_bytes_clear(&good);
}

Test(documents, orders_of_another_form_are_refused)
{
    static const char *const CASES[][2] = {
        {"\"documents\": 2",     "\"documents\": 1"                                                    },
        {"\"made_to_order\"",    "\"made_to_odrer\""                                                   },
        {"\"made_to_order\": {", "\"made_to_order\": null, \"x\": {"                                   },
        {"\"where\": \"",        "\"where\": 7, \"x\": \""                                             },
        {"\"fair\": \"",         "\"fair\": 7, \"x\": \""                                              },
        {"\"fair\"",             "\"fiar\""                                                            },
        {"\"where\"",            "\"wheer\""                                                           },
        {"\"rebalance\": [",     "\"rebalance\": {}, \"x\": ["                                         },
        {"\"rebalance\": [",     "\"rebalance\": [0, "                                                 },
        {"\"rebalance\": [",
         "\"rebalance\": [\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\", "},
    };
    struct sil_bytes good = order_statement();
    cr_assert(zero(int, (int)sil_bytes_append(&good, "", 1, NULL)));
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_bytes text = changed(&good, CASES[i][0], CASES[i][1]);
        struct sil_statement read;
        struct sil_error err = {{0}};
        sil_status status =
            sil_statement_parse(&read, (const char *)text.data, text.length, &err);
        cr_expect(eq(int, (int)status, SIL_ERR_INPUT), "%s: %s", CASES[i][1], err.text);
        sil_statement_clear(&read);
        sil_bytes_clear(&text);
    }
    sil_bytes_clear(&good);
}

Test(documents, a_statement_of_newer_documents_says_which)
{
    struct sil_bytes good = terminated_statement();
    struct sil_bytes text = changed(&good, "\"documents\": 1", "\"documents\": 77");
    struct sil_statement read;

    sil_status status =
        sil_statement_parse(&read, (const char *)text.data, text.length, NULL);

    cr_expect(eq(int, (int)status, SIL_ERR_UNSUPPORTED));
    cr_expect(eq(uint, read.documents, 77));
    sil_bytes_clear(&good);
    sil_bytes_clear(&text);
}

Test(documents, a_statement_that_is_too_long_is_not_parsed)
{
    struct sil_bytes text = {0};
    struct sil_statement read;
    struct sil_error err = {{0}};
    for (size_t i = 0; i <= SIL_STATEMENT_BYTES_MAX; i += 64) {
        cr_assert(zero(int, (int)sil_bytes_printf(&text, NULL, "%64s", " ")));
    }

    sil_status status =
        sil_statement_parse(&read, (const char *)text.data, text.length, &err);

    cr_expect(eq(int, (int)status, SIL_ERR_INPUT));
    cr_expect(strstr(err.text, "too long") != NULL, "%s", err.text);
    sil_bytes_clear(&text);
}

/* ---- the package ---- */

static const json_t *field_of(const json_t *package, size_t i)
{
    const json_t *data = json_array_get(json_object_get(package, "resources"), 0);
    return json_array_get(json_object_get(json_object_get(data, "schema"), "fields"),
                          i);
}

static const char *last_text(const json_t *list)
{
    const json_t *last = json_array_get(list, json_array_size(list) - 1);
    return json_is_object(last) ? json_string_value(json_object_get(last, "value"))
                                : json_string_value(last);
}

static const char OTHER_SCHEMA[] =
    "{\"fieldsMatch\": \"subset\", \"missingValues\": [\"?\"], \"fields\": ["
    "{\"name\": \"age\", \"type\": \"integer\", \"constraints\": {\"minimum\": 0, "
    "\"maximum\": 99}, \"silhouette\": {\"bins\": 10, \"outside\": \"other\"}}, "
    "{\"name\": \"town\", \"type\": \"string\", \"categories\": [{\"value\": \"north\", "
    "\"label\": \"N\"}, {\"value\": \"south\", \"label\": \"S\"}], \"silhouette\": "
    "{\"outside\": \"other\", \"other\": \"elsewhere\"}}, "
    "{\"name\": \"ill\", \"type\": \"number\", \"constraints\": {\"enum\": [0.1, 0.25]}}]}";

Test(documents, the_packages_schema_has_the_words_that_rows_may_have)
{
    struct sheet_setup setup = fixed_setup();
    setup.schema = OTHER_SCHEMA;
    json_t *package = package_of(&setup);

    const json_t *age = field_of(package, 0);
    const json_t *missing = json_object_get(age, "missingValues");
    cr_expect(zero(int, strcmp(json_string_value(json_array_get(missing, 0)), "?")));
    cr_expect(zero(int, strcmp(last_text(missing), "other")), "no number");
    cr_expect(
        zero(int, strcmp(last_text(json_object_get(field_of(package, 1), "categories")),
                         "elsewhere")));
    const json_t *data = json_array_get(json_object_get(package, "resources"), 0);
    cr_expect(json_object_get(json_object_get(data, "schema"), "fieldsMatch") == NULL,
              "all fields, in this order");
    json_decref(package);
}

Test(documents, decimals_of_the_schema_keep_their_digits)
{
    struct sheet_setup setup = fixed_setup();
    struct sil_bytes text = {0};
    struct sil_digests digests = digests_of();
    setup.schema = OTHER_SCHEMA;
    struct sheet_kit *kit = sheet_kit_new(&setup);

    cr_assert(
        zero(int, (int)sil_datapackage_json(&text, &kit->record, &digests, NULL)));
    cr_assert(zero(int, (int)sil_bytes_append(&text, "", 1, NULL)));

    cr_expect(strstr((const char *)text.data, " 0.1,") != NULL);
    cr_expect(strstr((const char *)text.data, "0.1000") == NULL);
    sil_bytes_clear(&text);
    sheet_kit_free(kit);
}

Test(documents, the_package_lists_what_was_declared_after_looking)
{
    const struct sheet_setup setup = fixed_setup();
    json_t *package = package_of(&setup);

    const json_t *looked =
        json_object_get(json_object_get(package, "silhouette:privacy"), "looked");

    cr_assert(eq(sz, json_array_size(looked), 1));
    cr_expect(zero(int, strcmp(json_string_value(json_array_get(looked, 0)), "ill")));
    json_decref(package);
}
