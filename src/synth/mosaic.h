// SPDX-License-Identifier: Apache-2.0
/// Mosaic after the noise: what its releases say, as cleaned columns, levels of groups, a
/// fitted model, and local tables. Post-processing, shared by the run and by replay.
///
/// Three phases, in the order of the transcript:
///   1. each column, in the order of the schema, and where that tells of few rows all of them
///      once more: the total, cleaned columns, levels;
///   2. rounds of a choice and a measurement, fitted by a model over groups;
///   3. a fixed number of such rounds, learnt by local tables that started as the model's.
/// docs/mosaic.md tells why, docs/privacy.md what it costs.
#ifndef SIL_SYNTH_MOSAIC_H
#define SIL_SYNTH_MOSAIC_H

#include "base/words.h"
#include "model/columns.h"
#include "model/graphical_model.h"
#include "model/local_tables.h"
#include "privacy/gate.h"
#include "synth/kept.h"
#include "synth/terms.h"
#include "synth/zeros.h"

/// Marginals of more attributes have no table.
#define SIL_MOSAIC_ATTRS 3
#define SIL_MOSAIC_PARTS 6

/// Tables of more columns than this get fewer candidates and a forest for a model.
#define SIL_MOSAIC_WIDE 40

/// Cells that the tables of more than one column have together at most.
#define SIL_MOSAIC_TABLE_CELLS ((uint64_t)1 << 24)

/// What is fixed by the epsilon that was asked for, the number of columns and the replay
/// number, and by nothing else.
struct sil_mosaic_settings {
    struct sil_fraction {
        uint32_t numerator;
        uint32_t denominator;
    } columns;                ///< of the budget, for the columns at first
    struct sil_fraction late; ///< of the rest, for phase 3
    uint32_t late_rounds;
    uint32_t copies;  ///< proposals a row to make it like another, from replay 2 on
    uint32_t triples; ///< tables of three columns that each column is searched in
    double steps;     ///< of the search through tables, at most
    uint32_t n_parts;
    uint32_t part[SIL_MOSAIC_PARTS]; ///< levels: groups of at least total / part each
};

void sil_mosaic_settings(struct sil_mosaic_settings *out, const struct sil_terms *terms,
                         uint32_t n_attrs);

/// What the tree may take where --max-model-mb does not say.
uint64_t sil_mosaic_tree_mb(uint32_t n_attrs);

/// What part of the budget goes to the columns a second time, from replay 3 on: with `rows`
/// estimated and s = rows / (D / sqrt(2 rho)), the noise that the whole budget rho would have,
/// the columns shall get 4/5 of it where s is below 150, 3/5 below 400, and else what they
/// have. 0 / 1 when that is no more, or `rows` are no number of rows (not below 2^100).
void sil_mosaic_again(struct sil_fraction *out,
                      const struct sil_mosaic_settings *settings,
                      const struct sil_terms *terms, double rows);

/// The number of rows below which that is more than nothing; 0: there is none.
double sil_mosaic_again_below(const struct sil_mosaic_settings *settings,
                              const struct sil_terms *terms);

/// After the columns, of the `rest`: what phase 3 gets, and the first round of phase 2, whose
/// rounds cost that much and, from some round on, twice as much, and so on.
void sil_mosaic_share_rest(struct sil_rho *first, struct sil_rho *late,
                           const struct sil_mosaic_settings *settings,
                           const struct sil_rho *rest, uint32_t n_attrs);

/// Keep the candidates that Mosaic has tables for: those of at most SIL_MOSAIC_ATTRS
/// columns; all columns and, of the others, pairs first, then by weight (descending), cells
/// (ascending) and place, as many as fit into SIL_MOSAIC_TABLE_CELLS. Over more than 40 columns phase 2
/// chooses among columns and pairs only. A function of workload and domain.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_prune(struct sil_clique_list *candidates,
                                         const struct sil_domain *domain,
                                         struct sil_error *err);

/// A measured marginal of two columns or more of phase 2.
struct sil_mosaic_tile {
    struct sil_clique clique;
    uint8_t level[SIL_MOSAIC_ATTRS]; ///< of each column
    size_t n_cells;
    double variance;
    double *y;     ///< repeats averaged by inverse variance; owned
    double *theta; ///< its potentials in the last fit, of which 0 before any; owned
};

/// What is known of a column.
struct sil_mosaic_column {
    struct sil_column column;
    double *y;                ///< repeats averaged by inverse variance
    double *weight;           ///< with what was kept of it; NULL: nothing was
    double *p;                ///< cleaned
    struct sil_levels levels; ///< fixed at the end of phase 1
    uint8_t in_use; ///< the model's level: the finest of a tile, or the coarsest
    double *mass;   ///< of the model's groups: sums of p
    double
        *tilt; ///< of each value: its group's potential less the logarithm of its mass
};

struct sil_mosaic {
    const struct sil_terms *terms; ///< borrowed, with candidates
    const struct sil_kept_list
        *kept; ///< borrowed; NULL: nothing, as sil_mosaic_new has it
    struct sil_mosaic_settings settings;
    struct sil_rule_zeros *zeros; ///< of the schema's rules; NULL: it has none
    struct sil_zeros group_zeros; ///< the same over the groups in use
    struct sil_domain domain;
    unsigned n_threads;
    struct sil_fraction again; ///< of the budget, for the columns a second time
    double rows;               ///< estimated in phase 1; may be negative
    double total;              ///< the same, at least 1
    /// Fewer than one row was estimated, or there is no candidate.
    bool has_columns_only;
    struct sil_mosaic_column *columns;
    uint32_t *sizes;          ///< of the model's domain: groups in use
    struct sil_domain groups; ///< the model's domain
    struct sil_grouping *of;  ///< groups in use, for each column
    const double **p;         ///< cleaned columns
    struct sil_mosaic_tile *tiles;
    size_t n_tiles;
    size_t tiles_capacity;
    struct sil_graphical_model *gm;  ///< over groups; NULL before the first fit
    bool is_taken;                   ///< gm: not fitted here, but from a file
    struct sil_local_tables *tables; ///< NULL before the first fill
    struct sil_clique *cliques;      ///< of the tables: the columns, then candidates
    size_t n_cliques;
};

/// Nothing known yet; freed with sil_mosaic_free. `terms` must hold the candidates; from
/// replay 3 on columns are averaged over all ways to cut them into runs, and the fit's slack
/// grows with the deviation of noise and not with its variance where that is large.
/// Errors   SIL_ERR_INTERNAL (memory); `out` is NULL.
SIL_MUST_USE sil_status sil_mosaic_new(struct sil_mosaic **out,
                                       const struct sil_terms *terms,
                                       const struct sil_schema *schema,
                                       unsigned n_threads, struct sil_error *err);
void sil_mosaic_free(struct sil_mosaic *mosaic);

/// The columns were measured: `lines` are those of all columns, in order. Unless
/// mosaic->again then says that they are to be measured again, phase 1 is over.
/// Errors   SIL_ERR_INPUT: they are not. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_begin(struct sil_mosaic *mosaic,
                                         const struct sil_release *const *lines,
                                         struct sil_error *err);

/// They were measured again, and phase 1 is over. Errors as sil_mosaic_begin.
SIL_MUST_USE sil_status sil_mosaic_begin_again(struct sil_mosaic *mosaic,
                                               const struct sil_release *const *lines,
                                               struct sil_error *err);

/// What the columns cost a second time; `cost` has an initialised element for each.
void sil_mosaic_again_costs(struct sil_rho *cost, const struct sil_mosaic *mosaic);

/// Lines of phase 1: one for each column, or two.
size_t sil_mosaic_n_first(const struct sil_mosaic *mosaic);

/// A measurement of phase 2: noted, and the model's domain refined; not fitted yet. One with
/// which the tree would exceed what the terms allow is left out of the model: that a finer
/// candidate has room does not prove it of a coarser one, as elimination is a heuristic.
/// Errors   SIL_ERR_INPUT: no such table, or groupings that are not levels.
///          SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_note(struct sil_mosaic *mosaic,
                                        const struct sil_release *line,
                                        struct sil_error *err);

/// The graph of the model: its columns and tiles, over its groups. Freed by the caller,
/// also on error. Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_graph(struct sil_graph **out,
                                         const struct sil_mosaic *mosaic,
                                         struct sil_error *err);

/// Would the tree of that graph with the clique, at levels or at those in use where these
/// are finer, stay within `most_cells`?
bool sil_mosaic_has_room(struct sil_mosaic *mosaic, const struct sil_graph *graph,
                         const struct sil_clique *clique, const uint8_t *level,
                         uint64_t most_cells);

/// Bring the zeros of the model's domain to the groups in use; the fits below do it too.
void sil_mosaic_regroup_zeros(struct sil_mosaic *mosaic);

/// Fit the model to what was noted: warm from the potentials before, or, for the model
/// that phase 3 starts from and that is published, cold and in canonical order.
SIL_MUST_USE sil_status sil_mosaic_fit_warm(struct sil_mosaic *mosaic,
                                            struct sil_error *err);
SIL_MUST_USE sil_status sil_mosaic_fit_cold(struct sil_mosaic *mosaic,
                                            struct sil_error *err);

/// Fill the local tables from the model: all, or those that are wanted (one flag a table),
/// which the first time are all too.
SIL_MUST_USE sil_status sil_mosaic_fill(struct sil_mosaic *mosaic,
                                        struct sil_error *err);
SIL_MUST_USE sil_status sil_mosaic_fill_some(struct sil_mosaic *mosaic,
                                             const bool *wanted, struct sil_error *err);

/// A measurement of phase 3: learnt by the tables.
/// Errors   SIL_ERR_INPUT: no such table, or groupings that are not levels.
SIL_MUST_USE sil_status sil_mosaic_learn(struct sil_mosaic *mosaic,
                                         const struct sil_release *line,
                                         struct sil_error *err);

/// The place of a clique among the tables; n_cliques when it has none.
size_t sil_mosaic_table(const struct sil_mosaic *mosaic,
                        const struct sil_clique *clique);

/// Phases 1 and 2 of a whole transcript, noted and not fitted.
/// Errors   SIL_ERR_INPUT: not the lines of a run of Mosaic. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_read(struct sil_mosaic *mosaic,
                                        const struct sil_release *lines, size_t n,
                                        struct sil_error *err);

/// The first line of phase 3 of a transcript of `n` lines; n when there is none.
size_t sil_mosaic_first_late(const struct sil_mosaic *mosaic, size_t n);

/// Do the lines cost what a run under this cap is charged? Each column and each round of
/// phase 3 has its cost to the last digit, and all together cost the cap: a line left out
/// or added, or counted for another phase, shows. Phase 1 is over.
/// Errors   SIL_ERR_INPUT: they do not. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_check_costs(const struct sil_mosaic *mosaic,
                                               const struct sil_release *lines,
                                               size_t n, struct sil_error *err);

/// The published model, instead of fitting it again: `gm` over mosaic->groups, with the
/// potentials that sil_mosaic_fit_cold found. Takes `gm`.
void sil_mosaic_take(struct sil_mosaic *mosaic, struct sil_graphical_model *gm);

/// Rows that stand for these tables: drawn from the model, their groups opened, then fitted
/// to the tables by local search. A function of (mosaic, draw's rows, words and rounding)
/// alone.
/// @param[out] codes   initialised by this call; freed with sil_codes_clear.
/// Errors   SIL_ERR_USAGE: more than 2^32 - 1 rows. SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_mosaic_draw(struct sil_codes *codes,
                                        const struct sil_mosaic *mosaic,
                                        const struct sil_draw *draw,
                                        struct sil_error *err);

/// Phase 3 of the same lines: fill the tables from the model, which is the published one,
/// and learn the rest. Errors as sil_mosaic_learn.
SIL_MUST_USE sil_status sil_mosaic_finish(struct sil_mosaic *mosaic,
                                          const struct sil_release *lines, size_t n,
                                          struct sil_error *err);

#endif
