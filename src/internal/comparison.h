// SPDX-License-Identifier: Apache-2.0
/// Synthetic rows held against the true table: the one record that report.json and
/// report.html are written from.
///
/// Privacy  Computed on raw rows without any noise: for the operator's eyes. Nothing of it
///          may reach the outward channel; no layer but the command line may see this one.
#ifndef SIL_INTERNAL_COMPARISON_H
#define SIL_INTERNAL_COMPARISON_H

#include "internal/distance.h"
#include "internal/marginals.h"
#include "internal/rows.h"

#include "silhouette/model.h"

/// Marginals of more cells are left out of the means.
#define SIL_REPORT_MEAN_CELLS 10000

/// Marginals that are compared at most, of pairs and of three columns.
#define SIL_REPORT_PAIRS_MAX   ((size_t)1 << 16)
#define SIL_REPORT_TRIPLES_MAX ((size_t)2048)

/// Cells that the columns of --group may have together.
#define SIL_REPORT_GROUPS_MAX 512

enum { SIL_REPORT_WAYS = 3, SIL_WORST = 10, SIL_WORST_CELLS = 5 };

/// A figure and what sampling alone gives in its place; each may be SIL_NO_FIGURE.
struct sil_figure {
    double value;
    double reference;
};

/// The marginals of 1, 2 or 3 columns.
struct sil_way {
    uint64_t n_all;     ///< over these columns
    size_t n_compared;  ///< all of these, or a sample, without the largest
    size_t n_too_large; ///< left out: more than SIL_REPORT_CELLS_MAX cells
    size_t n_mean;      ///< of at most SIL_REPORT_MEAN_CELLS cells: those of the mean
    bool is_sample;
    struct sil_figure mean; ///< total variation distance
    struct sil_figure most; ///< the largest of those in the mean, and of the resamples
};

/// Means over the marginals of a way's mean that have the column among theirs.
struct sil_column_figures {
    struct sil_figure way[SIL_REPORT_WAYS];
};

/// A cell with its counts. The difference is that of the shares, synthetic less true; its
/// reference is the mean size of the same difference in the resamples.
struct sil_off_cell {
    uint32_t cell;
    uint64_t n_true;
    uint64_t n_synthetic;
    struct sil_figure difference;
};

struct sil_off_marginal {
    struct sil_clique clique;
    struct sil_figure distance;
    size_t n_cells;
    struct sil_off_cell cell[SIL_WORST_CELLS];
};

struct sil_off_list {
    size_t n;
    struct sil_off_marginal item[SIL_WORST];
};

enum sil_place { SIL_BELOW, SIL_BETWEEN, SIL_ABOVE };

/// 1000 x (1 - mean distance) over marginals of three columns, of any size that was
/// compared; and the size of the random part of the true rows that scores as much.
struct sil_score {
    size_t n_marginals; ///< 0: fewer than three columns, and no score
    struct sil_figure score;
    size_t n_parts;
    unsigned percent[SIL_PREFIXES]; ///< of the rows, ascending
    size_t n_rows[SIL_PREFIXES];
    double part_score[SIL_PREFIXES];
    enum sil_place place; ///< below the first, above the last, or between
    double same_as;       ///< percent; the end of the scale where it is not between
};

struct sil_group {
    uint32_t code;
    uint64_t n_true;
    uint64_t n_synthetic;
    struct sil_figure share;       ///< synthetic less true; as of a cell
    struct sil_figure distance[2]; ///< means over 1 and 2 of the other columns, within
};

struct sil_group_list {
    uint32_t column;
    size_t n;
    struct sil_group *group;
};

struct sil_comparison {
    const struct sil_schema *schema; ///< borrowed, as are model and options below
    const struct sil_model *model;
    struct sil_sample_options sample;
    bool from_file; ///< the synthetic rows: not drawn from the model
    unsigned n_threads;
    struct sil_domain domain;
    struct sil_rows truth; ///< in random order
    struct sil_rows synthetic;
    struct sil_resamples resamples; ///< of the true rows, each of as many as synthetic

    struct sil_way way[SIL_REPORT_WAYS];
    struct sil_column_figures *column; ///< one a column
    struct sil_off_list columns;
    struct sil_off_list pairs;
    struct sil_score score;
    size_t n_groupings;
    struct sil_group_list *grouping;
};

struct sil_comparison_options {
    const char *data;      ///< CSV file of the true rows
    const char *synthetic; ///< CSV file; NULL: drawn from the model
    struct sil_csv_options csv;
    struct sil_sample_options sample;
    const char *const *group; ///< names of columns
    size_t n_groups;
    unsigned n_threads;
    struct sil_progress progress;
};

/// Read, draw, compare. The result does not depend on the number of threads.
/// Errors   SIL_ERR_USAGE: a group that is no column, or has too many cells; rows that do
///          not fit. SIL_ERR_INPUT, SIL_ERR_IO: the files. SIL_ERR_INTERNAL (memory).
///          `out` is empty.
SIL_MUST_USE sil_status sil_comparison_make(
    struct sil_comparison *out, const struct sil_model *model,
    const struct sil_comparison_options *options, struct sil_error *err);

/// Wipe and free; an empty one is accepted.
void sil_comparison_clear(struct sil_comparison *comparison);

#endif
