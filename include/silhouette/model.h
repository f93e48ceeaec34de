// SPDX-License-Identifier: Apache-2.0
/// Fit a model to a sensitive table, keep it in a file, look into it, draw rows from it.
///
/// A model is public in the sense of the claim: it holds the transcript (every value that
/// left through the gate, in order), the schema, the options, and what follows from them.
#ifndef SILHOUETTE_MODEL_H
#define SILHOUETTE_MODEL_H

#include "silhouette/claim.h"
#include "silhouette/ledger.h"
#include "silhouette/progress.h"
#include "silhouette/schema.h"
#include "silhouette/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sil_mechanism {
    SIL_AIM = 1, ///< adaptive: McKenna, Mullins, Sheldon, Miklau 2022
    SIL_MST = 2, ///< a maximum spanning tree of pairs: McKenna, Miklau, Sheldon 2021
    SIL_INDEPENDENT = 3, ///< every column on its own
    SIL_MOSAIC = 4       ///< coarse to fine, then past the tree: docs/mosaic.md
};

/// Makes the ledger that a fit spends from, when there is none yet.
struct sil_ledger_maker {
    /// Called once, when options, schema, workload and the whole table were found good: a
    /// fit that is refused before leaves no ledger behind. `*out` is borrowed, open for
    /// spending, and has the neighbours of the fit. NULL: nothing is made.
    sil_status (*make)(struct sil_ledger **out, void *context, struct sil_error *err);
    void *context;
};

/// For max_model_mb: 80; for mosaic 4, or 16 for 17 to 40 columns, and more up to 80 where
/// columns alone take more.
#define SIL_MODEL_MB_DEFAULT UINT64_MAX

/// What to fit and what it may cost. Start from sil_fit_defaults().
struct sil_fit_options {
    size_t struct_size;  ///< sizeof(struct sil_fit_options)
    const char *epsilon; ///< decimal text, 0 < epsilon <= 10^4; required
    const char *delta;   ///< decimal text, 0 < delta < 1; NULL with a ledger: the
                         ///< delta at which the ledger reports
    const char
        *discovery_delta; ///< the part of delta for the values of open fields; NULL:
                          ///< a tenth where there is an open field
    enum sil_mechanism mechanism;
    const char *unit;       ///< "row" or "id:COLUMN:K": all rows with the same COLUMN,
                            ///< of which K count; NULL: the ledger's, or "row"
    bool drops_missing_ids; ///< rows without an id are none; else each its own person
    enum sil_neighbours neighbours; ///< other than the ledger's: refused
    const char *workload;  ///< "1" to "8": all k-way; else a file of weighted marginals
    uint64_t max_cells;    ///< marginals with more cells leave the workload
    uint64_t max_model_mb; ///< cap on the junction tree, in units of 2^20 bytes
    unsigned n_threads;    ///< 0: all
    struct sil_ledger *ledger;          ///< to spend from, open for it; borrowed
    struct sil_ledger_maker new_ledger; ///< instead of `ledger`; delta is then required
    const char *grant; ///< id of the grant, 32 hex digits; NULL: the one with room
    bool unledgered;   ///< no ledger, and the result is marked so; excludes both
    char delimiter;    ///< of the CSV file
    bool ignore_extra_columns;
    struct sil_progress progress;
};

/// mosaic, workload "3", 10000 cells, the default of MB, neighbours unsaid, all threads.
SIL_API struct sil_fit_options sil_fit_defaults(void);

struct sil_model;

/// Read, charge, measure, infer. The whole file is parsed before anything is charged.
///
/// With a ledger: its unit and neighbours hold; the data must be what it covers (the first
/// fit of a quickstart ledger without data says which they are); the whole budget of the
/// run is debited, durably, before any noise is drawn, and what was measured is entered
/// with the transcript's hash. A failure after the debit says that the budget is spent.
/// Privacy  The model is (epsilon, delta)-DP for unit and neighbours.
/// Errors   SIL_ERR_USAGE: options that contradict each other, the ledger, or are out of
///          range. SIL_ERR_INPUT, SIL_ERR_IO: the CSV file, the workload file, data that
///          the ledger does not cover. SIL_ERR_BUDGET: the budget is too small to express,
///          or more than the grant has left. SIL_ERR_CHECK, SIL_ERR_UNSUPPORTED: the
///          ledger. SIL_ERR_INTERNAL: memory. `out` is NULL.
SIL_API SIL_MUST_USE sil_status sil_model_fit(struct sil_model **out,
                                              const char *csv_path,
                                              const struct sil_schema *schema,
                                              const struct sil_fit_options *options,
                                              struct sil_error *err);

SIL_API void sil_model_free(struct sil_model *model);

/// Write and read the model file (0600, whole or not at all). docs/model-format.md.
/// Errors   reading: SIL_ERR_INPUT: damaged, foreign, or of contradictory content, with the
///          reason; SIL_ERR_UNSUPPORTED: a version or replay number this program lacks.
SIL_API SIL_MUST_USE sil_status sil_model_write(const struct sil_model *model,
                                                const char *path,
                                                struct sil_error *err);
SIL_API SIL_MUST_USE sil_status sil_model_read(struct sil_model **out, const char *path,
                                               unsigned n_threads,
                                               struct sil_error *err);

/// The model that follows from the file of a transcript, which a model file holds and a
/// release publishes: fitted anew, the same bytes as the model of the run that wrote it, on
/// any machine. Domains, bins and the number of rows come from the transcript alone.
/// Privacy  post-processing: no cost.
/// Errors   as sil_model_read.
SIL_API SIL_MUST_USE sil_status sil_model_refit_file(struct sil_model **out,
                                                     const char *path,
                                                     unsigned n_threads,
                                                     struct sil_error *err);

/// Tell the run behind a model again: the mechanism decides anew, from the transcript alone,
/// every round, its costs and its candidates, and each decision must be that of the line
/// which the transcript has in its place. docs/explain.schema.json is what `text` holds.
/// @param[out] text   JSON; freed with free().
/// Privacy  post-processing: no cost.
/// Errors   SIL_ERR_CHECK: it is not the transcript of an honest run, with the line and
///          what differs. SIL_ERR_INTERNAL (memory). `text` is NULL.
SIL_API SIL_MUST_USE sil_status sil_model_explain(char **text,
                                                  const struct sil_model *model,
                                                  struct sil_error *err);

/// Where a text of sil_sample_options is wrong.
struct sil_sample_fault {
    const char *text; ///< `where`, `fair` or one of `rebalance`; NULL: none of them is
    size_t column;    ///< in bytes, from 1; 0: the text as a whole
};

/// A share that was asked for and that the rows miss by more than rounding.
struct sil_share_missed {
    const char *column; ///< borrowed from the model
    const char *value;  ///< as it was asked for; borrowed from `rebalance`
    size_t length;
    uint64_t share; ///< asked for, in units of 10^-9
    uint64_t n;     ///< rows that have it
};

#define SIL_MISSED_MAX 8

/// What was drawn.
struct sil_sample_report {
    uint64_t n_rows;
    uint64_t n_expected; ///< what n_rows is when it is not chosen
    double probability;  ///< that the model gives to `where`; 1 without
    double fair_moved;   ///< of the rows, the part that `fair` changes in its columns
    uint64_t n_rules;    ///< that the schema declares
    uint64_t
        n_broken; ///< rows that break one, counted in the texts as they are written
    uint64_t n_redrawn; ///< rows whose values were drawn again within their cells
    uint64_t n_changed; ///< rows of which cells were changed
    uint64_t n_missed; ///< shares that the rows miss, in the values as they are written
    struct sil_share_missed missed[SIL_MISSED_MAX]; ///< the first of them
};

/// How to draw rows. Start from sil_sample_defaults().
struct sil_sample_options {
    size_t struct_size;
    uint64_t n_rows;    ///< 0: the private estimate, of rows that `where` means
    bool has_seed;      ///< else the seed follows from the transcript
    uint64_t seed;      ///< stands for BLAKE2b("seed" | seed, 8 bytes little-endian)
    unsigned n_threads; ///< 0: all
    char delimiter;
    struct sil_progress progress;
    /// Rows made to order (docs/made-to-order.md): rows that meet a condition, shares of a
    /// column's values, one text a column, and parity of a column between the values of
    /// another. All NULL: rows of the model as it is.
    const char *where;
    const char *const *rebalance;
    size_t n_rebalance;
    const char *fair;
    struct sil_sample_report *report; ///< NULL: not wanted
    struct sil_sample_fault *fault;   ///< NULL: not wanted
};

SIL_API struct sil_sample_options sil_sample_defaults(void);

/// Draw rows and write them as CSV to `path` ("-": standard output), whole or not at all.
/// Privacy  post-processing: no cost.
/// Errors   SIL_ERR_IO, SIL_ERR_INTERNAL (memory), SIL_ERR_USAGE: too many rows, or a
///          condition or shares that cannot be read, with the place. SIL_ERR_INPUT: the model
///          gives the condition, or a share that is above 0, no probability; or no row that was
///          drawn to order keeps the schema's rules.
SIL_API SIL_MUST_USE sil_status
sil_model_sample(const struct sil_model *model, const char *path,
                 const struct sil_sample_options *options, struct sil_error *err);

/// What was measured, what it cost, and the certified claim: for people, or as JSON.
/// @param[out] text   freed with free().
SIL_API SIL_MUST_USE sil_status sil_model_inspect(char **text,
                                                  const struct sil_model *model,
                                                  bool as_json, struct sil_error *err);

/// Does the ledger bear out what the model's transcript says: the reserve, its plan, the
/// checkpoint, the caps, the transcript's hash, every mechanism and its cost?
/// Errors   SIL_ERR_CHECK: it does not, with what differs. SIL_ERR_USAGE: the model is
///          UNLEDGERED. SIL_ERR_INTERNAL (memory).
SIL_API SIL_MUST_USE sil_status sil_model_check_ledger(const struct sil_model *model,
                                                       const struct sil_ledger *ledger,
                                                       struct sil_error *err);

/// Warnings that follow from schema, budget and released values. Borrowed.
SIL_API size_t sil_model_n_warnings(const struct sil_model *model);
SIL_API const char *sil_model_warning(const struct sil_model *model, size_t i);

/// The certified claim as one sentence. Borrowed.
SIL_API const char *sil_model_claim(const struct sil_model *model);

/// The private estimate of the number of rows, at least 1.
SIL_API uint64_t sil_model_rows(const struct sil_model *model);

/// Without data: what a budget buys. Start from sil_plan_defaults().
struct sil_plan_options {
    size_t struct_size;
    struct sil_fit_options fit; ///< epsilon may be NULL when target_error is given
    uint64_t rows_guess;        ///< 0: unknown
    const char
        *target_error; ///< decimal text; NULL: none. Noise error, not model error
    bool as_json;
};

SIL_API struct sil_plan_options sil_plan_defaults(void);

/// rho, sigma and noise error per marginal, memory, time; or the epsilon for an error.
/// Reads no data. The text says that model error is not predicted.
/// @param[out] text   freed with free().
SIL_API SIL_MUST_USE sil_status sil_plan(char **text, const struct sil_schema *schema,
                                         const struct sil_plan_options *options,
                                         struct sil_error *err);

#endif
