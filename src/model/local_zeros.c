// SPDX-License-Identifier: Apache-2.0
/* Structural zeros in local tables. The counts of excluded cells go to allowed ones, so that
 * each attribute keeps what it had as nearly as a few sweeps bring about. */
#include "base/memory.h"
#include "model/local_internal.h"

#include <stdlib.h>
#include <string.h>

enum { SWEEPS = 3 };

/* A table as three attributes, in front those that it lacks, of one value. */
struct shape {
    size_t size[SIL_LOCAL_ATTRS];
    size_t step[SIL_LOCAL_ATTRS]; ///< of the zeros: 0 where they lack the attribute
};

static struct shape shape_of(const struct sil_domain *domain,
                             const struct sil_clique *clique,
                             const struct sil_clique *part)
{
    struct shape shape = {
        {1, 1, 1},
        {0, 0, 0}
    };
    size_t step = 1;
    for (uint32_t k = clique->n; k-- > 0;) {
        uint32_t attr = clique->attr[k];
        size_t at = SIL_LOCAL_ATTRS - clique->n + k;
        shape.size[at] = domain->sizes[attr];
        if (sil_clique_has(part, attr)) {
            shape.step[at] = step;
            step *= domain->sizes[attr];
        }
    }
    return shape;
}

static void multiply(double *table, const struct shape *shape, const uint8_t *allowed)
{
    for (size_t x = 0; x < shape->size[0]; x++) {
        for (size_t y = 0; y < shape->size[1]; y++) {
            const uint8_t *row = allowed + x * shape->step[0] + y * shape->step[1];
            for (size_t z = 0; z < shape->size[2]; z++) {
                *table++ *= row[z * shape->step[2]];
            }
        }
    }
}

/* Sums over all but one attribute. */
static void sum_over(double *sum, const double *table, const struct shape *shape,
                     size_t axis)
{
    (void)memset(sum, 0, shape->size[axis] * sizeof *sum);
    for (size_t x = 0; x < shape->size[0]; x++) {
        for (size_t y = 0; y < shape->size[1]; y++) {
            for (size_t z = 0; z < shape->size[2]; z++) {
                const size_t at[] = {x, y, z};
                sum[at[axis]] += *table++;
            }
        }
    }
}

static void scale_by(double *table, const double *factor, const struct shape *shape,
                     size_t axis)
{
    for (size_t x = 0; x < shape->size[0]; x++) {
        for (size_t y = 0; y < shape->size[1]; y++) {
            for (size_t z = 0; z < shape->size[2]; z++) {
                const size_t at[] = {x, y, z};
                *table++ *= factor[at[axis]];
            }
        }
    }
}

static void rake(double *table, double *sum, const double *wanted,
                 const struct shape *shape, size_t axis)
{
    sum_over(sum, table, shape, axis);
    for (size_t v = 0; v < shape->size[axis]; v++) {
        sum[v] = sum[v] > 0 ? wanted[v] / sum[v] : 0;
    }
    scale_by(table, sum, shape, axis);
}

/* What excluded values had is shared by all cells. */
static void restore(double *table, size_t n, double total)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += table[i];
    }
    double factor = sum > 0 ? total / sum : 0;
    for (size_t i = 0; i < n; i++) {
        table[i] *= factor;
    }
}

static bool lies_in(const struct sil_zeros *zeros, const struct sil_clique *clique)
{
    bool lies = false;
    for (size_t i = 0; i < zeros->n; i++) {
        lies = lies || sil_clique_contains(clique, &zeros->table[i].clique);
    }
    return lies;
}

bool sil_local_forbid(struct sil_local_tables *tables, size_t t)
{
    const struct sil_zeros *zeros = tables->domain.zeros;
    const struct sil_clique *clique = &tables->cliques[t];
    double *table = tables->table[t];
    double *had = NULL;
    size_t most = 0;
    if (zeros == NULL || !lies_in(zeros, clique)) {
        return true;
    }
    const struct shape whole = shape_of(&tables->domain, clique, clique);
    for (size_t k = 0; k < SIL_LOCAL_ATTRS; k++) {
        most = whole.size[k] > most ? whole.size[k] : most;
    }
    if (sil_alloc(&had, most, (SIL_LOCAL_ATTRS + 1) * sizeof *had, "tables", NULL) !=
        SIL_OK) {
        return false;
    }
    for (size_t k = 0; k < SIL_LOCAL_ATTRS; k++) {
        sum_over(had + k * most, table, &whole, k);
    }
    for (size_t i = 0; i < zeros->n; i++) {
        const struct sil_zero_table *zero = &zeros->table[i];
        if (sil_clique_contains(clique, &zero->clique)) {
            struct shape shape = shape_of(&tables->domain, clique, &zero->clique);
            multiply(table, &shape, zero->allowed);
        }
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (size_t k = SIL_LOCAL_ATTRS - clique->n; k < SIL_LOCAL_ATTRS; k++) {
            rake(table, had + SIL_LOCAL_ATTRS * most, had + k * most, &whole, k);
        }
    }
    restore(table, tables->n_cells[t], tables->total);
    free(had);
    return true;
}
