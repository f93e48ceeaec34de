// SPDX-License-Identifier: Apache-2.0
/// A graphical model of a table: junction tree, potentials, estimation, marginals, rows.
///
/// Post-processing only: this layer sees noisy measurements and the public domain, links
/// base and nothing else. Every function is deterministic to the bit for any number of
/// threads and any SIL_ISA: sums run over fixed blocks of 4,096 cells with 8 fixed lanes,
/// partials are added in block order, exp and log are ours, and there is no libm call but
/// sqrt by instruction.
#ifndef SIL_MODEL_GRAPHICAL_MODEL_H
#define SIL_MODEL_GRAPHICAL_MODEL_H

#include "base/clique.h"
#include "base/codes.h"
#include "base/words.h"
#include "model/rounding.h"

#include "silhouette/progress.h"
#include "silhouette/status.h"

#include <stdbool.h>

/// A noisy marginal: y = truth + N(0, variance) on each cell.
struct sil_measurement {
    struct sil_clique clique;
    const double *y; ///< cells of the clique, in counts; negative values are normal
    double variance; ///< of each cell, > 0
};

struct sil_fit_limits {
    unsigned max_oracles; ///< marginal computations allowed
    double tolerance;     ///< relative decrease of the loss that ends the fit
    unsigned n_threads;   ///< 0: all
};

struct sil_fit_report {
    unsigned n_oracles;
    double loss;        ///< 1/2 sum of squared residuals over variances
    bool used_fallback; ///< plain mirror descent took over
};

/// Potentials on measured cliques, the junction tree that holds them, and its calibrated
/// beliefs: p(x) proportional to exp(sum of potentials), scaled to a total.
struct sil_graphical_model;

/// The uniform model of `total` rows over `domain` (borrowed), freed with sil_gm_free. The
/// domain's zeros are those of this model and of all that is made of it: no marginal and no
/// row has any of them, and their attributes lie within a tree node as if they were measured.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_gm_new(struct sil_graphical_model **out,
                                   const struct sil_domain *domain, double total,
                                   struct sil_error *err);

void sil_gm_free(struct sil_graphical_model *model);

/// The total row count that beliefs are scaled to, > 0.
double sil_gm_total(const struct sil_graphical_model *model);

/// Estimate from all `n` measurements (any order, repeats of a clique allowed: combined by
/// inverse variance; those of no attribute are passed over, the total being given). Starts
/// from the potentials that the model has (a warm start); single attributes new to the
/// model start at the logarithm of their counts, other cliques at 0; potentials of cliques
/// that are not measured any more are dropped. Pass a new model for a cold fit; a cold fit
/// is a function of (domain, total, measurements in their order, limits without n_threads)
/// alone. What is minimised, and why it has a minimum for any y: model/solver.h.
/// Errors   SIL_ERR_USAGE: the cliques need a tree node of more than SIL_CLIQUE_MAX
///          attributes (sil_graph_tree_cells tells beforehand). SIL_ERR_INTERNAL (memory).
///          The model is then as before the call.
SIL_MUST_USE sil_status sil_gm_fit(struct sil_graphical_model *model, double total,
                                   const struct sil_measurement *measurements, size_t n,
                                   const struct sil_fit_limits *limits,
                                   struct sil_fit_report *report,
                                   struct sil_error *err);

/// The marginal of any clique into out[cells], summing to the total; also for cliques that
/// no single tree node contains (variable elimination along the tree).
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_gm_marginal(double *out,
                                        const struct sil_graphical_model *model,
                                        const struct sil_clique *clique,
                                        struct sil_error *err);

/// The marginals of many cliques at once, sharing work between them and between threads:
/// out[i] has the cells of cliques[i]. The same bits as sil_gm_marginal gives is NOT
/// promised; the same bits for any n_threads is. Beside the results it needs at most 256 MB
/// for tables, and what the largest of the marginals needs for each thread.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_gm_marginals(double *const *out,
                                         const struct sil_graphical_model *model,
                                         const struct sil_clique *cliques, size_t n,
                                         unsigned n_threads, struct sil_error *err);

struct sil_draw {
    size_t n_rows;
    struct sil_words words;
    enum sil_row_rounding rounding;
    unsigned n_threads; ///< 0: all
    const struct sil_progress *progress;
};

/// Draw rows: tree node by tree node, cells rounded within each group of equal separator
/// values, shuffled within the group; then all rows in random order. A function of (model,
/// n_rows, words, rounding) alone.
///
/// The expected count of every cell is exact. With SIL_ROWS_PAIRWISE the count of every
/// set of cells of a node is besides spread no wider than by independent draws, in each of
/// its exponential moments (docs/rounding.md). With SIL_ROWS_SYSTEMATIC it may be: where a
/// node with two fresh attributes has cells that expect much less than a row each and
/// nearly the same, the cells that get one lie at even distances, and few values of one
/// attribute have all rows (100 rows of 100 x 4 equal cells: 25 values, four times each).
/// @param[out] codes   initialised by this call; freed with sil_codes_clear.
/// Errors   SIL_ERR_USAGE: more than 2^32 - 1 rows. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_gm_draw(struct sil_codes *codes,
                                    const struct sil_graphical_model *model,
                                    const struct sil_draw *draw, struct sil_error *err);

/// What is needed to draw again: the cliques of the potentials and their values.
size_t sil_gm_n_potentials(const struct sil_graphical_model *model);
const struct sil_clique *sil_gm_potential_clique(
    const struct sil_graphical_model *model, size_t i);
const double *sil_gm_potential(const struct sil_graphical_model *model, size_t i,
                               size_t *n_cells);

/// Rebuild a model from potentials (as the three functions above gave them) and calibrate.
/// Errors   SIL_ERR_INPUT: a value that is not finite, a clique outside the domain or given
///          twice, values so far apart that nothing can be computed (over 700 in one tree
///          node). SIL_ERR_USAGE: as sil_gm_fit. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_gm_from_potentials(
    struct sil_graphical_model **out, const struct sil_domain *domain, double total,
    const struct sil_clique *cliques, const double *const *values, size_t n,
    unsigned n_threads, struct sil_error *err);

/// Cells of the junction tree in use (8 bytes each is the model's size).
uint64_t sil_gm_tree_cells(const struct sil_graphical_model *model);

/// The size filter of adaptive mechanisms: cells of the junction tree that `cliques` would
/// need. Fast: no tables are built. A set of cliques is held as a graph. The sizes of the
/// domain are borrowed; between calls those of attributes may be changed for a query whose
/// `extra` holds every changed attribute, and must be changed back before the graph grows.
/// The domain's zeros are among the cliques from the start.
struct sil_graph;
SIL_MUST_USE sil_status sil_graph_new(struct sil_graph **out,
                                      const struct sil_domain *domain,
                                      struct sil_error *err);
void sil_graph_free(struct sil_graph *graph);
SIL_MUST_USE sil_status sil_graph_add(struct sil_graph *graph,
                                      const struct sil_clique *clique,
                                      struct sil_error *err);
/// Are all attributes of the clique already pairwise joined inside one tree node?
bool sil_graph_supports(const struct sil_graph *graph, const struct sil_clique *clique);
/// Cells of the tree if `extra` (may be NULL) were added; UINT64_MAX as soon as it is
/// certain to exceed `limit` or to need a node of more than SIL_CLIQUE_MAX attributes. The
/// same elimination order that sil_gm_fit will use, so the promise is exact; UINT64_MAX also
/// when a graph of more than 96 attributes finds no memory. May be called
/// from several threads at once.
uint64_t sil_graph_tree_cells(const struct sil_graph *graph,
                              const struct sil_clique *extra, uint64_t limit);
/// Is that at most `limit` (below UINT64_MAX)? Quicker where it is.
bool sil_graph_has_room(const struct sil_graph *graph, const struct sil_clique *extra,
                        uint64_t limit);

#endif
