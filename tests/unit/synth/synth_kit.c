// SPDX-License-Identifier: Apache-2.0
#include "synth_kit.h"

#include "base/file.h"
#include "support/property.h"
#include "support/seeded_rng.h"
#include "synth/model_object.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>

static void put_field(struct sil_bytes *json, uint32_t a, uint32_t cells, uint32_t bins)
{
    char count[16];
    (void)snprintf(count, sizeof count, "%" PRIu32, bins);
    cr_assert_eq(sil_bytes_printf(json, NULL, "%s{\"name\": \"c%" PRIu32 "\", ",
                                  a == 0 ? "" : ", ", a),
                 SIL_OK);
    if (bins == 0) {
        cr_assert_eq(sil_bytes_printf(json, NULL,
                                      "\"type\": \"string\", \"constraints\": "
                                      "{\"required\": true}, \"silhouette\": "
                                      "{\"open\": true}}"),
                     SIL_OK);
        return;
    }
    cr_assert_eq(sil_bytes_printf(json, NULL,
                                  "\"type\": \"integer\", \"constraints\": "
                                  "{\"required\": true, \"minimum\": 0, "
                                  "\"maximum\": %" PRIu32
                                  "}, \"silhouette\": {\"bins\": %s}}",
                                  cells - 1, bins < cells ? count : "\"integers\""),
                 SIL_OK);
}

struct sil_schema *kit_binned_schema(const uint32_t *cells, const uint32_t *bins,
                                     uint32_t n)
{
    struct sil_schema *schema = NULL;
    struct sil_bytes json = {0};
    struct sil_error err = {{0}};
    cr_assert_eq(sil_bytes_printf(&json, &err, "{\"fields\": ["), SIL_OK);
    for (uint32_t a = 0; a < n; a++) {
        put_field(&json, a, cells[a], bins[a]);
    }
    cr_assert_eq(sil_bytes_printf(&json, &err, "]}"), SIL_OK);
    cr_assert_eq(sil_schema_parse(&schema, (const char *)json.data, json.length, &err),
                 SIL_OK, "%s", err.text);
    for (uint32_t a = 0; a < n; a++) {
        if (bins[a] > 0) {
            cr_assert_eq(sil_schema_field_cells(schema, a), bins[a]);
        }
    }
    sil_bytes_clear(&json);
    return schema;
}

struct sil_schema *kit_schema(const uint32_t *cells, uint32_t n)
{
    return kit_binned_schema(cells, cells, n);
}

struct test_file kit_table(const uint32_t *cells, uint32_t n, size_t n_rows,
                           uint64_t seed)
{
    struct test_random random = {.state = seed};
    struct sil_bytes text = {0};
    for (uint32_t a = 0; a < n; a++) {
        cr_assert_eq(sil_bytes_printf(&text, NULL, "%sc%" PRIu32, a == 0 ? "" : ",", a),
                     SIL_OK);
    }
    for (size_t row = 0; row < n_rows; row++) {
        uint64_t last = 0;
        for (uint32_t a = 0; a < n; a++) {
            bool fresh = a == 0 || test_below(&random, 4) == 0;
            last = (fresh ? test_word(&random) : last) % cells[a];
            cr_assert_eq(
                sil_bytes_printf(&text, NULL, "%s%" PRIu64, a == 0 ? "\n" : ",", last),
                SIL_OK);
        }
    }
    cr_assert_eq(sil_bytes_append(&text, "\n", 1, NULL), SIL_OK);
    struct test_file file = test_file_new(text.data, text.length);
    sil_bytes_clear(&text);
    return file;
}

struct sil_fit_options kit_options(enum sil_mechanism mechanism, const char *epsilon)
{
    struct sil_fit_options options = sil_fit_defaults();
    options.mechanism = mechanism;
    options.epsilon = epsilon;
    options.delta = "1e-9";
    options.unledgered = true;
    return options;
}

struct sil_model *kit_binned_model(const uint32_t *cells, const uint32_t *bins,
                                   uint32_t n, size_t n_rows, uint64_t seed,
                                   const struct sil_fit_options *options)
{
    struct sil_model *model = NULL;
    struct sil_error err = {{0}};
    struct sil_schema *schema = kit_binned_schema(cells, bins, n);
    struct test_file table = kit_table(cells, n, n_rows, seed);
    cr_assert_eq(
        sil_model_fit_with(&model, table.path, schema, options, seeded_rng(seed), &err),
        SIL_OK, "%s", err.text);
    test_file_remove(&table);
    sil_schema_free(schema);
    return model;
}

struct sil_model *kit_model(const uint32_t *cells, uint32_t n, size_t n_rows,
                            uint64_t seed, const struct sil_fit_options *options)
{
    return kit_binned_model(cells, cells, n, n_rows, seed, options);
}

struct sil_bytes kit_rows(const struct sil_model *model, uint64_t n_rows,
                          unsigned n_threads)
{
    struct sil_sample_options options = sil_sample_defaults();
    struct test_file file = test_file_text("");
    struct sil_bytes rows = {0};
    struct sil_error err = {{0}};
    options.n_rows = n_rows;
    options.n_threads = n_threads;
    cr_assert_eq(sil_model_sample(model, file.path, &options, &err), SIL_OK, "%s",
                 err.text);
    cr_assert_eq(sil_file_read(&rows, file.path, (size_t)1 << 28, &err), SIL_OK, "%s",
                 err.text);
    test_file_remove(&file);
    return rows;
}
