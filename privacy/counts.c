// SPDX-License-Identifier: Apache-2.0
#include "privacy/counts.h"

#include "base/fail.h"
#include "base/memory.h"
#include "privacy/counts_internal.h"

#include <sodium.h>

#include <stdlib.h>

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
    counts->n_cells = (size_t)n_cells;
    SIL_TRY(sil_alloc_aligned(&counts->cell, counts->n_cells, sizeof *counts->cell,
                              "the cells of a marginal", err));
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
    free(counts);
}

const struct sil_clique *sil_counts_clique(const struct sil_counts *counts)
{
    return &counts->clique;
}

size_t sil_counts_cells(const struct sil_counts *counts)
{
    return counts->n_cells;
}
