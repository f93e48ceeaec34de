// SPDX-License-Identifier: Apache-2.0
/// The workload: which marginals the rows shall get right, and how much each matters.
///
/// Public: a function of the schema, of options, and of a file that the operator wrote.
/// Attributes of a single cell tell nothing and never enter a marginal of the workload.
#ifndef SIL_SYNTH_WORKLOAD_H
#define SIL_SYNTH_WORKLOAD_H

#include "base/clique.h"
#include "table/schema.h"

#include "silhouette/status.h"

/// Limits that are checked by arithmetic before anything is enumerated or allocated.
#define SIL_WORKLOAD_ATTRS_MAX     8
#define SIL_WORKLOAD_MARGINALS_MAX ((size_t)1 << 18)
#define SIL_WORKLOAD_CELLS_MAX     ((uint64_t)1 << 27)

struct sil_weighted_clique {
    struct sil_clique clique;
    uint32_t weight; ///< 1 .. 2^20
};

/// A growable set of weighted cliques. `{0}` is an empty one.
struct sil_clique_list {
    struct sil_weighted_clique *item;
    size_t n;
    size_t capacity;
};

struct sil_workload {
    struct sil_clique_list marginals; ///< what is asked for, in canonical order

    /// Every non-empty subset of those, in canonical order; the weight of r is
    /// sum over marginals s of weight(s) |r intersect s|, scaled to at most 2^20.
    struct sil_clique_list candidates;
};

/// All marginals of `k` attributes with at most `max_cells` cells; where fewer than k
/// attributes have two cells or more, of all those attributes.
/// Errors   SIL_ERR_USAGE: no marginal is left, or more than the limits allow: the
///          sentence gives the number and the flag to lower. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_workload_all(struct sil_workload *out,
                                         const struct sil_domain *domain, uint32_t k,
                                         uint64_t max_cells, struct sil_error *err);

/// The marginals of a JSON text, docs/workload.md.
/// Errors   SIL_ERR_INPUT: not such a text, an unknown column, a weight that no common
///          denominator brings to an integer of at most 2^20. SIL_ERR_USAGE: a marginal
///          of more than `max_cells` cells, or too many. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_workload_parse(struct sil_workload *out,
                                           const struct sil_schema *schema,
                                           const char *json, size_t length,
                                           uint64_t max_cells, struct sil_error *err);

/// `text` is "1" to "8" (all marginals of so many attributes) or the path of such a file.
/// Errors   as above, and SIL_ERR_IO.
SIL_MUST_USE sil_status sil_workload_open(struct sil_workload *out,
                                          const struct sil_schema *schema,
                                          const char *text, uint64_t max_cells,
                                          struct sil_error *err);

void sil_workload_clear(struct sil_workload *workload);

/// Append one clique. Errors  SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_clique_list_add(struct sil_clique_list *list,
                                            const struct sil_clique *clique,
                                            uint32_t weight, struct sil_error *err);

void sil_clique_list_clear(struct sil_clique_list *list);

/// Cells of all cliques of the list together; UINT64_MAX when they do not fit.
uint64_t sil_clique_list_cells(const struct sil_clique_list *list,
                               const struct sil_domain *domain);

#endif
