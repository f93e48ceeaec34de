// SPDX-License-Identifier: Apache-2.0
/// Which marginals a report compares: a function of the public domain alone.
#ifndef SIL_INTERNAL_MARGINALS_H
#define SIL_INTERNAL_MARGINALS_H

#include "base/clique.h"

#include "silhouette/status.h"

/// A larger marginal is left out: counting two tables of it takes 32 MB a thread.
#define SIL_REPORT_CELLS_MAX ((uint64_t)1 << 22)

struct sil_marginals {
    struct sil_clique *clique; ///< in canonical order
    size_t n;
    uint64_t n_all;     ///< of so many columns, over this domain
    size_t n_too_large; ///< of those taken, left out for their cells
    bool is_sample;     ///< not all were taken
};

/// All marginals of `k` columns (1 to 3) or, where these are more than `most`, so many of
/// them drawn with a fixed seed; those above SIL_REPORT_CELLS_MAX are then left out.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is empty.
SIL_MUST_USE sil_status sil_marginals_choose(struct sil_marginals *out,
                                             const struct sil_domain *domain,
                                             uint32_t k, size_t most,
                                             struct sil_error *err);

/// An empty one is accepted.
void sil_marginals_clear(struct sil_marginals *marginals);

#endif
