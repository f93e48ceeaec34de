// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/kernels.h"
#include "model/query.h"
#include "model/query_batch.h"

#include <stdlib.h>

/* Slices of a node this large are summed by all threads together, node after node; those
 * of smaller nodes each by one. */
enum { LARGE_NODE = 1 << 16 };

sil_status sil_query_node(double *out, const struct sil_oracle *oracle, uint32_t j,
                          const struct sil_clique *keep, unsigned n_threads,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_term *terms = NULL;
    struct sil_tables tables = {0};
    struct sil_product product = {
        &oracle->axes->inner, &oracle->tree.nodes[j].clique, NULL, 0, 1,
        SIL_BLOCK_USUAL};

    SIL_TRY(sil_alloc(&terms, sil_oracle_n_terms(oracle, j) + 1, sizeof *terms,
                      "a marginal", err));
    product.terms = terms;
    product.n_factors = sil_oracle_terms(terms, oracle, j);
    terms[product.n_factors] = (struct sil_term){*keep, out};
    if (sil_pass_once(&product, &tables, n_threads) != SIL_OK) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a marginal");
        goto cleanup;
    }
    sil_kernels()->scale(out, out, sil_oracle_scale(oracle, j),
                         sil_clique_cells(product.domain, keep));

cleanup:
    sil_tables_clear(&tables);
    free(terms);
    return status;
}

/* The slice from which this one is summed: the smallest that contains it and is contained
 * in none; itself when it is such a one. */
static size_t source_of(const struct sil_batch *b, size_t place, size_t first,
                        size_t end)
{
    size_t best = place;
    uint64_t best_cells = UINT64_MAX;
    for (size_t i = first; i < end; i++) {
        const struct sil_clique *c = &sil_batch_task(b, i)->clique;
        if (i == place || !sil_clique_contains(c, &sil_batch_task(b, place)->clique)) {
            continue;
        }
        bool is_inside = false;
        for (size_t k = first; k < end && !is_inside; k++) {
            is_inside = k != i && sil_clique_contains(&sil_batch_task(b, k)->clique, c);
        }
        if (!is_inside && sil_clique_cells(b->domain, c) < best_cells) {
            best = i;
            best_cells = sil_clique_cells(b->domain, c);
        }
    }
    return best;
}

/* Slices first .. end - 1 of the order are all of one node: the largest by one pass over
 * the node, the others from them. */
static sil_status cut_slices(struct sil_batch *b, size_t first, size_t end,
                             unsigned n_threads)
{
    sil_status status = SIL_OK;
    const struct sil_oracle *o = b->oracle;
    uint32_t j = sil_batch_task(b, first)->node;
    struct sil_product product = {b->domain, &o->tree.nodes[j].clique, NULL, 0,
                                  0,         SIL_BLOCK_SHORT};
    struct sil_term *terms = NULL;
    size_t *source = NULL;
    SIL_TRY(sil_alloc(&terms, sil_oracle_n_terms(o, j) + (end - first), sizeof *terms,
                      "a slice", NULL));
    SIL_TRY(sil_alloc(&source, end - first, sizeof *source, "a slice", NULL));
    size_t n = sil_oracle_terms(terms, o, j);
    product.terms = terms;
    product.n_factors = n;
    for (size_t i = first; i < end; i++) {
        struct sil_task *t = &b->plan.tasks[b->order[i]];
        SIL_TRY(sil_batch_table(&t->table, b, &t->clique));
        source[i - first] = source_of(b, i, first, end);
        if (source[i - first] == i) {
            terms[n + product.n_sums++] = (struct sil_term){t->clique, t->table};
        }
    }
    SIL_TRY(sil_pass_once(&product, b->tables, n_threads));
    for (size_t i = 0; i < product.n_sums; i++) {
        double *table = terms[n + i].data;
        sil_kernels()->scale(table, table, sil_oracle_scale(o, j),
                             sil_clique_cells(b->domain, &terms[n + i].clique));
    }
    for (size_t i = first; i < end; i++) {
        const struct sil_task *from = sil_batch_task(b, source[i - first]);
        const struct sil_task *to = sil_batch_task(b, i);
        struct sil_term step[2] = {
            {from->clique, from->table},
            {to->clique,   to->table  }
        };
        struct sil_product sum = {b->domain, &from->clique,  step, 1,
                                  1,         SIL_BLOCK_SHORT};
        if (from != to) {
            SIL_TRY(sil_pass_once(&sum, b->tables, 1));
        }
    }

cleanup:
    free(terms);
    free(source);
    return status;
}

sil_status sil_batch_slices(struct sil_batch *b, size_t n_slices)
{
    bool failed = false;
    size_t *start = NULL;
    size_t n = 0;
    sil_status status = sil_alloc(&start, n_slices + 1, sizeof *start, "a plan", NULL);
    for (size_t i = 0; status == SIL_OK && i < n_slices; i = sil_batch_end(b, i)) {
        start[n++] = i;
        start[n] = sil_batch_end(b, i);
    }
    for (size_t k = 0; status == SIL_OK && k < n; k++) {
        if (b->oracle->tree.nodes[sil_batch_task(b, start[k])->node].cells >=
            LARGE_NODE) {
            status = cut_slices(b, start[k], start[k + 1], b->n_threads);
        }
    }
    if (status != SIL_OK) {
        free(start);
        return status;
    }
#pragma omp parallel for schedule(dynamic) num_threads(b->n_threads) \
    reduction(||                                                     \
              : failed) if (b->n_threads > 1 && n > 1)
    for (size_t k = 0; k < n; k++) {
        unsigned before = sil_floating_enter();
        if (b->oracle->tree.nodes[sil_batch_task(b, start[k])->node].cells <
            LARGE_NODE) {
            failed = cut_slices(b, start[k], start[k + 1], 1) != SIL_OK || failed;
        }
        sil_floating_leave(before);
    }
    free(start);
    return failed ? SIL_ERR_INTERNAL : SIL_OK;
}
