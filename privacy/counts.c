// SPDX-License-Identifier: Apache-2.0
#include "privacy/counts.h"

#include "base/fail.h"
#include "base/memory.h"
#include "privacy/counts_internal.h"

#include <sodium.h>

#include <stdlib.h>
#include <string.h>

sil_status sil_counts_new(struct sil_counts **out, const struct sil_domain *domain,
                          const struct sil_clique *clique, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_counts *counts = NULL;
    *out = NULL;

    uint64_t n_cells = sil_clique_cells(domain, clique);
    if (n_cells > UINT32_MAX) {
        return sil_fail(err, SIL_ERR_INTERNAL,
                        "a marginal of more than 2^32 - 1 cells");
    }
    SIL_TRY(sil_alloc(&counts, 1, sizeof *counts, "a marginal", err));
    counts->clique = *clique;
    for (uint32_t k = 0; k < clique->n; k++) {
        counts->size[k] = domain->sizes[clique->attr[k]];
    }
    counts->n_cells = (size_t)n_cells;
    SIL_TRY(sil_alloc_aligned(&counts->cell, counts->n_cells, sizeof *counts->cell,
                              "the cells of a marginal", err));
    *out = counts;
    counts = NULL;

cleanup:
    sil_counts_free(counts);
    return status;
}

/* What every marginal of groups rests on: each attribute's values, all of them, each in
 * exactly one group. */
static sil_status check_groupings(const struct sil_counts *fine,
                                  const struct sil_grouping *of, struct sil_error *err)
{
    if (fine->of != NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "a marginal that is grouped already");
    }
    for (uint32_t k = 0; k < fine->clique.n; k++) {
        if (of[k].n_values != fine->size[k] || !sil_grouping_is_partition(&of[k])) {
            return sil_fail(
                err, SIL_ERR_INTERNAL,
                "a grouping that is not a partition of its column's values");
        }
        if (of[k].group != NULL && of[k].n_groups > SIL_GROUPS_MAX) {
            return sil_fail(err, SIL_ERR_INTERNAL,
                            "a grouping into more than %d groups", SIL_GROUPS_MAX);
        }
    }
    return SIL_OK;
}

/* Copies of the groupings; none when every value of every attribute is its own group. */
static sil_status keep_groupings(struct sil_counts *counts,
                                 const struct sil_grouping *of, struct sil_error *err)
{
    sil_status status = SIL_OK;
    uint32_t n = counts->clique.n;
    struct sil_grouping kept[SIL_CLIQUE_MAX];
    bool is_grouped = false;
    for (uint32_t k = 0; k < n; k++) {
        kept[k] = sil_grouping_is_identity(&of[k])
                      ? sil_grouping_identity(of[k].n_values)
                      : of[k];
        is_grouped = is_grouped || kept[k].group != NULL;
    }
    if (is_grouped) {
        SIL_TRY(sil_alloc(&counts->of, 1, sil_groupings_size(kept, n),
                          "the groupings of a marginal", err));
        sil_groupings_copy(counts->of, kept, n);
    }
cleanup:
    return status;
}

sil_status sil_counts_group(struct sil_counts **out, const struct sil_counts *fine,
                            const struct sil_grouping *of, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_counts *counts = NULL;
    *out = NULL;

    SIL_TRY(check_groupings(fine, of, err));
    SIL_TRY(sil_alloc(&counts, 1, sizeof *counts, "a marginal of groups", err));
    counts->clique = fine->clique;
    memcpy(counts->size, fine->size, sizeof counts->size);
    SIL_TRY(keep_groupings(counts, of, err));
    /* No more groups than values, and the values' cells fit. */
    counts->n_cells = (size_t)sil_grouped_cells(of, fine->clique.n);
    SIL_TRY(sil_alloc_aligned(&counts->cell, counts->n_cells, sizeof *counts->cell,
                              "the cells of a marginal of groups", err));
    sil_grouped_sum_u32(counts->cell, fine->cell, of, fine->clique.n);
    *out = counts;
    counts = NULL;

cleanup:
    sil_counts_free(counts);
    return status;
}

void sil_counts_free(struct sil_counts *counts)
{
    if (counts == NULL) {
        return;
    }
    if (counts->cell != NULL) {
        sodium_memzero(counts->cell, counts->n_cells * sizeof *counts->cell);
        free(counts->cell);
    }
    free(counts->of);
    free(counts);
}

const struct sil_grouping *sil_counts_groupings(const struct sil_counts *counts)
{
    return counts->of;
}

const struct sil_clique *sil_counts_clique(const struct sil_counts *counts)
{
    return &counts->clique;
}

size_t sil_counts_cells(const struct sil_counts *counts)
{
    return counts->n_cells;
}
