// SPDX-License-Identifier: Apache-2.0
/// The public domain of a table, and cliques: sets of its attributes.
///
/// Attributes are numbered from 0 in the order of the schema. The cells of a clique's
/// marginal are numbered row-major: the last attribute runs fastest. This order holds
/// everywhere: counts, noisy counts, potentials, model marginals, files.
#ifndef SIL_BASE_CLIQUE_H
#define SIL_BASE_CLIQUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Attributes of one clique. A clique of more attributes with at least two values each
/// would have more than 2^32 cells; attributes with one value never enter a clique of
/// two or more.
#define SIL_CLIQUE_MAX 32

struct sil_clique {
    uint32_t n;                    ///< 0 to SIL_CLIQUE_MAX
    uint32_t attr[SIL_CLIQUE_MAX]; ///< strictly ascending
};

/// Cells of a marginal that no row is in, as is known in public: structural zeros.
struct sil_zero_table {
    struct sil_clique clique; ///< not empty
    uint8_t *allowed;         ///< of each cell: 1, or 0 where no row may be
};

struct sil_zeros {
    struct sil_zero_table *table;
    size_t n;
};

struct sil_domain {
    uint32_t n_attrs;
    const uint32_t *sizes;         ///< cells of each attribute, at least 1; borrowed
    const struct sil_zeros *zeros; ///< that leave a row possible; NULL: none; borrowed
};

/// Cells of the clique's marginal; UINT64_MAX when they do not fit in 64 bits.
uint64_t sil_clique_cells(const struct sil_domain *domain, const struct sil_clique *c);

/// -1, 0, 1: by number of attributes, then lexicographically: the canonical order.
int sil_clique_compare(const struct sil_clique *a, const struct sil_clique *b);

/// Is every attribute of `part` in `whole`?
bool sil_clique_contains(const struct sil_clique *whole, const struct sil_clique *part);

bool sil_clique_has(const struct sil_clique *c, uint32_t attr);

/// The common attributes, and those of `a` that are not in `b`.
struct sil_clique sil_clique_intersect(const struct sil_clique *a,
                                       const struct sil_clique *b);
struct sil_clique sil_clique_subtract(const struct sil_clique *a,
                                      const struct sil_clique *b);

/// All attributes of both; false when they are more than SIL_CLIQUE_MAX.
bool sil_clique_unite(struct sil_clique *out, const struct sil_clique *a,
                      const struct sil_clique *b);

/// The clique of one attribute.
struct sil_clique sil_clique_single(uint32_t attr);

#endif
