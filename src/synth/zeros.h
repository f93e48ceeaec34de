// SPDX-License-Identifier: Apache-2.0
/// The schema's rules as structural zeros of a model: which cells of which marginals no row
/// can be in. A function of schema and terms, both of which a transcript has.
#ifndef SIL_SYNTH_ZEROS_H
#define SIL_SYNTH_ZEROS_H

#include "base/clique.h"
#include "base/codes.h"
#include "base/grouping.h"
#include "base/words.h"
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

/// Of each value of an attribute, its class: values of one class are excluded alike by every
/// table that tells at most SIL_ZERO_CLASSES classes of this attribute apart, as long as all
/// such tables together tell no more. Gives the number of classes.
/// Errors   SIL_ERR_INTERNAL (memory).
enum { SIL_ZERO_CLASSES = 8 };

SIL_MUST_USE sil_status sil_zero_classes(uint32_t *class, uint32_t *n_classes,
                                         const struct sil_domain *domain, uint32_t attr,
                                         struct sil_error *err);

/// Move rows out of the domain's zeros where a bounded number of tries finds a way: other
/// values of the same groups first, in proportion to the columns, then values of other rows;
/// at most 512 tries a row, of all rows together 64 a row and 2^17 more (and a row's).
/// A function of the arguments alone.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_leave_zeros(struct sil_codes *codes,
                                        const struct sil_domain *domain,
                                        const struct sil_grouping *of,
                                        const double *const *column,
                                        struct sil_words words, struct sil_error *err);

#endif
