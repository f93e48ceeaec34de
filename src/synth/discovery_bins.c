// SPDX-License-Identifier: Apache-2.0
#include "synth/discovery_bins.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"

#include <stdlib.h>

/* A part of every replay number. */
enum { LEARNING_SHARE = 20 };

/* ---- the cost ---- */

void sil_terms_note_fields(struct sil_terms *terms, const struct sil_schema *schema)
{
    terms->n_open = sil_schema_n_open(schema);
    for (uint32_t f = 0; f < sil_schema_n_fields(schema); f++) {
        const struct sil_field *field = sil_schema_field(schema, f);
        if (sil_field_learns_bins(field)) {
            terms->n_learnt[sil_tree_levels(field)]++;
        }
    }
}

uint32_t sil_terms_n_learnt(const struct sil_terms *terms)
{
    uint32_t n = 0;
    for (unsigned levels = 1; levels <= SIL_TREE_LEVELS_MAX; levels++) {
        n += terms->n_learnt[levels];
    }
    return n;
}

size_t sil_terms_n_levels(const struct sil_terms *terms)
{
    size_t n = 0;
    for (unsigned levels = 1; levels <= SIL_TREE_LEVELS_MAX; levels++) {
        n += (size_t)levels * terms->n_learnt[levels];
    }
    return n;
}

bool sil_terms_discover(const struct sil_terms *terms)
{
    return terms->n_open > 0 || sil_terms_n_learnt(terms) > 0;
}

void sil_level_cost(struct sil_rho *out, const struct sil_terms *terms,
                    const struct sil_rho *cap, unsigned levels)
{
    sil_share(out, cap, 1,
              (uint64_t)LEARNING_SHARE * sil_terms_n_learnt(terms) * levels);
}

void sil_learning_costs(mpq_t out, const struct sil_terms *terms,
                        const struct sil_rho *cap)
{
    struct sil_rho cost;
    mpq_t n;
    sil_rho_init(&cost);
    mpq_init(n);
    mpq_set_ui(out, 0, 1);
    for (unsigned levels = 1; levels <= SIL_TREE_LEVELS_MAX; levels++) {
        if (terms->n_learnt[levels] > 0) {
            sil_level_cost(&cost, terms, cap, levels);
            mpq_set_ui(n, (uint64_t)levels * terms->n_learnt[levels], 1);
            mpq_mul(n, n, cost.v);
            mpq_add(out, out, n);
        }
    }
    mpq_clear(n);
    sil_rho_clear(&cost);
}

/* The noise of a level, and what it costs. */
static sil_status find_noise(struct sil_sigma2 *sigma2, const struct sil_terms *terms,
                             unsigned levels, struct sil_error *err)
{
    struct sil_rho cost;
    sil_rho_init(&cost);
    sil_level_cost(&cost, terms, &terms->cap, levels);
    sil_status status =
        sil_noise_of_cost(sigma2, &cost, sil_terms_sensitivity_squared(terms), err);
    sil_rho_clear(&cost);
    return status;
}

sil_status sil_learning_check_noise(const struct sil_terms *terms,
                                    struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_sigma2 sigma2;
    sil_sigma2_init(&sigma2);
    for (unsigned levels = 1; levels <= SIL_TREE_LEVELS_MAX; levels++) {
        if (terms->n_learnt[levels] > 0) {
            SIL_TRY(find_noise(&sigma2, terms, levels, err));
        }
    }
cleanup:
    sil_sigma2_clear(&sigma2);
    return status;
}

/* ---- the run ---- */

static sil_status measure_level(struct sil_gate *gate, struct sil_learning *learning,
                                const struct sil_counts *leaves,
                                const struct sil_sigma2 *sigma2, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_counts *counts = NULL;
    const struct sil_release *release = NULL;
    uint32_t n_codes = sil_learning_n_codes(learning);
    struct sil_grouping grouping = {.n_values = n_codes,
                                    .n_groups = sil_learning_cells(learning)};
    uint32_t *group = NULL;
    SIL_TRY(sil_alloc(&group, n_codes, sizeof *group, "bins", err));
    sil_learning_group(group, learning);
    grouping.group = group;
    SIL_TRY(sil_counts_group(&counts, leaves, &grouping, err));
    SIL_TRY(sil_gate_measure(gate, counts, sigma2, &release, err));
    SIL_TRY(sil_learning_take(learning, release->noisy, err));
cleanup:
    sil_counts_free(counts);
    free(group);
    return status;
}

static sil_status learn_field(struct sil_gate *gate, struct sil_table *table,
                              struct sil_schema *schema, uint32_t attr,
                              const struct sil_terms *terms, unsigned n_threads,
                              struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_clique column = sil_clique_single(attr);
    const struct sil_field *field = sil_schema_field(schema, attr);
    struct sil_learning learning = {0};
    struct sil_counts *leaves = NULL;
    struct sil_sigma2 sigma2;
    sil_sigma2_init(&sigma2);
    SIL_TRY(find_noise(&sigma2, terms, sil_tree_levels(field), err));
    SIL_TRY(sil_learning_begin(&learning, field, &sigma2, err));
    SIL_TRY(sil_table_count(&leaves, table, &column, 1, n_threads, err));
    while (learning.level < learning.n_levels) {
        SIL_TRY(measure_level(gate, &learning, leaves, &sigma2, err));
    }
    const struct sil_learnt learnt = sil_learning_result(&learning);
    SIL_TRY(sil_schema_settle_bins(schema, attr, &learnt, err));
    SIL_TRY(sil_table_settle_bins(table, schema, attr, err));
cleanup:
    sil_counts_free(leaves);
    sil_learning_clear(&learning);
    sil_sigma2_clear(&sigma2);
    return status;
}

sil_status sil_learn_bins(struct sil_gate *gate, struct sil_table *table,
                          struct sil_schema *schema, const struct sil_terms *terms,
                          unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (uint32_t f = 0; f < sil_schema_n_fields(schema) && status == SIL_OK; f++) {
        if (sil_field_learns_bins(sil_schema_field(schema, f))) {
            status = learn_field(gate, table, schema, f, terms, n_threads, err);
        }
    }
    return status;
}
