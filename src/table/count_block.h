// SPDX-License-Identifier: Apache-2.0
/// Counting the cliques of a group in one block of rows.
///
/// For each row of the block the number of its cell is built up attribute by attribute, in
/// arrays that stay in the first-level cache; cliques are sorted so that neighbours share
/// their first attributes and so the arrays (levels) built for them. 16 bits hold the cell
/// numbers of all but the largest marginals, and then a vector instruction does eight.
#ifndef SIL_TABLE_COUNT_BLOCK_H
#define SIL_TABLE_COUNT_BLOCK_H

#include "base/clique.h"
#include "table/table_store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIL_COUNT_ROWS = 4096, ///< of a block
    SIL_COUNT_LANES = 4,
    SIL_COUNT_NARROW_CELLS = 1 << 16 ///< of a marginal whose cell numbers fit 16 bits
};

/// A marginal being counted.
struct sil_count_task {
    const struct sil_clique *clique;
    uint32_t n_shared; ///< first attributes in common with the task before it
    /// The cells, once a lane: row i of a block is counted in lane i mod 4. Rows of equal
    /// value often follow each other, and an addition to a cell has to wait for the one
    /// before it; in other memory it need not. Where that does not pay, all lanes are one.
    uint32_t *lane[SIL_COUNT_LANES];
};

struct sil_count_group {
    const struct sil_count_task *tasks;
    size_t n;
    bool narrow; ///< no task has more than SIL_COUNT_NARROW_CELLS cells
    void *level; ///< sil_count_level_bytes, the first SIL_COUNT_ROWS cell numbers zero
};

/// Room for the levels of cliques of at most n attributes.
static inline size_t sil_count_level_bytes(uint32_t n)
{
    return ((size_t)n + 1) * SIL_COUNT_ROWS * sizeof(uint32_t);
}

/// Add rows first .. first + n - 1 of a chunk to every task of the group.
/// @param n   at most SIL_COUNT_ROWS; `first` is a multiple of it.
void sil_count_block(const struct sil_count_group *group, const struct sil_table *table,
                     size_t chunk, size_t first, size_t n);

#endif
