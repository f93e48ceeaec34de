// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"
#include "num/rational.h"
#include "synth/workload_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One entry of the file before its weight is an integer. */
struct entry {
    struct sil_clique clique;
    mpq_t weight;
};

struct reader {
    const struct sil_schema *schema;
    struct sil_domain domain;
    uint64_t max_cells;
    struct entry *entry; ///< n of them, weights initialised
    size_t n;
};

static sil_status read_attribute(struct sil_clique *all, const struct reader *reader,
                                 const json_t *name, size_t i, struct sil_error *err)
{
    const char *text = json_string_value(name);
    if (text == NULL) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "marginals[%zu].attributes: not a list of column names", i);
    }
    uint32_t attr = sil_schema_find(reader->schema, text, strlen(text));
    if (attr == UINT32_MAX) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "marginals[%zu].attributes: the schema has no column \"%.80s\"",
                        i, text);
    }
    if (sil_schema_no_attribute(reader->schema, attr) != NULL) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "marginals[%zu].attributes: \"%.80s\" is recomputed from other "
                        "columns, and never measured: name those",
                        i, text);
    }
    if (sil_clique_has(all, attr)) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "marginals[%zu].attributes: \"%.80s\" is named twice", i, text);
    }
    struct sil_clique single = sil_clique_single(attr);
    (void)sil_clique_unite(all, all, &single);
    return SIL_OK;
}

static sil_status read_attributes(struct entry *entry, const struct reader *reader,
                                  const json_t *names, size_t i, struct sil_error *err)
{
    struct sil_clique all = {0};
    if (!json_is_array(names) || json_array_size(names) == 0 ||
        json_array_size(names) > SIL_WORKLOAD_ATTRS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "marginals[%zu].attributes: not a list of 1 to %d columns", i,
                        SIL_WORKLOAD_ATTRS_MAX);
    }
    for (size_t k = 0; k < json_array_size(names); k++) {
        sil_status status =
            read_attribute(&all, reader, json_array_get(names, k), i, err);
        if (status != SIL_OK) {
            return status;
        }
    }
    uint64_t cells = sil_clique_cells(&reader->domain, &all);
    if (cells > reader->max_cells) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "marginals[%zu] has %" PRIu64 " cells, more than %" PRIu64
                        "; raise --max-cells or leave it out",
                        i, cells, reader->max_cells);
    }
    for (uint32_t k = 0; k < all.n; k++) {
        if (reader->domain.sizes[all.attr[k]] > 1) {
            entry->clique.attr[entry->clique.n++] = all.attr[k];
        }
    }
    return SIL_OK;
}

static sil_status read_weight(struct entry *entry, const json_t *weight, size_t i,
                              struct sil_error *err)
{
    char buffer[SIL_JSON_DECIMAL_BYTES];
    const char *text = weight == NULL ? "1" : sil_json_decimal(weight, buffer);
    if (text == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "marginals[%zu].weight: not a decimal", i);
    }
    sil_status status = sil_rational_parse(entry->weight, text, 0, "weight", err);
    if (status != SIL_OK) {
        return sil_fail_within(err, status, "marginals[%zu]", i);
    }
    if (mpq_sgn(entry->weight) <= 0) {
        return sil_fail(err, SIL_ERR_INPUT, "marginals[%zu].weight: not above 0", i);
    }
    return SIL_OK;
}

static sil_status read_entry(struct entry *entry, const struct reader *reader,
                             json_t *object, size_t i, struct sil_error *err)
{
    static const char *const KEYS[] = {"attributes", "weight"};
    sil_status status = SIL_OK;
    char place[40];
    (void)snprintf(place, sizeof place, "marginals[%zu]", i);
    if (!json_is_object(object)) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: not an object", place);
    }
    SIL_TRY(sil_json_check_keys(object, place, KEYS, 2, err));
    SIL_TRY(
        read_attributes(entry, reader, json_object_get(object, "attributes"), i, err));
    SIL_TRY(read_weight(entry, json_object_get(object, "weight"), i, err));
cleanup:
    return status;
}

/* Bring the weights to integers without a common factor: times the least common
 * denominator, divided by the greatest common divisor of the numerators. */
static void find_scale(mpq_t scale, const struct reader *reader)
{
    mpz_set_ui(mpq_numref(scale), 1);
    mpz_set_ui(mpq_denref(scale), 0);
    for (size_t i = 0; i < reader->n; i++) {
        mpz_lcm(mpq_numref(scale), mpq_numref(scale),
                mpq_denref(reader->entry[i].weight));
    }
    for (size_t i = 0; i < reader->n; i++) {
        mpz_t whole;
        mpz_init(whole);
        mpz_divexact(whole, mpq_numref(scale), mpq_denref(reader->entry[i].weight));
        mpz_mul(whole, whole, mpq_numref(reader->entry[i].weight));
        mpz_gcd(mpq_denref(scale), mpq_denref(scale), whole);
        mpz_clear(whole);
    }
    mpq_canonicalize(scale);
}

/* A marginal that is named twice, or twice after columns of one cell are left out, has
 * the sum of its weights. */
static void unite_repeats(struct reader *reader)
{
    size_t kept = 0;
    for (size_t i = 0; i < reader->n; i++) {
        size_t k = 0;
        while (k < kept && sil_clique_compare(&reader->entry[k].clique,
                                              &reader->entry[i].clique) != 0) {
            k++;
        }
        if (k < kept) {
            mpq_add(reader->entry[k].weight, reader->entry[k].weight,
                    reader->entry[i].weight);
        } else {
            reader->entry[kept].clique = reader->entry[i].clique;
            mpq_swap(reader->entry[kept].weight, reader->entry[i].weight);
            kept++;
        }
    }
    for (size_t i = kept; i < reader->n; i++) {
        mpq_clear(reader->entry[i].weight);
    }
    reader->n = kept;
}

static sil_status add_entries(struct sil_workload *out, struct reader *reader,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    mpq_t scale;
    mpq_init(scale);
    unite_repeats(reader);
    if (reader->n > 0) {
        find_scale(scale, reader);
    }
    for (size_t i = 0; i < reader->n; i++) {
        struct entry *entry = &reader->entry[i];
        mpq_mul(entry->weight, entry->weight, scale);
        if (mpq_cmp_ui(entry->weight, SIL_WEIGHT_MAX, 1) > 0) {
            status = sil_fail(err, SIL_ERR_INPUT,
                              "the weights of the workload have no common denominator "
                              "that brings them to integers of at most %u; round them",
                              SIL_WEIGHT_MAX);
            goto cleanup;
        }
        if (entry->clique.n > 0) {
            uint32_t weight = (uint32_t)mpz_get_ui(mpq_numref(entry->weight));
            SIL_TRY(sil_clique_list_add(&out->marginals, &entry->clique, weight, err));
        }
    }
    SIL_TRY(sil_workload_close(out, &reader->domain, err));
cleanup:
    mpq_clear(scale);
    return status;
}

static sil_status read_entries(struct sil_workload *out, struct reader *reader,
                               const json_t *list, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n == 0 || n > SIL_WORKLOAD_FILE_MARGINALS) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "the workload has no list \"marginals\" of 1 to %d marginals",
                        SIL_WORKLOAD_FILE_MARGINALS);
    }
    SIL_TRY(sil_alloc(&reader->entry, n, sizeof *reader->entry, "a workload", err));
    for (size_t i = 0; i < n; i++) {
        mpq_init(reader->entry[reader->n++].weight);
        SIL_TRY(read_entry(&reader->entry[i], reader, json_array_get(list, i), i, err));
    }
    SIL_TRY(add_entries(out, reader, err));
cleanup:
    for (size_t i = 0; i < reader->n; i++) {
        mpq_clear(reader->entry[i].weight);
    }
    free(reader->entry);
    return status;
}

sil_status sil_workload_parse(struct sil_workload *out, const struct sil_schema *schema,
                              const char *json, size_t length, uint64_t max_cells,
                              struct sil_error *err)
{
    static const char *const KEYS[] = {"marginals"};
    sil_status status = SIL_OK;
    json_t *root = NULL;
    struct reader reader = {
        .schema = schema, .domain = sil_schema_domain(schema), .max_cells = max_cells};

    *out = (struct sil_workload){0};
    SIL_TRY(sil_json_parse(&root, json, length, "the workload", err));
    if (!json_is_object(root)) {
        status = sil_fail(err, SIL_ERR_INPUT, "the workload is not a JSON object");
        goto cleanup;
    }
    SIL_TRY(sil_json_check_keys(root, "the workload", KEYS, 1, err));
    SIL_TRY(read_entries(out, &reader, json_object_get(root, "marginals"), err));
cleanup:
    json_decref(root);
    if (status != SIL_OK) {
        sil_workload_clear(out);
    }
    return status;
}
