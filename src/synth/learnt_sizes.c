// SPDX-License-Identifier: Apache-2.0
#include "synth/learnt_sizes.h"

#include "base/fail.h"
#include "base/memory.h"
#include "synth/budget.h"
#include "synth/discovery_bins.h"
#include "synth/mechanism.h"
#include "synth/mosaic.h"
#include "synth/workload_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct sizes {
    uint32_t n;
    uint32_t *least;
    uint32_t *most;
};

static struct sil_domain domain_of(const struct sizes *sizes, const uint32_t *cells)
{
    return (struct sil_domain){.n_attrs = sizes->n, .sizes = cells};
}

static sil_status find_sizes(struct sizes *out, const struct sil_schema *schema,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    out->n = sil_schema_n_fields(schema);
    SIL_TRY(sil_alloc(&out->least, out->n, sizeof *out->least, "columns", err));
    SIL_TRY(sil_alloc(&out->most, out->n, sizeof *out->most, "columns", err));
    for (uint32_t a = 0; a < out->n; a++) {
        const struct sil_field *field = sil_schema_field(schema, a);
        uint32_t n_bins = sil_field_learns_bins(field) ? sil_tree_bins_max(field) : 0;
        struct sil_cell_range range = sil_field_cell_range(field, n_bins);
        out->least[a] = range.least;
        out->most[a] = range.most;
    }
cleanup:
    return status;
}

/* ---- all marginals of k columns ---- */

static int ascending(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static uint64_t product(const uint32_t *size, uint32_t n)
{
    uint64_t cells = 1;
    for (uint32_t i = 0; i < n; i++) {
        if (__builtin_mul_overflow(cells, size[i], &cells)) {
            return UINT64_MAX;
        }
    }
    return cells;
}

/* Cells of the smallest marginal that there is to choose when things go worst: columns that
 * may come down to a single cell, and are then in no marginal, do so where enough others are
 * left; where not, those do that are small. `size` has room for all columns. */
static uint64_t smallest_at_worst(uint32_t *size, const struct sizes *sizes, uint32_t k)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < sizes->n; a++) {
        if (sizes->least[a] > 1) {
            size[n++] = sizes->most[a];
        }
    }
    uint32_t n_sure = n;
    for (uint32_t a = 0; a < sizes->n; a++) {
        if (sizes->least[a] == 1 && sizes->most[a] > 1) {
            size[n++] = sizes->most[a];
        }
    }
    qsort(size, n_sure, sizeof *size, ascending);
    if (n_sure >= k || n <= k) {
        return product(size, n < k ? n : k);
    }
    qsort(size + n_sure, n - n_sure, sizeof *size, ascending);
    memmove(size + n_sure, size + n - (k - n_sure), (k - n_sure) * sizeof *size);
    return product(size, k);
}

static sil_status check_one_is_left(const struct sizes *sizes, uint32_t k,
                                    uint64_t max_cells, struct sil_error *err)
{
    uint32_t *size = NULL;
    sil_status status = sil_alloc(&size, sizes->n, sizeof *size, "columns", err);
    if (status != SIL_OK) {
        return status;
    }
    uint64_t cells = smallest_at_worst(size, sizes, k);
    free(size);
    if (cells > max_cells) {
        return sil_fail(err, SIL_ERR_USAGE,
                        "it can be that every marginal of %" PRIu32
                        " columns has %" PRIu64 " cells or more, and none has at most "
                        "%" PRIu64 "; raise --max-cells, lower --workload, or declare "
                        "fewer private bins",
                        k, cells, max_cells);
    }
    return SIL_OK;
}

/* Whatever the sizes are, candidates are among those of the least sizes at which a column is
 * in a marginal at all, and none has more than `max_cells` cells. */
static sil_status list_at_most(struct sil_workload *out, const struct sizes *sizes,
                               uint32_t k, uint64_t max_cells, struct sil_error *err)
{
    uint32_t *size = NULL;
    sil_status status = sil_alloc(&size, sizes->n, sizeof *size, "columns", err);
    if (status != SIL_OK) {
        return status;
    }
    for (uint32_t a = 0; a < sizes->n; a++) {
        bool may_be_two = sizes->least[a] == 1 && sizes->most[a] > 1;
        size[a] = may_be_two ? 2 : sizes->least[a];
    }
    struct sil_domain domain = domain_of(sizes, size);
    status = sil_workload_all(out, &domain, k, max_cells, err);
    free(size);
    return status;
}

static uint64_t count_cells(const struct sil_clique_list *list,
                            const struct sil_domain *domain, uint64_t max_cells)
{
    uint64_t cells = 0;
    for (size_t i = 0; i < list->n; i++) {
        uint64_t more = sil_clique_cells(domain, &list->item[i].clique);
        more = more < max_cells ? more : max_cells;
        if (__builtin_add_overflow(cells, more, &cells)) {
            return UINT64_MAX;
        }
    }
    return cells;
}

static sil_status check_all(uint64_t *cells, struct sil_workload *out,
                            const struct sizes *sizes, const struct sil_terms *terms,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t k = (uint32_t)(terms->workload_name[0] - '0');
    uint64_t max_cells =
        terms->mechanism == SIL_INDEPENDENT ? UINT64_MAX : terms->max_cells;
    struct sil_domain most = domain_of(sizes, sizes->most);
    SIL_TRY(check_one_is_left(sizes, k, max_cells, err));
    SIL_TRY(list_at_most(out, sizes, k, max_cells, err));
    *cells = count_cells(&out->candidates, &most, max_cells);
    if (*cells > SIL_WORKLOAD_CELLS_MAX) {
        status =
            sil_fail(err, SIL_ERR_USAGE,
                     "the workload may come to %" PRIu64 " cells, more than %" PRIu64
                     " can be held; lower --max-cells or --workload, or declare "
                     "fewer private bins",
                     *cells, SIL_WORKLOAD_CELLS_MAX);
    }
cleanup:
    return status;
}

/* ---- the workload of a file ---- */

/* Its marginals stay, whatever their columns' sizes. */
static sil_status check_file(uint64_t *cells, struct sil_workload *out,
                             const struct sizes *sizes, const struct sil_terms *terms,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_domain most = domain_of(sizes, sizes->most);
    const struct sil_clique_list *asked = &terms->workload.marginals;
    for (size_t i = 0; i < asked->n; i++) {
        SIL_TRY(sil_clique_list_add(&out->marginals, &asked->item[i].clique,
                                    asked->item[i].weight, err));
    }
    SIL_TRY(sil_workload_close(out, &most, err));
    *cells = sil_clique_list_cells(&out->candidates, &most);
cleanup:
    return status;
}

/* ---- the budget ---- */

/* Weights of a file's columns do not depend on sizes. Else a column weighs as much as there
 * are marginals that it is in, and scaling may double what is between two. */
static uint32_t most_weight(const struct sil_workload *workload, bool is_file)
{
    uint64_t most = is_file ? 1 : 2 * (uint64_t)workload->marginals.n;
    for (size_t i = 0; is_file && i < workload->candidates.n; i++) {
        const struct sil_weighted_clique *item = &workload->candidates.item[i];
        most = item->clique.n == 1 && item->weight > most ? item->weight : most;
    }
    return most < SIL_WEIGHT_MAX ? (uint32_t)most : SIL_WEIGHT_MAX;
}

/* Only Mosaic gives columns more of the budget the more cells they have. */
static sil_status check_budget(const struct sizes *sizes, const struct sil_terms *terms,
                               uint32_t weight, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_rho cost;
    struct sil_sigma2 sigma2;
    struct sil_domain least = domain_of(sizes, sizes->least);
    struct sil_domain most = domain_of(sizes, sizes->most);
    if (terms->mechanism != SIL_MOSAIC) {
        return SIL_OK;
    }
    sil_rho_init(&cost);
    sil_sigma2_init(&sigma2);
    sil_mosaic_least_column(&cost, terms, &least, &most, weight);
    status =
        sil_noise_of_cost(&sigma2, &cost, sil_terms_sensitivity_squared(terms), err);
    sil_rho_clear(&cost);
    sil_sigma2_clear(&sigma2);
    return status;
}

/* ---- */

sil_status sil_learnt_sizes_check(uint64_t *most_cells, const struct sil_terms *terms,
                                  const struct sil_schema *schema,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sizes sizes = {0};
    struct sil_workload workload = {0};
    bool is_file = strcmp(terms->workload_name, SIL_WORKLOAD_IS_FILE) == 0;
    uint64_t cells = 0;

    *most_cells = 0;
    if (sil_terms_n_learnt(terms) == 0) {
        return SIL_OK;
    }
    SIL_TRY(find_sizes(&sizes, schema, err));
    struct sil_domain most = domain_of(&sizes, sizes.most);
    SIL_TRY(sil_terms_check_columns(terms, &most, err));
    SIL_TRY(is_file ? check_file(&cells, &workload, &sizes, terms, err)
                    : check_all(&cells, &workload, &sizes, terms, err));
    SIL_TRY(check_budget(&sizes, terms, most_weight(&workload, is_file), err));
    bool is_pruned = terms->mechanism == SIL_MOSAIC && cells > SIL_MOSAIC_TABLE_CELLS;
    *most_cells =
        (is_pruned ? SIL_MOSAIC_TABLE_CELLS : cells) + sil_column_cells(&most);
cleanup:
    if (status == SIL_ERR_USAGE || status == SIL_ERR_BUDGET) {
        status = sil_fail_within(
            err, status,
            "private bins can come out as up to twice as many as are wanted and two "
            "more for each atom, or as one");
    }
    sil_workload_clear(&workload);
    free(sizes.least);
    free(sizes.most);
    return status;
}
