// SPDX-License-Identifier: Apache-2.0
/// Tables of small marginals that are corrected one by one, past what a tree can hold.
///
/// A set of tables of expected counts, each over one to three attributes. They start as the
/// marginals of one model and learn from measurements of marginals of groups: a measured
/// table moves toward what was measured as far as the noise warrants, and every table that
/// contains it is raked to the result. After that they are not the marginals of one
/// distribution; rows are fitted to them (model/search.h).
#ifndef SIL_MODEL_LOCAL_TABLES_H
#define SIL_MODEL_LOCAL_TABLES_H

#include "base/grouping.h"
#include "model/graphical_model.h"

struct sil_local_tables;

/// The marginals of `cliques` (canonical order, distinct, 1 to 3 attributes) over `domain`
/// (borrowed) from a model over groups: `of[a]` says how the model's values group those of
/// attribute a, and within a group values are independent of everything else and share its
/// count in proportion to `column[a]` (counts above 0). Freed with sil_local_free.
/// Cells that the domain's zeros exclude are 0, in tables that hold their attributes.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_local_new(struct sil_local_tables **out,
                                      const struct sil_domain *domain,
                                      const struct sil_clique *cliques, size_t n,
                                      const struct sil_graphical_model *model,
                                      const struct sil_grouping *of,
                                      const double *const *column, unsigned n_threads,
                                      struct sil_error *err);
void sil_local_free(struct sil_local_tables *tables);

/// Refill the tables that are wanted (one flag a table; NULL: all) from another model and
/// groupings; the others keep what they hold.
/// Errors   SIL_ERR_INTERNAL (memory); the tables are then not to be used.
SIL_MUST_USE sil_status sil_local_refill(struct sil_local_tables *tables,
                                         const bool *wanted,
                                         const struct sil_graphical_model *model,
                                         const struct sil_grouping *of,
                                         const double *const *column,
                                         struct sil_error *err);

size_t sil_local_n(const struct sil_local_tables *tables);
const struct sil_clique *sil_local_clique(const struct sil_local_tables *tables,
                                          size_t i);
/// Cells in counts, >= 0, summing to the total. Borrowed, valid until they are freed.
const double *sil_local_table(const struct sil_local_tables *tables, size_t i,
                              size_t *n_cells);

/// Learn `y`, a measurement of the marginal of table `i` under `groupings` (NULL: as it
/// is) with noise of `variance` on each cell:
///   q = sums of the table over the groups;  v = (r q)^2 + q;
///   z = q + (y - q) v / (v + variance), but at least 0.02 q;
///   z is rescaled to the total; every table t whose clique contains this one:
///   t *= z / (sums of t over the groups).
/// r is 1/4; or, where the measurement `is_judged`, estimated from it: the r for which the
/// squares of y - q are what their variance v + variance says, by moments with weights q^2 / (v
/// + variance)^2 (r = 1/4 there), not below 1/20 nor above 1/2.
/// Sums of 0 (up to 10^-200) stay as they are: cells of 0, which no row may be in, remain
/// 0 and no others become so. A measurement of three attributes is first learnt by its
/// three pairs of attributes that are tables (y summed over the groups of the third
/// attribute, variance times their number), then itself. Order and sums are fixed: the
/// same bits for any n_threads.
/// Errors   SIL_ERR_INTERNAL (memory); the tables are then not to be used.
SIL_MUST_USE sil_status sil_local_learn(struct sil_local_tables *tables, size_t i,
                                        const struct sil_grouping *groupings,
                                        const double *y, double variance,
                                        bool is_judged, struct sil_error *err);

#endif
