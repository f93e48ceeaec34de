// SPDX-License-Identifier: Apache-2.0
/// The schema's rules as structural zeros of a model: which cells of which marginals no row
/// can be in. A function of schema and terms, both of which a transcript has.
#ifndef SIL_SYNTH_ZEROS_H
#define SIL_SYNTH_ZEROS_H

#include "base/clique.h"
#include "base/grouping.h"
#include "synth/terms.h"

/// Cells of one rule's table, and of all together, whatever the terms allow.
#define SIL_ZEROS_CELLS_MAX     ((uint64_t)1 << 20)
#define SIL_ZEROS_ALL_CELLS_MAX ((uint64_t)1 << 22)

/// The part of the model's cells that a tree of all zeros alone may take: 1 / 8.
enum { SIL_ZEROS_PART = 8 };

struct sil_rule_zeros {
    struct sil_zeros zeros;
    size_t *left_out; ///< numbers of rules that have no place in the model
    size_t n_left_out;
};

/// The zeros of all rules that some have: one table for each set of columns. A rule is left
/// out when its table has more cells than terms->max_cells, or when the tree of the zeros
/// would take more than its part of the model's cells; rows that break it are changed when
/// they have been drawn (synth/repair.h). Freed with sil_rule_zeros_free.
/// @param[out] out   NULL when the schema has no rules.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_rule_zeros_new(struct sil_rule_zeros **out,
                                           const struct sil_terms *terms,
                                           const struct sil_schema *schema,
                                           struct sil_error *err);
void sil_rule_zeros_free(struct sil_rule_zeros *zeros);

/// The domain of a schema with these zeros, which are borrowed; NULL: none.
struct sil_domain sil_domain_with(const struct sil_schema *schema,
                                  const struct sil_rule_zeros *zeros);

/// Room for the same zeros over groups of values, in as many cells as those of values have.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_group_zeros_new(struct sil_zeros *out,
                                            const struct sil_domain *domain,
                                            struct sil_error *err);
void sil_zeros_clear(struct sil_zeros *zeros);

/// Fill it: a cell of groups is allowed when a cell of their values is.
void sil_group_zeros_fill(struct sil_zeros *out, const struct sil_domain *domain,
                          const struct sil_grouping *of);

#endif
