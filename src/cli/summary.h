// SPDX-License-Identifier: Apache-2.0
/// What a run of synth, fit or sample says when it is done.
#ifndef SIL_CLI_SUMMARY_H
#define SIL_CLI_SUMMARY_H

#include "silhouette/model.h"

#include <jansson.h>

/// What was asked for of rows made to order, for a summary.
struct sil_cli_order {
    const char *where; ///< NULL: any row
    const char *const *rebalance;
    size_t n_rebalance;
    const char *fair;   ///< NULL: as it is
    double probability; ///< of the condition
    double moved;       ///< part of the rows that parity changes
};

struct sil_cli_done {
    const struct sil_model *model;
    uint64_t n_rows;        ///< written
    const char *rows_path;  ///< NULL: none
    const char *model_path; ///< NULL: none
    bool is_refit;          ///< made again: the run was paid for before
    struct sil_cli_order order;
    struct sil_sample_report drawn; ///< zeros when no rows were
};

/// A few lines about the order, or none; and the same as JSON: null when there is none.
void sil_cli_say_order(const struct sil_cli_order *order);
json_t *sil_cli_json_order(const struct sil_cli_order *order);

/// Warn of shares that the rows miss, and of rows that violate a rule of the schema.
void sil_cli_warn_rows(const struct sil_sample_report *drawn);

/// A line about the schema's rules, and the same as JSON: NULL when it has none.
void sil_cli_say_rules(const struct sil_sample_report *drawn);
json_t *sil_cli_json_rules(const struct sil_sample_report *drawn);

/// Report the warnings of the model and, unless `quiet`, a summary of a dozen lines: what
/// is claimed, what was measured and spent, where the outputs are, what to do next.
/// Errors   SIL_ERR_INTERNAL (memory).
SIL_MUST_USE sil_status sil_cli_summarise(const struct sil_cli_done *done, bool quiet,
                                          struct sil_error *err);

/// The same for rows of a model that was there before: `rows_path` and `model_path` are
/// those of the output and the input.
void sil_cli_summarise_sample(const struct sil_cli_done *done, bool quiet);

#endif
