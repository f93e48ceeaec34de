// SPDX-License-Identifier: Apache-2.0
#include "model/local_tables.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/floating.h"
#include "model/local_internal.h"
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

/* ---- which tables contain which ---- */

size_t sil_local_find(const struct sil_local_tables *tables,
                      const struct sil_clique *clique)
{
    size_t low = 0;
    size_t high = tables->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sil_clique_compare(&tables->cliques[middle], clique);
        if (order == 0) {
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return SIL_LOCAL_NONE;
}

struct sil_clique sil_local_part(const struct sil_clique *clique, unsigned mask)
{
    struct sil_clique part = {0};
    for (uint32_t k = 0; k < clique->n; k++) {
        if ((mask >> k & 1) != 0) {
            part.attr[part.n++] = clique->attr[k];
        }
    }
    return part;
}

/* A table and one that it contains. */
struct inclusion {
    size_t whole;
    size_t part;
};

static sil_status find_inclusions(struct inclusion **out, size_t *n_out,
                                  const struct sil_local_tables *tables,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t capacity = 0;
    *n_out = 0;
    for (size_t t = 0; t < tables->n; t++) {
        const struct sil_clique *clique = &tables->cliques[t];
        for (unsigned mask = 1; mask < 1u << clique->n; mask++) {
            struct sil_clique part = sil_local_part(clique, mask);
            size_t i = sil_local_find(tables, &part);
            if (i == SIL_LOCAL_NONE) {
                continue;
            }
            SIL_TRY(sil_grow(out, &capacity, *n_out + 1, sizeof **out, "tables", err));
            (*out)[(*n_out)++] = (struct inclusion){t, i};
        }
    }
cleanup:
    return status;
}

static sil_status list_containing(struct sil_local_tables *tables,
                                  struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct inclusion *found = NULL;
    size_t n_found = 0;
    SIL_TRY(find_inclusions(&found, &n_found, tables, err));
    SIL_TRY(
        sil_alloc(&tables->first, tables->n + 2, sizeof *tables->first, "tables", err));
    SIL_TRY(sil_alloc(&tables->containing, n_found, sizeof *tables->containing,
                      "tables", err));
    /* Counts two places up become beginnings one place up; filling moves those to where
     * they belong. */
    for (size_t k = 0; k < n_found; k++) {
        tables->first[found[k].part + 2]++;
    }
    for (size_t i = 2; i < tables->n + 2; i++) {
        tables->first[i] += tables->first[i - 1];
    }
    for (size_t k = 0; k < n_found; k++) {
        tables->containing[tables->first[found[k].part + 1]++] = found[k].whole;
    }
cleanup:
    free(found);
    return status;
}

/* ---- memory ---- */

/* Doubles from the beginning of a table to that of the next: each begins where vectors do.
 * No table has 2^64 - 8 cells and more. */
static size_t room(size_t n_cells)
{
    enum { GRID = 8 };

    return (n_cells + GRID - 1) / GRID * GRID;
}

static sil_status allocate(struct sil_local_tables *tables,
                           const struct sil_clique *cliques, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = tables->n;
    size_t cells = 0;
    SIL_TRY(sil_alloc(&tables->cliques, n, sizeof *cliques, "tables", err));
    SIL_TRY(sil_alloc(&tables->n_cells, n, sizeof *tables->n_cells, "tables", err));
    SIL_TRY(sil_alloc(&tables->table, n, sizeof *tables->table, "tables", err));
    for (size_t t = 0; t < n; t++) {
        uint64_t n_cells = sil_clique_cells(&tables->domain, &cliques[t]);
        if (n_cells > SIZE_MAX / 16 || !sil_add_size(&cells, cells, room(n_cells))) {
            status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: tables");
            goto cleanup;
        }
        tables->cliques[t] = cliques[t];
        tables->n_cells[t] = n_cells;
    }
    SIL_TRY(
        sil_alloc_aligned(&tables->cells, cells, sizeof *tables->cells, "tables", err));
    double *next = tables->cells;
    for (size_t t = 0; t < n; t++) {
        tables->table[t] = next;
        next += room(tables->n_cells[t]);
    }
cleanup:
    return status;
}

/* ---- from groups to values ---- */

/* An attribute of a model over groups. */
struct axis {
    uint32_t n_values;
    uint32_t n_groups;
    const uint32_t *group; ///< NULL: every value is its own
    const double *share;   ///< of each value in its group
};

/* The share of each value of an attribute in its group; `sum` has room for the groups. */
static void find_shares(double *share, double *sum, const struct sil_grouping *of,
                        const double *column)
{
    (void)memset(sum, 0, of->n_groups * sizeof *sum);
    for (uint32_t v = 0; v < of->n_values; v++) {
        sum[sil_group_of(of, v)] += column[v];
    }
    for (uint32_t v = 0; v < of->n_values; v++) {
        share[v] = column[v] / sum[sil_group_of(of, v)];
    }
}

/* All attributes' axes, in one block with what they point to; freed with free. */
static sil_status open_axes(struct axis **out, const struct sil_domain *domain,
                            const struct sil_grouping *of, const double *const *column,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n_values = 0;
    uint32_t most = 0;
    double *sum = NULL;
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        n_values += domain->sizes[a];
        most = of[a].n_groups > most ? of[a].n_groups : most;
    }
    size_t head = domain->n_attrs * sizeof **out;
    SIL_TRY(sil_alloc(out, 1, head + n_values * sizeof *sum, "tables", err));
    SIL_TRY(sil_alloc(&sum, most, sizeof *sum, "tables", err));
    double *share = (double *)(void *)(*out + domain->n_attrs);
    for (uint32_t a = 0; a < domain->n_attrs; a++) {
        find_shares(share, sum, &of[a], column[a]);
        (*out)[a] = (struct axis){of[a].n_values, of[a].n_groups, of[a].group, share};
        share += of[a].n_values;
    }
cleanup:
    free(sum);
    return status;
}

static void open_row(double *out, const double *in, double factor,
                     const struct axis *last)
{
    if (last->group == NULL) {
        for (uint32_t v = 0; v < last->n_values; v++) {
            out[v] = in[v] * (factor * last->share[v]);
        }
    } else {
        for (uint32_t v = 0; v < last->n_values; v++) {
            out[v] = in[last->group[v]] * (factor * last->share[v]);
        }
    }
}

/* Open the groups of a table of up to three attributes: a missing one has one value. */
static void open_table(double *out, const double *in, const struct axis *axes,
                       const struct sil_clique *clique)
{
    static const double WHOLE = 1;
    struct axis own[SIL_LOCAL_ATTRS] = {
        {1, 1, NULL, &WHOLE},
        {1, 1, NULL, &WHOLE},
        {1, 1, NULL, &WHOLE},
    };
    for (uint32_t k = 0; k < clique->n; k++) {
        own[SIL_LOCAL_ATTRS - clique->n + k] = axes[clique->attr[k]];
    }
    for (uint32_t x = 0; x < own[0].n_values; x++) {
        size_t slab = own[0].group == NULL ? x : own[0].group[x];
        for (uint32_t y = 0; y < own[1].n_values; y++) {
            size_t row =
                slab * own[1].n_groups + (own[1].group == NULL ? y : own[1].group[y]);
            double factor = own[0].share[x] * own[1].share[y];
            open_row(out, in + row * own[2].n_groups, factor, &own[2]);
            out += own[2].n_values;
        }
    }
}

/* A table holds the model's marginal, which is no larger; open it in place. */
static bool open_in_place(struct sil_local_tables *tables, size_t t,
                          const struct axis *axes)
{
    const struct sil_clique *clique = &tables->cliques[t];
    double *groups = NULL;
    size_t n = 1;
    for (uint32_t k = 0; k < clique->n; k++) {
        n *= axes[clique->attr[k]].n_groups;
    }
    if (sil_alloc(&groups, n, sizeof *groups, "tables", NULL) != SIL_OK) {
        return false;
    }
    (void)memcpy(groups, tables->table[t], n * sizeof *groups);
    open_table(tables->table[t], groups, axes, clique);
    free(groups);
    return true;
}

/* The tables to be filled: their numbers and, for the model, what it writes where. */
struct order {
    size_t n;
    size_t *number;
    struct sil_clique *clique;
    double **table;
};

static void order_clear(struct order *order)
{
    free(order->number);
    free(order->clique);
    free(order->table);
}

static sil_status order_init(struct order *order, const struct sil_local_tables *tables,
                             const bool *wanted, struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t n = tables->n;
    *order = (struct order){0};
    SIL_TRY(sil_alloc(&order->number, n, sizeof *order->number, "tables", err));
    SIL_TRY(sil_alloc(&order->clique, n, sizeof *order->clique, "tables", err));
    SIL_TRY(sil_alloc(&order->table, n, sizeof *order->table, "tables", err));
    for (size_t t = 0; t < n; t++) {
        if (wanted == NULL || wanted[t]) {
            order->number[order->n] = t;
            order->clique[order->n] = tables->cliques[t];
            order->table[order->n++] = tables->table[t];
        }
    }
cleanup:
    return status;
}

sil_status sil_local_refill(struct sil_local_tables *tables, const bool *wanted,
                            const struct sil_graphical_model *model,
                            const struct sil_grouping *of, const double *const *column,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct axis *axes = NULL;
    struct order order;
    bool failed = false;
    unsigned outside = sil_floating_enter();

    tables->total = sil_gm_total(model);
    SIL_TRY(order_init(&order, tables, wanted, err));
    SIL_TRY(open_axes(&axes, &tables->domain, of, column, err));
    SIL_TRY(sil_gm_marginals(order.table, model, order.clique, order.n,
                             tables->n_threads, err));
#pragma omp parallel for schedule(static) num_threads(tables->n_threads) \
    reduction(||                                                         \
              : failed) if (tables->n_threads > 1)
    for (size_t i = 0; i < order.n; i++) {
        unsigned before = sil_floating_enter();
        failed = !open_in_place(tables, order.number[i], axes) ||
                 !sil_local_forbid(tables, order.number[i]) || failed;
        sil_floating_leave(before);
    }
    if (failed) {
        status = sil_fail(err, SIL_ERR_INTERNAL, "out of memory: tables");
    }
cleanup:
    order_clear(&order);
    free(axes);
    sil_floating_leave(outside);
    return status;
}

/* ---- */

sil_status sil_local_new(struct sil_local_tables **out, const struct sil_domain *domain,
                         const struct sil_clique *cliques, size_t n,
                         const struct sil_graphical_model *model,
                         const struct sil_grouping *of, const double *const *column,
                         unsigned n_threads, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_local_tables *tables = NULL;
    *out = NULL;
    SIL_TRY(sil_alloc(&tables, 1, sizeof *tables, "tables", err));
    tables->domain = *domain;
    tables->n = n;
    tables->n_threads = sil_threads(n_threads);
    SIL_TRY(allocate(tables, cliques, err));
    SIL_TRY(list_containing(tables, err));
    SIL_TRY(sil_local_refill(tables, NULL, model, of, column, err));
    *out = tables;
    tables = NULL;
cleanup:
    sil_local_free(tables);
    return status;
}

void sil_local_free(struct sil_local_tables *tables)
{
    if (tables == NULL) {
        return;
    }
    free(tables->cliques);
    free(tables->n_cells);
    free(tables->table);
    free(tables->cells);
    free(tables->first);
    free(tables->containing);
    free(tables);
}

size_t sil_local_n(const struct sil_local_tables *tables)
{
    return tables->n;
}

const struct sil_clique *sil_local_clique(const struct sil_local_tables *tables,
                                          size_t i)
{
    return &tables->cliques[i];
}

const double *sil_local_table(const struct sil_local_tables *tables, size_t i,
                              size_t *n_cells)
{
    *n_cells = tables->n_cells[i];
    return tables->table[i];
}
