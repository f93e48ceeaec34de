// SPDX-License-Identifier: Apache-2.0
/// Groupings: partitions of the values of an attribute, and marginals of groups.
///
/// A grouping sends every value of an attribute to exactly one group. The marginal of a
/// clique under one grouping an attribute adds up the cells of the clique's marginal whose
/// values fall into the same groups. Its cells are numbered row-major as those of a clique
/// are (base/clique.h), with groups in place of values. Groupings are public.
#ifndef SIL_BASE_GROUPING_H
#define SIL_BASE_GROUPING_H

#include "base/clique.h"

#include "silhouette/status.h"

/// Groups that an array may tell apart: what two bytes of a file can.
#define SIL_GROUPS_MAX 65536

/// Groups 0 .. n_groups - 1 of values 0 .. n_values - 1, 1 <= n_groups <= n_values.
struct sil_grouping {
    uint32_t n_values;
    uint32_t n_groups;
    const uint32_t *group; ///< of each value; NULL: every value is a group of its own
};

/// Every value its own group.
struct sil_grouping sil_grouping_identity(uint32_t n_values);

/// Is every value a group of its own, under its own number?
bool sil_grouping_is_identity(const struct sil_grouping *grouping);

/// Does it send every value to one of its groups, and is no group empty?
bool sil_grouping_is_partition(const struct sil_grouping *grouping);

/// Is every group of `fine` inside one group of `coarse`? Both of the same values.
bool sil_grouping_refines(const struct sil_grouping *fine,
                          const struct sil_grouping *coarse);

/// The group of a value.
static inline uint32_t sil_group_of(const struct sil_grouping *grouping, uint32_t value)
{
    return grouping->group == NULL ? value : grouping->group[value];
}

/// Cells of the marginal under `n` groupings; UINT64_MAX when they do not fit.
uint64_t sil_grouped_cells(const struct sil_grouping *of, uint32_t n);

/// For each cell of the ungrouped marginal, in order, its cell in the grouped one.
/// `cell` has room for all; the number of grouped cells fits in 32 bits.
void sil_grouped_index(uint32_t *cell, const struct sil_grouping *of, uint32_t n);

/// Add up `in`, a table of the ungrouped marginal, in the order of its cells; what `out` held
/// before is lost. Integers: the sums fit (of counts they do: a row is in one cell).
void sil_grouped_sum(double *out, const double *in, const struct sil_grouping *of,
                     uint32_t n);
void sil_grouped_sum_i64(int64_t *out, const int64_t *in, const struct sil_grouping *of,
                         uint32_t n);
void sil_grouped_sum_u32(uint32_t *out, const uint32_t *in,
                         const struct sil_grouping *of, uint32_t n);

/// Bytes of one block that holds copies of `n` groupings and of their arrays; n is at most
/// SIL_CLIQUE_MAX, so they fit in 64 bits.
size_t sil_groupings_size(const struct sil_grouping *of, uint32_t n);

/// Copy them into a block of that many bytes.
void sil_groupings_copy(struct sil_grouping *block, const struct sil_grouping *of,
                        uint32_t n);

#endif
