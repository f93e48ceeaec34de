// SPDX-License-Identifier: Apache-2.0
#include "synth/workload.h"
#include "synth_kit.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sil_error error;

static struct sil_workload all(const uint32_t *sizes, uint32_t n, uint32_t k,
                               uint64_t max_cells)
{
    struct sil_workload workload;
    struct sil_domain domain = {.n_attrs = n, .sizes = sizes};
    cr_assert_eq(sil_workload_all(&workload, &domain, k, max_cells, &error), SIL_OK,
                 "%s", error.text);
    return workload;
}

static void expect_clique(const struct sil_weighted_clique *item, const char *attrs,
                          uint32_t weight)
{
    char text[40] = "";
    for (uint32_t k = 0; k < item->clique.n; k++) {
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s%u", k == 0 ? "" : " ",
                 item->clique.attr[k]);
    }
    cr_expect_str_eq(text, attrs);
    cr_expect_eq(item->weight, weight, "%s: weight %u", attrs, item->weight);
}

Test(workload, of_pairs_has_every_pair_and_its_columns_in_canonical_order)
{
    const uint32_t sizes[] = {2, 3, 4};
    struct sil_workload w = all(sizes, 3, 2, 100);

    cr_assert_eq(w.marginals.n, 3);
    expect_clique(&w.marginals.item[0], "0 1", 1);
    expect_clique(&w.marginals.item[1], "0 2", 1);
    expect_clique(&w.marginals.item[2], "1 2", 1);
    /* Each column is in two pairs; a pair meets itself in two and the others in one. All
     * weights have the common factor two. */
    cr_assert_eq(w.candidates.n, 6);
    expect_clique(&w.candidates.item[0], "0", 1);
    expect_clique(&w.candidates.item[2], "2", 1);
    expect_clique(&w.candidates.item[3], "0 1", 2);
    expect_clique(&w.candidates.item[5], "1 2", 2);
    sil_workload_clear(&w);
}

Test(workload, leaves_out_marginals_above_the_cap_and_what_only_they_contain)
{
    const uint32_t sizes[] = {10, 10, 2, 2};
    struct sil_workload w = all(sizes, 4, 3, 100);

    cr_assert_eq(w.marginals.n, 2);
    expect_clique(&w.marginals.item[0], "0 2 3", 1);
    expect_clique(&w.marginals.item[1], "1 2 3", 1);
    for (size_t i = 0; i < w.candidates.n; i++) {
        const struct sil_clique *c = &w.candidates.item[i].clique;
        cr_expect(!(sil_clique_has(c, 0) && sil_clique_has(c, 1)));
    }
    /* Columns 2 and 3 are in both marginals, 0 and 1 in one. */
    expect_clique(&w.candidates.item[0], "0", 1);
    expect_clique(&w.candidates.item[2], "2", 2);
    sil_workload_clear(&w);
}

Test(workload, of_more_columns_than_there_are_is_of_all_of_them)
{
    const uint32_t sizes[] = {2, 1, 3};
    struct sil_workload w = all(sizes, 3, 8, 100);

    cr_assert_eq(w.marginals.n, 1);
    expect_clique(&w.marginals.item[0], "0 2", 1);
    cr_expect_eq(w.candidates.n, 3);
    sil_workload_clear(&w);
}

Test(workload, of_columns_of_one_cell_is_empty)
{
    const uint32_t sizes[] = {1, 1};
    struct sil_workload w = all(sizes, 2, 3, 100);
    cr_expect_eq(w.marginals.n, 0);
    cr_expect_eq(w.candidates.n, 0);
    sil_workload_clear(&w);
}

Test(workload, scales_large_weights_down_to_a_million)
{
    const uint32_t sizes[] = {2, 2, 2};
    struct sil_workload w;
    struct sil_schema *schema = kit_schema(sizes, 3);
    const char *json =
        "{\"marginals\": [{\"attributes\": [\"c0\", \"c1\"], \"weight\": "
        "1048575}, {\"attributes\": [\"c2\"], \"weight\": 2}]}";
    cr_assert_eq(sil_workload_parse(&w, schema, json, strlen(json), 100, &error),
                 SIL_OK, "%s", error.text);

    for (size_t i = 0; i < w.candidates.n; i++) {
        cr_expect_leq(w.candidates.item[i].weight, 1u << 20);
        cr_expect_geq(w.candidates.item[i].weight, 1);
    }
    expect_clique(&w.candidates.item[2], "2", 1);
    expect_clique(&w.candidates.item[3], "0 1", 1u << 20);
    sil_workload_clear(&w);
    sil_schema_free(schema);
}

/* ---- sizes are refused by arithmetic ---- */

static void refuse_all(const uint32_t *sizes, uint32_t n, uint32_t k,
                       uint64_t max_cells, const char *part)
{
    struct sil_workload w;
    struct sil_domain domain = {.n_attrs = n, .sizes = sizes};
    cr_expect_eq(sil_workload_all(&w, &domain, k, max_cells, &error), SIL_ERR_USAGE);
    cr_expect_not_null(strstr(error.text, part), "\"%s\" lacks \"%s\"", error.text,
                       part);
    cr_expect_null(w.marginals.item);
    cr_expect_null(w.candidates.item);
}

Test(workload, of_ten_thousand_columns_is_refused_with_number_and_flag)
{
    uint32_t *sizes = malloc(10000 * sizeof *sizes);
    cr_assert_not_null(sizes);
    for (size_t i = 0; i < 10000; i++) {
        sizes[i] = 2;
    }
    refuse_all(sizes, 10000, 3, 10000, "166616670000 marginals");
    refuse_all(sizes, 10000, 3, 10000, "--workload");
    refuse_all(sizes, 10000, 8, 10000, "marginals of 8 columns");
    free(sizes);
}

Test(workload, of_a_hundred_thousand_million_cells_is_refused_with_number_and_flag)
{
    const uint32_t sizes[] = {5000, 5000, 5000};
    refuse_all(sizes, 3, 3, UINT64_C(1000000000000), "125000000000 cells");
    refuse_all(sizes, 3, 3, UINT64_C(1000000000000), "--max-cells");
    const uint32_t huge[] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    refuse_all(huge, 3, 3, UINT64_MAX, "cells");
}

Test(workload, that_the_cap_empties_is_refused)
{
    const uint32_t sizes[] = {50, 50};
    refuse_all(sizes, 2, 2, 100, "raise --max-cells");
}

/* ---- files ---- */

static const uint32_t THREE[] = {2, 3, 1};

static sil_status parse(struct sil_workload *w, const char *json)
{
    struct sil_schema *schema = kit_schema(THREE, 3);
    sil_status status = sil_workload_parse(w, schema, json, strlen(json), 100, &error);
    sil_schema_free(schema);
    return status;
}

Test(workload, file_brings_decimal_weights_to_integers)
{
    struct sil_workload w;
    cr_assert_eq(parse(&w, "{\"marginals\": ["
                           "{\"attributes\": [\"c1\", \"c0\"], \"weight\": \"0.75\"},"
                           "{\"attributes\": [\"c0\"], \"weight\": 0.5},"
                           "{\"attributes\": [\"c1\"]}]}"),
                 SIL_OK, "%s", error.text);
    cr_assert_eq(w.marginals.n, 3);
    expect_clique(&w.marginals.item[0], "0", 2);
    expect_clique(&w.marginals.item[1], "1", 4);
    expect_clique(&w.marginals.item[2], "0 1", 3);
    /* w(0) = 2 + 3, w(1) = 4 + 3, w(0 1) = 12. */
    expect_clique(&w.candidates.item[0], "0", 5);
    expect_clique(&w.candidates.item[1], "1", 7);
    expect_clique(&w.candidates.item[2], "0 1", 12);
    sil_workload_clear(&w);
}

Test(workload, file_adds_the_weights_of_a_marginal_named_twice)
{
    struct sil_workload w;
    /* c2 has one cell: both entries are about c0 alone. */
    cr_assert_eq(parse(&w, "{\"marginals\": [{\"attributes\": [\"c0\", \"c2\"]},"
                           "{\"attributes\": [\"c0\"], \"weight\": 2},"
                           "{\"attributes\": [\"c1\"]}]}"),
                 SIL_OK, "%s", error.text);
    cr_assert_eq(w.marginals.n, 2);
    expect_clique(&w.marginals.item[0], "0", 3);
    expect_clique(&w.marginals.item[1], "1", 1);
    sil_workload_clear(&w);
}

Test(workload, file_errors_name_the_place)
{
    static const struct {
        const char *json;
        sil_status status;
        const char *part;
    } CASES[] = {
        {"nonsense",                                                         SIL_ERR_INPUT, "workload"          },
        {"[]",                                                               SIL_ERR_INPUT, "object"            },
        {"{}",                                                               SIL_ERR_INPUT, "marginals"         },
        {"{\"marginals\": []}",                                              SIL_ERR_INPUT, "marginals"         },
        {"{\"marginal\": []}",                                               SIL_ERR_INPUT, "marginal"          },
        {"{\"marginals\": [5]}",                                             SIL_ERR_INPUT, "marginals[0]"      },
        {"{\"marginals\": [{\"attributes\": []}]}",                          SIL_ERR_INPUT,
         "marginals[0].attributes"                                                                              },
        {"{\"marginals\": [{\"attributes\": [7]}]}",                         SIL_ERR_INPUT,
         "marginals[0].attributes"                                                                              },
        {"{\"marginals\": [{\"attributes\": [\"age\"]}]}",                   SIL_ERR_INPUT,
         "no column \"age\""                                                                                    },
        {"{\"marginals\": [{\"attributes\": [\"c0\", \"c0\"]}]}",            SIL_ERR_INPUT,
         "twice"                                                                                                },
        {"{\"marginals\": [{\"attributes\": [\"c0\"], \"weight\": 0}]}",     SIL_ERR_INPUT,
         "not above 0"                                                                                          },
        {"{\"marginals\": [{\"attributes\": [\"c0\"], \"weight\": \"x\"}]}",
         SIL_ERR_INPUT,                                                                     "weight"            },
        {"{\"marginals\": [{\"attributes\": [\"c0\"], \"weight\": true}]}",
         SIL_ERR_INPUT,                                                                     "weight"            },
        {"{\"marginals\": [{\"attributes\": [\"c0\"], \"weight\": 3},"
         "{\"attributes\": [\"c1\"], \"weight\": \"1e-9\"}]}",      SIL_ERR_INPUT, "common denominator"},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct sil_workload w;
        cr_expect_eq(parse(&w, CASES[i].json), CASES[i].status, "%s", CASES[i].json);
        cr_expect_not_null(strstr(error.text, CASES[i].part), "%s: %s", CASES[i].json,
                           error.text);
        cr_expect_null(w.marginals.item);
    }
}

Test(workload, file_refuses_a_marginal_above_the_cap)
{
    const uint32_t sizes[] = {20, 20};
    struct sil_workload w;
    struct sil_schema *schema = kit_schema(sizes, 2);
    const char *json = "{\"marginals\": [{\"attributes\": [\"c0\", \"c1\"]}]}";
    cr_expect_eq(sil_workload_parse(&w, schema, json, strlen(json), 100, &error),
                 SIL_ERR_USAGE);
    cr_expect_not_null(strstr(error.text, "400 cells"), "%s", error.text);
    sil_schema_free(schema);
}

Test(workload, text_is_a_number_from_one_to_eight_or_a_file)
{
    static const char *const BAD[] = {"0", "9", "12", "-1", "2.5", ""};
    struct sil_schema *schema = kit_schema(THREE, 3);
    struct sil_workload w;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_expect_eq(sil_workload_open(&w, schema, BAD[i], 100, &error), SIL_ERR_USAGE,
                     "%s", BAD[i]);
    }
    cr_expect_eq(sil_workload_open(&w, schema, "/nowhere/at/all", 100, &error),
                 SIL_ERR_IO);
    struct test_file file =
        test_file_text("{\"marginals\": [{\"attributes\": [\"c0\", \"c1\"]}]}");
    cr_expect_eq(sil_workload_open(&w, schema, file.path, 100, &error), SIL_OK);
    cr_expect_eq(w.marginals.n, 1);
    sil_workload_clear(&w);
    test_file_remove(&file);
    sil_schema_free(schema);
}
