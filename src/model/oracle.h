// SPDX-License-Identifier: Apache-2.0
/// Marginals of a Markov random field: calibration of a junction forest.
///
/// Tables are linear, not logarithmic: exp is taken on the cells of the potentials only,
/// and the tables of tree nodes are never written down (model/pass.h). Messages are scaled
/// as they go up. Potentials so far apart that every cell of a node underflows (more than
/// 700 in the logarithm) are not calibrated but reported, and the solver steps back.
#ifndef SIL_MODEL_ORACLE_H
#define SIL_MODEL_ORACLE_H

#include "model/axes.h"
#include "model/pass.h"
#include "model/tree.h"

/// A potential and its place in the vectors of the oracle: `cells` values from `offset`,
/// padded with zeros to a multiple of 8.
struct sil_factor {
    struct sil_clique clique; ///< by rank, not empty
    size_t offset;
    size_t cells;
    uint32_t home; ///< the node that it is multiplied into
};

/// A table of zeros and ones that products are multiplied by.
struct sil_zero_factor {
    struct sil_clique clique; ///< by rank
    size_t cells;
    uint32_t home;  ///< the node that it is multiplied into
    double *weight; ///< 0 and 1
    double *
        marginal; ///< of its clique, where no potential of a root gives its mass; else NULL
};

struct sil_oracle {
    const struct sil_axes *axes; ///< borrowed
    double total;
    unsigned n_threads;
    struct sil_tree tree;
    struct sil_factor *factors;
    size_t n_factors;
    struct sil_zero_factor *zeros; ///< of the domain, in its order
    size_t n_zeros;
    size_t *first_factor; ///< factor_of[first_factor[j] ..] are those of node j
    uint32_t *factor_of;
    size_t *first_child; ///< child_of[first_child[j] ..] are the children of node j
    uint32_t *child_of;
    size_t length;    ///< of the vectors below
    double *weights;  ///< e^(theta - its largest), by potential
    double *marginal; ///< of each potential's clique, summing to the total
    double *messages; ///< three tables a separator: up, mass, ratio
    double **up;      ///< of each node: the message to its parent, summing to 1
    double **mass;    ///< marginal of its separator, summing to the total
    double **ratio;   ///< mass / message before scaling: turns products into marginals
    double *scale;    ///< of each node: what its message, or its root, is multiplied by
    struct sil_pass *rise; ///< of each node: its message
    struct sil_pass *fall; ///< of each node: its marginals
    double *work;
};

/// The oracle of potentials over `cliques` (by rank, distinct, not empty) with the tree of
/// `graph`, which must contain them. Freed with sil_oracle_clear.
/// Errors   SIL_ERR_INTERNAL (memory); `oracle` is empty.
SIL_MUST_USE sil_status sil_oracle_init(struct sil_oracle *oracle,
                                        const struct sil_axes *axes,
                                        const struct sil_graph *graph,
                                        const struct sil_clique *cliques, size_t n,
                                        unsigned n_threads, struct sil_error *err);
void sil_oracle_clear(struct sil_oracle *oracle);

/// Calibrate for the potentials theta (oracle->length values): fill oracle->marginal and
/// give the logarithm of the partition function, summed over components; not finite when
/// the potentials are too far apart, and nothing else is then to be used.
double sil_oracle_run(struct sil_oracle *oracle, const double *theta);

/// The same when oracle->weights are already in place, each potential's divided by e to the
/// power of some number; `shift` is the sum of those.
double sil_oracle_calibrate(struct sil_oracle *oracle, double shift);

/// The factors whose product over the clique of node j is its marginal, for use in a
/// pass, into `terms` (room for sil_oracle_n_terms). At a root the product still wants
/// multiplying by sil_oracle_scale; elsewhere that is 1.
size_t sil_oracle_n_terms(const struct sil_oracle *oracle, uint32_t j);
size_t sil_oracle_terms(struct sil_term *terms, const struct sil_oracle *oracle,
                        uint32_t j);
double sil_oracle_scale(const struct sil_oracle *oracle, uint32_t j);

#endif
