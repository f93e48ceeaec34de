// SPDX-License-Identifier: Apache-2.0
/// One walk over the cells of a clique that multiplies tables and sums the product out.
///
///   for every cell x of `whole`:  p = product of factors[k] at x restricted to its clique
///   sums[k] at x restricted to its clique += p
///
/// The table of `whole` is never written down: rows of it live in a few cache lines. Axes
/// that no table tells apart are one axis; the innermost axes form a block, which is the
/// unit of the vector loops; a product that does not depend on an inner axis is computed
/// once for all its values, and a sum that does not is added once. So a cell costs one
/// multiplication and one addition or little more, however many tables there are.
///
/// Every table is row-major over its clique in ascending order, the last attribute
/// fastest, as all tables of this layer. The order of all additions is a function of the
/// shapes alone: a pass over many cells is cut into a fixed number of chunks, and what two
/// chunks add to the same cell is added in the order of the chunks.
#ifndef SIL_MODEL_PASS_H
#define SIL_MODEL_PASS_H

#include "base/clique.h"
#include "model/tables.h"

#include "silhouette/status.h"

/// A length rounded up to whole cache lines, so that two threads never share one and vector
/// loops need no tail.
static inline size_t sil_padded(size_t cells)
{
    return (cells + 7) / 8 * 8;
}

/// A table over a clique, to be multiplied in or to be summed into.
struct sil_term {
    struct sil_clique clique;
    double *data;
};

/// What a pass computes. All is borrowed.
struct sil_product {
    const struct sil_domain *domain;
    const struct sil_clique *whole;
    const struct sil_term *terms; ///< the factors, then the sums
    size_t n_factors;
    size_t n_sums;
    size_t block_min; ///< one of the two below; the bits of the sums depend on it
};

/// The block has so many cells or more, if the whole has. SHORT: beyond 8, only as long as
/// no table has to be widened to it. That is quicker where tables of very different
/// attributes meet; USUAL is what replay 1 was defined with.
#define SIL_BLOCK_USUAL 32
#define SIL_BLOCK_SHORT 8

/// A term as the walk sees it.
struct sil_operand {
    double *data;
    const size_t *stride; ///< of each level from 1 up
    size_t cells;         ///< of its table
    size_t chunk_step;    ///< between the copies of two chunks; 0: they share one
    uint32_t level;       ///< the deepest level that it depends on
    bool spans;           ///< has the axes of the block (else one number a block)
};

/// Where a sum goes when the walk is over, and what a factor is made from before it.
struct sil_detour {
    double *data;  ///< the term's own table
    double *table; ///< what the walk reads or writes instead
    size_t cells;  ///< of one copy of it
    size_t copies;
    uint32_t n_axes; ///< of the table, collapsed; 0: it has the term's own shape
    size_t extent[SIL_CLIQUE_MAX];
    size_t stride[SIL_CLIQUE_MAX]; ///< in the term's own table
};

struct sil_pass {
    uint32_t n_levels;                 ///< axes outside the block, after collapsing
    size_t extent[SIL_CLIQUE_MAX + 1]; ///< of levels 1 .. n_levels
    size_t block;                      ///< cells of the block
    uint32_t cut;                      ///< the level that is cut into chunks; 0: none
    size_t n_chunks;
    size_t cells;                         ///< of the whole clique
    uint32_t top;                         ///< the first level that some sum needs
    struct sil_operand *factors;          ///< ascending by level
    struct sil_operand *sums;             ///< ascending by level
    size_t factor_at[SIL_CLIQUE_MAX + 2]; ///< the first of each level
    size_t sum_at[SIL_CLIQUE_MAX + 2];
    size_t n_sums;
    struct sil_detour *before; ///< factors to widen
    struct sil_detour *after;  ///< sums to gather
    size_t n_before;
    size_t n_after;
    size_t *strides; ///< owned, as are the tables
    double *tables;
    struct sil_tables *lender; ///< of the tables; NULL: the system
};

/// Plan a pass. The data of the terms stay borrowed and are read and written by each run;
/// those of a sum may not overlap any other. `tables` lends the memory of the pass's own
/// tables; NULL: the system does. Freed with sil_pass_clear.
/// Errors   SIL_ERR_INTERNAL (memory); `pass` is empty.
SIL_MUST_USE sil_status sil_pass_init(struct sil_pass *pass,
                                      const struct sil_product *product,
                                      struct sil_tables *tables, struct sil_error *err);

void sil_pass_clear(struct sil_pass *pass);

/// Doubles of scratch that one thread needs.
size_t sil_pass_work(const struct sil_pass *pass);

/// Overwrite the sums. `work` holds n_threads scratches; n_threads 1 runs serially.
void sil_pass_run(const struct sil_pass *pass, unsigned n_threads, double *work);

/// Plan, run once, forget; `tables` lends the memory that takes.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_pass_once(const struct sil_product *product,
                                      struct sil_tables *tables, unsigned n_threads);

#endif
